package smtp

import (
	"encoding/base64"
	"fmt"
	"html"
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wneessen/go-mail"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// longestLine is how many bytes RFC 5322 lets a line have, without its end.
const longestLine = 998

// check refuses what must not reach a server: header injection, and what no mail can hold.
func check(message adapters.Outgoing) error {
	switch {
	case message.Medium != adapters.Email:
		return fmt.Errorf("smtp: carries email only: %w", adapters.ErrConfiguration)
	case !isAddress(message.To):
		return fmt.Errorf("smtp: not an email address: %w", adapters.ErrWrongContact)
	case strings.ContainsFunc(message.Subject+message.SenderName, unicode.IsControl):
		return fmt.Errorf("smtp: control character in the subject or the sender's name: %w", adapters.ErrWrongContent)
	case strings.ContainsRune(message.Text, 0) || !utf8.ValidString(message.Subject+message.SenderName+message.Text):
		return fmt.Errorf("smtp: not text: %w", adapters.ErrWrongContent)
	}
	for _, reference := range append([]string{message.Reference}, message.Follows...) {
		if reference == "" || strings.ContainsFunc(reference, notInMessageID) {
			return fmt.Errorf("smtp: reference can't be a Message-ID: %w", adapters.ErrWrongContent)
		}
	}
	return nil
}

func notInMessageID(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune(`<>@()[]\,;:"`, r)
}

// compose builds the mail. With eightBit the server takes 8-bit text, and the text goes as it is unless a line is too
// long.
func (s *Sender) compose(message adapters.Outgoing, from From, eightBit bool) (*mail.Msg, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.From((&netmail.Address{Name: message.SenderName, Address: from.Address}).String()); err != nil {
		return nil, fmt.Errorf("smtp: not a sender's address: %w", adapters.ErrConfiguration)
	}
	if err := m.To(message.To); err != nil {
		return nil, fmt.Errorf("smtp: not an email address: %w", adapters.ErrWrongContact)
	}
	if from.ReplyTo != "" {
		if err := m.ReplyTo(from.ReplyTo); err != nil {
			return nil, fmt.Errorf("smtp: not an address to reply to: %w", adapters.ErrConfiguration)
		}
	}
	if ascii(message.Subject) {
		m.Subject(message.Subject)
	} else {
		m.SetGenHeaderPreformatted(mail.HeaderSubject, encodedWords(message.Subject, len("Subject: ")))
	}
	m.SetMessageIDWithValue(message.Reference + "@" + s.config.Domain)
	if last := len(message.Follows) - 1; last >= 0 { // RFC 5322, 3.6.4
		var ids []string
		for _, reference := range message.Follows {
			ids = append(ids, "<"+reference+"@"+s.config.Domain+">")
		}
		m.SetGenHeader("References", strings.Join(ids, " "))
		m.SetGenHeader("In-Reply-To", ids[last])
	}
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers, please
	// The same for Exchange, which is still to say that it did not deliver: MS-OXCMAIL 2.1.3.2.20.
	m.SetGenHeader("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply")
	if !message.FirstTried.IsZero() {
		m.SetDateWithValue(message.FirstTried.UTC()) // every attempt is the same mail
	}
	// A bare CR is a line end to some servers and not to others: none may pass (SMTP smuggling).
	lines := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	message.Text = lines.Replace(message.Text)
	page, err := s.page(message)
	if err != nil {
		return nil, err
	}
	page = lines.Replace(page)
	text := message.Text
	m.SetBodyString(mail.TypeTextPlain, text, mail.WithPartEncoding(encodingOf(text, eightBit)))
	m.AddAlternativeString(mail.TypeTextHTML, page, mail.WithPartEncoding(encodingOf(page, eightBit)))
	return m, nil
}

// page is the message as HTML. One that a host makes has the link, or its reader could not answer.
func (s *Sender) page(message adapters.Outgoing) (string, error) {
	if s.config.HTML == nil {
		return HTML(message), nil
	}
	page := s.config.HTML(message)
	if !strings.Contains(html.UnescapeString(page), message.Link) {
		return "", fmt.Errorf("smtp: Config.HTML made a page without the reply link: %w", adapters.ErrConfiguration)
	}
	return page, nil
}

// encodedWords is text in words of RFC 2047, none of whose lines is longer than 76 bytes, the first beginning at
// column. go-mail would break the line before the first word, and some readers then see a space before the text.
func encodedWords(text string, column int) string {
	var words []string
	for text != "" {
		// 4 bytes of base64 for each 3, beside =?UTF-8?b? and ?= and the space that continues a header.
		room := (76 - max(column, 1) - len("=?UTF-8?b??=")) / 4 * 3
		size := 0
		for i, r := range text {
			if i+utf8.RuneLen(r) > room {
				break
			}
			size = i + utf8.RuneLen(r)
		}
		words = append(words, "=?UTF-8?b?"+base64.StdEncoding.EncodeToString([]byte(text[:size]))+"?=")
		text, column = text[size:], 1
	}
	return strings.Join(words, "\r\n ")
}

// encodingOf avoids quoted-printable where it may: it would break the reply link over lines on the wire, which a
// reader of raw mail would see.
func encodingOf(text string, eightBit bool) mail.Encoding {
	if !eightBit {
		return mail.EncodingQP
	}
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) > longestLine {
			return mail.EncodingQP
		}
	}
	return mail.NoEncoding
}
