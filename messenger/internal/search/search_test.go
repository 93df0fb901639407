package search

import (
	"encoding/json"
	"os"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestASearchIsOfWords(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]Query{
		"":            {},
		" \n":         {},
		"Tea & cake":  {[]Term{{"tea", []string{"tea"}}, {"cake", []string{"cake"}}}},
		"&":           {[]Term{{"&", []string{}}}},
		"O’Neil":      {[]Term{{"o'neil", []string{"o", "neil"}}}},
		"José ŁUKASZ": {[]Term{{"jose", []string{"jose"}}, {"lukasz", []string{"lukasz"}}}},
		"12:30 12:30": {[]Term{{"12:30", []string{"12", "30"}}, {"12:30", []string{"12", "30"}}}},
	} {
		q := Parse(typed)
		require.Equal(t, want, q, "%q", typed)
		require.Equal(t, len(q.Terms) > 0 && typed != "&", q.InMessages(), "%q", typed)
	}
	require.Equal(t, "'/o':* & '/neil':*", Parse("O'Neil").Terms[0].TSQuery("/"))
	require.Equal(t, `%50\%%`, Parse("50%").Terms[0].Like())
}

func TestWhatANameHasNotIsLookedForInMessages(t *testing.T) {
	t.Parallel()
	words, all := Parse("josé river").NotInName("José Álvarez")
	require.False(t, all)
	require.Equal(t, []string{"river"}, words)
	_, all = Parse("alva JOSE").NotInName("José Álvarez")
	require.True(t, all)
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	text := "one two three four five six seven eight nine ten\neleven twelve"
	require.Equal(t, "one two three four…", Excerpt(text, []string{"two"}, 18))
	require.Equal(t, "…three four five six seven eight nine ten eleven twelve", Excerpt(text, []string{"elev"}, 140))
	require.Equal(t, "one two three four five six seven eight nine ten eleven twelve", Excerpt(text, []string{"ni"}, 140))
	require.Equal(t, "one…", Excerpt(text, nil, 3), "found by none of these words: from the start")
}

func FuzzSearch(f *testing.F) {
	for _, s := range nastyQueries(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for _, term := range Parse(typed).Terms {
			for _, word := range term.Words {
				require.NotEmpty(t, word)
				require.LessOrEqual(t, len(word), maxWord)
				require.True(t, utf8.ValidString(word))
				for _, r := range word {
					require.True(t, unicode.IsLetter(r) || unicode.IsDigit(r), "%q is an operator or a quote", r)
				}
			}
		}
	})
}

func nastyQueries(tb testing.TB) []string {
	tb.Helper()
	data, err := os.ReadFile("testdata/nasty-queries.json")
	require.NoError(tb, err)
	var queries []string
	require.NoError(tb, json.Unmarshal(data, &queries))
	require.NotEmpty(tb, queries)
	return queries
}
