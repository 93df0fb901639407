// Package devpgtest gives tests a PostgreSQL server. Only tests import it.
package devpgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
//
// TEST_POSTGRES names the release to run on, "14" or "18": one that testpeers/postgres pins and .ci/install installs.
// Each has a server of its own. Without it the newest on this machine serves.
func URL(tb testing.TB) string {
	tb.Helper()
	if address := os.Getenv("TEST_DATABASE_URL"); address != "" {
		return address
	}
	config, err := configOf(os.Getenv("TEST_POSTGRES"))
	if err != nil {
		tb.Fatal(err)
	}
	return serve(tb, config, idle)
}

// configOf is the shared server's configuration: of the release given, or of the newest on this machine.
func configOf(release string) (devpg.Config, error) {
	if release == "" {
		dir, err := devpg.Folder("cmsmessenger-tests")
		return devpg.Config{Dir: dir}, err
	}
	dir, err := devpg.Folder("cmsmessenger-tests-" + release)
	if err != nil {
		return devpg.Config{}, err
	}
	installed, err := devpg.Folder("cmsmessenger-postgres")
	if err != nil {
		return devpg.Config{}, err
	}
	bin := filepath.Join(installed, "node_modules", "postgres-"+release, "native", "bin")
	if _, err := os.Stat(bin); err != nil {
		return devpg.Config{}, fmt.Errorf("TEST_POSTGRES=%s: .ci/install installs what testpeers/postgres pins: %w", release,
			err)
	}
	return devpg.Config{Dir: dir, Bin: []string{bin}}, nil
}

func serve(tb testing.TB, config devpg.Config, idle time.Duration) string {
	tb.Helper()
	config.Disposable = true
	config.Settings = []string{"max_connections=300"}
	server, err := devpg.Start(tb.Context(), config)
	if err != nil {
		tb.Fatalf("%v\nor set TEST_DATABASE_URL to the address of a PostgreSQL server for tests", err)
	}
	tb.Cleanup(server.Release)
	if err := startWatcher(config.Dir, idle); err != nil {
		tb.Fatal(err)
	}
	return server.URL()
}

// startWatcher leaves a process behind that stops the server once no test uses it, unless there is one already. When
// two are started at a time, the second ends at once.
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
