package messenger

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
)

func nothingToDo() error {
	return fail(CodeNothingToDo, "There is nothing to do here: it is under way, done, or has been dealt with.")
}

// mend runs one change of a message under its channel's lock, writes its line of history and answers the message as it stands.
func (m *Messenger) mend(ctx context.Context, s seat, message uuid.UUID, action, note string, change func(context.Context, tx, messageRow) error) (Message, error) {
	err := m.inTx(ctx, func(ctx context.Context, t tx) error {
		channel, err := lockChannel(ctx, t, s.channel.ID)
		if err != nil {
			return err
		}
		row, err := readMessage(ctx, t, message)
		if err != nil {
			return err
		}
		if err := change(ctx, t, row); err != nil {
			return err
		}
		return writeHistory(ctx, t, t.now, logEntry{
			channel: channel, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: action, message: message, note: note,
		})
	})
	if err != nil {
		return Message{}, err
	}
	m.changes.add(s.channel, message)
	row, err := readMessage(context.WithoutCancel(ctx), m.Pool, message)
	return row.message(), err
}

// touched is notOK when a statement changed no row.
func touched(rows int64, err, notOK error) error {
	if err == nil && rows == 0 {
		return notOK
	}
	return err
}

// cancelMessages cancels of messages what has surely not gone out.
const cancelMessages = `update messenger_messages set delivery_status = 'cancelled', delivery_attention = null,
		record_reason = case when record_status = 'pending' then 'never_sent' else record_reason end,
		record_status = case when record_status = 'pending' then 'not_required' else record_status end
	where delivery_status in ('scheduled', 'queued') and unclear_at is null and sent_at is null`

// Cancel stops a message that has not gone out: one scheduled, or queued with nothing sent for certain. Anything else is
// CodeAlreadySent, a second call too. Errors: CodeNotFound, CodeForbidden.
func (m *Messenger) Cancel(ctx context.Context, message uuid.UUID) (Message, error) {
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	return m.mend(ctx, s, message, "cancelled", "", func(ctx context.Context, t tx, _ messageRow) error {
		tag, err := t.Exec(ctx, cancelMessages+" and id = $1", message)
		return touched(tag.RowsAffected(), err, fail(CodeAlreadySent, "It is too late to cancel: the message is on its way or has gone out."))
	})
}

// Retry sends a failed or unknown message again, to the client's address as it is now. Where an unknown one can be looked up,
// it is, and sent again only if it never arrived. Anything else is CodeNothingToDo, a second call too. Errors:
// CodeNotFound, CodeForbidden, and those of Send for a client who can't be written to.
func (m *Messenger) Retry(ctx context.Context, message uuid.UUID) (Message, error) {
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	row, err := readMessage(ctx, m.Pool, message)
	if err != nil {
		return Message{}, err
	}
	if row.DeliveryStatus != DeliveryHasFailed && row.DeliveryStatus != DeliveryIsUnknown {
		return Message{}, nothingToDo()
	}
	client, err := m.client(ctx, s.member.Organisation, s.channel.ClientID)
	if err != nil {
		return Message{}, err
	}
	if err := m.maySend(s.member, client, SendParams{Medium: row.Medium, Override: row.OverrideReason}); err != nil {
		return Message{}, err
	}
	_, askable := m.sender(row.Medium).(adapters.Finder)
	return m.mend(ctx, s, message, "retried", "", func(ctx context.Context, t tx, row messageRow) error {
		again := DeliveryQueued
		if row.DeliveryStatus == DeliveryIsUnknown && askable {
			again = DeliverySending // looked up first
		}
		// a failed one is a new decision, with a reference of its own: a carrier would drop the old one as a repeat
		tag, err := t.Exec(ctx, `update messenger_messages set delivery_status = $2, delivery_reason = '', to_address = $3,
				sends = sends + (delivery_status = 'failed')::int, attempt_id = null, attempt_until = null, send_after = null,
				unclear_at = case when delivery_status = 'unknown' then attempt_at end,
				first_tried_at = case when delivery_status = 'unknown' then first_tried_at end,
				record_status = case when record_reason in ('never_sent', 'delivery_unknown') and record_status = 'not_required' then 'pending' else record_status end,
				record_reason = case when record_reason = 'never_sent' then '' else record_reason end
			where id = $1 and delivery_status in ('failed', 'unknown')`, message, again, address(client, row.Medium))
		if err := touched(tag.RowsAffected(), err, nothingToDo()); err != nil {
			return err
		}
		return t.enqueue(ctx, jobs.Deliver{Message: message})
	})
}

// FileAgain files a message whose filing failed or was held, or whose unknown delivery somebody dealt with: of a held reply it says that it was the client who
// wrote. Anything else is CodeNothingToDo, a second call too. Errors: CodeNotFound, CodeForbidden.
func (m *Messenger) FileAgain(ctx context.Context, message uuid.UUID) (Message, error) {
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	return m.mend(ctx, s, message, "retried", "", func(ctx context.Context, t tx, _ messageRow) error {
		tag, err := t.Exec(ctx, `update messenger_messages set record_status = 'pending', record_reason = '',
				record_by_id = case when record_status = 'held' then $2 else record_by_id end,
				record_by_name = case when record_status = 'held' then $3 else record_by_name end
			where id = $1 and (record_status in ('failed', 'held')
				or record_status = 'not_required' and record_reason = 'delivery_unknown')`, message, s.member.ID, s.member.Name)
		if err := touched(tag.RowsAffected(), err, nothingToDo()); err != nil {
			return err
		}
		return t.enqueue(ctx, jobs.WriteRecord{Message: message})
	})
}

// Resolve says that a person dealt with a failed, unknown or held message otherwise: the warning goes, the failure and the
// note stay. Without a warning it is CodeNothingToDo, a second call too. Errors: CodeInvalid, CodeNotFound, CodeForbidden.
func (m *Messenger) Resolve(ctx context.Context, message uuid.UUID, p ResolveParams) (Message, error) {
	note, err := plain("note", p.Note)
	if err != nil {
		return Message{}, err
	}
	if utf8.RuneCountInString(note) > 1000 {
		return Message{}, invalid("note", "The note must be 1,000 characters or fewer.")
	}
	column := map[string]string{"delivery": "delivery_attention", "record": "record_attention"}[p.Of]
	if column == "" {
		return Message{}, invalid("of", `What was dealt with is "delivery" or "record".`)
	}
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	return m.mend(ctx, s, message, "resolved", strings.TrimSpace(note), func(ctx context.Context, t tx, _ messageRow) error {
		tag, err := t.Exec(ctx, "update messenger_messages set "+column+" = null where id = $1 and "+column+" is not null", message)
		if err := touched(tag.RowsAffected(), err, nothingToDo()); err != nil || p.Of != "delivery" {
			return err
		}
		// what nobody knows to have been sent is not filed by itself; FileAgain files it
		_, err = t.Exec(ctx, `update messenger_messages set record_status = 'not_required' where id = $1
			and delivery_status = 'unknown' and record_status = 'pending'`, message)
		return err
	})
}
