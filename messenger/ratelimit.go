package messenger

import (
	"context"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// pauses keeps until when providers, and the record, take nothing more. What one process met holds for all: it stands
// in the database, which each process reads once a second at most, however many messages wait.
type pauses struct {
	mu    sync.Mutex
	read  time.Time
	until map[pauseKey]pausing
}

type pauseKey struct {
	OrganisationID adapters.OrganisationID
	Medium         adapters.Medium
}

// pausing is a pause as this process knows it.
type pausing struct {
	until time.Time
	why   WaitingWhy
	via   string // of a sender's: who may be meant, as a receipt calls them; only written
}

const pausesReadEvery = time.Second

// set keeps everybody from a provider for a while, and answers for how long. One that goes on and on grows up to most.
// Of the pause, why and via are given.
func (p *pauses) set(
	ctx context.Context, m *Messenger, key pauseKey, pause pausing, wait, most time.Duration,
) time.Duration {
	seconds, err := rows.One[float64](context.WithoutCancel(ctx), m.db(), rows.File("pause", rows.Args{
		"organisation": key.OrganisationID, "medium": key.Medium, "why": pause.why, "via": pause.via,
		"wait": wait.Seconds(), "most": most.Seconds(),
	}))
	if err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: a pause was not written down", "error", err)
	} else {
		wait = time.Duration(seconds * float64(time.Second))
	}
	p.forget()
	p.mu.Lock()
	defer p.mu.Unlock()
	until := maps.Clone(p.until)
	if until == nil {
		until = map[pauseKey]pausing{}
	}
	pause.until = m.ownNow().Add(wait) // here at once: the database's word comes with the next reading
	until[key] = pause
	p.until = until
	return wait
}

// forget has the pauses read again, and what is being read dropped.
func (p *pauses) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read = time.Time{}
}

// over is forget for a pause that has ended.
func (p *pauses) over(key pauseKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read = time.Time{}
	p.until = maps.Clone(p.until)
	delete(p.until, key)
}

// left is how long this medium has still to wait, and why. The first message after a second reads the pauses anew, and
// the others go by what is known meanwhile: nobody waits for somebody else's query.
func (p *pauses) left(ctx context.Context, m *Messenger, key pauseKey) (time.Duration, WaitingWhy) {
	now := m.ownNow()
	p.mu.Lock()
	due := now.Sub(p.read).Abs() >= pausesReadEvery
	if due {
		p.read = now
	}
	p.mu.Unlock()
	if due {
		until, err := m.readPauses(ctx)
		p.mu.Lock()
		if err == nil && p.read.Equal(now) { // else what is known goes on to hold
			p.until = until
		}
		p.mu.Unlock()
	}
	return p.known(key, now)
}

// known is left by what this process knows already.
func (p *pauses) known(key pauseKey, now time.Time) (time.Duration, WaitingWhy) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.until[key].until.Sub(now), p.until[key].why
}

// readPauses reads by the database's clock and answers by this process's.
func (m *Messenger) readPauses(ctx context.Context) (map[pauseKey]pausing, error) {
	type paused struct {
		pauseKey
		Why     WaitingWhy
		Seconds float64
	}
	found, err := rows.List[paused](ctx, m.db(), rows.Select[rows.Pause]().Column("organisation_id", "medium", "why").
		ColumnExpr("extract(epoch from p.until - now())::float8 AS seconds").Where("p.until > now()"))
	until := map[pauseKey]pausing{}
	for _, pause := range found {
		ends := m.ownNow().Add(time.Duration(pause.Seconds * float64(time.Second)))
		until[pause.pauseKey] = pausing{until: ends, why: pause.Why}
	}
	return until, err
}

// waitInside is how long a broadcast's worker waits in its place: so a limit slows the queue, and jobs do not go
// round and round through the database. A longPause is another matter: each job goes round once, soon, since other
// organisations' broadcasts stand in the same queue behind them.
const (
	waitInside       = 5 * time.Second
	longPause        = time.Minute
	waitInsideAtLong = 250 * time.Millisecond
)

// spreadOver is how long what waited together may take to come back, so that nobody waits for hours beyond a day's end.
const spreadOver = time.Minute

// waitOutside has a message's job wait for the end of a pause, and says whether it is over, or when to come back.
func waitOutside(ctx context.Context, d dispatch, wait time.Duration) (over bool, back error) {
	//nolint:gosec // spreads load, guards nothing
	spread := time.Duration(rand.Int64N(int64(time.Second + min(wait/4, spreadOver))))
	if d.BroadcastID == nil {
		return false, jobs.After(wait + spread)
	}
	inside := min(wait, waitInside)
	if wait > longPause {
		inside = waitInsideAtLong
	}
	if !pause(ctx, inside) {
		return false, jobs.After(wait + spread)
	}
	return inside == wait, jobs.After(wait - inside + spread)
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

// carriers names the systems that may carry a sender's messages, "" where it does not say.
func (m *Messenger) carriers(ctx context.Context, d dispatch) string {
	carrying, knows := d.sender.(adapters.Carrying)
	if !knows {
		return ""
	}
	ctx, cancel := bounded(context.WithoutCancel(ctx))
	defer cancel()
	names, err := carrying.Carriers(ctx, d.OrganisationID, d.Medium)
	if err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: a sender does not say who carries", "error", err)
	}
	return strings.Join(names, ", ")
}
