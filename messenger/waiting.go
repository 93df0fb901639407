package messenger

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// WaitingWhy is why a message waits to be sent or filed. Callers must bear values that they do not know.
type WaitingWhy string

// The reasons.
const (
	WaitingProviderLimit WaitingWhy = "provider_limit" // the provider takes no more for a while
	WaitingNotSetUp      WaitingWhy = "not_set_up"     // our account at the provider or the record is at fault
	WaitingDirectory     WaitingWhy = "directory"      // the host's directory does not answer
	WaitingProviderDown  WaitingWhy = "provider_down"
	WaitingRecordDown    WaitingWhy = "record_down"
	WaitingSafeHours     WaitingWhy = "safe_hours" // it is not safe to reach the client now: at once, and asks for nobody
)

// Waiting is why a message waits, once it has for ten minutes; for safe hours at once.
type Waiting struct {
	Why   WaitingWhy
	Until time.Time // zero where nobody knows
}

// waitShown is how long a message waits before it says so, and asks for a person.
const waitShown = 10 * time.Minute

// recordPause stands for the medium in the pauses of the record.
const recordPause adapters.Medium = "record"

// waited is how long a message has waited to be sent.
func (m *Messenger) waited(d dispatch) time.Duration {
	since := d.CreatedAt
	if d.SendAfter != nil && d.SendAfter.After(since) {
		since = *d.SendAfter
	}
	if d.FirstTriedAt != nil {
		since = *d.FirstTriedAt
	}
	return m.clock.now().Sub(since)
}

// heldUp is how long the job of a message sleeps before the end of a pause, once the message says that it waits, where
// it has for ten minutes. A job that would sleep through that moment comes back for it.
func (m *Messenger) heldUp(
	ctx context.Context, d dispatch, why WaitingWhy, wait time.Duration,
) (time.Duration, error) {
	if left := waitShown - m.waited(d); left > 0 {
		return min(wait, left), nil
	}
	return wait, m.saysThatItWaits(ctx, d, why, m.now(ctx).Add(wait))
}

// triedLater is err, by which the job is tried again, once the message says that it waits, where it has for ten
// minutes.
func (m *Messenger) triedLater(ctx context.Context, d dispatch, why WaitingWhy, err error) error {
	left := waitShown - m.waited(d)
	switch {
	case left <= 0:
		return errors.Join(err, m.saysThatItWaits(ctx, d, why, time.Time{}))
	case left < jobs.Backoff(d.attempt):
		return jobs.After(left)
	default:
		return err
	}
}

// turnLater is err, by which the job comes back for its turn at the provider, once the message says that it waits,
// where it has for ten minutes. One of a broadcast does not say so: many take long.
func (m *Messenger) turnLater(ctx context.Context, d dispatch, err error) error {
	if d.BroadcastID != nil || value(d.DeliveryAttention) == AttentionWaiting || m.waited(d) < waitShown {
		return err
	}
	return cmp.Or(m.saysThatItWaits(ctx, d, WaitingProviderDown, time.Time{}), err)
}

// saysThatItWaits writes on a message why it has not gone out, and asks for a person.
func (m *Messenger) saysThatItWaits(ctx context.Context, d dispatch, why WaitingWhy, until time.Time) error {
	n, err := rows.Exec(context.WithoutCancel(ctx), m.db(), rows.Update[rows.Message]().
		Set("delivery_attention = 'waiting', delivery_waiting = ?, delivery_waiting_until = ?",
			rows.V(why), rows.V(nullableTime(until))).
		Where("id = ? AND delivery_status IN ('scheduled', 'queued', 'sending')", rows.V(d.ID)))
	if err == nil && n > 0 {
		m.changes.add(d.Channel, d.ID)
	}
	return err
}

// filingWaits likewise says that a message is not in the record yet.
func (m *Messenger) filingWaits(ctx context.Context, r stored, why WaitingWhy, until time.Time) {
	n, err := rows.Exec(context.WithoutCancel(ctx), m.db(), rows.Update[rows.Message]().
		Set("record_attention = 'waiting', record_waiting = ?, record_waiting_until = ?",
			rows.V(why), rows.V(nullableTime(until))).
		Where("id = ? AND record_status = 'pending'", rows.V(r.ID)))
	if err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: a message does not say that it waits", "message_id", r.ID, "error", err)
	} else if n > 0 {
		m.changes.add(r.Channel, r.ID)
	}
}

// filingTurnLater has a message say that it waits for its turn at the record, where it has for ten minutes: see
// turnLater.
func (m *Messenger) filingTurnLater(ctx context.Context, r stored) {
	if r.BroadcastID == nil && value(r.RecordAttention) != AttentionWaiting && m.unfiled(r) >= waitShown {
		m.filingWaits(ctx, r, WaitingRecordDown, time.Time{})
	}
}

func nullableTime(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// deliveryWaiting is what a message says of its wait to go out: one for safe hours asks for nobody, and is said at
// once.
func deliveryWaiting(r rows.Message) *Waiting {
	out := r.DeliveryStatus == DeliveryScheduled || r.DeliveryStatus == DeliveryQueued
	if out && WaitingWhy(r.DeliveryWaiting) == WaitingSafeHours {
		return &Waiting{WaitingSafeHours, value(r.DeliveryWaitingUntil).UTC()}
	}
	return waiting(r.DeliveryAttention, r.DeliveryWaiting, r.DeliveryWaitingUntil)
}

// waiting is what a message says of its wait: nothing unless its attention is for that.
func waiting(attention *Attention, why string, until *time.Time) *Waiting {
	if attention == nil || *attention != AttentionWaiting {
		return nil
	}
	return &Waiting{WaitingWhy(why), value(until).UTC()}
}
