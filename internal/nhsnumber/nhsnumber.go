// Package nhsnumber reads and writes NHS numbers.
//
// The rules are those of the NHS service manual, "Ask for NHS numbers", and of the NHS data dictionary, "NHS number":
// ten digits, of which the last is a modulus 11 check digit.
package nhsnumber

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/cmsmessenger/cmsmessenger/internal/pasted"
)

// Parse reads an NHS number as people write it, with any spaces, dashes and format characters and with a full stop or
// comma after it, and returns its ten digits. It is false, with an empty string, for anything else: another length,
// other characters (full-width digits are others), a wrong check digit, or 0000000000, which passes the sum and belongs
// to nobody.
//
// It says nothing about whether the number was ever issued: numbers that start with 9 are for tests only.
func Parse(text string) (string, bool) {
	var digits strings.Builder
	for _, r := range pasted.Clean(text, "") {
		switch {
		case r >= '0' && r <= '9':
			if digits.Len() == 10 {
				return "", false
			}
			digits.WriteRune(r)
		case unicode.Is(unicode.Dash, r):
		default:
			return "", false
		}
	}
	number := digits.String()
	if len(number) != 10 || number == "0000000000" || !checkDigitHolds(number) {
		return "", false
	}
	return number, true
}

// Pasted reads an NHS number that somebody looks for, out of what they copied: "NHS No: 999-000-0018.", "Rhif GIG 999
// 000 0018", "999 000 0018 (NHS)", with any punctuation and in digits of any script. It is false, with an empty string,
// where there is anything else, such as a name.
func Pasted(text string) (string, bool) {
	return Parse(label.ReplaceAllLiteralString(strings.Map(func(r rune) rune {
		if unicode.IsPunct(r) || unicode.IsSymbol(r) {
			return -1
		}
		return pasted.Digit(r)
	}, norm.NFKC.String(pasted.Clean(text, ""))), ""))
}

// label is what stands before or behind an NHS number, in English and Welsh, spaces and punctuation left out.
var label = regexp.MustCompile(`(?i)^(nhs(numbers?|num|nbr|no|nr|id|n)?|(rhif)?(y)?gig)|nhs(no|number)?$`)

// checkDigitHolds multiplies the first nine digits by 10 down to 2; 11 less the sum's remainder by 11 is the tenth,
// 11 standing for 0. A 10 equals no digit, so that such a number can't be valid.
func checkDigitHolds(number string) bool {
	sum := 0
	for i := range 9 {
		sum += int(number[i]-'0') * (10 - i)
	}
	return (11-sum%11)%11 == int(number[9]-'0')
}

// Format writes ten digits as people read them, "999 000 0018". A text of any other length is returned as it is.
func Format(number string) string {
	if len(number) != 10 {
		return number
	}
	return number[:3] + " " + number[3:6] + " " + number[6:]
}
