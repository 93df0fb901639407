package messenger_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/proxytest"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// The primary dies under load and its synchronous standby is promoted, as an operator or Patroni does it: what was accepted is all
// there and goes out once, and everything goes on by itself.
func TestAFailover(t *testing.T) {
	t.Parallel()
	for name, die := range map[string]func(c *pair){
		"the server is killed":        func(c *pair) { c.kill() },
		"the machine loses its power": func(c *pair) { c.way.Silence() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newPair(t)
			config, err := pgxpool.ParseConfig(c.url(t))
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
			die(c)
			before := accepted.count()
			c.promote(t)
			promoted := time.Now()
			eventually(t, func() bool { return accepted.count() > before+40 }, "sends go on")
			t.Logf("40 sends were accepted %s after the promotion, the longest call took %s", time.Since(promoted), accepted.longest())
			stop()
			calls.Wait()
			ids := accepted.list()
			require.Less(t, accepted.longest(), 60*time.Second)
			eventually(t, func() bool {
				return count(t, c.standbyPool(t), "select count(*) from messenger_messages where id = any($1) and delivery_status = 'sent'", ids) == len(ids)
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

// pair is a primary, which is reached through a proxy, and its synchronous standby.
type pair struct {
	primary *pgxpool.Config
	way     *proxytest.Proxy
	pid     int // the primary's postmaster
	bin     string
	dir     string // the standby's
	port    int
	pool    *pgxpool.Pool
}

func newPair(t *testing.T) *pair {
	t.Helper()
	dir, config := ownServer(t)
	c := &pair{primary: config, dir: filepath.Join(filepath.Dir(dir), "standby")}
	admin, err := pgx.ConnectConfig(t.Context(), config.ConnConfig)
	require.NoError(t, err)
	defer func() { _ = admin.Close(context.Background()) }()
	require.NoError(t, admin.QueryRow(t.Context(), "select setting from pg_config where name = 'BINDIR'").Scan(&c.bin))
	own, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	migrationtest.Up(t, own)
	own.Close()
	pid, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	c.pid, err = strconv.Atoi(strings.Fields(string(pid))[0])
	require.NoError(t, err)
	c.way = proxytest.Start(t, net.JoinHostPort(config.ConnConfig.Host, strconv.Itoa(int(config.ConnConfig.Port))))

	owner, err := os.Stat(filepath.Join(dir, "data"))
	require.NoError(t, err)
	user := &syscall.SysProcAttr{Setsid: true}
	if os.Geteuid() == 0 {
		stat := owner.Sys().(*syscall.Stat_t)
		user.Credential = &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}
		require.NoError(t, os.Mkdir(c.dir, 0o700))
		require.NoError(t, os.Chown(c.dir, int(stat.Uid), int(stat.Gid)))
	}
	backup := osexec.CommandContext(t.Context(), filepath.Join(c.bin, "pg_basebackup"), "-D", c.dir, "-R", "-X", "stream", "--checkpoint=fast",
		"-h", config.ConnConfig.Host, "-p", strconv.Itoa(int(config.ConnConfig.Port)), "-U", config.ConnConfig.User)
	backup.Env, backup.SysProcAttr, backup.Dir = append(os.Environ(), "PGPASSWORD="+config.ConnConfig.Password), user, "/"
	said, err := backup.CombinedOutput()
	require.NoError(t, err, "%s", said)

	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	c.port = listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, listener.Close())
	log, err := os.Create(filepath.Join(t.TempDir(), "standby.log"))
	require.NoError(t, err)
	server := osexec.CommandContext(context.Background(), filepath.Join(c.bin, "postgres"), "-D", c.dir, "-c", "port="+strconv.Itoa(c.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "hot_standby=on")
	server.SysProcAttr, server.Dir, server.Stdout, server.Stderr = user, "/", log, log
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT)
		_ = server.Wait()
		_ = log.Close()
	})
	eventually(t, func() bool {
		var streams int
		err := admin.QueryRow(t.Context(), "select count(*) from pg_stat_replication where state = 'streaming'").Scan(&streams)
		require.NoError(t, err)
		return streams == 1
	}, "the standby follows")
	for _, statement := range []string{"alter system set synchronous_standby_names = '*'", "select pg_reload_conf()"} {
		_, err := admin.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	eventually(t, func() bool {
		var streams int
		err := admin.QueryRow(t.Context(), "select count(*) from pg_stat_replication where sync_state = 'sync'").Scan(&streams)
		require.NoError(t, err)
		return streams == 1
	}, "the standby is synchronous")
	return c
}

// url names both servers, the primary first.
func (c *pair) url(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d,127.0.0.1:%d/%s?sslmode=disable&target_session_attrs=read-write",
		c.primary.ConnConfig.User, c.primary.ConnConfig.Password, c.way.Port(), c.port, c.primary.ConnConfig.Database)
}

// kill ends the primary and all its backends at once.
func (c *pair) kill() {
	children, _ := filepath.Glob("/proc/[0-9]*/stat")
	_ = syscall.Kill(c.pid, syscall.SIGKILL)
	for _, stat := range children {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(c.pid) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat))); err == nil {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
}

func (c *pair) standbyPool(t *testing.T) *pgxpool.Pool {
	t.Helper()
	if c.pool == nil {
		config := c.primary.Copy()
		config.ConnConfig.Host, config.ConnConfig.Port, config.ConnConfig.Fallbacks = "127.0.0.1", uint16(c.port), nil
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		require.NoError(t, err)
		t.Cleanup(pool.Close)
		c.pool = pool
	}
	return c.pool
}

func (c *pair) promote(t *testing.T) {
	t.Helper()
	var done bool
	require.NoError(t, c.standbyPool(t).QueryRow(t.Context(), "select pg_promote()").Scan(&done))
	require.True(t, done)
}
