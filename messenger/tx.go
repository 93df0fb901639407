package messenger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// tx is one transaction that carries rows and jobs together, at one time.
type tx struct {
	pgx.Tx
	jobs *jobs.Inserter
	now  time.Time
}

func (t tx) enqueue(ctx context.Context, args jobs.Args) error {
	return t.jobs.Insert(ctx, t.Tx, args, time.Time{})
}

// txTimeout bounds a transaction once begun.
const txTimeout = 10 * time.Second

// inTx runs fn in one transaction. Waiting for a connection obeys the caller's ctx; a transaction once begun does not
// die with a closed browser tab, so that a commit is never reported as a failure. No port is called inside fn.
func (m *Messenger) inTx(ctx context.Context, fn func(context.Context, tx) error) error {
	return m.onConn(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		return pgx.BeginFunc(ctx, conn, func(t pgx.Tx) error {
			return fn(ctx, tx{t, m.jobs, m.now()})
		})
	})
}

// inTxWith is inTx with first statements that travel with BEGIN: a round trip less. They are queued on rows.Begin().
func (m *Messenger) inTxWith(ctx context.Context, first *rows.Batch, fn func(context.Context, tx) error) error {
	return m.onConn(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		t, err := first.SendBegun(ctx, conn)
		if t != nil {
			defer func() { _ = t.Rollback(ctx) }() // after a commit it does nothing
		}
		if err != nil {
			return err
		}
		if err := fn(ctx, tx{t, m.jobs, m.now()}); err != nil {
			return err
		}
		return t.Commit(ctx)
	})
}

func (m *Messenger) onConn(ctx context.Context, fn func(context.Context, *pgxpool.Conn) error) error {
	conn, err := m.config.Pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Release()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), txTimeout)
	defer cancel()
	return fn(ctx, conn)
}
