package messenger

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
)

// pauses keeps until when providers take nothing more. A limit that one process met holds for all: it stands in the
// database, which each process reads once a second at most, however many messages wait.
type pauses struct {
	mu    sync.Mutex
	read  time.Time
	until map[pauseKey]time.Time
}

type pauseKey struct {
	Organisation adapters.OrganisationID
	Medium       adapters.Medium
}

const pausesReadEvery = time.Second

// set keeps everybody from a provider for a while.
func (p *pauses) set(ctx context.Context, m *Messenger, organisation adapters.OrganisationID, medium adapters.Medium, wait time.Duration) {
	_, err := m.config.Pool.Exec(context.WithoutCancel(ctx), `insert into messenger_pauses as p (organisation_id, medium, until)
		values ($1, $2, now() + make_interval(secs => $3))
		on conflict (organisation_id, medium) do update set until = greatest(p.until, excluded.until)`, organisation, medium, wait.Seconds())
	if err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: a provider's limit was not written down", "error", err)
	}
	p.mu.Lock()
	p.read = time.Time{}
	p.mu.Unlock()
}

// left is how long this medium has still to wait.
func (p *pauses) left(ctx context.Context, m *Messenger, organisation adapters.OrganisationID, medium adapters.Medium) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.config.Now().Sub(p.read).Abs() >= pausesReadEvery {
		p.refresh(ctx, m)
	}
	return p.until[pauseKey{organisation, medium}].Sub(m.config.Now())
}

// refresh reads by the database's clock and keeps by this process's.
func (p *pauses) refresh(ctx context.Context, m *Messenger) {
	rows, err := m.config.Pool.Query(ctx, `select organisation_id, medium, extract(epoch from until - now())::float8
		from messenger_pauses where until > now()`)
	if err != nil {
		return // what is known goes on to hold
	}
	until := map[pauseKey]time.Time{}
	var key pauseKey
	var seconds float64
	_, err = pgx.ForEachRow(rows, []any{&key.Organisation, &key.Medium, &seconds}, func() error {
		until[key] = m.config.Now().Add(time.Duration(seconds * float64(time.Second)))
		return nil
	})
	if err == nil {
		p.until, p.read = until, m.config.Now()
	}
}

// waitInside is how long a broadcast's worker waits in its place: so a limit slows the queue, and jobs do not go round and round
// through the database. A longPause is another matter: each job goes round once, soon, since other organisations' broadcasts
// stand in the same queue behind them.
const (
	waitInside       = 5 * time.Second
	longPause        = time.Minute
	waitInsideAtLong = 250 * time.Millisecond
)

func waitOutside(ctx context.Context, d dispatch, wait time.Duration) error {
	spread := time.Duration(rand.Int64N(int64(time.Second) + int64(wait)/4)) //nolint:gosec // spreads load, guards nothing
	if d.BroadcastID == nil {
		return jobs.After(wait + spread)
	}
	inside := min(wait, waitInside)
	if wait > longPause {
		inside = waitInsideAtLong
	}
	if !pause(ctx, inside) {
		return ctx.Err()
	}
	return jobs.After(wait - inside + spread)
}

// pause waits, and says whether to go on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
