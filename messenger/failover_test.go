package messenger_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg/devpgtest"
	"github.com/cmsmessenger/cmsmessenger/internal/proxytest"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// The primary dies under load and its synchronous standby is promoted, as an operator or Patroni does it: what was accepted is all
// there and goes out once, and everything goes on by itself.
func TestAFailover(t *testing.T) {
	t.Parallel()
	for name, die := range map[string]func(c *devpgtest.Pair, way *proxytest.Proxy){
		"the server is killed":        func(c *devpgtest.Pair, _ *proxytest.Proxy) { c.Primary.Kill() },
		"the machine loses its power": func(_ *devpgtest.Pair, way *proxytest.Proxy) { way.Silence() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := devpgtest.StartPair(t)
			own, err := pgxpool.New(t.Context(), c.Primary.URL())
			require.NoError(t, err)
			migrationtest.Up(t, own)
			own.Close()
			way := proxytest.Start(t, c.Primary.Address())
			config, err := pgxpool.ParseConfig(c.BothURL(way.Port()))
			require.NoError(t, err)
			config.MaxConns = 16
			pool, err := pgxpool.NewWithConfig(t.Context(), messenger.ConfigurePool(config))
			require.NoError(t, err)
			t.Cleanup(pool.Close)
			b := setup(t, func(c *messenger.Config) { c.Pool, c.Logger = pool, slog.New(slog.DiscardHandler) })
			b.pool = pool
			b.work(t)
			clients := b.crowd(50)
			var accepted acceptedIDs
			load, stop := context.WithCancel(t.Context())
			defer stop()
			var calls sync.WaitGroup
			for worker := range 4 {
				calls.Go(func() {
					for n := 0; load.Err() == nil; n++ {
						p := email(clients[(worker*13+n)%50], fmt.Sprintf("Message %d of %d", n, worker))
						p.Key = fmt.Sprintf("%d-%d", worker, n)
						began := time.Now()
						sent, err := b.Send(as(t, "amira"), p)
						accepted.add(sent.Message.ID, err, time.Since(began))
						pausedFor(load, 20*time.Millisecond)
					}
				})
			}
			eventually(t, func() bool { return accepted.count() > 50 }, "the load is on")
			die(c, way)
			before := accepted.count()
			c.Promote()
			promoted := time.Now()
			eventually(t, func() bool { return accepted.count() > before+40 }, "sends go on")
			t.Logf("40 sends were accepted %s after the promotion, the longest call took %s", time.Since(promoted), accepted.longest())
			stop()
			calls.Wait()
			ids := accepted.list()
			require.Less(t, accepted.longest(), 20*time.Second)
			standby, err := pgxpool.New(t.Context(), c.StandbyURL())
			require.NoError(t, err)
			t.Cleanup(standby.Close)
			eventually(t, func() bool {
				return count(t, standby, `select count(*) from messenger_messages
					where id = any($1) and delivery_status = 'sent'`, ids) == len(ids)
			}, "all that was accepted is there and has gone out")
			carried := map[uuid.UUID]int{}
			for _, message := range b.email.Outbox() {
				carried[message.MessageID]++
			}
			for _, id := range ids {
				require.Equal(t, 1, carried[id], "once, and no more")
			}
			eventually(t, func() bool { return b.Health(t.Context()).OK }, "all is well")
		})
	}
}

// acceptedIDs are the messages that were accepted.
type acceptedIDs struct {
	mu   sync.Mutex
	ids  []uuid.UUID
	took time.Duration
}

func (a *acceptedIDs) add(id uuid.UUID, err error, took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.took = max(a.took, took)
	if err == nil {
		a.ids = append(a.ids, id)
	}
}

func (a *acceptedIDs) count() int { return len(a.list()) }

func (a *acceptedIDs) list() []uuid.UUID {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]uuid.UUID(nil), a.ids...)
}

func (a *acceptedIDs) longest() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.took
}

func pausedFor(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
