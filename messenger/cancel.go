package messenger

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// cancelling cancels of some messages what has surely not gone out.
func cancelling() *rows.UpdateQuery {
	return rows.Update[rows.Message]().Set("delivery_status = 'cancelled'").Set("delivery_attention = NULL").
		Set("record_reason = CASE WHEN record_status = 'pending' THEN 'never_sent' ELSE record_reason END").
		Set("record_status = CASE WHEN record_status = 'pending' THEN 'not_required' ELSE record_status END").
		Where("delivery_status IN ('scheduled', 'queued') AND unclear_at IS NULL AND sent_at IS NULL")
}

// Cancel stops a message that has not gone out: one scheduled, or queued with nothing sent for certain. Anything else
// is CodeAlreadySent, a second call too. Errors: CodeNotFound, CodeForbidden.
func (m *Messenger) Cancel(ctx context.Context, message uuid.UUID) (Message, error) {
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	return m.changeMessage(
		ctx,
		s,
		logEntry{action: ActionCancelled, message: message},
		func(ctx context.Context, t tx, _ rows.Message) error {
			n, err := rows.Exec(ctx, t, cancelling().Where("id = ?", rows.V(message)))
			tooLate := fail(CodeAlreadySent, "It is too late to cancel: the message is on its way or has gone out.")
			if err := requireRow(n, err, tooLate); err != nil {
				return err
			}
			return showLastWords(ctx, t, s.channel.ID)
		},
	)
}

// showLastWords has the rows of locked channels show what is said last in them, now that a message was cancelled.
func showLastWords(ctx context.Context, t tx, channels ...uuid.UUID) error {
	_, err := rows.Exec(ctx, t, rows.File("last_words", rows.Args{"channels": idsOf(channels)}))
	return err
}
