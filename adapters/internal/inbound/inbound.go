// Package inbound reads what every provider says of a text from outside the same way: the two numbers, and whether the
// client asks to be sent nothing more, or texts again.
package inbound

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/cmsmessenger/cmsmessenger/internal/phone"
)

// Number is a number in E.164, "+447700900123", however the provider writes it: with or without the plus, or as it is
// dialled at home. A short code or a name stays.
func Number(text string) string {
	text = strings.TrimSpace(text)
	digits := strings.Count(text, "") - 1
	if digits < shortest {
		return text
	}
	if strings.HasPrefix(text, "44") || isForeign(text) { // a provider that leaves the plus out
		text = "+" + text
	}
	if e164, _ := phone.Parse(text); e164 != "" {
		return e164
	}
	return text
}

// isForeign says whether a number without a plus is none that is dialled in the United Kingdom, which begins with 0.
func isForeign(text string) bool {
	return len(text) >= 11 && text[0] != '0' && strings.Trim(text, "0123456789") == ""
}

// shortest is how many signs a telephone number has at least: whatever is shorter is a short code.
const shortest = 10

// AsksToStop says whether a text asks for no more texts, and says nothing else: by a word for it, in any case, with any
// accents, signs and spaces, once or over again, with a please or a thank you, and with what is to stop. Others are
// words that the provider itself takes for it where they stand alone: "Cancel please" is about an appointment.
func AsksToStop(text string, others ...string) bool {
	return isOneOf(text, append(others, stopWords...)) || isOneOf(without(text, besideStop), stopWords)
}

var (
	// stopWords are English and Welsh.
	stopWords = []string{ //nolint:gochecknoglobals // a constant
		"STOP", "STOPALL", "UNSUBSCRIBE", "OPTOUT", "STOPIWCH", "STOPIO",
	}
	// besideStop are words that change nothing in what a stop asks for.
	besideStop = []string{ //nolint:gochecknoglobals // a constant
		"PLEASE", "PLS", "PLZ", "THANKS", "THANK", "YOU", "SENDING", "CONTACTING", "ME", "US", "NOW", "MY", "THE", "THESE",
		"YOUR", "ANY", "MORE", "FURTHER", "TEXT", "TEXTS", "TEXTING", "MESSAGE", "MESSAGES", "MESSAGING", "SMS",
		"HELLO", "HI", "OS", "GWELWCH", "YN", "DDA", "DIOLCH", "TECSTIO", "NEGESEUON", "DDIM", "MWY",
	}
)

// without is a text without these words.
func without(text string, words []string) string {
	return strings.Join(slices.DeleteFunc(strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && !unicode.In(r, unicode.M, unicode.Cf)
	}), func(said string) bool { return slices.Contains(words, word(said)) }), " ")
}

// AsksToStart says likewise whether a text is a word by which people have texts begin again.
func AsksToStart(text string, others ...string) bool {
	return isOneOf(text, append(others, "START", "UNSTOP", "OPTIN"))
}

func isOneOf(text string, words []string) bool {
	said := word(text)
	return said != "" && slices.ContainsFunc(words, func(word string) bool {
		return strings.ReplaceAll(said, word, "") == ""
	})
}

// word is a text in capitals without its signs, accents and spaces, full-width letters as any others.
func word(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, norm.NFKD.String(text))
}
