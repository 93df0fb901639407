package messenger_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations"
)

// asRole makes a role, which goes when the test ends, and answers a pool that works as it.
func (b *bundle) asRole(t *testing.T) (role string, pool *pgxpool.Pool) {
	t.Helper()
	role = "service_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	exec(t, b, "create role "+role+" login password 'for this test alone'")
	t.Cleanup(func() {
		exec(t, b, "drop owned by "+role)
		exec(t, b, "drop role "+role)
	})
	config := b.pool.Config()
	config.ConnConfig.User, config.ConnConfig.Password = role, "for this test alone"
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return role, pool
}

// A service that does not own its tables does all that it has to, and nothing to the history but add to it.
func TestServiceRole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	role, pool := b.asRole(t)
	require.ErrorContains(t, migrations.Grant(t.Context(), b.pool, "nobody_of_that_name"), "no role")
	exec(t, b, "grant all on messenger_history to "+role) // as an operator may have done at first
	for range 2 {
		require.NoError(t, migrations.Grant(t.Context(), b.pool, role))
	}

	log := &lines{}
	service := b.with(t, func(c *messenger.Config) {
		c.Pool, c.Logger = pool, slog.New(slog.NewTextHandler(log, nil))
	})
	service.pool = pool
	t.Run("what it has to do", func(t *testing.T) {
		story(t, service)
		require.True(t, service.verified(t).OK())
		for _, check := range service.Health(t.Context()).Checks {
			require.True(t, check.OK, check)
		}
	})
	require.NotContains(t, log.String(), "could change the history")

	for _, do := range []string{
		"update messenger_history set note = 'as if'", "delete from messenger_history", "truncate messenger_history cascade",
		"update messenger_inbox_history set actor_id = 'ben'", "delete from messenger_inbox_history",
		"truncate messenger_inbox_history", "truncate messenger_channels cascade",
		"delete from messenger_history_heads", "delete from messenger_inbox_history_heads",
		"drop trigger messenger_history_no_change on messenger_history",
		"drop trigger messenger_history_chain on messenger_history",
		"alter table messenger_history disable trigger user", "drop table messenger_history",
		"alter table messenger_history drop column chain", "set session_replication_role = replica",
		"create or replace function messenger_history_is_append_only() returns trigger language sql as 'select null'",
		"insert into messenger_migrations (name, group_id) values ('20991101000001', 99)",
		"delete from messenger_migrations",
		"update messenger_reconciliations set result = 'all is well'", "delete from messenger_reconciliations",
	} {
		_, err := pool.Exec(t.Context(), do)
		require.Error(t, err, do)
		require.Regexp(t, "SQLSTATE 42501|must be owner", err.Error(), do)
	}
	require.ErrorIs(t, migrations.Grant(t.Context(), b.pool, b.owner(t)), migrations.ErrOwner)
}

// Who owns one of the tables, or is a member of who does, is granted nothing, be they no superuser.
func TestOwnersAreGrantedNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner, _ := b.asRole(t)
	member, _ := b.asRole(t)
	exec(t, b, "alter table messenger_notes owner to "+owner)
	exec(t, b, "grant "+owner+" to "+member)
	for _, role := range []string{owner, member} {
		require.ErrorIs(t, migrations.Grant(t.Context(), b.pool, role), migrations.ErrOwner)
		var granted bool
		require.NoError(t, b.pool.QueryRow(t.Context(),
			"select has_table_privilege($1, 'messenger_history', 'select')", role).Scan(&granted))
		require.False(t, granted)
	}
	exec(t, b, "alter table messenger_notes owner to "+b.owner(t)) // what they own goes with them
	require.NoError(t, migrations.Grant(t.Context(), b.pool, member))
	b.schemaOf(t, owner)
	for _, role := range []string{owner, member} {
		require.ErrorIs(t, migrations.Grant(t.Context(), b.pool, role), migrations.ErrOwner, "it can drop the tables")
	}
}

// schemaOf gives the schema of the tables to a role until the test ends.
func (b *bundle) schemaOf(t *testing.T, role string) {
	t.Helper()
	var schema, owner string
	require.NoError(t, b.pool.QueryRow(t.Context(), `select nspname, nspowner::regrole::text from pg_namespace
		where nspname = current_schema()`).Scan(&schema, &owner))
	exec(t, b, "alter schema "+schema+" owner to "+role)
	t.Cleanup(func() { exec(t, b, "alter schema "+schema+" owner to "+owner) })
}

func (b *bundle) owner(t *testing.T) (role string) {
	t.Helper()
	require.NoError(t, b.pool.QueryRow(t.Context(), "select current_user").Scan(&role))
	return role
}

// lines is a log that many write to.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(raw []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(raw)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// A service that owns its tables, or their schema alone, says so when it starts; and which migrations have not run.
func TestOwnerOfTheTablesIsWarned(t *testing.T) {
	t.Parallel()
	log := &lines{}
	b := setup(t, func(c *messenger.Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
	role, pool := b.asRole(t)
	require.NoError(t, migrations.Grant(t.Context(), b.pool, role))
	_, err := b.pool.Exec(t.Context(), "delete from messenger_migrations where name = '20261101000040'")
	require.NoError(t, err)
	b.work(t)
	eventually(t, func() bool {
		return strings.Contains(log.String(), "run migrations.Up") && strings.Contains(log.String(), "20261101000040_")
	}, "what is missing is said")
	warned := func(log *lines) func() bool {
		return func() bool { return strings.Contains(log.String(), "could change the history: see migrations.Grant") }
	}
	eventually(t, warned(log), "it is said")

	b.schemaOf(t, role)
	own := &lines{}
	service := b.with(t, func(c *messenger.Config) { c.Pool, c.Logger = pool, slog.New(slog.NewTextHandler(own, nil)) })
	service.pool = pool
	service.work(t)
	eventually(t, warned(own), "it can drop the history with its table")
}
