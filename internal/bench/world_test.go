package bench

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/devpg"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations"
)

const organisation adapters.OrganisationID = "north"

// world is a Messenger over a loaded database, with ports that do nothing and take no time.
type world struct {
	*messenger.Messenger
	url     string
	bin     string // the folder of pgbench
	pool    *pgxpool.Pool
	data    data
	carrier *carrier
}

// newWorld starts a server and loads it. BENCH_DIR names a folder in which the server and its data stay for the next
// run, BENCH_SETTINGS the server settings that are not to be the defaults, "name=value" with spaces between.
func newWorld(b *testing.B, size shape) *world {
	b.Helper()
	w := &world{bin: findPgbench(b), carrier: &carrier{}}
	server, err := devpg.Start(b.Context(),
		devpg.Config{Dir: serverFolder(b, size), Settings: strings.Fields(os.Getenv("BENCH_SETTINGS"))})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, server.Stop()) })
	w.url = server.URL()
	w.pool = w.connect(b, nil)
	ctx := b.Context()
	require.NoError(b, migrations.Up(ctx, w.pool))
	migrator, err := rivermigrate.New(riverpgxv5.New(w.pool), nil)
	require.NoError(b, err)
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	require.NoError(b, err)
	w.data = load(b, w.pool, size)
	w.exec(b, dropDesignB)
	w.exec(b, "vacuum messenger_channels, messenger_messages") // an earlier run's sends wait in the indexes' lists
	w.exec(b, "create extension if not exists pg_prewarm")
	w.exec(b, `select pg_prewarm(oid) from pg_class where relname ~ '^messenger_(channels|messages)'
		and relkind in ('r', 'i')`)
	w.Messenger = w.messenger(b, w.pool)
	return w
}

func serverFolder(b *testing.B, size shape) string {
	b.Helper()
	if kept := os.Getenv("BENCH_DIR"); kept != "" {
		return filepath.Join(kept, fmt.Sprintf("%d-%d", size.messages, size.channels))
	}
	dir, err := os.MkdirTemp("", "messenger-bench-") //nolint:usetesting // b.TempDir lets no other user through
	require.NoError(b, err)
	require.NoError(b, os.Chmod(dir, 0o711)) // started by root, the server runs as another user
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "server")
}

// findPgbench finds PostgreSQL's own load generator beside the server's binaries.
func findPgbench(b *testing.B) string {
	b.Helper()
	for _, folder := range devpg.BinFolders(b.Context()) {
		if _, err := os.Stat(filepath.Join(folder, "pgbench")); err == nil {
			return folder
		}
	}
	b.Fatal("pgbench is missing: it comes with the server (Debian: postgresql, others: postgresql-contrib)")
	return ""
}

func (w *world) connect(b *testing.B, change func(*pgxpool.Config)) *pgxpool.Pool {
	b.Helper()
	config, err := pgxpool.ParseConfig(w.url)
	require.NoError(b, err)
	config.MaxConns = 40
	if change != nil {
		change(config)
	}
	pool, err := pgxpool.NewWithConfig(b.Context(), config)
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	return pool
}

func (w *world) messenger(b *testing.B, pool *pgxpool.Pool) *messenger.Messenger {
	b.Helper()
	return w.messengerWith(b, pool, func(*messenger.Config) {})
}

func (w *world) messengerWith(b *testing.B, pool *pgxpool.Pool, change func(*messenger.Config)) *messenger.Messenger {
	b.Helper()
	config := settings(pool, w.carrier)
	change(&config)
	m, err := messenger.New(config)
	require.NoError(b, err)
	return m
}

func settings(pool *pgxpool.Pool, post *carrier) messenger.Config {
	return messenger.Config{
		Pool: pool, Clients: directory{}, Staff: staff{}, Email: post, SMS: post, Record: record{},
		Organisations: adapters.OneOrganisation(adapters.Organisation{Name: "North Social Prescribing"}),
		LinkKeys:      []messenger.LinkKey{{ID: "k1", Key: []byte("0123456789abcdef0123456789abcdef")}},
		PublicURL:     "https://north.example.org/m", Logger: slog.New(slog.DiscardHandler),
	}
}

func (w *world) exec(b *testing.B, sql string, args ...any) {
	b.Helper()
	_, err := w.pool.Exec(b.Context(), sql, args...)
	require.NoError(b, err, sql)
}

type signedIn struct{}

func as(ctx context.Context, id adapters.StaffID) context.Context {
	return context.WithValue(ctx, signedIn{}, id)
}

type staff struct{}

func (staff) Current(ctx context.Context) (adapters.Member, error) {
	id, ok := ctx.Value(signedIn{}).(adapters.StaffID)
	if !ok {
		return adapters.Member{}, adapters.ErrNotSignedIn
	}
	return adapters.Member{
		ID: id, Name: "Amira Shah", Organisation: organisation, Media: []adapters.Medium{adapters.Email, adapters.SMS},
	}, nil
}

// Inboxes lets everybody open each inbox that is asked about.
func (staff) Inboxes(
	_ context.Context, _ adapters.Member, only ...adapters.StaffID,
) (list []adapters.Inbox, err error) {
	for _, id := range only {
		list = append(list, adapters.Inbox{Staff: id})
	}
	return list, nil
}

type directory struct{}

func (directory) Get(
	_ context.Context, _ adapters.OrganisationID, ids []adapters.ClientID,
) (map[adapters.ClientID]adapters.Client, error) {
	found := make(map[adapters.ClientID]adapters.Client, len(ids))
	for _, id := range ids {
		n, err := strconv.Atoi(string(id[1:]))
		if err != nil {
			continue
		}
		found[id] = adapters.Client{ID: id, Name: clientName(n), NHSNumber: "9990010005", Email: string(id) + "@example.org"}
	}
	return found, nil
}

func (directory) Search(context.Context, adapters.OrganisationID, string, int) ([]adapters.Client, error) {
	return nil, nil
}

// carrier takes every message at once; heard, when set, is told of each.
type carrier struct{ heard func(adapters.Outgoing) }

func (c *carrier) Send(_ context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	if c.heard != nil {
		c.heard(message)
	}
	return adapters.Receipt{
		Reference: message.Reference, ProviderID: message.Reference, Via: "none", Status: adapters.Sent, At: time.Now(),
	}, nil
}

type record struct{}

func (record) Write(_ context.Context, entry adapters.Entry) (adapters.Filed, error) {
	return adapters.Filed{Reference: entry.Key.String(), Version: "1"}, nil
}

func (record) Amend(_ context.Context, filed adapters.Filed, _ adapters.Entry) (adapters.Filed, error) {
	return filed, nil
}
