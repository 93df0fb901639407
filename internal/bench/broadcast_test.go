package bench

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
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

const reminder = "Reminder" // the subject of broadcasts alone

// recipients is how many a broadcast goes to: BROADCAST, or a hundred thousand.
func recipients() int {
	if n, err := strconv.Atoi(os.Getenv("BROADCAST")); err == nil {
		return n
	}
	return 100_000
}

// broadcast accepts a broadcast to clients nobody has written to yet, each of whom needs a channel. It is of a staff
// member who has no other: what reads never meets it.
func (w *world) broadcast(b *testing.B) uuid.UUID {
	b.Helper()
	p := messenger.BroadcastParams{
		Medium: adapters.Email, Subject: reminder, Body: "Dear {{first_name}}, " + body(newWriters(1)[0].zipf, nil),
		Clients: make([]adapters.ClientID, recipients()),
	}
	for i := range p.Clients {
		p.Clients[i] = clientID(w.data.channels + i)
	}
	broadcast, err := w.SendBroadcast(as(b.Context(), staffID(len(w.data.inboxes))), p)
	require.NoError(b, err)
	require.Equal(b, len(p.Clients), broadcast.Queued)
	return broadcast.ID
}

// progress is how many of a broadcast's messages are made, and how many of those have gone out.
func (w *world) progress(b *testing.B, id uuid.UUID) (made, sent int) {
	b.Helper()
	require.NoError(b, w.pool.QueryRow(b.Context(), `select b.fanned_out, coalesce(sum(c.sent), 0)
		from messenger_broadcasts b
		left join messenger_broadcast_counts c on c.broadcast_id = b.id
		where b.id = $1 group by b.id`, id).Scan(&made, &sent))
	return made, sent
}

// forget takes away all that broadcasts made.
func (w *world) forget(b *testing.B) {
	b.Helper()
	w.exec(b, `delete from messenger_broadcast_recipients;
		delete from messenger_broadcast_counts`)
	w.forgetInbox(b, staffID(len(w.data.inboxes)))
	w.exec(b, "delete from messenger_broadcasts")
	w.exec(b, "vacuum messenger_broadcast_recipients, messenger_broadcast_counts")
}

// forgetInbox takes away a staff member's channels with all that is in them.
func (w *world) forgetInbox(b *testing.B, staff adapters.StaffID) {
	b.Helper()
	w.exec(b, strings.ReplaceAll(`begin;
		alter table messenger_history disable trigger messenger_history_no_change;
		set local session_replication_role = replica; -- all of it goes: foreign keys need no check
		delete from messenger_history where channel_id in (select id from messenger_channels where staff_id = 'whose');
		delete from messenger_history_heads
			where channel_id in (select id from messenger_channels where staff_id = 'whose');
		delete from messenger_messages where channel_id in (select id from messenger_channels where staff_id = 'whose');
		delete from messenger_handover_channels
			where channel_id in (select id from messenger_channels where staff_id = 'whose');
		delete from messenger_handovers where staff_id = 'whose';
		delete from messenger_channels where staff_id = 'whose';
		delete from messenger_inboxes where staff_id = 'whose';
		alter table messenger_history enable always trigger messenger_history_no_change;
		commit`, "whose", string(staff)))
	w.exec(b, "vacuum messenger_history, messenger_history_heads, messenger_messages, messenger_channels")
}

// benchFanOut makes a broadcast's messages, all with new channels, beside the same jobs put in by River's fastest
// insert, as many a transaction as ours has or a thousand, whichever is the faster.
func (w *world) benchFanOut(b *testing.B) figure {
	b.Helper()
	ctx := b.Context()
	client, err := river.NewClient(riverpgxv5.New(w.pool), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	require.NoError(b, err)
	insert := func(batch int) sample {
		w.settle(b)
		var times []time.Duration
		began := time.Now()
		for left := recipients(); left > 0; left -= batch {
			list := make([]river.InsertManyParams, min(batch, left))
			for i := range list {
				list[i] = river.InsertManyParams{
					Args:       jobs.Deliver{Message: uuid.Must(uuid.NewV7())},
					InsertOpts: &river.InsertOpts{Queue: jobs.QueueBulk, Priority: 4},
				}
			}
			at := time.Now()
			tx, err := w.pool.Begin(ctx)
			require.NoError(b, err)
			_, err = client.InsertManyFastTx(ctx, tx, list)
			require.NoError(b, err)
			require.NoError(b, tx.Commit(ctx))
			times = append(times, time.Since(at))
		}
		s := sample{rate: float64(recipients()) / time.Since(began).Seconds()}
		s.p50, s.p99 = percentiles(times)
		return s
	}
	return w.beside(b, "InsertManyFastTx, pXX of a batch", func() sample {
		return w.fanOut(b)
	}, func() sample {
		five, ten := insert(500), insert(1000)
		if five.rate > ten.rate {
			return five
		}
		return ten
	})
}

// fanOut makes a broadcast's messages.
func (w *world) fanOut(b *testing.B) sample {
	b.Helper()
	id := w.broadcast(b)
	w.settle(b) // the accepting is no part of it
	began := time.Now()
	for made := 0; made < recipients(); made, _ = w.progress(b, id) {
		_ = w.Jobs().FanOut(b.Context(), id, 1) // an error says that the run is over, and the next goes on
	}
	s := sample{rate: float64(recipients()) / time.Since(began).Seconds()}
	var queued int
	require.NoError(b, w.pool.QueryRow(b.Context(),
		"select count(*) from river_job where queue = $1", jobs.QueueBulk).Scan(&queued))
	require.Equal(b, recipients(), queued)
	w.forget(b)
	return s
}

// workOn starts workers, with connections and a Messenger of their own as in a process of their own, and returns what
// stops them.
func (w *world) workOn(b *testing.B) (stop func()) {
	b.Helper()
	pool := w.connect(b, nil)
	workers := river.NewWorkers()
	m := w.messenger(b, pool)
	jobs.AddWorkers(workers, m.Jobs())
	client, err := river.NewClient(riverpgxv5.New(pool),
		jobs.Configure(&river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler)}, m.Jobs()))
	require.NoError(b, err)
	require.NoError(b, client.Start(b.Context()))
	return func() {
		end, cancel := context.WithTimeout(b.Context(), 30*time.Second)
		defer cancel()
		require.NoError(b, client.StopAndCancel(end))
		pool.Close()
	}
}

// whileBroadcasting measures with workers on a broadcast that runs from before the turn until after it, and beside that
// the same with workers that have no other work.
func (w *world) whileBroadcasting(b *testing.B, measure func() sample) figure {
	b.Helper()
	var made, sent, seconds float64
	f := w.beside(b, "no broadcast", func() sample {
		id := w.broadcast(b)
		defer w.forget(b)
		stop := w.workOn(b)
		defer stop()
		require.Eventually(b, func() bool {
			_, sent := w.progress(b, id)
			return sent > 0
		}, time.Minute, 10*time.Millisecond)
		began := time.Now()
		madeBefore, sentBefore := w.progress(b, id)
		s := measure()
		madeAfter, sentAfter := w.progress(b, id)
		require.Less(b, sentAfter, recipients(), "the broadcast was over before the turn: BROADCAST is too small")
		made += float64(madeAfter - madeBefore)
		sent += float64(sentAfter - sentBefore)
		seconds += time.Since(began).Seconds()
		b.Logf("of %d: made %d to %d, sent %d to %d", recipients(), madeBefore, madeAfter, sentBefore, sentAfter)
		return s
	}, func() sample {
		defer w.workOn(b)()
		return measure()
	})
	f.Note = fmt.Sprintf("meanwhile the broadcast made %.0f and sent %.0f messages a second", made/seconds, sent/seconds)
	return f
}

// benchSendWhileBroadcasting is eight senders.
func (w *world) benchSendWhileBroadcasting(b *testing.B) figure {
	b.Helper()
	owners, writers := w.owners(), newWriters(eight)
	return w.whileBroadcasting(b, func() sample {
		return hammer(b, eight, func(i int) error {
			_, _, err := w.send(b.Context(), w.Messenger, owners, writers[i])
			return err
		})
	})
}

// benchLatencyWhileBroadcasting is the time from a send's commit to the provider's call, at 200 sends a second.
func (w *world) benchLatencyWhileBroadcasting(b *testing.B) figure {
	b.Helper()
	owners, writers := w.owners(), make(chan writer, 64)
	for _, by := range newWriters(cap(writers)) {
		writers <- by
	}
	var now atomic.Pointer[clock]
	w.carrier.heard = func(message adapters.Outgoing) {
		if c := now.Load(); c != nil && message.Subject != reminder {
			c.mark(message.MessageID, true)
		}
	}
	f := w.whileBroadcasting(b, func() sample {
		c := &clock{begun: map[uuid.UUID]time.Time{}}
		now.Store(c)
		return at200(b, c, func() (uuid.UUID, error) {
			by := <-writers
			defer func() { writers <- by }()
			message, _, err := w.send(b.Context(), w.Messenger, owners, by)
			return message.ID, err
		})
	})
	w.carrier.heard = nil
	f.Ratio = f.P99 / f.BareP99
	b.ReportMetric(f.Ratio, "ratio")
	return f
}
