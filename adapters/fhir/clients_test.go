package fhir_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/fhir"
)

func newClients(t *testing.T, change func(*fhir.ClientsConfig)) (*peer, *fhir.Clients) {
	t.Helper()
	p := newPeer(t)
	config := fhir.ClientsConfig{Server: p.server(), Organisations: organisations()}
	if change != nil {
		change(&config)
	}
	clients, err := fhir.NewClients(config)
	require.NoError(t, err)
	return p, clients
}

func get(t *testing.T, clients *fhir.Clients, ids ...adapters.ClientID) map[adapters.ClientID]adapters.Client {
	t.Helper()
	found, err := clients.Get(t.Context(), "org-1", ids)
	require.NoError(t, err)
	return found
}

func TestReplacedPatients(t *testing.T) {
	t.Parallel()
	p, clients := newClients(t, nil)
	p.put(patient("now", "a", "9990000018", map[string]any{"birthDate": "1951-03-04"}))
	p.put(patient("before", "a", "9990000026", replacedBy("now")))
	p.put(patient("long-before", "a", "9990000034", replacedBy("before")))
	p.put(patient("gone", "a", "9990000042", map[string]any{"active": false}))
	p.put(patient("lost", "a", "9990000050", replacedBy("nowhere")))
	p.put(patient("moved", "a", "9990000069", replacedBy("theirs")))
	p.put(patient("theirs", "b", "9990000077", nil))
	p.put(patient("ring-1", "a", "9990000085", replacedBy("ring-2")))
	p.put(patient("ring-2", "a", "9990000093", replacedBy("ring-1")))

	found := get(t, clients, "now", "before", "long-before", "gone", "lost", "moved", "ring-1", "ring-2")
	require.Len(t, found, 3)
	for _, id := range []adapters.ClientID{"now", "before", "long-before"} {
		require.Equal(t, id, found[id].ID)
		require.Equal(t, "9990000018", found[id].NHSNumber, id)
	}
	hits, err := clients.Search(t.Context(), "org-1", "okafor", 100)
	require.NoError(t, err)
	require.Len(t, hits, 1, "only records in use are found")
	require.Equal(t, adapters.ClientID("now"), hits[0].ID)
}

func TestRestricted(t *testing.T) {
	t.Parallel()
	labels := map[adapters.ClientID]map[string]any{
		"none": {}, "u": security("U"), "r": security("R"), "v": security("V"),
		"redacted": security("REDACTED"), "n": security("N"),
		"other": {
			"security": []any{map[string]any{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HIV"}},
		},
	}
	for name, test := range map[string]struct {
		change     func(*fhir.ClientsConfig)
		restricted []adapters.ClientID
	}{
		"by default": {nil, []adapters.ClientID{"r", "v", "redacted", "n", "other"}},
		"a server that always labels": {
			func(c *fhir.ClientsConfig) { c.LabelsAlways = true },
			[]adapters.ClientID{"none", "r", "v", "redacted", "n", "other"},
		},
		"a server of normal ones": {func(c *fhir.ClientsConfig) {
			c.Unrestricted = []string{"U", "N"}
		}, []adapters.ClientID{"r", "v", "redacted", "other"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, clients := newClients(t, test.change)
			var ids []adapters.ClientID
			for id, meta := range labels {
				p.put(patient(string(id), "a", "9990000018", map[string]any{"meta": meta}))
				ids = append(ids, id)
			}
			var restricted []adapters.ClientID
			for id, client := range get(t, clients, ids...) {
				if client.Restricted {
					restricted = append(restricted, id)
				}
			}
			require.ElementsMatch(t, test.restricted, restricted)
		})
	}
}

func TestSurgeries(t *testing.T) {
	t.Parallel()
	p, clients := newClients(t, nil)
	identifier := []any{map[string]any{"system": odsSystem, "value": "Y12345"}}
	p.put(map[string]any{
		"resourceType": "Organization", "id": "gp", "name": "Riverside Surgery", "identifier": identifier,
	})
	p.put(map[string]any{
		"resourceType": "Practitioner", "id": "dr",
		"name": []any{map[string]any{"given": []string{"Ada"}, "family": "Bello"}},
	})
	p.put(map[string]any{
		"resourceType": "PractitionerRole", "id": "role", "organization": map[string]any{"reference": "Organization/gp"},
	})
	p.put(map[string]any{"resourceType": "PractitionerRole", "id": "named", "organization": map[string]any{
		"identifier": identifier[0], "display": "Hill Surgery",
	}})
	gp := func(reference map[string]any) []any { return []any{reference} }
	ref := func(to string) map[string]any { return map[string]any{"reference": to} }
	ended := map[string]any{
		"identifier": map[string]any{"system": odsSystem, "value": "Y99999", "period": map[string]any{"end": "2020-01-01"}},
	}
	want := map[adapters.ClientID]struct {
		references []any
		gp         adapters.GP
	}{
		"by-identifier": {gp(map[string]any{"identifier": identifier[0]}), adapters.GP{ODSCode: "Y12345"}},
		"with-display": {
			gp(map[string]any{"identifier": identifier[0], "display": "Riverside"}),
			adapters.GP{ODSCode: "Y12345", Name: "Riverside"},
		},
		"organisation":    {gp(ref("Organization/gp")), adapters.GP{ODSCode: "Y12345", Name: "Riverside Surgery"}},
		"practitioner":    {gp(ref("Practitioner/dr")), adapters.GP{Name: "Ada Bello"}},
		"role":            {gp(ref("PractitionerRole/role")), adapters.GP{ODSCode: "Y12345", Name: "Riverside Surgery"}},
		"role-identifier": {gp(ref("PractitionerRole/named")), adapters.GP{ODSCode: "Y12345", Name: "Hill Surgery"}},
		"display-only":    {gp(map[string]any{"display": "The surgery in town"}), adapters.GP{Name: "The surgery in town"}},
		"missing": {
			gp(map[string]any{"reference": "Organization/none", "display": "As it was"}), adapters.GP{Name: "As it was"},
		},
		"elsewhere": {gp(ref("https://elsewhere.example.org/Organization/gp")), adapters.GP{}},
		"ended":     {gp(ended), adapters.GP{}},
		"practice-not-doc": {
			[]any{ended, ref("Practitioner/dr"), ref("Organization/gp")},
			adapters.GP{ODSCode: "Y12345", Name: "Riverside Surgery"},
		},
		"none": {nil, adapters.GP{}},
	}
	var ids []adapters.ClientID
	for id, test := range want {
		more := map[string]any{}
		if test.references != nil {
			more["generalPractitioner"] = test.references
		}
		p.put(patient(string(id), "a", "9990000018", more))
		ids = append(ids, id)
	}
	contained := patient("contained", "a", "9990000018", map[string]any{
		"contained": []any{
			map[string]any{"resourceType": "Organization", "id": "inside", "name": "Inside Surgery", "identifier": identifier},
		},
		"generalPractitioner": gp(ref("#inside")),
	})
	p.put(contained)
	before := len(p.noted())
	found := get(t, clients, append(ids, "contained")...)
	require.Equal(t, 4, len(p.noted())-before, "one request each for patients, roles, organisations and practitioners")
	for id, test := range want {
		require.Equal(t, test.gp, found[id].GP, id)
	}
	require.Equal(t, adapters.GP{ODSCode: "Y12345", Name: "Inside Surgery"}, found["contained"].GP)
}

func TestClientsByTheHostsIdentifier(t *testing.T) {
	t.Parallel()
	const own = "https://cms.example.org/client"
	p, clients := newClients(t, func(c *fhir.ClientsConfig) {
		c.IdentifierSystem = own
		c.ProfileURL = func(id adapters.ClientID) string { return "/clients/" + url.PathEscape(string(id)) }
	})
	with := func(id, value string, more map[string]any) map[string]any {
		resource := patient(id, "a", "9990000018", more)
		resource["identifier"] = []any{
			map[string]any{"system": own, "value": value}, map[string]any{"system": nhsSystem, "value": "9990000018"},
		}
		return resource
	}
	p.put(with("p1", "c-1", nil))
	p.put(with("p2", "c-2", nil))
	p.put(with("p2-again", "c-2", nil))
	p.put(with("p3-old", "c-3", map[string]any{"active": false}))
	p.put(with("p3", "c-3", nil))
	p.put(with("p4", "c-4", replacedBy("p5")))
	p.put(with("p5", "c-5", nil))
	p.put(patient("no-id", "a", "9990000026", nil))
	found := get(t, clients, "c-1", "c-2", "c-3", "c-4", "p1", "", "c-1,c-2", "|")
	require.Len(t, found, 3, "two that share an id are nobody")
	require.Equal(t, "/clients/c-1", found["c-1"].ProfileURL)
	require.Contains(t, found, adapters.ClientID("c-3"))
	require.Equal(t, adapters.ClientID("c-4"), found["c-4"].ID)
	hits, err := clients.Search(t.Context(), "org-1", "9990000026", 10)
	require.NoError(t, err)
	require.Empty(t, hits, "a patient without the host's id is not the host's client")
}

func TestVerify(t *testing.T) {
	t.Parallel()
	p, clients := newClients(t, nil)
	p.put(patient("grace", "a", "9990000018", map[string]any{"birthDate": "1951-03-04"}))
	p.put(patient("gone", "a", "9990000018", map[string]any{"birthDate": "1951-03-04", "active": false}))
	p.put(patient("twin-1", "a", "9990000026", map[string]any{"birthDate": "1951-03-04"}))
	p.put(patient("twin-2", "a", "9990000026", map[string]any{"birthDate": "1951-03-04"}))
	p.put(patient("theirs", "b", "9990000034", map[string]any{"birthDate": "1951-03-04"}))
	client, err := clients.Verify(t.Context(), "org-1", "999 000 0018", "1951-03-04")
	require.NoError(t, err)
	require.Equal(t, adapters.ClientID("grace"), client.ID)
	require.Equal(t, "1951-03-04", client.DateOfBirth)
	for _, ask := range [][2]string{
		{"9990000018", "1951-03-05"},
		{"9990000018", ""},
		{"9990000019", "1951-03-04"},
		{"9990000026", "1951-03-04"},
		{"9990000034", "1951-03-04"},
		{"9990000042", "1951-03-04"},
		{"", ""},
	} {
		_, err := clients.Verify(t.Context(), "org-1", ask[0], ask[1])
		require.ErrorIs(t, err, adapters.ErrNotFound, ask)
	}
}

// TestServersThatIgnoreParameters: the answer is looked through again, since it would hold other organisations'
// clients.
func TestServersThatIgnoreParameters(t *testing.T) {
	t.Parallel()
	p, clients := newClients(t, nil)
	p.put(patient("ours", "a", "9990000018", nil))
	p.put(patient("theirs", "b", "9990000026", nil))
	p.put(patient("nobodys", "", "9990000034", nil))
	p.set(func(_ http.ResponseWriter, r *http.Request) bool {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader("")), 0
		return false
	}, nil)
	found := get(t, clients, "ours", "theirs", "nobodys")
	require.Len(t, found, 1)
	require.Contains(t, found, adapters.ClientID("ours"))
	require.Equal(t, "handling=strict", p.noted()[0].header.Get("Prefer"))
	hits, err := clients.Search(t.Context(), "org-1", "okafor", 10)
	require.NoError(t, err)
	require.Len(t, hits, 1)
	unknown, err := clients.Get(t.Context(), "org-unknown", []adapters.ClientID{"ours"})
	require.NoError(t, err)
	require.Empty(t, unknown)
}

func TestTheWholeServerMayBeOneOrganisations(t *testing.T) {
	t.Parallel()
	p, clients := newClients(t, func(c *fhir.ClientsConfig) {
		c.Organisations = map[adapters.OrganisationID]string{"org-1": ""}
	})
	p.put(patient("grace", "", "9990000018", nil))
	require.Contains(t, get(t, clients, "grace"), adapters.ClientID("grace"))
}

func TestNothingPersonalStandsInAnAddress(t *testing.T) {
	t.Parallel()
	p, clients := newClients(t, nil)
	p.put(patient("grace", "a", "9990000018", map[string]any{"birthDate": "1951-03-04"}))
	get(t, clients, "grace")
	for _, query := range []string{"okafor", "9990000018"} {
		_, err := clients.Search(t.Context(), "org-1", query, 10)
		require.NoError(t, err)
	}
	_, err := clients.Verify(t.Context(), "org-1", "9990000018", "1951-03-04")
	require.NoError(t, err)
	for _, request := range p.noted() {
		require.Equal(t, "/Patient/_search", request.uri)
		require.Equal(t, http.MethodPost, request.method)
		require.Contains(t, request.body, "organization=Organization%2Fa")
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	p, clients := newClients(t, nil)
	next := func(to string, ids ...string) string {
		var entry []any
		for _, id := range ids {
			entry = append(entry, map[string]any{"resource": patient(id, "a", "9990000018", nil)})
		}
		entry = append(entry, map[string]any{"resource": map[string]any{"resourceType": "OperationOutcome"}})
		bundle, err := json.Marshal(map[string]any{
			"resourceType": "Bundle", "entry": entry, "link": []any{map[string]any{"relation": "next", "url": to}},
		})
		require.NoError(t, err)
		return string(bundle)
	}
	serve := func(pages func(r *http.Request) string) {
		p.set(func(w http.ResponseWriter, r *http.Request) bool { _, _ = io.WriteString(w, pages(r)); return true }, nil)
	}
	serve(func(r *http.Request) string {
		if r.Method == http.MethodPost {
			return next(p.gate.URL+"?page=2", "one", "two")
		}
		require.Equal(t, "Bearer "+secret, r.Header.Get("Authorization"))
		return next("", "three")
	})
	require.Len(t, get(t, clients, "one", "two", "three"), 3)
	hits, err := clients.Search(t.Context(), "org-1", "okafor", 1)
	require.NoError(t, err)
	require.Len(t, hits, 1)

	serve(func(r *http.Request) string {
		if r.Method == http.MethodPost {
			return next(p.gate.URL+"?page=2", "one") + strings.Repeat(" ", 20<<20)
		}
		return next("", "two") + strings.Repeat(" ", 13<<20)
	})
	_, err = clients.Get(t.Context(), "org-1", []adapters.ClientID{"one", "two"})
	require.ErrorContains(t, err, "longer than", "all pages together have the bound of one")

	for _, elsewhere := range []string{"https://elsewhere.example.org/page", p.gate.URL + "0/page"} {
		serve(func(*http.Request) string { return next(elsewhere, "one") })
		_, err := clients.Get(t.Context(), "org-1", []adapters.ClientID{"one"})
		require.ErrorIs(t, err, adapters.ErrConfiguration, "credentials go nowhere else")
	}
	before := len(p.noted())
	serve(func(*http.Request) string { return next(p.gate.URL+"/again", "one") })
	_, err = clients.Get(t.Context(), "org-1", []adapters.ClientID{"one"})
	require.ErrorIs(t, err, adapters.ErrConfiguration)
	require.Equal(t, 50, len(p.noted())-before, "pages end")
}

// TestOnePatientThatCannotBeRead: the others' messages don't wait for it, nor for a surgery. Where there is nobody else
// it is trouble, not a client who is gone.
func TestOnePatientThatCannotBeRead(t *testing.T) {
	t.Parallel()
	p, clients := newClients(t, nil)
	bundle := func(patients ...map[string]any) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "Organization") {
				patients = []map[string]any{{"resourceType": "Organization", "id": "a", "identifier": 5}}
			}
			var entry []any
			for _, patient := range patients {
				entry = append(entry, map[string]any{"resource": patient})
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"resourceType": "Bundle", "entry": entry})
			return true
		}
	}
	good := patient("good", "a", "9990000018", map[string]any{
		"generalPractitioner": []any{map[string]any{"reference": "Organization/a", "display": "Riverside"}},
	})
	bad := patient("bad", "a", "9990000026", map[string]any{"meta": 5})
	p.set(bundle(bad, good), nil)
	found := get(t, clients, "bad", "good")
	require.Len(t, found, 1)
	require.Equal(t, "Riverside", found["good"].GP.Name)
	p.set(bundle(bad), nil)
	_, err := clients.Get(t.Context(), "org-1", []adapters.ClientID{"bad"})
	require.Error(t, err)
	require.NotErrorIs(t, err, adapters.ErrConfiguration)
}

// TestAPatientOfSeveralIdentifiers is found by each that holds now.
func TestAPatientOfSeveralIdentifiers(t *testing.T) {
	t.Parallel()
	p, clients := newClients(t, func(c *fhir.ClientsConfig) { c.IdentifierSystem = "https://host.example.org/id" })
	id := func(value string, more map[string]any) map[string]any {
		identifier := map[string]any{"system": "https://host.example.org/id", "value": value}
		for key, value := range more {
			identifier[key] = value
		}
		return identifier
	}
	p.put(patient("p1", "a", "9990000018", map[string]any{"identifier": []any{
		id("ended", map[string]any{"period": map[string]any{"end": "2020-01-01"}}),
		id("old", map[string]any{"use": "old"}), id("c-1", nil), id("c-2", nil),
	}}))
	found := get(t, clients, "c-1", "c-2", "old", "ended")
	require.Len(t, found, 2)
	require.Equal(t, adapters.ClientID("c-2"), found["c-2"].ID)
	require.Contains(t, found, adapters.ClientID("c-1"))
	hits, err := clients.Search(t.Context(), "org-1", "okafor", 10)
	require.NoError(t, err)
	require.Len(t, hits, 1)
	require.Equal(t, adapters.ClientID("c-1"), hits[0].ID)
}

func TestClientsErrors(t *testing.T) {
	t.Parallel()
	p, clients := newClients(t, nil)
	for status, want := range map[int]error{
		301: adapters.ErrConfiguration, 400: adapters.ErrConfiguration, 401: adapters.ErrConfiguration,
		404: adapters.ErrConfiguration,
		500: nil, 503: nil,
	} {
		p.set(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(status); return true }, nil)
		_, err := clients.Get(t.Context(), "org-1", []adapters.ClientID{"grace"})
		require.Error(t, err)
		if want != nil {
			require.ErrorIs(t, err, want)
			continue
		}
		require.NotErrorIs(t, err, adapters.ErrConfiguration)
	}
	p.set(func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}, nil)
	_, err := clients.Search(t.Context(), "org-1", "okafor", 10)
	var limited *adapters.RateLimitError
	require.ErrorAs(t, err, &limited)
	require.True(t, limited.Until.IsZero())
	for _, body := range []string{
		"", "<html>", `{"resourceType":"Patient"}`,
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","name":5}}]}`,
	} {
		p.set(func(w http.ResponseWriter, _ *http.Request) bool { _, _ = io.WriteString(w, body); return true }, nil)
		_, err := clients.Search(t.Context(), "org-1", "okafor", 10)
		require.Error(t, err, body)
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	server := newPeer(t).server()
	for name, config := range map[string]fhir.ClientsConfig{
		"no server":        {Organisations: organisations()},
		"no organisations": {Server: server},
		"no reference":     {Server: server, Organisations: map[adapters.OrganisationID]string{"org-1": "a"}},
	} {
		_, err := fhir.NewClients(config)
		require.Error(t, err, name)
	}
	for _, base := range []string{
		"", "fhir.example.org", "http://fhir.example.org/R4", "https://user:pass@fhir.example.org",
	} {
		_, err := fhir.NewServer(fhir.ServerConfig{BaseURL: base})
		require.Error(t, err, base)
	}
}

func TestCredentialsAreNeverShown(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	config := fhir.ServerConfig{BaseURL: p.gate.URL, Token: fhir.Bearer(secret)}
	server := p.server()
	clients, err := fhir.NewClients(fhir.ClientsConfig{Server: server, Organisations: organisations()})
	require.NoError(t, err)
	record := p.record(nil)
	printed := fmt.Sprintf("%+v %#v %+v %+v %+v %#v %+v %+v", config, config, server, *server, clients, clients, record,
		*record)
	require.NotContains(t, printed, secret)

	refuses, err := fhir.NewServer(fhir.ServerConfig{BaseURL: p.gate.URL, Token: fhir.Bearer("two\nlines " + secret)})
	require.NoError(t, err)
	clients, err = fhir.NewClients(fhir.ClientsConfig{Server: refuses, Organisations: organisations()})
	require.NoError(t, err)
	_, err = clients.Get(t.Context(), "org-1", []adapters.ClientID{"grace"})
	require.Error(t, err)
	require.NotContains(t, err.Error(), secret)
}

func TestRedirectsGetNoCredentials(t *testing.T) {
	t.Parallel()
	p, elsewhere := newPeer(t), newPeer(t)
	clients, err := fhir.NewClients(fhir.ClientsConfig{Server: p.server(), Organisations: organisations()})
	require.NoError(t, err)
	p.set(func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, elsewhere.gate.URL+r.URL.Path, http.StatusTemporaryRedirect)
		return true
	}, nil)
	_, err = clients.Get(t.Context(), "org-1", []adapters.ClientID{"grace"})
	require.ErrorIs(t, err, adapters.ErrConfiguration)
	require.Empty(t, elsewhere.noted())
}
