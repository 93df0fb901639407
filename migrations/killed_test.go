package migrations_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// killing ends a backend before whatever it does for the first time within what it was sent: the server calls before()
// before each definition and each change of rows within a file of several statements, or a block that commits itself.
// An extension's own script is PostgreSQL's. What was met is told by a notice, since the one that meets it can write
// nothing any more.
const killing = `
	create schema killing;
	create table killing.met (what text primary key);
	create function killing.before() returns void language plpgsql as $$
	declare
		here text := md5(current_query());
		n int := 1;
	begin
		if current_setting('killing.here', true) = here then
			n := current_setting('killing.n')::int + 1;
		end if;
		perform set_config('killing.here', here, false), set_config('killing.n', n::text, false);
		if n > 1 and current_query() !~ '^create extension' and current_setting('killing.on', true) = 'on'
			and not exists (select from killing.met where what = here || ' ' || n) then
			raise notice 'killing %', here || ' ' || n;
			perform pg_terminate_backend(pg_backend_pid()), pg_sleep(60);
		end if;
	end $$;
	create function killing.definition() returns event_trigger language plpgsql as $$
	begin perform killing.before(); end $$;
	create function killing.change() returns trigger language plpgsql as $$
	begin perform killing.before(); return null; end $$;
	create event trigger killing on ddl_command_start execute function killing.definition()`

// watch has the server call before() for the tables that there are now.
const watch = `do $$
	declare
		name text;
	begin
		for name in select relname from pg_class c where relnamespace = current_schema()::regnamespace and relkind = 'r'
			and relname ~ '^messenger_' and not exists (select from pg_trigger where tgrelid = c.oid and tgname = 'killing')
		loop
			execute format('create trigger killing before insert or update or delete on %I
				execute function killing.change()', name);
		end loop;
	end $$`

// killer also ends it before each statement that it is sent.
type killer struct {
	pool *pgxpool.Pool // another

	mu   sync.Mutex
	last string          // statement
	sent map[string]bool // by what was sent before
	met  []string        // what the server told
}

func (k *killer) TraceQueryStart(
	ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData,
) context.Context {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := fmt.Sprint(data.SQL, data.Args)
	key := k.last + now
	k.last = now
	if !k.sent[key] {
		k.sent[key] = true
		_, _ = k.pool.Exec(ctx, "select pg_terminate_backend($1, 10000)", int64(conn.PgConn().PID()))
	}
	return ctx
}

func (k *killer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (k *killer) told(_ *pgconn.PgConn, notice *pgconn.Notice) {
	if what, of := strings.CutPrefix(notice.Message, "killing "); of {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.met = append(k.met, what)
	}
}

// The backend is terminated before every single statement that a migration of all is made of, each once; the next goes
// on, over rows that were there early, and what comes of it is what comes of one that nobody killed.
func TestAMigrationIsKilledBeforeEveryStatement(t *testing.T) {
	t.Parallel()
	config, err := pgxpool.ParseConfig(migrationtest.Database(t))
	require.NoError(t, err)
	config.ConnConfig.RuntimeParams["search_path"] = "elsewhere" // the extensions are elsewhere
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer pool.Close()
	run(t, pool, "create schema elsewhere")
	run(t, pool, killing)
	k := &killer{pool: pool, sent: map[string]bool{}}
	config = pool.Config()
	config.ConnConfig.RuntimeParams["killing.on"] = "on"
	config.ConnConfig.Tracer, config.ConnConfig.OnNotice = k, k.told
	own, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer own.Close()
	filled := false
	for killed := 0; ; killed = len(k.sent) + len(k.met) {
		err := migrations.Up(t.Context(), own)
		if err == nil {
			t.Logf("killed before each of %d statements sent and of %d things that those do", len(k.sent), len(k.met))
			require.Equal(t, killed, len(k.sent)+len(k.met), "what is killed fails")
			break
		}
		require.Greater(t, len(k.sent)+len(k.met), killed, "it was not killed: %v", err)
		run(t, pool, "insert into killing.met select unnest($1::text[]) on conflict do nothing", k.met)
		if !filled && has(t, pool, "20261101000010") {
			fill(t, pool, 1100, 3) // the later ones go by a thousand
			filled = true
		}
		run(t, pool, watch)
		k.last = ""
	}
	require.True(t, filled)
	run(t, pool, "drop event trigger killing; drop schema killing cascade")
	faults, err := migrations.Faults(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, faults)
	requireDone(t, pool)
	require.Equal(t, madeByUp(t), migrationtest.Catalog(t, pool))
}

func has(t *testing.T, pool *pgxpool.Pool, migration string) (has bool) {
	t.Helper()
	if !exists(t, pool, "messenger_migrations") {
		return false
	}
	query := "select exists (select from messenger_migrations where name = $1)"
	require.NoError(t, pool.QueryRow(t.Context(), query, migration).Scan(&has))
	return has
}
