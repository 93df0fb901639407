package scale

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

// The kinds of process. A poller is a worker whose River has no connection of its own and asks every tenth of a second.
const (
	webProcess = "web"
	worker     = "worker"
	poller     = "poller"
)

// TestMain turns this binary into a host's process where a test asks for one.
func TestMain(m *testing.M) {
	role := os.Getenv("SCALE_ROLE")
	if role == "" {
		os.Exit(m.Run())
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := runHost(role, logger); err != nil {
		logger.Error("ended", "error", err)
		os.Exit(1)
	}
}

const (
	organisation = adapters.OrganisationID("org-1")
	owner        = adapters.StaffID("s-1")
	clientCount  = 4000
)

func clientID(i int) string { return fmt.Sprintf("c-%04d", i) }

// runHost is the smallest host there can be: its pool goes through PgBouncer and prepares nothing, and a second small one goes to
// PostgreSQL itself, to listen.
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
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	m, err := messenger.New(messenger.Config{
		Pool: pool, Direct: direct, Clients: directory(), Staff: people(), Logger: logger,
		Email:     carrier{os.Getenv("SCALE_PROVIDER"), os.Getenv("SCALE_NAME")},
		LinkKeys:  []messenger.LinkKey{{ID: "test", Key: bytes.Repeat([]byte("k"), 32)}},
		PublicURL: "http://host.example.org/m",
	})
	if err != nil {
		return fmt.Errorf("messenger: %w", err)
	}
	if role != webProcess {
		if err := startJobs(ctx, role, m, pool, direct, logger); err != nil {
			return fmt.Errorf("river: %w", err)
		}
	}
	mux := http.NewServeMux()
	signedIn := memory.SignedIn(func(*http.Request) adapters.StaffID { return owner })
	mux.Handle("/messenger/api/", signedIn(http.StripPrefix("/messenger/api", web.StaffHandler(m))))
	mux.Handle("/m/", http.StripPrefix("/m", web.PublicHandler(m)))
	failed := make(chan error, 2)
	go func() { failed <- m.Run(ctx) }()
	go func() { failed <- (&http.Server{Handler: mux, ReadHeaderTimeout: time.Second}).Serve(listener) }()
	logger.Info("listening", "url", "http://"+listener.Addr().String())
	return <-failed
}

// startJobs runs River on the direct pool, where it can listen, or through PgBouncer, where it must poll.
func startJobs(ctx context.Context, role string, m *messenger.Messenger, pool, direct *pgxpool.Pool, logger *slog.Logger) error {
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, m)
	config := jobs.Configure(&river.Config{Workers: workers, Logger: logger})
	if role == poller {
		config.PollOnly, config.FetchPollInterval, direct = true, 100*time.Millisecond, pool
	}
	client, err := river.NewClient(riverpgxv5.New(direct), config)
	if err != nil {
		return err
	}
	return client.Start(ctx)
}

func directory() *memory.Clients {
	clients := memory.NewClients()
	for i := range clientCount {
		id := clientID(i)
		clients.Put(organisation, adapters.Client{ID: adapters.ClientID(id), Name: "Client Number " + id, Email: id + "@example.org"})
	}
	return clients
}

func people() *memory.Staff {
	staff := memory.NewStaff()
	staff.Add(adapters.Member{ID: owner, Name: "Ada Bello", Organisation: organisation, Media: []adapters.Medium{adapters.Email}})
	return staff
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
	body, err := json.Marshal(what)
	if err != nil {
		return adapters.Receipt{}, fmt.Errorf("write a call: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address, bytes.NewReader(body))
	if err != nil {
		return adapters.Receipt{}, fmt.Errorf("make a call: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return adapters.Receipt{}, fmt.Errorf("call the provider: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	switch answer.StatusCode {
	case http.StatusOK:
		return adapters.Receipt{Reference: what.Reference, ProviderID: what.Reference, Via: "test"}, nil
	case http.StatusNotFound:
		return adapters.Receipt{}, adapters.ErrNotSent
	case http.StatusTooManyRequests:
		seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
		return adapters.Receipt{}, errors.Join(&adapters.RateLimitError{Until: time.Now().Add(time.Duration(seconds) * time.Second)}, err)
	default:
		return adapters.Receipt{}, fmt.Errorf("the provider answers %d", answer.StatusCode)
	}
}
