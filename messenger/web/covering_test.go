package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// told waits for an event of a stream whose data has these words.
func told(ctx context.Context, t *testing.T, lines <-chan string, kind string, words ...string) {
	t.Helper()
	var event string
	for {
		select {
		case line := <-lines:
			if name, ok := strings.CutPrefix(line, "event: "); ok {
				event = name
			}
			data, ok := strings.CutPrefix(line, "data: ")
			all := ok && event == kind
			for _, word := range words {
				all = all && strings.Contains(data, word)
			}
			if all {
				return
			}
		case <-ctx.Done():
			require.Fail(t, "not told", "%s %v", kind, words)
		}
	}
}

// The story: Amira goes on leave and names Ben. A client's reply reaches Ben's list, number, bell and the stream that he
// has had open; he reads it on her behalf and answers. She comes back, and history shows what happened.
func TestAmiraGoesOnLeave(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	th := w.newThread(t)
	channel := "/channels/" + th.channel.ID.String()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.api("/events"), nil)
	require.NoError(t, err)
	request.Header.Set("X-Staff", "ben")
	response, err := client().Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	lines := make(chan string, 1000)
	go func() {
		for scanner := bufio.NewScanner(response.Body); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	go func() { _ = w.Run(ctx) }()
	told(ctx, t, lines, "reset") // it begins to hear

	require.Equal(t, object{"staff_id": "ben", "name": "Ben Hughes"}, first(t, w.get(t, "amira", "/inboxes/amira/covers")))
	from := w.Now(ctx).Add(-time.Minute).Format(time.RFC3339)
	got := call(t, "amira", http.MethodPut, w.api("/inboxes/amira/absence"), `{"from": "`+from+`", "cover_staff_id": "ben", "note": "On leave"}`)
	require.Equal(t, http.StatusOK, got.status, got.body)
	var set object
	require.NoError(t, json.Unmarshal([]byte(got.body), &set))
	requireShape(t, "staff_id from cover_staff_id cover_name note", set)
	require.Equal(t, set, w.get(t, "ben", "/inboxes/amira/absence"))
	told(ctx, t, lines, "reset")
	row := first(t, w.get(t, "ben", "/inboxes/ben/channels"))
	require.Equal(t, th.channel.ID.String(), row["id"], "also what came before she went")
	require.Equal(t, "amira", row["covered_for"])

	page := call(t, "", http.MethodGet, w.url+"/m/r/"+th.token, "")
	require.Contains(t, page.body, "Ben Hughes")
	reply := post(t, w.url+"/m/r/"+th.token, map[string]string{"reply": "Who is there?"})
	require.Less(t, reply.status, http.StatusBadRequest, reply.body)
	told(ctx, t, lines, "channel", th.channel.ID.String(), `"covered_for":"amira"`)
	me := w.get(t, "ben", "/me")
	require.EqualValues(t, 1, me["unread_count"])
	covering, ok := me["covering"].([]any)
	require.True(t, ok)
	require.Equal(t, []any{object{"staff_id": "amira", "name": "Amira Shah"}}, covering)
	require.EqualValues(t, 1, w.get(t, "ben", "/notifications/count")["unread"])
	require.Equal(t, "amira", first(t, w.get(t, "ben", "/notifications"))["covered_for"])
	require.EqualValues(t, 1, w.get(t, "amira", "/me")["unread_count"], "it stays hers until it is read")
	opened := w.get(t, "ben", channel)
	require.Equal(t, object{"staff_id": "ben", "name": "Ben Hughes"}, opened["cover"])

	last, ok := opened["last_message"].(object)
	require.True(t, ok)
	got = call(t, "ben", http.MethodPost, w.api(channel+"/read"), `{"up_to": "`+last["id"].(string)+`", "on_behalf": true}`)
	require.Equal(t, http.StatusNoContent, got.status, got.body)
	got = call(t, "ben", http.MethodPost, w.api(channel+"/messages"), `{"medium": "email", "subject": "Hello", "body": "Amira is on leave. I can help."}`)
	require.Equal(t, http.StatusAccepted, got.status, got.body)
	require.EqualValues(t, 0, w.get(t, "ben", "/me")["unread_count"])

	require.Equal(t, http.StatusNoContent, call(t, "amira", http.MethodDelete, w.api("/inboxes/amira/absence"), "").status)
	told(ctx, t, lines, "reset")
	require.Equal(t, http.StatusNotFound, call(t, "amira", http.MethodGet, w.api("/inboxes/amira/absence"), "").status)
	require.Equal(t, []any{}, w.get(t, "ben", "/me")["covering"])
	actions := func(path string) (list []string) {
		items, ok := w.get(t, "amira", path)["items"].([]any)
		require.True(t, ok)
		for _, item := range items {
			line, ok := item.(object)
			require.True(t, ok)
			actor, ok := line["actor"].(object)
			require.True(t, ok)
			list = append(list, line["action"].(string)+" "+actor["id"].(string))
		}
		return list
	}
	require.Equal(t, []string{"back amira", "looked ben", "away amira"}, actions("/inboxes/amira/history"))
	require.Subset(t, actions(channel+"/history"), []string{"sent ben", "read ben", "looked ben"})
}
