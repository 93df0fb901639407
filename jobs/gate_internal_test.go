package jobs

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// While a single message is under way two of a broadcast's jobs run and a third waits, for a while; otherwise all run.
func TestBroadcastsGiveWayToSingleMessages(t *testing.T) {
	t.Parallel()
	g := newGate()
	enter := func(ctx context.Context, queue string) func() {
		leave, err := g.enter(ctx, queue)
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
	_, err := g.enter(stopped, QueueBulk)
	require.ErrorIs(t, err, context.Canceled, "it waits")
	enter(t.Context(), QueueBulk) // not for ever
	enter(t.Context(), QueueEvents)
	single()
	for range 20 {
		enter(stopped, QueueBulk)
	}
}
