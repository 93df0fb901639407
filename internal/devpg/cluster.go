package devpg

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

var errBroken = errors.New("devpg: the server does not start")

// cluster is the database cluster of one folder. Whoever changes its state holds start.lock.
type cluster struct {
	dir  string
	cfg  Config
	bin  binaries
	user *syscall.Credential
}

func openCluster(cfg Config) (*cluster, error) {
	if cfg.Dir == "" {
		return nil, errors.New("devpg: Config.Dir is missing")
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("devpg: %w", err)
	}
	c := &cluster{dir: dir, cfg: cfg}
	if c.user, err = serverUser(dir); err != nil {
		return nil, err
	}
	return c, makeFolder(dir, c.user)
}

func (c *cluster) path(name string) string { return filepath.Join(c.dir, name) }
func (c *cluster) data() string            { return c.path("data") }

// major is the version that made the data, 0 when there are none.
func (c *cluster) major() (int, error) {
	text, err := os.ReadFile(filepath.Join(c.data(), "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	} else if err != nil {
		return 0, fmt.Errorf("devpg: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("devpg: %w", err)
	}
	return major, nil
}

// run returns the address of the server once it answers, starting it when none runs.
func (c *cluster) run(ctx context.Context) (string, error) {
	address, err := c.serve(ctx)
	if errors.Is(err, errBroken) && c.cfg.Disposable {
		if err := c.discard(ctx); err != nil {
			return "", err
		}
		return c.serve(ctx)
	}
	return address, err
}

// prepare finds the binaries and makes the cluster when there is none. It comes before every launch and costs nothing
// the second time.
func (c *cluster) prepare(ctx context.Context) error {
	major, err := c.major()
	if err != nil || major != 0 && major == c.bin.major {
		return err
	}
	folders := c.cfg.Bin
	if folders == nil {
		folders = BinFolders(ctx)
	}
	c.bin, err = newest(ctx, folders, major)
	if err != nil && major != 0 && c.cfg.Disposable {
		if err := c.discard(ctx); err != nil {
			return err
		}
		major = 0
		c.bin, err = newest(ctx, folders, 0)
	}
	if err != nil || major != 0 {
		return err
	}
	return c.initialise(ctx)
}

func (c *cluster) discard(ctx context.Context) error {
	if err := c.stop(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(c.data()); err != nil {
		return fmt.Errorf("devpg: %w", err)
	}
	return nil
}

// initialise makes the cluster beside its place and moves it there whole, so that one cut short is never taken for one.
func (c *cluster) initialise(ctx context.Context) error {
	unfinished := c.path("data.new")
	password := c.path("password")
	if err := os.WriteFile(password, []byte(rand.Text()), 0o600); err != nil {
		return fmt.Errorf("devpg: %w", err)
	}
	if c.user != nil {
		if err := os.Chown(password, int(c.user.Uid), int(c.user.Gid)); err != nil {
			return fmt.Errorf("devpg: %w", err)
		}
	}
	var failure error
	for _, locale := range []string{"C.UTF-8", "C"} { // C folds the case of ASCII only, but every system has it
		if err := os.RemoveAll(unfinished); err != nil {
			return fmt.Errorf("devpg: %w", err)
		}
		args := []string{
			"--pgdata", unfinished, "--username", "postgres", "--auth", "scram-sha-256", "--pwfile", password,
			"--encoding", "UTF8", "--locale", locale,
		}
		if c.cfg.Disposable {
			args = append(args, "--no-sync")
		}
		out, err := c.command(ctx, "initdb", args...).CombinedOutput()
		if err == nil {
			if err := os.Rename(unfinished, c.data()); err != nil {
				return fmt.Errorf("devpg: %w", err)
			}
			return nil
		}
		failure = errors.Join(failure, fmt.Errorf("devpg: initdb: %w: %s", err, out))
	}
	return failure
}

// command is one of PostgreSQL's programs, as the server's user and without the variables that would steer it.
func (c *cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	//nolint:gosec // a folder of the machine's own, or the host's
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin.folder, name), args...)
	cmd.Dir = c.dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PG") })
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.user}
	return cmd
}

// serve joins the postmaster that runs, or starts one. A postmaster that goes down, or one whose orphaned backends
// still hold the shared memory, makes it try again until the context ends.
func (c *cluster) serve(ctx context.Context) (string, error) {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	var exited <-chan struct{} // of the postmaster started here
	var unanswered error
	failures := 0
	for {
		state, err := c.postmaster()
		if err != nil {
			return "", err
		}
		switch {
		case state.pid != 0 && state.ready:
			var address string
			if address, unanswered = c.answer(ctx, state.port); unanswered == nil {
				return address, nil
			}
		case state.pid == 0 && exited == nil:
			if err := c.prepare(ctx); err != nil {
				return "", err
			}
			if exited, err = c.launch(); err != nil {
				return "", err
			}
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("devpg: the server does not answer: %w%s", errors.Join(ctx.Err(), unanswered), c.lastWords())
		case <-exited:
			exited = nil
			if failures++; failures == 5 {
				return "", fmt.Errorf("%w%s", errBroken, c.lastWords())
			}
		case <-tick.C:
		}
	}
}

// launch starts a postmaster in a session of its own, out of reach of the signals that a terminal sends to its host.
// The channel is closed when it has ended.
func (c *cluster) launch() (<-chan struct{}, error) {
	if err := os.Remove(filepath.Join(c.data(), "postmaster.pid")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("devpg: %w", err)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(c.path("log"))
	if err != nil {
		return nil, fmt.Errorf("devpg: %w", err)
	}
	defer log.Close() //nolint:errcheck // the server writes through its own copy
	settings := []string{"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(port), "unix_socket_directories="}
	if c.cfg.Disposable {
		settings = append(settings, "fsync=off", "full_page_writes=off")
	}
	args := []string{"-D", c.data()}
	for _, setting := range append(settings, c.cfg.Settings...) {
		args = append(args, "-c", setting)
	}
	cmd := c.command(context.Background(), "postgres", args...) // it outlives the start, and the host
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr.Setsid = true
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("devpg: %w", err)
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = cmd.Wait() // how it ended is in its log
	}()
	return exited, nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("devpg: %w", err)
	}
	defer listener.Close() //nolint:errcheck // it never accepted anything
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// answer connects to the port and checks that it is this folder's server.
func (c *cluster) answer(ctx context.Context, port int) (string, error) {
	password, err := os.ReadFile(c.path("password"))
	if err != nil {
		return "", fmt.Errorf("devpg: %w", err)
	}
	address := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", string(password)),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), Path: "/postgres", RawQuery: "sslmode=disable",
	}
	conn, err := pgx.Connect(ctx, address.String())
	if err != nil {
		return "", fmt.Errorf("devpg: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // it only asked a question
	var data string
	if err := conn.QueryRow(ctx, "SELECT current_setting('data_directory')").Scan(&data); err != nil {
		return "", fmt.Errorf("devpg: %w", err)
	}
	if !sameFile(data, c.data()) {
		return "", fmt.Errorf("devpg: port %d is another server's", port)
	}
	return address.String(), nil
}

// lastWords is the end of the server's log, for an error about a server that does not start.
func (c *cluster) lastWords() string {
	text, err := os.ReadFile(c.path("log"))
	if err != nil || len(text) == 0 {
		return ""
	}
	return ": " + strings.TrimSpace(string(text[max(0, len(text)-2000):]))
}
