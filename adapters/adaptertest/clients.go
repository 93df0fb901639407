package adaptertest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// ClientsHarness is a client directory and what the suite has to know of it.
type ClientsHarness struct {
	Clients adapters.Clients
	// Organisation is asked for; Other is another organisation whose clients must never be seen.
	Organisation, Other adapters.OrganisationID
	// Put stores clients in an organisation and returns them, in that order, as Get is to return them: under the
	// directory's own ids and without what it can't hold. Name, NHSNumber, Restricted and Deceased every directory holds.
	// SafeContact, Needs and Language are checked where Put leaves them in.
	Put func(t *testing.T, organisation adapters.OrganisationID, clients ...adapters.Client) []adapters.Client
	// Queries is how many queries or requests the adapter has made of its store so far.
	Queries func() int
	// As puts a person into the context who may see everybody that Put stored; nil: the system asks.
	As func(ctx context.Context) context.Context
	// Hide makes a client one that As's person may not see; nil: everybody sees everybody of their organisation.
	Hide func(t *testing.T, organisation adapters.OrganisationID, id adapters.ClientID)
	// WholeNumbers says that the store can only look up whole NHS numbers, as FHIR servers do: the beginning of one finds
	// nobody.
	WholeNumbers bool
	// Stall makes the store answer nothing until release; nil: it can't stall.
	Stall func() (release func())
}

// Clients holds an adapters.Clients against its port.
func Clients(t *testing.T, newHarness func(t *testing.T) ClientsHarness) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, h clientsSuite)
	}{
		{"Get returns clients as they are", clientsGet},
		{"Get guesses no first name", clientsFirstNames},
		{"Get leaves out what it does not find", clientsLeftOut},
		{"Get never returns another organisation's", clientsOrganisations},
		{"Get asks once for all ids", clientsOnce},
		{"Search finds every word, case ignored", clientsSearch},
		{"Search finds NHS numbers by their beginning", clientsSearchNumber},
		{"Search takes % and _ literally", clientsSearchLiteral},
		{"Search keeps its limit and its order", clientsSearchLimit},
		{"Search never returns another organisation's", clientsSearchOrganisations},
		{"hidden clients stay hidden", clientsHidden},
		{"calls return when their context ends", clientsContext},
		{"many at once", clientsTogether},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := patient(t, newHarness(t))
			require.NotEqual(t, h.Organisation, h.Other, "the harness must name two organisations")
			test.run(t, clientsSuite{ClientsHarness: h, t: t})
		})
	}
}

type clientsSuite struct {
	ClientsHarness
	t *testing.T
}

func people() []adapters.Client {
	return []adapters.Client{
		{
			ID: "grace", Name: "Grace Zephyrine Okafor", NHSNumber: "9990000018", DateOfBirth: "1951-03-04",
			GP: adapters.GP{Name: "Riverside Surgery", ODSCode: "Y12345"}, Email: "grace@example.org", Phone: "07700 900123",
			Language: "cy", Needs: []string{"large print"}, SafeContact: &adapters.SafeContact{
				Media: []adapters.Medium{adapters.SMS}, NeutralSender: true, NoWords: true, SharedPhone: true,
				Hours: []adapters.SafeHours{{
					Days: []time.Weekday{time.Tuesday, time.Thursday}, From: 10 * time.Hour, Until: 12 * time.Hour,
				}},
				WhoElse: "Her brother reads her texts.", Note: "Never ring.",
				ReviewedAt: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC),
			},
		},
		{
			ID: "tomasz", Name: "Tomasz Zephyrine-Nowak", NHSNumber: "9990000026", Phone: "07700 900124",
			Objects: []adapters.Medium{adapters.SMS},
		},
		{
			ID: "mei", Name: "Mei Zephyrine", NHSNumber: "9990000034", DateOfBirth: "1970-12-31", Email: "mei@example.org",
			Restricted: true,
		},
		{ID: "idris", Name: "Idris Zephyrine", NHSNumber: "9990000042", Email: "idris@example.org", Deceased: true},
	}
}

func foreigner() adapters.Client {
	return adapters.Client{
		ID: "foreign", Name: "Grace Zephyrine Foreign", NHSNumber: "9990000050", Email: "foreign@example.com",
	}
}

func (s clientsSuite) ctx() context.Context { return s.as(s.t.Context()) }

func (s clientsSuite) as(ctx context.Context) context.Context {
	if s.As == nil {
		return ctx
	}
	return s.As(ctx)
}

func (s clientsSuite) put(organisation adapters.OrganisationID, clients ...adapters.Client) []adapters.Client {
	s.t.Helper()
	stored := s.Put(s.t, organisation, clients...)
	require.Len(s.t, stored, len(clients), "the harness's Put must return every client that it stored")
	for i, client := range stored {
		want := []any{clients[i].Name, clients[i].NHSNumber, clients[i].Restricted, clients[i].Deceased}
		require.Equal(s.t, want, []any{client.Name, client.NHSNumber, client.Restricted, client.Deceased},
			"a directory holds at least name, NHS number, restricted and deceased")
	}
	return stored
}

func (s clientsSuite) get(ids ...adapters.ClientID) map[adapters.ClientID]adapters.Client {
	s.t.Helper()
	found, err := s.Clients.Get(s.ctx(), s.Organisation, ids)
	require.NoError(s.t, err, "the port asks: a client that is not found is left out, that is not an error")
	return found
}

func (s clientsSuite) search(query string, limit int) []adapters.ClientID {
	s.t.Helper()
	found, err := s.Clients.Search(s.ctx(), s.Organisation, query, limit)
	require.NoError(s.t, err)
	require.LessOrEqual(s.t, len(found), limit, "the port asks: Search returns at most limit clients")
	return idsOf(found)
}

func idsOf(clients []adapters.Client) []adapters.ClientID {
	ids := make([]adapters.ClientID, 0, len(clients))
	for _, client := range clients {
		ids = append(ids, client.ID)
	}
	return ids
}

func clientsGet(t *testing.T, s clientsSuite) {
	stored := s.put(s.Organisation, people()...)
	found := s.get(idsOf(stored)...)
	require.Len(t, found, len(stored),
		"the port asks: Get returns those of the given clients that exist, restricted and deceased ones too")
	for _, want := range stored {
		got := found[want.ID]
		want.ProfileURL, got.ProfileURL = "", ""
		if len(got.Objects) == 0 && len(want.Objects) == 0 {
			want.Objects, got.Objects = nil, nil
		}
		if len(got.Needs) == 0 && len(want.Needs) == 0 {
			want.Needs, got.Needs = nil, nil
		}
		require.Equal(t, want, got, "the port asks: a client as the directory knows them now, keyed by id")
	}
	one := s.get(stored[0].ID, stored[0].ID)
	require.Len(t, one, 1, "Get returns the clients that were asked for and no others")
	require.Contains(t, one, stored[0].ID)
	require.Empty(t, s.get(), "Get of no ids returns no clients")
}

// A name's first word may be a surname or a title: "Hello OKAFOR," is worse than the whole name.
func clientsFirstNames(t *testing.T, s clientsSuite) {
	stored := s.put(s.Organisation,
		adapters.Client{ID: "surname", Name: "OKAFOR, Grace (Mrs)", NHSNumber: "9990000018"},
		adapters.Client{ID: "title", Name: "Dr. O'Neil", NHSNumber: "9990000026"})
	for id, client := range s.get(idsOf(stored)...) {
		first, _, _ := strings.Cut(client.Name, " ")
		require.NotEqual(t, strings.Trim(first, ",."), strings.Trim(client.FirstName, ",. "),
			"the port asks: FirstName is what the directory has for one, else empty, and no word of the name; for %s", id)
	}
}

func clientsLeftOut(t *testing.T, s clientsSuite) {
	stored := s.put(s.Organisation, people()[0])
	found := s.get("nobody-has-this-id", stored[0].ID, "'; --", "ω-%_")
	require.Len(t, found, 1, "the port asks: a client that does not exist is left out")
	require.Contains(t, found, stored[0].ID)
}

func clientsOrganisations(t *testing.T, s clientsSuite) {
	ours := s.put(s.Organisation, people()[0])
	theirs := s.put(s.Other, foreigner())
	found := s.get(ours[0].ID, theirs[0].ID)
	if theirs[0].ID != ours[0].ID {
		require.NotContains(t, found, theirs[0].ID, "the port asks: an answer never holds anything of another organisation")
	}
	require.Equal(t, ours[0].Name, found[ours[0].ID].Name,
		"the port asks: an answer never holds anything of another organisation")
}

func clientsOnce(t *testing.T, s clientsSuite) {
	stored := s.put(s.Organisation, people()...)
	ids := idsOf(stored)
	for i := len(ids); i < 1000; i++ {
		ids = append(ids, adapters.ClientID(fmt.Sprintf("nobody-%d", i)))
	}
	one := asked(s.Queries, func() { s.get(ids[0]) })
	require.Positive(t, one, "the harness's Queries must count the queries that Get makes")
	all := asked(s.Queries, func() { require.Len(t, s.get(ids...), len(stored)) })
	require.LessOrEqual(t, all, one, "the port asks: Get asks the store once for all ids (up to 1,000), never once an id")
	few := asked(s.Queries, func() { require.Len(t, s.search("zephyrine", 1), 1) })
	more := asked(s.Queries, func() { require.Len(t, s.search("zephyrine", 100), len(stored)) })
	require.LessOrEqual(t, more, few, "many at once, never one query a row: Search too")
}

func clientsSearch(t *testing.T, s clientsSuite) {
	stored := s.put(s.Organisation, people()...)
	grace, tomasz := stored[0].ID, stored[1].ID
	for query, want := range map[string][]adapters.ClientID{
		"okafor zephyrine":   {grace},
		"OKAFOR":             {grace},
		"  grace   okafor  ": {grace},
		"kafo":               {grace},
		"tomasz okafor":      {},
		"zephyrine-n":        {tomasz},
	} {
		require.ElementsMatch(t, want, s.search(query, 100),
			"the port asks: the name contains every word of the query, case ignored; for %q", query)
	}
}

func clientsSearchNumber(t *testing.T, s clientsSuite) {
	stored := s.put(s.Organisation, people()...)
	require.Equal(t, []adapters.ClientID{stored[0].ID}, s.search("9990000018", 100),
		"the port asks: Search finds an NHS number")
	require.Equal(t, []adapters.ClientID{stored[0].ID}, s.search("999 000 0018", 100))
	if s.WholeNumbers {
		require.Empty(t, s.search("99900 0001", 100), "the harness says that only whole numbers are found")
		return
	}
	require.Equal(t, []adapters.ClientID{stored[0].ID}, s.search("99900 0001", 100),
		"the port asks: … that starts with the query's digits")
	require.ElementsMatch(t, idsOf(stored), s.search("9990000", 100))
	require.Empty(t, s.search("0000018", 100), "the port asks: an NHS number that *starts* with the digits")
}

func clientsSearchLiteral(t *testing.T, s clientsSuite) {
	stored := s.put(s.Organisation,
		adapters.Client{ID: "percent", Name: "Zephyrine 100% Sure", NHSNumber: "9990000018"},
		adapters.Client{ID: "plain", Name: "Zephyrine 1000 Sure", NHSNumber: "9990000026"},
		adapters.Client{ID: "under", Name: "Zephyrine A_B", NHSNumber: "9990000034"},
		adapters.Client{ID: "letter", Name: "Zephyrine AxB", NHSNumber: "9990000042"},
		adapters.Client{ID: "quote", Name: "Zephyrine O'Neill", NHSNumber: "9990000050"})
	for query, want := range map[string][]adapters.ClientID{
		"100%":       {stored[0].ID},
		"z%e":        {},
		"%":          {stored[0].ID},
		"a_b":        {stored[2].ID},
		"o'neill":    {stored[4].ID},
		`\`:          {},
		`zephyrine\`: {},
	} {
		require.ElementsMatch(t, want, s.search(query, 100),
			"the port asks: query is literal text; %% and _ mean themselves; for %q", query)
	}
}

func clientsSearchLimit(t *testing.T, s clientsSuite) {
	clients := make([]adapters.Client, 0, 30)
	for i := range 30 {
		clients = append(clients,
			adapters.Client{ID: adapters.ClientID(fmt.Sprintf("same-%d", i*7%30)), Name: "Ada Zephyrine"})
	}
	stored := s.Put(t, s.Organisation, clients...)
	all := s.search("zephyrine", 100)
	require.ElementsMatch(t, idsOf(stored), all)
	for range 5 {
		require.Equal(t, all, s.search("zephyrine", 100),
			"the port asks: an order that is the same each time, for equal names too")
	}
	require.Equal(t, all[:10], s.search("zephyrine", 10), "the port asks: a smaller limit cuts the same order")
	require.Equal(t, all[:1], s.search("zephyrine", 1))
}

func clientsSearchOrganisations(t *testing.T, s clientsSuite) {
	ours := s.put(s.Organisation, people()[0])
	s.put(s.Other, foreigner())
	for _, query := range []string{"zephyrine", "foreign", "9990000050", "grace"} {
		found := s.search(query, 100)
		require.Subset(t, idsOf(ours), found, "the port asks: an answer never holds anything of another organisation")
	}
}

func clientsHidden(t *testing.T, s clientsSuite) {
	stored := s.put(s.Organisation, people()...)
	hidden := stored[0].ID
	if s.Hide == nil {
		require.Contains(t, s.search("okafor", 100), hidden)
		return
	}
	s.Hide(t, s.Organisation, hidden)
	require.NotContains(t, s.get(hidden), hidden, "the port asks: a client who may not be seen by the asker is left out")
	require.False(t, slices.Contains(s.search("okafor", 100), hidden),
		"the port asks: Search returns clients that the asker may see")
}

func clientsContext(t *testing.T, s clientsSuite) {
	stored := s.put(s.Organisation, people()...)
	endings(t, "Clients.Get", s.Stall, func(ctx context.Context) error {
		_, err := s.Clients.Get(s.as(ctx), s.Organisation, idsOf(stored))
		impersonal(t, err, personalOf(stored)...)
		return err
	})
	endings(t, "Clients.Search", s.Stall, func(ctx context.Context) error {
		_, err := s.Clients.Search(s.as(ctx), s.Organisation, "okafor", 10)
		impersonal(t, err, append(personalOf(stored), "okafor")...)
		return err
	})
}

func clientsTogether(t *testing.T, s clientsSuite) {
	stored := s.put(s.Organisation, people()...)
	together(t, "Clients", func(i int) error {
		want := stored[i%len(stored)]
		found, err := s.Clients.Get(s.ctx(), s.Organisation, []adapters.ClientID{want.ID})
		if err != nil {
			return err
		}
		if len(found) != 1 || found[want.ID].Name != want.Name {
			return fmt.Errorf("asked for one client, %d came back, or another one", len(found))
		}
		hits, err := s.Clients.Search(s.ctx(), s.Organisation, want.NHSNumber, 100)
		if err == nil && (len(hits) != 1 || hits[0].ID != want.ID) {
			return fmt.Errorf("searched for one client, %d came back, or another one", len(hits))
		}
		return err
	})
}

func personalOf(clients []adapters.Client) []string {
	words := []string{}
	for _, client := range clients {
		words = append(words, client.Name, client.NHSNumber, client.Email, client.Phone)
	}
	return words
}
