package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// note adds a note to the thread by HTTP.
func (th thread) note(t *testing.T, who, body string) object {
	t.Helper()
	got := call(t, who, http.MethodPost, th.w.api("/channels/"+th.channel.ID.String()+"/notes"), body)
	require.Equal(t, 201, got.status, got.body)
	var added object
	require.NoError(t, json.Unmarshal([]byte(got.body), &added))
	return added
}

// Notes and marks have the contract's names; times bound them.
func TestShapesOfNotes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	path := "/channels/" + th.channel.ID.String() + "/notes"
	shape := "id kind text author at filed"
	require.Equal(t, object{"items": []any{}, "marks": []any{}}, w.get(t, "amira", path))
	added := requireShape(t, shape, th.note(t, "amira", `{"kind": "note", "text": " Prefers mornings. "}`))
	require.Equal(t, []any{"note", "Prefers mornings.", false}, []any{added["kind"], added["text"], added["filed"]})
	require.Equal(t, object{"kind": "staff", "id": "amira", "name": "Amira Shah"}, added["author"])
	page := requireShape(t, "items marks", w.get(t, "chloe", path))
	require.Equal(t, []any{added}, page["items"])
	at, ok := added["at"].(string)
	require.True(t, ok)
	require.Equal(t, []any{added}, w.get(t, "amira", path+"?since="+at)["items"])
	require.Equal(t, []any{}, w.get(t, "amira", path+"?until="+at)["items"])

	filing := requireShape(t, shape+" filing", th.note(t, "ben", `{"kind": "call", "text": "Rang.", "file": true}`))
	require.Equal(t, []any{"pending", false}, []any{filing["filing"], filing["filed"]})
	id, ok := filing["id"].(string)
	require.True(t, ok)
	require.NoError(t, w.Jobs().FileNote(t.Context(), uuid.MustParse(id), 1))
	filed := requireShape(t, shape, first(t, w.get(t, "amira", path)))
	require.Equal(t, true, filed["filed"])

	got := call(t, "amira", http.MethodPost, w.api("/channels/"+th.channel.ID.String()+"/handover"),
		`{"to": "ivy", "note": "I am leaving.", "take_unread": true}`)
	require.Equal(t, 200, got.status, got.body)
	marks, ok := w.get(t, "ivy", path)["marks"].([]any)
	require.True(t, ok)
	mark := requireShape(t, "id kind at author text", marks[0])
	require.Equal(t, []any{"handover", "I am leaving."}, []any{mark["kind"], mark["text"]})

	since := url.QueryEscape(w.Now(t.Context()).Add(-time.Hour).In(time.FixedZone("east", 3600)).Format(time.RFC3339Nano))
	require.Len(t, w.get(t, "ivy", path+"?since="+since)["items"], 2)
	for _, query := range []string{"?since=yesterday", "?until=2026-01-01", "?since=2026-01-01T00:00:00"} {
		require.Equal(t, "invalid", requireProblem(t, call(t, "ivy", http.MethodGet, w.api(path+query), "")), query)
	}
	for _, body := range []string{
		`{"kind": "note", "text": ""}`, `{"kind": "sms", "text": "x"}`, `{"text": "x"}`, `{"kind": "note"}`, `{"kind": "note", "text": "x", "private": true}`,
	} {
		require.Equal(t, "invalid", requireProblem(t, call(t, "ivy", http.MethodPost, w.api(path), body)), body)
	}
}

// No operation but the one for notes answers a word of one, and no page of a client's has any.
func TestNoOtherOperationAnswersANote(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.lists.Put(north, adapters.List{ID: "l-1", Name: "Walking group"}, w.newClient())
	_, documented := w.document(t)
	for id, row := range operations() {
		if id == "messenger-list-notes" || id == "messenger-add-note" {
			continue
		}
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			for who, want := range map[string]int{"amira": row.want[0], "ben": row.want[2]} {
				th := w.newThread(t)
				th.note(t, "amira", `{"kind": "note", "text": "Xylophonequartz"}`)
				path, body := w.readyFor(t, row, th)
				got := call(t, who, documented[id].method, w.api(path), body)
				require.Equal(t, want, got.status, got.body)
				require.NotContains(t, got.body, "Xylophone")
				page := call(t, "", http.MethodGet, w.url+"/m/r/"+th.token, "")
				require.NotContains(t, page.body, "Xylophone")
			}
		})
	}
	page := w.get(t, "amira", "/inboxes/amira/channels?q=Xylophonequartz")
	require.Empty(t, page["items"])
}
