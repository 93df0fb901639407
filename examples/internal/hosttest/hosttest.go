// Package hosttest runs hosts as processes of their own, for tests that kill them. A test binary becomes the host: its
// TestMain calls main where an environment variable says so.
package hosttest

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Patience is how long a test waits for what ought to happen within a second or two, on however busy a machine.
const Patience = time.Minute

// Host is a host in a process of its own, which ends with the test at the latest.
type Host struct {
	// URL is where it listens, as its log says: 'listening url=…'.
	URL string
	Log *Log

	t       *testing.T
	command *exec.Cmd
	exited  chan struct{}
}

// Launch starts this test binary with the arguments and with the environment added to its own, and waits until it
// listens.
func Launch(t *testing.T, environment []string, arguments ...string) *Host {
	t.Helper()
	return LaunchProgram(t, os.Args[0], environment, arguments...)
}

// LaunchProgram is Launch of another program than this test binary.
func LaunchProgram(t *testing.T, program string, environment []string, arguments ...string) *Host {
	t.Helper()
	h := &Host{Log: &Log{}, t: t, exited: make(chan struct{})}
	h.command = exec.CommandContext(context.WithoutCancel(t.Context()), program, arguments...)
	h.command.Env = append(os.Environ(), environment...)
	stderr, err := h.command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, h.command.Start())
	go func() {
		defer close(h.exited)
		lines := bufio.NewScanner(stderr)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			h.Log.add(lines.Text())
		}
		_ = h.command.Wait()
	}()
	t.Cleanup(h.Kill)
	listening := regexp.MustCompile(`listening url=(\S+)`)
	require.Eventually(t, func() bool {
		if found := listening.FindStringSubmatch(h.Log.String()); found != nil {
			h.URL = found[1]
		}
		return h.URL != "" || h.Gone()
	}, Patience, 10*time.Millisecond)
	require.NotEmpty(t, h.URL, "%s", h.Log)
	return h
}

// Exited is closed when the process has ended.
func (h *Host) Exited() <-chan struct{} { return h.exited }

// Gone tells whether the process has ended.
func (h *Host) Gone() bool {
	select {
	case <-h.exited:
		return true
	default:
		return false
	}
}

// Kill ends the process the hard way and waits for its end. A second call does nothing.
func (h *Host) Kill() {
	_ = h.command.Process.Kill()
	<-h.exited
}

// Terminate asks the process to stop and returns its exit code.
func (h *Host) Terminate() int {
	h.t.Helper()
	require.NoError(h.t, h.command.Process.Signal(syscall.SIGTERM))
	select {
	case <-h.exited:
	case <-time.After(Patience):
		require.FailNow(h.t, "SIGTERM did not stop the host", "%s", h.Log)
	}
	return h.command.ProcessState.ExitCode()
}

// Log is what a process has written to its standard error so far.
type Log struct {
	mu    sync.Mutex
	lines []string
}

func (l *Log) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

// String is the whole log.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}
