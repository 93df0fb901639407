package devpgtest

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg"
)

// Server is a PostgreSQL of a test's own, which dies when the test wants it to.
type Server struct {
	tb     testing.TB
	config devpg.Config

	mu     sync.Mutex
	server *devpg.Server
}

// Own starts a server for this test alone, in a folder of the test's or in dir where that is given. It ends with the
// test.
func Own(tb testing.TB, dir string, settings ...string) *Server {
	tb.Helper()
	if dir == "" {
		dir = filepath.Join(tb.TempDir(), "pg")
		require.NoError(tb, os.Chmod(filepath.Dir(filepath.Dir(dir)), 0o755))
	}
	s := &Server{tb: tb, config: devpg.Config{Dir: dir, Disposable: true, Settings: settings}}
	s.Start()
	tb.Cleanup(s.Stop)
	return s
}

// Start starts it with the data that it has; where it runs, it does nothing. Its port is another one each time.
func (s *Server) Start() {
	s.tb.Helper()
	server, err := devpg.Start(context.WithoutCancel(s.tb.Context()), s.config)
	require.NoError(s.tb, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		s.server.Release()
	}
	s.server = server
}

// Stop shuts it down as an operator does: what was committed is on disk, connections are closed.
func (s *Server) Stop() {
	s.tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	require.NoError(s.tb, s.server.Stop())
}

// Kill ends it and all its backends at once, and returns once it is gone.
func (s *Server) Kill() {
	s.tb.Helper()
	killServer(s.tb, filepath.Join(s.config.Dir, "data"))
}

// killServer is Kill of the server whose data are in a folder.
func killServer(tb testing.TB, data string) {
	tb.Helper()
	pid := postmaster(tb, data)
	parent := strconv.Itoa(pid)
	processes, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(tb, err)
	_ = syscall.Kill(pid, syscall.SIGKILL)
	for _, stat := range processes {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) > 1 && fields[1] == parent {
			if child, err := strconv.Atoi(filepath.Base(filepath.Dir(stat))); err == nil {
				_ = syscall.Kill(child, syscall.SIGKILL)
			}
		}
	}
	require.Eventually(tb, func() bool { return syscall.Kill(pid, 0) != nil }, time.Minute, 10*time.Millisecond)
}

// postmaster is the process of the server whose data are in a folder.
func postmaster(tb testing.TB, data string) int {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	require.NoError(tb, err)
	pid, err := strconv.Atoi(strings.Fields(string(text))[0])
	require.NoError(tb, err)
	return pid
}

// URL is its address, password included.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.server.URL()
}

// Address is the host and the port of its address.
func (s *Server) Address() string { return AddressOf(s.tb, s.URL()) }

// Dir is the folder that it is in.
func (s *Server) Dir() string { return s.config.Dir }

// AddressOf is the host and the port of a database's address.
func AddressOf(tb testing.TB, address string) string {
	tb.Helper()
	config, err := pgx.ParseConfig(address)
	require.NoError(tb, err)
	return config.Host + ":" + strconv.Itoa(int(config.Port))
}

// FreePort is a port of 127.0.0.1 that nobody has yet, for a server that can't choose one itself.
func FreePort(tb testing.TB) int {
	tb.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0") //nolint:noctx // at once
	require.NoError(tb, err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}
