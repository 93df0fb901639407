package messenger

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// shownLink stands where a reply link was, in whatever is stored or filed.
const shownLink = "[reply link]"

// fillText is what is kept of a text for one client: the placeholders filled but the reply link's.
func fillText(
	subject, body string,
	client adapters.Client,
	staffName string,
	organisation adapters.Organisation,
) (filledSubject, filledBody string, err error) {
	values := map[string]string{
		"first_name":   firstName(client, organisation),
		"staff_name":   staffName,
		"organisation": organisation.Name,
	}
	if isNeutral(client) {
		words := Words(organisation)
		values["staff_name"], values["organisation"] = words["organisation"], words["organisation"]
	}
	if filledSubject, err = fill(subject, values); err != nil {
		return "", "", err
	}
	if strings.Contains(filledSubject, replyLinkMark) {
		return "", "", invalid("subject", "A subject can't hold the reply link.")
	}
	filledBody, err = fill(body, values)
	return filledSubject, filledBody, err
}

// render is the whole text that a client gets: what was written, the reply link where it is due, and the closing lines.
func render(m rows.Message, link string, words map[string]string) string {
	linked := strings.Contains(m.Body, replyLinkMark)
	text := strings.TrimSpace(placeLink(m.Body, link))
	gap := "\n\n"
	reply, noReply := words["email_reply"]+"\n", words["email_no_reply"]
	if m.Medium == adapters.SMS {
		gap = "\n"
		reply, noReply = words["sms_reply"]+" ", words["sms_no_reply"]
		if m.Private() {
			noReply = "" // a notice is one text
		}
	}
	if link != "" && m.ReplyLink && !linked {
		text += gap + reply + link
	}
	if noReply != "" {
		text += gap + noReply
	}
	return text
}

// placeLink puts the link where its mark is, with a space where something would touch it: some programs take a full
// stop or a bracket for a part of the link beside it. Without a link the mark goes, and nothing else changes.
func placeLink(body, link string) string {
	if link == "" {
		return strings.ReplaceAll(body, replyLinkMark, "")
	}
	before, after, found := strings.Cut(body, replyLinkMark)
	for found {
		if last, _ := utf8.DecodeLastRuneInString(before); before != "" && !isSpace(last) {
			before += " "
		}
		before += link
		if first, _ := utf8.DecodeRuneInString(after); after != "" && !isSpace(first) {
			before += " "
		}
		body, after, found = strings.Cut(after, replyLinkMark)
		before += body
	}
	return before + after
}

func isSpace(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Z, r) }

// wantsLink says whether a message carries the reply link while replies are allowed.
func wantsLink(r rows.Message) bool { return r.ReplyLink || strings.Contains(r.Body, replyLinkMark) }

// withdrawnText stands in the record where a text stood that was not this client's.
const withdrawnText = "[Taken out again: this text was put into this record by mistake.]"

// filedWords is a message as the record keeps it: what was really sent where the provider said so, never with a link,
// and nothing of what was taken back.
func filedWords(r rows.Message) text {
	subject, body := r.Words()
	switch {
	case r.UnassignedAt != nil:
		return text{"", withdrawnText}
	case r.WithdrawnAt != nil:
		return text{"", takenBackText}
	case r.SentText != nil && !r.Private():
		return text{subject, *r.SentText}
	}
	return text{subject, strings.ReplaceAll(body, replyLinkMark, shownLink)}
}

// oneLine is a name fit for a header.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if hasControl(string(r)) {
			return ' '
		}
		return r
	}, s))
}

// replyURL is the link of a channel, or "" when the key that made it is gone.
func (m *Messenger) replyURL(publicURL, keyID string, nonce []byte) string {
	token := m.links.Token(keyID, nonce)
	if token == "" {
		return ""
	}
	return publicURL + "/r/" + token
}
