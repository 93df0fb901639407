package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// While a disk of the database is full, everybody hears that it passes, nobody loses a word, and the log says what is the matter
// instead of a line a request. Once there is room, everything goes on.
func TestADiskThatIsFull(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	key := formKey.FindStringSubmatch(call(t, "", http.MethodGet, address, "").body)[1]
	w.exec(t, `create function full_disk() returns trigger language plpgsql as $$ begin
		raise exception 'could not extend file "pg_tblspc/16999/PG_15/5/1259": No space left on device' using errcode = '53100';
	end $$`)
	for _, table := range []string{"messenger_messages", "messenger_drafts", "messenger_history", "messenger_broadcasts"} {
		w.exec(t, "create trigger full_disk before insert or update on "+table+" execute function full_disk()")
	}
	began := len(w.log.String())
	for n := range 30 {
		got := call(t, "amira", http.MethodPost, w.api("/channels/"+th.channel.ID.String()+"/messages"),
			fmt.Sprintf(`{"medium": "email", "subject": "Hello", "body": "secretword %d"}`, n), "Idempotency-Key", fmt.Sprint("k-", n))
		require.Equal(t, "unavailable", requireProblem(t, got))
		require.NotEmpty(t, got.header.Get("Retry-After"))
	}
	for path, body := range map[string]string{
		"/clients/" + string(th.client) + "/draft": `{"medium": "email", "subject": "Hello", "body": "secretword"}`,
	} {
		got := call(t, "amira", http.MethodPut, w.api(path), body)
		require.Equal(t, "unavailable", requireProblem(t, got), path)
	}
	got := post(t, address, map[string]string{"key": key, "reply": "secretword, ten minutes of it", "action": "send"})
	require.Equal(t, http.StatusServiceUnavailable, got.status)
	require.NotEmpty(t, got.header.Get("Retry-After"))
	require.Contains(t, got.body, "secretword, ten minutes of it</textarea>")
	require.NotContains(t, got.body, "has not been sent")
	require.Equal(t, 200, call(t, "amira", http.MethodGet, w.api("/channels/"+th.channel.ID.String()+"/messages"), "").status, "what is there is read")

	log := w.log.String()[began:]
	require.Contains(t, log, "a disk of the database is full")
	require.Contains(t, log, "53100")
	require.Contains(t, log, "pg_tblspc/16999")
	require.NotContains(t, log, "secretword")
	require.Less(t, strings.Count(log, "\n"), 16, "not a line a request: %s", log)

	w.exec(t, "drop function full_disk cascade")
	got = post(t, address, map[string]string{"key": key, "reply": "secretword, ten minutes of it", "action": "send"})
	require.Less(t, got.status, 400)
	got = call(t, "amira", http.MethodPost, w.api("/channels/"+th.channel.ID.String()+"/messages"),
		`{"medium": "email", "subject": "Hello", "body": "secretword 0"}`, "Idempotency-Key", "k-0")
	require.Equal(t, http.StatusAccepted, got.status, got.body)
}
