package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// host is the CMS with Messenger in it.
type host struct {
	options
	pool   *pgxpool.Pool
	logger *slog.Logger
	seen   telemetry
	pages  *template.Template

	directory     directory
	clients       adapters.Clients // the directory that Messenger asks: ours, or a real system's
	staff         staff
	organisations organisations
	outbox        outbox
	record        record

	messenger *messenger.Messenger
	river     *river.Client[pgx.Tx] // nil in a web process
	riverUI   http.Handler          // River's own page; nil without a password for it
	stops     []func()              // called last to first
	failed    chan error            // what ended although nobody stopped it
}

// newHost connects, makes the tables that are missing and puts everything together. It starts nothing.
func newHost(ctx context.Context, databaseURL string, o options, logger *slog.Logger) (_ *host, err error) {
	seen, err := newTelemetry()
	if err != nil {
		return nil, err
	}
	pool, err := newPool(ctx, databaseURL, seen)
	if err != nil {
		return nil, err
	}
	h := &host{
		options: o, pool: pool, logger: logger, seen: seen, failed: make(chan error, 1),
		directory: directory{pool}, staff: staff{pool}, outbox: outbox{pool}, record: record{pool},
		organisations: organisations{
			db: pool, checkDateOfBirth: o.replyCheck == "dob", colour: brandColour, logo: brandLogo,
			calendar: calendarOf(o.hours), readWithin: o.readWithin,
		},
	}
	h.stops = append(h.stops, pool.Close)
	defer func() {
		if err != nil {
			h.stop()
		}
	}()
	if h.pages, err = parsePages(); err != nil {
		return nil, err
	}
	if err := prepare(ctx, pool); err != nil {
		return nil, err
	}
	if h.messenger, err = h.newMessenger(ctx); err != nil {
		return nil, err
	}
	if o.worker() {
		h.river, err = h.newRiver()
	}
	return h, err
}

func newPool(ctx context.Context, databaseURL string, seen telemetry) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, errors.New("cms: DATABASE_URL can't be read") // pgx's own error would repeat it, password and all
	}
	config.MaxConns = max(config.MaxConns, 16)
	pool, err := pgxpool.NewWithConfig(ctx, messenger.ConfigurePool(seen.ofDatabase(config)))
	if err != nil {
		return nil, fmt.Errorf("cms: connect: %w", err)
	}
	return pool, nil
}

// newMessenger is what a host owes: its own adapters, a key and two addresses.
func (h *host) newMessenger(ctx context.Context) (*messenger.Messenger, error) {
	keys, err := linkKeys(ctx, h.pool)
	if err != nil {
		return nil, err
	}
	config := messenger.Config{
		Pool:          h.pool,
		Staff:         h.staff,
		LinkKeys:      keys,
		PublicURL:     h.publicURL + "/m",
		MessagesURL:   "/messages",
		Organisations: h.organisations,
		Lists:         lists{h.pool},
		Colleagues:    h.staff,
		Logger:        h.logger,
		MeterProvider: h.seen.meters,
	}
	if err := h.connect(&config); err != nil { // Clients, Email, SMS, Record and Hooks
		return nil, err
	}
	h.clients = config.Clients
	m, err := messenger.New(config)
	if err != nil {
		return nil, fmt.Errorf("cms: %w", err)
	}
	return m, nil
}

func (h *host) newRiver() (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, h.messenger.Jobs())
	client, err := river.NewClient(riverpgxv5.New(h.pool), jobs.Configure(&river.Config{
		Workers: workers, Logger: h.logger, Middleware: h.seen.ofJobs(),
		PeriodicJobs: []*river.PeriodicJob{jobs.TellOverdueEvery(h.readWithin / 4)},
	}, h.messenger.Jobs()))
	if err != nil {
		return nil, fmt.Errorf("cms: river: %w", err)
	}
	return client, nil
}

// start starts Messenger and the workers, and seeds a new database. When it returns the host can serve.
func (h *host) start(ctx context.Context) error {
	h.inBackground(ctx, "messenger", h.messenger.Run)
	if h.river != nil {
		if err := h.river.Start(context.WithoutCancel(ctx)); err != nil {
			return fmt.Errorf("cms: start the workers: %w", err)
		}
	}
	if !h.web() {
		return nil
	}
	if err := h.startRiverUI(ctx); err != nil {
		return err
	}
	if err := h.organisations.servedAt(ctx, h.publicURL+"/m"); err != nil {
		return err
	}
	known, err := h.clients.Get(ctx, "north", []adapters.ClientID{graceID})
	if err != nil {
		return fmt.Errorf("cms: ask the directory: %w", err)
	}
	if len(known) == 0 {
		h.logger.InfoContext(ctx, "not seeded: the directory does not have the demonstration's clients")
		return nil
	}
	return h.seed(ctx)
}

// inBackground runs fn until the host stops.
func (h *host) inBackground(ctx context.Context, name string, fn func(context.Context) error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := fn(ctx); err != nil && ctx.Err() == nil {
			h.failed <- fmt.Errorf("cms: %s: %w", name, err)
		}
	}()
	h.stops = append(h.stops, func() { cancel(); <-ended })
}

// stop ends everything that start began, last to first, and closes the pool.
func (h *host) stop() {
	for i := len(h.stops) - 1; i >= 0; i-- {
		h.stops[i]()
	}
	h.stops = nil
}

// keyNamed names a link key by its fingerprint, so that no two keys ever share a name.
func keyNamed(key []byte) messenger.LinkKey {
	sum := sha256.Sum256(key)
	return messenger.LinkKey{ID: hex.EncodeToString(sum[:4]), Key: key}
}
