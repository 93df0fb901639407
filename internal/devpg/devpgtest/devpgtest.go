// Package devpgtest gives tests a PostgreSQL server. Only tests import it.
package devpgtest

import (
	"context"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg"
)

const (
	watchVariable = "CMSMESSENGER_DEVPG_WATCH"
	idle          = 15 * time.Second // longer than the gap between two packages of one run
)

// URL returns the address of a server that the test shares with every other test of this user: TEST_DATABASE_URL when
// that is set, else a server of [devpg] kept in this user's folder, with room for 300 connections. It is started by the
// first test that asks and stopped some seconds after the last has ended, however it ended. The test makes a schema or
// database of its own there. Without either the test fails, and says what to install or set.
func URL(tb testing.TB) string {
	tb.Helper()
	if address := os.Getenv("TEST_DATABASE_URL"); address != "" {
		return address
	}
	dir, err := devpg.Folder("cmsmessenger-tests")
	if err != nil {
		tb.Fatal(err)
	}
	return serve(tb, dir, idle)
}

func serve(tb testing.TB, dir string, idle time.Duration) string {
	tb.Helper()
	server, err := devpg.Start(tb.Context(), devpg.Config{Dir: dir, Disposable: true, Settings: []string{"max_connections=300"}})
	if err != nil {
		tb.Fatalf("%v\nor set TEST_DATABASE_URL to the address of a PostgreSQL server for tests", err)
	}
	tb.Cleanup(server.Release)
	if err := startWatcher(dir, idle); err != nil {
		tb.Fatal(err)
	}
	return server.URL()
}

// startWatcher leaves a process behind that stops the server once no test uses it, unless there is one already. When two
// are started at a time, the second ends at once.
func startWatcher(dir string, idle time.Duration) error {
	if devpg.Watched(dir) {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), watchVariable+"="+idle.String())
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it must outlive an interrupted 'go test'
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}

// init turns the test binary into the watcher when startWatcher has started it as one: before any test of it runs.
//
//nolint:gochecknoinits // a test binary has no other door that opens before its tests, whatever package it tests
func init() {
	idle, err := time.ParseDuration(os.Getenv(watchVariable))
	if err != nil {
		return // an ordinary run of the tests
	}
	if devpg.StopIdle(context.Background(), ".", idle) != nil {
		os.Exit(1)
	}
	os.Exit(0)
}
