package search

import (
	"slices"
	"strings"
)

// wordsBefore is how many words of a text stand before the one that was found, for the sense.
const wordsBefore = 8

// Excerpt is this many characters of a text on one line, from shortly before the first word that begins with one of
// these; "…" stands for what is left out before and after.
func Excerpt(text string, wanted []string, characters int) string {
	fields := strings.Fields(text)
	found := slices.IndexFunc(fields, func(field string) bool { return beginsAny(Words(field), wanted) })
	if found <= wordsBefore {
		return shorten(strings.Join(fields, " "), characters)
	}
	return "…" + shorten(strings.Join(fields[found-wordsBefore:], " "), characters)
}

// shorten cuts a text to n characters, and says so.
func shorten(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}

func beginsAny(words, wanted []string) bool {
	for _, word := range words {
		for _, w := range wanted {
			if strings.HasPrefix(word, w) {
				return true
			}
		}
	}
	return false
}
