package messenger

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/replylink"
)

// A token is read however a program broke or encoded the link in which it stands.
func TestATokenIsReadAcrossWhatNobodySees(t *testing.T) {
	t.Parallel()
	const token = "Zq3x_Y-8kLmN0pQrStUvWA"
	for _, between := range []string{
		"\u00ad", "\u2800", "\x01", "\b", "\u200d\u2060", // unseen
		`\u200b`, `\u{200b}`, `\U0000200b`, `\xad`, "%u200b", "=C2=AD", "=E2=80=8B", "%E2%80%8B%C2%AD", "%25E2%2580%258B",
		"%252525C2%252525AD", "&ZeroWidthSpace;", "&amp;#173;", "&#xAD;", // and encoded
		" \n", "   \r\n", " \t\n", "\n\u3000", "\n\u2009", "\n# ", "\r\n> > ", "\n * ", "\n: ", "\n» ", "\n\n", // broken
		`\n`, `\r\n`, "%0A", "=0A", "=\r\n", "&NewLine;", "&#10;", "<br>\n", // and encoded
	} {
		quote := "See https://north.example.org/m/r/" + token[:9] + between + token[9:] + " please"
		require.True(t, mayHoldToken(quote), "%q", between)
		require.True(t, slices.ContainsFunc(readings(quote), func(r asRead) bool {
			at := strings.Index(r.text, token)
			return at > 0 && slices.Contains(replylink.Places(r.text), at) &&
				r.without([]int{at}, quote, "[reply link]") == "See [reply link] please"
		}), "%q", between)
	}
	for _, between := range []string{" ", ".", "é", "%C3%A9", "\n- ", "  ", `\u00e9`, "&eacute;"} { // is another word
		quote := token[:9] + between + token[9:]
		require.False(t, slices.ContainsFunc(readings(quote), func(r asRead) bool {
			return strings.Contains(r.text, token)
		}), "%q", between)
	}
}
