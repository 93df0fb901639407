package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// sendPrivately has amira send a private text message, that has gone out.
func (w *world) sendPrivately(tb testing.TB, th thread, subject, words string) messenger.Message {
	tb.Helper()
	sent, err := w.Send(memory.SignIn(tb.Context(), "amira"), messenger.SendParams{
		Channel: th.channel.ID, Medium: "email", Subject: subject, Body: words, Private: true,
	})
	require.NoError(tb, err)
	w.exec(tb, "update messenger_messages set delivery_status = 'sent', sent_at = created_at where id = $1", sent.Message.ID)
	return sent.Message
}

// The page shows what waits to who knows the date of birth, whatever the organisation asks otherwise, and only then;
// once it is taken back it is there no more.
func TestPrivateMessagesOnThePage(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	require.NotContains(t, call(t, "", http.MethodGet, address, "").body, `name="day"`)
	w.sendPrivately(t, th, "First result", "The first words <b>")
	newest := w.sendPrivately(t, th, "Second result", "The second words\non two lines")

	page := call(t, "", http.MethodGet, address, "").body
	require.Contains(t, page, `name="day"`)
	require.Contains(t, page, "You have a private message")
	for _, word := range []string{"result", "words", "Grace"} {
		require.NotContains(t, page, word)
	}
	got := post(t, address, date("1", "2", "1990", "show"))
	require.Equal(t, 422, got.status)
	require.NotContains(t, got.body, "words")

	got = post(t, address, typing(date("29", "2", "1984", "show"), "typed so far"))
	require.Equal(t, 200, got.status)
	require.Contains(t, got.body, "typed so far</textarea>")
	older, newer := strings.Index(got.body, "The first words &lt;b&gt;"), strings.Index(got.body, "The second words\non two lines")
	require.Positive(t, newer)
	require.Greater(t, older, newer, "the newest first")
	require.Contains(t, got.body, "Second result")
	proof := got.header.Values("Set-Cookie")
	require.Len(t, proof, 1)
	cookie := strings.Split(proof[0], ";")[0]
	again := call(t, "", http.MethodGet, address, "", "Cookie", cookie).body
	require.Contains(t, again, "The first words", "as often as they like")
	opened := w.get(t, "amira", "/channels/"+th.channel.ID.String()+"/messages?limit=1")
	require.Contains(t, first(t, opened), "opened_at")

	got = call(t, "amira", http.MethodPost, w.api("/messages/"+newest.ID.String()+"/withdraw"), `{"reason": "wrong_words", "note": ""}`)
	require.Equal(t, 200, got.status, got.body)
	again = call(t, "", http.MethodGet, address, "", "Cookie", cookie).body
	require.NotContains(t, again, "second words")
	require.Contains(t, again, "The first words")
}

// 'I have read this' works without script, keeps what was typed, and needs proof for a private message.
func TestIHaveReadThis(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	ask := "update messenger_messages set expects = 'acknowledgement', expect_by = '2099-01-01', awaiting = 'waiting', " +
		"delivery_status = 'sent', sent_at = created_at where id = $1"
	require.NotContains(t, call(t, "", http.MethodGet, address, "").body, "I have read this")
	private := w.sendPrivately(t, th, "Result", "Words")
	w.exec(t, ask, private.ID)
	require.NotContains(t, call(t, "", http.MethodGet, address, "").body, "I have read this", "not before proof")
	post(t, address, map[string]string{"read": "yes"})
	status := func() any {
		awaiting, _ := first(t, w.get(t, "amira", "/channels/"+th.channel.ID.String()+"/messages?limit=1"))["awaiting"].(object)
		return awaiting["status"]
	}
	require.Equal(t, "waiting", status())

	got := post(t, address, date("29", "2", "1984", "show"))
	require.Contains(t, got.body, `<button class="nhsuk-button nhsuk-button--secondary" type="submit" name="read" value="yes">`)
	cookie := strings.Split(got.header.Get("Set-Cookie"), ";")[0]
	got = post(t, address, map[string]string{"read": "yes", "reply": "half a reply"}, "Cookie", cookie)
	require.Contains(t, got.body, "half a reply</textarea>")
	require.Contains(t, got.body, "You told us on ")
	require.Equal(t, "acknowledged", status())
}
