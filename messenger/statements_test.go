package messenger_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// tour calls all that Messenger does with texts, names and numbers that are marked.
func tour(t *testing.T, b *bundle, hook *memory.Callbacks, mark string, n int) {
	t.Helper()
	client := adapters.ClientID("client-" + mark)
	b.clients.Put(north, adapters.Client{
		ID: client, Name: "Grace " + mark, Email: mark + "@example.org", Phone: "07700 900123", DateOfBirth: "1984-02-29",
	})
	amira := as(t, "amira")
	ok := func(_ any, err error) {
		t.Helper()
		require.NoError(t, err)
	}
	ok(b.SaveDraft(amira, client, messenger.Draft{Medium: adapters.Email, Subject: mark, Body: mark}))
	ok(b.Client(amira, client))
	p := email(client, "About "+mark+"\n{{reply_link}}")
	p.Subject, p.Key = "On "+mark, "key-"+mark
	sent := b.send(t, "amira", p)
	require.Equal(t, sent.Message.ID, b.send(t, "amira", p).Message.ID)
	p.Body += "."
	_, err := b.Send(amira, p)
	requireCode(t, messenger.CodeKeyReused, err)
	b.deliver(t, sent.Message.ID, 1)
	b.file(t, sent.Message.ID, 1)
	b.fail(t, sent.Message.ID)
	ok(b.Retry(amira, sent.Message.ID))
	b.die(t, sent.Message.ID)
	b.deliver(t, sent.Message.ID, n)
	failed := b.failed(t, email(client, mark))
	ok(b.Resolve(amira, failed.Message.ID, messenger.ResolveParams{Of: "delivery", Note: mark}))
	later := messenger.SendParams{
		Channel: sent.Channel.ID, Medium: adapters.SMS, Body: mark, SendAfter: time.Now().Add(time.Duration(n) * time.Hour), Then: messenger.Done,
	}
	waiting, err := b.Send(as(t, "ben"), later)
	require.NoError(t, err)
	ok(b.Cancel(amira, waiting.Message.ID))

	token := b.token(t, sent.Channel)
	ok(b.ReplyPage(t.Context(), token, ""))
	form := messenger.ReplyParams{Text: "I said " + mark, FormKey: mark + "12345678"}
	for range 2 {
		receipt, _, err := b.Reply(t.Context(), token, form)
		require.NoError(t, err)
		ok(b.ReplyReceipt(t.Context(), token, receipt.ID))
	}
	reply := b.reply(t, sent.Channel, "And "+mark)
	_, err = b.ProveDateOfBirth(t.Context(), token, messenger.DateOfBirth{Day: "1", Month: "2", Year: "1990"})
	require.Error(t, err)
	for _, show := range []messenger.Show{messenger.ShowAll, messenger.ShowOpen, messenger.ShowDone, messenger.ShowAttention, messenger.ShowOverdue} {
		ok(b.Inbox(amira, messenger.InboxParams{Staff: "amira", Show: show}))
		ok(b.Inbox(amira, messenger.InboxParams{Staff: "amira", Show: show, Query: mark + " grace"}))
		ok(b.Inbox(amira, messenger.InboxParams{Staff: "amira", Show: show, Query: mark + " -"}))
	}
	ok(b.SearchClients(amira, mark, n))
	ok(b.Messages(amira, sent.Channel.ID, messenger.PageParams{Limit: n}))
	ok(b.History(as(t, "ben"), sent.Channel.ID, messenger.PageParams{Limit: n}))
	ok(b.Channel(as(t, "chloe"), sent.Channel.ID))
	ok(b.Notifications(amira, messenger.PageParams{Limit: n}))
	exec(t, b, "update messenger_messages set created_at = created_at - interval '99 days' where direction = 'inbound' and read_at is null")
	b.tellOverdue(t)
	ok(b.NotificationCount(amira))
	ok(b.Me(amira))
	ok(b.Inboxes(as(t, "ben")))
	require.NoError(t, b.Read(as(t, "ben"), sent.Channel.ID, reply.ID, true))
	ok(b.SetStatus(amira, sent.Channel.ID, messenger.Done, reply.ID))
	ok(b.SetReplies(amira, sent.Channel.ID, false))
	ok(b.SetReplies(amira, sent.Channel.ID, true))
	ok(b.RenewLink(amira, sent.Channel.ID))

	text := adapters.InboundText{ProviderID: "p-" + mark, From: "+447700900123", To: "+447700900999", Text: mark}
	for range 2 {
		ok(b.Callback(t.Context(), "texts", hook.Request(nil, text)))
	}
	unmatched, err := b.Unmatched(amira, messenger.PageParams{Limit: 100})
	require.NoError(t, err)
	for i, u := range unmatched.Items {
		if i%2 == n%2 {
			ok(b.Assign(amira, u.ID, messenger.AssignParams{Channel: sent.Channel.ID, Reason: mark}))
		} else {
			ok(b.Assign(as(t, "ben"), u.ID, messenger.AssignParams{Client: client, Reason: mark}))
			ok(b.Unassign(as(t, "ben"), u.ID, mark))
		}
	}

	crowd := messenger.BroadcastParams{
		Medium: adapters.Email, Subject: mark, Body: mark + " for all", Clients: []adapters.ClientID{client, "grace", "dead"}, Key: "all-" + mark,
	}
	ok(b.PreviewBroadcast(amira, crowd))
	broadcast, err := b.SendBroadcast(amira, crowd)
	require.NoError(t, err)
	ok(b.SendBroadcast(amira, crowd))
	require.NoError(t, b.fanOut(t, broadcast.ID))
	ok(b.CancelBroadcast(amira, broadcast.ID))
	require.NoError(t, b.fanOut(t, broadcast.ID))
	ok(b.Broadcast(amira, broadcast.ID))
	ok(b.Broadcasts(amira, messenger.PageParams{Limit: n}))
	ok(b.BroadcastSkipped(amira, broadcast.ID, messenger.PageParams{Limit: n}))
	require.NoError(t, b.ReadLive(t.Context(), sent.Channel.ID, sent.Message.ID))

	b.clients.Put(north, adapters.Client{ID: client, Name: "Renamed " + mark, Email: mark + "@example.org"})
	require.NoError(t, b.ClientsChanged(t.Context(), north, client))
	require.NoError(t, b.ClientDischarged(t.Context(), north, client, "amira", adapters.StaffID("staff-"+mark)))
	ok(b.SaveDraft(amira, client, messenger.Draft{Medium: adapters.Email, Body: mark}))
	require.NoError(t, b.DeleteDraft(amira, client))
}

func withHook(hook *memory.Callbacks) func(*messenger.Config) {
	return func(c *messenger.Config) {
		c.Hooks = map[string]messenger.Hook{"texts": {Callbacks: hook, Organisation: messenger.AllTextsFor(north)}}
	}
}

// literals are what a value would be in a statement's text.
var literals = regexp.MustCompile(`'(?:[^']|'')*'|(?:^|[^$\w])\d+(?:\.\d+)?`)

// What is done with one set of texts and numbers is done with another by the same statements, and none of them is in a statement.
func TestStatementsHoldNoValues(t *testing.T) {
	t.Parallel()
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	b, asked := setup(t, withHook(hook)).traced(t)
	for n, mark := range []string{"firstmark", "othermark"} {
		tour(t, b, hook, mark, n+5)
	}
	texts := map[string]string{}
	seen := 0
	for _, query := range asked.take() {
		if !strings.Contains(query.SQL, "messenger_") {
			continue
		}
		seen++
		require.NotRegexp(t, `(?i)(first|other)mark`, query.SQL)
		bare := literals.ReplaceAllString(query.SQL, "·")
		if same, ok := texts[bare]; ok {
			require.Equal(t, same, query.SQL, "the two differ in a value")
		}
		texts[bare] = query.SQL
	}
	require.Greater(t, seen, 200)
	require.Greater(t, len(texts), 60)
}

// A statement that fails stands in PostgreSQL's log, and a key that is used twice is a normal failure.
func TestLogHasNoWords(t *testing.T) {
	t.Parallel()
	dir, config := ownServer(t, "log_min_error_statement=error")
	config.ConnConfig.RuntimeParams["lock_timeout"] = "100ms"
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	migrationtest.Up(t, pool)
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	b := setup(t, withHook(hook), func(c *messenger.Config) { c.Pool = pool })
	b.pool = pool
	tour(t, b, hook, "firstmark", 5)

	at := time.Now()
	_, err = rows.Exec(t.Context(), pool, rows.Insert(&rows.WholeMessage{
		Message: rows.Message{
			ID: uuid.New(), ChannelID: uuid.New(), Direction: "outbound", Purpose: "care", AuthorKind: "staff", CreatedAt: at, Verified: "none",
			Body: "firstmark", Subject: "firstmark", ToAddress: "firstmark@example.org", AuthorName: "firstmark",
		},
		Words: []string{"firstmark"},
	}))
	requireState(t, "23503", err) // a foreign key

	sent := b.send(t, "amira", email("grace", "firstmark"))
	held, err := pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = held.Exec(t.Context(), "select from messenger_channels where id = $1 for update", sent.Channel.ID)
	require.NoError(t, err)
	_, err = b.Send(as(t, "amira"), email("grace", "again firstmark"))
	requireState(t, "55P03", err) // a lock time-out
	_, _, err = b.Reply(t.Context(), b.token(t, sent.Channel), messenger.ReplyParams{Text: "firstmark"})
	requireState(t, "55P03", err)
	require.NoError(t, held.Rollback(t.Context()))

	for _, body := range oddTexts() {
		_, err := b.Send(as(t, "amira"), email("grace", body+" firstmark"))
		require.True(t, err == nil || messenger.CodeOf(err) != "", "%v", err)
		_, err = b.Send(as(t, "amira"), email("grace", body))
		require.True(t, err == nil || messenger.CodeOf(err) != "", "%v", err)
	}

	log, err := os.ReadFile(filepath.Join(dir, "log"))
	require.NoError(t, err)
	for _, failure := range []string{"duplicate key value", "violates foreign key", "lock timeout", "STATEMENT:"} {
		require.Contains(t, string(log), failure)
	}
	require.NotContains(t, string(log), "Failing row contains", "a CHECK or NOT NULL logs the whole row")
	for line := range strings.Lines(string(log)) {
		if !strings.Contains(line, "already exists.") { // a key: ids of the host's, and the key that a client program made up
			require.NotContains(t, line, "firstmark")
		}
	}
}

// oddTexts are texts that a column may not bear.
func oddTexts() []string {
	return []string{
		"!!! ???", "👍", "\u200b", "a\x00b", "\xff\xfe", strings.Repeat("x", 3000), strings.Repeat("ß", 49_000), strings.Repeat("a b ", 12_000),
		"' or 1=1 --", `\\x00 \'`, "$1 ? ?0 @name", "\u0301\u0301", "�", "{{first_name}}", "\r\n", "\u2028",
	}
}

func requireState(t *testing.T, state string, err error) {
	t.Helper()
	var failure *pgconn.PgError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, state, failure.Code, fmt.Sprint(failure))
}
