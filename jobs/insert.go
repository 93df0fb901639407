package jobs

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// Inserter puts Messenger's jobs into a transaction that somebody else has begun. It is Messenger's own: a host sends
// in a transaction of its own by messenger.Prepared.SendTx.
type Inserter struct{ client *river.Client[pgx.Tx] }

// NewInserter returns an Inserter for River's tables in schema; empty is the search path's. It needs no workers and
// starts nothing.
func NewInserter(schema string, logger *slog.Logger) (*Inserter, error) {
	client, err := river.NewClient(riverpgxv5.New(nil), &river.Config{
		Schema: schema, Logger: logger,
		FetchCooldown: cooldown, // it tells the workers of a new job no more often than that
	})
	if err != nil {
		return nil, fmt.Errorf("river: %w", err)
	}
	return &Inserter{client}, nil
}

// Insert puts one job into the transaction, to run at once, or at the time at when that is not zero. The job exists
// when, and only when, the transaction commits. After an error the caller must roll back.
func (i *Inserter) Insert(ctx context.Context, tx pgx.Tx, args Args, at time.Time) error {
	return i.InsertAll(ctx, tx, Order{Args: args, At: at})
}

// Order is a job that is to be: what Insert takes. A Bulk one belongs to a broadcast and runs behind everything else.
type Order struct {
	Args Args
	At   time.Time
	Bulk bool
	// Trace is whose doing it is, where that is not the context's. A broadcast's jobs have none: it would be one trace of
	// thousands.
	Trace Trace
}

func (o Order) params(ctx context.Context) river.InsertManyParams {
	opts := &river.InsertOpts{ScheduledAt: o.At, Metadata: cmp.Or(o.Trace, TraceOf(ctx)).metadata()}
	if o.Bulk {
		opts.Queue, opts.Priority = QueueBulk, bulkPriority
		switch o.Args.(type) {
		case WriteRecord, AmendRecord:
			opts.Queue = QueueBulkRecord
		}
	}
	return river.InsertManyParams{Args: o.Args, InsertOpts: opts}
}

// InsertAll is Insert for any number of jobs, in one round trip.
func (i *Inserter) InsertAll(ctx context.Context, tx pgx.Tx, orders ...Order) error {
	if len(orders) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(orders))
	for n, order := range orders {
		params[n] = order.params(ctx)
	}
	if _, err := i.client.InsertManyTx(ctx, tx, params); err != nil {
		return fmt.Errorf("insert %d jobs, the first a %s: %w", len(orders), orders[0].Args.Kind(), err)
	}
	return nil
}

// bulkPriority is River's lowest.
const bulkPriority = 4

// InsertBulk is InsertAll for the many jobs of a broadcast, by COPY.
func (i *Inserter) InsertBulk(ctx context.Context, tx pgx.Tx, at time.Time, list ...Args) error {
	if len(list) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(list))
	for n, args := range list {
		params[n] = Order{Args: args, At: at, Bulk: true}.params(Untraced(ctx))
	}
	if _, err := i.client.InsertManyFastTx(ctx, tx, params); err != nil {
		return fmt.Errorf("insert %d jobs: %w", len(list), err)
	}
	return nil
}
