package devpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postmaster is what postmaster.pid says, with a pid of 0 when no postmaster of the cluster is alive.
type postmaster struct {
	pid, port int
	ready     bool
}

// postmaster reads postmaster.pid (its lines are: pid, data folder, start time, port, socket folder, address, shared
// memory, status; PostgreSQL's source, utils/pidfile.h). The file outlives a killed postmaster, and its number may by
// then be another process's.
func (c *cluster) postmaster() (postmaster, error) {
	text, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if errors.Is(err, os.ErrNotExist) {
		return postmaster{}, nil
	} else if err != nil {
		return postmaster{}, fmt.Errorf("devpg: %w", err)
	}
	lines := strings.Split(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || !c.runs(pid) {
		return postmaster{}, nil
	}
	p := postmaster{pid: pid}
	if len(lines) > 7 {
		p.port, err = strconv.Atoi(lines[3])
		p.ready = err == nil && strings.TrimSpace(lines[7]) == "ready"
	}
	return p, nil
}

// runs tells whether pid is a live postmaster of this cluster. A postmaster works in its data folder, which Linux
// shows; elsewhere that the process exists must do.
func (c *cluster) runs(pid int) bool {
	if pid <= 1 {
		return false
	}
	if _, err := os.Stat("/proc/self/cwd"); err == nil {
		folder, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
		return err == nil && sameFile(folder, c.data())
	}
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// stop shuts the postmaster down: fast, and at once when that takes too long (its data are then recovered at the next
// start). It returns when the postmaster has ended, and goes on although the context ends: half a stop helps nobody.
func (c *cluster) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	asked := 0
	for {
		p, err := c.postmaster()
		if err != nil || p.pid == 0 {
			return err
		}
		if asked != p.pid {
			if err := signal(p.pid, syscall.SIGINT); err != nil {
				return err
			}
			asked = p.pid
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("devpg: the server did not stop in time: %w", ctx.Err()),
				signal(p.pid, syscall.SIGQUIT))
		case <-tick.C:
		}
	}
}

func signal(pid int, sig syscall.Signal) error {
	if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("devpg: %w", err)
	}
	return nil
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}
