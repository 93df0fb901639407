package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/examples/internal/database"
	"github.com/cmsmessenger/cmsmessenger/internal/devpg"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations"
)

//go:embed schema.sql
var schema string

// openDatabase returns the database of DATABASE_URL, or a private one in the folder.
func openDatabase(ctx context.Context, folder string) (*database.Database, error) {
	url := os.Getenv("DATABASE_URL")
	if folder == "" && url == "" {
		var err error
		if folder, err = devpg.Folder("cmsmessenger-demo"); err != nil {
			return nil, fmt.Errorf("cms: name a folder with -data: %w", err)
		}
	}
	db, err := database.Open(ctx, url, folder)
	if err != nil {
		return nil, fmt.Errorf("cms: no database: %w", err)
	}
	return db, nil
}

// migrationLock is the advisory lock that lets one process at a time make tables and seed. The number is arbitrary.
const migrationLock = 0x636d73

// prepare brings the database up to date: River's tables, Messenger's and the CMS's own. Several processes may call it
// at once; a second call changes nothing.
func prepare(ctx context.Context, pool *pgxpool.Pool) error {
	return exclusively(ctx, pool, migrationLock, func() error {
		river, err := rivermigrate.New(riverpgxv5.New(pool), nil)
		if err != nil {
			return fmt.Errorf("cms: river's migrations: %w", err)
		}
		if _, err := river.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return fmt.Errorf("cms: river's migrations: %w", err)
		}
		if err := migrations.Up(ctx, pool); err != nil {
			return fmt.Errorf("cms: messenger's migrations: %w", err)
		}
		return makeTables(ctx, pool)
	})
}

// makeTables makes the CMS's tables and the people in them, in one transaction.
func makeTables(ctx context.Context, pool *pgxpool.Pool) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var there bool
		if err := tx.QueryRow(ctx, `select to_regclass('cms_seeded') is not null`).Scan(&there); err != nil || there {
			return err
		}
		if _, err := tx.Exec(ctx, schema, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("cms: make tables: %w", err)
		}
		return insertPeople(ctx, tx)
	})
}

// exclusively runs fn while no other process holds the lock. The lock goes with its connection, so that a killed
// process leaves none behind.
func exclusively(ctx context.Context, pool *pgxpool.Pool, lock int, fn func() error) (err error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("cms: connect: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `select pg_advisory_lock($1)`, lock); err != nil {
		return fmt.Errorf("cms: wait for another process: %w", err)
	}
	defer func() {
		_, unlockErr := conn.Exec(context.WithoutCancel(ctx), `select pg_advisory_unlock($1)`, lock)
		err = errors.Join(err, unlockErr)
	}()
	return fn()
}

// linkKeys are LINK_KEY, when it is set, and a key that is made once and kept in the database so that every process
// finds it: good enough for a demonstration, see schema.sql.
func linkKeys(ctx context.Context, pool *pgxpool.Pool) ([]messenger.LinkKey, error) {
	var keys []messenger.LinkKey
	if encoded := os.Getenv("LINK_KEY"); encoded != "" {
		key, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || len(key) < 32 {
			return nil, errors.New("cms: LINK_KEY is not base64 of 32 bytes or more")
		}
		keys = append(keys, keyNamed(key))
	}
	kept := make([]byte, 32)
	_, _ = rand.Read(kept) // never fails: crypto/rand ends the process instead
	if _, err := pool.Exec(ctx,
		`insert into cms_secrets values ('link key', $1) on conflict do nothing`, kept); err != nil {
		return nil, fmt.Errorf("cms: link key: %w", err)
	}
	if err := pool.QueryRow(ctx, `select secret from cms_secrets where name = 'link key'`).Scan(&kept); err != nil {
		return nil, fmt.Errorf("cms: link key: %w", err)
	}
	return append(keys, keyNamed(kept)), nil
}

// querier is what the adapters ask of a database: a pool, or one transaction.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// atFault tells a fault of our own (a table or a right that is missing: class 42 of PostgreSQL's error codes) from
// trouble that passes.
func atFault(err error) error {
	var fault *pgconn.PgError
	if errors.As(err, &fault) && strings.HasPrefix(fault.Code, "42") {
		return fmt.Errorf("%w: %w", adapters.ErrConfiguration, err)
	}
	return err
}

// texts are ids as plain strings, which pgx can send in every mode. It is never nil, which would be a null.
func texts[T ~string](ids []T) []string {
	plain := make([]string, len(ids))
	for i, id := range ids {
		plain[i] = string(id)
	}
	return plain
}
