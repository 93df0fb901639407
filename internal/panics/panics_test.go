package panics_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/panics"
)

func TestTold(t *testing.T) {
	t.Parallel()
	_, err := panics.Try(func() (int, error) { panic("Grace Okafor") })
	require.ErrorContains(t, err, "a panic with a string")
	require.ErrorContains(t, err, "panics_test.go", "where it was")
	require.NotContains(t, err.Error(), "Grace")

	var nobody map[string]int
	_, err = panics.Try(func() (int, error) { nobody["Grace"] = 1; return 0, nil })
	require.ErrorContains(t, err, "a panic: assignment to entry in nil map")

	_, err = panics.Try(func() (int, error) { panic(fmt.Errorf("Grace Okafor: %w", errors.ErrUnsupported)) })
	require.ErrorContains(t, err, "a panic with a *fmt.wrapError")
	require.NotContains(t, err.Error(), "Grace")

	n, err := panics.Try(func() (int, error) { return 7, errors.ErrUnsupported })
	require.Equal(t, 7, n)
	require.Equal(t, errors.ErrUnsupported, err)
}
