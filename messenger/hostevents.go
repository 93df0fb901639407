package messenger

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
)

// tell orders that the host's notification centre hears of something, where it has one.
func (m *Messenger) tell(ctx context.Context, t tx, what string, channel, message uuid.UUID) error {
	if m.config.Events == nil {
		return nil
	}
	return t.enqueue(ctx, jobs.TellHost{Event: newID(), What: what, Channel: channel, Message: message})
}

// TellHost is a job: it tells the host's notification centre of one event, until it took it.
func (m worker) TellHost(ctx context.Context, e jobs.TellHost, _ int) error {
	if m.config.Events == nil {
		return nil
	}
	event := adapters.Event{ID: e.Event, Kind: e.What, Channel: e.Channel, Message: e.Message}
	err := m.config.Pool.QueryRow(ctx, "select organisation_id, staff_id, client_id from messenger_channels where id = $1", e.Channel).
		Scan(&event.Organisation, &event.Staff, &event.Client)
	if err != nil {
		return err
	}
	seconds, nanoseconds := e.Event.Time().UnixTime() // a UUIDv7 holds its own time
	event.At = time.Unix(seconds, nanoseconds).UTC()
	if err := m.config.Events.Happened(ctx, event); err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: the host did not take an event", "event_id", e.Event, "error", err)
		return errors.New("the host did not take the event")
	}
	return nil
}
