package messenger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// inHostTx runs fn in a savepoint of a transaction that the host has begun, and ends neither. It may run more than
// once, as inTx has it: what one run held is let go with its savepoint.
func (m *Messenger) inHostTx(ctx context.Context, hostTx pgx.Tx, fn func(tx) error) error {
	return retried(func() error {
		return pgx.BeginFunc(ctx, hostTx, func(savepoint pgx.Tx) error {
			var proof rows.Query // nobody asks: the commit is the host's
			return fn(tx{savepoint, m.jobs, m.clock, m.links, m.clock.now(), &proof})
		})
	})
}

// notify tells open pages of a change once the transaction commits. A transaction of ours tells them afterwards, which
// does not have commits wait for one another; when a host's commits nobody but PostgreSQL knows.
func (t tx) notify(ctx context.Context, list ...live.Change) error {
	payloads := make([]string, len(list))
	for i, change := range list {
		payloads[i] = live.Payload(change)
	}
	_, err := rows.Exec(ctx, t, rows.File("notify", rows.Args{"payloads": payloads}))
	return err
}

// errNotPgx says that a *sql.Tx has no pgx connection beneath it.
var errNotPgx = errors.New(
	"messenger: this transaction's connection is not pgx's: open the database with pgx's stdlib package",
)

// beneath runs fn in a savepoint of the pgx connection beneath a database/sql transaction.
//
// database/sql lends a connection out by Raw, but of a sql.Conn alone, never of the transaction that a host has. pgx
// asks an argument that is a QueryRewriter what the statement is to be, and shows it the connection: database/sql holds
// it for the whole call, so that a cancelled context can't roll back beneath fn.
func beneath(ctx context.Context, hostTx *sql.Tx, fn func(context.Context, pgx.Tx) error) error {
	b := &borrower{do: fn}
	_, err := hostTx.ExecContext(ctx, "select", b)
	if !b.asked && !errors.Is(err, sql.ErrTxDone) {
		return errors.Join(errNotPgx, err)
	}
	return err
}

type borrower struct {
	do    func(context.Context, pgx.Tx) error
	asked bool
}

// RewriteQuery is what pgx calls; the statement that then runs does nothing.
func (b *borrower) RewriteQuery(ctx context.Context, conn *pgx.Conn, _ string, _ []any) (string, []any, error) {
	b.asked = true
	if conn.PgConn().TxStatus() != 'T' {
		return "", nil, errors.New("messenger: the transaction is over, or has failed")
	}
	// a pgx.Tx without a BEGIN of its own
	tx, err := conn.BeginTx(
		ctx,
		pgx.TxOptions{BeginQuery: "savepoint messenger", CommitQuery: "release savepoint messenger"},
	)
	if err != nil {
		return "", nil, fmt.Errorf("messenger: %w", err)
	}
	if err := b.do(ctx, tx); err != nil {
		// its own Rollback would end the host's transaction
		_, undone := conn.Exec(ctx, "rollback to savepoint messenger")
		return "", nil, errors.Join(err, undone)
	}
	return "select", nil, tx.Commit(ctx)
}
