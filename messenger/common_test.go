package messenger_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
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

// exampleMessenger is a host's Messenger with one staff member, amira, and one client, c-1.
func exampleMessenger(pool *pgxpool.Pool, email adapters.Sender) *messenger.Messenger {
	clients, staff := memory.NewClients(), memory.NewStaff()
	clients.Put("north", adapters.Client{ID: "c-1", Name: "Grace Okafor", Email: "grace@example.org"})
	staff.Add(adapters.Member{ID: "amira", Name: "Amira Shah", Organisation: "north", Media: []adapters.Medium{adapters.Email}})
	m, err := messenger.New(messenger.Config{
		Pool: pool, Clients: clients, Staff: staff, Email: email, PublicURL: "https://nhs.example.org/m", Logger: quiet(),
		LinkKeys: []messenger.LinkKey{{ID: "2026", Key: []byte("32 bytes from the secret store, please")}},
	})
	if err != nil {
		panic(err)
	}
	return m
}
