// Package segments counts how many parts a text message is sent as.
//
// The tables are those of 3GPP TS 23.038; that a part of several holds 153 or 67 units, and that neither an escaped
// character nor a surrogate pair is cut in two, is 3GPP TS 23.040.
package segments

import (
	"slices"
	"strings"
)

// The encodings of a text message.
const (
	GSM7 = "GSM-7"
	UCS2 = "UCS-2"
)

const (
	basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extension = "\f^{}\\[~]|€"
)

// Counted is what a text becomes on its way to a phone.
type Counted struct {
	Encoding string // GSM7 or UCS2
	Units    int    // septets under GSM7, 16-bit units under UCS2
	Segments int    // how many parts are sent and paid for; 0 for an empty text
	// Dear are the characters that GSM-7 does not have, each once, as they come: they make the whole text UCS-2, and a
	// staff member who replaces them may halve the price. Empty under GSM7.
	Dear []string
}

// Count counts the whole text, reply link included. It substitutes nothing: a provider that replaces characters before
// it sends (GOV.UK Notify does) may need fewer parts. Invalid UTF-8 counts as the replacement character.
func Count(text string) Counted {
	if dear := dear(text); len(dear) > 0 {
		units, parts := fill(text, utf16Units, 70, 67)
		return Counted{Encoding: UCS2, Units: units, Segments: parts, Dear: dear}
	}
	units, parts := fill(text, septets, 160, 153)
	return Counted{Encoding: GSM7, Units: units, Segments: parts}
}

func dear(text string) (list []string) {
	for _, r := range text {
		if septets(r) == 0 && !slices.Contains(list, string(r)) {
			list = append(list, string(r))
		}
	}
	return list
}

// fill packs whole characters into parts: one of single units when all fit in it, else as many of several as it takes.
func fill(text string, cost func(rune) int, single, several int) (units, parts int) {
	room := 0
	for _, r := range text {
		c := cost(r)
		units += c
		if c > room {
			parts++
			room = several
		}
		room -= c
	}
	if units > 0 && units <= single {
		parts = 1
	}
	return units, parts
}

// septets is what a character costs under GSM-7; 0 when GSM-7 does not have it.
func septets(r rune) int {
	switch {
	case strings.ContainsRune(basic, r):
		return 1
	case strings.ContainsRune(extension, r):
		return 2
	}
	return 0
}

func utf16Units(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}
