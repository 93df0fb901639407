package messenger

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// A person's dear searches wait for one another, and nobody else's waits for them.
func TestAPersonsSearchesHoldUpNobodyElses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &Messenger{searches: newSearches(12)} // three places
		amira := adapters.Member{Organisation: "north", ID: "amira"}
		var under, most atomic.Int32
		end := make(chan struct{})
		var dear sync.WaitGroup
		for range 12 {
			dear.Go(func() {
				err := m.searching(t.Context(), amira, func(context.Context) error {
					most.Store(max(most.Load(), under.Add(1)))
					defer under.Add(-1)
					<-end
					return nil
				})
				if err != nil {
					require.Equal(t, CodeUnavailable, CodeOf(err))
				}
			})
		}
		synctest.Wait() // all of them search or wait
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
	})
}

// The searches of many people at once leave three connections of four to whoever does not search.
func TestSearchesLeaveConnectionsToOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &Messenger{searches: newSearches(12)}
		var under, refused atomic.Int32
		end := make(chan struct{})
		defer close(end)
		for _, id := range []adapters.StaffID{"amira", "ben", "chloe", "dev", "fay"} {
			go func() {
				err := m.searching(t.Context(), adapters.Member{Organisation: "north", ID: id}, func(context.Context) error {
					under.Add(1)
					<-end
					return nil
				})
				if CodeOf(err) == CodeUnavailable {
					refused.Add(1)
				}
			}()
		}
		synctest.Wait()
		require.EqualValues(t, 3, under.Load())
		<-time.After(searchWait)
		synctest.Wait()
		require.EqualValues(t, 2, refused.Load())
	})
}
