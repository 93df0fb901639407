package pds_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/pds"
)

func TestRateLimit(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, err := p.pds(t, nil).Refresh(t.Context(), "org-1", "9000000009")
	var limited *adapters.RateLimitError
	require.ErrorAs(t, err, &limited)
	require.Equal(t, p.config().Now().Add(7*time.Second), limited.Until)
	require.Len(t, p.asked(), 1)
}

// Who gives up waiting for a turn does not ask.
func TestWhoGivesUpDoesNotAsk(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, file(t, "Patient.json"))
	service := p.pds(t, func(c *pds.Config) { c.PerSecond = 1 }) // its clock stands: the second turn is a second away
	_, err := service.Refresh(t.Context(), "org-1", "9000000009")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err = service.Refresh(ctx, "org-1", "9000000009")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Len(t, p.asked(), 1)
}
