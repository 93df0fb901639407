// Package phone reads telephone numbers as people in the United Kingdom write them.
package phone

import (
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"github.com/cmsmessenger/cmsmessenger/internal/pasted"
)

// Parse reads a number, British unless it says otherwise, with any spaces, dashes, dots, brackets and format
// characters, as a "tel:" link and with a full stop or comma after it, and returns it in E.164: "+447700900123". E164
// is empty for what is no telephone number, for one with anything but its digits around it ("07700 900123 or 07700
// 900456", "Mob: 07700 900123": guessing could write to a stranger) and for one without a place in E.164.
//
// SmsOK says that a text message can be sent there: +44 and ten digits that start with 7, other than 70 (personal
// numbers) and 76 (pagers), 7624 of the Isle of Man excepted. The rule is ours, not the library's: that calls Ofcom's
// numbers for drama, 07700 900000 to 900999, invalid, and providers take them.
func Parse(text string) (e164 string, smsOK bool) {
	text = pasted.Clean(text, "tel")
	if !onlyANumber(text) {
		return "", false
	}
	number, err := phonenumbers.Parse(text, "GB")
	if err != nil {
		return "", false
	}
	e164 = phonenumbers.Format(number, phonenumbers.E164)
	return e164, phonenumbers.IsPossibleNumber(number) && textable(e164)
}

func onlyANumber(text string) bool {
	for _, r := range text {
		digit := r >= '0' && r <= '9'
		if !digit && !strings.ContainsRune("+().", r) && !unicode.Is(unicode.Dash, r) {
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
