package messenger

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// A person's dear searches wait for one another, and nobody else's waits for them.
func TestAPersonsSearchesHoldUpNobodyElses(t *testing.T) {
	t.Parallel()
	m := &Messenger{searches: newSearches(12)} // three places
	amira := adapters.Member{Organisation: "north", ID: "amira"}
	var under, most atomic.Int32
	begun, end := make(chan struct{}, 12), make(chan struct{})
	var dear sync.WaitGroup
	for range 12 {
		dear.Go(func() {
			err := m.searching(t.Context(), amira, func(context.Context) error {
				most.Store(max(most.Load(), under.Add(1)))
				defer under.Add(-1)
				begun <- struct{}{}
				<-end
				return nil
			})
			if err != nil {
				require.Equal(t, CodeUnavailable, CodeOf(err))
			}
		})
	}
	<-begun
	for _, other := range []adapters.Member{
		{Organisation: "north", ID: "ben"}, {Organisation: "south", ID: "amira"},
	} {
		require.NoError(t, m.searching(t.Context(), other, func(context.Context) error { return nil }))
	}
	close(end)
	dear.Wait()
	require.EqualValues(t, 1, most.Load())
	require.Empty(t, m.searches.people, "who searches no more is forgotten")
	require.NoError(t, m.searching(t.Context(), amira, func(context.Context) error { return nil }))
}
