package faults

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/fhir"
	"github.com/cmsmessenger/cmsmessenger/adapters/govuknotify"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// TestMain turns this binary into a host's web or worker process where a test asks for one. This file is compiled into
// the version before as well: it uses what both have.
func TestMain(m *testing.M) { hosttest.Main(m, runHost) }

const (
	clientCount = 12
	notifyKey   = "test-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"
	template    = "9d751e0e-f929-4891-82a1-a3e1c3c18ee3"
	// forgets is how much sooner than after its minute Notify's adapter believes that a message is not there.
	forgets = 50 * time.Second
)

func clientID(i int) string { return fmt.Sprintf("c-%d", i) }

// runHost is a host as its operators are told to make one.
func runHost(role string, logger *slog.Logger) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	settings, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		return errors.New("the address of the database can't be read")
	}
	settings.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(ctx, messenger.ConfigurePool(settings))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	config, err := hostConfig(pool, logger)
	if err != nil {
		return err
	}
	m, err := messenger.New(config)
	if err != nil {
		return fmt.Errorf("messenger: %w", err)
	}
	if role == "worker" {
		stopped, err := hosttest.Work(ctx, m, pool, false, logger)
		if err != nil {
			return err
		}
		defer func() { <-stopped }()
	}
	return hosttest.Serve(ctx, m, logger)
}

func hostConfig(pool *pgxpool.Pool, logger *slog.Logger) (messenger.Config, error) {
	config := hosttest.Config(pool, directory(), logger)
	staff := memory.NewStaff()
	staff.Add(adapters.Member{
		ID: hosttest.Owner, Name: "Ada Bello", Organisation: hosttest.Organisation,
		Media: []adapters.Medium{adapters.Email, adapters.SMS},
	})
	config.Staff = staff
	notify, err := govuknotify.New(govuknotify.Config{
		APIKey: notifyKey, EmailTemplate: template, SMSTemplate: template, BaseURL: os.Getenv("FAULTS_NOTIFY"),
		Now: func() time.Time { return time.Now().Add(forgets) },
	})
	if err != nil {
		return messenger.Config{}, fmt.Errorf("notify: %w", err)
	}
	config.Email, config.SMS = notify, notify
	if address := os.Getenv("FAULTS_SMTP"); address != "" {
		settings, err := smtp.ParseURL(address)
		if err != nil {
			return messenger.Config{}, fmt.Errorf("read a server's address: %w", err)
		}
		settings.Domain, settings.From = "host.example.org", smtp.Everyone(smtp.From{Address: "host@example.org"})
		if config.Email, err = smtp.New(settings); err != nil {
			return messenger.Config{}, fmt.Errorf("smtp: %w", err)
		}
	}
	server, err := fhir.NewServer(fhir.ServerConfig{BaseURL: os.Getenv("FAULTS_RECORD")})
	if err != nil {
		return messenger.Config{}, fmt.Errorf("fhir: %w", err)
	}
	config.Record, err = fhir.NewRecord(fhir.RecordConfig{Server: server, System: "https://messenger.example.org/id"})
	return config, err
}

func directory() *memory.Clients {
	clients := memory.NewClients()
	for i := range clientCount {
		clients.Put(hosttest.Organisation, adapters.Client{
			ID: adapters.ClientID(clientID(i)), Name: fmt.Sprintf("Client Number %d", i), NHSNumber: "9990000018",
			Email: fmt.Sprintf("client.%d@example.org", i), Phone: fmt.Sprintf("07700 9000%02d", i),
		})
	}
	return clients
}
