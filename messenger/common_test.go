package messenger_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

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
