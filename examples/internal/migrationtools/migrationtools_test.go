// Package migrationtools shows that a host's own migration tool makes Messenger's tables as Messenger does.
package migrationtools_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// lastSearched is where a database is some versions behind.
const lastSearched = 2026110100001390

// tool is a host's, set up for one database.
type tool struct {
	to   func(version int64) error
	up   func() error
	down func() error
}

func gooseOf(t *testing.T, db *sql.DB) tool {
	t.Helper()
	provider, err := newGoose(db)
	require.NoError(t, err)
	return tool{
		to:   func(version int64) error { _, err := provider.UpTo(t.Context(), version); return err },
		up:   func() error { _, err := provider.Up(t.Context()); return err },
		down: func() error { _, err := provider.DownTo(t.Context(), 0); return err },
	}
}

// newGoose stands in docs/upgrade.md, and newMigrate does.
func newGoose(db *sql.DB) (*goose.Provider, error) {
	files, err := migrations.Goose()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files, goose.WithTableName("messenger_goose"))
}

func golangMigrateOf(t *testing.T, db *sql.DB) tool {
	t.Helper()
	m, err := newMigrate(db)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, errors.Join(m.Close())) })
	return tool{to: func(version int64) error { return m.Migrate(uint(version)) }, up: m.Up, down: m.Down}
}

func newMigrate(db *sql.DB) (*migrate.Migrate, error) {
	files, err := migrations.GolangMigrate()
	if err != nil {
		return nil, err
	}
	source, err := iofs.New(files, ".")
	if err != nil {
		return nil, err
	}
	driver, err := pgx.WithInstance(db, &pgx.Config{MigrationsTable: "messenger_golang_migrate"}) // its database/pgx/v5
	if err != nil {
		return nil, err
	}
	return migrate.NewWithInstance("iofs", source, "pgx5", driver)
}

func TestHostsToolsMakeWhatUpMakes(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]func(*testing.T, *sql.DB) tool{
		"goose": gooseOf, "golang-migrate": golangMigrateOf,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wanted := migrationtest.Schema(t)
			require.NoError(t, migrations.Up(t.Context(), wanted))
			pool := migrationtest.Schema(t)
			db := stdlib.OpenDBFromPool(pool)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			own := of(t, db)

			require.NoError(t, own.to(lastSearched))
			pending, err := migrations.Pending(t.Context(), pool)
			require.NoError(t, err)
			require.Equal(t, "20261101000014_held_texts", pending[0])
			aMessage(t, pool)
			require.NoError(t, own.up())
			require.Equal(t, migrationtest.Catalog(t, wanted), messengers(t, pool))
			requireNothingLeft(t, pool)

			require.NoError(t, migrations.Up(t.Context(), pool))
			require.Equal(t, migrationtest.Catalog(t, wanted), messengers(t, pool), "Up changes nothing more")
			require.NoError(t, own.down())
			require.Empty(t, messengers(t, pool))
		})
	}
}

// Up goes on where a host's tool has begun.
func TestUpGoesOnAfterGoose(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	db := stdlib.OpenDBFromPool(pool)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	own := gooseOf(t, db)
	require.NoError(t, own.to(2026110100003301)) // in the midst of one
	require.NoError(t, migrations.Up(t.Context(), pool))
	requireNothingLeft(t, pool)
	wanted := migrationtest.Schema(t)
	require.NoError(t, migrations.Up(t.Context(), wanted))
	require.Equal(t, migrationtest.Catalog(t, wanted), messengers(t, pool))
}

// aMessage is one row of each of the first two tables, which what follows has to fill and to index.
func aMessage(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	for _, statement := range []string{
		`insert into messenger_channels (id, organisation_id, staff_id, staff_name, client_id, client_name,
			client_name_folded, status, last_seq, last_at, link_nonce, link_key_id, link_lookup, created_at, updated_at)
		values (gen_random_uuid(), 'north', 'amira', 'Amira Shah', '1', 'Grace', 'grace', 'unread', 1, now(), '', 'k1', '', now(), now())`,
		`insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, body,
			words, author_kind, author_id, author_name, created_at, delivery_status, record_status)
		select gen_random_uuid(), 'north', 'amira', id, 1, 'inbound', 'web', 'Hello', '', 'client', '', '', now(),
		'received', 'saved' from messenger_channels`,
	} {
		_, err := pool.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
}

func requireNothingLeft(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	faults, err := migrations.Faults(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, faults)
}

// messengers is what is there of Messenger's: all but the tool's own table.
func messengers(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	var list []string
	for _, line := range migrationtest.Catalog(t, pool) {
		if !strings.Contains(line, "goose") && !strings.Contains(line, "golang_migrate") {
			list = append(list, line)
		}
	}
	return list
}
