package graphemes_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/graphemes"
)

func TestCut(t *testing.T) {
	t.Parallel()
	family, flags, wave := "👩\u200d👧\u200d👦", "🇬🇧🇫🇷", "👋🏽"
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"Hello", 5, "Hello"},
		{"Hello", 4, "Hell"},
		{"Hello", 0, ""},
		{"", 3, ""},
		{"a" + family + "b", 6, "a" + family},
		{"a" + family + "b", 5, "a"},
		{"a" + family, 2, "a"},
		{family, 3, ""},
		{flags, 3, "🇬🇧"},
		{flags, 2, "🇬🇧"},
		{flags, 1, ""},
		{"x" + wave, 2, "x"},
		{"xe\u0301", 2, "x"},
		{"क्षि", 1, ""},
		{"❤\ufe0f!", 1, ""},
		{"❤\ufe0f!", 2, "❤\ufe0f"},
		{"🏴\U000e0067\U000e007f", 2, ""},
	} {
		require.Equal(t, c.want, graphemes.Cut(c.text, c.n), "%q by %d", c.text, c.n)
	}
	for cut, want := range map[string]string{
		"": "", "Hello": "Hello", "a👩\u200d": "a", "a👩": "a", "a👩\u200d👧": "a", "🇬🇧🇫": "🇬🇧", "é": "é",
		"xe\u0301": "xe\u0301", "👋": "",
		"我": "我", "1+": "1+", "a❤\ufe0f": "a", "👋🏽": "",
	} {
		require.Equal(t, want, graphemes.Whole(cut), "%q", cut)
	}
}

func FuzzCut(f *testing.F) {
	f.Add("a👩\u200d👧🇬🇧e\u0301", 3)
	f.Fuzz(func(t *testing.T, text string, n int) {
		if n < 0 || !utf8.ValidString(text) {
			return
		}
		cut := graphemes.Cut(text, n)
		require.True(t, strings.HasPrefix(text, cut))
		require.LessOrEqual(t, utf8.RuneCountInString(cut), n)
		require.True(t, strings.HasPrefix(cut, graphemes.Whole(cut)))
	})
}
