package messenger

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

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
	return m.mend(ctx, s, message, ActionCancelled, "", func(ctx context.Context, t tx, _ rows.Message) error {
		tag, err := t.Exec(ctx, cancelMessages+" and id = $1", message)
		return requireRow(tag.RowsAffected(), err, fail(CodeAlreadySent, "It is too late to cancel: the message is on its way or has gone out."))
	})
}
