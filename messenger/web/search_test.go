package web_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// The searches by a body answer what those by an address do, and hold on to the same limits.
func TestSearchesByABody(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for range 3 {
		w.newThread(t)
	}
	inbox, clients := "/inboxes/amira/channels", "/clients"
	for _, c := range []struct{ path, query, body string }{
		{inbox, "?q=thank&show=all&limit=2", `{"q": "thank", "show": "all", "limit": 2}`},
		{inbox, "", `{}`},
		{clients, "?q=a&limit=1", `{"q": "a", "limit": 1}`},
		{clients, "", `{}`},
	} {
		got := call(t, "amira", http.MethodGet, w.api(c.path+c.query), "")
		posted := call(t, "amira", http.MethodPost, w.api(c.path+"/search"), c.body)
		require.Equal(t, http.StatusOK, posted.status, posted.body)
		require.Equal(t, got.body, posted.body)
	}
	var page struct {
		Items []json.RawMessage
		Next  string
	}
	first := call(t, "amira", http.MethodPost, w.api(inbox+"/search"), `{"q": "thank", "limit": 2}`)
	require.NoError(t, json.Unmarshal([]byte(first.body), &page))
	require.Len(t, page.Items, 2)
	second := call(t, "amira", http.MethodPost, w.api(inbox+"/search"), `{"q": "thank", "limit": 2, "cursor": "`+page.Next+`"}`)
	require.NoError(t, json.Unmarshal([]byte(second.body), &page))
	require.Len(t, page.Items, 1)
	for _, bad := range []string{`{"q": "a b c d e f g h i j k"}`, `{"limit": 0}`, `{"show": "mine"}`, `{"q": 1}`} {
		got := call(t, "amira", http.MethodPost, w.api(inbox+"/search"), bad)
		require.Equal(t, http.StatusUnprocessableEntity, got.status, bad)
		requireProblem(t, got)
	}
	for _, show := range []messenger.Show{
		messenger.ShowAll, messenger.ShowOpen, messenger.ShowDone, messenger.ShowAttention, messenger.ShowOverdue,
		messenger.ShowScheduled, messenger.ShowAwaiting,
	} {
		got := call(t, "amira", http.MethodGet, w.api(inbox+"?show="+string(show)), "")
		require.Equal(t, http.StatusOK, got.status, got.body)
		posted := call(t, "amira", http.MethodPost, w.api(inbox+"/search"), `{"show": "`+string(show)+`"}`)
		require.Equal(t, got.body, posted.body)
	}
}
