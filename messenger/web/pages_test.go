package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

var (
	styleLink = regexp.MustCompile(`<link rel="stylesheet" href="([^"]+)">`)
	formKey   = regexp.MustCompile(`name="key" value="([^"]+)"`)
)

// requireStyle loads a page's stylesheet from where its link leads, and returns how large both are.
func requireStyle(tb testing.TB, address string, page answer) int {
	tb.Helper()
	link := styleLink.FindStringSubmatch(page.body)
	require.NotNil(tb, link, page.body)
	base, err := url.Parse(address)
	require.NoError(tb, err)
	target, err := base.Parse(link[1])
	require.NoError(tb, err)
	style := call(tb, "", http.MethodGet, target.String(), "")
	require.Equal(tb, 200, style.status, target)
	require.Equal(tb, "text/css; charset=utf-8", style.header.Get("Content-Type"))
	require.Contains(tb, style.header.Get("Cache-Control"), "immutable")
	return len(page.body) + len(style.body)
}

func requirePageHeaders(tb testing.TB, page answer) {
	tb.Helper()
	require.Equal(tb, "text/html; charset=utf-8", page.header.Get("Content-Type"))
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; " +
			"base-uri 'none'",
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow",
		"X-Content-Type-Options": "nosniff",
	} {
		require.Equal(tb, want, page.header.Get(name), name)
	}
	require.NotContains(tb, page.body, "<script")
	require.NotContains(tb, page.body, "style=")
}

// post sends a form as a browser does.
func post(tb testing.TB, address string, fields map[string]string, headers ...string) answer {
	tb.Helper()
	form := url.Values{}
	for name, value := range fields {
		form.Set(name, value)
	}
	headers = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)
	return call(tb, "", http.MethodPost, address, form.Encode(), headers...)
}

func (w *world) replies(tb testing.TB, th thread) (texts []string) {
	tb.Helper()
	page, err := w.Messages(memory.SignIn(tb.Context(), "amira"), th.channel.ID, messenger.PageParams{Limit: 100})
	require.NoError(tb, err)
	for _, message := range page.Items {
		if message.Direction == adapters.Inbound {
			texts = append(texts, message.Body)
		}
	}
	return texts
}

func TestReplyPage(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	page := call(t, "", http.MethodGet, address, "")
	require.Equal(t, 200, page.status)
	requirePageHeaders(t, page)
	require.Less(t, requireStyle(t, address, page), 20_000)
	require.Equal(t, 1, strings.Count(page.body, "<textarea"))
	for _, words := range []string{
		"North Social Prescribing", "Amira Shah", "111", "999", "01632 960001", `name="reply"`, "Send reply",
		"What happens next", `lang="en"`,
	} {
		require.Contains(t, page.body, words)
	}
	for _, secret := range []string{"Grace", "How are you", "1984", "grace", `name="day"`, string(th.client)} {
		require.NotContains(t, page.body, secret)
	}
	head := call(t, "", http.MethodHead, address, "")
	require.Equal(t, 200, head.status)
	require.Empty(t, head.body)

	sent := post(t, address, map[string]string{"key": formKey.FindStringSubmatch(page.body)[1], "reply": "Helo\r\nשלום"})
	require.Equal(t, 303, sent.status, sent.body)
	requireReceipt(t, address, sent)
	require.Equal(t, []string{"Helo\nשלום", "Well, thank you."}, w.replies(t, th))
}

func requireReceipt(tb testing.TB, address string, sent answer) {
	tb.Helper()
	require.Regexp(tb, `^\?sent=[0-9a-f-]{36}$`, sent.header.Get("Location"))
	require.Equal(tb, "no-store", sent.header.Get("Cache-Control"))
	receipt := call(tb, "", http.MethodGet, address+sent.header.Get("Location"), "")
	require.Equal(tb, 200, receipt.status)
	requirePageHeaders(tb, receipt)
	require.Regexp(tb, `We received your reply on \d+ [A-Z][a-z]+ \d{4} at \d+:\d\d[ap]m`, receipt.body)
	require.Contains(tb, receipt.body, "999")
}

// The receipt's time is that of the organisation's clocks, in its words.
func TestReceiptTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 1, 23, 5, 0, 0, time.UTC)
	w := setup(t, func(c *messenger.Config) { c.Now = func() time.Time { return now } })
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token + "?sent=" + th.reply.ID.String()
	require.Contains(t, call(t, "", http.MethodGet, address, "").body, "2 July 2026 at 12:05am") // British summer time
	north := w.organisation(t)
	north.TimeZone = "America/New_York"
	north.Words = map[string]string{
		"lang": "cy", "month_7": "Gorffennaf", "sent_at": "Cawsom eich ateb ar {date} am {time}.", "pm": "yh",
	}
	w.orgs.Put(north)
	page := call(t, "", http.MethodGet, address, "")
	require.Contains(t, page.body, "Cawsom eich ateb ar 1 Gorffennaf 2026 am 7:05yh.")
	require.Contains(t, page.body, `lang="cy"`)
}

// Pressing Send twice or reloading stores one reply; a form gone back to and written anew is another.
func TestOneReply(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	key := formKey.FindStringSubmatch(call(t, "", http.MethodGet, address, "").body)[1]
	first := post(t, address, map[string]string{"key": key, "reply": "One"})
	again := post(t, address, map[string]string{"key": key, "reply": "One"})
	require.Equal(t, 303, first.status)
	require.Equal(t, first.header.Get("Location"), again.header.Get("Location"))
	require.Equal(t, 303, post(t, address, map[string]string{"key": key, "reply": "Two"}).status)
	require.Equal(t, []string{"Two", "One", "Well, thank you."}, w.replies(t, th))
	// a reload of the receipt changes nothing
	requireReceipt(t, address, first)
	require.Len(t, w.replies(t, th), 3)
}

// A refused reply keeps what was typed, says what is wrong where, and stores nothing.
func TestRefusedReply(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	long := strings.Repeat("é", 5001)
	type row struct {
		name, body, kind string
		status           int
		says, keeps      string
	}
	form := "application/x-www-form-urlencoded"
	rows := []row{
		{"empty", "key=abcdefghij&reply=", form, 422, "Enter your reply", ""},
		{"white space", "key=abcdefghij&reply=%20%0d%0a%e2%80%8b", form, 422, "Enter your reply", ""},
		{"nothing", "", form, 422, "Enter your reply", ""},
		{"too long", "reply=" + url.QueryEscape(long), form, 422, "5,000 characters or less", long},
		{"a NUL", "reply=kept%00text", form, 422, "characters that cannot be sent", "kepttext"},
		{"invalid UTF-8", "reply=kept%fftext", form, 422, "characters that cannot be sent", "kepttext"},
		{"a broken escape", "reply=kept%zz", form, 422, "characters that cannot be sent", ""},
		{"JSON", `{"reply": "x"}`, "application/json", 422, "Send it again from this page", ""},
		{"multipart", "--x\r\n", "multipart/form-data; boundary=x", 422, "Send it again from this page", ""},
		{"no type at all", "reply=x", "text/html; charset", 422, "Send it again from this page", ""},
		{"2 MB", "reply=" + strings.Repeat("x", 2<<20), form, 413, "too large", ""},
	}
	for _, row := range rows {
		got := call(t, "", http.MethodPost, address, row.body, "Content-Type", row.kind)
		require.Equal(t, row.status, got.status, row.name)
		requirePageHeaders(t, got)
		require.Contains(t, got.body, "<title>Error: Your reply<", row.name)
		require.Contains(t, got.body, "There is a problem", row.name)
		require.Contains(t, got.body, `<a href="#reply">`, row.name)
		require.Contains(t, got.body, row.says, row.name)
		require.Contains(t, got.body, row.keeps+"</textarea>", row.name)
		require.Equal(t, 1, strings.Count(got.body, "<textarea"), row.name)
		require.NotEmpty(t, formKey.FindString(got.body), row.name)
	}
	require.Equal(t, []string{"Well, thank you."}, w.replies(t, th))

	// What was typed is text, whatever it looks like.
	tooLong := strings.Repeat("x", 5000) + "</textarea><script>alert(1)</script>"
	got := post(t, address, map[string]string{"key": `"><script>`, "reply": tooLong})
	require.Equal(t, 422, got.status)
	require.NotContains(t, got.body, "<script>")
	require.Contains(t, got.body, "&lt;/textarea&gt;&lt;script&gt;")
	// an unusable form key still sends
	require.Equal(t, 303, post(t, address, map[string]string{"key": "no key \x01", "reply": "x"}).status)
}

// The form's markup is the NHS design system's, by its own fixtures.
func TestMarkup(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.checkDateOfBirth(t, "")
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	pages := []string{}
	for _, fields := range []map[string]string{date("1", "1", "1990", "show"), {"reply": ""}} {
		pages = append(pages, skeleton(post(t, address, fields).body))
	}
	pages = append(pages, skeleton(call(t, "", http.MethodGet, address+"?sent="+th.reply.ID.String(), "").body))
	var oracle struct {
		Fixtures []struct{ Component, Fixture, HTML string }
	}
	raw, err := os.ReadFile("testdata/nhsuk-frontend.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &oracle))
	require.NotEmpty(t, oracle.Fixtures)
	for _, fixture := range oracle.Fixtures {
		require.Contains(t, strings.Join(pages, "\n\n"), skeleton(fixture.HTML), "%s, %s", fixture.Component, fixture.Fixture)
	}
}

var (
	startTag  = regexp.MustCompile(`<([a-z][a-z0-9]*)([^>]*)>`)
	attribute = regexp.MustCompile(`(class|role|type|inputmode)="([^"]*)"`)
	size      = regexp.MustCompile(`(heading|label|legend)--[sml]\b`)
)

// skeleton is a page's start tags with what makes them components: neither sizes nor levels of headings, which are the
// page's choice.
func skeleton(html string) string {
	var lines []string
	for _, tag := range startTag.FindAllStringSubmatch(html, -1) {
		parts := []string{tag[1]}
		if len(tag[1]) == 2 && tag[1][0] == 'h' {
			parts[0] = "heading"
		}
		for _, match := range attribute.FindAllStringSubmatch(tag[2], -1) {
			words := strings.Fields(match[2])
			words = slices.DeleteFunc(words, size.MatchString)
			parts = append(parts, match[1]+"="+strings.Join(words, " "))
		}
		lines = append(lines, strings.Join(parts, " "))
	}
	return strings.Join(lines, "\n")
}

// A flood from one address is held, calmly, and nobody else.
func TestFlood(t *testing.T) {
	t.Parallel()
	w := setup(t)
	address := w.url + "/m/r/x"
	held := 0
	for range 1300 { // two minutes' worth at the most: the clock may turn once
		if got := call(t, "", http.MethodGet, address, "", "X-Forwarded-For", "198.51.100.7, 10.0.0.1"); got.status == 429 {
			held++
			requirePageHeaders(t, got)
			require.Equal(t, "60", got.header.Get("Retry-After"))
			require.Contains(t, got.body, "Please wait a minute")
		}
	}
	require.Positive(t, held)
	require.LessOrEqual(t, held, 700)
	require.Equal(t, 404, call(t, "", http.MethodGet, address, "", "X-Forwarded-For", "198.51.100.8").status)
	require.Equal(t, 404, call(t, "", http.MethodGet, address, "").status)
}

// Whatever a form holds, it is a reply, or a refusal that keeps the page whole; never a fault.
func FuzzReplyForm(f *testing.F) {
	w := setup(f)
	w.checkDateOfBirth(f, "")
	th := w.newThread(f)
	for _, seed := range []string{
		"reply=Hello&key=abcdefghij&action=send", "action=show&day=29&month=2&year=1984", "reply=%00", "reply=%ff",
		"reply=%ed%a0%80",
		"reply=" + strings.Repeat("x", 5001), "&&&==;", "day=999999999999999999999", "reply=a&reply=b",
		"key=%22%3e%3cscript%3e&reply=",
		"reply=%e2%80%ae%f3%a0%80%81", "action=show&day=%d9%a2%d9%a9&month=-2&year=+1984",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got := call(t, "", http.MethodPost, w.url+"/m/r/"+th.token, body, "Content-Type", "application/x-www-form-urlencoded",
			"X-Forwarded-For", fmt.Sprintf("2001:db8:%x::1", w.numbers.Add(1)/500%65536)) // the fuzzer is a flood
		require.Contains(t, []int{200, 303, 413, 422}, got.status)
		if got.status != http.StatusSeeOther {
			require.Equal(t, 1, strings.Count(got.body, "<textarea"))
			require.Equal(t, 1, strings.Count(got.body, "</form>"))
			require.NotContains(t, got.body, "<script")
		}
	})
}
