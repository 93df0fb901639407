package messenger

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/panics"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/permits"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// mayFile has a job file a message, unless another does, or the record bears no more calls: then it is jobs.After.
func (m *Messenger) mayFile(ctx context.Context, r stored) (*permits.Permit, error) {
	if left := value(r.Filing); left > 0 {
		m.filingTurnLater(ctx, r)
		return nil, jobs.After(time.Duration(left*float64(time.Second)) + time.Second)
	}
	permit, err := m.enter(ctx, portRecord, r.OrganisationID)
	if err != nil {
		m.filingTurnLater(ctx, r)
	}
	return permit, err
}

// callRecord is one call of the record, of callTimeout at most.
func (m *Messenger) callRecord(
	ctx context.Context, r stored, permit *permits.Permit, call func(context.Context) (adapters.Filed, error),
) (adapters.Filed, error) {
	bound, cancel := calling(ctx, callTimeout)
	defer cancel()
	defer m.keepFiling(bound, r)()
	permit.Begin()
	called, ended := m.call(bound, portRecord, "file", r.Message)
	place, err := panics.Try(func() (adapters.Filed, error) { return call(called) })
	ended(err)
	permit.Leave(news(bound, err))
	return place, err
}

// keepFiling has nobody else file a message while its worker lives and the record takes long. River gives a job to
// another worker after half a minute; a call that is quick writes nothing.
func (m *Messenger) keepFiling(ctx context.Context, r stored) (stop func()) {
	var held atomic.Bool
	over := renewing(ctx, func(ctx context.Context) {
		held.Store(true)
		m.holdFiling(ctx, r, lease)
	})
	return func() {
		over()
		if held.Load() {
			m.holdFiling(context.WithoutCancel(ctx), r, 0)
		}
	}
}

func (m *Messenger) holdFiling(ctx context.Context, r stored, lasts time.Duration) {
	_, err := rows.Exec(ctx, m.db(), rows.Update[rows.Message]().
		Set("filing_until = now() + make_interval(secs => ?)", rows.V(lasts.Seconds())).Where("id = ?", rows.V(r.ID)))
	if err != nil && ctx.Err() == nil {
		m.config.Logger.WarnContext(ctx, "messenger: a filing's lease was not written", "message_id", r.ID, "error", err)
	}
}
