// Package pasted takes off a number or an address what comes with it when people paste it.
package pasted

import (
	"strings"
	"unicode"
)

// Clean returns a number or an address without format characters (Unicode Cf, such as the direction marks that a
// telephone number is wrapped in), without spaces, without this scheme of a link before it, in any case (RFC 3986,
// section 3.1), and without the one full stop or comma of the sentence that it stood in.
func Clean(text, scheme string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	if scheme != "" && len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)+1], scheme+":") {
		text = text[len(scheme)+1:]
	}
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, ",") {
		text = text[:len(text)-1]
	}
	return text
}
