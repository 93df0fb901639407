package bench

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

const perTurn = 40_000

func waitingID(n int64) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("00000000-0000-7000-9000-%012x", n))
}

// queue puts messages that wait for their delivery into the database, numbered on from first.
func (w *world) queue(b *testing.B, first int64) {
	b.Helper()
	w.exec(b, `insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction,
		medium, subject, body, words,
			author_kind, author_id, author_name, created_at, reply_link, to_address, delivery_status, record_status)
		select ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, c.organisation_id, c.staff_id,
		c.id, 1000000000 + n, 'outbound',
			'email', 'Hello', m.body, m.words, 'staff', c.staff_id, 'Amira Shah', now(), true, c.client_id || '@example.org',
			'queued', 'pending'
		from generate_series($1::bigint, $2::bigint) n
		join messenger_channels c on c.id = ('00000000-0000-7000-8000-' || lpad(to_hex(n * 7919 % $3), 12, '0'))::uuid
		join messenger_messages m on m.channel_id = c.id and m.seq = 1`, first, first+perTurn-1, w.data.channels)
}

// deliveries are messages that wait, and their two jobs' own SQL.
type deliveries struct {
	queue func() (first int64) // puts perTurn more into the database
	work  func(m *messenger.Messenger, n int64) error
	bare  func() sample
}

// deliveries are taken away when the measuring is over.
func (w *world) deliveries(b *testing.B) deliveries {
	b.Helper()
	ctx := b.Context()
	begin := time.Now().Unix() * perTurn
	free := begin
	d := deliveries{queue: func() int64 {
		first := free
		free += perTurn
		w.queue(b, first)
		return first
	}}
	b.Cleanup(func() {
		_, err := w.pool.Exec(context.WithoutCancel(ctx),
			"delete from messenger_messages where id between $1 and $2", waitingID(begin), waitingID(free))
		require.NoError(b, err)
		_, err = w.pool.Exec(context.WithoutCancel(ctx), "vacuum messenger_messages")
		require.NoError(b, err)
	})
	d.work = func(m *messenger.Messenger, n int64) error {
		if err := m.Jobs().Deliver(ctx, waitingID(n), 1); err != nil {
			return err
		}
		return m.Jobs().WriteRecord(ctx, waitingID(n), 1)
	}
	n := d.queue()
	seen := w.watch(b, func(m *messenger.Messenger) {
		n++
		require.NoError(b, d.work(m, n))
	})
	change := places{
		waitingID(n).String(): "('00000000-0000-7000-9000-' || lpad(to_hex(cast(:message as bigint)), 12, '0'))",
	}
	for _, one := range seen {
		for _, arg := range one.args { // the attempt's, the record's own name of it
			if id, ok := arg.(uuid.UUID); ok && change[id.String()] == "" && id.Variant() == uuid.RFC4122 &&
				id != channelID(int(n*7919)%w.data.channels) {
				change[id.String()] = newMessage
			}
		}
	}
	channel := channelID(int(n * 7919 % int64(w.data.channels)))
	change[channel.String()] = fmt.Sprintf(
		"('00000000-0000-7000-8000-' || lpad(to_hex(cast(:message as bigint) * 7919 %% %d), 12, '0'))", w.data.channels)
	d.bare = func() sample {
		first := d.queue()
		w.settle(b)
		head := fmt.Sprintf("\\set message random(%d, %d)\n", first, first+perTurn-1) + randoms
		return w.bare(b, eight, w.script(b, head, seen, change))
	}
	return d
}

// benchDeliver calls the two jobs of a message, one after the other, without River's own work.
func (w *world) benchDeliver(b *testing.B) figure {
	b.Helper()
	d := w.deliveries(b)
	var next atomic.Int64
	return w.beside(b, "own SQL, pgbench", func() sample {
		next.Store(d.queue())
		w.settle(b)
		return hammer(b, eight, func(int) error { return d.work(w.Messenger, next.Add(1)) })
	}, d.bare)
}

// nothing is a job that does nothing, for River alone.
type nothing struct{ ID uuid.UUID }

func (nothing) Kind() string { return "bench_nothing" }

func (nothing) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: "bench"} }

// clock takes the time from a commit to the call it led to.
type clock struct {
	mu    sync.Mutex
	begun map[uuid.UUID]time.Time // either end, whichever came first
	times []time.Duration
}

func (c *clock) mark(id uuid.UUID, end bool) {
	at := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	other, both := c.begun[id]
	switch {
	case !both:
		c.begun[id] = at
	case end:
		c.times = append(c.times, at.Sub(other))
	default: // the worker was quicker than the way back from the commit
		c.times = append(c.times, 0)
	}
}

func (c *clock) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.times)
}

// at200 calls use two hundred times a second for a turn, and waits for the other end of each.
func at200(b *testing.B, c *clock, use func() (uuid.UUID, error)) sample {
	b.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	var calls sync.WaitGroup
	n := int(runTime() / (5 * time.Millisecond))
	for range n {
		<-ticker.C
		calls.Go(func() {
			id, err := use()
			if err != nil {
				b.Error(err)
			}
			c.mark(id, false)
		})
	}
	calls.Wait()
	require.Eventually(b, func() bool { return c.count() == n }, time.Minute, 10*time.Millisecond)
	s := sample{rate: 200}
	s.p50, s.p99 = percentiles(c.times)
	return s
}

// benchLatency is the time from a send's commit to the provider's call, at 200 sends a second through River, beside a
// job of River's that does nothing.
func (w *world) benchLatency(b *testing.B) figure {
	b.Helper()
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	var now atomic.Pointer[clock]
	w.carrier.heard = func(message adapters.Outgoing) {
		if c := now.Load(); c != nil {
			c.mark(message.MessageID, true)
		}
	}
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, w.Jobs())
	river.AddWorker(workers, river.WorkFunc(func(_ context.Context, job *river.Job[nothing]) error {
		now.Load().mark(job.Args.ID, true)
		return nil
	}))
	config := jobs.Configure(&river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler)}, w.Jobs())
	config.Queues["bench"] = config.Queues[jobs.QueueDeliver]
	config.FetchCooldown = config.Queues["bench"].FetchCooldown
	w.exec(b, "truncate river_job")
	client, err := river.NewClient(riverpgxv5.New(w.pool), config)
	require.NoError(b, err)
	require.NoError(b, client.Start(ctx))
	owners, writers := w.owners(), make(chan writer, 64)
	for _, by := range newWriters(cap(writers)) {
		writers <- by
	}
	f := w.beside(b, "River alone", func() sample {
		c := &clock{begun: map[uuid.UUID]time.Time{}}
		now.Store(c)
		return at200(b, c, func() (uuid.UUID, error) {
			by := <-writers
			defer func() { writers <- by }()
			message, _, err := w.send(ctx, w.Messenger, owners, by)
			return message.ID, err
		})
	}, func() sample {
		c := &clock{begun: map[uuid.UUID]time.Time{}}
		now.Store(c)
		return at200(b, c, func() (uuid.UUID, error) {
			id := uuid.New()
			_, err := client.Insert(ctx, nothing{id}, nil)
			return id, err
		})
	})
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	require.NoError(b, client.StopAndCancel(end))
	w.carrier.heard = nil
	f.Ratio = f.P99 / f.BareP99
	b.ReportMetric(f.Ratio, "ratio")
	return f
}
