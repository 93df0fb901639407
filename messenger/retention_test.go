package messenger_test

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations"
)

// What docs/retention.md tells to run leaves nothing of a client's in any table, and everybody else's as it was.
func TestAClientIsErased(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira := as(t, "amira")
	sent := b.send(t, "amira", email("grace", "Marked words"))
	b.deliver(t, sent.Message.ID, 1)
	b.reply(t, sent.Channel, "Marked reply")
	_, err := b.AddNote(amira, sent.Channel.ID, messenger.NoteParams{Kind: messenger.KindNote, Text: "Marked note"})
	require.NoError(t, err)
	_, err = b.SaveDraft(amira, "grace", messenger.Draft{Medium: adapters.Email, Body: "Marked draft"})
	require.NoError(t, err)
	own := b.send(t, "ben", email("grace", "Marked too"))
	_, err = b.Handover(as(t, "ben"), own.Channel.ID, messenger.HandoverParams{To: "amira"})
	require.NoError(t, err, "joined with amira's")
	handed, err := b.HandoverInbox(amira, "amira", messenger.HandoverParams{To: "ben", Note: "Marked handover"})
	require.NoError(t, err)
	require.Equal(t, 1, handed.Total)
	broadcast, err := b.SendBroadcast(amira, messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "To many", Body: "News", Clients: []adapters.ClientID{"grace", "sian"},
	})
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	kept := b.send(t, "amira", email("sian", "Of somebody else"))
	joined, renamed := b.formerly(t, "amira", "formerly-joined"), b.formerly(t, "dev", "formerly-renamed")

	exec(t, b, strings.Join(erasure(t, "grace"), ";\n"))
	exec(t, b, strings.Join(erasure(t, "formerly-renamed"), ";\n"))

	tables, err := b.pool.Query(t.Context(), `select table_name from information_schema.tables
		where table_schema = current_schema() and table_name like 'messenger\_%'`)
	require.NoError(t, err)
	defer tables.Close()
	var names []string
	for tables.Next() {
		var name string
		require.NoError(t, tables.Scan(&name))
		names = append(names, name)
	}
	require.Greater(t, len(names), 15)
	for _, name := range names {
		n := count(t, b.pool, "select count(*) from "+name+` r
			where r::text ilike any (array['%grace%', '%marked%', '%formerly%', '%' || $1 || '%', '%' || $2 || '%',
				'%' || $3 || '%', '%' || $4 || '%'])`,
			sent.Channel.ID.String(), own.Channel.ID.String(), joined, renamed)
		require.Zero(t, n, name)
	}
	require.Equal(t, "Of somebody else", b.message(t, kept.Channel, kept.Message.ID).Body)
	requireJoined(t, b)
	_, err = b.pool.Exec(t.Context(), "delete from messenger_history")
	require.Error(t, err, "history is append-only again")
	faults, err := migrations.Faults(t.Context(), b.pool)
	require.NoError(t, err)
	require.Empty(t, faults, "and as guarded as before")
}

// formerly has been another client of a member of staff's, who turned out to be grace. It answers with their channel.
func (b *bundle) formerly(t *testing.T, staff adapters.StaffID, client adapters.ClientID) string {
	t.Helper()
	b.clients.Put(north, adapters.Client{ID: client, Name: "Marked", Email: "marked@example.org"})
	sent := b.send(t, staff, email(client, "Marked as another"))
	broadcast, err := b.SendBroadcast(as(t, staff), messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "To one", Body: "News", Clients: []adapters.ClientID{client},
	})
	require.NoError(t, err)
	exec(t, b, "update messenger_broadcast_recipients set why = 'no_address' where broadcast_id = $1", broadcast.ID)
	require.NoError(t, b.ClientMerged(t.Context(), north, client, "grace"))
	return sent.Channel.ID.String()
}

// erasure is the script of docs/retention.md, statement by statement.
func erasure(t *testing.T, client string) []string {
	t.Helper()
	page, err := os.ReadFile("../docs/retention.md")
	require.NoError(t, err)
	script := regexp.MustCompile("(?s)```sql\n(.*?)```").FindStringSubmatch(string(page))[1]
	script = regexp.MustCompile(` *--.*`).ReplaceAllString(script, "")
	script = strings.NewReplacer(":'organisation'", "'north'", ":'client'", "'"+client+"'").Replace(script)
	statements := strings.Split(strings.TrimSpace(script), ";\n")
	require.Greater(t, len(statements), 10)
	return statements
}

// Who is erased holds up no other: the history is locked for last statements that an index answers, and not waited for.
func TestAnErasureHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.send(t, "amira", email("grace", "Hello"))
	conn, err := b.pool.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	locked := false
	for _, statement := range erasure(t, "grace") {
		if locked && regexp.MustCompile(`^(delete|update|select)`).MatchString(statement) {
			_, err := conn.Exec(t.Context(), "set local enable_seqscan = off")
			require.NoError(t, err)
			plan, err := conn.Query(t.Context(), "explain "+statement)
			require.NoError(t, err)
			lines, err := pgx.CollectRows(plan, pgx.RowTo[string])
			require.NoError(t, err)
			require.NotContains(t, strings.Join(lines, "\n"), "Seq Scan on messenger_", statement)
		}
		_, err := conn.Exec(t.Context(), statement)
		require.NoError(t, err, statement)
		locked = count(t, b.pool, `select count(*) from pg_locks l join pg_stat_activity a using (pid)
			where a.datname = current_database() and relation = 'messenger_history'::regclass
				and mode = 'ShareRowExclusiveLock'`) > 0
		if !locked {
			b.send(t, "amira", email("sian", "Of somebody else")) // goes on
		}
	}
	require.False(t, locked)
	require.Empty(t, namesOf(t, b, `select conrelid::regclass || ': ' || conname from pg_constraint f
		where contype = 'f' and confrelid = 'messenger_channels'::regclass and connamespace = current_schema()::regnamespace
		and not exists (select from pg_index i where i.indrelid = f.conrelid and i.indkey[0] = f.conkey[1])`),
		"each channel that is deleted is looked for in these, row by row")

	b.send(t, "amira", email("grace", "Hello"))
	writing, err := b.pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = writing.Rollback(t.Context()) }()
	_, err = writing.Exec(t.Context(), "lock table messenger_history in row exclusive mode")
	require.NoError(t, err)
	within, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err = b.pool.Exec(within, strings.Join(erasure(t, "grace"), ";\n"))
	var failure *pgconn.PgError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, "55P03", failure.Code)
}
