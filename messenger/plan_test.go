package messenger_test

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
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

// fillRest makes the other tables large too, so that reading one of them from end to end is never the cheapest.
const fillRest = `
	insert into messenger_history (id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name, action)
		select gen_random_uuid(), 'north', id, now(), 'staff', 'amira', 'Amira Shah', 'sent' from messenger_channels, generate_series(1, 2);
	insert into messenger_inbox_history (id, organisation_id, staff_id, at, actor_kind, actor_id, actor_name, action)
		select gen_random_uuid(), 'north', 'staff-' || n, now(), 'staff', 'ben', 'Ben Hughes', 'looked' from generate_series(1, 5000) n;
	insert into messenger_history_heads select id, 1, '' from messenger_channels;
	insert into messenger_inbox_history_heads select organisation_id, staff_id, 1, '' from messenger_inbox_history;
	insert into messenger_absences (id, organisation_id, staff_id, starts_at, ends_at, back_id, cover_staff_id, cover_name, note)
		select gen_random_uuid(), 'north', 'staff-' || n, now() - interval '1 day', now() + interval '1 day', gen_random_uuid(), 'staff-' || n + 1, 'Ben Hughes', ''
		from generate_series(1, 5000) n;
	insert into messenger_absences (id, organisation_id, staff_id, starts_at, cover_staff_id, cover_name, note)
		values (gen_random_uuid(), 'north', 'amira', now() - interval '1 day', 'ben', 'Ben Hughes', '');
	insert into messenger_inboxes (organisation_id, staff_id) select 'south', 'staff-' || n from generate_series(1, 5000) n;
	insert into messenger_broadcasts (id, organisation_id, staff_id, staff_name, medium, subject, body, reply_link, then_status, total, fanned_out,
			created_at)
		select gen_random_uuid(), 'north', case when n % 4 = 0 then 'amira' else 'staff-' || n end, 'Ben Hughes', 'sms', '', 'body', false, 'done', 20, 20,
			now() - n * interval '1 hour' from generate_series(1, 2000) n;
	insert into messenger_broadcast_recipients (broadcast_id, n, client_id, why)
		select id, n, 'c-' || row_number() over () % 25000, case when n = 1 then 'no_address' end
		from messenger_broadcasts, generate_series(1, 20) n;
	insert into messenger_broadcast_counts (broadcast_id, shard) select id, n from messenger_broadcasts, generate_series(0, 15) n;
	update messenger_messages set overdue_told = 2, overdue_at = now(), overdue_to = array[staff_id || '-told']
		where direction = 'inbound' and read_at is null and staff_id <> 'amira'`

// No statement reads a whole table of ours, but for providers' limits, and each uses the index that was made for it.
func TestPlans(t *testing.T) {
	t.Parallel()
	b := setup(t)
	exec(t, b, "drop index messenger_messages_inbox_words, messenger_channels_name") // made again in one go: filling them takes longer
	exec(t, b, fillChannels)
	exec(t, b, fillMessages)
	exec(t, b, fillRest)
	require.NoError(t, migrations.Up(t.Context(), b.pool))
	//nolint:misspell // SQL has its own spelling
	exec(t, b, `analyze messenger_channels, messenger_messages, messenger_inboxes, messenger_history, messenger_inbox_history, messenger_absences,
		messenger_history_heads, messenger_inbox_history_heads, messenger_broadcasts,
		messenger_broadcast_recipients, messenger_broadcast_counts`)
	traced, asked := b.traced(t)
	amira := as(t, "amira")
	inbox := func(show messenger.Show, query string) func(*testing.T) error {
		return func(*testing.T) error {
			_, err := traced.Inbox(amira, messenger.InboxParams{Staff: "amira", Show: show, Query: query})
			return err
		}
	}
	first, err := traced.Inbox(amira, messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err)
	require.Len(t, first.Items, 50)
	var queued uuid.UUID
	require.NoError(t, b.pool.QueryRow(t.Context(), `select id from messenger_messages
		where staff_id = 'amira' and direction = 'outbound' limit 1`).Scan(&queued))
	var seen uuid.UUID
	require.NoError(t, b.pool.QueryRow(t.Context(), `select id from messenger_channels where client_id = 'c-25'`).Scan(&seen))
	for n := 25; n <= 12500; n += 25 { // half of amira's: the other half are hidden from ben
		id := adapters.ClientID(fmt.Sprintf("c-%d", n))
		b.clients.Put(north, adapters.Client{ID: id, Name: "Client Number " + string(id)})
	}
	p := reminder()
	p.Clients = b.crowd(20)
	broadcast, err := traced.SendBroadcast(amira, p)
	require.NoError(t, err)
	asked.take()
	for _, c := range []struct {
		name  string
		call  func(*testing.T) error
		index string
	}{
		{"inbox", inbox("", ""), "messenger_channels_inbox"},
		{"inbox, next page", func(*testing.T) error {
			next := messenger.PageParams{Cursor: first.Next}
			_, err := traced.Inbox(amira, messenger.InboxParams{Staff: "amira", PageParams: next})
			return err
		}, "messenger_channels_inbox"},
		{"open", inbox("open", ""), "messenger_channels_inbox"},
		{"done", inbox("done", ""), "messenger_channels_inbox"},
		{"attention", inbox("attention", ""), "messenger_messages_attention"},
		{"search, a rare word", inbox("", "wab1"), "messenger_messages_inbox_words"},
		{"search, a common word", inbox("", "common"), "messenger_channels_inbox"},
		{"search, part of a name", inbox("", "7779"), "messenger_channels_name"},
		{"search, two words", inbox("", "client wab1"), "messenger_messages_inbox_words"},
		{"a colleague's inbox", func(*testing.T) error {
			_, err := traced.Inbox(as(t, "ben"), messenger.InboxParams{Staff: "amira"})
			return err
		}, "messenger_channels_inbox"},
		{"search in a colleague's inbox", func(*testing.T) error {
			_, err := traced.Inbox(as(t, "ben"), messenger.InboxParams{Staff: "amira", Query: "wab1"})
			return err
		}, "messenger_messages_inbox_words"},
		{"inboxes", func(*testing.T) error {
			_, err := traced.Inboxes(as(t, "ben"))
			return err
		}, "messenger_channels_inbox"},
		{"a colleague's look at a channel", func(*testing.T) error {
			_, err := traced.History(as(t, "ben"), seen, messenger.PageParams{})
			return err
		}, "messenger_history_channel"},
		{"history of an inbox", func(*testing.T) error {
			_, err := traced.InboxHistory(as(t, "ben"), "amira", messenger.PageParams{})
			return err
		}, "messenger_inbox_history_inbox"},
		{"thread", func(*testing.T) error {
			_, err := traced.Messages(amira, first.Items[0].ID, messenger.PageParams{})
			return err
		}, "messenger_messages_channel_id_seq_key"},
		{"history", func(*testing.T) error {
			_, err := traced.History(amira, first.Items[0].ID, messenger.PageParams{})
			return err
		}, "messenger_history_channel"},
		{"verify the history", func(*testing.T) error {
			_, err := traced.VerifyHistory(t.Context(), messenger.VerifyParams{SealedSince: time.Unix(0, 0)})
			return err
		}, "messenger_history_in_order"},
		{"notifications", func(*testing.T) error {
			_, err := traced.Notifications(amira, messenger.PageParams{})
			return err
		}, "messenger_channels_notified"},
		{"notification count", func(*testing.T) error {
			_, err := traced.NotificationCount(amira)
			return err
		}, "messenger_channels_notified"},
		{"deliver", func(t *testing.T) error {
			exec(t, b, `update messenger_messages set delivery_status = 'queued', delivery_attention = null
				where id = $1`, queued)
			return traced.Jobs().Deliver(t.Context(), queued, 1)
		}, "messenger_messages_pkey"},
		{"fan-out", func(t *testing.T) error {
			return traced.Jobs().FanOut(t.Context(), broadcast.ID, 1)
		}, "messenger_broadcast_recipients_pkey"},
		{"a person's broadcasts", func(*testing.T) error {
			_, err := traced.Broadcasts(amira, messenger.PageParams{})
			return err
		}, "messenger_broadcasts_listed"},
		{"cancel a broadcast", func(t *testing.T) error {
			_, err := traced.CancelBroadcast(amira, broadcast.ID)
			require.NoError(t, err)
			return traced.Jobs().FanOut(t.Context(), broadcast.ID, 1)
		}, "messenger_messages_of_broadcast"},
		{"nothing is overdue", func(t *testing.T) error {
			return traced.Jobs().TellOverdue(t.Context(), 1)
		}, "messenger_messages_due"},
		{"what goes out on the next working day", func(t *testing.T) error {
			return traced.Jobs().RecheckScheduled(t.Context(), 1)
		}, "messenger_messages_scheduled"},
		{"overdue", inbox("overdue", ""), "messenger_messages_overdue"},
		{"scheduled", inbox("scheduled", ""), "messenger_messages_scheduled"},
		{"what somebody was told is overdue", func(*testing.T) error {
			_, err := traced.NotificationCount(as(t, "ben"))
			return err
		}, "messenger_messages_overdue_to"},
		{"me", func(*testing.T) error {
			_, err := traced.Me(amira)
			return err
		}, "messenger_messages_attention"},
		{"what needs a person", func(*testing.T) error {
			_, err := traced.Attention(as(t, "ben"), messenger.AttentionParams{})
			return err
		}, "messenger_messages_needed"},
		{"what needs a person since nobody takes it", func(*testing.T) error {
			_, err := traced.Attention(as(t, "ben"), messenger.AttentionParams{})
			return err
		}, "messenger_messages_under_way"},
		{"who covers nobody", func(*testing.T) error {
			_, err := traced.Me(amira)
			return err
		}, "messenger_absences_cover"},
		{"a channel whose owner is away", func(*testing.T) error {
			_, err := traced.Channel(amira, first.Items[0].ID)
			return err
		}, "messenger_absences_inbox"},
		{"the inbox of who covers", func(*testing.T) error {
			page, err := traced.Inbox(as(t, "ben"), messenger.InboxParams{Staff: "ben"})
			require.NotEmpty(t, page.Items)
			return err
		}, "messenger_channels_inbox"},
		{"the bell of who covers", func(*testing.T) error {
			page, err := traced.Notifications(as(t, "ben"), messenger.PageParams{})
			require.NotEmpty(t, page.Items)
			return err
		}, "messenger_absences_cover"},
		{"the overview", func(*testing.T) error {
			_, err := traced.Overview(as(t, "ben"))
			return err
		}, "messenger_messages_scheduled"},
		{"what stands on its way", func(*testing.T) error {
			_, err := traced.Overview(as(t, "ben"))
			return err
		}, "messenger_messages_under_way"},
		{"broadcasts that are held up", func(*testing.T) error {
			_, err := traced.Overview(as(t, "ben"))
			return err
		}, "messenger_broadcasts_unmade"},
		{"live updates", func(t *testing.T) error {
			return traced.ReadLive(t.Context(), first.Items[0].ID, uuid.New())
		}, "messenger_channels_inbox"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked.take()
			require.NoError(t, c.call(t))
			var plans strings.Builder
			for _, query := range asked.take() {
				if !regexp.MustCompile(`(?i)^\s*(select|with|insert|update|delete)`).MatchString(query.SQL) {
					continue // begins and ends
				}
				plans.WriteString(planOf(t, b.pool.Query, "explain ", query) + "\n")
			}
			require.Contains(t, plans.String(), c.index)
			// of providers' limits all are wanted, once a second: there is one an organisation and medium at the most, and a
			// migration is one of some sixty
			few := strings.NewReplacer("Seq Scan on messenger_pauses", "", "Seq Scan on messenger_migrations", "")
			scanned := few.Replace(plans.String())
			require.NotContains(t, scanned, "Seq Scan on messenger_")
			if strings.HasPrefix(c.name, "search") {
				require.NotRegexp(t, `Index Cond: \(+(words|replace|messenger_inbox_words)`, plans.String(),
					"the matches of one inbox, not of all")
			}
			for _, scan := range regexp.MustCompile(`messenger_messages_attention[^\n]*\n[^\n]*`).FindAllString(plans.String(), -1) {
				require.Contains(t, scan, "staff_id", "what needs a person in one inbox, not in all")
			}
		})
	}
	requireExportFindsBroadcasts(t, traced, asked)
}

// requireExportFindsBroadcasts holds that an export, which holds the ends of histories, reads no broadcast but the
// client's. Some of the other tables that it reads are empty here.
func requireExportFindsBroadcasts(t *testing.T, traced *bundle, asked *queries) {
	t.Helper()
	asked.take()
	_, err := traced.ExportClientOf(t.Context(), north, "c-25", messenger.ExportForStaff, "op-1")
	require.NoError(t, err)
	for _, query := range asked.take() {
		if strings.Contains(query.SQL, "messenger_broadcast_recipients") {
			plan := planOf(t, traced.pool.Query, "explain ", query)
			require.Contains(t, plan, "messenger_broadcast_recipients_client")
			require.NotContains(t, plan, "Seq Scan on messenger_broadcast_recipients")
			return
		}
	}
	require.Fail(t, "an export asks for broadcasts")
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
	require.NoError(t, traced.fanOut(t, broadcast.ID))
	batches := func(begins, table string) (list []pgx.TraceQueryStartData) {
		for _, query := range asked.take() {
			if strings.HasPrefix(strings.ToLower(query.SQL), begins) && strings.Contains(strings.ToLower(query.SQL), table) {
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
	require.NoError(t, traced.fanOut(t, broadcast.ID))
	require.Equal(t, 3500, count(t, b.pool, "select count(*) from messenger_messages where broadcast_id = $1 and delivery_status = 'cancelled'", broadcast.ID))
	plan, passed := b.explain(t, batches("update", `update "messenger_messages"`)[3], "Rows Removed by Filter: ")
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
