package messenger

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
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
	channel, err := rows.One[rows.Channel](ctx, m.db(), rows.All[rows.Channel]().Where("c.id = ?", rows.V(e.Channel)))
	if err != nil {
		return err
	}
	event := adapters.Event{
		ID: e.Event, Kind: e.What, Organisation: channel.OrganisationID, Staff: channel.StaffID, Client: channel.ClientID,
		Channel: e.Channel, Message: e.Message,
	}
	seconds, nanoseconds := e.Event.Time().UnixTime() // a UUIDv7 holds its own time
	event.At = time.Unix(seconds, nanoseconds).UTC()
	permit, err := m.enter(ctx, portEvents, channel.OrganisationID)
	if err != nil {
		return err
	}
	permit.Begin()
	err = m.config.Events.Happened(ctx, event)
	permit.Leave(news(ctx, err))
	if err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: the host did not take an event", "event_id", e.Event, "error", err)
		return errors.New("the host did not take the event")
	}
	return nil
}
