package messenger

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/phone"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// What an inbound text asks.
const (
	asksToStop  = "stop"
	asksToStart = "start"
)

// asks is what an inbound text says of texts. Who says both has stopped: a wish to be left alone is not argued with.
func asks(text adapters.InboundText) string {
	switch {
	case text.Stop:
		return asksToStop
	case text.Start:
		return asksToStart
	default:
		return ""
	}
}

// shortest is how long a whole number is at least, with its plus and country; a short code is shorter.
const shortest = 11

// numberOf is a number as it is compared, however a provider writes it; a short code or a name stays as it is.
func numberOf(from string) string {
	plus := from
	if strings.HasPrefix(from, "44") { // a provider that leaves the plus out
		plus = "+" + from
	}
	if e164, ok := phone.Parse(plus); ok || len(e164) >= shortest {
		return e164
	}
	return from
}

// objecting is a client who objects to texts, where their number asked at that time for no more. Who shares the number
// does too: a text says nothing of who wrote it. What the client agreed to since goes before it.
func objecting(client adapters.Client, at time.Time) adapters.Client {
	if !client.TextsAgreed.After(at) && !slices.Contains(client.Objects, adapters.SMS) {
		client.Objects = append(slices.Clone(client.Objects), adapters.SMS)
	}
	return client
}

// heeding has clients object to texts whose number asked for no more: the host's directory may not know it yet.
func (m *Messenger) heeding(
	ctx context.Context, organisation adapters.OrganisationID, clients map[adapters.ClientID]adapters.Client,
) error {
	numbers := make([]string, 0, len(clients))
	for _, client := range clients {
		if number := address(client, adapters.SMS); number != "" {
			numbers = append(numbers, number)
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	found, err := rows.List[rows.Objection](ctx, m.db(), rows.All[rows.Objection]().
		Where("o.organisation_id = ? AND o.number = any(?) AND o.objects", rows.V(organisation), rows.V(numbers)))
	if err != nil || len(found) == 0 {
		return err
	}
	since := make(map[string]time.Time, len(found))
	for _, o := range found {
		since[o.Number] = o.At
	}
	for id, client := range clients {
		if at, objects := since[address(client, adapters.SMS)]; objects {
			clients[id] = objecting(client, at)
		}
	}
	return nil
}

// heedingOne is heeding for one client.
func (m *Messenger) heedingOne(
	ctx context.Context, organisation adapters.OrganisationID, client adapters.Client,
) (adapters.Client, error) {
	clients := map[adapters.ClientID]adapters.Client{client.ID: client}
	err := m.heeding(ctx, organisation, clients)
	return clients[client.ID], err
}

// heed keeps what was said of texts to a number and tells of it wherever texts went there from: in the history, live
// once the channels that it answers are given to changes, and to the host. Of a text that no channel claims the host
// hears by its id. What was said before something that is known changes nothing.
func (m *Messenger) heed(
	ctx context.Context, t tx, organisation adapters.OrganisationID, said rows.Objection, text uuid.UUID,
) ([]rows.Channel, error) {
	objected, err := rows.List[bool](ctx, t, rows.File("objection", rows.Args{
		"organisation": organisation, "number": said.Number, "objects": said.Objects, "at": said.At,
	}))
	if err != nil || len(objected) == 0 || !said.Objects && !objected[0] {
		return nil, err
	}
	channels, err := rows.List[rows.Channel](ctx, t, rows.All[rows.Channel]().Where(`c.moved_to IS NULL AND c.id IN (
		SELECT m.channel_id FROM messenger_messages AS m WHERE m.organisation_id = ? AND m.to_address = ?
		AND m.medium = 'sms' AND m.direction = 'outbound')`, rows.V(organisation), rows.V(said.Number)).Order("c.id"))
	if err != nil {
		return nil, err
	}
	action := ActionObjectionLifted
	if said.Objects {
		action = ActionObjected
	}
	for _, channel := range channels {
		entry := logEntry{channel: channel, actor: adapters.Author{Kind: "system"}, action: action}
		if err := t.writeHistory(ctx, entry); err != nil {
			return nil, err
		}
		if err := m.tell(ctx, t, string(action), channel.ID, uuid.Nil); err != nil {
			return nil, err
		}
	}
	if len(channels) == 0 && text != uuid.Nil {
		err = m.tell(ctx, t, string(action), uuid.Nil, text)
	}
	return channels, err
}

// heedText is heed for an inbound text whose organisation is known.
func (m *Messenger) heedText(ctx context.Context, t tx, text rows.Unmatched) ([]rows.Channel, error) {
	if text.Asks == "" || text.OrganisationID == nil {
		return nil, nil
	}
	said := rows.Objection{Number: text.FromNumber, Objects: text.Asks == asksToStop, At: text.At}
	return m.heed(ctx, t, *text.OrganisationID, said, text.ID)
}

// heedCarrier is heed for a message that its carrier refused because of what the client told it.
func (m *Messenger) heedCarrier(ctx context.Context, t tx, message rows.Message) ([]rows.Channel, error) {
	if message.Medium != adapters.SMS {
		return nil, nil
	}
	said := rows.Objection{Number: message.ToAddress, Objects: true, At: t.now}
	return m.heed(ctx, t, message.OrganisationID, said, uuid.Nil)
}

// carrierRefused ends a delivery that the carrier refused, and keeps an objection that it told of.
func (m *Messenger) carrierRefused(ctx context.Context, d dispatch, end ending, why error) error {
	if !errors.Is(why, adapters.ErrObjected) {
		return m.giveUp(ctx, d, end)
	}
	var touched []rows.Channel
	err := m.insist(ctx, func(ctx context.Context) error {
		return m.inTx(ctx, func(ctx context.Context, t tx) (err error) {
			if err := m.ending(d, end, &d.Channel)(ctx, t); err != nil { // it locks the channel: first, as in ApplyReceipt
				return err
			}
			touched, err = m.heedCarrier(ctx, t, d.Message)
			return err
		})
	})
	if err == nil {
		m.telemetry.delivered(ctx, d.Medium, end.status, end.reason)
		m.changes.addAll(touched)
	}
	return m.settled(d, err)
}
