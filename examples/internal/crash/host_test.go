package crash

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/govuknotify"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// TestMain turns this binary into a host's web or worker process where a test asks for one.
func TestMain(m *testing.M) { hosttest.Main(m, runHost) }

const clientCount = 12

func clientID(i int) adapters.ClientID { return adapters.ClientID(fmt.Sprintf("c-%d", i)) }

// runHost is the smallest host there can be; its carrier and record are the test's.
func runHost(role string, logger *slog.Logger) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	outside := double{os.Getenv("CRASH_DOUBLE")}
	config := hosttest.Config(pool, directory(), logger)
	config.Record, config.Organisations = clinicalRecord{outside}, tenants{outside, role}
	switch kind := os.Getenv("CRASH_CARRIER"); kind {
	case dropsRepeats, canBeAsked:
		config.Email = askedCarrier{carrier{outside}, kind}
	case govukNotify:
		// Each process has an address of its own at the provider, which tells them apart by it.
		address := fmt.Sprintf("%s/%d", os.Getenv("CRASH_NOTIFY"), os.Getpid())
		config.Email, err = govuknotify.New(govuknotify.Config{
			APIKey: notifyKey, EmailTemplate: notifyTemplate, BaseURL: address,
		})
		if err != nil {
			return fmt.Errorf("notify: %w", err)
		}
	case bySMTP:
		config.Email, err = mailCarrier(os.Getenv("CRASH_SMTP"))
		if err != nil {
			return err
		}
	default:
		config.Email = carrier{outside}
	}
	m, err := messenger.New(config)
	if err != nil {
		return fmt.Errorf("messenger: %w", err)
	}
	if role == "worker" {
		// River gets the signal's context, as a host does that has not read how to stop: its jobs' contexts end at once.
		stopped, err := hosttest.Work(ctx, m, pool, false, logger)
		if err != nil {
			return err
		}
		defer func() { <-stopped }()
	}
	return hosttest.Serve(ctx, m, logger)
}

func directory() *memory.Clients {
	clients := memory.NewClients()
	for i := range clientCount {
		clients.Put(hosttest.Organisation, adapters.Client{
			ID: clientID(i), Name: fmt.Sprintf("Client Number %d", i), NHSNumber: "9990000018",
			Email: fmt.Sprintf("client.%d@example.org", i),
		})
	}
	return clients
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
	bySMTP       = "SMTP"          // likewise: it can't be asked
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

// call is one request to the outside.
func (d double) call(ctx context.Context, what, key, text string) error {
	status, _, err := hosttest.Call(ctx, d.address, call{what, key, text})
	if err != nil {
		return err
	}
	switch status {
	case http.StatusOK:
		return nil
	case http.StatusNotFound:
		return errNotThere
	default:
		return fmt.Errorf("the outside answers %d", status)
	}
}

// note tells the test where the process stands: the moment to kill it.
func (d double) note(ctx context.Context, what, key, text string) { _ = d.call(ctx, what, key, text) }

// call is what a process tells the outside: Key is a reference, or the key of an entry.
type call struct{ What, Key, Text string }
