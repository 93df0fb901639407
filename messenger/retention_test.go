package messenger_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

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
	handed, err := b.HandoverInbox(amira, "amira", messenger.HandoverParams{To: "ben"})
	require.NoError(t, err)
	require.Equal(t, 1, handed.Total)
	broadcast, err := b.SendBroadcast(amira, messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "To many", Body: "News", Clients: []adapters.ClientID{"grace", "sian"},
	})
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	kept := b.send(t, "amira", email("sian", "Of somebody else"))

	page, err := os.ReadFile("../docs/retention.md")
	require.NoError(t, err)
	script := regexp.MustCompile("(?s)```sql\n(.*?)```").FindStringSubmatch(string(page))[1]
	_, err = b.pool.Exec(t.Context(), strings.NewReplacer(":'organisation'", "'north'", ":'client'", "'grace'").Replace(script))
	require.NoError(t, err)

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
			where r::text ilike any (array['%grace%', '%marked%', '%' || $1 || '%', '%' || $2 || '%'])`,
			sent.Channel.ID.String(), own.Channel.ID.String())
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
