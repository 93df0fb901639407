// Package database finds the demonstration host a PostgreSQL: the one it is told of, one of its own from the machine's
// binaries, or one of its own from binaries that it fetches.
package database

import (
	"context"
	"errors"
	"fmt"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg"
)

// Database is an open database server.
type Database struct {
	// URL is its address, password included.
	URL string

	server *devpg.Server // nil for a server of somebody else's
}

// Open returns the server at databaseURL unless that is empty. Otherwise it starts one whose data are kept in dataDir,
// or joins the one that runs there, from the PostgreSQL on this machine; where there is none of the right version, its
// binaries are fetched into dataDir first, which takes a connection to the internet once. The context bounds the wait.
func Open(ctx context.Context, databaseURL, dataDir string) (*Database, error) {
	return source{}.open(ctx, databaseURL, dataDir)
}

// Stop stops a server that Open started, unless another process still uses it. A second call does nothing.
func (d *Database) Stop() error {
	if d.server == nil {
		return nil
	}
	return d.server.Stop()
}

// source tells where the binaries come from.
type source struct {
	folders    []string // of this machine; nil: the usual ones
	repository string   // to fetch from; empty: the public one
}

func (s source) open(ctx context.Context, databaseURL, dataDir string) (*Database, error) {
	if databaseURL != "" {
		return &Database{URL: databaseURL}, nil
	}
	server, err := devpg.Start(ctx, devpg.Config{Dir: dataDir, Bin: s.folders})
	if errors.Is(err, devpg.ErrNoBinaries) {
		bin, fetchErr := fetch(ctx, s.repository, dataDir)
		if fetchErr != nil {
			return nil, fmt.Errorf("%w; nor could one be fetched: %w", err, fetchErr)
		}
		server, err = devpg.Start(ctx, devpg.Config{Dir: dataDir, Bin: []string{bin}})
	}
	if err != nil {
		return nil, err
	}
	return &Database{URL: server.URL(), server: server}, nil
}
