package messenger

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// A private message's words never leave: the row keeps them in columns of their own, and what is in subject and body,
// and so goes out, is listed and searched for an excerpt by whoever knows no better, is a notice that a message waits.

// text is what a message says.
type text struct{ subject, body string }

// hidden are the words of a private message as a row keeps them; nil: the message is not private.
type hidden struct{ subject, body *string }

func hide(words text) hidden { return hidden{new(words.subject), new(words.body)} }

// noticeOf is what a client is sent of a private message: who wrote, and where to read it. As a text message it is one
// in GSM-7 for an organisation's name of up to 40 of its characters and a link of up to 82; a character of GSM-7's
// extension, as € or [, takes the place of two (3GPP TS 23.038, section 6.2.1.1).
func noticeOf(organisation adapters.Organisation, medium adapters.Medium) text {
	words := Words(organisation)
	name := oneLine(organisation.Name)
	if name == "" {
		name = words["organisation"]
	}
	say := func(key string) string { return strings.ReplaceAll(words[key], "{organisation}", name) }
	if medium == adapters.SMS {
		return text{"", say("private_sms") + " " + replyLinkMark}
	}
	return text{oneLine(say("private_subject")), say("private_email") + "\n" + replyLinkMark}
}

// hide makes a composed message private where it is to be, or has to be.
func (c *composed) hide(asked bool) {
	c.goesOut = text{c.subject, c.body}
	if c.private = asked || onlyPrivate(c.client); c.private {
		c.kept = hide(c.goesOut)
		c.goesOut = noticeOf(c.organisation, c.medium)
	}
}

// preview is what a list shows of it.
func (c composed) preview() string {
	if c.private {
		return ""
	}
	return c.goesOut.body
}

// allowed refuses a private message that nobody could open, and one that nobody could answer.
func (c composed) allowed() error {
	switch {
	case c.replyLink:
		return nil
	case c.private:
		return invalid("reply_link", "A private message needs the reply link: it is read behind it.")
	case c.expected.what != nil && !strings.Contains(c.goesOut.body, replyLinkMark):
		return invalid("reply_link", "A message that expects an answer needs the reply link: it is answered behind it.")
	default:
		return nil
	}
}

// needsLink says whether nothing can come of a message to a channel whose replies are off: its link opens nothing.
func (c composed) needsLink() bool { return c.private || c.expected.what != nil }

// behindLink refuses a message that needs a link where there is none.
func (c composed) behindLink(link string) error {
	switch {
	case link != "" || !c.needsLink():
		return nil
	case c.private:
		return invalid("private", "Allow replies first: a private message is read behind the reply link.")
	default:
		return invalid("expects", "Allow replies first: the message is answered behind the reply link.")
	}
}

// provable is CodeNoProof where a message to a client is or has to be private and nobody can prove to be them.
func provable(client adapters.Client, private bool) error {
	if !private && !onlyPrivate(client) {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, client.DateOfBirth); err != nil {
		return fail(CodeNoProof, "A private message is opened with the date of birth, and none is recorded for this client.")
	}
	return nil
}

// Withdrawn says that a message was taken back: its client can read it no more.
type Withdrawn struct {
	At     time.Time
	By     adapters.StaffID
	Reason WithdrawReason
}

// WithdrawReason is why a message was taken back.
type WithdrawReason string

// The reasons.
const (
	WithdrawnWrongPerson WithdrawReason = "wrong_person"
	WithdrawnWrongWords  WithdrawReason = "wrong_words"
	WithdrawnWrongFile   WithdrawReason = "wrong_file"
	WithdrawnOther       WithdrawReason = "other"
)

// takenBackText stands in the record where the words of a message stood that was taken back.
const takenBackText = "[Withdrawn: this message was taken back by staff and can no longer be read by the client.]"

func withdrawnOf(r rows.Message) *Withdrawn {
	if r.WithdrawnAt == nil {
		return nil
	}
	return &Withdrawn{
		At: *r.WithdrawnAt, By: adapters.StaffID(value(r.WithdrawnBy)), Reason: WithdrawReason(value(r.WithdrawnReason)),
	}
}

// withoutWords is a message for whoever is told of it beside its thread: a private one's words stand in the thread
// alone.
func (m Message) withoutWords() Message {
	if m.Private {
		m.Subject, m.Body, m.SentText = "", "", ""
	}
	return m
}

// WithdrawParams says why a message is taken back. Note is up to 1,000 characters and stands in the history.
type WithdrawParams struct {
	Reason WithdrawReason
	Note   string
}

// Withdraw takes a private message back. Whoever may act in its channel may do so. From then on its client finds
// nothing of it behind the link; what has not gone out is cancelled; the record's entry is amended to say so, and where
// the record can't, the message asks for a person. Staff still see the words in the thread. What is not private, was
// cancelled, or was withdrawn already is CodeNothingToDo, a second call too. Errors: CodeInvalid, CodeNotFound,
// CodeForbidden, CodeUnavailable.
func (m *Messenger) Withdraw(ctx context.Context, message uuid.UUID, p WithdrawParams) (Message, error) {
	known := []WithdrawReason{WithdrawnWrongPerson, WithdrawnWrongWords, WithdrawnWrongFile, WithdrawnOther}
	if !slices.Contains(known, p.Reason) {
		return Message{}, invalid("reason", `The reason is "wrong_person", "wrong_words", "wrong_file" or "other".`)
	}
	note, err := plain("note", p.Note)
	if err != nil {
		return Message{}, err
	}
	if utf8.RuneCountInString(note) > MaxNote {
		return Message{}, invalid("note", "The note must be 1,000 characters or fewer.")
	}
	if note, err = m.kept(ctx, m.db(), note, shownLink); err != nil {
		return Message{}, err
	}
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	entry := logEntry{action: ActionWithdrawn, message: message, note: string(p.Reason)}
	if !blank(note) {
		entry.note = fmt.Sprintf("%s: %s", p.Reason, strings.TrimSpace(note))
	}
	return m.changeMessage(ctx, s, entry, func(ctx context.Context, t tx, row rows.Message) error {
		return takeBack(ctx, t, s, row, p.Reason)
	})
}

// takeBack withdraws a private message of a locked channel, and has the record told.
func takeBack(ctx context.Context, t tx, s actor, row rows.Message, why WithdrawReason) error {
	if !row.Private() || row.WithdrawnAt != nil || row.DeliveryStatus == DeliveryCancelled {
		return nothingToDo()
	}
	_, err := rows.Exec(ctx, t, rows.Update[rows.Message]().Set("withdrawn_at = ?", rows.V(t.now)).
		Set("withdrawn_by = ?, withdrawn_reason = ?", rows.V(s.member.ID), rows.V(why)).Where("id = ?", rows.V(row.ID)))
	if err != nil {
		return err
	}
	stopped, err := rows.List[uuid.UUID](ctx, t, rows.Update[rows.Message]().Set("awaiting = 'stopped'").
		Where("id = ? AND awaiting = 'waiting'", rows.V(row.ID)).Returning("id"))
	if err != nil {
		return err
	}
	if _, err := withoutReminders(ctx, t, s.channel, CancelledByPerson, stopped); err != nil {
		return err
	}
	n, err := rows.Exec(ctx, t, cancelling(CancelledByPerson).Where("id = ?", rows.V(row.ID)))
	if err != nil {
		return err
	}
	if n > 0 {
		return showLastWords(ctx, t, row.ChannelID)
	}
	record := row.RecordStatus
	if record == RecordFailed { // to amend what may be there, or to end without filing
		record = RecordPending
		_, err = rows.Exec(ctx, t, rows.Update[rows.Message]().
			Set("record_status = 'pending', record_reason = '', record_attention = NULL").Where("id = ?", rows.V(row.ID)))
		if err != nil {
			return err
		}
	}
	return fileAfter(ctx, t, row, record)
}

// shownPrivate is how many private messages a page shows.
const shownPrivate = 50

// privateWaiting are the private messages behind a channel's link, newest first: those that went out and were not taken
// back. What a client has opened they may open again.
func privateWaiting(ctx context.Context, q rows.Querier, channel uuid.UUID) ([]rows.Message, error) {
	return rows.List[rows.Message](ctx, q, rows.Limit(rows.Messages().
		Where("m.channel_id = ? AND m.private_body IS NOT NULL AND m.withdrawn_at IS NULL", rows.V(channel)).
		Where("m.delivery_status IN ('sending', 'sent', 'delivered', 'unknown')").OrderExpr("m.seq DESC"), shownPrivate))
}

// asksDateOfBirth says whether there is something to read behind a channel's link for who knows the date of birth.
func asksDateOfBirth(
	ctx context.Context, q rows.Querier, organisation adapters.Organisation, channel uuid.UUID,
) (bool, error) {
	if organisation.CheckDateOfBirth {
		return true, nil
	}
	waiting, err := privateWaiting(ctx, q, channel)
	return len(waiting) > 0, err
}

// openPrivate is private messages as their client reads them, who now has had them on their page.
func (m *Messenger) openPrivate(ctx context.Context, channel rows.Channel, waiting []rows.Message) ([]Message, error) {
	var unopened []uuid.UUID
	list := make([]Message, len(waiting))
	for i, row := range waiting {
		list[i] = messageOf(row, adapters.Client{})
		list[i].Body = strings.ReplaceAll(list[i].Body, replyLinkMark, "")
		if row.OpenedAt == nil {
			unopened = append(unopened, row.ID)
		}
	}
	if len(unopened) == 0 {
		return list, nil
	}
	_, err := rows.Exec(ctx, m.db(), rows.Update[rows.Message]().Set("opened_at = ?", rows.V(m.now(ctx))).
		Where("id = any(?::text[]::uuid[]) AND opened_at IS NULL", rows.V(idsOf(unopened))))
	if err != nil {
		return nil, err
	}
	m.changes.add(channel, unopened...)
	return list, nil
}
