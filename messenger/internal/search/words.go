package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// undecomposed are the letters that Unicode takes for letters of their own and a keyboard without them writes
// otherwise, and the apostrophes and hyphens that a word processor puts for the plain ones.
var undecomposed = strings.NewReplacer( //nolint:gochecknoglobals // built once, as a regexp; never changed
	"ł", "l", "ø", "o", "đ", "d", "ð", "d", "ħ", "h", "ı", "i", "ŧ", "t", "þ", "th",
	"æ", "ae", "œ", "oe", "ß", "ss", "’", "'", "‘", "'", "ʼ", "'", "‐", "-", "–", "-")

// Fold is text as a search compares it: without case and accents.
func Fold(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return strings.ToLower(s) // most texts: the rest would change nothing, at ten times the cost
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return undecomposed.Replace(b.String())
}

// maxWord is how much of one word a search compares, in bytes: PostgreSQL keeps 2,046 of a lexeme.
const maxWord = 200

// Words are the distinct folded words of a text, of letters and digits, in the order in which they come first.
func Words(s string) []string {
	seen := map[string]bool{}
	list := []string{}
	for _, word := range strings.FieldsFunc(Fold(s), betweenWords) {
		for len(word) > maxWord {
			_, size := utf8.DecodeLastRuneInString(word)
			word = word[:len(word)-size]
		}
		if !seen[word] {
			seen[word] = true
			list = append(list, word)
		}
	}
	return list
}

func betweenWords(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
