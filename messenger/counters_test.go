package messenger_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// ownDatabase is a database of the test's own: PostgreSQL counts deadlocks for each.
func ownDatabase(t *testing.T) *pgxpool.Pool {
	t.Helper()
	ctx := context.Background()
	config, err := pgxpool.ParseConfig(migrationtest.Database(t))
	require.NoError(t, err)
	config.MaxConns = 20
	pool, err := pgxpool.NewWithConfig(ctx, config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	migrationtest.Up(t, pool)
	return pool
}

// moody is a carrier that refuses every fifth message for good.
type moody struct{ adapters.Sender }

func (s moody) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(message.Reference))
	if sum.Sum32()%5 == 0 {
		return adapters.Receipt{}, adapters.ErrWrongContact
	}
	return s.Sender.Send(ctx, message)
}

// storm does everything at once that changes a channel, over few clients and two staff members, from two instances.
type storm struct {
	*bundle
	t       *testing.T
	both    []*messenger.Messenger
	clients []adapters.ClientID
}

// allow fails the test for an error that a caller could not expect.
func (s *storm) allow(what string, err error) {
	s.t.Helper()
	switch messenger.CodeOf(err) { //nolint:exhaustive // the others are faults here
	case "", messenger.CodeUnreadReplies, messenger.CodeNotFound, messenger.CodeAlreadySent, messenger.CodeNothingToDo:
	default:
		s.t.Errorf("%s: %v", what, err)
	}
}

// act does one thing at random.
func (s *storm) act(r *rand.Rand, n int) {
	m, client := s.both[r.IntN(2)], s.clients[r.IntN(len(s.clients))]
	who := []adapters.StaffID{"amira", "ben"}[r.IntN(2)]
	as := as(s.t, who)
	then := []messenger.Status{"", messenger.Open, messenger.Done}[r.IntN(3)]
	sent, err := m.Send(as, messenger.SendParams{Client: client, Medium: adapters.Email, Subject: "Storm", Body: fmt.Sprint("Message ", n), Then: then})
	s.allow("send", err)
	if err != nil {
		return
	}
	opened, err := m.Channel(as, sent.Channel.ID)
	s.allow("open", err)
	switch r.IntN(10) {
	case 0, 1, 2:
		if opened.ReplyLink != "" {
			_, _, err = m.Reply(s.t.Context(), opened.ReplyLink[len(opened.ReplyLink)-22:], messenger.ReplyParams{Text: fmt.Sprint("Reply ", n)})
			s.allow("reply", err)
		}
	case 3:
		s.allow("read", m.Read(as, sent.Channel.ID, sent.Message.ID, false))
	case 4, 5:
		_, err = m.SetStatus(as, sent.Channel.ID, []messenger.Status{messenger.Open, messenger.Done}[r.IntN(2)], sent.Message.ID)
		s.allow("status", err)
	case 6:
		_, err = m.Cancel(as, sent.Message.ID)
		s.allow("cancel", err)
	case 7:
		_, err = m.Retry(as, sent.Message.ID)
		s.allow("retry", err)
	case 8:
		s.bundle.clients.Put(north, adapters.Client{ID: client, Name: fmt.Sprint("Renamed ", n), Email: string(client) + "@example.org"})
		s.allow("rename", m.ClientsChanged(s.t.Context(), north, client))
	default:
		s.allow("discharge", m.ClientDischarged(s.t.Context(), north, client))
		_, err = m.SetReplies(as, sent.Channel.ID, true)
		s.allow("replies", err)
	}
}

// shout broadcasts to everybody, new people among them, and cancels every third time.
func (s *storm) shout(r *rand.Rand, n int, who adapters.StaffID) {
	p := reminder()
	p.Clients = append(p.Clients, s.clients...)
	for i := range 60 {
		id := adapters.ClientID(fmt.Sprintf("new-%s-%d-%d", who, n, i))
		s.bundle.clients.Put(north, adapters.Client{ID: id, Name: "Somebody New", Email: string(id) + "@example.org"})
		p.Clients = append(p.Clients, id)
	}
	r.Shuffle(len(p.Clients), func(i, j int) { p.Clients[i], p.Clients[j] = p.Clients[j], p.Clients[i] })
	broadcast, err := s.both[n%2].SendBroadcast(as(s.t, who), p)
	s.allow("broadcast", err)
	if n%3 == 2 && err == nil {
		_, err = s.both[r.IntN(2)].CancelBroadcast(as(s.t, who), broadcast.ID)
		s.allow("cancel a broadcast", err)
	}
}

// refuse has the provider say of some broadcasts' messages, while they are filed, that they can't be delivered after all.
func (s *storm) refuse(r *rand.Rand) {
	rows, _ := s.pool.Query(s.t.Context(), `select id from messenger_messages
		where broadcast_id is not null and delivery_status = 'sent' and record_status = 'pending' order by random() limit 20`)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	s.allow("look for what to refuse", err)
	for _, id := range ids {
		err = s.both[r.IntN(2)].Jobs().ApplyReceipt(s.t.Context(), jobs.ApplyReceipt{
			Reference: id.String(), Via: "email", Status: string(adapters.Failed), Reason: messenger.ReasonRejected,
		}, 1)
		s.allow("refuse", err)
	}
}

// The counters of inboxes and of broadcasts are right whatever happens at the same time, nobody sees a deadlock, and there is none.
func TestCounterStorm(t *testing.T) {
	t.Parallel()
	pool := ownDatabase(t)
	s := &storm{t: t, bundle: setup(t, func(c *messenger.Config) { c.Pool, c.Email = pool, moody{c.Email} })}
	s.pool = pool
	other, err := messenger.New(s.config)
	require.NoError(t, err)
	s.both = []*messenger.Messenger{s.Messenger, other}
	s.clients = s.crowd(12)
	s.work(t)
	(&bundle{Messenger: other, pool: pool, config: s.config}).work(t)

	until := time.Now().Add(4 * time.Second)
	var parts sync.WaitGroup
	for w := range 6 {
		parts.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 1))
			for n := 0; time.Now().Before(until) && n < 400; n++ {
				s.act(r, 1000*w+n)
			}
		})
	}
	for w, who := range []adapters.StaffID{"amira", "ben", "amira"} {
		parts.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 2))
			for n := w * 100; time.Now().Before(until) && n < w*100+12; n++ {
				s.shout(r, n, who)
			}
		})
	}
	for w := range 2 {
		parts.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 3))
			for time.Now().Before(until) {
				s.refuse(r)
			}
		})
	}
	parts.Wait()
	requireCalm(t, pool)
}

// requireCalm waits until nothing is under way, and compares every counter with a recount, and every channel with its last message.
func requireCalm(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	eventually(t, func() bool {
		return count(t, pool, "select count(*) from messenger_messages where delivery_status in ('queued', 'sending')") == 0 &&
			count(t, pool, "select count(*) from river_job where kind = 'messenger_fan_out' and state not in ('completed')") == 0
	}, "nothing is under way")
	require.Zero(t, count(t, pool, `select count(*) from messenger_inboxes i full join (select organisation_id, staff_id,
			count(*) filter (where status = 'unread') as unread, count(*) filter (where status = 'open') as open,
			count(*) filter (where status = 'done') as done from messenger_channels where moved_to is null group by 1, 2) c using (organisation_id, staff_id)
		where (i.unread, i.open, i.done) is distinct from (coalesce(c.unread, 0), coalesce(c.open, 0), coalesce(c.done, 0))`), "inboxes that are counted wrong")
	require.Zero(t, count(t, pool, `select count(*) from messenger_channels c left join lateral (select * from messenger_messages m
			where m.channel_id = c.id and m.delivery_status <> 'cancelled' and (c.unread_count = 0 or m.direction = 'inbound')
			order by m.seq desc limit 1) m on true
		where (c.last_message_id, c.last_direction, c.last_medium, c.last_preview, c.last_created_at, c.last_send_after)
			is distinct from (m.id, m.direction, m.medium, left(m.body, 140), m.created_at, m.send_after)`), "channels that show another message as their last")
	require.Zero(t, count(t, pool, `select count(*) from messenger_channels c where unread_count <> (select count(*) from messenger_messages m
		where m.channel_id = c.id and m.direction = 'inbound' and m.read_at is null)`), "channels whose unread replies are counted wrong")
	require.Zero(t, count(t, pool, `select count(*) from messenger_broadcasts b
		join (select broadcast_id, sum(skipped) as skipped, sum(sent) as sent, sum(failed) as failed, sum(cancelled) as cancelled
			from messenger_broadcast_counts group by 1) c on c.broadcast_id = b.id
		left join (select broadcast_id, count(*) filter (where delivery_status in ('sent', 'delivered')) as sent,
			count(*) filter (where delivery_status in ('failed', 'unknown')) as failed, count(*) filter (where delivery_status = 'cancelled') as cancelled
			from messenger_messages where broadcast_id is not null group by 1) m on m.broadcast_id = b.id
		where b.total <> c.skipped + c.sent + c.failed + c.cancelled or c.sent <> coalesce(m.sent, 0) or c.failed <> coalesce(m.failed, 0)
			or b.cancelled_at is null and c.cancelled <> coalesce(m.cancelled, 0)`), "broadcasts that are counted wrong")
	require.Zero(t, count(t, pool, "select count(*) from river_job where array_to_string(errors, ' ') like '%deadlock%'"), "jobs that met a deadlock")
	require.Zero(t, count(t, pool, "select deadlocks from pg_stat_database where datname = current_database()"), "deadlocks")
	require.Positive(t, count(t, pool, "select count(*) from messenger_messages where delivery_status = 'failed' and broadcast_id is not null"))
	require.Positive(t, count(t, pool, "select count(*) from messenger_messages where direction = 'inbound'"))
}

// A failed delivery holds its broadcast's counter and wants the inbox's; a fan-out holds the inbox's and wants the broadcast's. Made to
// meet, neither waits for the other for ever: were one of them ended, a refused message would become an unknown one.
func TestFailureMeetsFanOut(t *testing.T) {
	t.Parallel()
	pool := ownDatabase(t)
	var minutes atomic.Int64
	b := setup(t, func(c *messenger.Config) {
		c.Pool = pool
		c.Now = func() time.Time { return time.Now().Add(time.Duration(minutes.Add(1)) * time.Minute) } // a run of the fan-out is one batch
	})
	p := reminder()
	p.Clients = b.crowd(1500)
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.Error(t, b.Jobs().FanOut(t.Context(), broadcast.ID, 1), "there is more to do")
	var refused uuid.UUID
	require.NoError(t, pool.QueryRow(t.Context(), "select id from messenger_messages where id::text like '%0' limit 1").Scan(&refused))
	b.email.FailAll(adapters.ErrWrongContact)

	inbox, err := pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = inbox.Rollback(context.Background()) }()
	_, err = inbox.Exec(t.Context(), "select 1 from messenger_inboxes for update")
	require.NoError(t, err)
	waiting := func(n int) func() bool {
		return func() bool { return lockWaiters(t, pool) == n }
	}
	var fannedOut, delivered error
	var both sync.WaitGroup
	both.Go(func() { fannedOut = b.Jobs().FanOut(t.Context(), broadcast.ID, 1) })
	eventually(t, waiting(1), "the fan-out waits for the inbox's counters")
	both.Go(func() { delivered = b.Jobs().Deliver(t.Context(), refused, 1) })
	eventually(t, waiting(2), "the failure waits behind it")
	require.NoError(t, inbox.Commit(t.Context()))
	both.Wait()
	require.Equal(t, jobs.After(0), fannedOut)
	require.NoError(t, delivered)
	require.Zero(t, count(t, pool, "select deadlocks from pg_stat_database where datname = current_database()"))
}
