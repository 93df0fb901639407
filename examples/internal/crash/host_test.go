package crash

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
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/govuknotify"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

// TestMain turns this binary into a host's web or worker process where a test asks for one.
func TestMain(m *testing.M) {
	role := os.Getenv("CRASH_ROLE")
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
	clientCount  = 12
)

func clientID(i int) adapters.ClientID { return adapters.ClientID(fmt.Sprintf("c-%d", i)) }

// runHost is the smallest host there can be; its carrier and record are the test's.
func runHost(role string, logger *slog.Logger) error {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	outside := double{os.Getenv("CRASH_DOUBLE")}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	config := messenger.Config{
		Pool: pool, Clients: directory(), Staff: people(), Record: clinicalRecord{outside}, Logger: logger,
		LinkKeys:  []messenger.LinkKey{{ID: "test", Key: bytes.Repeat([]byte("k"), 32)}},
		PublicURL: "http://host.example.org/m", Organisations: tenants{outside, role},
	}
	switch kind := os.Getenv("CRASH_CARRIER"); kind {
	case dropsRepeats, canBeAsked:
		config.Email = askedCarrier{carrier{outside}, kind}
	case govukNotify:
		// Each process has an address of its own at the provider, which tells them apart by it.
		address := fmt.Sprintf("%s/%d", os.Getenv("CRASH_NOTIFY"), os.Getpid())
		config.Email, err = govuknotify.New(govuknotify.Config{APIKey: notifyKey, EmailTemplate: notifyTemplate, BaseURL: address})
		if err != nil {
			return fmt.Errorf("notify: %w", err)
		}
	default:
		config.Email = carrier{outside}
	}
	m, err := messenger.New(config)
	if err != nil {
		return fmt.Errorf("messenger: %w", err)
	}
	if role == "worker" {
		workers := river.NewWorkers()
		jobs.AddWorkers(workers, m)
		client, err := river.NewClient(riverpgxv5.New(pool), jobs.Configure(&river.Config{Workers: workers, Logger: logger}))
		if err != nil {
			return fmt.Errorf("river: %w", err)
		}
		if err := client.Start(ctx); err != nil {
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

func directory() *memory.Clients {
	clients := memory.NewClients()
	for i := range clientCount {
		clients.Put(organisation, adapters.Client{
			ID: clientID(i), Name: fmt.Sprintf("Client Number %d", i), NHSNumber: "9990000018", Email: fmt.Sprintf("client.%d@example.org", i),
		})
	}
	return clients
}

func people() *memory.Staff {
	staff := memory.NewStaff()
	staff.Add(adapters.Member{ID: owner, Name: "Ada Bello", Organisation: organisation, Media: []adapters.Medium{adapters.Email}})
	return staff
}

// tenants tells the test when a web process reads the organisation, which it does in the middle of a reply.
type tenants struct {
	double
	role string
}

func (t tenants) Get(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
	if t.role == "web" {
		t.note(ctx, "replying", "", "")
	}
	return adapters.Organisation{ID: id, Name: "Riverside"}, nil
}

// The kinds of carrier.
const (
	dropsRepeats = "drops repeats"
	canBeAsked   = "can be asked"
	neither      = "neither"
	govukNotify  = "GOV.UK Notify" // by its own adapter
)

// carrier hands messages to the test's provider, and says so before and after.
type carrier struct{ double }

func (c carrier) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	c.note(ctx, "before sending", message.Reference, message.Text)
	if err := c.call(ctx, "sent", message.Reference, message.Text); err != nil {
		return adapters.Receipt{}, err
	}
	c.note(ctx, "after sending", message.Reference, message.Text)
	return adapters.Receipt{Reference: message.Reference, ProviderID: message.Reference, Via: "test"}, nil
}

// askedCarrier can tell what became of a message, or drops repeats.
type askedCarrier struct {
	carrier
	kind string
}

func (c askedCarrier) Find(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	if c.kind == dropsRepeats {
		return adapters.Receipt{}, adapters.ErrNotSent
	}
	switch err := c.call(ctx, "asked", message.Reference, ""); {
	case errors.Is(err, errNotThere):
		return adapters.Receipt{}, adapters.ErrNotSent
	case err != nil:
		return adapters.Receipt{}, err
	}
	return adapters.Receipt{Reference: message.Reference, ProviderID: message.Reference, Via: "test"}, nil
}

// clinicalRecord files in the test's record, and says so before.
type clinicalRecord struct{ double }

func (r clinicalRecord) Write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	r.note(ctx, "before filing", entry.Key.String(), entry.Text)
	if err := r.call(ctx, "filed", entry.Key.String(), entry.Text); err != nil {
		return adapters.Filed{}, err
	}
	r.note(ctx, "after filing", entry.Key.String(), entry.Text)
	return adapters.Filed{Reference: "R-" + entry.Key.String()}, nil
}

func (clinicalRecord) Amend(context.Context, adapters.Filed, adapters.Entry) (adapters.Filed, error) {
	return adapters.Filed{}, errors.ErrUnsupported
}

// double is the way to the test's provider and record.
type double struct{ address string }

var errNotThere = errors.New("not there")

// call is one request to the outside. No answer is an error of none of the ports' kinds: an unknown outcome.
func (d double) call(ctx context.Context, what, key, text string) error {
	body, err := json.Marshal(call{what, key, text})
	if err != nil {
		return fmt.Errorf("write a call: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make a call: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("call the outside: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	switch answer.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusNotFound:
		return errNotThere
	default:
		return fmt.Errorf("the outside answers %d", answer.StatusCode)
	}
}

// note tells the test where the process stands: the moment to kill it.
func (d double) note(ctx context.Context, what, key, text string) { _ = d.call(ctx, what, key, text) }

// call is what a process tells the outside: Key is a reference, or the key of an entry.
type call struct{ What, Key, Text string }
