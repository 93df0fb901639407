package messenger_test

import (
	"context"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations"
)

// queries remembers what a pool was asked.
type queries struct {
	mu   sync.Mutex
	list []pgx.TraceQueryStartData
}

func (q *queries) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, data)
	return ctx
}

func (*queries) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (*queries) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (q *queries) TraceBatchQuery(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchQueryData) {
	q.TraceQueryStart(ctx, conn, pgx.TraceQueryStartData{SQL: data.SQL, Args: data.Args})
}

func (*queries) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (q *queries) take() []pgx.TraceQueryStartData {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := q.list
	q.list = nil
	return list
}

const fillChannels = `insert into messenger_channels (id, organisation_id, staff_id, staff_name, client_id, client_name, client_name_folded, status,
		last_seq, last_at, last_reply_seq, last_reply_at, done_seq, link_nonce, link_key_id, link_lookup, created_at, updated_at)
	select gen_random_uuid(), 'north', case when n % 25 = 0 then 'amira' else 'staff-' || n % 100 end, 'Amira Shah', 'c-' || n, 'Client Number ' || n,
		'client number ' || n || ' ' || md5(n::text), (array['unread', 'open', 'done', 'done', 'done'])[1 + n / 25 % 5], 4, now() - n * interval '1 second', 2,
		now() - n * interval '1 second', case when n / 25 % 5 > 1 then 4 else 0 end, '', 'k1', decode(md5(n::text), 'hex'), now(), now()
	from generate_series(1, 25000) n`

const fillMessages = `insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, body, words, author_kind, author_id,
		author_name, created_at, delivery_status, record_status, read_at, delivery_attention)
	select gen_random_uuid(), c.organisation_id, c.staff_id, c.id, s, case when s = 2 then 'inbound' else 'outbound' end, 'email', 'body',
		array_to_tsvector(array['common', 'w' || left(md5(c.client_id || s), 3)]), 'staff', 'amira', 'Amira Shah', now(), 'sent', 'saved',
		case when c.status <> 'unread' then now() end, case when s = 1 and c.client_id like '%777' then 'delivery_failed' end
	from messenger_channels c cross join generate_series(1, 4) s`

// No list reads a whole table of ours, and each uses the index that was made for it.
func TestPlans(t *testing.T) {
	t.Parallel()
	b := setup(t)
	exec(t, b, "drop index messenger_messages_inbox_words, messenger_channels_name") // made again in one go: filling them takes longer
	exec(t, b, fillChannels)
	exec(t, b, fillMessages)
	require.NoError(t, migrations.Up(t.Context(), b.pool))
	exec(t, b, "analyze messenger_channels, messenger_messages, messenger_inboxes") //nolint:misspell // SQL has its own spelling
	traced, asked := b.traced(t)
	amira := as(t, "amira")
	inbox := func(show, query string) func() (string, error) {
		return func() (string, error) {
			page, err := traced.Inbox(amira, messenger.InboxParams{Staff: "amira", Show: messenger.Show(show), Query: query})
			return page.Next, err
		}
	}
	first, err := traced.Inbox(amira, messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err)
	require.Len(t, first.Items, 50)
	var queued uuid.UUID
	require.NoError(t, b.pool.QueryRow(t.Context(), "select id from messenger_messages where staff_id = 'amira' and direction = 'outbound' limit 1").Scan(&queued))
	p := reminder()
	p.Clients = b.crowd(20)
	broadcast, err := traced.SendBroadcast(amira, p)
	require.NoError(t, err)
	asked.take()
	for _, c := range []struct {
		name  string
		call  func() (string, error)
		index string
	}{
		{"inbox", inbox("", ""), "messenger_channels_inbox"},
		{"inbox, next page", func() (string, error) {
			page, err := traced.Inbox(amira, messenger.InboxParams{Staff: "amira", PageParams: messenger.PageParams{Cursor: first.Next}})
			return page.Next, err
		}, "messenger_channels_inbox"},
		{"open", inbox("open", ""), "messenger_channels_inbox"},
		{"done", inbox("done", ""), "messenger_channels_inbox"},
		{"attention", inbox("attention", ""), "messenger_messages_attention"},
		{"search, a rare word", inbox("", "wab1"), "messenger_messages_inbox_words"},
		{"search, a common word", inbox("", "common"), "messenger_channels_inbox"},
		{"search, part of a name", inbox("", "7779"), "messenger_channels_name"},
		{"search, two words", inbox("", "client wab1"), "messenger_messages_inbox_words"},
		{"thread", func() (string, error) {
			page, err := traced.Messages(amira, first.Items[0].ID, messenger.PageParams{})
			return page.Next, err
		}, "messenger_messages_channel_id_seq_key"},
		{"history", func() (string, error) {
			page, err := traced.History(amira, first.Items[0].ID, messenger.PageParams{})
			return page.Next, err
		}, "messenger_history_channel"},
		{"notifications", func() (string, error) {
			page, err := traced.Notifications(amira, messenger.PageParams{})
			return page.Next, err
		}, "messenger_channels_notified"},
		{"notification count", func() (string, error) { _, err := traced.NotificationCount(amira); return "", err }, "messenger_channels_notified"},
		{"deliver", func() (string, error) {
			exec(t, b, "update messenger_messages set delivery_status = 'queued', delivery_attention = null where id = $1", queued)
			return "", traced.Jobs().Deliver(t.Context(), queued, 1)
		}, "messenger_messages_pkey"},
		{"fan-out", func() (string, error) { return "", traced.Jobs().FanOut(t.Context(), broadcast.ID, 1) }, "messenger_broadcast_recipients_pkey"},
		{"cancel a broadcast", func() (string, error) {
			_, err := traced.CancelBroadcast(amira, broadcast.ID)
			require.NoError(t, err)
			return "", traced.Jobs().FanOut(t.Context(), broadcast.ID, 1)
		}, "messenger_messages_of_broadcast"},
		{"me", func() (string, error) { _, err := traced.Me(amira); return "", err }, "messenger_messages_attention"},
		{"live updates", func() (string, error) { return "", traced.ReadLive(t.Context(), first.Items[0].ID, uuid.New()) }, "messenger_channels_inbox"},
	} {
		_, err := c.call()
		require.NoError(t, err, c.name)
		var plans strings.Builder
		for _, query := range asked.take() {
			if !regexp.MustCompile(`(?i)^\s*(select|with|insert|update|delete)`).MatchString(query.SQL) {
				continue // begins and ends
			}
			plans.WriteString(planOf(t, b.pool.Query, "explain ", query) + "\n")
		}
		if strings.HasPrefix(c.name, "search") {
			require.NotRegexp(t, `Index Cond: \(+(words|replace|messenger_inbox_words)`, plans.String(), "%s: the matches of one inbox, not of all", c.name)
		}
		for _, scan := range regexp.MustCompile(`messenger_messages_attention[^\n]*\n[^\n]*`).FindAllString(plans.String(), -1) {
			require.Contains(t, scan, "staff_id", "%s: what needs a person in one inbox, not in all", c.name)
		}
		for _, scan := range regexp.MustCompile(`Seq Scan on messenger_(\w+)`).FindAllStringSubmatch(plans.String(), -1) {
			if !slices.Contains([]string{"inboxes", "history", "pauses", "broadcasts", "broadcast_recipients", "broadcast_counts"}, scan[1]) { // a row an inbox, and nothing happened yet
				require.Fail(t, "a sequential scan", "%s\n%s", c.name, plans.String())
			}
		}
		if c.name != "history" {
			require.Contains(t, plans.String(), c.index, c.name)
		}
	}
}

// traced is a Messenger on a pool that remembers what it was asked.
func (b *bundle) traced(t *testing.T) (*bundle, *queries) {
	t.Helper()
	asked := &queries{}
	config := b.pool.Config()
	config.ConnConfig.Tracer = asked
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return b.with(t, func(c *messenger.Config) { c.Pool, c.Direct, c.Logger = pool, pool, slog.New(slog.DiscardHandler) }), asked
}

// planOf is what the database, asked by ask, explains of a statement.
func planOf(t *testing.T, ask func(context.Context, string, ...any) (pgx.Rows, error), explain string, query pgx.TraceQueryStartData) string {
	t.Helper()
	rows, err := ask(t.Context(), explain+query.SQL, query.Args...)
	require.NoError(t, err, query.SQL)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err, query.SQL)
	return strings.Join(lines, "\n")
}

// explain runs a statement once more, undone at once, and returns the plan and every number that follows what.
func (b *bundle) explain(t *testing.T, query pgx.TraceQueryStartData, what string) (plan string, numbers []int) {
	t.Helper()
	undone, err := b.pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, undone.Rollback(t.Context())) }()
	_, err = undone.Exec(t.Context(), "set local enable_seqscan = off") // of a small table the planner may read all
	require.NoError(t, err)
	plan = planOf(t, undone.Query, "explain (analyze, timing off) ", query) //nolint:misspell // SQL
	for _, number := range regexp.MustCompile(what+`(\d+)`).FindAllStringSubmatch(plan, -1) {
		n, err := strconv.Atoi(number[1])
		require.NoError(t, err)
		numbers = append(numbers, n)
	}
	return plan, numbers
}

// A batch of a broadcast reads its own recipients, not all that are still to come, whatever the planner thinks of a broadcast's size; and a
// batch of its cancel does not come past the messages that those before it have cancelled.
func TestBatchesReadTheirOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	traced, asked := b.traced(t)
	p := reminder()
	p.Clients = b.crowd(3500)
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.NoError(t, traced.Jobs().FanOut(t.Context(), broadcast.ID, 1))
	batches := func(begins, table string) (list []pgx.TraceQueryStartData) {
		for _, query := range asked.take() {
			if strings.HasPrefix(strings.ToLower(query.SQL), begins) && strings.Contains(query.SQL, table) {
				list = append(list, query)
			}
		}
		require.Len(t, list, 4)
		return list
	}
	for _, query := range batches("select", "messenger_broadcast_recipients") {
		plan, read := b.explain(t, query, "actual rows=")
		require.NotEmpty(t, read, plan)
		require.LessOrEqual(t, slices.Max(read), 1000, plan)
	}
	_, err = b.CancelBroadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	require.NoError(t, traced.Jobs().FanOut(t.Context(), broadcast.ID, 1))
	require.Equal(t, 3500, count(t, b.pool, "select count(*) from messenger_messages where broadcast_id = $1 and delivery_status = 'cancelled'", broadcast.ID))
	plan, passed := b.explain(t, batches("update", "messenger_messages")[3], "Rows Removed by Filter: ")
	require.Equal(t, []int{500}, passed, plan) // its own, cancelled by now
}

// However many need a person, or wait in the notification centre, no page counts them all.
func TestCountsStopAtAThousand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	exec(t, b, fillChannels)
	exec(t, b, "update messenger_channels set staff_id = 'amira', done_seq = 0")
	exec(t, b, `insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, body, words, author_kind, author_id,
			author_name, created_at, delivery_status, record_status, delivery_attention)
		select gen_random_uuid(), 'north', 'amira', id, 1, 'outbound', 'email', '', '', 'staff', '', '', now(), 'failed', 'not_required', 'delivery_failed'
		from messenger_channels limit 1500`)
	me, err := b.Me(as(t, "amira"))
	require.NoError(t, err)
	require.Equal(t, 1000, me.AttentionCount)
	n, err := b.NotificationCount(as(t, "amira"))
	require.NoError(t, err)
	require.Equal(t, 1000, n.Total)
}
