package messenger_test

import (
	"context"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/proxytest"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// screenWithin is how long after a fault a reply is on an open page at the latest.
const screenWithin = 15 * time.Second

// requireOnScreen reads a stream until the page knows of a reply that came at a fault: by the reply, or by being told to fetch again.
func requireOnScreen(t *testing.T, events <-chan messenger.LiveEvent, began time.Time) {
	t.Helper()
	limit := time.NewTimer(screenWithin - time.Since(began))
	defer limit.Stop()
	for {
		select {
		case event, open := <-events:
			require.True(t, open)
			if event.Kind == "message" || event.Kind == "reset" {
				return
			}
		case <-limit.C:
			require.Fail(t, "nothing is told")
		}
	}
}

// listenerOf is the backend that a Messenger's live updates come by. The pool is of a database in which no other Messenger runs.
func listenerOf(t *testing.T, pool *pgxpool.Pool) int {
	t.Helper()
	return count(t, pool, `select pid from pg_stat_activity where datname = current_database() and query like 'listen "messenger_%'
		and pid <> pg_backend_pid() order by backend_start desc limit 1`)
}

// through is the pool's database, reached by a proxy.
func through(t *testing.T, pool *pgxpool.Pool) (*proxytest.Proxy, *pgxpool.Pool) {
	t.Helper()
	config := pool.Config()
	proxy := proxytest.Start(t, net.JoinHostPort(config.ConnConfig.Host, strconv.Itoa(int(config.ConnConfig.Port))))
	config.ConnConfig.Host, config.ConnConfig.Port, config.ConnConfig.Fallbacks = "127.0.0.1", proxy.Port(), nil
	far, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() {
		proxy.Cut() // what a stalled connection waits for never comes
		far.Close()
	})
	return proxy, far
}

// The connection that live updates come by carries nothing any more and is never closed.
func TestTheListenersConnectionIsForgotten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	proxy, far := through(t, b.pool)
	page := b.with(t, func(c *messenger.Config) { c.Direct = far })
	page.live(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	events := subscribe(t, page, "amira", "", "")

	began := time.Now()
	require.Equal(t, 1, proxy.Stall(), "it listens by a connection of its own")
	b.reply(t, sent.Channel, "I can't breathe")
	requireOnScreen(t, events, began)
	for {
		receipt := page.reply(t, sent.Channel, "And again")
		if message := until(t, events, "message").Message; message.ID == receipt.ID {
			break // by the new connection
		}
	}
}

// All connections of a page's process carry nothing any more, those of its pool too, and are never closed.
func TestEveryConnectionIsForgotten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	proxy, far := through(t, b.pool)
	page := b.with(t, func(c *messenger.Config) { c.Pool, c.Direct = far, far })
	page.live(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	events := subscribe(t, page, "amira", "", "")

	began := time.Now()
	require.Greater(t, proxy.Stall(), 1)
	b.live(t) // who writes the reply is another process, and well
	b.reply(t, sent.Channel, "I can't breathe")
	requireOnScreen(t, events, began)
}

// The backend of the listening connection is stopped, as by a machine that hangs.
func TestTheListenersBackendIsStopped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, config := ownServer(t)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	migrationtest.Up(t, pool)
	page := b.with(t, func(c *messenger.Config) { c.Pool, c.Direct = pool, pool })
	page.pool = pool
	page.live(t)
	sent := page.send(t, "amira", email("grace", "Hello"))
	events := subscribe(t, page, "amira", "", "")

	pid := listenerOf(t, pool)
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
	began := time.Now()
	page.reply(t, sent.Channel, "I can't breathe")
	requireOnScreen(t, events, began)
	eventually(t, func() bool { return listenerOf(t, pool) != pid }, "a new connection, while the old one still stands")
}

// A database that does not answer yet when Run begins is waited for; one that lets the role in never is an error.
func TestRunWaitsForADatabaseInTrouble(t *testing.T) {
	t.Parallel()
	b := setup(t)
	proxy, far := through(t, b.pool)
	target := proxy.Target()
	proxy.MoveTo("127.0.0.1:1")
	proxy.Cut()
	var log lockedLog
	m := b.with(t, func(c *messenger.Config) { c.Pool, c.Logger = far, slog.New(slog.NewTextHandler(&log, nil)) })
	ended := make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { ended <- m.Run(ctx) }()
	eventually(t, func() bool { return strings.Contains(log.String(), "begin live updates") }, "it says what it waits for")
	proxy.MoveTo(target)
	eventually(t, func() bool { return healthCheck(t, m, "listener").OK }, "and goes on by itself")
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)

	config := b.pool.Config()
	config.ConnConfig.Database = "no_such_database"
	nowhere, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer nowhere.Close()
	require.ErrorContains(t, b.with(t, func(c *messenger.Config) { c.Pool = nowhere }).Run(t.Context()), "3D000")
}
