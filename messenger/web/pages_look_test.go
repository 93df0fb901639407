package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/brand"
)

const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"><path fill="#fff" d="M0 0h2v1H0z"/></svg>`

// changed changes what the page's organisation is.
func (w *world) changed(tb testing.TB, change func(*adapters.Organisation)) {
	tb.Helper()
	o := w.organisation(tb)
	change(&o)
	w.orgs.Put(o)
}

// sheetOf is what a page's stylesheet says, and where it is.
func sheetOf(tb testing.TB, address string, page answer) (at, text string) {
	tb.Helper()
	base, err := url.Parse(address)
	require.NoError(tb, err)
	target, err := base.Parse(styleLink.FindStringSubmatch(page.body)[1])
	require.NoError(tb, err)
	return target.String(), call(tb, "", http.MethodGet, target.String(), "").body
}

// The band at the top is in the host's colour, with its logo, and no other host is asked for either.
func TestTheHostsColourAndLogo(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	w.changed(t, func(o *adapters.Organisation) {
		o.Colour, o.Logo = "#1D5F5A", []byte(logo+strings.Repeat(" ", brand.MaxLogo-len(logo)))
		o.CheckDateOfBirth = true
	})
	for name, page := range map[string]answer{
		"form": call(t, "", http.MethodGet, address, ""), "refused": post(t, address, date("1", "1", "1990", "send")),
		"receipt": call(t, "", http.MethodGet, address+"?sent="+th.reply.ID.String(), ""),
	} {
		at, sheet := sheetOf(t, address, page)
		require.Contains(t, at, "/1d5f5a/", name)
		require.Contains(t, sheet, "--band: #1d5f5a;")
		require.Contains(t, page.body, `<meta name="theme-color" content="#1d5f5a">`) //nolint:misspell // the standard's word
		require.Contains(t, page.body, `<img class="reply-logo" src="data:image/svg`)
		require.Contains(t, page.header.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self'; ")
		require.Contains(t, page.header.Get("Content-Security-Policy"), "; img-src data:")
		require.NotRegexp(t, `(src|srcset|poster|background)="(https?:)?//`, page.body)
		require.Less(t, requireStyle(t, address, page), 20_000, name)
	}
	gone := call(t, "", http.MethodGet, w.url+"/m/r/x", "")
	requirePageHeaders(t, gone)
	require.NotContains(t, gone.body, "1d5f5a", "a link that does not work is nobody's")
	require.NotContains(t, gone.body, "<img")
	require.Contains(t, gone.body, `<p class="nhsuk-header__organisation" dir="auto">Messages</p>`)
	require.NotContains(t, w.log.String(), "can't have its organisation's look")
}

// A colour that white words can't be read on, and a logo that is none, leave the page as it is without; the log says
// so once.
func TestALookThatCantBe(t *testing.T) {
	t.Parallel()
	w := setup(t)
	address := w.url + "/m/r/" + w.newThread(t).token
	plain, _ := sheetOf(t, address, call(t, "", http.MethodGet, address, ""))
	for _, colour := range []string{"#ffd44d", "#777777", "green", "#fff", "#1d5f5a;} body{display:none", "#1d5f5a\n"} {
		w.changed(t, func(o *adapters.Organisation) { o.Colour, o.Logo = colour, []byte("https://example.org/logo.svg") })
		for range 2 {
			page := call(t, "", http.MethodGet, address, "")
			requirePageHeaders(t, page)
			at, _ := sheetOf(t, address, page)
			require.Equal(t, plain, at, colour)
			require.Contains(t, page.body, `<meta name="theme-color" content="#005eb8">`) //nolint:misspell // as above
			require.NotContains(t, page.body, "<img")
		}
	}
	require.Equal(t, 3, strings.Count(w.log.String(), "what=colour"), "each fault once: %s", w.log.String())
	require.Equal(t, 1, strings.Count(w.log.String(), "what=logo"))
	for _, colour := range []string{"ffd44d", "1d5f5", "x", "1d5f5a%0a", "%2e%2e"} {
		got := call(t, "", http.MethodGet, strings.Replace(plain, "/reply.css", "/"+colour+"/reply.css", 1), "")
		require.Equal(t, 404, got.status, colour)
	}
}

// What a person may have to call or open at once is a link, in the host's own words too, and what is no number is none.
func TestNumbersAndAddressesAreLinks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	page := call(t, "", http.MethodGet, address, "").body
	for _, link := range []string{
		`<a href="tel:111">111</a>`, `<a href="tel:999">999</a>`, `<a href="https://111.nhs.uk">111.nhs.uk</a>.`,
		`on <bdi><a href="tel:+441632960001">01632 960001</a></bdi>.`,
	} {
		require.Contains(t, page, link)
	}
	require.Greater(t, strings.Index(page, "This page is not for emergencies"), strings.Index(page, "<textarea"),
		"below the question")
	receipt := call(t, "", http.MethodGet, address+"?sent="+th.reply.ID.String(), "").body
	require.Contains(t, receipt, "You can close this page.")
	require.Contains(t, receipt, `<a href="tel:999">999</a>`)

	w.changed(t, func(o *adapters.Organisation) {
		o.Phone = "01632 960001 ext <2>"
		o.Words = map[string]string{
			"urgent_111":     "Ffoniwch 111, neu ewch i https://111.wales.nhs.uk/cy?a=1&b=2 (neu 18000).",
			"urgent_heading": "111", "next_body": "See https://example.org/times\"><script>, 999 of us.",
			"contact": "Call {phone}, not 111 <b>.",
		}
	})
	page = call(t, "", http.MethodGet, address, "").body
	for _, words := range []string{
		`Ffoniwch <a href="tel:111">111</a>, neu ewch i ` +
			`<a href="https://111.wales.nhs.uk/cy?a=1&amp;b=2">https://111.wales.nhs.uk/cy?a=1&amp;b=2</a>`,
		`(neu <a href="tel:18000">18000</a>).`, `<h2 class="nhsuk-card__heading">111</h2>`,
		`See <a href="https://example.org/times">https://example.org/times</a>&#34;&gt;&lt;script&gt;, 999 of us.`,
		`Call <bdi>01632 960001 ext &lt;2&gt;</bdi>, not 111 &lt;b&gt;.`,
	} {
		require.Contains(t, page, words)
	}
}

// Who goes Back from the receipt and presses Send again has sent nothing twice; other words are another reply, and so
// are the same ones once somebody else's form, or ten minutes, lie between.
func TestBackAfterTheReceipt(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	first := call(t, "", http.MethodGet, address, "")
	sent := post(t, address, map[string]string{"key": formKey.FindStringSubmatch(first.body)[1], "reply": "Once."})
	require.Equal(t, 303, sent.status)
	cookie := sent.header.Get("Set-Cookie")
	for _, part := range []string{"messenger_form=", "; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age=600"} {
		require.Contains(t, cookie, part)
	}
	cookie, _, _ = strings.Cut(cookie, ";")
	again := call(t, "", http.MethodGet, address, "", "Cookie", cookie)
	key := formKey.FindStringSubmatch(again.body)[1]
	repeated := post(t, address, map[string]string{"key": key, "reply": "Once."}, "Cookie", cookie)
	require.Equal(t, sent.header.Get("Location"), repeated.header.Get("Location"), "the same receipt")
	require.Equal(t, 303, post(t, address, map[string]string{"key": key, "reply": "Twice."}, "Cookie", cookie).status)
	fresh := formKey.FindStringSubmatch(call(t, "", http.MethodGet, address, "").body)[1]
	require.NotEqual(t, key, fresh)
	require.Equal(t, 303, post(t, address, map[string]string{"key": fresh, "reply": "Once."}).status)
	require.Equal(t, []string{"Once.", "Twice.", "Once.", "Well, thank you."}, w.replies(t, th))

	for _, odd := range []string{"messenger_form=", "messenger_form=%22%3E", "messenger_form=" + strings.Repeat("x", 3000)} {
		page := call(t, "", http.MethodGet, address, "", "Cookie", odd)
		require.Equal(t, 200, page.status)
		require.NotEmpty(t, formKey.FindString(page.body), odd)
	}
}
