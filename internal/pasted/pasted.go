// Package pasted takes off a number or an address what comes with it when people paste it.
package pasted

import (
	"net/url"
	"strings"
	"unicode"
)

// Clean returns a number or an address without signs that nobody sees (Unicode Cf, such as the direction marks that a
// telephone number is wrapped in, variation selectors, fillers and the empty Braille pattern), without spaces, without
// this scheme of a link before it, in any case (RFC 3986, section 3.1), and then decoded, and without the one full stop
// or comma of the sentence that it stood in.
func Clean(text, scheme string) string {
	text = strings.Map(seen, text)
	if scheme != "" && len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)+1], scheme+":") {
		text = strings.TrimPrefix(text[len(scheme)+1:], "//") // which such a link does not have, and people write
		if decoded, err := url.PathUnescape(text); err == nil {
			text = strings.Map(seen, decoded)
		}
	}
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, ",") {
		text = text[:len(text)-1]
	}
	return text
}

// seen drops a sign that nobody sees.
func seen(r rune) rune {
	const emptyBraille = '\u2800'
	if unicode.IsSpace(r) || r == emptyBraille ||
		unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
		return -1
	}
	return r
}

// Digit is the sign of 0 to 9 that a decimal digit of any script stands for; any other sign is returned as it is.
func Digit(r rune) rune {
	if !unicode.IsDigit(r) {
		return r
	}
	zero := r
	for unicode.IsDigit(zero - 1) { // Unicode has each script's ten in a row, from zero on
		zero--
	}
	return '0' + (r-zero)%10
}
