package messenger

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
)

// RecheckEvery sets how often a stream's permission is asked for again.
func (m *Messenger) RecheckEvery(d time.Duration) { m.hub.RecheckEvery(d) }

// ReadLive reads what live updates read: of watched inboxes, and of a change.
func (m *Messenger) ReadLive(ctx context.Context, channel, message uuid.UUID) error {
	r := liveReader{m}
	if _, err := r.States(ctx, []live.Inbox{{Organisation: "north", Staff: "amira"}, {Organisation: "north", Staff: "staff-1"}}); err != nil {
		return err
	}
	_, err := r.Load(ctx, []live.Numbered{{Change: live.Change{Channel: channel, Messages: []uuid.UUID{message}}}})
	return err
}

// Rest is how long a fan-out gives way after a batch that took so long.
func (m *Messenger) Rest(took time.Duration) time.Duration { return m.pace.rest(m.clock.now(), took) }

// Gathered is how many outcomes of broadcasts wait to be written together.
func (m *Messenger) Gathered() int { return m.bulk.outcomes.Waiting() }

// LookEvery is how often a colleague's looks are written down.
const LookEvery = lookEvery

// SetOwnClock has the process's own clock be so far ahead of what it is.
func (m *Messenger) SetOwnClock(ahead time.Duration) {
	m.clock.own = func() time.Time { return time.Now().Add(ahead) }
	m.clock.looked = time.Time{}
}

// RetryBroadcastPart is RetryBroadcast with fewer messages a call.
func (m *Messenger) RetryBroadcastPart(
	ctx context.Context, id uuid.UUID, cursor string, most int,
) (Page[ActResult], error) {
	return m.retryBroadcast(ctx, id, cursor, most)
}
