package scale

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// The kinds of process. A poller is a worker whose River has no connection of its own and asks every tenth of a second.
const (
	webProcess = "web"
	worker     = "worker"
	poller     = "poller"
)

// TestMain turns this binary into a host's process where a test asks for one.
func TestMain(m *testing.M) { hosttest.Main(m, runHost) }

const clientCount = 4000

func clientID(i int) string { return fmt.Sprintf("c-%04d", i) }

// runHost is the smallest host there can be: its pool goes through PgBouncer and prepares nothing, and a second small
// one goes to PostgreSQL itself, to listen.
func runHost(role string, logger *slog.Logger) error {
	ctx := context.Background()
	pooled, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		return fmt.Errorf("read an address: %w", err)
	}
	pooled.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	pool, err := pgxpool.NewWithConfig(ctx, pooled)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	direct, err := pgxpool.New(ctx, os.Getenv("DIRECT_URL"))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	config := hosttest.Config(pool, directory(), logger)
	config.Direct = direct
	config.Email = carrier{os.Getenv("SCALE_PROVIDER"), os.Getenv("SCALE_NAME")}
	m, err := messenger.New(config)
	if err != nil {
		return fmt.Errorf("messenger: %w", err)
	}
	switch role {
	case worker:
		_, err = hosttest.Work(ctx, m, direct, false, logger)
	case poller:
		_, err = hosttest.Work(ctx, m, pool, true, logger)
	}
	if err != nil {
		return err
	}
	return hosttest.Serve(ctx, m, logger)
}

func directory() *memory.Clients {
	clients := memory.NewClients()
	for i := range clientCount {
		id := clientID(i)
		clients.Put(hosttest.Organisation,
			adapters.Client{ID: adapters.ClientID(id), Name: "Client Number " + id, Email: id + "@example.org"})
	}
	return clients
}

// carrier hands messages to the test's provider, which can be asked what it was given.
type carrier struct{ address, name string }

// call is what a process tells the provider.
type call struct {
	Worker, Reference, Text string
	Asking                  bool
}

func (c carrier) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	return c.do(ctx, call{c.name, message.Reference, message.Text, false})
}

func (c carrier) Find(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	return c.do(ctx, call{c.name, message.Reference, "", true})
}

func (c carrier) do(ctx context.Context, what call) (adapters.Receipt, error) {
	status, header, err := hosttest.Call(ctx, c.address, what)
	if err != nil {
		return adapters.Receipt{}, err
	}
	switch status {
	case http.StatusOK:
		return adapters.Receipt{Reference: what.Reference, ProviderID: what.Reference, Via: "test"}, nil
	case http.StatusNotFound:
		return adapters.Receipt{}, adapters.ErrNotSent
	case http.StatusTooManyRequests:
		seconds, err := strconv.Atoi(header.Get("Retry-After"))
		return adapters.Receipt{},
			errors.Join(&adapters.RateLimitError{Until: time.Now().Add(time.Duration(seconds) * time.Second)}, err)
	default:
		return adapters.Receipt{}, fmt.Errorf("the provider answers %d", status)
	}
}
