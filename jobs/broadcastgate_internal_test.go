package jobs

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// While a single message is under way two of a broadcast's jobs run and a third waits, for a while; otherwise all run.
func TestBroadcastsGiveWayToSingleMessages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		enter := func(ctx context.Context, queue string) func() {
			leave, err := g.enter(ctx, queue, 1)
			require.NoError(t, err)
			return leave
		}
		for range 20 {
			enter(t.Context(), QueueBulk)
		}
		single := enter(t.Context(), QueueDeliver)
		enter(t.Context(), QueueBulk)
		enter(t.Context(), QueueBulkRecord)
		stopped, stop := context.WithCancel(t.Context())
		stop()
		_, err := g.enter(stopped, QueueBulk, 1)
		require.ErrorIs(t, err, context.Canceled, "it waits")
		enter(t.Context(), QueueEvents)
		single()
		for range 20 {
			enter(stopped, QueueBulk)
		}

		defer enter(t.Context(), QueueDeliver)()
		began := time.Now()
		enter(t.Context(), QueueBulk)
		require.Equal(t, gateWait, time.Since(began), "not for ever")
	})
}

// A delivery that hangs holds a broadcast up for its first second alone; a filing and a later try never do.
func TestBroadcastsDoNotWaitForTheSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		stopped, stop := context.WithCancel(t.Context())
		stop()
		free := func() bool {
			for range bulkBesides + 1 {
				if _, err := g.enter(stopped, QueueBulk, 1); err != nil {
					return false
				}
			}
			return true
		}
		leave, err := g.enter(t.Context(), QueueDeliver, 1)
		require.NoError(t, err)
		g.few <- struct{}{}
		g.few <- struct{}{}
		require.False(t, free())
		time.Sleep(gateHeld) //nolint:forbidigo // the bubble's time
		synctest.Wait()
		require.True(t, free(), "it hangs")
		leave()
		require.Zero(t, g.single.Load(), "it counts once")

		_, err = g.enter(t.Context(), QueueRecord, 1)
		require.NoError(t, err)
		_, err = g.enter(t.Context(), QueueDeliver, 2)
		require.NoError(t, err)
		require.True(t, free())
	})
}
