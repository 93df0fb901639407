package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// Inserter puts jobs into a transaction that somebody else has begun.
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
	var opts *river.InsertOpts
	if !at.IsZero() {
		opts = &river.InsertOpts{ScheduledAt: at}
	}
	if _, err := i.client.InsertTx(ctx, tx, args, opts); err != nil {
		return fmt.Errorf("insert %s: %w", args.Kind(), err)
	}
	return nil
}

// bulkPriority is River's lowest.
const bulkPriority = 4

// InsertBulk is Insert for any number of jobs that belong to a broadcast, in one round trip: they run behind everything else.
func (i *Inserter) InsertBulk(ctx context.Context, tx pgx.Tx, at time.Time, list ...Args) error {
	if len(list) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(list))
	for n, args := range list {
		opts := &river.InsertOpts{Queue: QueueBulk, Priority: bulkPriority, ScheduledAt: at}
		switch args.(type) {
		case WriteRecord, AmendRecord:
			opts.Queue = QueueBulkRecord
		}
		params[n] = river.InsertManyParams{Args: args, InsertOpts: opts}
	}
	if _, err := i.client.InsertManyFastTx(ctx, tx, params); err != nil {
		return fmt.Errorf("insert %d jobs: %w", len(list), err)
	}
	return nil
}
