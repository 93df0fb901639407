package migrations_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// With this in its environment the test binary is a host that migrates and ends: the address of its database.
const hostKey = "MIGRATIONS_TEST_HOST"

func TestMain(m *testing.M) {
	url, ok := os.LookupEnv(hostKey)
	if !ok {
		os.Exit(m.Run())
	}
	if err := migrateAsHost(url); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func migrateAsHost(url string) error {
	pool, err := pgxpool.New(context.Background(), url)
	if err != nil {
		return err
	}
	defer pool.Close()
	fmt.Println("begins")
	return migrations.Up(context.Background(), pool)
}

// host starts a process that migrates, and returns once it begins.
func host(t *testing.T, pool *pgxpool.Pool) (command *exec.Cmd, said *strings.Builder) {
	t.Helper()
	command = exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), hostKey+"="+pool.Config().ConnString())
	said = &strings.Builder{}
	command.Stderr = said
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	require.True(t, bufio.NewScanner(out).Scan())
	return command, said
}

// asOfBefore is a database with some thousand messages whose later migrations and search indexes are still to be
// made.
func asOfBefore(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), migrationtest.Database(t))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	require.NoError(t, migrations.Up(t.Context(), pool))
	fill(t, pool, 1000, 20)
	undo(t, pool)
	return pool
}

// fill puts rows into the tables, as they are since the second migration.
func fill(t *testing.T, pool *pgxpool.Pool, channels, messages int) {
	t.Helper()
	run(t, pool, `insert into messenger_channels (id, organisation_id, staff_id, staff_name, client_id, client_name,
			client_name_folded, status, last_seq, last_at, link_nonce, link_key_id, link_lookup, created_at, updated_at)
		select gen_random_uuid(), 'north', 'amira', 'Amira Shah', n::text, 'Grace', 'grace', 'unread', 3, now(), '', 'k1',
			decode(md5(n::text), 'hex'), now(), now()
		from generate_series(1, $1) n`, channels)
	run(t, pool, `insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, body,
			words, author_kind, author_id, author_name, created_at, delivery_status, record_status)
		select gen_random_uuid(), 'north', 'amira', id, seq, 'inbound', 'web', 'Message',
			to_tsvector('simple', md5(id::text || seq)), 'client', '', '', now(), 'received', 'saved'
		from messenger_channels, generate_series(1, $1) seq`, messages)
}

// undo takes back what can be made again over rows: the lists that are filled, and every index that is made beside
// them.
func undo(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	run(t, pool, "delete from messenger_migrations where name in ('20261101000011', '20261101000012')")
	run(t, pool, "drop index if exists "+strings.Join(made(), ", "))
	run(t, pool, "update messenger_channels set last_message_id = null, unread_count = 0")
	run(t, pool, "create index if not exists messenger_messages_words on messenger_messages (staff_id)")
	run(t, pool, "create index if not exists messenger_messages_broadcast on messenger_messages (broadcast_id)")
}

// made are the indexes that Up makes over rows.
func made() []string {
	return []string{"messenger_messages_of_broadcast", "messenger_messages_inbox_words", "messenger_channels_name"}
}

const touchOne = `update messenger_messages set body = body || '!'
	where id = (select id from messenger_messages order by id limit 1)`

func run(t *testing.T, pool *pgxpool.Pool, statement string, args ...any) {
	t.Helper()
	_, err := pool.Exec(t.Context(), statement, args...)
	require.NoError(t, err)
}

func requireDone(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	faults, err := migrations.Faults(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, faults)
	for _, name := range made() {
		require.True(t, exists(t, pool, name), name)
	}
	for _, name := range []string{"messenger_messages_words", "messenger_messages_broadcast"} {
		require.False(t, exists(t, pool, name), name)
	}
	var unfilled int
	query := "select count(*) from messenger_channels where last_message_id is null"
	require.NoError(t, pool.QueryRow(t.Context(), query).Scan(&unfilled))
	require.Zero(t, unfilled)
}

// A host killed at any moment is followed by the next, which comes up at once, whatever the server still does for
// the dead one.
func TestAHostIsKilledWhileItMigrates(t *testing.T) {
	t.Parallel()
	pool := asOfBefore(t)
	began := time.Now()
	first, said := host(t, pool)
	require.NoError(t, first.Wait(), said)
	long := time.Since(began)
	requireDone(t, pool)
	const moments = 8
	killed := 0
	for moment := range moments {
		undo(t, pool)
		victim, _ := host(t, pool)
		wait(t, long*time.Duration(moment)/moments)
		_ = victim.Process.Kill() // it may have ended by itself
		next, said := host(t, pool)
		other, otherSaid := host(t, pool)
		require.NoError(t, next.Wait(), said)
		require.NoError(t, other.Wait(), otherSaid)
		if victim.Wait() != nil {
			killed++
		}
		requireDone(t, pool)
	}
	require.Positive(t, killed, "else the moments show nothing: the first run is slower than the next")
}

func wait(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-t.Context().Done():
	case <-time.After(d):
	}
}

// The backend is terminated at any moment, as by an administrator or a crash of the server.
func TestABackendIsTerminatedWhileItMigrates(t *testing.T) {
	t.Parallel()
	pool := asOfBefore(t)
	config := pool.Config()
	name := fmt.Sprintf("migrates %x", rand.Uint64())
	config.ConnConfig.RuntimeParams["application_name"] = name
	own, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer own.Close()
	failed := 0
	for moment := range 10 {
		undo(t, pool)
		ended := make(chan error, 1)
		go func() { ended <- migrations.Up(t.Context(), own) }()
		wait(t, time.Duration(moment)*40*time.Millisecond)
		run(t, pool, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", name)
		if <-ended != nil {
			failed++
		}
		require.NoError(t, migrations.Up(t.Context(), pool), "moment %d", moment)
		requireDone(t, pool)
	}
	require.Positive(t, failed, "else the moments show nothing")
}

// An index that a killed build left is dropped and made again.
func TestAnInvalidIndexIsMadeAgain(t *testing.T) {
	t.Parallel()
	pool := asOfBefore(t)
	require.NoError(t, migrations.Up(t.Context(), pool))
	for _, name := range made() {
		run(t, pool, "update pg_index set indisvalid = false where indexrelid = $1::regclass", name)
		faults, err := migrations.Faults(t.Context(), pool)
		require.NoError(t, err)
		require.Equal(t, []string{"index " + name + " is not valid"}, faults)
		require.NoError(t, migrations.Up(t.Context(), pool))
		requireDone(t, pool)
	}
}

// An index that somebody is making, as a host's administrator beforehand, is waited for and kept.
func TestAnIndexThatIsBeingMadeIsWaitedFor(t *testing.T) {
	t.Parallel()
	pool := asOfBefore(t)
	held, err := pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = held.Exec(t.Context(), touchOne)
	require.NoError(t, err)
	build := `create index concurrently messenger_messages_inbox_words on messenger_messages
		using gin (staff_id, messenger_inbox_words(staff_id, words))`
	built, up := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := pool.Exec(t.Context(), build)
		built <- err
	}()
	oid := func() (oid uint32) {
		query := "select coalesce(to_regclass('messenger_messages_inbox_words')::oid, 0)"
		require.NoError(t, pool.QueryRow(t.Context(), query).Scan(&oid))
		return oid
	}
	made := func() bool { return oid() != 0 }
	require.Eventually(t, made, 30*time.Second, 10*time.Millisecond, "its build waits for the transaction")
	before := oid()
	go func() { up <- migrations.Up(t.Context(), pool) }()
	wait(t, time.Second)
	select {
	case err := <-up:
		require.Fail(t, "it is not there yet", "%v", err)
	default:
	}
	require.NoError(t, held.Commit(t.Context()))
	require.NoError(t, <-built)
	require.NoError(t, <-up)
	require.Equal(t, before, oid(), "it was not made twice")
	requireDone(t, pool)
}

// A build that PostgreSQL ends for a deadlock leaves its index half made: it is made whole, and not taken for one that
// is there.
func TestAnIndexWhoseBuildFailedIsMadeWhole(t *testing.T) {
	t.Parallel()
	pool := asOfBefore(t)
	config := pool.Config()
	config.ConnConfig.RuntimeParams["deadlock_timeout"] = "4s" // then it looks, and is the one that ends
	up := make(chan error, 1)
	slow, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(slow.Close)
	held, err := pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = held.Rollback(context.Background()) }()
	_, err = held.Exec(t.Context(), "set local deadlock_timeout = '1min'")
	require.NoError(t, err)
	_, err = held.Exec(t.Context(), "lock table messenger_channels in row exclusive mode")
	require.NoError(t, err)
	go func() { up <- migrations.Up(t.Context(), slow) }()
	waits := func() (waits bool) {
		query := `select exists (select from pg_stat_progress_create_index
			where datname = current_database() and phase like 'waiting for writers%' and relid = $1::regclass)`
		require.NoError(t, pool.QueryRow(t.Context(), query, "messenger_channels").Scan(&waits))
		return waits
	}
	require.Eventually(t, waits, 30*time.Second, 10*time.Millisecond, "its build waits for the transaction")
	_, err = held.Exec(t.Context(), "lock table messenger_channels in share update exclusive mode")
	require.NoError(t, err, "the build has ended")
	require.NoError(t, held.Commit(t.Context()))
	require.NoError(t, <-up)
	requireDone(t, pool)
}

// Two processes that migrate one schema do so one after the other.
func TestMigrationsHoldALock(t *testing.T) {
	t.Parallel()
	pool := asOfBefore(t)
	held, err := pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = held.Rollback(context.Background()) }()
	_, err = held.Exec(t.Context(), touchOne)
	require.NoError(t, err)
	up := make(chan error, 2)
	for range 2 {
		go func() { up <- migrations.Up(t.Context(), pool) }()
	}
	locks := func() (locks int) {
		query := "select count(*) from pg_locks where locktype = 'advisory' and granted and database = " +
			"(select oid from pg_database where datname = current_database())"
		require.NoError(t, pool.QueryRow(t.Context(), query).Scan(&locks))
		return locks
	}
	require.Eventually(t, func() bool { return locks() > 0 }, 30*time.Second, 10*time.Millisecond)
	require.Equal(t, 1, locks())
	require.NoError(t, held.Commit(t.Context()))
	require.NoError(t, <-up)
	require.NoError(t, <-up)
	requireDone(t, pool)
}

// Somebody reads for long: a migration that needs the table for itself waits, and nobody waits behind it.
func TestNobodyWaitsBehindAMigration(t *testing.T) {
	t.Parallel()
	pool := asOfBefore(t)
	reader, err := pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = reader.Exec(t.Context(), "select from messenger_messages limit 1")
	require.NoError(t, err)
	up := make(chan error, 1)
	go func() { up <- migrations.Up(t.Context(), pool) }()

	var longest time.Duration
	tried := 0
	for began := time.Now(); time.Since(began) < 4*time.Second; tried++ {
		write := time.Now()
		run(t, pool, touchOne)
		longest = max(longest, time.Since(write))
	}
	require.Less(t, longest, time.Second)
	require.Greater(t, tried, 20)
	select {
	case err := <-up:
		require.Fail(t, "it needs the table for itself", "%v", err)
	default:
	}
	require.NoError(t, reader.Commit(t.Context()))
	require.NoError(t, <-up)
	requireDone(t, pool)
}

// The connections of a host that limits what people wait for migrate all the same.
func TestAHostsTimeOutsAreNotTheMigrations(t *testing.T) {
	t.Parallel()
	pool := asOfBefore(t)
	config := pool.Config()
	config.ConnConfig.RuntimeParams["statement_timeout"] = "40"
	config.MaxConns = 1
	config.AfterRelease = func(conn *pgx.Conn) bool {
		_, err := conn.Exec(context.Background(), "discard all")
		return err == nil
	}
	own, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer own.Close()
	require.NoError(t, migrations.Up(t.Context(), own))
	requireDone(t, pool)
}

// A restore of data alone, with triggers disabled, leaves the history's triggers enabled, but not always.
func TestTheHistorysTriggersAreMended(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	for _, table := range []string{"messenger_history", "messenger_inbox_history"} {
		for _, state := range []string{
			"disable trigger all", "enable trigger all", "enable replica trigger " + table + "_no_change",
		} {
			run(t, pool, "alter table "+table+" "+state)
			faults, err := migrations.Faults(t.Context(), pool)
			require.NoError(t, err)
			require.NotEmpty(t, faults)
			require.Contains(t, faults, "trigger "+table+"_no_change is not enabled always")
			require.NoError(t, migrations.Up(t.Context(), pool))
			faults, err = migrations.Faults(t.Context(), pool)
			require.NoError(t, err)
			require.Empty(t, faults)
		}
		_, err := pool.Exec(t.Context(), "set session_replication_role = replica; truncate "+table)
		require.ErrorContains(t, err, "append-only")
	}
}

// A schema that was restored without its triggers, some or all, is told of, and Up makes them as they were.
func TestMissingTriggersAreMadeAgain(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	triggers := func() (list []string) {
		found, err := pool.Query(t.Context(), `select t.tgname || ' on ' || c.relname from pg_trigger t
			join pg_class c on c.oid = t.tgrelid where not tgisinternal and c.relnamespace = current_schema()::regnamespace
			order by 1`)
		require.NoError(t, err)
		list, err = pgx.CollectRows(found, pgx.RowTo[string])
		require.NoError(t, err)
		return list
	}
	described := func() (list []string) {
		found, err := pool.Query(t.Context(), `select pg_get_triggerdef(t.oid) || tgenabled::text from pg_trigger t
			join pg_class c on c.oid = t.tgrelid where not tgisinternal and c.relnamespace = current_schema()::regnamespace
			order by 1`)
		require.NoError(t, err)
		list, err = pgx.CollectRows(found, pgx.RowTo[string])
		require.NoError(t, err)
		return list
	}
	all, before := triggers(), described()
	mended := func(lost ...string) {
		faults, err := migrations.Faults(t.Context(), pool)
		require.NoError(t, err)
		for _, one := range lost {
			name, _, _ := strings.Cut(one, " on ")
			require.Contains(t, faults, "trigger "+name+" is missing or disabled")
		}
		require.NoError(t, migrations.Up(t.Context(), pool))
		faults, err = migrations.Faults(t.Context(), pool)
		require.NoError(t, err)
		require.Empty(t, faults)
		require.Equal(t, before, described())
	}
	var ours []string
	for _, one := range all {
		if strings.HasPrefix(one, "messenger_") {
			ours = append(ours, one)
		}
	}
	require.GreaterOrEqual(t, len(ours), 13)
	for _, one := range ours {
		run(t, pool, "drop trigger "+one)
	}
	mended(ours...)
	run(t, pool, "drop trigger "+ours[0])
	mended(ours[0])
	for _, table := range []string{"messenger_channels", "messenger_messages", "messenger_history"} {
		run(t, pool, "alter table "+table+" disable trigger user")
	}
	mended("messenger_channels_count_change", "messenger_messages_key", "messenger_history_chain")
	run(t, pool, "drop trigger "+ours[0])
	run(t, pool, "drop function messenger_history_is_append_only() cascade")
	require.ErrorContains(t, migrations.Up(t.Context(), pool), "make the trigger messenger_history_no_change")
}

// Before there is anything, Faults says so and makes nothing.
func TestFaultsOfAnEmptySchema(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	faults, err := migrations.Faults(t.Context(), pool)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(faults), 13)
	require.Equal(t, "migration 20261101000001_channels has not run", faults[0])
	require.False(t, exists(t, pool, "messenger_migrations"))
}

// From the fourteenth file on nobody is stopped: what takes longer than a moment over a million rows is in no file
// that holds a table's lock meanwhile.
func TestLaterFilesStopNobody(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"create table a (id uuid references b (id)); create index a_b on a (b)":                           0,
		"alter table b add column c text; alter table b alter column c set default 'x'":                   0,
		"create index if not exists b_c on b (c) where c is not null -- its column came before":           0,
		"alter table b add constraint b_c check (c > 1) not valid; alter table b validate constraint b_c": 0,
		"create unique index b_c on b (c)":                                                                1,
		"alter table b add column c text;\ncreate index if not exists b_c on b (c)":                       1,
		"alter table b\n\tadd column c text check (c <> '')":                                              1,
		"alter table b add column c uuid references a (id), alter column d type bigint":                   1,
		"alter table b alter column c set not null; create index b_c on b (c)":                            2,
	} {
		require.Len(t, stopping(text), want, text)
	}
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, entry := range entries {
		if name := entry.Name(); strings.HasSuffix(name, ".up.sql") && name >= "20261101000014" {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			require.Empty(t, stopping(string(text)), name)
		}
	}
}

// stopping is what in a migration would read a table that has rows while it holds its lock.
func stopping(text string) (faults []string) {
	text = regexp.MustCompile(`--[^\n]*`).ReplaceAllString(strings.ToLower(text), "")
	fresh, widened := map[string]bool{}, map[string]bool{}
	table := regexp.MustCompile(`create\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)`)
	for _, made := range table.FindAllStringSubmatch(text, -1) {
		fresh[made[1]] = true
	}
	reads := regexp.MustCompile(`\b(references|check|unique|primary\s+key|set\s+not\s+null|type)\b`)
	harmless := regexp.MustCompile(`not\s+valid|validate\s+constraint`)
	for _, altered := range regexp.MustCompile(`alter\s+table\s+(\w+)([^;]*)`).FindAllStringSubmatch(text, -1) {
		table, how := altered[1], altered[2]
		widened[table] = widened[table] || strings.Contains(how, "add column")
		if !fresh[table] && reads.MatchString(how) && !harmless.MatchString(how) {
			faults = append(faults, table+" is read whole: add it 'not valid', and validate it in the next file")
		}
	}
	index := regexp.MustCompile(`create\s+(?:unique\s+)?index\s+(if\s+not\s+exists\s+)?(\w+)\s+on\s+(\w+)`)
	for _, made := range index.FindAllStringSubmatch(text, -1) {
		switch table := made[3]; {
		case fresh[table]:
		case made[1] == "":
			faults = append(faults, made[2]+" has to be made 'if not exists': Up makes it beforehand, concurrently")
		case widened[table]:
			faults = append(faults, made[2]+" belongs into the next file: its column has to be there beforehand")
		}
	}
	return faults
}

// An index of a table that has rows is made while others write.
func TestIndexesAreMadeConcurrently(t *testing.T) {
	t.Parallel()
	pool := asOfBefore(t)
	writer, err := pool.Begin(t.Context())
	require.NoError(t, err)
	up := make(chan error, 1)
	_, err = writer.Exec(t.Context(), touchOne)
	require.NoError(t, err)
	go func() { up <- migrations.Up(t.Context(), pool) }()
	require.Eventually(t, func() bool {
		var command string
		require.NoError(t, pool.QueryRow(t.Context(), `select coalesce(min(command), '') from pg_stat_progress_create_index
			where datname = current_database()`).Scan(&command))
		return command == "CREATE INDEX CONCURRENTLY"
	}, 30*time.Second, 10*time.Millisecond)
	require.NoError(t, writer.Commit(t.Context()))
	require.NoError(t, <-up)
	requireDone(t, pool)
}

// Several hosts over rows, one of which is killed.
func TestManyHostsMigrateOverRows(t *testing.T) {
	t.Parallel()
	pool := asOfBefore(t)
	var hosts sync.WaitGroup
	for range 4 {
		command, said := host(t, pool)
		hosts.Go(func() {
			if err := command.Wait(); err != nil {
				t.Error(err, said)
			}
		})
	}
	killed, _ := host(t, pool)
	require.NoError(t, killed.Process.Kill())
	_ = killed.Wait()
	hosts.Wait()
	requireDone(t, pool)
}
