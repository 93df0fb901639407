package bench

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
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
	jobs.AddWorkers(workers, m)
	client, err := river.NewClient(riverpgxv5.New(m.Pool), jobs.Configure(&river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler)}))
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
	queue := jobs.Configure(&river.Config{}).Queues[jobs.QueueDeliver]
	return float64(queue.MaxWorkers) / queue.FetchCooldown.Seconds()
}

// benchThroughRiver delivers and files what waits, by River's workers, one process. Its percentiles are of the time from the provider's call
// for a message to the record's.
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
			and delivery_status = 'sent' and record_status = 'saved'`, waitingID(first), waitingID(first+int64(messages)-1)).Scan(&filed))
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

// recipients is how many a broadcast goes to: BROADCAST, or 100,000.
func recipients() int {
	if n, err := strconv.Atoi(os.Getenv("BROADCAST")); err == nil {
		return n
	}
	return 100_000
}

// broadcaster has no channels before a broadcast, and none after it was taken away.
const broadcaster adapters.StaffID = "broadcaster"

// everybody is a saved list of that many clients.
type everybody int

func (n everybody) All(context.Context, adapters.OrganisationID) ([]adapters.List, error) {
	return []adapters.List{{ID: "everybody", Name: "Everybody", Size: int(n)}}, nil
}

func (n everybody) Members(context.Context, adapters.OrganisationID, adapters.ListID) ([]adapters.ClientID, error) {
	list := make([]adapters.ClientID, n)
	for i := range list {
		list[i] = clientID(i)
	}
	return list, nil
}

// benchBroadcast sends a broadcast by SMTP, from its acceptance to its last message's status, by one worker process whose live updates run too,
// beside go-mail alone on one connection to the same sink. Its percentiles are of no message: they are the limit's only.
func (w *world) benchBroadcast(b *testing.B, filing bool) figure {
	b.Helper()
	s := startSink(b)
	n := recipients()
	m := w.messengerWith(b, w.pool, func(c *messenger.Config) {
		c.Email, c.Lists = s.sender(b), everybody(n)
		if !filing {
			c.Record = nil
		}
	})
	return w.beside(b, "go-mail alone, one connection", func() sample {
		stop := w.worker(b, m)
		ctx := as(b.Context(), broadcaster)
		before, connections := s.seen(b)
		began := time.Now()
		broadcast, err := m.SendBroadcast(ctx, messenger.BroadcastParams{
			Medium: adapters.Email, Subject: "Hello", Body: body(newWriters(1)[0].zipf, nil), Lists: []adapters.ListID{"everybody"}, Then: messenger.Done,
		})
		require.NoError(b, err)
		require.Eventually(b, func() bool { return w.gone(b, broadcast.ID, n, filing) }, 10*time.Minute, 20*time.Millisecond)
		took := time.Since(began)
		stop()
		taken, all := s.seen(b)
		require.Equal(b, n, taken-before)
		b.ReportMetric(float64(all-connections-1), "connections") // without the one that asked
		w.forget(b, broadcast.ID)
		return sample{rate: float64(n) / took.Seconds()}
	}, func() sample { return s.alone(b) })
}

// gone says whether all of a broadcast has gone out, and was filed.
func (w *world) gone(b *testing.B, broadcast uuid.UUID, n int, filing bool) bool {
	b.Helper()
	var sent int
	require.NoError(b, w.pool.QueryRow(b.Context(), "select coalesce(sum(sent), 0) from messenger_broadcast_counts where broadcast_id = $1", broadcast).Scan(&sent))
	if sent < n || !filing {
		return sent == n
	}
	var waiting bool
	require.NoError(b, w.pool.QueryRow(b.Context(), `select exists (select from messenger_messages
		where broadcast_id = $1 and record_status = 'pending')`, broadcast).Scan(&waiting))
	return !waiting
}

// forget takes a broadcast away, and all that came of it.
func (w *world) forget(b *testing.B, broadcast uuid.UUID) {
	b.Helper()
	require.NoError(b, pgx.BeginFunc(b.Context(), w.pool, func(tx pgx.Tx) error {
		for _, sql := range []string{
			"set local session_replication_role = replica", // foreign keys are looked up in no index
			"alter table messenger_history disable trigger messenger_history_no_change",
			fmt.Sprintf("delete from messenger_history h using messenger_messages m where m.broadcast_id = '%s' and h.channel_id = m.channel_id", broadcast),
			fmt.Sprintf("delete from messenger_channels c using messenger_messages m where m.broadcast_id = '%s' and c.id = m.channel_id", broadcast),
			fmt.Sprintf("delete from messenger_messages where broadcast_id = '%s'", broadcast),
			fmt.Sprintf("delete from messenger_broadcast_recipients where broadcast_id = '%s'", broadcast),
			fmt.Sprintf("delete from messenger_broadcast_counts where broadcast_id = '%s'", broadcast),
			fmt.Sprintf("delete from messenger_broadcasts where id = '%s'", broadcast),
			fmt.Sprintf("delete from messenger_inboxes where staff_id = '%s'", broadcaster),
			"alter table messenger_history enable always trigger messenger_history_no_change",
		} {
			if _, err := tx.Exec(b.Context(), sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	}))
	w.exec(b, "vacuum analyze messenger_messages, messenger_channels, messenger_history, messenger_broadcast_recipients") //nolint:misspell // SQL
}
