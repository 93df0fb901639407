package migrations_test

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg/devpgtest"
	"github.com/cmsmessenger/cmsmessenger/migrations"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

func exists(t *testing.T, pool *pgxpool.Pool, name string) bool {
	t.Helper()
	var there bool
	require.NoError(t, pool.QueryRow(t.Context(), "select to_regclass($1) is not null", name).Scan(&there))
	return there
}

func TestManyProcessesMigrateAtOnce(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	results := make([]error, 6)
	var processes sync.WaitGroup
	for i := range results {
		processes.Go(func() {
			own, err := pgxpool.NewWithConfig(t.Context(), pool.Config())
			if err == nil {
				defer own.Close()
				err = migrations.Up(t.Context(), own)
			}
			results[i] = err
		})
	}
	processes.Wait()
	for _, err := range results {
		require.NoError(t, err)
	}
	pending, err := migrations.Pending(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, pending)
	require.True(t, exists(t, pool, "messenger_messages_inbox_words"))
}

func TestAFailedMigrationLeavesNoTraceAndRunsAgain(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	_, err := pool.Exec(t.Context(), "create table messenger_history (host text)") // in the way of the third
	require.NoError(t, err)
	require.Error(t, migrations.Up(t.Context(), pool))
	require.True(t, exists(t, pool, "messenger_messages"))
	require.False(t, exists(t, pool, "messenger_drafts"))
	_, err = pool.Exec(t.Context(), "drop table messenger_history")
	require.NoError(t, err)
	require.NoError(t, migrations.Up(t.Context(), pool))
	require.True(t, exists(t, pool, "messenger_drafts"))
}

// Whoever is killed after a migration and before its mark must not be stuck with it.
func TestAMigrationAndItsMarkAreOne(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	_, err := pool.Exec(t.Context(), `create table messenger_migrations (id bigserial primary key, name varchar,
			group_id bigint, migrated_at timestamptz not null default current_timestamp);
		create function refuse() returns trigger language plpgsql
		as $$ begin raise 'no marks'; end $$;
		create trigger refuse before insert on messenger_migrations for each row
		when (new.name = '20261101000003') execute function refuse()`)
	require.NoError(t, err)
	require.ErrorContains(t, migrations.Up(t.Context(), pool), "no marks")
	require.True(t, exists(t, pool, "messenger_messages"))
	require.False(t, exists(t, pool, "messenger_history"))
	_, err = pool.Exec(t.Context(), "drop trigger refuse on messenger_migrations; drop function refuse")
	require.NoError(t, err)
	require.NoError(t, migrations.Up(t.Context(), pool))
	pending, err := migrations.Pending(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, pending)
}

// refusing is a database whose host's role may not install extensions, and the connection of one who may.
func refusing(t *testing.T) (pool *pgxpool.Pool, owner *pgx.Conn, role string) {
	t.Helper()
	config, err := pgxpool.ParseConfig(devpgtest.URL(t))
	require.NoError(t, err)
	ctx := context.Background()
	admin, err := pgx.ConnectConfig(ctx, config.ConnConfig.Copy())
	require.NoError(t, err)
	var suffix string
	require.NoError(t, admin.QueryRow(ctx, "select replace(gen_random_uuid()::text, '-', '')").Scan(&suffix))
	name := "refusing_" + suffix
	for _, statement := range []string{
		"create role " + name + " login", "create database " + name,
		"revoke all on database " + name + " from public", "grant connect on database " + name + " to " + name,
	} {
		_, err = admin.Exec(ctx, statement)
		require.NoError(t, err)
	}
	config.ConnConfig.Database = name
	owner, err = pgx.ConnectConfig(ctx, config.ConnConfig.Copy())
	require.NoError(t, err)
	_, err = owner.Exec(ctx, "create schema host authorization "+name)
	require.NoError(t, err)
	config.ConnConfig.RuntimeParams["search_path"] = "host"
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "set role "+name)
		return err
	}
	pool, err = pgxpool.NewWithConfig(ctx, config)
	require.NoError(t, err)
	t.Cleanup(func() {
		pool.Close()
		require.NoError(t, owner.Close(ctx))
		_, err := admin.Exec(ctx, "drop database "+name)
		require.NoError(t, err)
		_, err = admin.Exec(ctx, "drop role "+name)
		require.NoError(t, err)
		require.NoError(t, admin.Close(ctx))
	})
	return pool, owner, name
}

// A host that refuses the extensions has every table, and gets the search indexes when they have been installed.
func TestADatabaseThatRefusesTheExtensions(t *testing.T) {
	t.Parallel()
	pool, owner, _ := refusing(t)
	ctx := t.Context()
	require.NoError(t, migrations.Up(ctx, pool))
	require.True(t, exists(t, pool, "messenger_messages"))
	require.False(t, exists(t, pool, "messenger_messages_inbox_words"))
	_, err := owner.Exec(ctx, "create extension btree_gin schema public; create extension pg_trgm schema public")
	require.NoError(t, err)
	require.NoError(t, migrations.Up(ctx, pool))
	require.True(t, exists(t, pool, "messenger_messages_inbox_words"))
	require.True(t, exists(t, pool, "messenger_channels_name"))
	require.NoError(t, migrations.Down(ctx, pool))
	require.False(t, exists(t, pool, "messenger_channels"))
}

// What an earlier build left is filled in: here some thousand channels without what lists show.
func TestListsAreFilled(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	require.NoError(t, migrations.Up(t.Context(), pool))
	for _, statement := range []string{
		`insert into messenger_channels (id, organisation_id, staff_id, staff_name, client_id, client_name,
			client_name_folded, status, last_seq, last_at,
			link_nonce, link_key_id, link_lookup, created_at, updated_at)
		select gen_random_uuid(), 'north', 'amira', 'Amira Shah', n::text, 'Grace', 'grace', 'unread', 3, now(), '',
		'k1', decode(md5(n::text), 'hex'), now(), now()
		from generate_series(1, 2500) n`,
		`insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, body,
			words, author_kind, author_id, author_name,
			created_at, delivery_status, record_status)
		select gen_random_uuid(), 'north', 'amira', id, seq, 'inbound', 'web', repeat('Message ' || seq || ' ', 20), '',
		'client', '', '', now(), 'received', 'saved'
		from messenger_channels, generate_series(1, 3) seq`,
		"delete from messenger_migrations where name = '20261101000011'",
	} {
		_, err := pool.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	require.NoError(t, migrations.Up(t.Context(), pool))
	var filled int
	require.NoError(t, pool.QueryRow(t.Context(), `select count(*) from messenger_channels c join messenger_messages m
		on m.id = c.last_message_id
		where c.unread_count = 3 and m.seq = 3 and (c.last_direction, c.last_medium, c.last_created_at)
		= ('inbound', 'web', m.created_at)
			and c.last_preview = left(m.body, 140)`).Scan(&filled))
	require.Equal(t, 2500, filled)
}

// The index of words finds an inbox's words in whatever script, with those of few other inboxes; the one that came
// before goes.
func TestTheIndexOfWordsHasBuckets(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	_, err := pool.Exec(t.Context(),
		"create index messenger_messages_words on messenger_messages using gin (staff_id, words)")
	require.NoError(t, err)
	require.NoError(t, migrations.Up(t.Context(), pool))
	require.False(t, exists(t, pool, "messenger_messages_words"))
	for question, want := range map[string]int{
		"select count(distinct messenger_inbox_bucket('staff ' || n)) from generate_series(1, 1000) n":      16,
		"select count(*) from generate_series(1, 1000) n where length(messenger_inbox_bucket(n::text)) = 1": 1000,
		"select length(messenger_inbox_words('amira', ''))":                                                 0,
		`select count(*) from unnest(array['tea', 'вода', 'پانی', 'a1', 'café']) word, generate_series(1, 100) n
			where messenger_inbox_words('staff ' || n, array_to_tsvector(array['other', word]))
			@@ messenger_inbox_query('staff ' || n, format($$'/%s':* & '/oth':*$$, left(word, 2)))`: 500,
		`select count(*) from generate_series(1, 1000) n where messenger_inbox_bucket('amira')
			<> messenger_inbox_bucket(n::text)
			and messenger_inbox_words('amira', 'tea') @@ messenger_inbox_query(n::text, $$'/tea':*$$)`: 0,
	} {
		var got int
		require.NoError(t, pool.QueryRow(t.Context(), question).Scan(&got), question)
		require.Equal(t, want, got, question)
	}
}

// Two files of one number would be one migration to the migrator: only one of them would run.
func TestEachMigrationHasItsNumber(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	names := map[string]string{}
	for _, file := range files {
		name, _, _ := strings.Cut(file, ".")
		number, _, _ := strings.Cut(name, "_")
		if known, ok := names[number]; ok {
			require.Equal(t, known, name, "take the next free number")
		}
		names[number] = name
	}
}
