package messenger

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// sendTime is how long one call of a sender may take: what it says, or callTimeout.
func sendTime(sender adapters.Sender) time.Duration {
	if slow, ok := sender.(adapters.Slow); ok {
		return max(slow.Takes(), callTimeout)
	}
	return callTimeout
}

// keep renews the lease of an attempt until stop is called, so that it can be short, and yet nobody else takes the
// message while its worker lives.
func (m *Messenger) keep(ctx context.Context, d dispatch) (stop func()) {
	return renewing(ctx, func(ctx context.Context) {
		_, err := rows.Exec(ctx, m.db(), rows.Update[rows.Message]().
			Set("attempt_until = now() + make_interval(secs => ?)", rows.V(lease.Seconds())).
			Where("id = ? AND attempt_id = ? AND delivery_status = 'sending'", rows.V(d.ID), rows.V(d.AttemptID)))
		if err != nil && ctx.Err() == nil {
			m.config.Logger.WarnContext(ctx, "messenger: an attempt's lease was not renewed", "message_id", d.ID, "error", err)
		}
	})
}

// renewing renews a lease again and again, each time well before it ends, until stop is called.
func renewing(ctx context.Context, renew func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for pause(ctx, lease/3) {
			renew(ctx)
		}
	}()
	return func() { cancel(); <-ended }
}

// turn is when a message comes again for which its sender had no place: soon, and not together with the others.
func turn() time.Duration {
	return time.Second + time.Duration(rand.Int64N(int64(2*time.Second))) //nolint:gosec // spreads load, guards nothing
}
