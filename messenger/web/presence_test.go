package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who else has a channel open, or has no more, is an event of its own, with an id, in the contract's words;
// nothing else is answered.
func TestPresence(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	events, _ := w.live(t, "/events", "amira")
	path := w.api("/channels/" + th.channel.ID.String() + "/presence")
	got := call(t, "ben", http.MethodPost, path, `{"writing": true}`)
	require.Equal(t, http.StatusNoContent, got.status)
	require.Empty(t, got.body)
	channel := `"channel_id": "` + th.channel.ID.String() + `"`
	require.JSONEq(t, `{`+channel+`, "staff_id": "ben", "name": "Ben Hughes", "writing": true}`,
		await(t, events, "present", "").data)
	require.Equal(t, http.StatusNoContent, call(t, "ben", http.MethodDelete, path, "").status)
	require.JSONEq(t, `{`+channel+`, "staff_id": "ben", "name": "Ben Hughes", "writing": false}`,
		await(t, events, "gone", "").data)
	for _, body := range []string{`{}`, `{"writing": "yes"}`, `{"writing": true, "name": "Amira"}`, `[]`, ``} {
		require.Equal(t, http.StatusUnprocessableEntity, call(t, "ben", http.MethodPost, path, body).status, body)
	}
}
