package messenger

import (
	"context"
	"errors"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// messageChange is one change of a message, made under its channel's lock.
type messageChange func(ctx context.Context, t tx, row rows.Message) error

// changeMessage makes a change of a message that the actor's channel has, writes the entry into the history and answers
// the message as it stands. Where the channel moves meanwhile, it asks again whether the actor may.
func (m *Messenger) changeMessage(ctx context.Context, s actor, e logEntry, change messageChange) (Message, error) {
	message, err := m.changeOnce(ctx, s, e, change)
	if !errors.Is(err, errMoved) {
		return message, err
	}
	return unmoved(func() (Message, error) {
		s, err := m.toActOn(ctx, e.message)
		if err != nil {
			return Message{}, err
		}
		return m.changeOnce(ctx, s, e, change)
	})
}

func (m *Messenger) changeOnce(ctx context.Context, s actor, e logEntry, change messageChange) (Message, error) {
	var changed rows.Message // read before the commit: what is done is told, though the database goes then
	err := m.inTx(ctx, func(ctx context.Context, t tx) error {
		channel, err := lockFor(ctx, t, s)
		if err != nil {
			return err
		}
		row, err := readMessage(ctx, t, e.message)
		if err != nil {
			return err
		}
		if err := change(ctx, t, row); err != nil {
			return err
		}
		e := e
		if e.action == ActionRetried && row.RecordStatus == RecordHeld && row.Direction == adapters.Inbound {
			e.action = ActionVouched // the change was to file it
		}
		e.channel, e.actor, e.onBehalfOf = channel, author(s.member), s.onBehalfOf()
		if err := t.writeHistory(ctx, e); err != nil {
			return err
		}
		changed, err = readMessage(ctx, t, e.message)
		return err
	})
	if err != nil {
		return Message{}, err
	}
	m.changes.add(s.channel, e.message)
	return m.messagesOf(context.WithoutCancel(ctx), s, changed)[0], nil
}

// requireRow is notOK when a statement changed no row.
func requireRow(n int64, err, notOK error) error {
	if err == nil && n == 0 {
		return notOK
	}
	return err
}
