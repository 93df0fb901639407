// Package migrationtest gives a test a schema or a database of its own, empty or with Messenger's tables and River's.
// Only tests import it.
package migrationtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg/devpgtest"
	"github.com/cmsmessenger/cmsmessenger/migrations"
)

// Pool returns a pool whose connections work in a fresh schema with all migrations run: Messenger's, and River's. The
// server is the one that TEST_DATABASE_URL names, or a private one. The schema goes when the test has passed; the
// schema of a test that failed stays, to be looked at, until a run an hour later.
func Pool(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	pool := Schema(tb)
	Up(tb, pool)
	return pool
}

// Up runs all migrations, River's and Messenger's, in the schema or database of the test's own that pool works in.
func Up(tb testing.TB, pool *pgxpool.Pool) {
	tb.Helper()
	ctx := context.Background()
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	require.NoError(tb, err)
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	require.NoError(tb, err)
	require.NoError(tb, migrations.Up(ctx, pool))
}

// Schema returns a pool whose connections work in a fresh, empty schema.
func Schema(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	ctx := context.Background()
	config, err := pgxpool.ParseConfig(devpgtest.URL(tb))
	require.NoError(tb, err)
	admin, err := pgx.ConnectConfig(ctx, config.ConnConfig.Copy())
	require.NoError(tb, err)
	defer func() { _ = admin.Close(ctx) }()

	dropStale(ctx, tb, admin)
	random := make([]byte, 6)
	_, err = rand.Read(random)
	require.NoError(tb, err)
	schema := fmt.Sprintf("messengertest_%d_%s", time.Now().Unix(), hex.EncodeToString(random))
	_, err = admin.Exec(ctx, "create schema "+schema)
	require.NoError(tb, err)

	config.ConnConfig.RuntimeParams["search_path"] = schema
	config.MaxConns = 12
	pool, err := pgxpool.NewWithConfig(ctx, config)
	require.NoError(tb, err)
	tb.Cleanup(func() {
		if !tb.Failed() {
			_, err := pool.Exec(ctx, "drop schema "+schema+" cascade")
			require.NoError(tb, err)
		}
		pool.Close()
	})
	return pool
}

// Database makes an empty database on the tests' server and returns its address. It goes when the test ends, whoever is
// still connected.
func Database(tb testing.TB) string {
	tb.Helper()
	ctx := context.Background()
	address, err := url.Parse(devpgtest.URL(tb))
	require.NoError(tb, err)
	admin, err := pgx.Connect(ctx, address.String())
	require.NoError(tb, err)
	name := "test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	_, err = admin.Exec(ctx, "create database "+name)
	require.NoError(tb, err)
	tb.Cleanup(func() {
		_, err := admin.Exec(ctx, "drop database "+name+" with (force)")
		require.NoError(tb, err)
		require.NoError(tb, admin.Close(ctx))
	})
	address.Path = "/" + name
	return address.String()
}

// dropStale removes what failed tests of an hour ago and more left behind, and nothing of a host's beside it.
func dropStale(ctx context.Context, tb testing.TB, admin *pgx.Conn) {
	tb.Helper()
	rows, err := admin.Query(ctx, `select nspname from pg_namespace
		where nspname ~ '^messengertest_\d{10}_[0-9a-f]{12}$'
			and split_part(nspname, '_', 2)::bigint < extract(epoch from now()) - 3600`)
	require.NoError(tb, err)
	stale, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(tb, err)
	for _, schema := range stale {
		// two tests may drop the same one: the loser's complaint does not matter
		_, _ = admin.Exec(ctx, "drop schema if exists "+schema+" cascade")
	}
}

// Catalog is what the schema of a pool has, a line each: to hold what one tool made against what another did.
func Catalog(tb testing.TB, pool *pgxpool.Pool) []string {
	tb.Helper()
	found, err := pool.Query(context.Background(), `
		with own as (select oid, relname, relkind, reloptions from pg_class
			where relnamespace = current_schema()::regnamespace)
		select format('%s %s %s', relkind, relname, reloptions) from own
		union all select format('column %s.%s %s %s null:%s %s %s', relname, attnum, attname,
			format_type(atttypid, atttypmod), not attnotnull, attcollation::regcollation, pg_get_expr(adbin, adrelid))
			from own join pg_attribute on attrelid = own.oid left join pg_attrdef on adrelid = own.oid and adnum = attnum
			where attnum > 0 and relkind in ('r', 'p')
		union all select format('constraint %s %s %s', relname, conname, pg_get_constraintdef(c.oid))
			from own join pg_constraint c on conrelid = own.oid
		union all select format('index %s valid:%s %s', relname, indisvalid, pg_get_indexdef(indexrelid))
			from own join pg_index on indexrelid = own.oid
		union all select pg_get_functiondef(oid) from pg_proc where pronamespace = current_schema()::regnamespace
		union all select format('trigger %s %s', pg_get_triggerdef(t.oid), tgenabled)
			from own join pg_trigger t on tgrelid = own.oid where not tgisinternal
		order by 1`)
	require.NoError(tb, err)
	list, err := pgx.CollectRows(found, pgx.RowTo[string])
	require.NoError(tb, err)
	var schema string
	require.NoError(tb, pool.QueryRow(context.Background(), "select current_schema()").Scan(&schema))
	for i, line := range list {
		list[i] = strings.ReplaceAll(strings.ReplaceAll(line, schema+".", ""), schema, "own")
	}
	return list
}
