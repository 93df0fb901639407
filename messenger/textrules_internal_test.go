package messenger

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

func TestNothingToSeeIsNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " \t\r\n", "\u00a0\u3000", "\u200b\u2060\ufeff", "\u3164", "\u2800", "\u0301", " \u0301 ", "\u115f\u1160\uffa0", "\ufe0f\u200d",
		"\u093e", "\u2800\u3164\u034f\U000e0041", "\x1b\x07",
	} {
		require.True(t, blank(text), "%q", text)
	}
	for _, text := range []string{".", "´", "👍", "\u0301e", "क", "\u2801", "0", "-", "한", "\ufffd"} {
		require.False(t, blank(text), "%q", text)
	}
}

func TestAMessageGoesWithinAYear(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	p := SendParams{Client: "grace", Medium: adapters.SMS, Body: "Hello"}
	for at, code := range map[time.Time]Code{
		{}:                   "",
		now.Add(-time.Hour):  "",
		now.AddDate(1, 0, 0): "",
		now.AddDate(1, 0, 1): CodeInvalid,
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC):             CodeInvalid,
		time.Date(0, 1, 1, 0, 0, 0, 0, time.FixedZone("east", 3600)): CodeInvalid,
	} {
		p.SendAfter = at
		_, err := p.checked(now)
		require.Equal(t, code, CodeOf(err), at)
		_, err = BroadcastParams{Medium: p.Medium, Body: p.Body, SendAfter: at, Clients: []adapters.ClientID{"grace"}}.checked(now)
		require.Equal(t, code, CodeOf(err), at)
	}
}

func TestAPreviewEndsWithNoHalfAnEmoji(t *testing.T) {
	t.Parallel()
	a := func(n int) string { return strings.Repeat("a", n) }
	for cut, want := range map[string]string{
		a(140): a(140), a(139) + "👩": a(139), a(138) + "👩\u200d": a(138), a(139) + "é": a(139) + "é", a(20) + "👩": a(20) + "👩",
	} {
		require.Equal(t, want, wholePreview(cut))
	}
}
