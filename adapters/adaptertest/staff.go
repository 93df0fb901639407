package adaptertest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/calendar"
	"github.com/cmsmessenger/cmsmessenger/internal/brand"
)

// StaffHarness is a staff directory with its sign-in and what the suite has to know of it.
type StaffHarness struct {
	Staff adapters.Staff
	// Organisation is asked for; Other is another organisation whose staff must never be seen.
	Organisation, Other adapters.OrganisationID
	// Add makes a member of staff and returns it as Current is to return it.
	Add func(t *testing.T, organisation adapters.OrganisationID, name string) adapters.Member
	// Share lets member open colleague's inbox, and act in it if mayAct. The suite shares within an organisation only. A
	// host that shares by teams makes a team of the two.
	Share func(t *testing.T, member, colleague adapters.StaffID, mayAct bool)
	// Leave makes a member leave: they can no longer sign in.
	Leave func(t *testing.T, member adapters.StaffID)
	// SignIn puts a member into the context, as the host's own sign-in does for a request.
	SignIn func(ctx context.Context, member adapters.StaffID) context.Context
	// Queries is how many queries or requests the adapter has made of its store so far.
	Queries func() int
	// Stall makes the store answer nothing until release; nil: it can't stall.
	Stall func() (release func())
}

// Staff holds an adapters.Staff against its port.
func Staff(t *testing.T, newHarness func(t *testing.T) StaffHarness) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, h StaffHarness)
	}{
		{"Current is who signed in, as they are now", staffCurrent},
		{"Current of nobody", staffNobody},
		{"Inboxes that may be opened", staffInboxes},
		{"Inboxes of some colleagues", staffOnly},
		{"Inboxes never cross organisations", staffOrganisations},
		{"Inboxes asks once", staffOnce},
		{"calls return when their context ends", staffContext},
		{"many at once", staffTogether},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := patient(t, newHarness(t))
			require.NotEqual(t, h.Organisation, h.Other, "the harness must name two organisations")
			test.run(t, h)
		})
	}
}

func staffCurrent(t *testing.T, h StaffHarness) {
	ada, ben := h.Add(t, h.Organisation, "Ada Bello"), h.Add(t, h.Other, "Ben Carew")
	for _, want := range []adapters.Member{ada, ben} {
		got, err := h.Staff.Current(h.SignIn(t.Context(), want.ID))
		require.NoError(t, err)
		require.Equal(t, want, got, "the port asks: Current is the member whom the sign-in put into the context")
		require.NotEmpty(t, got.ID)
		require.NotEmpty(t, got.Organisation)
	}
	require.Equal(t, h.Organisation, ada.Organisation)
	require.Equal(t, h.Other, ben.Organisation)
}

func staffNobody(t *testing.T, h StaffHarness) {
	ada := h.Add(t, h.Organisation, "Ada Bello")
	_, err := h.Staff.Current(t.Context())
	require.ErrorIs(t, err, adapters.ErrNotSignedIn, "the port asks: without a signed-in member it is ErrNotSignedIn")
	ctx := h.SignIn(t.Context(), ada.ID)
	_, err = h.Staff.Current(ctx)
	require.NoError(t, err)
	h.Leave(t, ada.ID)
	_, err = h.Staff.Current(ctx)
	require.ErrorIs(t, err, adapters.ErrNotSignedIn,
		"the port asks: Current says what holds now; the member has left since signing in")
	impersonal(t, err, "Ada Bello")
}

// team is a member who may open two colleagues' inboxes, act in the first, and not open the third's.
func team(t *testing.T, h StaffHarness) (ada, first, second, third adapters.Member) {
	t.Helper()
	ada, first = h.Add(t, h.Organisation, "Ada Bello"), h.Add(t, h.Organisation, "Chidi Eze")
	second, third = h.Add(t, h.Organisation, "Dilys Fry"), h.Add(t, h.Organisation, "Emre Gül")
	h.Share(t, ada.ID, first.ID, true)
	h.Share(t, ada.ID, second.ID, false)
	return ada, first, second, third
}

func (h StaffHarness) inboxes(t *testing.T, member adapters.Member, only ...adapters.StaffID) []adapters.Inbox {
	t.Helper()
	inboxes, err := h.Staff.Inboxes(h.SignIn(t.Context(), member.ID), member, only...)
	require.NoError(t, err, "the port asks: what may not be opened is left out, that is not an error")
	return inboxes
}

func staffInboxes(t *testing.T, h StaffHarness) {
	ada, first, second, third := team(t, h)
	want := []adapters.Inbox{
		{Staff: first.ID, Name: first.Name, MayAct: true},
		{Staff: second.ID, Name: second.Name},
	}
	got := h.inboxes(t, ada)
	require.ElementsMatch(t, want, got,
		"the port asks: the colleagues' inboxes that the member may open, never the member's own")
	require.Equal(t, got, h.inboxes(t, ada), "the order is the same each time")
	require.Empty(t, h.inboxes(t, third), "this member may open nobody's inbox")
}

func staffOnly(t *testing.T, h StaffHarness) {
	ada, first, second, third := team(t, h)
	require.Equal(t, []adapters.Inbox{{Staff: second.ID, Name: second.Name}}, h.inboxes(t, ada, second.ID),
		"the port asks: only those named by only")
	require.Len(t, h.inboxes(t, ada, first.ID, second.ID, first.ID), 2, "each inbox comes once")
	require.Empty(t, h.inboxes(t, ada, third.ID), "the port asks: one that may not be opened is left out")
	require.Empty(t, h.inboxes(t, ada, ada.ID), "the port asks: never the member's own")
	require.Empty(t, h.inboxes(t, ada, "nobody-has-this-id"), "a colleague who does not exist is left out")
}

func staffOrganisations(t *testing.T, h StaffHarness) {
	ada, _, _, _ := team(t, h)
	foreign, neighbour := h.Add(t, h.Other, "Farah Haddad"), h.Add(t, h.Other, "Gwen Ito")
	h.Share(t, neighbour.ID, foreign.ID, true)
	require.Empty(t, h.inboxes(t, ada, foreign.ID), "the port asks: an inbox of another organisation is left out")
	for _, inbox := range h.inboxes(t, ada) {
		require.NotEqual(t, foreign.ID, inbox.Staff, "the port asks: an answer never holds anything of another organisation")
	}
	require.Len(t, h.inboxes(t, neighbour), 1)
}

func staffOnce(t *testing.T, h StaffHarness) {
	ada, first, second, third := team(t, h)
	h.Share(t, third.ID, first.ID, false)
	one := asked(h.Queries, func() { require.Len(t, h.inboxes(t, third), 1) })
	require.Positive(t, one, "the harness's Queries must count the queries that Inboxes makes")
	for range 5 {
		h.Share(t, ada.ID, h.Add(t, h.Organisation, "Hana Jones").ID, false)
	}
	all := asked(h.Queries, func() { require.Len(t, h.inboxes(t, ada), 7) })
	require.LessOrEqual(t, all, one, "many at once, never one query a row: Inboxes asks the store once")
	some := asked(h.Queries, func() { require.Len(t, h.inboxes(t, ada, first.ID, second.ID), 2) })
	require.LessOrEqual(t, some, one, "many at once, never one query a name")
}

func staffContext(t *testing.T, h StaffHarness) {
	ada, _, _, _ := team(t, h)
	endings(t, "Staff.Inboxes", h.Stall, func(ctx context.Context) error {
		_, err := h.Staff.Inboxes(h.SignIn(ctx, ada.ID), ada)
		impersonal(t, err, "Ada Bello", "Chidi Eze")
		return err
	})
	returns(t, "Staff.Current under an ended context", func() {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, _ = h.Staff.Current(h.SignIn(ctx, ada.ID))
	})
}

func staffTogether(t *testing.T, h StaffHarness) {
	ada, first, second, _ := team(t, h)
	members := []adapters.Member{ada, first, second}
	together(t, "Staff", func(i int) error {
		want := members[i%len(members)]
		ctx := h.SignIn(t.Context(), want.ID)
		got, err := h.Staff.Current(ctx)
		if err != nil {
			return err
		}
		if got.ID != want.ID {
			return fmt.Errorf("another member than the one signed in")
		}
		inboxes, err := h.Staff.Inboxes(ctx, got)
		if err == nil && (len(inboxes) == 2) != (got.ID == ada.ID) {
			return fmt.Errorf("another member's inboxes")
		}
		return err
	})
}

// OrganisationsHarness describes tenants and what the suite has to know of them.
type OrganisationsHarness struct {
	Organisations adapters.Organisations
	// Put stores an organisation, or changes it, and returns it as Get is to return it.
	Put func(t *testing.T, organisation adapters.Organisation) adapters.Organisation
	// First and Second are ids under which the suite may put organisations.
	First, Second adapters.OrganisationID
	// Unknown is an id of no organisation; empty: any id is an organisation's.
	Unknown adapters.OrganisationID
	// Stall makes the store answer nothing until release; nil: it can't stall.
	Stall func() (release func())
}

// Organisations holds an adapters.Organisations against its port.
func Organisations(t *testing.T, newHarness func(t *testing.T) OrganisationsHarness) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, h OrganisationsHarness)
	}{
		{"Get returns an organisation as it is now", organisationsGet},
		{"Get tells when staff work and by when they read", organisationsHours},
		{"Get of an unknown one", organisationsUnknown},
		{"calls return when their context ends", organisationsContext},
		{"many at once", organisationsTogether},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, patient(t, newHarness(t))) })
	}
}

func organisationsGet(t *testing.T, h OrganisationsHarness) {
	first := h.Put(t, adapters.Organisation{
		ID: h.First, Name: "Riverside Social Prescribing", Phone: "01632 960001", Colour: "#1d5f5a",
		Logo: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
	})
	second := h.Put(t,
		adapters.Organisation{ID: h.Second, Name: "Hilltop Link Workers", RepliesOff: true, CheckDateOfBirth: true})
	for _, want := range []adapters.Organisation{first, second} {
		got, err := h.Organisations.Get(t.Context(), want.ID)
		require.NoError(t, err)
		require.Equal(t, want, got, "the port asks: the organisation that was asked for")
		if got.Colour != "" {
			_, err = brand.ParseColour(got.Colour)
			require.NoError(t, err, "the port asks: a colour that white words can be read on")
		}
		if len(got.Logo) > 0 {
			_, err = brand.LogoURL(got.Logo)
			require.NoError(t, err, "the port asks: a logo that fits into the page")
		}
	}
	first.Name = "Riverside and Quayside"
	want := h.Put(t, first)
	got, err := h.Organisations.Get(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, want, got, "the port asks: an organisation as it is now")
}

func organisationsHours(t *testing.T, h OrganisationsHarness) {
	want := h.Put(t, adapters.Organisation{
		ID: h.First, Name: "Riverside Social Prescribing", TimeZone: "Europe/London",
		Calendar: calendar.Calendar{
			Week: map[time.Weekday][]calendar.Interval{
				time.Tuesday: {
					{From: 8 * time.Hour, Until: 12 * time.Hour},
					{From: 13 * time.Hour, Until: 17*time.Hour + 30*time.Minute},
				},
			},
			Division:   calendar.Scotland,
			Exceptions: []calendar.Exception{{Date: calendar.Date{Year: 2026, Month: time.December, Day: 24}, Note: "Team day"}},
		},
		ReadWithin: 4 * time.Hour, Fallback: []adapters.StaffID{"fay", "gil"},
	})
	got, err := h.Organisations.Get(t.Context(), h.First)
	require.NoError(t, err)
	zone, err := time.LoadLocation(got.TimeZone)
	require.NoError(t, err, "the port asks: a time zone by its IANA name")
	_, err = got.Calendar.In(zone)
	require.NoError(t, err, "the port asks: a calendar that can be")
	require.Equal(t, want.Calendar, got.Calendar, "the port asks: the organisation's own calendar")
	require.True(t, got.ReadWithin >= 0 && got.ReadWithin <= adapters.MaxReadWithin,
		"the port asks: ReadWithin of at most 240 hours")
	require.Equal(t, want.ReadWithin, got.ReadWithin, "the port asks: within which working time a reply is read")
	for i, staff := range got.Fallback {
		require.NotEmpty(t, staff, "the port asks: Fallback names staff")
		require.NotContains(t, got.Fallback[:i], staff, "the port asks: Fallback names each once")
	}
	require.ElementsMatch(t, want.Fallback, got.Fallback, "the port asks: who is told of what nobody reads")
}

func organisationsUnknown(t *testing.T, h OrganisationsHarness) {
	if h.Unknown == "" {
		return
	}
	_, err := h.Organisations.Get(t.Context(), h.Unknown)
	require.ErrorIs(t, err, adapters.ErrNotFound, "the port asks: an organisation that does not exist is ErrNotFound")
}

func organisationsContext(t *testing.T, h OrganisationsHarness) {
	h.Put(t, adapters.Organisation{ID: h.First, Name: "Riverside Social Prescribing"})
	endings(t, "Organisations.Get", h.Stall, func(ctx context.Context) error {
		_, err := h.Organisations.Get(ctx, h.First)
		return err
	})
}

func organisationsTogether(t *testing.T, h OrganisationsHarness) {
	h.Put(t, adapters.Organisation{ID: h.First, Name: "Riverside Social Prescribing"})
	h.Put(t, adapters.Organisation{ID: h.Second, Name: "Hilltop Link Workers"})
	ids := []adapters.OrganisationID{h.First, h.Second}
	together(t, "Organisations.Get", func(i int) error {
		got, err := h.Organisations.Get(t.Context(), ids[i%2])
		if err == nil && got.ID != ids[i%2] {
			return fmt.Errorf("another organisation than the one asked for")
		}
		return err
	})
}
