package messenger

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Nothing touches the link that a client gets, whatever somebody wrote beside its place.
func TestNothingTouchesTheLink(t *testing.T) {
	t.Parallel()
	const link = "https://nhs.example.org/m/r/0123456789abcdefABCDEF"
	for body, want := range map[string]string{
		"Reply: {{reply_link}}":                    "Reply: " + link,
		"Reply at {{reply_link}}.":                 "Reply at " + link + " .",
		"({{reply_link}})":                         "( " + link + " )",
		"<{{reply_link}}>, please":                 "< " + link + " >, please",
		"Reply:{{reply_link}}\nThank you":          "Reply: " + link + "\nThank you",
		"{{reply_link}}{{reply_link}}":             link + " " + link,
		"x{{reply_link}}{{reply_link}}y":           "x " + link + " " + link + " y",
		"\u94fe\u63a5\uff1a{{reply_link}}\u3002":   "\u94fe\u63a5\uff1a " + link + " \u3002",
		"{{reply_link}}\u200b":                     link + " \u200b",
		"\u00a0{{reply_link}}\u2003and\u00a0so on": "\u00a0" + link + "\u2003and\u00a0so on",
		"No link.": "No link.",
	} {
		require.Equal(t, want, placeLink(body, link), body)
	}
	require.Equal(t, "().", placeLink("({{reply_link}}).", ""), "while replies are off")
}
