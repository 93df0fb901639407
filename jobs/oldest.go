package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Waiting is a queue whose jobs could run now, and since when the oldest of them could.
type Waiting struct {
	Queue string
	Since time.Time
}

// Waiting returns Messenger's queues in which a job waits that is due, by their names.
func (i *Inserter) Waiting(ctx context.Context, from *pgxpool.Pool) ([]Waiting, error) {
	table := pgx.Identifier{"river_job"}
	if schema := i.client.Schema(); schema != "" {
		table = pgx.Identifier{schema, "river_job"}
	}
	found, err := from.Query(ctx, `select queue, min(scheduled_at) from `+table.Sanitize()+`
		where state in ('available', 'scheduled', 'retryable') and scheduled_at <= now() and queue like 'messenger\_%'
		group by queue order by queue`)
	if err != nil {
		return nil, fmt.Errorf("read the queues: %w", err)
	}
	return pgx.CollectRows(found, pgx.RowToStructByPos[Waiting])
}
