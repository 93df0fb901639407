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
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg/devpgtest"
	"github.com/cmsmessenger/cmsmessenger/migrations"
)

// inSchema is where the tables of Pool are: a host may have them elsewhere than in public.
const inSchema = "messengertest"

// Pool returns a pool of a fresh database with all migrations run, Messenger's and River's, in a schema that its
// connections work in. The server is the one that TEST_DATABASE_URL names, or a private one. The database goes when the
// test has passed; that of a test that failed stays, to be looked at, until a run an hour later.
func Pool(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	pool := newPool(tb, copyOf(tb, inSchema), inSchema)
	tb.Cleanup(pool.Close)
	return pool
}

// Migrated returns the address of a fresh database with all migrations run in its schema public, for a process of its
// own to work in. It goes as Pool's does, whoever is still connected.
func Migrated(tb testing.TB) string {
	tb.Helper()
	return copyOf(tb, "public")
}

// templates are the databases that this process copies, by the schema in which they are migrated. All migrations take
// seconds, a copy some hundredths of one.
var templates = struct { //nolint:gochecknoglobals // one each a process
	sync.Mutex
	of map[string]string
}{of: map[string]string{}}

// copyOf returns the address of a copy of the database with all migrations run in schema.
func copyOf(tb testing.TB, schema string) (address string) {
	tb.Helper()
	templates.Lock()
	defer templates.Unlock()
	if templates.of[schema] == "" {
		name, address := create(tb, "")
		pool := newPool(tb, address, schema)
		_, err := pool.Exec(context.Background(), "create schema if not exists "+schema)
		require.NoError(tb, err)
		Up(tb, pool)
		pool.Close() // a database that is in use can't be copied
		templates.of[schema] = name
	}
	name, address := create(tb, templates.of[schema])
	dropAtEnd(tb, name)
	return address
}

func newPool(tb testing.TB, address, schema string) *pgxpool.Pool {
	tb.Helper()
	config, err := pgxpool.ParseConfig(address)
	require.NoError(tb, err)
	config.ConnConfig.RuntimeParams["search_path"] = schema
	config.MaxConns = 12
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	require.NoError(tb, err)
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

// Schema returns a pool whose connections work in a fresh, empty schema. It goes as Pool's database does.
func Schema(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	schema := newName(tb)
	pool := newPool(tb, devpgtest.URL(tb), schema)
	_, err := pool.Exec(context.Background(), "create schema "+schema)
	require.NoError(tb, err)
	tb.Cleanup(func() {
		if !tb.Failed() {
			_, err := pool.Exec(context.Background(), "drop schema "+schema+" cascade")
			require.NoError(tb, err)
		}
		pool.Close()
	})
	return pool
}

// Database makes an empty database on the tests' server and returns its address. It goes as Pool's does, whoever is
// still connected.
func Database(tb testing.TB) string {
	tb.Helper()
	name, address := create(tb, "")
	dropAtEnd(tb, name)
	return address
}

// create makes a database, as a copy of the one that is named, and returns its name and address.
func create(tb testing.TB, template string) (name, address string) {
	tb.Helper()
	server := devpgtest.URL(tb)
	admin := connect(tb, server)
	dropStale(tb, admin)
	name = newName(tb)
	statement := "create database " + name
	if template != "" {
		statement += " template " + template
		if version := admin.PgConn().ParameterStatus("server_version"); !strings.HasPrefix(version, "14") {
			statement += " strategy file_copy" // a quarter of the work; PostgreSQL 14 knows no other
		}
	}
	_, err := admin.Exec(context.Background(), statement)
	require.NoError(tb, err)
	require.NoError(tb, admin.Close(context.Background()))
	parsed, err := url.Parse(server)
	require.NoError(tb, err)
	parsed.Path = "/" + name
	return name, parsed.String()
}

// dropAtEnd has a database go when the test has passed.
func dropAtEnd(tb testing.TB, name string) {
	tb.Helper()
	server := devpgtest.URL(tb)
	tb.Cleanup(func() {
		if tb.Failed() {
			return
		}
		admin := connect(tb, server)
		_, err := admin.Exec(context.Background(), "drop database "+name+" with (force)")
		require.NoError(tb, err)
		require.NoError(tb, admin.Close(context.Background()))
	})
}

func connect(tb testing.TB, server string) *pgx.Conn {
	tb.Helper()
	admin, err := pgx.Connect(context.Background(), server)
	require.NoError(tb, err)
	return admin
}

// newName is the name of a database or a schema: it says when it was made, so that dropStale finds it.
func newName(tb testing.TB) string {
	tb.Helper()
	random := make([]byte, 6)
	_, err := rand.Read(random)
	require.NoError(tb, err)
	return fmt.Sprintf("messengertest_%d_%s", time.Now().Unix(), hex.EncodeToString(random))
}

// dropStale removes what failed tests of an hour ago and more, and processes that have ended, left behind, and nothing
// of a host's beside it.
func dropStale(tb testing.TB, admin *pgx.Conn) {
	tb.Helper()
	ctx := context.Background()
	rows, err := admin.Query(ctx, `select format(how, name) from (
			select 'drop schema if exists %s cascade' as how, nspname::text as name from pg_namespace
			union all select 'drop database if exists %s with (force)', datname from pg_database) as made
		where name ~ '^messengertest_\d{10}_[0-9a-f]{12}$'
			and split_part(name, '_', 2)::bigint < extract(epoch from now()) - 3600`)
	require.NoError(tb, err)
	stale, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(tb, err)
	for _, drop := range stale {
		_, _ = admin.Exec(ctx, drop) // two tests may drop the same one: the loser's complaint does not matter
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
