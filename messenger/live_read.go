package messenger

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// liveReader reads for the hub.
type liveReader struct{ *Messenger }

// Reset is the event that asks a reader to fetch again.
func (liveReader) Reset(id string) LiveEvent { return LiveEvent{ID: id, Kind: "reset"} }

// Load reads what changed, as it is now: the events of each change.
func (r liveReader) Load(ctx context.Context, list []live.Numbered) ([][]LiveEvent, error) {
	var channelIDs, messageIDs []uuid.UUID
	for _, n := range list {
		channelIDs = append(channelIDs, n.Channel)
		messageIDs = append(messageIDs, n.Messages...)
	}
	found, err := rows.List[rows.Listed](ctx, r.db(), rows.ListedChannels().
		Where("c.id = any(?::text[]::uuid[]) AND c.moved_to IS NULL", rows.V(idsOf(channelIDs))))
	if err != nil {
		return nil, err
	}
	messages, err := rows.List[rows.Message](ctx, r.db(), rows.Shown().
		Where("m.id = any(?::text[]::uuid[])", rows.V(idsOf(messageIDs))).OrderExpr("m.seq"))
	if err != nil {
		return nil, err
	}
	channels := map[uuid.UUID]*Channel{}
	for _, row := range found {
		channel := channelOf(row, search.Query{})
		channels[row.ID] = &channel
	}
	inChannel := map[uuid.UUID][]rows.Message{}
	for _, row := range messages {
		inChannel[row.ChannelID] = append(inChannel[row.ChannelID], row)
	}
	broadcasts, err := r.loadBroadcasts(ctx, list)
	if err != nil {
		return nil, err
	}
	clients := r.clientsOf(ctx, channels, messages)
	texts, err := r.countTexts(ctx, list)
	if err != nil {
		return nil, err
	}
	told, err := r.toldOf(ctx, list)
	if err != nil {
		return nil, err
	}
	events := make([][]LiveEvent, len(list))
	for i, n := range list {
		if count, told := texts[n.Inbox()]; told && n.Texts {
			events[i] = append(events[i], LiveEvent{ID: n.Before(), Kind: "unmatched", Unmatched: &count})
		} else if n.Texts && n.Staff != "" { // how many that are differs by who reads it
			events[i] = append(events[i], LiveEvent{ID: n.Before(), Kind: "unmatched", staff: n.Staff})
		}
		if broadcast := broadcasts[n.Broadcast]; broadcast != nil && broadcast.of == n.Inbox() {
			events[i] = append(events[i], LiveEvent{
				ID: n.Before(), Kind: "broadcast", Broadcast: &broadcast.Broadcast, staff: n.Staff,
			})
		}
		if n.Reset {
			events[i] = append(events[i], LiveEvent{ID: n.Before(), Kind: "reset"})
		}
		channel := channels[n.Channel]
		if channel == nil || !told.may(n, channel) {
			channel = nil // any role of the database may NOTIFY: what is named must be for who is told
		} else if n.Present != nil {
			events[i] = append(events[i], presentEvent(n, channel))
		} else {
			events[i] = append(events[i], LiveEvent{
				ID: n.Before(), Kind: "channel", Channel: channel, staff: channel.Staff, client: channel.Client,
			})
		}
		for _, row := range inChannel[n.Channel] {
			if channel != nil && slices.Contains(n.Messages, row.ID) {
				client := clients[clientKey{n.Organisation, channel.Client}]
				client.Name = cmp.Or(client.Name, channel.ClientName)
				message := messageOf(row, client).withoutWords()
				events[i] = append(events[i], LiveEvent{
					ID: n.Before(), Kind: "message", Message: &message, staff: n.Staff, client: channel.Client,
				})
			}
		}
		if last := len(events[i]) - 1; last >= 0 { // only who has had them all is past the change
			events[i][last].ID = n.ID()
		}
	}
	return events, nil
}

// told is who was told that which channels are overdue.
type told map[overdueTo]bool

type overdueTo struct {
	ChannelID uuid.UUID
	Staff     adapters.StaffID
}

// may says whether a change is for whom it names: of their own inbox, or one that they were told of.
func (t told) may(n live.Numbered, channel *Channel) bool {
	if channel.Organisation != n.Organisation {
		return false
	}
	return channel.Staff == n.Staff || channel.Staff == n.Of && t[overdueTo{channel.ID, n.Staff}]
}

// toldOf reads who was told of the channels that changes name.
func (r liveReader) toldOf(ctx context.Context, list []live.Numbered) (told, error) {
	var ids []uuid.UUID
	for _, n := range list {
		if n.Of != "" {
			ids = append(ids, n.Channel)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := rows.List[overdueTo](ctx, r.db(), rows.Overdue().
		ColumnExpr("o.channel_id, unnest(o.overdue_to) AS staff").
		Where("o.channel_id = any(?::text[]::uuid[])", rows.V(idsOf(ids))))
	if err != nil {
		return nil, err
	}
	all := told{}
	for _, one := range found {
		all[one] = true
	}
	return all, nil
}

// clientKey names a client of an organisation.
type clientKey struct {
	organisation adapters.OrganisationID
	client       adapters.ClientID
}

// clientsOf is the clients whose messages have an address, as far as the directory tells.
func (r liveReader) clientsOf(
	ctx context.Context, channels map[uuid.UUID]*Channel, messages []rows.Message,
) map[clientKey]adapters.Client {
	wanted := map[adapters.OrganisationID][]adapters.ClientID{}
	for _, row := range messages {
		if channel := channels[row.ChannelID]; channel != nil && hasAddress(row) {
			wanted[channel.Organisation] = append(wanted[channel.Organisation], channel.Client)
		}
	}
	known := map[clientKey]adapters.Client{}
	for organisation, ids := range wanted {
		for some := range slices.Chunk(distinct(ids), directoryPage) {
			for id, client := range r.clientsNow(ctx, organisation, some...) {
				known[clientKey{organisation, id}] = client
			}
		}
	}
	return known
}

// countTexts counts, for the organisations whose texts changed, those that wait for a person.
func (r liveReader) countTexts(ctx context.Context, list []live.Numbered) (map[live.Inbox]int, error) {
	counts := map[live.Inbox]int{}
	for _, n := range list {
		if _, counted := counts[n.Inbox()]; counted || !n.Texts || n.Inbox() != live.Texts(n.Organisation) {
			continue
		}
		count, err := rows.One[int](ctx, r.db(), unmatchedCount(n.Organisation, true))
		if err != nil {
			return nil, err
		}
		counts[n.Inbox()] = count
	}
	return counts, nil
}

// ownedBroadcast is a broadcast and the inbox that it was sent from.
type ownedBroadcast struct {
	of live.Inbox
	Broadcast
}

// loadBroadcasts reads the broadcasts that changes name, as far as they are there.
func (r liveReader) loadBroadcasts(ctx context.Context, list []live.Numbered) (map[uuid.UUID]*ownedBroadcast, error) {
	var ids []uuid.UUID
	for _, n := range list {
		if n.Broadcast != uuid.Nil {
			ids = append(ids, n.Broadcast)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	type owner struct {
		ID             uuid.UUID
		OrganisationID adapters.OrganisationID
		StaffID        adapters.StaffID
	}
	owners, err := rows.List[owner](
		ctx,
		r.db(),
		rows.Select[rows.Broadcast]().Column("id", "organisation_id", "staff_id").
			Where("id = any(?::text[]::uuid[])", rows.V(idsOf(ids))),
	)
	if err != nil {
		return nil, err
	}
	broadcasts := make(map[uuid.UUID]*ownedBroadcast, len(owners))
	for _, o := range owners {
		broadcast, err := r.readBroadcast(ctx, o.OrganisationID, o.ID)
		if err != nil {
			return nil, err
		}
		broadcasts[o.ID] = &ownedBroadcast{live.Inbox{Organisation: o.OrganisationID, Staff: o.StaffID}, broadcast}
	}
	return broadcasts, nil
}

// Notify tells the other processes.
func (r liveReader) Notify(ctx context.Context, payloads []string) error {
	_, err := rows.Exec(ctx, r.config.Pool, rows.File("notify", rows.Args{"payloads": payloads}))
	return err
}

// States is what shows that an inbox changed: its counts, and the time of its newest unread channel.
func (r liveReader) States(ctx context.Context, watched []live.Inbox) (map[live.Inbox]string, error) {
	organisations, staff := make([]string, len(watched)), make([]string, len(watched))
	for i, w := range watched {
		organisations[i], staff[i] = string(w.Organisation), string(w.Staff)
	}
	type state struct {
		OrganisationID adapters.OrganisationID
		StaffID        adapters.StaffID
		State          string
	}
	found, err := rows.List[state](ctx, r.db(), rows.File("inbox_states", rows.Args{
		"organisations": organisations, "staff": staff,
	}))
	now := make(map[live.Inbox]string, len(found))
	for _, one := range found {
		now[live.Inbox{Organisation: one.OrganisationID, Staff: one.StaffID}] = one.State
	}
	return now, err
}
