// Package devpg starts a private PostgreSQL from the binaries already on the machine, for the demonstration host and
// for the tests. It is no way to run a production database.
//
// A folder holds one server and all that belongs to it: the cluster, a random password and a log. The server listens
// on 127.0.0.1 alone and asks for the password (SCRAM). It is a process of its own: it outlives a host that is killed,
// and the next [Start] on the folder goes on with it, or starts it again with its data when it died as well.
//
// Several processes may use one folder at once: the first starts the server, the others join it, and the last to call
// [Server.Stop] stops it. A process that dies gives up its share at once, since the kernel holds the lock.
//
// The server is in a session of its own: Ctrl+C in a terminal reaches the host and not the server, so the host can end
// its work and then call [Server.Stop]. SIGTERM to 'go run' ends that alone and leaves the host running, database and
// all: signal the host itself, or start it again and it joins the server.
//
// PostgreSQL refuses to run as root. Started by root it runs as the user postgres, or nobody where that is missing, so
// the folders above its own must let that user through; [Folder] names one that does. Unix only.
package devpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// ErrNoBinaries says that no PostgreSQL is installed, or none of the version that made the folder. Its text names the
// line that installs one.
var ErrNoBinaries = errors.New("devpg: no PostgreSQL 14 or later on this machine; " +
	"install it with 'sudo apt-get install postgresql', 'sudo dnf install postgresql-server' or 'brew install postgresql'")

const (
	startTimeout = 60 * time.Second // crash recovery of a small database is a matter of seconds
	stopTimeout  = 30 * time.Second // a fast shutdown writes one checkpoint
	pollInterval = 20 * time.Millisecond
)

// Config tells where a server keeps its data. Only Dir is required.
type Config struct {
	// Dir is the server's folder, absolute or relative to the working folder. It is made when missing, and kept.
	Dir string
	// Bin lists the folders to look for PostgreSQL's binaries in; the newest version wins, but a folder that holds
	// data is served by the major version that made it. Defaults to [BinFolders].
	Bin []string
	// Settings are further server settings, each "name=value". They count for the process that starts the server; one
	// that joins it takes it as it is.
	Settings []string
	// Disposable says that the data are worth nothing, as in tests: nothing is flushed to disk, and a cluster that does
	// not start any more, or was made by a version that is gone, is made anew.
	Disposable bool
}

// Server is one share in a running PostgreSQL. Its methods may be called by any goroutine.
type Server struct {
	cluster *cluster
	url     string

	mu  sync.Mutex
	use *os.File // the shared lock; nil once given up
}

// Start starts the server of cfg.Dir, or joins the one that runs there, and returns when it answers. The context and a
// limit of one minute bound the wait, not the server's life. It returns an error that wraps [ErrNoBinaries] when there
// is nothing to start.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	c, err := openCluster(cfg)
	if err != nil {
		return nil, err
	}
	guard, err := lock(ctx, c.path("start.lock"), syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer unlock(guard)
	use, err := lock(ctx, c.path("use.lock"), syscall.LOCK_SH)
	if err != nil {
		return nil, err
	}
	url, err := c.run(ctx)
	if err != nil {
		defer unlock(use)
		if tryLock(use, syscall.LOCK_EX) { // leave nothing behind that nobody uses
			err = errors.Join(err, c.stop(ctx))
		}
		return nil, err
	}
	return &Server{cluster: c, url: url, use: use}, nil
}

// URL is the server's address, password included, for its superuser and the database postgres. It holds until the
// server stops; the next start may have another port.
func (s *Server) URL() string { return s.url }

// Stop gives up this share and, when it was the last, stops the server: open connections are closed, what was committed
// is on disk. A second call does nothing.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.use == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	guard, err := lock(ctx, s.cluster.path("start.lock"), syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock(guard)
	defer s.giveUp()
	if !tryLock(s.use, syscall.LOCK_EX) {
		return nil // another process still uses the server
	}
	return s.cluster.stop(ctx)
}

// Release gives up this share and leaves the server running for whoever starts it next. A second call does nothing.
func (s *Server) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.giveUp()
}

func (s *Server) giveUp() {
	if s.use != nil {
		unlock(s.use)
		s.use = nil
	}
}

// StopIdle waits until no process has used the server of dir for as long as idle, stops it and returns. Of several
// calls for one folder, by any processes, only the first waits: the others return nil at once.
func StopIdle(ctx context.Context, dir string, idle time.Duration) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("devpg: %w", err)
	}
	c := &cluster{dir: dir}
	watch, err := os.OpenFile(c.path("watch.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("devpg: %w", err)
	}
	defer unlock(watch)
	if !tryLock(watch, syscall.LOCK_EX) {
		return nil
	}
	step := min(idle, 250*time.Millisecond)
	tick := time.NewTicker(step)
	defer tick.Stop()
	for quiet := time.Duration(0); ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		quiet += step
		if c.used() {
			quiet = 0
		}
		if quiet < idle {
			continue
		}
		if stopped, err := c.stopUnused(ctx, watch); stopped || err != nil {
			return err
		}
	}
}

// Watched tells whether some process waits in [StopIdle] for the server of dir.
func Watched(dir string) bool {
	watch, err := os.OpenFile(filepath.Join(dir, "watch.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return false
	}
	defer unlock(watch)
	return !tryLock(watch, syscall.LOCK_SH)
}

// stopUnused stops the server unless somebody has come to use it. It gives up the watch before anyone can start the
// server again, so that whoever does finds that nobody watches.
func (c *cluster) stopUnused(ctx context.Context, watch *os.File) (stopped bool, err error) {
	guard, err := lock(ctx, c.path("start.lock"), syscall.LOCK_EX)
	if err != nil {
		return false, err
	}
	defer unlock(guard)
	if c.used() {
		return false, nil
	}
	err = c.stop(ctx)
	unlock(watch)
	return true, err
}

// used tells whether any process holds a share in the server.
func (c *cluster) used() bool {
	use, err := os.OpenFile(c.path("use.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return false
	}
	defer unlock(use)
	return !tryLock(use, syscall.LOCK_EX)
}
