package messenger_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// The host stays the host's: our tables are messenger_* in the schema its pool names, and every migration goes up and down.
func TestPromise9TheHostStaysTheHosts(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	objects := func() []string {
		rows, err := pool.Query(t.Context(), `select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
				where n.nspname = current_schema() and c.relkind in ('r', 'S', 'v', 'm')
			union all select p.proname::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = current_schema()
			union all select t.typname::text from pg_type t join pg_namespace n on n.oid = t.typnamespace
				where n.nspname = current_schema() and t.typtype in ('e', 'd') order by 1`)
		require.NoError(t, err)
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		return names
	}
	_, err := pool.Exec(t.Context(), `create table clients (id text primary key); insert into clients values ('c-1');
		create table messages (id text)`)
	require.NoError(t, err)
	host := objects()

	pending, err := migrations.Pending(t.Context(), pool)
	require.NoError(t, err)
	require.NotEmpty(t, pending)
	for range 2 {
		require.NoError(t, migrations.Up(t.Context(), pool))
		require.NoError(t, migrations.Up(t.Context(), pool))
		var foreign []string
		for _, name := range objects() {
			if !strings.HasPrefix(name, "messenger_") {
				foreign = append(foreign, name)
			}
		}
		require.Equal(t, host, foreign)
		require.Contains(t, objects(), "messenger_channels")
		pending, err = migrations.Pending(t.Context(), pool)
		require.NoError(t, err)
		require.Empty(t, pending)

		require.NoError(t, migrations.Down(t.Context(), pool))
		require.NoError(t, migrations.Down(t.Context(), pool))
		require.Equal(t, host, objects(), "nothing of ours is left, and all of the host's")
	}
	require.Equal(t, 1, count(t, pool, "select count(*) from clients"))
}
