package devpgtest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Pair is a primary and its synchronous standby: what was committed is on both.
type Pair struct {
	Primary *Server

	tb      testing.TB
	bin     string
	dir     string // the standby's
	address *url.URL
}

// StartPair starts both. They end with the test.
func StartPair(tb testing.TB) *Pair {
	tb.Helper()
	p := &Pair{tb: tb, Primary: Own(tb, "")}
	p.dir = filepath.Join(filepath.Dir(p.Primary.config.Dir), "standby")
	admin, err := pgx.Connect(tb.Context(), p.Primary.URL())
	require.NoError(tb, err)
	defer func() { _ = admin.Close(context.Background()) }()
	require.NoError(tb, admin.QueryRow(tb.Context(), "select setting from pg_config where name = 'BINDIR'").Scan(&p.bin))
	p.follow()
	follows := func(where string) func() bool {
		return func() bool {
			var streams int
			query := "select count(*) from pg_stat_replication where " + where
			require.NoError(tb, admin.QueryRow(tb.Context(), query).Scan(&streams))
			return streams == 1
		}
	}
	require.Eventually(tb, follows("state = 'streaming'"), time.Minute, 20*time.Millisecond, "the standby follows")
	for _, statement := range []string{"alter system set synchronous_standby_names = '*'", "select pg_reload_conf()"} {
		_, err := admin.Exec(tb.Context(), statement)
		require.NoError(tb, err)
	}
	require.Eventually(tb, follows("sync_state = 'sync'"), time.Minute, 20*time.Millisecond, "the standby is synchronous")
	return p
}

// follow copies the primary and starts the copy as its standby.
func (p *Pair) follow() {
	p.tb.Helper()
	primary, err := url.Parse(p.Primary.URL())
	require.NoError(p.tb, err)
	password, _ := primary.User.Password()
	owner, err := os.Stat(filepath.Join(p.Primary.config.Dir, "data"))
	require.NoError(p.tb, err)
	user := &syscall.SysProcAttr{Setsid: true}
	if os.Geteuid() == 0 {
		stat := owner.Sys().(*syscall.Stat_t)
		user.Credential = &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}
		require.NoError(p.tb, os.Mkdir(p.dir, 0o700))
		require.NoError(p.tb, os.Chown(p.dir, int(stat.Uid), int(stat.Gid)))
	}
	backup := exec.CommandContext(p.tb.Context(), filepath.Join(p.bin, "pg_basebackup"), "-D", p.dir, "-R", "-X", "stream",
		"--checkpoint=fast", "-h", primary.Hostname(), "-p", primary.Port(), "-U", primary.User.Username())
	backup.Env, backup.SysProcAttr, backup.Dir = append(os.Environ(), "PGPASSWORD="+password), user, "/"
	said, err := backup.CombinedOutput()
	require.NoError(p.tb, err, "%s", said)

	port := FreePort(p.tb)
	log, err := os.Create(filepath.Join(p.tb.TempDir(), "standby.log"))
	require.NoError(p.tb, err)
	server := exec.CommandContext(context.Background(), filepath.Join(p.bin, "postgres"), "-D", p.dir,
		"-c", "port="+strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "hot_standby=on")
	server.SysProcAttr, server.Dir, server.Stdout, server.Stderr = user, "/", log, log
	require.NoError(p.tb, server.Start())
	p.tb.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT)
		_ = server.Wait()
		_ = log.Close()
	})
	standby := *primary
	standby.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	p.address = &standby
}

// StandbyURL is the standby's address, password included.
func (p *Pair) StandbyURL() string { return p.address.String() }

// StandbyAddress is the host and the port of that.
func (p *Pair) StandbyAddress() string { return p.address.Host }

// BothURL names both, the primary by the port of a proxy on 127.0.0.1 and first: whoever connects gets the one that
// can be written to.
func (p *Pair) BothURL(primary uint16) string {
	both := *p.address
	both.Host = fmt.Sprintf("127.0.0.1:%d,%s", primary, p.address.Host)
	both.RawQuery += "&target_session_attrs=read-write"
	return both.String()
}

// Promote makes the standby the primary, as an operator or Patroni does, and returns once it takes writes.
func (p *Pair) Promote() {
	p.tb.Helper()
	standby, err := pgx.Connect(p.tb.Context(), p.StandbyURL())
	require.NoError(p.tb, err)
	defer func() { _ = standby.Close(context.Background()) }()
	var done bool
	require.NoError(p.tb, standby.QueryRow(p.tb.Context(), "select pg_promote()").Scan(&done))
	require.True(p.tb, done)
}
