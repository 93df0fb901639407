package messengertest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/jobs"
)

// Settle runs Messenger's jobs, by a River client of its own, until none is due: what was sent has been handed to its
// carrier and filed, replies are filed, the host's Events have been told. Nothing runs before and after it. A message
// that waits for its time, and a try that comes later than in five seconds, are not waited for.
func (h *Host) Settle() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), h.patience)
	defer cancel()
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, h.Jobs())
	config := jobs.Configure(&river.Config{
		Workers: workers, Logger: h.Config.Logger, Schema: h.Config.RiverSchema,
		FetchCooldown: 10 * time.Millisecond, FetchPollInterval: 50 * time.Millisecond,
	}, h.Jobs())
	client, err := river.NewClient(riverpgxv5.New(h.Config.Pool), config)
	require.NoError(h.t, err, "messengertest: Settle")
	require.NoError(h.t, client.Start(context.WithoutCancel(ctx)), "messengertest: Settle: start River")
	defer func() {
		if h.t.Failed() { // what hangs is not waited for
			go func() { _ = client.StopAndCancel(context.WithoutCancel(ctx)) }()
			return
		}
		stop, over := context.WithTimeout(context.WithoutCancel(ctx), h.patience)
		defer over()
		require.NoError(h.t, client.Stop(stop), "messengertest: Settle: a job does not end")
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	due := ""
	for {
		left, err := h.due(ctx)
		switch {
		case ctx.Err() != nil:
			require.FailNow(h.t, "messengertest: Settle: not settled", "after %v there are still due: %s", h.patience, due)
		case err != nil:
			require.NoError(h.t, err, "messengertest: Settle")
		case left == "":
			return
		}
		due = left
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// due says which jobs are, by kind.
func (h *Host) due(ctx context.Context) (string, error) {
	table := "river_job"
	if h.Config.RiverSchema != "" {
		table = pgx.Identifier{h.Config.RiverSchema, table}.Sanitize()
	}
	found, err := h.Config.Pool.Query(ctx, `select kind, count(*), max(attempt) from `+table+`
		where kind like 'messenger\_%' and (state in ('available', 'running')
			or state in ('scheduled', 'retryable') and scheduled_at <= now() + interval '5 seconds')
		group by kind order by kind`)
	if err != nil {
		return "", fmt.Errorf("read the jobs: %w", err)
	}
	list, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (string, error) {
		var kind string
		var jobs, attempt int
		err := row.Scan(&kind, &jobs, &attempt)
		return fmt.Sprintf("%s ×%d (attempt %d)", kind, jobs, attempt), err
	})
	return strings.Join(list, ", "), err
}
