package web_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Who Exports has a client's export as a file and as a page that prints, and /me says that they may.
func TestShapesOfAnExport(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	w.staff.Add(adapters.Member{
		ID: "fay", Name: "Fay Carter", Organisation: north, Media: []adapters.Medium{adapters.Email}, Exports: true,
	})
	require.Contains(t, w.get(t, "fay", "/me")["permissions"], "exports")
	require.NotContains(t, w.get(t, "amira", "/me")["permissions"], "exports")
	path := "/clients/" + string(th.client) + "/export"
	found := w.get(t, "fay", path)
	requireShape(t, "format at organisation for by client channels texts objections broadcasts templates internal", found)
	require.Equal(t, "staff", found["for"])
	requireShape(t, "format at organisation for by client channels texts objections broadcasts templates",
		w.get(t, "fay", path+"?format=json&for=client"))

	page := call(t, "fay", http.MethodGet, w.api(path+"?format=html"), "")
	require.Equal(t, 200, page.status)
	require.Equal(t, "text/html; charset=utf-8", page.header.Get("Content-Type"))
	require.Equal(t, "nosniff", page.header.Get("X-Content-Type-Options"))
	require.Equal(t, `inline; filename="messages.html"`, page.header.Get("Content-Disposition"), "without an id")
	for _, rule := range []string{"default-src 'none'", "frame-ancestors 'none'", "sandbox"} {
		require.Contains(t, page.header.Get("Content-Security-Policy"), rule)
	}
	require.Contains(t, page.body, "<bdi>Grace Okafor")
	require.Contains(t, page.body, "Internal: for staff alone")
	require.NotContains(t, call(t, "fay", http.MethodGet, w.api(path+"?format=html&for=client"), "").body, "Internal")
	for _, query := range []string{"?format=pdf", "?for=everybody"} {
		require.Equal(t, "invalid", requireProblem(t, call(t, "fay", http.MethodGet, w.api(path+query), "")), query)
	}

	var kept messenger.ClientExport
	file := call(t, "fay", http.MethodGet, w.api(path), "")
	require.Equal(t, "application/json", file.header.Get("Content-Type"))
	require.Equal(t, `attachment; filename="messages.json"`, file.header.Get("Content-Disposition"))
	require.NoError(t, json.Unmarshal([]byte(file.body), &kept))
	require.Equal(t, th.channel.ID, kept.Channels[0].ID)
	require.Equal(t, "exported", first(t, w.get(t, "amira", "/channels/"+th.channel.ID.String()+"/history"))["action"])
}
