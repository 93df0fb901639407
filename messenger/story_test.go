package messenger_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// withoutPreparing makes the pool one for a pooler in transaction mode, which can't keep prepared statements.
func withoutPreparing(t *testing.T) func(*messenger.Config) {
	t.Helper()
	return func(c *messenger.Config) {
		config := c.Pool.Config()
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		require.NoError(t, err)
		t.Cleanup(pool.Close)
		c.Pool = pool
	}
}

func TestStory(t *testing.T) {
	t.Parallel()
	t.Run("prepared statements", func(t *testing.T) {
		t.Parallel()
		story(t, setup(t))
	})
	t.Run("none, as behind a pooler", func(t *testing.T) {
		t.Parallel()
		story(t, setup(t, withoutPreparing(t)))
	})
}

// The whole story with real jobs: send, deliver, file, reply, unread, read, done; and a search.
func story(t *testing.T, b *bundle) {
	t.Helper()
	b.work(t)
	events, err := b.Subscribe(as(t, "amira"), "", "")
	require.NoError(t, err)

	sent := b.send(t, "amira", email("grace", "Dear {{first_name}}, how are you? {{staff_name}}"))
	require.Equal(t, messenger.Open, sent.Channel.Status)
	require.Equal(t, messenger.DeliveryQueued, sent.Message.Delivery.Status)
	require.Equal(t, "Dear Grace, how are you? Amira Shah", sent.Message.Body)
	require.Equal(t, "g•••@example.org", sent.Message.Delivery.To)

	eventually(t, func() bool {
		message := b.thread(t, sent.Channel)[0]
		return message.Delivery.Status == messenger.DeliverySent && message.Record.Status == messenger.RecordSaved
	}, "delivered and filed")
	outbox := b.email.Outbox()
	require.Len(t, outbox, 1)
	require.Equal(t, "grace@example.org", outbox[0].To)
	require.Contains(t, outbox[0].Text, "\n"+outbox[0].Link+"\n")
	require.Equal(t, outbox[0].Link, "https://north.example.org/m/r/"+b.token(t, sent.Channel))

	b.reply(t, sent.Channel, "Much better, thank you")
	page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err)
	require.Equal(t, messenger.Unread, page.Items[0].Status)
	require.Equal(t, 1, page.Items[0].UnreadCount)
	require.Equal(t, messenger.Counts{Unread: 1}, *page.Counts)
	reply := b.thread(t, sent.Channel)[1]
	require.Equal(t, sent.Message.ID, reply.InReplyTo)

	_, err = b.SetStatus(as(t, "amira"), sent.Channel.ID, messenger.Done, sent.Message.ID)
	requireCode(t, messenger.CodeUnreadReplies, err)
	require.NoError(t, b.Read(as(t, "amira"), sent.Channel.ID, reply.ID, false))
	row, err := b.SetStatus(as(t, "amira"), sent.Channel.ID, messenger.Done, reply.ID)
	require.NoError(t, err)
	require.Equal(t, messenger.Done, row.Status)

	eventually(t, func() bool { return len(b.record.Filings()) == 2 }, "both are in the record")
	for _, filing := range b.record.Filings() {
		require.NotContains(t, filing.Entry.Text, "https://")
	}
	seen := map[string]bool{}
	for len(seen) < 2 {
		event := <-events
		seen[event.Kind] = true
		require.NotEmpty(t, event.ID)
	}
	history, err := b.History(as(t, "amira"), sent.Channel.ID, messenger.PageParams{})
	require.NoError(t, err)
	var actions []string
	for _, entry := range history.Items {
		actions = append(actions, string(entry.Action))
	}
	require.Equal(t, "done read replied sent created", strings.Join(actions, " "))
	for _, show := range []string{"all", "open", "done", "attention"} {
		_, err = b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Show: messenger.Show(show), Query: "better gra"})
		require.NoError(t, err)
	}
	_, err = b.Notifications(as(t, "amira"), messenger.PageParams{})
	require.NoError(t, err)
	_, err = b.Inboxes(as(t, "ben"))
	require.NoError(t, err)
	require.NoError(t, b.ClientDischarged(t.Context(), north, "grace", "amira"))
}

func TestSearch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.send(t, "amira", email("grace", "The walking group meets on Tuesday"))
	b.send(t, "amira", email("sian", "Debt advice: bring letters"))
	b.clients.Put(north, adapters.Client{ID: "malgorzata", Name: "Małgorzata O’Connor–Łąka", Email: "m@example.org"})
	b.send(t, "amira", email("malgorzata", "Come for tea & cake"))
	find := func(q string) []messenger.Channel {
		page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Query: q})
		require.NoError(t, err)
		return page.Items
	}
	for q, want := range map[string]adapters.ClientID{
		"siân": "sian", "SIAN": "sian", "rhy": "sian", "debt": "sian", "LETT": "sian", "sian letters": "sian", "okafor walk tues": "grace",
		"malgorzata": "malgorzata", "łąk": "malgorzata", "o'connor": "malgorzata", "o’connor-laka": "malgorzata",
		"tea & cake": "malgorzata", "& connor": "malgorzata",
	} {
		found := find(q)
		require.Len(t, found, 1, q)
		require.Equal(t, want, found[0].Client, q)
	}
	require.Equal(t, "message", find("letters")[0].Match.Field)
	require.Contains(t, find("letters")[0].Match.Excerpt, "letters")
	require.Empty(t, find("etters"))
	require.Empty(t, find("%"))
	require.Empty(t, find("&"))
	require.Equal(t, "name", find("malgorzata & o'connor")[0].Match.Field)
	b.send(t, "amira", email("grace", "Dear Grace, or Owen, see you soon: a connection of ours")) // of what is searched for, the name alone or its pieces
	require.Contains(t, find("grace walking")[0].Match.Excerpt, "walking group")
	b.send(t, "amira", email("sian", "Mr O'Connor will call"))
	b.send(t, "amira", email("sian", "Tea or coffee"))
	require.Equal(t, "Mr O'Connor will call", find("sian o'connor")[0].Match.Excerpt)
	require.Empty(t, find("grace debt"))
	require.Len(t, find("  "), 3)
}
