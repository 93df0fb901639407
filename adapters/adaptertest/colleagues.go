package adaptertest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// ColleaguesHarness is a staff directory that also says who works there, and what the suite has to know of it.
type ColleaguesHarness struct {
	StaffHarness // of the same store: each passes its own suite
	Colleagues   adapters.Colleagues
	// Manage says whether a member manages, and returns them as Current is to return them.
	Manage func(t *testing.T, member adapters.Member, manages bool) adapters.Member
}

// Colleagues holds an adapters.Colleagues against its port.
func Colleagues(t *testing.T, newHarness func(t *testing.T) ColleaguesHarness) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, h ColleaguesHarness)
	}{
		{"Members are those who are named", colleaguesMembers},
		{"Members are as they are now", colleaguesNow},
		{"WhoMayAct are those to whom Inboxes gives it", colleaguesWhoMayAct},
		{"Managers are those who manage now", colleaguesManagers},
		{"nobody crosses organisations", colleaguesOrganisations},
		{"each asks once", colleaguesOnce},
		{"calls return when their context ends", colleaguesContext},
		{"many at once", colleaguesTogether},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := patient(t, newHarness(t))
			require.NotEqual(t, h.Organisation, h.Other, "the harness must name two organisations")
			test.run(t, h)
		})
	}
}

func (h ColleaguesHarness) members(t *testing.T, ids ...adapters.StaffID) []adapters.Member {
	t.Helper()
	found, err := h.Colleagues.Members(t.Context(), h.Organisation, ids...)
	require.NoError(t, err, "the port asks: what is not there is left out, that is not an error; nobody need be signed in")
	return found
}

func (h ColleaguesHarness) whoMayAct(t *testing.T, inbox adapters.StaffID) []adapters.Member {
	t.Helper()
	found, err := h.Colleagues.WhoMayAct(t.Context(), h.Organisation, inbox)
	require.NoError(t, err, "the port asks: what is not there is left out, that is not an error; nobody need be signed in")
	return found
}

func (h ColleaguesHarness) managers(t *testing.T) []adapters.Member {
	t.Helper()
	found, err := h.Colleagues.Managers(t.Context(), h.Organisation)
	require.NoError(t, err, "the port asks: that nobody manages is not an error; nobody need be signed in")
	return found
}

func colleaguesMembers(t *testing.T, h ColleaguesHarness) {
	ada, first, second, _ := team(t, h.StaffHarness)
	require.ElementsMatch(t, []adapters.Member{ada, second}, h.members(t, ada.ID, second.ID),
		"the port asks: Members are the staff members who are named")
	require.Len(t, h.members(t, first.ID, first.ID), 1, "the port asks: each member comes once")
	require.Equal(t, []adapters.Member{first}, h.members(t, "nobody-has-this-id", first.ID),
		"the port asks: a name that nobody has is left out")
	require.Empty(t, h.members(t), "the port asks: without a name, nobody")
}

func colleaguesNow(t *testing.T, h ColleaguesHarness) {
	ada, first, _, _ := team(t, h.StaffHarness)
	ada = h.Manage(t, ada, true)
	require.ElementsMatch(t, []adapters.Member{ada, first}, h.members(t, ada.ID, first.ID),
		"the port asks: a member as Staff.Current gives them")
	h.Leave(t, first.ID)
	require.Equal(t, []adapters.Member{ada}, h.members(t, ada.ID, first.ID), "the port asks: whoever has left is left out")
}

func colleaguesWhoMayAct(t *testing.T, h ColleaguesHarness) {
	ada, first, second, third := team(t, h.StaffHarness)
	h.Share(t, third.ID, first.ID, true)
	require.ElementsMatch(t, []adapters.Member{ada, third}, h.whoMayAct(t, first.ID),
		"the port asks: WhoMayAct are those to whom Inboxes gives the inbox with MayAct, never its owner")
	require.Empty(t, h.whoMayAct(t, second.ID), "the port asks: who may only look may not act")
	require.Empty(t, h.whoMayAct(t, "nobody-has-this-id"), "the port asks: in an inbox that is nobody's, nobody")
	h.Leave(t, third.ID)
	require.Equal(t, []adapters.Member{ada}, h.whoMayAct(t, first.ID), "the port asks: whoever has left may act nowhere")
}

func colleaguesManagers(t *testing.T, h ColleaguesHarness) {
	ada, first, second, _ := team(t, h.StaffHarness)
	require.Empty(t, h.managers(t), "the port asks: Managers are those who manage, and nobody does")
	ada, first, second = h.Manage(t, ada, true), h.Manage(t, first, true), h.Manage(t, second, true)
	require.ElementsMatch(t, []adapters.Member{ada, first, second}, h.managers(t),
		"the port asks: Managers are all who manage")
	h.Manage(t, first, false)
	h.Leave(t, second.ID)
	require.Equal(t, []adapters.Member{ada}, h.managers(t),
		"the port asks: Managers are those who manage now; one does no more, one has left")
}

func colleaguesOrganisations(t *testing.T, h ColleaguesHarness) {
	ada, first, _, _ := team(t, h.StaffHarness)
	foreign, neighbour := h.Add(t, h.Other, "Farah Haddad"), h.Add(t, h.Other, "Gwen Ito")
	h.Share(t, neighbour.ID, foreign.ID, true)
	h.Manage(t, neighbour, true)
	const says = "the port asks: an answer never holds anything of another organisation"
	require.Equal(t, []adapters.Member{ada}, h.members(t, ada.ID, foreign.ID), says)
	require.Empty(t, h.whoMayAct(t, foreign.ID), says)
	require.Empty(t, h.managers(t), says)
	found, err := h.Colleagues.WhoMayAct(t.Context(), h.Other, first.ID)
	require.NoError(t, err)
	require.Empty(t, found, says)
}

func colleaguesOnce(t *testing.T, h ColleaguesHarness) {
	ada, first, second, third := team(t, h.StaffHarness)
	h.Manage(t, ada, true)
	one := asked(h.Queries, func() { require.Len(t, h.members(t, ada.ID), 1) })
	require.Positive(t, one, "the harness's Queries must count the queries that Members makes")
	for _, member := range []adapters.Member{first, second, third} {
		h.Manage(t, member, true)
	}
	h.Share(t, second.ID, first.ID, true)
	h.Share(t, third.ID, first.ID, true)
	const says = "many at once, never one query a row: %s asks the store once"
	require.LessOrEqual(t, asked(h.Queries, func() {
		require.Len(t, h.members(t, ada.ID, first.ID, second.ID, third.ID), 4)
	}), one, says, "Members")
	require.LessOrEqual(t, asked(h.Queries, func() {
		require.Len(t, h.whoMayAct(t, first.ID), 3)
	}), one, says, "WhoMayAct")
	require.LessOrEqual(t, asked(h.Queries, func() { require.Len(t, h.managers(t), 4) }), one, says, "Managers")
}

func colleaguesContext(t *testing.T, h ColleaguesHarness) {
	ada, first, _, _ := team(t, h.StaffHarness)
	for name, call := range map[string]func(ctx context.Context) error{
		"Colleagues.Members": func(ctx context.Context) error {
			_, err := h.Colleagues.Members(ctx, h.Organisation, ada.ID, first.ID)
			return err
		},
		"Colleagues.WhoMayAct": func(ctx context.Context) error {
			_, err := h.Colleagues.WhoMayAct(ctx, h.Organisation, first.ID)
			return err
		},
		"Colleagues.Managers": func(ctx context.Context) error {
			_, err := h.Colleagues.Managers(ctx, h.Organisation)
			return err
		},
	} {
		endings(t, name, h.Stall, func(ctx context.Context) error {
			err := call(ctx)
			impersonal(t, err, "Ada Bello", "Chidi Eze")
			return err
		})
	}
}

func colleaguesTogether(t *testing.T, h ColleaguesHarness) {
	ada, first, second, _ := team(t, h.StaffHarness)
	members := []adapters.Member{ada, first, second}
	together(t, "Colleagues", func(i int) error {
		want := members[i%len(members)]
		found, err := h.Colleagues.Members(t.Context(), h.Organisation, want.ID)
		if err == nil && !slices.EqualFunc(found, []adapters.Member{want},
			func(a, b adapters.Member) bool { return a.ID == b.ID }) {
			return fmt.Errorf("another member than the one named")
		}
		if err != nil {
			return err
		}
		acting, err := h.Colleagues.WhoMayAct(t.Context(), h.Organisation, want.ID)
		if err == nil && (len(acting) == 1) != (want.ID == first.ID) {
			return fmt.Errorf("who may act in another inbox")
		}
		return err
	})
}
