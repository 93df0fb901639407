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
	found, err := from.Query(ctx, `select queue, min(scheduled_at) from `+i.table()+`
		where state in ('available', 'scheduled', 'retryable') and scheduled_at <= now() and queue like 'messenger\_%'
		group by queue order by queue`)
	if err != nil {
		return nil, fmt.Errorf("read the queues: %w", err)
	}
	return pgx.CollectRows(found, pgx.RowToStructByPos[Waiting])
}

// Untaken returns those of Messenger's queues in which a job has been due for that long and no worker took it: of
// events, and of what is a broadcast's, where none was begun meanwhile either, since many take their time. However
// much waits, and is well, it reads a few rows.
func (i *Inserter) Untaken(ctx context.Context, from *pgxpool.Pool, long time.Duration) ([]string, error) {
	table := i.table()
	found, err := from.Query(ctx, `select q.name from unnest($1::text[]) q (name)
		where exists (select from generate_series(1, 4) p (n) where exists (select from `+table+` j
				where j.state in ('available', 'scheduled', 'retryable') and j.queue = q.name and j.priority = p.n
					and j.scheduled_at < now() - $2::interval))
			and (q.name = any($3) or not exists (select from `+table+` j
					where j.state in ('running', 'scheduled', 'retryable') and j.queue = q.name
						and j.attempted_at > now() - $2::interval)
				and not exists (select from `+table+` j
					where j.state = 'completed' and j.queue = q.name and j.finalized_at > now() - $2::interval))
		order by q.name`, Queues(), long, []string{QueueDeliver, QueueRecord})
	if err != nil {
		return nil, fmt.Errorf("read the queues: %w", err)
	}
	return pgx.CollectRows(found, pgx.RowTo[string])
}

// Wake has the jobs of these kinds run now that have run and sleep: those that After put off. What waits for the time
// that it was ordered for, and a back-off, go on. It may wake some for nothing, which sleep again.
func (i *Inserter) Wake(ctx context.Context, pool *pgxpool.Pool, kinds ...Args) error {
	return i.runNow(ctx, pool, "state = 'scheduled' and metadata ? 'snoozes'", kinds)
}

// Retry has the jobs of these kinds run now that have failed and wait for their next try.
func (i *Inserter) Retry(ctx context.Context, pool *pgxpool.Pool, kinds ...Args) error {
	return i.runNow(ctx, pool, "state = 'retryable'", kinds)
}

func (i *Inserter) runNow(ctx context.Context, pool *pgxpool.Pool, which string, kinds []Args) error {
	names := make([]string, len(kinds))
	for n, kind := range kinds {
		names[n] = kind.Kind()
	}
	_, err := pool.Exec(ctx, `update `+i.table()+` set scheduled_at = now()
		where `+which+` and scheduled_at > now() and kind = any($1)`, names)
	if err != nil {
		return fmt.Errorf("wake jobs: %w", err)
	}
	return nil
}

// table is River's table of jobs.
func (i *Inserter) table() string {
	if schema := i.client.Schema(); schema != "" {
		return pgx.Identifier{schema, "river_job"}.Sanitize()
	}
	return pgx.Identifier{"river_job"}.Sanitize()
}

// LastRuns returns when the latest run of each of the kinds ended well, by kind. River keeps that for a day.
func (i *Inserter) LastRuns(ctx context.Context, from *pgxpool.Pool, kinds ...Args) (map[string]time.Time, error) {
	last := map[string]time.Time{}
	for _, kind := range kinds {
		var at *time.Time
		//nolint:misspell // River's column
		err := from.QueryRow(ctx, `select max(finalized_at) from `+i.table()+`
			where kind = $1 and state = 'completed'`, kind.Kind()).Scan(&at)
		if err != nil {
			return nil, fmt.Errorf("read the last run of a job: %w", err)
		}
		if at != nil {
			last[kind.Kind()] = *at
		}
	}
	return last, nil
}
