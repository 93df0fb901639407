package messenger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/replylink"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// tx is one transaction that carries rows and jobs together, at one time.
type tx struct {
	pgx.Tx
	jobs  *jobs.Inserter
	clock *clock
	seals replylink.Keys // the first seals what is written to a history
	now   time.Time
	proof *rows.Query // finds a row once, and only once, the transaction is committed; nil within: nothing does
}

// provenByHistory says that this line of the history is written in the transaction.
func (t tx) provenByHistory(id uuid.UUID) {
	*t.proof = rows.Select[rows.History]().Column("id").Where("h.id = ?", rows.V(id))
}

func (t tx) enqueue(ctx context.Context, args jobs.Args) error {
	return t.jobs.Insert(ctx, t.Tx, args, time.Time{})
}

const (
	// questionTimeout bounds one question to the database, and the wait for a connection, of what somebody waits for.
	questionTimeout = 5 * time.Second
	// txTimeout bounds a transaction once begun: rows.Begin has PostgreSQL end it as late as that where nobody can.
	txTimeout = 10 * time.Second
	// mostTries is how often a transaction is tried that others are in the way of: more than people move one channel.
	mostTries = 10
)

// db is the pool for what is read outside a transaction.
func (m *Messenger) db() rows.Reads {
	return rows.Reads{Pool: m.config.Pool, Timeout: questionTimeout}
}

// inTx runs fn in one transaction. Waiting for a connection obeys the caller's ctx; a transaction once begun does not
// die with a closed browser tab, so that a commit is never reported as a failure. No port is called inside fn. It may
// run more than once: where a channel is joined with another while it is waited for, and where PostgreSQL ended the
// transaction because it and another waited for one another.
func (m *Messenger) inTx(ctx context.Context, fn func(context.Context, tx) error) error {
	return retried(func() error { return m.inTxWith(ctx, rows.Begin(), fn) })
}

// retried tries a transaction again for as long as others are in its way.
func retried(try func() error) (err error) {
	for range mostTries {
		if err = try(); !errors.Is(err, errNotThere) && !isDeadlock(err) {
			break
		}
	}
	return err
}

// inTxWith is inTx with first statements that travel with BEGIN: a round trip less. They are queued on rows.Begin().
func (m *Messenger) inTxWith(ctx context.Context, first *rows.Batch, fn func(context.Context, tx) error) error {
	var proof rows.Query
	var lost error
	m.clock.look(ctx)
	err := m.onConn(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		t, err := withinQuestion(ctx, func(ctx context.Context) (pgx.Tx, error) { return first.SendBegun(ctx, conn) })
		if t != nil {
			defer func() { _ = t.Rollback(ctx) }() // after a commit it does nothing
		}
		if err != nil {
			return err
		}
		if err := fn(ctx, tx{t, m.jobs, m.clock, m.links, m.clock.now(), &proof}); err != nil {
			return err
		}
		_, err = withinQuestion(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, t.Commit(ctx) })
		if err != nil && !isAnswer(err) {
			lost = err
			return nil
		}
		return err
	})
	if lost != nil {
		return m.findOut(ctx, first.Begun(), proof, lost)
	}
	return err
}

// withinQuestion gives what waits for one answer of the database the time of one question: a transaction mostly finds
// at its begin that nobody is there, or at its commit.
func withinQuestion[T any](ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	return ask(ctx)
}

// isAnswer says whether an error of a commit is PostgreSQL's own word that nothing was committed.
func isAnswer(err error) bool {
	var said *pgconn.PgError
	return errors.Is(err, pgx.ErrTxCommitRollback) || errors.As(err, &said) && !isOutage(err)
}

const (
	findOutFor = 8 * time.Second
	// findOutAsks is how often a row has to be missed: a proxy may ask another server meanwhile.
	findOutAsks  = 3
	findOutEvery = 300 * time.Millisecond
)

// findOut asks, on other connections, what became of a commit whose answer was lost: nil where it was done, the outage
// that lost the answer where it was not, and CodeOutcomeUnknown where that can't be found out. Until PostgreSQL has
// ended the transaction it may still be done: the commit may be under way, or waits for a standby, or for its server.
func (m *Messenger) findOut(ctx context.Context, begun rows.Begun, proof rows.Query, lost error) error {
	m.config.Logger.WarnContext(ctx, "messenger: the answer to a commit was lost", "error", lost)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), findOutFor)
	defer cancel()
	for missed := 0; proof != nil; {
		open, unasked := rows.List[int32](ctx, m.db(), rows.Raw(
			"select pid from pg_stat_activity where pid = ? and xact_start = ?", rows.V(begun.PID), rows.V(begun.At),
		))
		found, err := rows.List[uuid.UUID](ctx, m.db(), proof)
		if err == nil && len(found) > 0 {
			return nil
		}
		if unasked == nil && err == nil && len(open) == 0 {
			missed++
		}
		if missed == findOutAsks {
			return lost
		}
		if !pause(ctx, findOutEvery) {
			break
		}
	}
	return outcomeUnknown()
}

func (m *Messenger) onConn(ctx context.Context, fn func(context.Context, *pgxpool.Conn) error) error {
	waiting, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	conn, err := m.config.Pool.Acquire(waiting)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Release()
	ctx, cancelTx := context.WithTimeout(context.WithoutCancel(ctx), txTimeout)
	defer cancelTx()
	return fn(ctx, conn)
}
