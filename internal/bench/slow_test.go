package bench

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/slowtest"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// slowCarrier takes messages as a slow side does.
type slowCarrier struct {
	side  *slowtest.Side
	taken *atomic.Int64
}

func (c slowCarrier) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	if err := c.side.Call(ctx); err != nil {
		return adapters.Receipt{}, err
	}
	c.taken.Add(1)
	return adapters.Receipt{Reference: message.Reference, Via: "bench"}, nil
}

// benchSlow is the rate at which a backlog goes out by a provider that answers so many at once, each after a while,
// beside what that pace allows.
func (w *world) benchSlow(b *testing.B, atOnce int, takes time.Duration, backlog int) figure {
	b.Helper()
	carrier := slowCarrier{slowtest.New(atOnce, takes), &atomic.Int64{}}
	m := w.messengerWith(b, w.pool, func(c *messenger.Config) { c.Email = carrier })
	w.exec(b, "truncate river_job")
	owners, by := w.owners(), newWriters(1)[0]
	for range backlog {
		_, _, err := w.send(b.Context(), m, owners, by)
		require.NoError(b, err)
	}
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, m.Jobs())
	client, err := river.NewClient(riverpgxv5.New(w.pool),
		jobs.Configure(&river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler)}, m.Jobs()))
	require.NoError(b, err)
	began := time.Now()
	require.NoError(b, client.Start(context.WithoutCancel(b.Context())))
	require.Eventually(b, func() bool { return carrier.taken.Load() == int64(backlog) }, time.Hour, 10*time.Millisecond)
	took := time.Since(began)
	end, cancel := context.WithTimeout(context.WithoutCancel(b.Context()), time.Minute)
	defer cancel()
	require.NoError(b, client.Stop(end))
	_, givenUp := carrier.side.Calls()
	require.Zero(b, givenUp)
	f := figure{
		Limit: fmt.Sprintf("%d at once, each %v", atOnce, takes),
		Rate:  float64(backlog) / took.Seconds(), Bare: float64(atOnce) / takes.Seconds(),
	}
	f.Ratio = f.Rate / f.Bare
	f.Note = fmt.Sprintf("a backlog of %d", backlog)
	b.ReportMetric(f.Ratio, "ratio")
	return f
}
