// Package phone reads telephone numbers as people in the United Kingdom write them.
package phone

import (
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// Parse reads a number, British unless it says otherwise, with any spaces, dashes, dots and brackets, and returns it in
// E.164: "+447700900123". E164 is empty for what is no telephone number, for one with anything but its digits around
// it ("07700 900123 or 07700 900456": guessing could write to a stranger) and for one without a place in E.164.
//
// SmsOK says that a text message can be sent there: +44 and ten digits that start with 7, other than 70 (personal
// numbers) and 76 (pagers), 7624 of the Isle of Man excepted. The rule is ours, not the library's: that calls Ofcom's
// numbers for drama, 07700 900000 to 900999, invalid, and providers take them.
func Parse(text string) (e164 string, smsOK bool) {
	if !onlyANumber(text) {
		return "", false
	}
	// The library knows fewer spaces than people paste.
	number, err := phonenumbers.Parse(strings.Join(strings.Fields(text), " "), "GB")
	if err != nil {
		return "", false
	}
	e164 = phonenumbers.Format(number, phonenumbers.E164)
	return e164, phonenumbers.IsPossibleNumber(number) && textable(e164)
}

func onlyANumber(text string) bool {
	for _, r := range text {
		digit := r >= '0' && r <= '9'
		if !digit && !strings.ContainsRune("+().", r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Dash, r) {
			return false
		}
	}
	return true
}

func textable(e164 string) bool {
	national, british := strings.CutPrefix(e164, "+44")
	if !british || len(national) != 10 || national[0] != '7' {
		return false
	}
	return national[1] != '0' && national[1] != '6' || strings.HasPrefix(national, "7624")
}
