package smtp_test

import (
	"html"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
)

func TestHTMLLinksWebAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"See https://www.nhs.uk/":                     `See <bdi dir="ltr"><a href="https://www.nhs.uk/">https://www.nhs.uk/</a></bdi>`,
		"See https://www.nhs.uk/a?b=1&c=2.":           `See <bdi dir="ltr"><a href="https://www.nhs.uk/a?b=1&amp;c=2">https://www.nhs.uk/a?b=1&amp;c=2</a></bdi>.`,
		"(HTTP://example.org/x)":                      `(<bdi dir="ltr"><a href="HTTP://example.org/x">HTTP://example.org/x</a></bdi>)`,
		"https://example.org/a_(b), then":             `<bdi dir="ltr"><a href="https://example.org/a_(b)">https://example.org/a_(b)</a></bdi>, then`,
		`https://example.org/"onclick="x`:             `<bdi dir="ltr"><a href="https://example.org/">https://example.org/</a></bdi>&#34;onclick=&#34;x`,
		"https://example.org/<b>":                     `<bdi dir="ltr"><a href="https://example.org/">https://example.org/</a></bdi>&lt;b&gt;`,
		"javascript:alert(1) ftp://example.org":       "javascript:alert(1) ftp://example.org",
		"https:// and xhttps://example.org":           "https:// and xhttps://example.org",
		"two: http://a.example http://b.example/?x=y": `two: <bdi dir="ltr"><a href="http://a.example">http://a.example</a></bdi> <bdi dir="ltr"><a href="http://b.example/?x=y">http://b.example/?x=y</a></bdi>`,
	} {
		require.Contains(t, smtp.HTML(adapters.Outgoing{Text: text}), `<p dir="auto">`+want+"</p>", text)
	}
}

// Punctuation of any script behind an address is the sentence's, and within one it is the address's.
func TestHTMLLinksEndWithTheAddress(t *testing.T) {
	t.Parallel()
	for address, behind := range map[string][]string{
		"https://nhs.example.org/a": {
			".", "؟", "،", "۔", "।", "॥", "…", "։", "።", "·", "»", "”", "’",
			"›", "׃", "\u200b", "\u200f", "\u2069.", "?!",
			"。", "。谢谢", "，再见", "）", "」と", "！", "、次", "》",
		},
		"https://en.example.org/Sino–Soviet_split": {".", " ", "؟"},
		"https://ja.example.org/クイーン":              {"。", "」", ""},
		"https://example.org/a_(b)":                {"", "）", "؟)"},
		"https://example.org/%E0%A4%B9?x=1&y=/":    {"।", ""},
	} {
		for _, end := range behind {
			page := smtp.HTML(adapters.Outgoing{Text: "See " + address + end})
			require.Contains(t, page, ">"+html.EscapeString(address)+"</a></bdi>", "%s %q", address, end)
		}
	}
}

func TestHTMLKeepsColumnsAndDirections(t *testing.T) {
	t.Parallel()
	page := smtp.HTML(adapters.Outgoing{Text: "Mon   10:00\n  Tue\t11:00\n\nمرحبا Grace\n2) שלום\nHello غريس\n\nسلام"})
	_, page, _ = strings.Cut(page, "<body>\n")
	require.Equal(t, `<p dir="auto" style="margin-bottom:0">Mon&nbsp;&nbsp; 10:00</p>
<p dir="auto" style="margin-top:0">&nbsp;&nbsp;Tue&nbsp;&nbsp;&nbsp; 11:00</p>
<p dir="auto" style="margin-bottom:0">مرحبا Grace</p>
<p dir="auto" style="margin:0">2) שלום</p>
<p dir="auto" style="margin-top:0">Hello غريس</p>
<p dir="auto">سلام</p>
</body>
</html>
`, page, "each line in its own direction, which a bdi in it would take from its block")
}

func TestHTMLTakesTheReplyLinkAsItStands(t *testing.T) {
	t.Parallel()
	page := smtp.HTML(adapters.Outgoing{Text: "Reply: " + link + ". See https://www.nhs.uk", Link: link, Language: "cy"})
	require.Contains(t, page, `<a href="`+link+`">`+link+`</a></bdi>. See <bdi dir="ltr"><a href="https://www.nhs.uk">`)
	require.Contains(t, page, `<html lang="cy">`, "read aloud as it is written")
	require.Contains(t, smtp.HTML(adapters.Outgoing{Language: `"><`}), `<html lang="&#34;&gt;&lt;">`)
}

func TestAHostsOwnPage(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: smtp.StartTLS})
	config := server.config(t)
	letterhead := "<table><tr><td>Riverside Council – Gofal</td></tr></table>"
	config.HTML = func(message adapters.Outgoing) string {
		return strings.Replace(smtp.HTML(message), "<body>\n", "<body>\r"+letterhead, 1)
	}
	sent := message()
	_, err := newSender(t, config).Send(t.Context(), sent)
	require.NoError(t, err)
	got := server.messages(t, sent.Reference)[0]
	require.Contains(t, got.HTML, letterhead)
	require.Contains(t, got.HTML, `<a href="`+link+`">`)
	require.Equal(t, sent.Text, strings.TrimRight(got.Text, "\n"), "the plain text stays")
	require.NotContains(t, strings.ReplaceAll(got.Raw, "\r\n", "\n"), "\r", "no bare CR passes in a page either")

	config.HTML = func(adapters.Outgoing) string { return "<html>Somebody wrote to you</html>" }
	sender := newSender(t, config)
	_, err = sender.Send(t.Context(), message())
	require.ErrorIs(t, err, adapters.ErrConfiguration)
	withoutLink := message()
	withoutLink.Text, withoutLink.Link = "Without a link", ""
	_, err = sender.Send(t.Context(), withoutLink)
	require.NoError(t, err)
	require.Len(t, server.messages(t, ""), 2, "the page without its link was not sent")
}
