package messenger

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Prepared is a message that has been checked and waits to be written in a transaction of the host's own. It may be
// kept until a transaction that failed has been begun again.
type Prepared struct {
	messenger *Messenger
	message   newMessage
}

// Prepare does all of Send that may take time: it asks the host's ports and checks everything, while no transaction is
// open. It keeps nothing; SendTx or SendSQL writes the message. Who may call it, and its errors, are Send's, but for
// CodeUnreadReplies, CodeNewerMessages and CodeKeyReused, which those two give.
func (m *Messenger) Prepare(ctx context.Context, p SendParams) (*Prepared, error) {
	p, err := p.checked(m.now(ctx))
	if err != nil {
		return nil, err
	}
	s, err := m.sendingActor(ctx, p)
	if err != nil {
		return nil, err
	}
	o, err := m.prepare(ctx, s, p)
	if err != nil {
		return nil, err
	}
	return &Prepared{m, o}, nil
}

// SendTx writes the message, its history and its job in a transaction that the host has begun and goes on with. When
// that commits, the message is accepted as by Send; when it rolls back, nothing is left and nothing is sent. The
// message that it returns stands in the transaction.
//
// The transaction is one of the database and the schema that Config.Pool has. SendTx works in a savepoint: after an
// error the transaction is as it was, and the host may go on. A second call after the first rolled back writes the
// message again. After the first committed, or where another message stands under the same Key, it writes nothing and
// returns the message that stands. Errors: CodeNotFound, CodeUnreadReplies,
// CodeNewerMessages, CodeKeyReused.
func (p *Prepared) SendTx(ctx context.Context, tx pgx.Tx) (Message, error) {
	m := p.messenger
	m.pace.note(m.now(ctx))
	row, err := m.sendTx(ctx, tx, p.message)
	if err == nil {
		return messageOf(row, p.message.client), nil
	}
	if known, found, failure := written(ctx, tx, p.message); found || failure != nil {
		return messageOf(known, p.message.client), failure
	}
	if errors.Is(err, errMoved) { // since Prepare
		err = notFound()
	}
	return Message{}, err
}

// SendSQL is SendTx for a host that lives on database/sql or bun: a bun.Tx holds its *sql.Tx. Its connections have to
// be pgx's, as stdlib.OpenDBFromPool(pool) of github.com/jackc/pgx/v5 has them: with another driver's it is an error,
// and nothing is written.
func (p *Prepared) SendSQL(ctx context.Context, tx *sql.Tx) (message Message, err error) {
	err = beneath(ctx, tx, func(ctx context.Context, tx pgx.Tx) (err error) {
		message, err = p.SendTx(ctx, tx)
		return err
	})
	return message, err
}

// sendTx makes the message in a transaction of the host's: its time is that of now.
func (m *Messenger) sendTx(ctx context.Context, hostTx pgx.Tx, o newMessage) (rows.Message, error) {
	err := m.inHostTx(ctx, hostTx, func(t tx) error {
		o = o.at(t.now, t.clock)
		var placed sentRow
		var batch rows.Batch
		m.place(&batch, o, &placed)
		if err := batch.Send(ctx, t); err != nil {
			return err
		}
		if err := finishSend(ctx, t, &o, placed); err != nil {
			return err
		}
		return t.notify(ctx, live.Change{
			Organisation: placed.OrganisationID, Staff: placed.StaffID, Channel: placed.ID, Messages: []uuid.UUID{o.row.ID},
		})
	})
	return o.row, err
}

// written is the message that an earlier call wrote: this one, or one under the same key.
func written(ctx context.Context, q rows.Querier, o newMessage) (row rows.Message, found bool, err error) {
	row, err = readMessage(ctx, q, o.row.ID)
	if !errors.Is(err, pgx.ErrNoRows) {
		return row, err == nil, err
	}
	if o.params.Key == "" {
		return rows.Message{}, false, nil
	}
	return underKey(ctx, q, o.actor, o.params)
}
