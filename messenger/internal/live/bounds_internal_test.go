package live

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// loud answers each change with as many events as it says.
type loud struct {
	reader
	each int
}

func (l loud) Load(_ context.Context, list []Numbered) ([][]event, error) {
	events := make([][]event, len(list))
	for i, n := range list {
		for range l.each {
			events[i] = append(events[i], event{n.ID()})
		}
	}
	return events, nil
}

// changed are n changes of amira's inbox, each of a channel of its own.
func changed(n int) []Change {
	list := make([]Change, n)
	for i := range list {
		list[i] = Change{Organisation: "north", Staff: "amira", Channel: uuid.New()}
	}
	return list
}

// A hub remembers the latest changes, twice as many at the most: who resumes from before them is reset.
func TestAHubForgetsTheOldest(t *testing.T) {
	t.Parallel()
	h := newHub()
	h.number(changed(2 * remembered))
	require.Len(t, h.ring, 2*remembered)
	_, missed, known, _ := h.join(Person{}, []Inbox{home()}, h.epoch+"-0")
	require.True(t, known)
	require.Len(t, missed, 2*remembered)

	newest := h.number(changed(1))[0]
	require.Len(t, h.ring, remembered)
	oldest := newest.n - remembered
	for n, want := range map[int64]bool{0: false, oldest - 1: false, oldest: true, newest.n: true, newest.n + 1: false} {
		t.Run(strconv.FormatInt(n, 10), func(t *testing.T) {
			t.Parallel()
			_, missed, known, _ := h.join(Person{}, []Inbox{home()}, h.epoch+"-"+strconv.FormatInt(n, 10))
			require.Equal(t, want, known)
			if want {
				require.Len(t, missed, int(newest.n-n))
			}
		})
	}
}

// Who resumes behind more than a stream holds is told to fetch again, and a stream holds all of what it is not.
func TestWhoMissedTooMuchIsReset(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ changes, each, events int }{
		"a full backlog":              {backlog, 1, backlog},
		"one change more":             {backlog + 1, 1, 1},
		"a full backlog of two each":  {backlog, 2, 2 * backlog},
		"a full backlog of three":     {backlog, 3, 1},
		"one change with many events": {1, 2 * backlog, 2 * backlog},
		"one with one too many":       {1, 2*backlog + 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := New(Config{}, loud{each: c.each})
			h.number(changed(c.changes))
			events, err := h.Subscribe(t.Context(), Person{}, []Inbox{home()}, h.epoch+"-0", always)
			require.NoError(t, err)
			kinds := told(events)
			require.Len(t, kinds, c.events)
			if c.events == 1 {
				require.Equal(t, "reset", kinds[0])
			} else {
				require.NotContains(t, kinds, "reset")
			}
		})
	}
}

// What waits to be notified is bounded: so many channels, so many messages of each, and payloads that PostgreSQL takes.
func TestWhatWaitsToBeNotifiedIsBounded(t *testing.T) {
	t.Parallel()
	p := newPending()
	long := adapters.StaffID(strings.Repeat("ü", 100)) // the longest id of a host's
	channels := changed(maxPending + 10)
	for _, c := range channels {
		c.Staff = long
		p.add(c)
	}
	first := channels[0].Channel
	for range 3 * maxIDs {
		p.add(Change{Organisation: "north", Staff: long, Channel: first, Messages: []uuid.UUID{uuid.New()}})
	}
	seen := map[uuid.UUID]Change{}
	for _, payload := range p.take() {
		require.Less(t, len(payload), 8000, "PostgreSQL's limit")
		var batch []Change
		require.NoError(t, json.Unmarshal([]byte(payload), &batch))
		for _, c := range batch {
			require.Zero(t, seen[c.Channel], "once")
			seen[c.Channel] = c
		}
	}
	require.Len(t, seen, maxPending)
	require.Len(t, seen[first].Messages, maxIDs)
	require.Empty(t, p.take(), "it was emptied")
}
