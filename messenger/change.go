package messenger

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// mend runs one change of a message under its channel's lock, writes its line of history and answers the message as it stands.
func (m *Messenger) mend(ctx context.Context, s actor, message uuid.UUID, action HistoryAction, note string, change func(context.Context, tx, rows.Message) error) (Message, error) {
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
	row, err := readMessage(context.WithoutCancel(ctx), m.config.Pool, message)
	return messageOf(row), err
}

// requireRow is notOK when a statement changed no row.
func requireRow(rows int64, err, notOK error) error {
	if err == nil && rows == 0 {
		return notOK
	}
	return err
}
