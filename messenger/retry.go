package messenger

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Retry sends a failed or unknown message again, to the client's address as it is now. Where an unknown one can be looked up,
// it is, and sent again only if it never arrived. Anything else is CodeNothingToDo, a second call too. Errors:
// CodeNotFound, CodeForbidden, and those of Send for a client who can't be written to.
func (m *Messenger) Retry(ctx context.Context, message uuid.UUID) (Message, error) {
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	row, err := readMessage(ctx, m.config.Pool, message)
	if err != nil {
		return Message{}, err
	}
	if row.DeliveryStatus != DeliveryFailed && row.DeliveryStatus != DeliveryUnknown {
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
	return m.mend(ctx, s, message, ActionRetried, "", func(ctx context.Context, t tx, row rows.Message) error {
		again := DeliveryQueued
		if row.DeliveryStatus == DeliveryUnknown && askable {
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
		if err := requireRow(tag.RowsAffected(), err, nothingToDo()); err != nil {
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
	return m.mend(ctx, s, message, ActionRetried, "", func(ctx context.Context, t tx, _ rows.Message) error {
		tag, err := t.Exec(ctx, `update messenger_messages set record_status = 'pending', record_reason = '',
				record_by_id = case when record_status = 'held' then $2 else record_by_id end,
				record_by_name = case when record_status = 'held' then $3 else record_by_name end
			where id = $1 and (record_status in ('failed', 'held')
				or record_status = 'not_required' and record_reason = 'delivery_unknown')`, message, s.member.ID, s.member.Name)
		if err := requireRow(tag.RowsAffected(), err, nothingToDo()); err != nil {
			return err
		}
		return t.enqueue(ctx, jobs.WriteRecord{Message: message})
	})
}
