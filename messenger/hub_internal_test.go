package messenger

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func home() inbox { return inbox{"north", "amira"} }

func always() bool { return true }

// open is a stream that watches amira's inbox from now on.
func (h *hub) open(ctx context.Context, allowed func() bool) <-chan LiveEvent {
	s, _, _ := h.join(home(), "")
	return h.begin(ctx, s, nil, allowed)
}

// told are the kinds that wait in a stream.
func told(events <-chan LiveEvent) (kinds []string) {
	for len(events) > 0 {
		kinds = append(kinds, (<-events).Kind)
	}
	return kinds
}

func TestWhatComesWhileAStreamBeginsComesBehindWhatItMissed(t *testing.T) {
	t.Parallel()
	h := newHub()
	s, _, _ := h.join(home(), "")
	h.send(home(), []LiveEvent{{Kind: "third"}})
	h.send(home(), []LiveEvent{{Kind: "fourth"}})
	h.send(inbox{"north", "ben"}, []LiveEvent{{Kind: "another's"}})
	events := h.begin(t.Context(), s, []LiveEvent{{Kind: "first"}, {Kind: "second"}}, always)
	require.Equal(t, []string{"first", "second", "third", "fourth"}, told(events))

	s, _, _ = h.join(home(), "")
	for range backlog + 1 {
		h.send(home(), []LiveEvent{{Kind: "too much"}})
	}
	h.send(home(), []LiveEvent{{Kind: "next"}})
	require.Equal(t, []string{"missed", "reset", "next"}, told(h.begin(t.Context(), s, []LiveEvent{{Kind: "missed"}}, always)))
}

func TestAReaderTooSlowIsReset(t *testing.T) {
	t.Parallel()
	h := newHub()
	slow, quick := h.open(t.Context(), always), h.open(t.Context(), always)
	for range backlog + 1 {
		h.send(home(), []LiveEvent{{Kind: "channel"}})
		require.Equal(t, []string{"channel"}, told(quick))
	}
	h.send(home(), []LiveEvent{{Kind: "message"}})
	require.Equal(t, []string{"reset", "message"}, told(slow), "in place of all that it had not read")
	require.Equal(t, []string{"message"}, told(quick))
}

func TestAnEndedStreamGivesNothingMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHub()
		ctx, cancel := context.WithCancel(t.Context())
		var refused atomic.Bool
		ended, forbidden, another := h.open(ctx, always), h.open(t.Context(), func() bool { return !refused.Load() }), h.open(t.Context(), always)
		time.Sleep(10 * permissionEvery) //nolint:forbidigo // the bubble's time
		h.send(home(), []LiveEvent{{Kind: "channel"}})
		cancel()
		refused.Store(true)
		time.Sleep(permissionEvery) //nolint:forbidigo // the bubble's time
		synctest.Wait()
		for _, events := range []<-chan LiveEvent{ended, forbidden} {
			_, open := <-events
			require.False(t, open, "closed, and empty: the reader may have lost the permission")
		}
		h.send(home(), []LiveEvent{{Kind: "channel"}})
		require.Equal(t, []string{"channel", "channel"}, told(another))
		require.Len(t, h.streams[home()], 1)
	})
}

func TestStreamsAskForTheirPermissionAtTimesOfTheirOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const streams, hour = 1000, time.Hour
		h := newHub()
		asked := make(chan time.Duration, streams*int(hour/permissionEvery))
		began := time.Now()
		for range streams {
			h.open(t.Context(), func() bool {
				asked <- time.Since(began)
				return true
			})
		}
		time.Sleep(hour + time.Nanosecond) //nolint:forbidigo // the bubble's time
		synctest.Wait()
		require.Len(t, asked, streams*int(hour/permissionEvery), "each every 30 s, the first time within them")
		seconds := map[time.Duration]int{}
		for len(asked) > 0 {
			seconds[(<-asked).Truncate(time.Second)]++
		}
		for second, n := range seconds {
			require.Less(t, n, 3*streams/30, "at %s", second)
		}
	})
}

func TestAPollWaitsForItsNotice(t *testing.T) {
	t.Parallel()
	h := newHub()
	events := h.open(t.Context(), always)
	last, seen, state := 0, map[inbox]string(nil), 0
	notice := change{Organisation: "north", Staff: "amira", Channel: newID()}
	poll := func(changed, noticed, failed bool) []string {
		n, watched := h.beginPoll()
		require.Equal(t, []inbox{home()}, watched)
		if changed {
			state++
		}
		if noticed {
			h.number([]change{notice})
		}
		if !failed {
			now := map[inbox]string{home(): strconv.Itoa(state)}
			h.compare(last, seen, now)
			last, seen = n, now
		}
		return told(events)
	}
	require.Empty(t, poll(true, false, false), "the first")
	require.Empty(t, poll(false, false, false))
	require.Empty(t, poll(true, true, false), "the notice came after the states were read")
	require.Empty(t, poll(true, false, false), "the notice had come after the states were read that lacked the change")
	require.Equal(t, []string{"reset"}, poll(true, false, false), "a lost notice")
	require.Empty(t, poll(false, false, false), "once")
	require.Empty(t, poll(true, true, true))
	require.Empty(t, poll(false, false, true))
	require.Empty(t, poll(false, false, false), "the notice came before polls that failed")
	require.Equal(t, []string{"reset"}, poll(true, false, false), "a lost notice")
	notice = change{Organisation: "north", Staff: "amira", Broadcast: newID()}
	require.Equal(t, []string{"reset"}, poll(true, true, false), "a broadcast's progress is no word of its channels")
	notice.Reset = true
	require.Empty(t, poll(true, true, false), "its end is")
}
