package migrations_test

import (
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg"
	"github.com/cmsmessenger/cmsmessenger/migrations"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// psql runs a script as whoever looks after a database does.
func psql(t *testing.T, pool *pgxpool.Pool, script string, options ...string) {
	t.Helper()
	program := "psql"
	for _, folder := range devpg.BinFolders(t.Context()) {
		if _, err := os.Stat(filepath.Join(folder, "psql")); err == nil {
			program = filepath.Join(folder, "psql")
			break
		}
	}
	file := filepath.Join(t.TempDir(), "messenger.sql")
	require.NoError(t, os.WriteFile(file, []byte(script), 0o600))
	command := exec.CommandContext(t.Context(), program, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file,
		"-d", address(t, pool))
	command.Env = append(os.Environ(), "PGOPTIONS="+strings.Join(append(options,
		"-csearch_path="+pool.Config().ConnConfig.RuntimeParams["search_path"]), " "))
	said, err := command.CombinedOutput()
	require.NoError(t, err, string(said))
}

// address is where psql finds the database that a pool works in.
func address(t *testing.T, pool *pgxpool.Pool) string {
	t.Helper()
	parsed, err := url.Parse(pool.Config().ConnString())
	require.NoError(t, err)
	parsed.Path = "/" + pool.Config().ConnConfig.Database
	return parsed.String()
}

func madeByUp(t *testing.T) []string {
	t.Helper()
	pool := migrationtest.Schema(t)
	require.NoError(t, migrations.Up(t.Context(), pool))
	return migrationtest.Catalog(t, pool)
}

// A script for a database with messages, whose extensions came later, makes no index while nobody can write: Up does.
func TestAScriptOverMessagesLeavesTheSearchsIndexesToUp(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	require.NoError(t, migrations.Up(t.Context(), pool))
	run(t, pool, "drop index messenger_messages_inbox_words, messenger_channels_name")
	run(t, pool, `insert into messenger_channels (id, organisation_id, staff_id, staff_name, client_id, client_name,
			client_name_folded, status, last_seq, last_at, link_nonce, link_key_id, link_lookup, created_at, updated_at)
		values (gen_random_uuid(), 'north', 'amira', 'Amira Shah', 'c-1', 'Grace', 'grace', 'open', 1, now(), '', 'k1', 'x',
			now(), now())`)
	script, err := migrations.Script(t.Context(), pool)
	require.NoError(t, err)
	psql(t, pool, script)
	require.False(t, exists(t, pool, "messenger_messages_inbox_words"))
	require.False(t, exists(t, pool, "messenger_channels_name"))
	require.NoError(t, migrations.Up(t.Context(), pool))
	require.True(t, exists(t, pool, "messenger_messages_inbox_words"))
	require.True(t, exists(t, pool, "messenger_channels_name"))
}

// What psql makes of the script is what Up makes, and Up knows it.
func TestPsqlRunsTheScript(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	script, err := migrations.Script(t.Context(), pool)
	require.NoError(t, err)
	without, err := migrations.Script(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, without, script)
	psql(t, pool, script)
	require.Equal(t, madeByUp(t), migrationtest.Catalog(t, pool))
	faults, err := migrations.Faults(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, faults)
	script, err = migrations.Script(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, script, "nothing is left to do")
	require.NoError(t, migrations.Up(t.Context(), pool))
	require.NoError(t, migrations.Down(t.Context(), pool))
	require.Empty(t, migrationtest.Catalog(t, pool))
}

// A script that stopped is made again and goes on; a version's script has what that version brings.
func TestAScriptGoesOn(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	script, err := migrations.Script(t.Context(), pool)
	require.NoError(t, err)
	before, _, found := strings.Cut(script, "\n-- 2026110100003302 ") // in the midst of one that is in no transaction
	require.True(t, found)
	psql(t, pool, before)
	pending, err := migrations.Pending(t.Context(), pool)
	require.NoError(t, err)
	require.Equal(t, "20261101000033_overdue_listed", pending[0])
	script, err = migrations.Script(t.Context(), pool)
	require.NoError(t, err)
	require.NotContains(t, script, "create table messenger_channels")
	psql(t, pool, script)
	require.Equal(t, madeByUp(t), migrationtest.Catalog(t, pool))
}

// Where the extensions are refused a script makes the rest, and has nothing left to do until they are there.
func TestAScriptWithoutTheExtensions(t *testing.T) {
	t.Parallel()
	pool, owner, role := refusing(t)
	script, err := migrations.Script(t.Context(), pool)
	require.NoError(t, err)
	psql(t, pool, script, "-crole="+role)
	require.False(t, exists(t, pool, "messenger_messages_inbox_words"))
	script, err = migrations.Script(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, script)
	_, err = owner.Exec(t.Context(), "create extension btree_gin schema public; create extension pg_trgm schema public")
	require.NoError(t, err)
	script, err = migrations.Script(t.Context(), pool)
	require.NoError(t, err)
	psql(t, pool, script, "-crole="+role)
	require.True(t, exists(t, pool, "messenger_messages_inbox_words"))
	require.True(t, exists(t, pool, "messenger_channels_name"))
}

// What is in no transaction is there to let everybody else go on, and is one statement: golang-migrate would put two
// into a transaction.
func TestStepsOutsideATransactionLetOthersGoOn(t *testing.T) {
	t.Parallel()
	files, err := migrations.Goose()
	require.NoError(t, err)
	names, err := fs.Glob(files, "*.sql")
	require.NoError(t, err)
	allowed := regexp.MustCompile(`(?is)^(--[^\n]*\n)*` +
		`(create( unique)? index concurrently if not exists [^;]*;|drop index concurrently if exists \w+;|do \$\$.*|select.*)$`)
	found := 0
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		require.NoError(t, err)
		if !strings.HasPrefix(string(text), "-- +goose NO TRANSACTION") {
			continue
		}
		for _, block := range strings.Split(string(text), "-- +goose StatementBegin\n")[1:] {
			statement, _, _ := strings.Cut(block, "\n-- +goose StatementEnd")
			require.Regexp(t, allowed, statement, name)
			found++
		}
	}
	require.NotZero(t, found)
}

// A host reads the files as they are.
func TestFSHasEveryMigrationAndItsWayBack(t *testing.T) {
	t.Parallel()
	ups, err := fs.Glob(migrations.FS, "*.up.sql")
	require.NoError(t, err)
	downs, err := fs.Glob(migrations.FS, "*.down.sql")
	require.NoError(t, err)
	pending, err := migrations.Pending(t.Context(), migrationtest.Schema(t))
	require.NoError(t, err)
	require.Len(t, ups, len(pending))
	require.Len(t, downs, len(pending))
}
