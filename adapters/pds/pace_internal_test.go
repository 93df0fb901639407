package pds

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
)

func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(20*time.Millisecond, time.Now)
		began := time.Now()
		turns := make(chan time.Duration, 11)
		for range cap(turns) {
			go func() {
				if p.wait(t.Context()) == nil {
					turns <- time.Since(began)
				}
			}()
		}
		for i := range cap(turns) {
			require.Equal(t, time.Duration(i)*20*time.Millisecond, <-turns, "one at a time, at once and then evenly")
		}
		time.Sleep(time.Hour) //nolint:forbidigo // the bubble's time
		began = time.Now()
		require.NoError(t, p.wait(t.Context()))
		require.Equal(t, began, time.Now(), "what was not used is not saved up, and nobody waits for it")
		require.NoError(t, p.wait(t.Context()))
		require.Equal(t, 20*time.Millisecond, time.Since(began))
	})
}

func TestWhoGivesUpWaitingLeavesTheirTurnEmpty(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Second, time.Now)
		began := time.Now()
		require.NoError(t, p.wait(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, p.wait(ctx), context.DeadlineExceeded)
		require.Equal(t, 10*time.Millisecond, time.Since(began))
		require.NoError(t, p.wait(t.Context()))
		require.Equal(t, 2*time.Second, time.Since(began))
	})
}

func TestPaceIsFiveASecondUnlessSaid(t *testing.T) {
	t.Parallel()
	for perSecond, want := range map[int]time.Duration{0: 200 * time.Millisecond, 50: 20 * time.Millisecond} {
		service, err := New(Config{
			APIKey: "api-key", KeyID: "test-1", PrivateKey: providertest.PrivateKey(t), PerSecond: perSecond,
		})
		require.NoError(t, err)
		require.Equal(t, want, service.pace.every)
	}
}
