package hosttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

// The one organisation of the hosts that [Serve] serves, and its one member of staff.
const (
	Organisation = adapters.OrganisationID("org-1")
	Owner        = adapters.StaffID("s-1")
)

const roleVariable = "HOSTTEST_ROLE"

// Main is a TestMain whose binary becomes the host's process that a test asks for with [Role]: run then gets the role,
// and the process ends with it. Its logger writes to standard error.
func Main(m *testing.M, run func(role string, logger *slog.Logger) error) {
	role := os.Getenv(roleVariable)
	if role == "" {
		os.Exit(m.Run())
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := run(role, logger); err != nil {
		logger.Error("ended", "error", err)
		os.Exit(1)
	}
}

// Role is what the environment of [Launch] must hold for a process of this role, in a binary whose TestMain calls
// [Main].
func Role(role string) string { return roleVariable + "=" + role }

// Config is what the hosts' configurations have in common: the [Owner], and links to a host that has no address on the
// internet.
func Config(pool *pgxpool.Pool, clients *memory.Clients, logger *slog.Logger) messenger.Config {
	staff := memory.NewStaff()
	staff.Add(adapters.Member{
		ID: Owner, Name: "Ada Bello", Organisation: Organisation, Media: []adapters.Medium{adapters.Email},
	})
	return messenger.Config{
		Pool: pool, Clients: clients, Staff: staff, Logger: logger,
		LinkKeys:  []messenger.LinkKey{{ID: "test", Key: bytes.Repeat([]byte("k"), 32)}},
		PublicURL: "http://host.example.org/m",
	}
}

// Work starts River on a pool, with Messenger's jobs: the channel is closed once it has stopped with ctx. It polls when
// asked to: through PgBouncer nothing can listen.
func Work(
	ctx context.Context, m *messenger.Messenger, pool *pgxpool.Pool, poll bool, logger *slog.Logger,
) (<-chan struct{}, error) {
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, m.Jobs())
	config := jobs.Configure(&river.Config{Workers: workers, Logger: logger}, m.Jobs())
	if poll {
		config.PollOnly, config.FetchPollInterval = true, 100*time.Millisecond
	}
	client, err := river.NewClient(riverpgxv5.New(pool), config)
	if err != nil {
		return nil, fmt.Errorf("river: %w", err)
	}
	if err := client.Start(ctx); err != nil {
		return nil, fmt.Errorf("river: %w", err)
	}
	return client.Stopped(), nil
}

// Serve serves Messenger at a port of its own, every request the [Owner]'s, says so in the log as [Launch] wants it,
// and returns with what ended it, or nil once the requests under way are answered after ctx has ended.
func Serve(ctx context.Context, m *messenger.Messenger, logger *slog.Logger) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	mux := http.NewServeMux()
	signedIn := memory.SignedIn(func(*http.Request) adapters.StaffID { return Owner })
	mux.Handle("/messenger/api/", signedIn(http.StripPrefix("/messenger/api", web.StaffHandler(m))))
	mux.Handle("/m/", http.StripPrefix("/m", web.PublicHandler(m)))
	failed := make(chan error, 2)
	go func() { failed <- m.Run(ctx) }()
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	go func() { failed <- server.Serve(listener) }()
	logger.Info("listening", "url", "http://"+listener.Addr().String())
	if err := <-failed; ctx.Err() == nil {
		return err
	}
	return server.Shutdown(context.WithoutCancel(ctx))
}

// Call tells the test at address something, as JSON, and returns what it answers. No answer is an error of none of the
// ports' kinds: an unknown outcome.
func Call(ctx context.Context, address string, what any) (status int, header http.Header, err error) {
	body, err := json.Marshal(what)
	if err != nil {
		return 0, nil, fmt.Errorf("write a call: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("make a call: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("call the test: %w", err)
	}
	return answer.StatusCode, answer.Header, answer.Body.Close()
}

// Request makes one request of a host and returns the status and the body; it follows no redirect. Headers holds names
// and values in turn. A process that is gone is an error.
func (h *Host) Request(
	ctx context.Context, method, path, contentType, body string, headers ...string,
) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, method, h.URL+path, strings.NewReader(body))
	if err != nil {
		return 0, "", fmt.Errorf("make a request: %w", err)
	}
	request.Header.Set("Content-Type", contentType)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{
		Timeout:       Patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, "", fmt.Errorf("ask a process: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, "", fmt.Errorf("read an answer: %w", err)
	}
	return answer.StatusCode, string(read), nil
}
