package devpg

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lock waits for a lock on the file at path, which is made when missing. The kernel lets go of it when the process
// ends, however it ends. It asks again and again because flock itself cannot be interrupted by a context.
func lock(ctx context.Context, path string, how int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("devpg: %w", err)
	}
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for !tryLock(file, how) {
		select {
		case <-ctx.Done():
			unlock(file)
			return nil, fmt.Errorf("devpg: waiting for %s: %w", path, ctx.Err())
		case <-tick.C:
		}
	}
	return file, nil
}

// tryLock takes or changes a lock if that is possible at once. A lock that could not be changed may be lost.
func tryLock(file *os.File, how int) bool {
	return syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB) == nil
}

// unlock gives up the lock by closing the file; doing so twice is harmless.
func unlock(file *os.File) {
	_ = file.Close() // nothing was written: there is nothing to lose
}
