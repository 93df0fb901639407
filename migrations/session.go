package migrations

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// lockTimeout is how long others may stand behind a migration that waits for a table.
	lockTimeout = "300ms"
	patience    = 10 * time.Minute // with a table that others use
	lockEvery   = 100 * time.Millisecond
	forever     = 1000 * time.Hour
)

// inSession runs fn with a pool of one connection, which holds the lock of this schema for as long as it lives. So
// the lock is held while the server still works for a process that was killed, and goes with the work; bun's own
// lock row would outlive both.
func inSession(ctx context.Context, pool *pgxpool.Pool, fn func(own *pgxpool.Pool) error) error {
	var schema *string
	if err := pool.QueryRow(ctx, "select current_schema()").Scan(&schema); err != nil {
		return fmt.Errorf("read the schema's name: %w", err)
	}
	if schema == nil {
		return errors.New("no schema of the search path is there: create it first")
	}
	config := pool.Config()
	config.MaxConns, config.MinConns, config.MinIdleConns = 1, 0, 0
	config.MaxConnLifetime, config.MaxConnIdleTime = forever, forever // it ends with the session
	config.AfterRelease = nil                                         // it may discard what the session holds
	connected := config.AfterConnect
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if connected != nil {
			if err := connected(ctx, conn); err != nil {
				return err
			}
		}
		// The host's limits are for what people wait for.
		_, err := conn.Exec(ctx, `set statement_timeout = 0; set idle_in_transaction_session_timeout = 0;
			set lock_timeout = '`+lockTimeout+"'")
		if err != nil {
			return fmt.Errorf("set the time-outs: %w", err)
		}
		return lock(ctx, conn, "messenger migrations "+*schema)
	}
	own, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer own.Close()
	return fn(own)
}

// lock takes an advisory lock for the session. It asks again and again: a statement that waits for a lock holds a
// snapshot, and an index that is made concurrently by whoever has the lock waits for all of those.
func lock(ctx context.Context, conn *pgx.Conn, name string) error {
	for {
		var taken bool
		if err := conn.QueryRow(ctx, "select pg_try_advisory_lock($1)", lockKey(name)).Scan(&taken); err != nil {
			return fmt.Errorf("take the lock of migrations: %w", err)
		}
		if taken {
			return nil
		}
		if err := pause(ctx, lockEvery); err != nil {
			return fmt.Errorf("wait for the lock of migrations: %w", err)
		}
	}
}

func lockKey(name string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return int64(h.Sum64()) //nolint:gosec // wraps on purpose: any 64 bits will do
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// patiently runs fn again while it fails for others who use what it needs, with pauses in which they all pass.
func patiently(ctx context.Context, fn func() error) error {
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := fn()
		if !isInUse(err) {
			return err
		}
		if pause(bounded, time.Second/2+rand.N(time.Second/2)) != nil { //nolint:gosec // no secret
			return fmt.Errorf("others used for too long what a migration needs: %w", err)
		}
	}
}

// isInUse says whether a statement may well succeed a moment later.
func isInUse(err error) bool {
	var failure *pgconn.PgError
	if !errors.As(err, &failure) {
		return false
	}
	switch failure.Code {
	case "55P03", "40P01": // a lock time-out, a deadlock
		return true
	case "23505": // somebody makes the same index, table or type: it is there once they have
		return failure.SchemaName == "pg_catalog"
	}
	return false
}
