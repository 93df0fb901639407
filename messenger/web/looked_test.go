package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Whatever operation tells a colleague words of a conversation, or its link: a line of theirs stands in the history of
// the channel or of its inbox, also where the operation changes nothing.
func TestNoOperationTellsWordsUnseen(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.lists.Put(north, adapters.List{ID: "l-1", Name: "Walking group"}, w.newClient())
	_, documented := w.document(t)
	told := map[string]bool{}
	var unseen []string
	n := 0
	for id, row := range operations() {
		if id == "messenger-stream-events" {
			continue // TestNobodyLooksUnseen has it
		}
		for _, again := range []bool{false, true} {
			for _, mayAct := range []bool{false, true} {
				n++
				who := adapters.StaffID(fmt.Sprint("colleague-", n)) // of whom nothing stands there yet
				w.staff.Add(adapters.Member{
					ID: who, Name: "A Colleague", Organisation: north, Media: []adapters.Medium{adapters.Email},
				})
				w.staff.Share(who, adapters.Inbox{Staff: "amira", Name: "Amira Shah", MayAct: mayAct})
				th := w.newThread(t)
				w.exec(t, `update messenger_messages set overdue_at = created_at, overdue_told = 1, overdue_to = $1
					where id = $2`, []string{string(who)}, th.reply.ID)
				path, body := w.readyFor(t, row, th)
				method := documented[id].method
				if again && method != http.MethodGet { // so that a colleague changes nothing any more
					call(t, "amira", method, w.api(path), body)
				}
				got := call(t, string(who), method, w.api(path), body)
				if got.status >= 300 || !strings.Contains(got.body, "Well, thank you.") && !strings.Contains(got.body, th.token) {
					continue
				}
				told[strings.TrimPrefix(id, "messenger-")] = true
				lines := 0
				err := w.pool.QueryRow(t.Context(), `select (select count(*) from messenger_history where actor_id = $1)
					+ (select count(*) from messenger_inbox_history where actor_id = $1)`, string(who)).Scan(&lines)
				require.NoError(t, err)
				if lines == 0 {
					unseen = append(unseen, fmt.Sprintf("%s, again %v, may act %v", id, again, mayAct))
				}
			}
		}
	}
	require.Empty(t, unseen)
	for _, id := range []string{
		"list-channels", "search-inbox", "get-channel", "list-messages", "set-channel-status", "set-replies",
		"check-message", "list-notifications",
	} {
		require.True(t, told[id], "%s tells words: %v", id, told)
	}
}
