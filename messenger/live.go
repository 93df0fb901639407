package messenger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// LiveEvent is one live update of an inbox. Kind "channel" carries the list row as it stands, "message" the message,
// "broadcast" a broadcast's progress, "unmatched" how many texts no channel claims, and "reset" asks the reader to
// fetch again what it shows. ID resumes a stream behind it.
type LiveEvent struct {
	ID, Kind  string
	Channel   *Channel
	Message   *Message
	Broadcast *Broadcast
	Unmatched *int // how many texts wait for a person, up to 1,000: to who sorts texts

	staff  adapters.StaffID  // whose inbox it is of
	client adapters.ClientID // whose channel it is of
}

// Run keeps this process's part of live updates going until ctx ends: it tells other processes what changed here, hears
// what changed elsewhere, and feeds the streams of Subscribe. Run it once in every process that sends, works jobs or
// serves streams. The streams end with it, so that http.Server.Shutdown does not wait for them. It returns ctx's error;
// trouble with the database is logged and tried again.
func (m *Messenger) Run(ctx context.Context) error {
	type place struct {
		Topic         string
		Indexed, Owns bool
	}
	at, err := rows.One[place](ctx, m.db(), rows.File("topic", nil))
	if err != nil {
		return fmt.Errorf("messenger: reach the database: %w", err)
	}
	if !at.Indexed {
		m.config.Logger.WarnContext(
			ctx,
			"messenger: the inbox search is slow here: install the extensions btree_gin and pg_trgm, and run migrations.Up",
		)
	}
	if at.Owns {
		m.config.Logger.WarnContext(
			ctx, "messenger: the service's database role owns its tables and could change the history: see migrations.Grant",
		)
	}
	if faults := poolFaults(m.config.Pool.Config()); faults != "" {
		m.config.Logger.WarnContext(
			ctx,
			"messenger: the pool would not notice soon that its database is gone: use ConfigurePool",
			"why", faults,
		)
	}
	stop, err := m.gauges()
	if err != nil {
		return err
	}
	defer stop()
	looking := make(chan struct{})
	go func() {
		defer close(looking)
		m.clock.keepLooking(ctx)
	}()
	defer func() { <-looking }()
	return m.hub.Run(ctx, at.Topic)
}

// Subscribe streams what changes in an inbox: the asker's own when staff is empty, or a colleague's that they may open;
// and in more of them, each by the same rule. Of a colleague's inbox it leaves out the clients that the asker may not
// see. That they looked stands in the inbox's history, and in a channel's once a message of it was told, a line an
// hour. Who sorts texts is also told how many wait. The asker's own inbox comes with what changes in those that they
// cover, marked CoveredFor.
//
// It starts from now, or behind lastEventID with what has changed since, or with a reset when that is not known any
// more. Each event comes at least once. The channel is closed when ctx or this process's Run ends, or within 30 seconds
// of the asker losing the permission for any of the inboxes, or of beginning or ceasing to sort texts or to cover
// somebody: then subscribe again, and fetch again. Run must run in this process. A person may have ten streams in a
// process, over all their sessions. Errors: CodeNotSignedIn, CodeNotFound, CodeTooManyRequests, CodeUnavailable (Run
// has ended).
func (m *Messenger) Subscribe(
	ctx context.Context, staff adapters.StaffID, lastEventID string, more ...adapters.StaffID,
) (<-chan LiveEvent, error) {
	member, err := m.signedIn(ctx) // also where a request knows already: a stream begins again within one
	if err != nil {
		return nil, err
	}
	if began, err := m.current(ctx); err != nil || began.ID != member.ID || began.Organisation != member.Organisation {
		return nil, fail(CodeNotSignedIn, "Somebody else has signed in. Load the page again.")
	}
	var at []live.Inbox
	for _, staff := range append([]adapters.StaffID{staff}, more...) {
		inbox := live.Inbox{Organisation: member.Organisation, Staff: cmp.Or(staff, member.ID)}
		if _, err := m.toLookIn(ctx, member, inbox.Staff); err != nil {
			return nil, err
		}
		if !slices.Contains(at, inbox) {
			at = append(at, inbox)
		}
	}
	// whom the asker covers is asked before the stream begins: what changes meanwhile has it ask again
	covering, err := m.covering(ctx, member)
	if err != nil {
		return nil, err
	}
	own := slices.Contains(at, live.Inbox{Organisation: member.Organisation, Staff: member.ID})
	for _, one := range covering {
		inbox := live.Inbox{Organisation: member.Organisation, Staff: one.Staff}
		if own && !slices.Contains(at, inbox) {
			at = append(at, inbox)
		}
	}
	if own {
		if err := m.lookedAt(ctx, member, covering); err != nil {
			return nil, err
		}
	}
	sorts, err := m.sortsTexts(ctx, member)
	if err != nil {
		return nil, err
	}
	watched := slices.Clone(at)
	if sorts {
		watched = append(watched, live.Texts(member.Organisation))
	}
	by := live.Person{Organisation: member.Organisation, Staff: member.ID}
	events, err := m.hub.Subscribe(ctx, by, watched, lastEventID, func() bool {
		now, err := m.signedIn(ctx)
		return err == nil && now.ID == member.ID && now.Organisation == member.Organisation &&
			m.stillSorts(ctx, now, sorts) && (!own || m.stillCovers(ctx, now, covering)) &&
			!slices.ContainsFunc(at, func(inbox live.Inbox) bool {
				_, err := m.toLookIn(ctx, now, inbox.Staff) // a stream that goes on looks again
				return err != nil
			})
	})
	switch {
	case errors.Is(err, live.ErrTooManyStreams):
		return nil, tooManyStreams()
	case errors.Is(err, live.ErrStopped):
		return nil, fail(CodeUnavailable, "This server stops now. Try again in a moment.")
	case err != nil:
		return nil, err
	}
	var marked []adapters.StaffID
	if own {
		marked = ownersOf(covering)
	}
	watches := column(at, func(inbox live.Inbox) adapters.StaffID { return inbox.Staff })
	return m.asSeen(ctx, member, append(watches, member.ID), marked, events), nil
}

// stillCovers says whether it is as it was whom a member covers.
func (m *Messenger) stillCovers(ctx context.Context, member adapters.Member, before []Covering) bool {
	now, err := m.covering(ctx, member)
	return err == nil && slices.Equal(ownersOf(now), ownersOf(before))
}

// changes tells the hub what a transaction has changed. It is called after a commit, never inside a transaction, and
// never waits.
type changes struct{ hub *live.Hub[LiveEvent] }

func (c changes) add(channel rows.Channel, messages ...uuid.UUID) {
	c.hub.Changed(live.Change{
		Organisation: channel.OrganisationID, Staff: channel.StaffID, Channel: channel.ID, Messages: messages,
	})
}

// told says that somebody was told of a channel in a colleague's inbox.
func (c changes) told(channel rows.Channel, staff adapters.StaffID) {
	c.hub.Changed(live.Change{
		Organisation: channel.OrganisationID, Staff: staff, Of: channel.StaffID, Channel: channel.ID,
	})
}

func (c changes) addAll(channels []rows.Channel) {
	for _, channel := range channels {
		c.add(channel)
	}
}

// shrunk says that a message is no longer in a channel: who shows the thread fetches it again.
func (c changes) shrunk(channel rows.Channel) {
	c.hub.Changed(live.Change{
		Organisation: channel.OrganisationID, Staff: channel.StaffID, Channel: channel.ID, Reset: true,
	})
}

// refetch has whoever shows an inbox fetch it again: it has lost what nobody can name to them.
func (c changes) refetch(inbox live.Inbox) {
	c.hub.Changed(live.Change{Organisation: inbox.Organisation, Staff: inbox.Staff, Reset: true})
}

// texts says that other texts wait for a person of an organisation than before.
func (c changes) texts(organisation adapters.OrganisationID) {
	c.hub.Changed(live.Change{Organisation: organisation, Texts: true})
}

// covers says that something is different of who covers whom among some staff members: their pages fetch again what
// they show.
func (c changes) covers(organisation adapters.OrganisationID, staff []adapters.StaffID) {
	for _, one := range distinct(staff) {
		c.hub.Changed(live.Change{Organisation: organisation, Staff: one, Cover: true, Reset: true})
	}
}

// progress says that a broadcast of this inbox's owner has come further.
func (c changes) progress(of rows.Channel, broadcast uuid.UUID) {
	c.hub.Changed(live.Change{Organisation: of.OrganisationID, Staff: of.StaffID, Broadcast: broadcast})
}

// fannedOut says that all messages of a broadcast are made: its owner's inbox has rows that nobody was told of.
func (c changes) fannedOut(of rows.Channel, broadcast uuid.UUID) {
	c.hub.Changed(live.Change{Organisation: of.OrganisationID, Staff: of.StaffID, Broadcast: broadcast, Reset: true})
}

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
		} else {
			events[i] = append(events[i], LiveEvent{
				ID: n.Before(), Kind: "channel", Channel: channel, staff: channel.Staff, client: channel.Client,
			})
		}
		for _, row := range inChannel[n.Channel] {
			if channel != nil && slices.Contains(n.Messages, row.ID) {
				message := messageOf(row, clients[clientKey{n.Organisation, channel.Client}]).withoutWords()
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
		count, err := rows.One[int](ctx, r.db(), unmatchedCount(n.Organisation, "", true))
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
