package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

func requireJSON(t *testing.T, body string, to any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(body), to), "%s", body)
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	host := startHost(t, migrationtest.Migrated(t), "")
	nobody := newBrowser(t, host.URL)
	for _, path := range []string{"/", "/clients", "/messages", "/outbox", "/record", "/clients/c-1001"} {
		status, header, _ := nobody.request(http.MethodGet, path, "", "")
		require.Equal(t, http.StatusSeeOther, status, path)
		require.Equal(t, "/sign-in", header.Get("Location"))
	}
	for _, path := range []string{"/outbox.json", "/record.json", "/messenger/api/me", "/messenger/api/inboxes"} {
		status, _, _ := nobody.request(http.MethodGet, path, "", "")
		require.Equal(t, http.StatusUnauthorized, status, path)
	}
	for _, unknown := range []string{"nobody", "", "amira'--", "\x00"} {
		status, page := nobody.form("/sign-in", url.Values{"staff": {unknown}})
		require.Equal(t, http.StatusUnprocessableEntity, status)
		require.Contains(t, page, `name="staff"`)
	}
	status, header, _ := nobody.request(http.MethodPost, "/sign-in", "application/x-www-form-urlencoded", "staff=amira")
	require.Equal(t, http.StatusSeeOther, status)
	for _, part := range []string{"HttpOnly", "SameSite=Lax"} {
		require.Contains(t, header.Get("Set-Cookie"), part)
	}
	status, page := nobody.page("/clients?q=okafor")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "999 000 0018")

	cross, _, _ := nobody.request(http.MethodPost, "/sign-out", "", "", "Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusForbidden, cross, "another site signs nobody out")
	status, _ = nobody.form("/sign-out", nil)
	require.Equal(t, http.StatusSeeOther, status)
	status, _ = nobody.page("/messages")
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, 0, host.Terminate())
	for _, word := range []string{"Okafor", "okafor", "@example", "07700", "+4477", "/m/r/"} {
		require.NotContains(t, host.Log.String(), word, "the log names nobody")
	}
}

// TestPagesKeepAStrictPolicy holds the pages against the policy they are served under.
func TestPagesKeepAStrictPolicy(t *testing.T) {
	t.Parallel()
	host := startHost(t, migrationtest.Migrated(t), "")
	amira := signedIn(t, host.URL, "amira")
	for _, path := range []string{
		"/sign-in", "/clients", "/clients/c-1001", "/messages", "/outbox", "/record", "/clients/nobody",
	} {
		_, header, page := amira.request(http.MethodGet, path, "", "")
		require.Contains(t, header.Get("Content-Security-Policy"), "default-src 'self'")
		require.NotContains(t, header.Get("Content-Security-Policy"), "unsafe")
		require.NotContains(t, page, "<style", path)
		require.NotContains(t, page, " style=", path)
		require.NotContains(t, page, " onclick=", path)
		require.NotContains(t, page, "<script>", path)
	}
	for _, path := range []string{
		"/static/cms.css", "/static/cms.js", "/static/icon.svg", "/m/ui/messenger.js", "/messenger/api/openapi.json",
	} {
		status, _ := newBrowser(t, host.URL).page(path)
		require.Equal(t, http.StatusOK, status, path)
	}
	var document struct {
		OpenAPI string
		Paths   map[string]any
	}
	_, body := amira.page("/messenger/api/openapi.json")
	requireJSON(t, body, &document)
	require.True(t, strings.HasPrefix(document.OpenAPI, "3.1"))
	require.Contains(t, document.Paths, "/messenger/api/channels/{id}/messages")
	for path, status := range map[string]int{
		"/messenger/api/nothing": http.StatusNotFound, "/messenger/api/channels/x/read": http.StatusMethodNotAllowed,
	} {
		got, header, body := amira.request(http.MethodGet, path, "", "")
		require.Equal(t, status, got, "%s: %s", path, body)
		require.Contains(t, header.Get("Content-Type"), "application/problem+json")
	}
}

// People search as their keyboard lets them.
func TestSearchClients(t *testing.T) {
	t.Parallel()
	host := startHost(t, migrationtest.Migrated(t), "")
	amira := signedIn(t, host.URL, "amira")
	for typed, want := range map[string]string{
		"wojcik": "Wójcik", "ZÖFIA": "Zofia", "o'connor": "O’Connor",
		"oluwaseun adebayo": "Olúwaṣeun", "malgorzata": "Małgorzata",
		"yilmaz": "Yılmaz", "ipek": "İpek",
	} {
		status, _, body := amira.request(http.MethodGet, "/messenger/api/clients?q="+url.QueryEscape(typed), "", "")
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, body, want, typed)
	}
	status, _, body := amira.request(http.MethodGet, "/messenger/api", "", "")
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, body, "not_found")
}
