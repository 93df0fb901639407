package messenger

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/panics"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// tell orders that the host's notification centre hears of something, where it has one.
func (m *Messenger) tell(ctx context.Context, t tx, what string, channel, message uuid.UUID) error {
	if m.config.Events == nil {
		return nil
	}
	return t.enqueue(ctx, jobs.TellHost{Event: m.newID(), What: what, Channel: channel, Message: message})
}

// tellOfText orders that the host hears of a text that waits for a person.
func (m *Messenger) tellOfText(ctx context.Context, t tx, text uuid.UUID) error {
	return m.tell(ctx, t, "unmatched", uuid.Nil, text)
}

// TellHost is a job: it tells the host's notification centre of one event, until it took it.
func (m worker) TellHost(ctx context.Context, e jobs.TellHost, _ int) error {
	if m.config.Events == nil {
		return nil
	}
	event, err := m.eventOf(ctx, e)
	if err != nil {
		return err
	}
	seconds, nanoseconds := e.Event.Time().UnixTime() // a UUIDv7 holds its own time
	event.At = time.Unix(seconds, nanoseconds).UTC()
	permit, err := m.enter(ctx, portEvents, event.Organisation)
	if err != nil {
		return err
	}
	permit.Begin()
	_, err = panics.Try(func() (struct{}, error) { return struct{}{}, m.config.Events.Happened(ctx, event) })
	permit.Leave(news(ctx, err))
	if err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: the host did not take an event", "event_id", e.Event, "error", err)
		return errors.New("the host did not take the event")
	}
	return nil
}

// eventOf is an event as the host hears it: of a channel, or of a text that no channel claims.
func (m *Messenger) eventOf(ctx context.Context, e jobs.TellHost) (adapters.Event, error) {
	event := adapters.Event{ID: e.Event, Kind: e.What, Channel: e.Channel, Message: e.Message}
	if e.Channel == uuid.Nil {
		organisation, err := rows.One[adapters.OrganisationID](ctx, m.db(), rows.Select[rows.Unmatched]().
			Column("organisation_id").Where("u.id = ?", rows.V(e.Message)))
		event.Organisation = organisation
		return event, err
	}
	channel, err := rows.One[rows.Channel](ctx, m.db(), rows.All[rows.Channel]().
		Where("c.id = coalesce("+joinedWith+", ?)", rows.V(e.Channel), rows.V(e.Channel)))
	event.Organisation, event.Staff, event.Client = channel.OrganisationID, channel.StaffID, channel.ClientID
	event.Channel = channel.ID
	return event, err
}
