package messenger

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/graphemes"
	"github.com/cmsmessenger/cmsmessenger/internal/segments"
)

// plain checks a text a person wrote and returns it as it is kept: CRLF becomes LF and nothing else changes.
func plain(field, s string) (string, error) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", invalid(field, "The text has characters that can't be kept. Type it again, or paste it as plain text.")
	}
	return strings.ReplaceAll(s, "\r\n", "\n"), nil
}

// plainUpTo is plain for what staff write down beside messages: a note or a reason, as the field is called.
func plainUpTo(field, s string, most int) (string, error) {
	s, err := plain(field, s)
	if err == nil && utf8.RuneCountInString(s) > most {
		err = invalid(field, fmt.Sprintf("The %s must be %d,%03d characters or fewer.", field, most/1000, most%1000))
	}
	return s, err
}

// blank says that nobody would see anything of a text: spaces, format and control characters, marks without a letter to
// stand on, Hangul fillers and the like (UAX 44, Default_Ignorable_Code_Point), and the braille pattern without a dot.
func blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && r != '\u2800' &&
			!unicode.In(r, unicode.Cf, unicode.Cc, unicode.M, unicode.Other_Default_Ignorable_Code_Point)
	})
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' })
}

func utf16Len(s string) int { return len(utf16.Encode([]rune(s))) }

// checkText checks what a message says before and after its placeholders are filled.
func checkText(medium adapters.Medium, private bool, subject, body string) error {
	if err := checkUnfinished(medium, private, subject, body); err != nil {
		return err
	}
	if blank(body) {
		return invalid("body", "Enter a message.")
	}
	return nil
}

// checkUnfinished is checkText for a message whose body may still be empty.
func checkUnfinished(medium adapters.Medium, private bool, subject, body string) error {
	switch {
	case medium != adapters.Email && medium != adapters.SMS:
		return invalid("medium", `The medium is "email" or "sms".`)
	case medium == adapters.SMS && subject != "":
		return invalid("subject", "A text message has no subject.")
	case medium == adapters.Email && blank(subject):
		return invalid("subject", "Enter a subject.")
	case utf8.RuneCountInString(subject) > MaxSubject:
		return invalid("subject", "The subject must be 200 characters or fewer.")
	case hasControl(subject):
		return invalid("subject", "The subject must be one line without control characters.")
	case (private || medium == adapters.Email) && utf8.RuneCountInString(body) > MaxEmail:
		return invalid("body", "The message must be 50,000 characters or fewer.")
	case !private && medium == adapters.SMS && utf16Len(body) > MaxSMS:
		return invalid("body", "The text message must be 918 characters or fewer; emoji count as two.")
	}
	return nil
}

// cut is the first n characters of a text.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// CountTexts is how many text messages a text is sent and paid for as, the reply link counted where it stands in it:
// 160 characters of GSM-7, or 70 when one character is not among them, and 153 or 67 in each of several (3GPP TS 23.038
// and 23.040). The elements count the same while somebody writes. A provider that replaces characters may need fewer.
func CountTexts(text string) int { return segments.Count(text).Segments }

// keepable is a provider's or a directory's text without what PostgreSQL can't store: what it belongs to must be
// written whatever they say.
func keepable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// wholePreview is a preview as the database cut it, without half an emoji at its end.
func wholePreview(preview string) string {
	if utf8.RuneCountInString(preview) < MaxPreview {
		return preview
	}
	return graphemes.Whole(preview)
}
