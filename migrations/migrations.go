// Package migrations makes and removes Messenger's own tables: messenger_* in the schema that the pool's connections
// work in. It touches nothing else of the database but two trusted extensions for the inbox search, btree_gin and
// pg_trgm, which it creates in schema public where it may. River's tables are made by River's own rivermigrate.
package migrations

import (
	"context"
	"embed"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/migrate"
)

// FS holds the migrations as Up runs them, to be read: NUMBER_name.up.sql and .down.sql, with .tx before that where a
// file is one transaction, else statements apart by "--bun:split". They are not all that Up does, and no other tool
// reads them so: for those there are Goose, GolangMigrate and Script, which have the rest too.
//
//go:embed *.sql
var FS embed.FS

// Up brings the tables to the present version, makes the search indexes where the extensions are to be had, and
// mends what a restore or a killed build has left. Call it from a deployment or at start; any number of processes
// may call it at once, and a second call changes nothing. The pool must reach PostgreSQL directly, not through a
// pooler in transaction mode. Up works by one connection of its own, made as the pool makes its own.
//
// Everything goes on meanwhile. A statement that needs a table for itself waits for it for 0.3 seconds, lets
// everybody pass and tries again, for ten minutes; then Up returns an error and the next call goes on from there.
// So a dump or a transaction that is long open delays Up and nobody else. An index of a table that has rows is made
// concurrently: a million messages take some minutes, ten million a quarter of an hour, and it ends only after
// every transaction of the database that was open when it began. Give ctx no shorter deadline.
//
// Each migration is one transaction, or many small ones where it fills columns. One that fails or is killed is run
// again by the next call, and Up returns its error. What the server still does for a process that was killed is
// waited for.
//
// A database that refuses the extensions is not an error: search is slower then, and Messenger says so at start. Up
// called after they have been installed makes the indexes.
func Up(ctx context.Context, pool *pgxpool.Pool) error {
	return inSession(ctx, pool, func(own *pgxpool.Pool) error {
		if err := mendIndexes(ctx, own); err != nil {
			return err
		}
		if err := migrateUp(ctx, own); err != nil {
			return err
		}
		if err := searchIndexes(ctx, own); err != nil {
			return err
		}
		if err := makeTriggers(ctx, own); err != nil {
			return err
		}
		return guardHistory(ctx, own)
	})
}

// Down removes every table, function and index of Messenger's, with all they hold. The extensions stay: others may
// use them. A second call changes nothing.
func Down(ctx context.Context, pool *pgxpool.Pool) error {
	return inSession(ctx, pool, func(own *pgxpool.Pool) error {
		all, err := found()
		if err != nil {
			return err
		}
		m, closeDB := migrator(own, all)
		defer closeDB()
		if err := m.Init(ctx); err != nil {
			return fmt.Errorf("make the table of migrations: %w", err)
		}
		for rest := true; rest; {
			err := patiently(ctx, func() error {
				group, err := m.Rollback(ctx)
				rest = !group.IsZero()
				return err
			})
			if err != nil {
				return fmt.Errorf("migrate down: %w", err)
			}
		}
		if _, err := own.Exec(ctx, "drop table messenger_migrations, messenger_migration_locks"); err != nil {
			return fmt.Errorf("drop the table of migrations: %w", err)
		}
		return nil
	})
}

// Pending returns the names of the migrations that Up would run now, oldest first: "20261101000001_channels". It
// changes nothing and waits for nobody.
func Pending(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
	all, err := found()
	if err != nil {
		return nil, err
	}
	var marked []string
	var begun bool
	if err := pool.QueryRow(ctx, "select to_regclass('messenger_migrations') is not null").Scan(&begun); err != nil {
		return nil, fmt.Errorf("look for the table of migrations: %w", err)
	}
	if begun {
		if marked, err = list(ctx, pool, "select name from messenger_migrations"); err != nil {
			return nil, fmt.Errorf("read the table of migrations: %w", err)
		}
	}
	var names []string
	for _, migration := range all {
		if !slices.Contains(marked, migration.Name) {
			names = append(names, migration.String())
		}
	}
	return names, nil
}

// Faults says what Up would do or mend now, a sentence each: none when all is as it should be. It changes nothing
// and waits for nobody.
func Faults(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
	pending, err := Pending(ctx, pool)
	if err != nil {
		return nil, err
	}
	var faults []string
	for _, name := range pending {
		faults = append(faults, "migration "+name+" has not run")
	}
	invalid, err := invalidIndexes(ctx, pool)
	if err != nil {
		return nil, err
	}
	for _, name := range invalid {
		faults = append(faults, "index "+name+" is not valid")
	}
	missing, err := missingTriggers(ctx, pool, pending)
	if err != nil {
		return nil, err
	}
	for _, t := range missing {
		faults = append(faults, "trigger "+t.name+" is missing or disabled")
	}
	weak, err := weakTriggers(ctx, pool)
	for _, name := range weak {
		faults = append(faults, "trigger "+name+" is not enabled always")
	}
	return faults, err
}

// found is all migrations, oldest first.
func found() (migrate.MigrationSlice, error) {
	all := migrate.NewMigrations()
	if err := all.Discover(FS); err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return all.Sorted(), nil
}

// migrator runs these migrations on the session's connection.
func migrator(own *pgxpool.Pool, these migrate.MigrationSlice) (m *migrate.Migrator, closeDB func()) {
	list := migrate.NewMigrations()
	for _, migration := range these {
		list.Add(migration)
	}
	db := bun.NewDB(stdlib.OpenDBFromPool(own), pgdialect.New())
	m = migrate.NewMigrator(db, list, migrate.WithMarkAppliedOnSuccess(true), migrate.WithUpsert(true),
		migrate.AfterMigration(mark), migrate.WithTableName("messenger_migrations"),
		migrate.WithLocksTableName("messenger_migration_locks"))
	return m, func() { _ = db.Close() }
}

// migrateUp runs what has not run, one after the other: before each the indexes that it wants are made while
// everything goes on.
func migrateUp(ctx context.Context, own *pgxpool.Pool) error {
	all, err := found()
	if err != nil {
		return err
	}
	m, closeDB := migrator(own, all)
	defer closeDB()
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("make the table of migrations: %w", err)
	}
	with, err := m.MigrationsWithStatus(ctx)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	for i, migration := range with {
		if migration.IsApplied() {
			continue
		}
		if err := indexesFirst(ctx, own, migration.Name); err != nil {
			return err
		}
		one, closeOne := migrator(own, all[:i+1])
		err := patiently(ctx, func() error {
			_, err := one.Migrate(ctx)
			return err
		})
		closeOne()
		if err != nil {
			return fmt.Errorf("migrate up: %w", err)
		}
	}
	return nil
}

// mark writes down that a migration was made, or undone, in its own transaction: bun writes it after that, and
// whoever is killed in between would make it again for ever.
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

// list reads one column of texts.
func list(ctx context.Context, pool *pgxpool.Pool, query string, args ...any) ([]string, error) {
	found, err := pool.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, pgx.RowTo[string])
}
