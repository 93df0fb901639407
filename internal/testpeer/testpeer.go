// Package testpeer starts implementations that are not ours, from the folder testpeers, for tests to hold ours against.
// They are Node programs from npm, pinned in testpeers/package-lock.json; the first test that needs one installs them.
package testpeer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Start runs a program of testpeers that listens, "prism.mjs", until the test ends, and returns its address,
// "http://127.0.0.1:4010". It fails the test when the program can't be run: it never skips.
func Start(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	address, stop, err := run(program, arguments)
	require.NoError(t, err)
	t.Cleanup(stop)
	return address
}

// Main is a TestMain for a package whose tests share one peer: it puts the peer's address into the environment variable
// of that name, runs the tests and returns the code to exit with.
func Main(m *testing.M, variable, program string, arguments ...string) int {
	address, stop, err := run(program, arguments)
	if err == nil {
		defer stop()
		err = os.Setenv(variable, address)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// Output gives a program of testpeers its whole input and returns its whole output.
func Output(t *testing.T, input, program string, arguments ...string) string {
	t.Helper()
	command, err := node(t.Context(), program, arguments)
	require.NoError(t, err)
	command.Stdin = strings.NewReader(input)
	output, err := command.Output()
	require.NoError(t, err)
	return string(output)
}

// run waits until the program says 'listening ADDRESS'. Its standard input is held open: it ends with it, so that it
// does not outlive tests that were killed.
func run(program string, arguments []string) (address string, stop func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	command, err := node(ctx, program, arguments)
	if err != nil {
		cancel()
		return "", nil, err
	}
	input, err1 := command.StdinPipe()
	output, err2 := command.StdoutPipe()
	if err := errors.Join(err1, err2, command.Start()); err != nil {
		cancel()
		return "", nil, fmt.Errorf("testpeer: start %s: %w", program, err)
	}
	stop = func() {
		_ = input.Close()
		cancel()
		_ = command.Wait()
	}
	lines := bufio.NewReader(output)
	for {
		line, err := lines.ReadString('\n')
		if address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening "); ok {
			go func() { _, _ = io.Copy(io.Discard, lines) }()
			return address, stop, nil
		}
		if err != nil {
			stop()
			return "", nil, fmt.Errorf("testpeer: %s ended before it listened: %w", program, err)
		}
	}
}

func node(ctx context.Context, program string, arguments []string) (*exec.Cmd, error) {
	folder, err := installed(ctx)
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, "node", append([]string{filepath.Join(folder, program)}, arguments...)...)
	command.Stderr = os.Stderr
	return command, nil
}

// installed runs npm ci when the lock file is younger than what is installed, one test package at a time.
func installed(ctx context.Context) (folder string, err error) {
	_, source, _, ok := runtime.Caller(0)
	folder = filepath.Join(filepath.Dir(source), "..", "..", "testpeers")
	wanted, err := os.Stat(filepath.Join(folder, "package-lock.json"))
	if err != nil || !ok {
		return "", fmt.Errorf("testpeer: find the folder testpeers: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(folder, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", fmt.Errorf("testpeer: lock the folder testpeers: %w", err)
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("testpeer: lock the folder testpeers: %w", err)
	}
	has, err := os.Stat(filepath.Join(folder, "node_modules", ".package-lock.json")) // npm writes it last
	if err == nil && !has.ModTime().Before(wanted.ModTime()) {
		return folder, nil
	}
	npm := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund")
	npm.Dir = folder
	if output, err := npm.CombinedOutput(); err != nil {
		return "",
			fmt.Errorf("testpeer: these tests need Node 20 or later and npm; 'npm ci' in testpeers says: %w\n%s", err, output)
	}
	return folder, nil
}
