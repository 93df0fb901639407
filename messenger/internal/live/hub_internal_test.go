package live

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// event is what streams get here.
type event struct{ Kind string }

type reader struct{}

func (reader) Load(_ context.Context, list []Numbered) ([][]event, error) {
	return make([][]event, len(list)), nil
}

func (reader) Notify(context.Context, []string) error { return nil }

func (reader) States(context.Context, []Inbox) (map[Inbox]string, error) { return nil, nil }

func (reader) Reset(string) event { return event{"reset"} }

func newHub() *Hub[event] { return New(Config{}, reader{}) }

func home() Inbox { return Inbox{"north", "amira"} }

func always() bool { return true }

// open is a stream, of a person of its own, that watches amira's inbox from now on.
func open(ctx context.Context, h *Hub[event], allowed func() bool) <-chan event {
	s, _, _, _ := h.join(Person{Staff: adapters.StaffID(uuid.NewString())}, []Inbox{home()}, "")
	return h.begin(ctx, s, nil, allowed)
}

// told are the kinds that wait in a stream.
func told(events <-chan event) (kinds []string) {
	for len(events) > 0 {
		kinds = append(kinds, (<-events).Kind)
	}
	return kinds
}

func TestWhatComesWhileAStreamBeginsComesBehindWhatItMissed(t *testing.T) {
	t.Parallel()
	h := newHub()
	s, _, _, _ := h.join(Person{}, []Inbox{home()}, "")
	h.send(home(), []event{{Kind: "third"}})
	h.send(home(), []event{{Kind: "fourth"}})
	h.send(Inbox{"north", "ben"}, []event{{Kind: "another's"}})
	events := h.begin(t.Context(), s, []event{{Kind: "first"}, {Kind: "second"}}, always)
	require.Equal(t, []string{"first", "second", "third", "fourth"}, told(events))

	s, _, _, _ = h.join(Person{}, []Inbox{home()}, "")
	for range backlog + 1 {
		h.send(home(), []event{{Kind: "too much"}})
	}
	h.send(home(), []event{{Kind: "next"}})
	require.Equal(t, []string{"missed", "reset", "next"}, told(h.begin(t.Context(), s, []event{{Kind: "missed"}}, always)))
}

func TestAStreamOfSeveralInboxesHasTheEventsOfEach(t *testing.T) {
	t.Parallel()
	h := newHub()
	ben := Inbox{"north", "ben"}
	both := []Inbox{home(), ben}
	ctx, cancel := context.WithCancel(t.Context())
	s, _, _, _ := h.join(Person(ben), both, "")
	events := h.begin(ctx, s, nil, always)
	h.send(home(), []event{{Kind: "amira's"}})
	h.send(ben, []event{{Kind: "ben's"}})
	h.send(Inbox{"south", "ben"}, []event{{Kind: "another's"}})
	require.Equal(t, []string{"amira's", "ben's"}, told(events))
	h.number([]Change{
		{Organisation: "north", Staff: "amira"}, {Organisation: "north", Staff: "chloe"}, {Organisation: "north", Staff: "ben"},
	})
	_, missed, known, _ := h.join(Person(ben), both, h.epoch+"-0")
	require.True(t, known)
	require.Len(t, missed, 2)
	cancel()
	_, open := <-events
	require.False(t, open)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, inbox := range both {
		require.NotContains(t, h.streams[inbox], s)
	}
}

func TestAReaderTooSlowIsReset(t *testing.T) {
	t.Parallel()
	h := newHub()
	slow, quick := open(t.Context(), h, always), open(t.Context(), h, always)
	for range backlog + 1 {
		h.send(home(), []event{{Kind: "channel"}})
		require.Equal(t, []string{"channel"}, told(quick))
	}
	h.send(home(), []event{{Kind: "message"}})
	require.Equal(t, []string{"reset", "message"}, told(slow), "in place of all that it had not read")
	require.Equal(t, []string{"message"}, told(quick))
}

func TestAnEndedStreamGivesNothingMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHub()
		ctx, cancel := context.WithCancel(t.Context())
		var refused atomic.Bool
		ended, forbidden, another := open(ctx, h, always), open(t.Context(), h, func() bool { return !refused.Load() }), open(t.Context(), h, always)
		time.Sleep(10 * permissionEvery) //nolint:forbidigo // the bubble's time
		h.send(home(), []event{{Kind: "channel"}})
		cancel()
		refused.Store(true)
		time.Sleep(permissionEvery) //nolint:forbidigo // the bubble's time
		synctest.Wait()
		for _, events := range []<-chan event{ended, forbidden} {
			_, open := <-events
			require.False(t, open, "closed, and empty: the reader may have lost the permission")
		}
		h.send(home(), []event{{Kind: "channel"}})
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
			open(t.Context(), h, func() bool {
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
	events := open(t.Context(), h, always)
	last, seen, state := 0, map[Inbox]string(nil), 0
	notice := Change{Organisation: "north", Staff: "amira", Channel: uuid.New()}
	poll := func(changed, noticed, failed bool) []string {
		n, watched := h.beginPoll()
		require.Equal(t, []Inbox{home()}, watched)
		if changed {
			state++
		}
		if noticed {
			h.number([]Change{notice})
		}
		if !failed {
			now := map[Inbox]string{home(): strconv.Itoa(state)}
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
	notice = Change{Organisation: "north", Staff: "amira", Broadcast: uuid.New()}
	require.Equal(t, []string{"reset"}, poll(true, true, false), "a broadcast's progress is no word of its channels")
	notice.Reset = true
	require.Empty(t, poll(true, true, false), "its end is")
}

// A person has ten streams at the most, whatever inboxes they watch. One that ends makes room for another, of whatever inbox.
func TestAPersonsStreamsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHub()
		amira, colleague := Person{"north", "amira"}, Person{"north", "ben"}
		subscribe := func(by Person, at Inbox) (close func(), err error) {
			ctx, cancel := context.WithCancel(t.Context())
			_, err = h.Subscribe(ctx, by, []Inbox{at}, "", always)
			return func() { cancel(); synctest.Wait() }, err
		}
		inboxes := []Inbox{home(), {"north", "ben"}}
		var close func()
		for i := range MostStreams {
			var err error
			close, err = subscribe(amira, inboxes[i%2])
			require.NoError(t, err)
		}
		for range 3 {
			_, err := subscribe(amira, inboxes[1])
			require.ErrorIs(t, err, ErrTooManyStreams)
		}
		for _, other := range []Person{colleague, {"south", "amira"}} {
			_, err := subscribe(other, home())
			require.NoError(t, err)
		}
		for range 3 {
			close()
			var err error
			close, err = subscribe(amira, home())
			require.NoError(t, err)
			_, err = subscribe(amira, home())
			require.ErrorIs(t, err, ErrTooManyStreams)
		}
	})
}

func TestStreamsEndWithRun(t *testing.T) {
	t.Parallel()
	h := newHub()
	begun := open(t.Context(), h, always)
	joined, _, _, err := h.join(Person{}, []Inbox{home()}, "")
	require.NoError(t, err)
	h.Stop()
	_, goesOn := <-begun
	require.False(t, goesOn, "a stream ends with Run")
	_, goesOn = <-h.begin(t.Context(), joined, nil, always)
	require.False(t, goesOn, "one that was about to begin too")
	_, err = h.Subscribe(t.Context(), Person{}, []Inbox{home()}, "", always)
	require.ErrorIs(t, err, ErrStopped)
	require.Empty(t, h.streams)
	require.Empty(t, h.open)
}

// telling keeps what it is given to notify.
type telling struct {
	reader
	told chan []string
}

func (r telling) Notify(ctx context.Context, payloads []string) error {
	if ctx.Err() == nil {
		r.told <- payloads
	}
	return ctx.Err()
}

// What changed just before Run ends is told, and so is what changes after it, before Changed returns.
func TestTheLastChangesAreTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		told := make(chan []string, 1)
		h := New(Config{}, telling{told: told})
		h.Changed(Change{Organisation: "north", Staff: "amira", Channel: uuid.New()})
		require.Empty(t, told, "before Run nobody does")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, h.Run(ctx, "topic"), context.Canceled)
		require.Len(t, <-told, 1)
		h.Changed(Change{Organisation: "north", Staff: "amira", Channel: uuid.New()})
		require.Len(t, told, 1)
	})
}
