package live

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

func present(channel uuid.UUID, who adapters.StaffID) Change {
	return Change{Organisation: "north", Staff: "amira", Channel: channel, Present: &Present{Staff: who}}
}

// people are who is told of, in this order.
func people(list []Numbered) (who []adapters.StaffID) {
	for _, n := range list {
		who = append(who, n.Present.Staff)
	}
	return who
}

// Who comes into a channel hears who else is there, once, and nobody hears of who has not said so for half a minute.
func TestWhoComesHearsWhoIsThere(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	h := New(Config{Now: func() time.Time { return now }}, reader{})
	channel, another := uuid.New(), uuid.New()
	comes := func(at uuid.UUID, who adapters.StaffID) []adapters.StaffID {
		return people(h.number([]Change{present(at, who)}))
	}
	require.Equal(t, []adapters.StaffID{"amira"}, comes(channel, "amira"))
	require.Equal(t, []adapters.StaffID{"ben", "amira"}, comes(channel, "ben"))
	require.Equal(t, []adapters.StaffID{"ben"}, comes(channel, "ben"))
	require.Equal(t, []adapters.StaffID{"chloe"}, comes(another, "chloe"))
	now = now.Add(PresentFor)
	require.Equal(t, []adapters.StaffID{"ben"}, comes(channel, "ben"))
	h.beginPoll()
	require.Len(t, h.present, 2)
	now = now.Add(time.Second)
	require.Equal(t, []adapters.StaffID{"chloe", "ben"}, comes(channel, "chloe"), "amira has not said so again")
	h.beginPoll()
	require.NotContains(t, h.present, another, "nobody is there any more")
	require.Contains(t, h.present, channel)
}

// Who is gone is forgotten at once: it is told, and whoever comes then does not hear of them.
func TestWhoIsGoneIsForgotten(t *testing.T) {
	t.Parallel()
	h := New(Config{Now: time.Now}, reader{})
	channel := uuid.New()
	h.number([]Change{present(channel, "amira"), present(channel, "ben")})
	gone := present(channel, "amira")
	gone.Present.Gone = true
	for range 2 { // a page may have heard of her elsewhere
		list := h.number([]Change{gone})
		require.Len(t, list, 1)
		require.True(t, list[0].Present.Gone)
	}
	require.Equal(t, []adapters.StaffID{"chloe", "ben"}, people(h.number([]Change{present(channel, "chloe")})))
}

// Whose last stream here ends is gone from all channels that they had open, unless they come back within a moment, or
// the process stops.
func TestWhoseStreamsEndIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := New(Config{Now: time.Now}, reader{})
		channel, another := uuid.New(), uuid.New()
		by := Person{"north", "ben"}
		stream := func() func() {
			s, _, _, err := h.join(by, []Inbox{home()}, "")
			require.NoError(t, err)
			ctx, end := context.WithCancel(t.Context())
			h.begin(ctx, s, nil, always)
			return end
		}
		of := func(organisation adapters.OrganisationID) Change {
			c := present(uuid.New(), "ben")
			c.Organisation = organisation
			return c
		}
		h.number([]Change{present(channel, "ben"), present(another, "ben"), present(channel, "amira"), of("south")})
		wait := func() (gone []uuid.UUID) {
			time.Sleep(2 * returns) //nolint:forbidigo // the bubble's time
			for _, payload := range h.pending.take() {
				var list []Change
				require.NoError(t, json.Unmarshal([]byte(payload), &list))
				for _, c := range list {
					require.Equal(t, Present{Staff: "ben", Gone: true}, *c.Present)
					require.Equal(t, home(), Numbered{Change: c}.Inbox())
					gone = append(gone, c.Channel)
				}
			}
			return gone
		}
		first, second := stream(), stream()
		first()
		require.Empty(t, wait(), "another stands")
		second()
		synctest.Wait()
		back := stream()
		require.Empty(t, wait(), "back within a moment")
		back()
		require.ElementsMatch(t, []uuid.UUID{channel, another}, wait())
		last := stream()
		h.Stop()
		last()
		require.Empty(t, wait(), "a page connects to another process")
	})
}

// A presence has no place in the run of events: whoever resumes is told of what changed alone, and misses nothing.
func TestAPresenceIsNotToldAgain(t *testing.T) {
	t.Parallel()
	h := New(Config{Now: time.Now}, reader{})
	first, second := changed(1)[0], changed(1)[0]
	list := h.number([]Change{first, present(first.Channel, "ben"), second})
	require.Len(t, list, 3)
	require.Equal(t, list[0].ID(), list[1].ID())
	_, missed, known, _ := h.join(Person{}, []Inbox{home()}, list[1].ID())
	require.True(t, known)
	require.Equal(t, []Numbered{list[2]}, missed)
	_, missed, known, _ = h.join(Person{}, []Inbox{home()}, h.epoch+"-0")
	require.True(t, known)
	require.Equal(t, []Numbered{list[0], list[2]}, missed)
}

// What waits to be told of a channel and of each who has it open stays apart, and the newest of somebody counts.
func TestPresencesWaitApart(t *testing.T) {
	t.Parallel()
	p := newPending()
	change := changed(1)[0]
	change.Messages = []uuid.UUID{uuid.New()}
	writes := present(change.Channel, "ben")
	writes.Present.Writing = true
	for _, c := range []Change{present(change.Channel, "ben"), change, present(change.Channel, "chloe"), writes} {
		p.add(c)
	}
	var got []Change
	for _, payload := range p.take() {
		require.NoError(t, json.Unmarshal([]byte(payload), &got))
	}
	require.ElementsMatch(t, []Change{change, present(change.Channel, "chloe"), writes}, got)
}
