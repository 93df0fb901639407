// Package mounts shows that the HTTP part works in a router that the module itself knows nothing of.
package mounts

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

func mounted(t *testing.T) (m *messenger.Messenger, url string) {
	t.Helper()
	staff, clients := memory.NewStaff(), memory.NewClients()
	staff.Add(adapters.Member{
		ID: "amira", Name: "Amira Shah", Organisation: "north", Media: []adapters.Medium{adapters.Email},
	})
	clients.Put("north", adapters.Client{ID: "c/1 %2F é", Name: "Grace Okafor", Email: "grace@example.org"})
	m, err := messenger.New(messenger.Config{
		Pool: migrationtest.Pool(t), Staff: staff, Clients: clients, Email: memory.NewSender("memory"),
		PublicURL: "http://example.org/m",
		LinkKeys:  []messenger.LinkKey{{ID: "k1", Key: []byte("0123456789abcdef0123456789abcdef")}},
		Logger:    slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)

	router := chi.NewRouter()
	router.Use(memory.SignedIn(func(r *http.Request) adapters.StaffID {
		return adapters.StaffID(r.Header.Get("X-Staff"))
	}))
	api := humachi.New(router, huma.DefaultConfig("Host", "1"))
	web.MountStaff(huma.NewGroup(api, "/messenger/api"), m)
	web.MountPublic(huma.NewGroup(api, "/m"), m)
	router.Handle("/messenger/api/*", web.StaffFallback("/messenger/api"))
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	return m, server.URL
}

func call(t *testing.T, method, url, body, kind string) (status int, text string, header http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("X-Staff", "amira")
	request.Header.Set("Content-Type", kind)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	raw, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(raw), response.Header
}

// The staff API in chi: host ids of any characters, problem documents also where the router has no route.
func TestStaffInChi(t *testing.T) {
	t.Parallel()
	_, url := mounted(t)
	api := url + "/messenger/api"
	status, text, _ := call(t, http.MethodGet, api+"/me", "", "")
	require.Equal(t, 200, status, text)
	status, text, _ = call(t, http.MethodPost, api+"/clients/c%2F1%20%252F%20%C3%A9/messages",
		`{"medium": "email", "subject": "Hello", "body": "How are you?"}`, "application/json")
	require.Equal(t, 202, status, text)
	require.Contains(t, text, `"client_id":"c/1 %2F é"`)
	for path, want := range map[string]int{"/nothing": 404, "/me/x": 404, "/channels/%00": 422, "/channels/x": 404} {
		status, text, header := call(t, http.MethodGet, api+path, "", "")
		require.Equal(t, want, status, path)
		require.Equal(t, "application/problem+json", header.Get("Content-Type"), text)
	}
	status, text, header := call(t, http.MethodDelete, api+"/me", "", "")
	require.Equal(t, 405, status)
	require.Equal(t, "GET, HEAD", header.Get("Allow"))
	require.Contains(t, text, `"code":"method_not_allowed"`)
	status, _, _ = call(t, http.MethodPost, api+"/clients/x/messages", `{"medium": 1}`, "application/json")
	require.Equal(t, 422, status)
}

// The public part in chi: page, style, reply, receipt, calm page.
func TestPublicInChi(t *testing.T) {
	t.Parallel()
	m, url := mounted(t)
	amira := memory.SignIn(context.Background(), "amira")
	sent, err := m.Send(amira,
		messenger.SendParams{Client: "c/1 %2F é", Medium: adapters.Email, Subject: "Hello", Body: "How are you?"})
	require.NoError(t, err)
	opened, err := m.Channel(amira, sent.Channel.ID)
	require.NoError(t, err)
	page := url + strings.TrimPrefix(opened.ReplyLink, "http://example.org")
	status, text, _ := call(t, http.MethodGet, page, "", "")
	require.Equal(t, 200, status)
	link := regexp.MustCompile(`href="\.\./(ui/[^"]+)"`).FindStringSubmatch(text)
	require.NotNil(t, link)
	status, _, header := call(t, http.MethodGet, url+"/m/"+link[1], "", "")
	require.Equal(t, 200, status)
	require.Equal(t, "text/css; charset=utf-8", header.Get("Content-Type"))
	status, _, _ = call(t, http.MethodHead, page, "", "")
	require.Equal(t, 200, status)
	status, _, header = call(t, http.MethodPost, page, "reply=Hello", "application/x-www-form-urlencoded")
	require.Equal(t, 303, status)
	status, text, _ = call(t, http.MethodGet, page+header.Get("Location"), "", "")
	require.Equal(t, 200, status)
	require.Contains(t, text, "Reply sent")
	for _, token := range []string{"x", "%ff", "a%2Fb"} {
		status, text, _ = call(t, http.MethodPost, url+"/m/r/"+token, "reply=Hello", "application/x-www-form-urlencoded")
		require.Equal(t, 404, status, token)
		require.Contains(t, text, "This page is not available", token)
	}
	status, _, _ = call(t, http.MethodPost, url+"/m/hooks/nobody", "{}", "application/json")
	require.Equal(t, 404, status)
}
