package adaptertest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// ListsHarness is saved client lists and what the suite has to know of them.
type ListsHarness struct {
	Lists adapters.Lists
	// Organisation is asked for; Other is another organisation whose lists must never be seen.
	Organisation, Other adapters.OrganisationID
	// Put saves a list with as many different clients as size says, each put on it twice where the host's lists allow
	// that, and returns it as All is to return it, with the ids of the clients.
	Put func(
		t *testing.T, organisation adapters.OrganisationID, name string, size int,
	) (adapters.List, []adapters.ClientID)
	// Queries is how many queries or requests the adapter has made of its store so far.
	Queries func() int
	// As puts a person into the context who may use every list that Put saved in Organisation; nil: the system asks.
	As func(ctx context.Context) context.Context
	// Stall makes the store answer nothing until release; nil: it can't stall.
	Stall func() (release func())
}

// Lists holds an adapters.Lists against its port.
func Lists(t *testing.T, newHarness func(t *testing.T) ListsHarness) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, h ListsHarness)
	}{
		{"All returns the lists with their sizes", listsAll},
		{"All asks once", listsOnce},
		{"Members returns everybody once, in a stable order", listsMembers},
		{"Members of no list", listsAbsent},
		{"nothing of another organisation", listsOrganisations},
		{"calls return when their context ends", listsContext},
		{"many at once", listsTogether},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := patient(t, newHarness(t))
			require.NotEqual(t, h.Organisation, h.Other, "the harness must name two organisations")
			if h.As == nil {
				h.As = func(ctx context.Context) context.Context { return ctx }
			}
			test.run(t, h)
		})
	}
}

func (h ListsHarness) all(t *testing.T) []adapters.List {
	t.Helper()
	lists, err := h.Lists.All(h.As(t.Context()), h.Organisation)
	require.NoError(t, err)
	return lists
}

func (h ListsHarness) members(t *testing.T, list adapters.ListID) []adapters.ClientID {
	t.Helper()
	members, err := h.Lists.Members(h.As(t.Context()), h.Organisation, list)
	require.NoError(t, err)
	return members
}

func listsAll(t *testing.T, h ListsHarness) {
	require.Empty(t, h.all(t), "the harness starts without lists; and none is not an error")
	walkers, _ := h.Put(t, h.Organisation, "Walking group", 3)
	nobody, _ := h.Put(t, h.Organisation, "Nobody yet", 0)
	require.ElementsMatch(t, []adapters.List{walkers, nobody}, h.all(t),
		"the port asks: the lists of this organisation, empty ones too")
	require.Equal(t, 3, walkers.Size, "the port asks: Size is how many clients are on the list")
	require.Zero(t, nobody.Size)
	first := h.all(t)
	require.Equal(t, first, h.all(t), "the order is the same each time")
}

func listsOnce(t *testing.T, h ListsHarness) {
	few, _ := h.Put(t, h.Organisation, "Walking group", 2)
	one := asked(h.Queries, func() { h.all(t) })
	require.Positive(t, one, "the harness's Queries must count the queries that All makes")
	members := asked(h.Queries, func() { require.Len(t, h.members(t, few.ID), 2) })
	for i := range 5 {
		h.Put(t, h.Organisation, fmt.Sprintf("Group %d", i), 1)
	}
	all := asked(h.Queries, func() { require.Len(t, h.all(t), 6) })
	require.LessOrEqual(t, all, one, "many at once, never one query a row: All asks the store once, sizes included")
	long, _ := h.Put(t, h.Organisation, "Everybody", 40)
	everybody := asked(h.Queries, func() { require.Len(t, h.members(t, long.ID), 40) })
	require.LessOrEqual(t, everybody, members, "many at once, never one query a row: Members asks the store once")
}

func listsMembers(t *testing.T, h ListsHarness) {
	list, want := h.Put(t, h.Organisation, "Walking group", 25)
	other, others := h.Put(t, h.Organisation, "Cooking group", 2)
	got := h.members(t, list.ID)
	require.ElementsMatch(t, want, got, "the port asks: everybody on the list, each once")
	for range 5 {
		require.Equal(t, got, h.members(t, list.ID), "the port asks: a stable order")
	}
	require.ElementsMatch(t, others, h.members(t, other.ID))
	nobody, _ := h.Put(t, h.Organisation, "Nobody yet", 0)
	require.Empty(t, h.members(t, nobody.ID), "an empty list has no members, and that is not an error")
}

func listsAbsent(t *testing.T, h ListsHarness) {
	for _, id := range []adapters.ListID{"no-such-list", "'; --", ""} {
		_, err := h.Lists.Members(h.As(t.Context()), h.Organisation, id)
		require.ErrorIs(t, err, adapters.ErrNotFound,
			"the port asks: a list that does not exist is ErrNotFound, not an empty list")
	}
}

func listsOrganisations(t *testing.T, h ListsHarness) {
	ours, _ := h.Put(t, h.Organisation, "Walking group", 1)
	theirs, _ := h.Put(t, h.Other, "Their group", 2)
	require.Equal(t, []adapters.List{ours}, h.all(t),
		"the port asks: an answer never holds anything of another organisation")
	_, err := h.Lists.Members(h.As(t.Context()), h.Organisation, theirs.ID)
	require.ErrorIs(t, err, adapters.ErrNotFound, "the port asks: a list of another organisation is ErrNotFound")
	impersonal(t, err, "Their group")
}

func listsContext(t *testing.T, h ListsHarness) {
	list, _ := h.Put(t, h.Organisation, "Walking group", 2)
	endings(t, "Lists.All", h.Stall, func(ctx context.Context) error {
		_, err := h.Lists.All(h.As(ctx), h.Organisation)
		impersonal(t, err, "Walking group")
		return err
	})
	endings(t, "Lists.Members", h.Stall, func(ctx context.Context) error {
		_, err := h.Lists.Members(h.As(ctx), h.Organisation, list.ID)
		require.NotErrorIs(t, err, adapters.ErrNotFound, "an ended context says nothing about the list")
		return err
	})
}

func listsTogether(t *testing.T, h ListsHarness) {
	lists := make([]adapters.List, 4)
	for i := range lists {
		lists[i], _ = h.Put(t, h.Organisation, fmt.Sprintf("Group %d", i), i+1)
	}
	together(t, "Lists", func(i int) error {
		list := lists[i%len(lists)]
		members, err := h.Lists.Members(h.As(t.Context()), h.Organisation, list.ID)
		if err == nil && len(members) != list.Size {
			return fmt.Errorf("another list's members")
		}
		if err != nil {
			return err
		}
		_, err = h.Lists.All(h.As(t.Context()), h.Organisation)
		return err
	})
}

// EventsHarness is a host's notification centre and what the suite has to know of it.
type EventsHarness struct {
	Events adapters.Events
	// Organisation, Staff and Client are whom events are about.
	Organisation adapters.OrganisationID
	Staff        adapters.StaffID
	Client       adapters.ClientID
	// Known says whether the centre has this event.
	Known func(t *testing.T, id uuid.UUID) bool
	// Break makes the centre fail until it is mended; nil: it can't fail.
	Break func(t *testing.T) (mend func())
	// Stall makes the centre answer nothing until release; nil: it can't stall.
	Stall func() (release func())
}

// Events holds an adapters.Events against its port.
func Events(t *testing.T, newHarness func(t *testing.T) EventsHarness) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, h EventsHarness)
	}{
		{"every kind is taken", eventsKinds},
		{"told twice and out of order", eventsTwice},
		{"trouble is told", eventsTrouble},
		{"calls return when their context ends", eventsContext},
		{"many at once", eventsTogether},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, patient(t, newHarness(t))) })
	}
}

func (h EventsHarness) event(kind string) adapters.Event {
	event := adapters.Event{
		ID: uuid.New(), Kind: kind, Organisation: h.Organisation, Staff: h.Staff, Client: h.Client,
		Channel: uuid.New(), Message: uuid.New(), At: time.Date(2026, 3, 4, 10, 11, 12, 0, time.UTC),
	}
	if slices.Contains([]string{"link_locked", "reply_flood", "objected", "objection_lifted"}, kind) {
		event.Message = uuid.Nil
	}
	return event
}

func eventsKinds(t *testing.T, h EventsHarness) {
	for _, kind := range []string{
		"replied", "delivery_failed", "delivery_unknown", "record_failed", "record_held", "link_locked",
		"reply_flood", "objected", "objection_lifted", "overdue",
	} {
		event := h.event(kind)
		require.NoError(t, h.Events.Happened(t.Context(), event), "the port asks: it is told of every event; kind %s", kind)
		require.True(t, h.Known(t, event.ID), "an event that was taken is known; kind %s", kind)
	}
	require.NoError(t, h.Events.Happened(t.Context(), h.event("something_new")),
		"a kind that is not known yet must not fail for ever")
}

func eventsTwice(t *testing.T, h EventsHarness) {
	early, late := h.event("replied"), h.event("replied")
	late.Channel, late.At = early.Channel, early.At.Add(time.Minute)
	for _, event := range []adapters.Event{late, early, late, late} {
		require.NoError(t, h.Events.Happened(t.Context(), event),
			"the port asks: told at least once, in no promised order; a repeat is no error")
		require.True(t, h.Known(t, event.ID))
	}
}

func eventsTrouble(t *testing.T, h EventsHarness) {
	if h.Break == nil {
		return
	}
	event := h.event("replied")
	mend := h.Break(t)
	err := h.Events.Happened(t.Context(), event)
	mend()
	require.Error(t, err, "the port asks: an event that was not taken is an error, or it is lost")
	require.NoError(t, h.Events.Happened(t.Context(), event), "the port asks: it is told again")
	require.True(t, h.Known(t, event.ID))
}

func eventsContext(t *testing.T, h EventsHarness) {
	event := h.event("replied")
	endings(t, "Events.Happened", h.Stall, func(ctx context.Context) error {
		err := h.Events.Happened(ctx, event)
		if err == nil && !h.Known(t, event.ID) {
			return fmt.Errorf("an event that was called taken is not known")
		}
		return err
	})
}

func eventsTogether(t *testing.T, h EventsHarness) {
	events := make([]adapters.Event, many)
	for i := range events {
		events[i] = h.event("replied")
	}
	together(t, "Events.Happened", func(i int) error { return h.Events.Happened(t.Context(), events[i]) })
	for _, event := range events {
		require.True(t, h.Known(t, event.ID), "methods may be called at once; no event is lost")
	}
}
