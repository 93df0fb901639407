package providertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// RequireOnly demands that err is this one of the closed set and none other, or with nil none at all: an unknown
// outcome. Its text may not hold what tells who the client of [Message] is.
func RequireOnly(t *testing.T, err, want error) {
	t.Helper()
	require.Error(t, err)
	require.NotContains(t, err.Error(), strings.TrimPrefix(Phone, "+44"))
	require.NotContains(t, err.Error(), NHSNumber)
	var is []error
	for _, one := range []error{
		adapters.ErrWrongContact, adapters.ErrObjected, adapters.ErrWrongContent, adapters.ErrConfiguration,
		adapters.ErrNotSent, adapters.ErrGuarded,
	} {
		if errors.Is(err, one) {
			is = append(is, one)
		}
	}
	if want == nil {
		require.Empty(t, is, "%v", err)
	} else {
		require.Equal(t, []error{want}, is, "%v", err)
	}
	var limited *adapters.RateLimitError
	require.NotErrorAs(t, err, &limited)
}

// RequireNeverPrinted demands that none of secrets shows when the sender, which may stand in a private field too, or
// the values are printed or logged, whatever the way. It returns what was printed.
func RequireNeverPrinted(t *testing.T, secrets []string, sender adapters.Sender, values ...any) string {
	t.Helper()
	var out bytes.Buffer
	for _, value := range append(values, sender, struct{ private adapters.Sender }{sender}) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%q"} {
			_, _ = fmt.Fprintf(&out, verb, value)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("made", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("made", "value", value)
	}
	for i, secret := range secrets {
		require.NotContains(t, out.String(), secret, i)
	}
	return out.String()
}

// ReadJSON reads a file of vectors or examples into into.
func ReadJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}
