// Package migrations makes and removes Messenger's own tables: messenger_* in the schema that the pool's connections
// work in. It touches nothing else of the database but two trusted extensions for the inbox search, btree_gin and
// pg_trgm, which it creates in schema public where it may. River's tables are made by River's own rivermigrate.
package migrations

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"hash/fnv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/migrate"
)

//go:embed *.sql
var files embed.FS

// Up brings the tables to the present version and makes the search indexes where the extensions are to be had. Call it
// from a deployment or at start; any number of processes may call it at once, and a second call changes nothing. The
// pool must reach PostgreSQL directly, not through a pooler in transaction mode. Each migration is one transaction, or
// many small ones where it fills columns: one that fails is run again by the next call, and Up returns its error.
//
// A database that refuses the extensions is not an error: search is slower then, and Messenger says so at start. Up
// called after they have been installed makes the indexes.
func Up(ctx context.Context, pool *pgxpool.Pool) error {
	return locked(ctx, pool, func(m *migrate.Migrator) error {
		if _, err := m.Migrate(ctx); err != nil {
			return fmt.Errorf("migrate up: %w", err)
		}
		return searchIndexes(ctx, pool)
	})
}

// Down removes every table, function and index of Messenger's, with all they hold. The extensions stay: others may use
// them. A second call changes nothing.
func Down(ctx context.Context, pool *pgxpool.Pool) error {
	return locked(ctx, pool, func(m *migrate.Migrator) error {
		for {
			group, err := m.Rollback(ctx)
			if err != nil {
				return fmt.Errorf("migrate down: %w", err)
			}
			if group.IsZero() {
				break
			}
		}
		if _, err := pool.Exec(ctx, "drop table messenger_migrations, messenger_migration_locks"); err != nil {
			return fmt.Errorf("drop the table of migrations: %w", err)
		}
		return nil
	})
}

// Pending returns the names of the migrations that Up would run now, oldest first.
func Pending(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
	var names []string
	err := locked(ctx, pool, func(m *migrate.Migrator) error {
		all, err := m.MigrationsWithStatus(ctx)
		if err != nil {
			return fmt.Errorf("read migrations: %w", err)
		}
		for _, migration := range all.Unapplied() {
			names = append([]string{migration.String()}, names...)
		}
		return nil
	})
	return names, err
}

// locked runs fn under an advisory lock of this schema's: bun's own lock row would outlive a crash.
func locked(ctx context.Context, pool *pgxpool.Pool, fn func(*migrate.Migrator) error) error {
	borrowed, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	// taken out of the pool: whoever holds the lock needs another connection, and those who wait must not keep it
	conn := borrowed.Hijack()
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var schema string
	if err := conn.QueryRow(ctx, "select current_schema()").Scan(&schema); err != nil {
		return fmt.Errorf("read the schema's name: %w", err)
	}
	unlock, err := lock(ctx, conn, "messenger migrations "+schema)
	if err != nil {
		return err
	}
	defer unlock()

	found := migrate.NewMigrations()
	if err := found.Discover(files); err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	db := bun.NewDB(stdlib.OpenDBFromPool(pool), pgdialect.New())
	m := migrate.NewMigrator(db, found, migrate.WithMarkAppliedOnSuccess(true), migrate.WithUpsert(true),
		migrate.AfterMigration(mark),
		migrate.WithTableName("messenger_migrations"), migrate.WithLocksTableName("messenger_migration_locks"))
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("make the table of migrations: %w", err)
	}
	return fn(m)
}

// mark writes down that a migration was made, or undone, in its own transaction: bun writes it after that, and whoever
// is killed in between would make it again for ever.
func mark(ctx context.Context, db bun.IConn, migration *migrate.Migration) error {
	statement := "insert into messenger_migrations (name, group_id) values (?, ?) on conflict (name) do nothing"
	if migration.IsApplied() {
		statement = "delete from messenger_migrations where name = ? and group_id = ?"
	}
	if _, err := db.ExecContext(ctx, statement, migration.Name, migration.GroupID); err != nil {
		return fmt.Errorf("mark the migration: %w", err)
	}
	return nil
}

func lock(ctx context.Context, conn *pgx.Conn, name string) (unlock func(), err error) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	key := int64(h.Sum64()) //nolint:gosec // wraps on purpose: any 64 bits will do
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", key); err != nil {
		return nil, fmt.Errorf("take the migration lock: %w", err)
	}
	return func() {
		// with the caller's context gone the lock must still go, or the connection with it
		if _, err := conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", key); err != nil {
			_ = conn.Close(context.WithoutCancel(ctx))
		}
	}, nil
}

// searchIndexes makes the indexes of the inbox search when both extensions are there, and removes the one that came
// before.
func searchIndexes(ctx context.Context, pool *pgxpool.Pool) error {
	gin, err := ensureExtension(ctx, pool, "btree_gin")
	if err != nil {
		return err
	}
	trgm, err := ensureExtension(ctx, pool, "pg_trgm")
	if err != nil || gin == "" || trgm == "" {
		return err
	}
	staff := "staff_id " + pgx.Identifier{gin, "text_ops"}.Sanitize()
	name := "client_name_folded " + pgx.Identifier{trgm, "gin_trgm_ops"}.Sanitize()
	for _, index := range []string{
		"messenger_messages_inbox_words on messenger_messages using gin (" + staff +
			", messenger_inbox_words(staff_id, words))",
		"messenger_channels_name on messenger_channels using gin (" + staff + ", " + name + ")",
	} {
		if _, err := pool.Exec(ctx, "create index if not exists "+index); err != nil {
			return fmt.Errorf("make a search index: %w", err)
		}
	}
	var valid bool
	err = pool.QueryRow(ctx,
		"select indisvalid from pg_index where indexrelid = 'messenger_messages_inbox_words'::regclass").Scan(&valid)
	if err != nil {
		return fmt.Errorf("look at the index of words: %w", err)
	}
	if !valid {
		return errors.New("the index messenger_messages_inbox_words is not valid: wait for its build to end, or drop it, " +
			"then migrate again")
	}
	if _, err := pool.Exec(ctx, "drop index if exists messenger_messages_words"); err != nil {
		return fmt.Errorf("drop the search index that came before: %w", err)
	}
	return nil
}

// ensureExtension returns the schema an extension lives in, or "" where the database refuses it. Without SCHEMA it
// would land in a schema of the search path, and go with it.
func ensureExtension(ctx context.Context, pool *pgxpool.Pool, name string) (schema string, err error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return "", fmt.Errorf("connect: %w", err)
	}
	defer conn.Release()
	unlock, err := lock(ctx, conn.Conn(), "messenger extensions")
	if err != nil {
		return "", err
	}
	defer unlock()
	find := "select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = $1"
	err = conn.QueryRow(ctx, find, name).Scan(&schema)
	if !errors.Is(err, pgx.ErrNoRows) {
		return schema, err
	}
	_, err = conn.Exec(ctx,
		fmt.Sprintf("create extension if not exists %s schema public", pgx.Identifier{name}.Sanitize()))
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return "", nil // not allowed, or not installed on the server
	}
	if err != nil {
		return "", fmt.Errorf("create extension %s: %w", name, err)
	}
	return "public", nil
}
