package bench

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// worker starts what a host's worker process runs, and returns how to stop it.
func (w *world) worker(b *testing.B, m *messenger.Messenger) (stop func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.Context()))
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, m.Jobs())
	client, err := river.NewClient(riverpgxv5.New(w.pool),
		jobs.Configure(&river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler)}, m.Jobs()))
	require.NoError(b, err)
	require.NoError(b, client.Start(ctx))
	var live sync.WaitGroup
	live.Go(func() { _ = m.Run(ctx) })
	return func() {
		end, cancelEnd := context.WithTimeout(ctx, time.Minute)
		defer cancelEnd()
		require.NoError(b, client.Stop(end))
		cancel()
		live.Wait()
	}
}

// queueRate is what the queue of single messages lets through: performance.md, section 2.
func queueRate() float64 {
	queue := jobs.Configure(&river.Config{}, nil).Queues[jobs.QueueDeliver]
	return float64(queue.MaxWorkers) / queue.FetchCooldown.Seconds()
}

// benchThroughRiver delivers and files what waits, by River's workers, one process. Its percentiles are of the time
// from the provider's call for a message to the record's.
func (w *world) benchThroughRiver(b *testing.B) figure {
	b.Helper()
	delivery := w.deliveries(b)
	carried := &sync.Map{}
	times := make(chan time.Duration, perTurn)
	m := w.messengerWith(b, w.pool, func(c *messenger.Config) {
		c.Email = &carrier{heard: func(message adapters.Outgoing) { carried.Store(message.MessageID, time.Now()) }}
		c.Record = heardRecord{func(entry adapters.Entry) {
			at, ok := carried.LoadAndDelete(entry.Key)
			if ok {
				times <- time.Since(at.(time.Time))
			}
		}}
	})
	inserter, err := jobs.NewInserter("", slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	messages := min(perTurn, int(runTime().Seconds()*queueRate()))
	return w.beside(b, "MaxWorkers / FetchCooldown, or half its own SQL", func() sample {
		first := delivery.queue()
		list := make([]jobs.Args, messages)
		for i := range list {
			list[i] = jobs.Deliver{Message: waitingID(first + int64(i))}
		}
		require.NoError(b, pgx.BeginFunc(b.Context(), w.pool, func(tx pgx.Tx) error {
			for _, args := range list {
				if err := inserter.Insert(b.Context(), tx, args, time.Time{}); err != nil {
					return err
				}
			}
			return nil
		}))
		w.exec(b, "checkpoint")
		began := time.Now()
		stop := w.worker(b, m)
		waits := make([]time.Duration, messages)
		for i := range waits {
			select {
			case waits[i] = <-times:
			case <-time.After(time.Minute):
				b.Fatalf("%d of %d were filed", i, messages)
			}
		}
		s := sample{rate: float64(messages) / time.Since(began).Seconds()}
		stop()
		var filed int
		require.NoError(b, w.pool.QueryRow(b.Context(), `select count(*) from messenger_messages where id between $1 and $2
			and delivery_status = 'sent' and record_status = 'saved'`,
			waitingID(first), waitingID(first+int64(messages)-1)).Scan(&filed))
		require.Equal(b, messages, filed)
		s.p50, s.p99 = percentiles(waits)
		return s
	}, func() sample {
		s := delivery.bare()
		s.rate = min(queueRate(), s.rate/2)
		return s
	})
}

// heardRecord is the record that does nothing, and tells of each entry.
type heardRecord struct{ heard func(adapters.Entry) }

func (r heardRecord) Write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	r.heard(entry)
	return record{}.Write(ctx, entry)
}

func (heardRecord) Amend(_ context.Context, filed adapters.Filed, _ adapters.Entry) (adapters.Filed, error) {
	return filed, nil
}

// benchBroadcast sends a broadcast by SMTP, from its acceptance to its last message's status, by one worker process
// whose live updates run too, beside go-mail alone on one connection to the same sink. Its percentiles are the limit's
// alone: no caller waits for a message of it.
func (w *world) benchBroadcast(b *testing.B, filing bool) figure {
	b.Helper()
	s := startSink(b)
	m := w.messengerWith(b, w.pool, func(c *messenger.Config) {
		c.Email = s.sender(b)
		if !filing {
			c.Record = nil
		}
	})
	fanOut, connections := 0.0, 0
	f := w.beside(b, "go-mail alone, one connection", func() sample {
		stop := w.worker(b, m)
		taken, before := s.seen(b)
		began := time.Now()
		id := w.broadcast(b)
		require.Eventually(b, func() bool {
			made, sent := w.progress(b, id)
			if made < recipients() {
				fanOut = time.Since(began).Seconds()
			}
			return sent == recipients() && (!filing || w.filed(b, id))
		}, 30*time.Minute, 20*time.Millisecond)
		took := time.Since(began)
		stop()
		after, all := s.seen(b)
		require.Equal(b, recipients(), after-taken)
		connections = all - before
		w.forget(b)
		return sample{rate: float64(recipients()) / took.Seconds()}
	}, func() sample { return s.alone(b) })
	f.Note = fmt.Sprintf("%d messages over %d connections, the last of them made after %.1f s", recipients(), connections,
		fanOut)
	return f
}

// filed says whether all of a broadcast's messages are in the record.
func (w *world) filed(b *testing.B, id uuid.UUID) (all bool) {
	b.Helper()
	require.NoError(b, w.pool.QueryRow(b.Context(), `select not exists (select from messenger_messages
		where broadcast_id = $1 and record_status = 'pending')`, id).Scan(&all))
	return all
}
