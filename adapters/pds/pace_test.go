package pds_test

import (
	"context"
	"net/http"
	"sync"
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

func TestPace(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, file(t, "Patient.json"))
	service := p.pds(t, func(c *pds.Config) { c.PerSecond, c.Now = 50, nil })
	var all sync.WaitGroup
	for range 11 {
		all.Go(func() {
			if _, err := service.Refresh(t.Context(), "org-1", "9000000009"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.Len(t, p.at, 11)
	require.GreaterOrEqual(t, p.at[10].Sub(p.at[0]), 180*time.Millisecond,
		"ten intervals of 20 ms, less the first's way there")
}

func TestPaceIsFiveASecondUnlessSaid(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, file(t, "Patient.json"))
	service := p.pds(t, func(c *pds.Config) { c.PerSecond, c.Now = 0, nil })
	_, err := service.Refresh(t.Context(), "org-1", "9000000009")
	require.NoError(t, err)
	_, err = service.Refresh(t.Context(), "org-1", "9000000009")
	require.NoError(t, err)
	require.GreaterOrEqual(t, p.at[1].Sub(p.at[0]), 150*time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err = service.Refresh(ctx, "org-1", "9000000009")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Len(t, p.asked(), 2, "who gives up waiting does not ask")
}
