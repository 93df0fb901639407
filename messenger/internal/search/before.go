package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Messages and names that earlier builds wrote have the words of the rules below, and are not written anew: a query
// asks for its words by all of them. A message written since marks are kept, that the first rules could have read
// otherwise, has a sign among its words (byTheseRules), and is not found by those.

// foldSince was Fold until each digit and Arabic letter was one sign. What it keeps apart nobody writes now, so that it
// finds nothing among what has been written since.
func foldSince(s string) string { return fold(s, func(r rune) rune { return r }) }

// readOtherwise says whether the rules of before could read a folded word otherwise: they dropped or parted at marks.
func readOtherwise(word string) bool {
	return strings.ContainsFunc(word, func(r rune) bool {
		return r >= 0x80 && !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Common)
	})
}

// foldBefore left out nonspacing marks of every script, kept format characters, and had two small letters sigma.
func foldBefore(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return undecomposed.Replace(b.String())
}

// wordsBefore parted words at every sign that is no letter or digit.
func wordsBefore(folded string) []string {
	words := newDistinct()
	between := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for _, word := range strings.FieldsFunc(folded, between) {
		words.add(cutWord(word))
	}
	return words.list
}
