package migrations_test

import (
	"context"
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
	require.True(t, exists(t, pool, "messenger_messages_words"))
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

// A host that refuses the extensions has every table, and gets the search indexes when they have been installed.
func TestADatabaseThatRefusesTheExtensions(t *testing.T) {
	t.Parallel()
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
	owner, err := pgx.ConnectConfig(ctx, config.ConnConfig.Copy())
	require.NoError(t, err)
	_, err = owner.Exec(ctx, "create schema host authorization "+name)
	require.NoError(t, err)
	config.ConnConfig.RuntimeParams["search_path"] = "host"
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "set role "+name)
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
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

	require.NoError(t, migrations.Up(ctx, pool))
	require.True(t, exists(t, pool, "messenger_messages"))
	require.False(t, exists(t, pool, "messenger_messages_words"))
	_, err = owner.Exec(ctx, "create extension btree_gin schema public; create extension pg_trgm schema public")
	require.NoError(t, err)
	require.NoError(t, migrations.Up(ctx, pool))
	require.True(t, exists(t, pool, "messenger_messages_words"))
	require.True(t, exists(t, pool, "messenger_channels_name"))
	require.NoError(t, migrations.Down(ctx, pool))
	require.False(t, exists(t, pool, "messenger_channels"))
}
