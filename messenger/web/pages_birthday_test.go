package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func (w *world) checkDateOfBirth(tb testing.TB, publicURL string) {
	tb.Helper()
	north := w.organisation(tb)
	north.CheckDateOfBirth, north.PublicURL = true, publicURL
	w.orgs.Put(north)
}

func date(day, month, year, action string) map[string]string {
	return map[string]string{"day": day, "month": month, "year": year, "action": action, "key": "abcdefghijk"}
}

func typing(fields map[string]string, text string) map[string]string {
	fields["reply"] = text
	return fields
}

// A date of birth opens reading, never writing; it is not asked twice.
func TestDateOfBirth(t *testing.T) {
	t.Parallel()
	for publicURL, want := range map[string]string{
		"http://reply.example.org/m":  "messenger_proof=",
		"https://reply.example.org/m": "__Host-messenger_proof=",
	} {
		w := setup(t)
		w.checkDateOfBirth(t, publicURL)
		th := w.newThread(t)
		w.exec(t, "update messenger_messages set delivery_status = 'sent', sent_at = created_at where id = $1", th.sent.ID)
		address := w.url + "/m/r/" + th.token

		page := call(t, "", http.MethodGet, address, "")
		require.Equal(t, 1, strings.Count(page.body, "<textarea"))
		for _, field := range []string{`name="day"`, `name="month"`, `name="year"`, "Show the message"} {
			require.Contains(t, page.body, field)
		}
		require.NotContains(t, page.body, "Grace")
		require.NotContains(t, page.body, "How are you")

		got := post(t, address, typing(date("1", "2", "1990", "show"), "typed so far"))
		require.Equal(t, 422, got.status)
		require.Contains(t, got.body, "<title>Error: ")
		require.Contains(t, got.body, `<a href="#day">`)
		require.Contains(t, got.body, "typed so far</textarea>")
		require.NotContains(t, got.body, "Grace")
		require.Empty(t, got.header.Values("Set-Cookie"))

		got = post(t, address, typing(date("29", " 02", "1984", "show"), "typed so far"))
		require.Equal(t, 200, got.status, got.body)
		requirePageHeaders(t, got)
		for _, shown := range []string{"Hello <bdi>Grace</bdi>", "How are you?", "typed so far</textarea>"} {
			require.Contains(t, got.body, shown)
		}
		require.NotContains(t, got.body, `name="day"`)
		require.NotContains(t, got.body, "/r/")
		cookie := got.header.Get("Set-Cookie")
		require.True(t, strings.HasPrefix(cookie, want), cookie)
		for _, part := range []string{"; Path=/", "; HttpOnly", "; SameSite=Strict", "; Max-Age=1800"} {
			require.Contains(t, cookie, part)
		}
		require.Equal(t, strings.HasPrefix(publicURL, "https"), strings.Contains(cookie, "; Secure"), cookie)
		require.NotContains(t, cookie, "Domain")

		proof, _, _ := strings.Cut(cookie, ";")
		got = call(t, "", http.MethodGet, address, "", "Cookie", "other=1; "+proof)
		require.Contains(t, got.body, "How are you?")
		require.NotContains(t, got.body, `name="day"`)
		other := w.newThread(t)
		require.NotContains(t, call(t, "", http.MethodGet, w.url+"/m/r/"+other.token, "", "Cookie", proof).body, "Grace")

		require.Equal(t, 303, post(t, address, map[string]string{"key": "abcdefghijk", "reply": "proved"}, "Cookie", proof).status)
		require.Equal(t, 303, post(t, address, typing(date("29", "2", "1984", "send"), "proved with it")).status)
		require.Equal(t, 303, post(t, address, typing(date("1", "1", "1990", "send"), "wrong date")).status)
		require.Equal(t, 303, post(t, address, map[string]string{"key": "abcdefghijk", "reply": "no date"}).status)
		messages, err := w.Messages(memory.SignIn(t.Context(), "amira"), th.channel.ID, messenger.PageParams{Limit: 4})
		require.NoError(t, err)
		verified := map[string]string{}
		for _, message := range messages.Items {
			verified[message.Body] = message.Verified
		}
		require.Equal(t, map[string]string{
			"proved": "date_of_birth", "proved with it": "date_of_birth", "wrong date": "none", "no date": "none",
		}, verified)
	}
}

// Five wrong dates close reading, calmly; writing stays.
func TestReadingLocked(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.checkDateOfBirth(t, "")
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	for range 5 {
		require.Equal(t, 422, post(t, address, date("1", "1", "1990", "show")).status)
	}
	for name, got := range map[string]answer{
		"right": post(t, address, typing(date("29", "2", "1984", "show"), "typed so far")), "get": call(t, "", http.MethodGet, address, ""),
	} {
		require.Contains(t, got.body, "The message cannot be shown at the moment. You can still send your reply.", name)
		require.NotContains(t, got.body, `name="day"`, name)
		require.NotContains(t, got.body, "Grace", name)
		require.Equal(t, 1, strings.Count(got.body, "<textarea"), name)
	}
	require.Equal(t, 303, post(t, address, map[string]string{"reply": "still here"}).status)
	require.Equal(t, "still here", w.replies(t, th)[0])
}
