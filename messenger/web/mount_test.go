package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

// A host's own types, in the same API.
type (
	Message struct {
		Text string `json:"text"`
	}
	Client struct {
		Message Message `json:"message"`
	}
	Staff struct {
		Client Client `json:"client"`
	}
)

func hostOperations(api huma.API) {
	type out struct{ Body Staff }
	huma.Register(api, huma.Operation{OperationID: "me", Method: http.MethodGet, Path: "/me"},
		func(context.Context, *struct{}) (*out, error) {
			return &out{Staff{Client{Message{"the host's own"}}}}, nil
		})
	huma.Register(api, huma.Operation{OperationID: "host-fails", Method: http.MethodGet, Path: "/fails"},
		func(context.Context, *struct{}) (*out, error) {
			return nil, huma.Error400BadRequest("the host's own error")
		})
}

// A host with types named Message, Client and Staff in the same Huma API starts, serves, and keeps its own errors.
func TestHostWithItsOwnTypes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("Host", "1"))
	hostOperations(api)
	web.MountStaff(huma.NewGroup(api, "/deep/er/messenger"), w.Messenger)
	web.MountPublic(huma.NewGroup(api, "/short"), w.Messenger)
	mux.Handle("/deep/er/messenger/", web.StaffFallback("/deep/er/messenger"))
	server := httptest.NewServer(signIn(mux))
	t.Cleanup(server.Close)

	got := call(t, "amira", http.MethodGet, server.URL+"/me", "")
	require.Equal(t, 200, got.status)
	require.Contains(t, got.body, "the host's own")
	got = call(t, "amira", http.MethodGet, server.URL+"/deep/er/messenger/me", "")
	require.Equal(t, 200, got.status)
	require.Contains(t, got.body, "Amira Shah")
	got = call(t, "amira", http.MethodGet, server.URL+"/fails", "")
	require.Equal(t, 400, got.status)
	require.Contains(t, got.body, "the host's own error")

	th := w.newThread(t)
	require.Equal(t, 200, call(t, "amira", http.MethodGet, server.URL+"/deep/er/messenger/channels/"+th.channel.ID.String(), "").status)
	page := call(t, "", http.MethodGet, server.URL+"/short/r/"+th.token, "")
	require.Equal(t, 200, page.status)
	requireStyle(t, server.URL+"/short/r/"+th.token, page)

	// The host's schema links, Link headers and all, leave problem documents alone.
	got = call(t, "amira", http.MethodPost, server.URL+"/deep/er/messenger/clients/c-1/messages", `{"medium": "`+marker+`", "body": 1}`)
	require.Equal(t, "invalid", requireProblem(t, got))
	requireSilent(t, "host", got.body)
	require.NotContains(t, got.body, "$schema")

	var doc document
	require.NoError(t, json.Unmarshal([]byte(call(t, "", http.MethodGet, server.URL+"/openapi.json", "").body), &doc))
	require.Contains(t, doc.Components.Schemas, "Message")
	require.Contains(t, doc.Components.Schemas, "MessengerMessage")
	require.Contains(t, doc.Paths, "/deep/er/messenger/me")
	require.NotContains(t, doc.Paths, "/short/r/{token}")
}

// What the router itself answers is a problem document too, under any prefix.
func TestNoSuchOperation(t *testing.T) {
	t.Parallel()
	w := setup(t)
	mux := http.NewServeMux()
	mux.Handle("/a/b/", web.StaffFallback("/a/b"))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for _, base := range []string{w.url + "/messenger/api", server.URL + "/a/b"} {
		for _, path := range []string{"/", "/nothing", "/me/" + marker, "/channels", "/channels/x/y/z", "/channel/x"} {
			got := call(t, "amira", http.MethodGet, base+path, "")
			require.Equal(t, "not_found", requireProblem(t, got), path)
			requireSilent(t, path, got.body)
		}
		for path, allow := range map[string]string{
			"/me": "GET, HEAD", "/clients/x/draft": "DELETE, PUT", "/channels/x/status": "PUT", "/channels/x/messages": "GET, HEAD, POST",
		} {
			got := call(t, "amira", http.MethodPatch, base+path, "")
			require.Equal(t, "method_not_allowed", requireProblem(t, got), path)
			require.Equal(t, allow, got.header.Get("Allow"), path)
		}
	}
	// A host's router that gives HEAD to nobody but the fallback.
	got := call(t, "amira", http.MethodHead, server.URL+"/a/b/me", "")
	require.Equal(t, 405, got.status)
	require.Equal(t, "GET", got.header.Get("Allow"))
	for _, path := range []string{"//me", "/./me", "/x/../me"} { // what ServeMux would redirect
		got := httptest.NewRecorder()
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.URL.Path = path
		web.StaffHandler(w.Messenger).ServeHTTP(got, request)
		require.Equal(t, 404, got.Code, path)
	}
}

// Other sites' pages do not write with a host's cookie; the public URL's do.
func TestCrossSite(t *testing.T) {
	t.Parallel()
	w := setup(t)
	north := w.organisation(t)
	north.PublicURL = "https://north.example.org/m"
	w.orgs.Put(north)
	th := w.newThread(t)
	path := w.api("/clients/" + string(th.client) + "/draft")
	host := strings.TrimPrefix(w.url, "http://")
	for _, row := range []struct {
		name    string
		headers []string
		want    int
	}{
		{"no browser", nil, 200},
		{"same origin", []string{"Origin", "http://" + host, "Sec-Fetch-Site", "same-origin"}, 200},
		{"an old browser", []string{"Origin", "http://" + host}, 200},
		{"the public URL", []string{"Origin", "http://reply.example.org", "Sec-Fetch-Site", "cross-site"}, 200},
		{"the organisation's public URL", []string{"Origin", "https://north.example.org", "Sec-Fetch-Site", "same-site"}, 200},
		{"another site", []string{"Origin", "https://" + marker + ".example.org", "Sec-Fetch-Site", "cross-site"}, 403},
		{"a sister site", []string{"Origin", "https://x.example.org", "Sec-Fetch-Site", "same-site"}, 403},
		{"another site in an old browser", []string{"Origin", "https://other.example.org"}, 403},
		{"a sandbox", []string{"Origin", "null"}, 403},
		{"no origin", []string{"Sec-Fetch-Site", "cross-site"}, 403},
	} {
		t.Run(row.name, func(t *testing.T) {
			stored := w.stored(t)
			got := call(t, "amira", http.MethodPut, path, `{"medium": "sms", "body": "`+row.name+`"}`, row.headers...)
			require.Equal(t, row.want, got.status, row.name)
			if row.want != 200 {
				require.Equal(t, "cross_site", requireProblem(t, got))
				require.Equal(t, stored, w.stored(t))
				requireSilent(t, row.name, got.body)
				require.Equal(t, 200, call(t, "amira", http.MethodGet, w.api("/me"), "", row.headers...).status, row.name)
				require.Equal(t, 401, call(t, "", http.MethodPut, path, `{}`, row.headers...).status, row.name)
			}
		})
	}
}

func TestOrganisationChanged(t *testing.T) {
	t.Parallel()
	w := setup(t)
	require.Equal(t, 200, call(t, "amira", http.MethodGet, w.api("/me"), "", "Messenger-Organisation", "north").status)
	require.Equal(t, 200, call(t, "amira", http.MethodGet, w.api("/me"), "").status)
	got := call(t, "amira", http.MethodGet, w.api("/me"), "", "Messenger-Organisation", "south")
	require.Equal(t, "organisation_changed", requireProblem(t, got))
	require.NotContains(t, got.body, "Amira")
	// Who is not signed in learns nothing by it.
	require.Equal(t, 401, call(t, "", http.MethodGet, w.api("/me"), "", "Messenger-Organisation", "south").status)
}

// What goes wrong inside is logged and hidden.
func TestFaultsAreHidden(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	w.clients.FailNext(errors.New("directory of " + marker))
	got := call(t, "amira", http.MethodGet, w.api("/clients/"+string(th.client)), "")
	require.Equal(t, "unavailable", requireProblem(t, got))
	requireSilent(t, "directory", got.body)
	w.staff.FailNext(errors.New("sessions of " + marker))
	got = call(t, "amira", http.MethodGet, w.api("/me"), "")
	require.Equal(t, "unavailable", requireProblem(t, got))
	requireSilent(t, "staff", got.body)

	w.exec(t, "alter table messenger_history rename to hidden")
	got = call(t, "amira", http.MethodGet, w.api("/channels/"+th.channel.ID.String()+"/history"), "")
	require.Equal(t, "internal", requireProblem(t, got))
	require.NotContains(t, got.body, "messenger_history")
	requireSilent(t, "database", got.body)
	require.Contains(t, w.log.String(), "messenger-list-history")
	w.exec(t, "alter table hidden rename to messenger_history")

	w.exec(t, "alter table messenger_channels rename to hidden")
	page := call(t, "", http.MethodGet, w.url+"/m/r/"+th.token, "")
	require.Equal(t, 500, page.status)
	require.Contains(t, page.body, "Sorry, there is a problem")
	requireSilent(t, "page", page.body)
	w.exec(t, "alter table hidden rename to messenger_channels")
}

func (w *world) organisation(tb testing.TB) adapters.Organisation {
	tb.Helper()
	organisation, err := w.orgs.Get(context.Background(), north)
	require.NoError(tb, err)
	return organisation
}

// What another site's page asks for leaves no line in a history: its reader has looked at nothing. What leaves none is
// answered as ever.
func TestNoOtherSiteLeavesALine(t *testing.T) {
	t.Parallel()
	_, documented := setup(t).document(t)
	for id, row := range operations() {
		if documented[id].method != http.MethodGet {
			continue
		}
		if id == "messenger-list-notifications" {
			row.before = `insert into messenger_absences
				(id, organisation_id, staff_id, starts_at, cover_staff_id, cover_name, note)
				select gen_random_uuid(), organisation_id, 'amira', now() - interval '1 day', 'ben', 'Ben Hughes', ''
				from messenger_messages where id = $1`
		}
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			w.staff.Add(adapters.Member{
				ID: "ben", Name: "Ben Hughes", Organisation: north, Media: []adapters.Medium{adapters.Email}, Exports: true,
			})
			w.lists.Put(north, adapters.List{ID: "l-1", Name: "Walking group"}, w.newClient())
			path, _ := w.ready(t, row)
			if id == "messenger-list-broadcast-failed" { // ben's own, of which a channel was handed over to amira
				sent, err := w.SendBroadcast(memory.SignIn(context.Background(), "ben"), messenger.BroadcastParams{
					Medium: adapters.Email, Subject: "Hello", Body: "How are you?", Clients: []adapters.ClientID{w.newClient()},
				})
				require.NoError(t, err)
				w.exec(t, `update messenger_messages set broadcast_id = $1, delivery_status = 'failed',
					delivery_reason = 'wrong_contact', delivery_attention = 'delivery_failed' where direction = 'outbound'`, sent.ID)
				path = "/broadcasts/" + sent.ID.String() + "/failed"
			}
			lines := func() (n int) {
				const query = `select count(*) from (select action from messenger_history
					union all select action from messenger_inbox_history) h where action in ('looked', 'exported')`
				require.NoError(t, w.pool.QueryRow(t.Context(), query).Scan(&n))
				return n
			}
			other := call(t, "ben", http.MethodGet, w.api(path), "", "Sec-Fetch-Site", "cross-site")
			require.Zero(t, lines())
			own := call(t, "ben", http.MethodGet, w.api(path), "", "Sec-Fetch-Site", "same-origin")
			if row.want[2] < 400 || id == "messenger-export-client" {
				require.Less(t, own.status, 400)
			}
			if lines() == 0 {
				require.NotEqual(t, "messenger-list-broadcast-failed", id)
				require.Equal(t, own.status, other.status)
				return
			}
			require.Equal(t, http.StatusForbidden, other.status)
			require.Equal(t, "cross_site", requireProblem(t, other))
			require.NotContains(t, other.body, "Grace")
		})
	}
}
