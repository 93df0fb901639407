package messenger_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// exampleTB lets an example use what tests use.
type exampleTB struct {
	testing.TB
	cleanups []func()
}

func (*exampleTB) Helper()                        {}
func (*exampleTB) Failed() bool                   { return false }
func (*exampleTB) Context() context.Context       { return context.Background() }
func (*exampleTB) Name() string                   { return "example" }
func (*exampleTB) Logf(string, ...any)            {}
func (tb *exampleTB) Cleanup(fn func())           { tb.cleanups = append(tb.cleanups, fn) }
func (*exampleTB) Errorf(format string, a ...any) { fmt.Printf(format, a...) }
func (*exampleTB) Fatalf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }
func (*exampleTB) FailNow()                       { panic("example failed") }

// examplePool is migrationtest.Pool for an example.
func examplePool() (pool *pgxpool.Pool, done func()) {
	tb := &exampleTB{}
	pool = migrationtest.Pool(tb)
	return pool, func() {
		for i := len(tb.cleanups) - 1; i >= 0; i-- {
			tb.cleanups[i]()
		}
	}
}

// exampleHost is what the examples' host has: a database, a directory with one client, c-1, people with one staff
// member, amira, and a carrier in memory. Its Config is what messenger.New wants of it.
type exampleHost struct {
	messenger.Config
	clients *memory.Clients
	outbox  *memory.Sender
	done    []func()
}

func newExampleHost() *exampleHost {
	pool, done := examplePool()
	clients, staff, outbox := memory.NewClients(), memory.NewStaff(), memory.NewSender("memory")
	clients.Put("north", adapters.Client{
		ID: "c-1", Name: "Grace Okafor", FirstName: "Grace", Email: "grace@example.org", Phone: "07700 900123",
	})
	staff.Add(adapters.Member{
		ID: "amira", Name: "Amira Shah", Organisation: "north", Media: []adapters.Medium{adapters.Email, adapters.SMS},
	})
	return &exampleHost{
		Config: messenger.Config{
			Pool: pool, Clients: clients, Staff: staff, Email: outbox, SMS: outbox, Logger: quiet(),
			PublicURL: "https://nhs.example.org/m",
			LinkKeys:  []messenger.LinkKey{{ID: "2026", Key: []byte("32 bytes from the secret store, please")}},
		},
		clients: clients, outbox: outbox, done: []func(){done},
	}
}

// start runs m and its jobs, as main does in a host, until stop.
func (h *exampleHost) start(m *messenger.Messenger) {
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		_ = m.Run(ctx) // ends with ctx alone
	}()
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, m.Jobs())
	config := jobs.Configure(&river.Config{Workers: workers, Logger: quiet()}, m.Jobs())
	client := must(river.NewClient(riverpgxv5.New(h.Pool), config))
	check(client.Start(context.Background()))
	h.done = append(h.done, func() {
		check(client.Stop(context.Background()))
		cancel()
		<-ran
	})
}

// wait returns once no job is left to do: delivered and filed, or given up.
func (h *exampleHost) wait() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for left := 1; left > 0; {
		const due = `select count(*) from river_job
			where state in ('available', 'running', 'retryable') or state = 'scheduled' and scheduled_at <= now()`
		check(h.Pool.QueryRow(ctx, due).Scan(&left))
		select {
		case <-tick.C:
		case <-ctx.Done():
			panic("the jobs take too long")
		}
	}
}

// stop ends what start began, and removes the database.
func (h *exampleHost) stop() {
	for _, done := range slices.Backward(h.done) {
		done()
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
