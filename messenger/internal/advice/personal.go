package advice

import (
	"strings"
	"time"
	"unicode"
)

// personalNumber: whoever finds the phone has the two that identify a patient. NHS England's guidance on texts and
// emails: as little of a person in them as the message needs. A private one is read by who knows them.
func personalNumber(t text) (rule, words, source string) {
	const guidance = "NHS England, texting, emailing and messaging patients and service users: " +
		"https://transform.england.nhs.uk/information-governance/guidance/" +
		"texting-emailing-and-messaging-patients-and-service-users"
	switch {
	case t.Private:
		return "", "", ""
	case hasNHSNumber(t.written):
		return "personal_number", "This has an NHS number in it. Leave it out: others may see it.", guidance
	case t.hasBirthday():
		return "personal_number", "This has a date of birth in it. Leave it out: others may see it.", guidance
	}
	return "", "", ""
}

// hasNHSNumber says whether ten digits with the NHS's check digit stand in a text, in one or as 3, 3 and 4. Modulus 11
// is the NHS Data Dictionary's, NHS NUMBER; one in eleven of any ten digits has it, so that numbers of phones (eleven
// digits) are none.
func hasNHSNumber(s string) bool {
	var digits []byte
	var shape []int // how many digits stand together
	end := func() (found bool) {
		at := 0
		for i, n := range shape { // others may stand before it and after: a room, a time
			end := at + n
			if n == 3 && i+2 < len(shape) && shape[i+1] == 3 && shape[i+2] == 4 {
				end = at + 10
			}
			found = found || isNHSNumber(digits[at:end])
			at += n
		}
		digits, shape = digits[:0], shape[:0]
		return found
	}
	apart := 0 // what has stood since the last digit
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			if len(digits) == 0 || apart > 0 {
				shape = append(shape, 0)
			}
			digits, apart = append(digits, byte(r-'0')), 0
			shape[len(shape)-1]++
		case len(digits) > 0 && apart == 0 && (r == ' ' || r == '-' || r == '\u00a0'):
			apart++
		default:
			if end() {
				return true
			}
			apart = 0
		}
	}
	return end()
}

func isNHSNumber(digits []byte) bool {
	if len(digits) != 10 {
		return false
	}
	sum := 0
	for i, d := range digits[:9] {
		sum += (10 - i) * int(d)
	}
	return (11-sum%11)%11 == int(digits[9])
}

// hasBirthday says whether the client's own date of birth stands in the text, or any after the words for it.
func (t text) hasBirthday() bool {
	if born, err := time.Parse(time.DateOnly, t.DateOfBirth); err == nil {
		for _, layout := range []string{
			"2 1 2006", "02 01 2006", "2 1 06", "02 01 06", "2006 01 02", "2 January 2006", "02 January 2006",
			"2 Jan 2006", "January 2 2006", "Jan 2 2006", "02012006",
		} {
			if t.first(strings.ToLower(born.Format(layout))) != "" {
				return true
			}
		}
		if t.first(ordinal(born)) != "" {
			return true
		}
	}
	for _, called := range []string{" date of birth ", " dob ", " d o b ", " born on ", " dyddiad geni "} {
		for rest := t.flat; ; {
			_, after, found := strings.Cut(rest, called)
			if !found {
				break
			}
			if startsWithDate(after) {
				return true
			}
			rest = " " + after
		}
	}
	return false
}

// ordinal is a date as "3rd may 1980".
func ordinal(t time.Time) string {
	ending := "th"
	switch t.Day() {
	case 1, 21, 31:
		ending = "st"
	case 2, 22:
		ending = "nd"
	case 3, 23:
		ending = "rd"
	}
	return strings.ToLower(t.Format("2") + ending + t.Format(" January 2006"))
}

// startsWithDate says whether words begin with a date, perhaps after 'is' or 'as': a day or a year at least.
func startsWithDate(words string) bool {
	for _, before := range []string{"is ", "as ", "of ", "was ", "the "} {
		words = strings.TrimPrefix(words, before)
	}
	return strings.IndexFunc(words, unicode.IsDigit) == 0
}
