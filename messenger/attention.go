package messenger

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// reasons are all that Attention lists something for: a new one is added here, and to attention.sql and
// attention_counts.sql where it is of a message or a channel.
func reasons() []Attention {
	return []Attention{
		AttentionDeliveryFailed, AttentionDeliveryUnknown, AttentionRecordFailed, AttentionRecordHeld, AttentionWaiting,
		AttentionLinkLocked, AttentionReplyFlood, AttentionReplyOverdue, AttentionAnswerOverdue,
		AttentionOwnerLeft, AttentionCannotBeSent, AttentionUnmatched,
	}
}

// AttentionParams asks for a page of what needs a person.
type AttentionParams struct {
	Reason    Attention        // empty: whatever it is
	Inbox     adapters.StaffID // empty: every inbox that the asker may open
	Broadcast uuid.UUID        // zero: whatever a message is part of
	PageParams
}

// Needed is something that needs a person: a message with its channel, a channel for its link, a text that no channel
// claims, or a pause. What it is not is nil.
type Needed struct {
	ID        uuid.UUID // the message's, the channel's or the text's
	Reason    Attention
	Since     time.Time // UTC, when it came to need a person
	Channel   *Channel
	Message   *Message
	Unmatched *Unmatched
	Pause     *Pause // for all that waits for it
	Can       []Act  // what the asker may do about it; none for who may only look
}

// Act is what a person can do about what needs one.
type Act string

// The acts. The first three are Messenger.Act's; a text is given to a channel by Messenger.Assign, and whoever is away
// gets a cover by Messenger.SetAbsence.
const (
	ActRetry   Act = "retry"   // deliver it again
	ActFile    Act = "file"    // file it again
	ActResolve Act = "resolve" // say that it was dealt with otherwise
	ActAssign  Act = "assign"
	ActCover   Act = "cover"
)

// AttentionPage is one page of what needs a person.
type AttentionPage struct {
	Page[Needed]
	// Counts, on the first page only, is how many rows there are by reason, up to 1,000 of each; a row with two reasons
	// counts for both.
	Counts map[Attention]int
}

// mostNeeded is how many rows are looked at in one go for those that the asker may see.
const mostNeeded = 1000

// Attention returns a page of what needs a person in the asker's own inbox and in those that they may open, newest
// first: failed and unknown deliveries, failed and held filings, what has waited for more than ten minutes, links that
// are locked or flooded, replies that nobody has read in time, texts that no channel claims, and pauses. A message is
// one row, whatever it needs. What waits for a pause is one row, the pause's, unless an inbox or a broadcast is asked
// for. Who may act finds in Can what they may do. A look at a colleague's words is written down as one into the
// channel. Errors: CodeInvalid (a reason that there is not), CodeNotFound (an inbox or a broadcast that is not the
// asker's to see), CodeUnavailable.
func (m *Messenger) Attention(ctx context.Context, p AttentionParams) (AttentionPage, error) {
	member, err := m.current(ctx)
	if err != nil {
		return AttentionPage{}, err
	}
	if p.Reason != "" && !slices.Contains(reasons(), p.Reason) {
		return AttentionPage{}, invalid("reason", "This is no reason that something needs a person for.")
	}
	limit, err := p.limit()
	if err != nil {
		return AttentionPage{}, err
	}
	list := "attention " + string(p.Reason) + " " + string(p.Inbox) + " " + p.Broadcast.String()
	from, later, err := parseCursor(p.Cursor, list)
	if err != nil {
		return AttentionPage{}, err
	}
	if !later {
		from = newest()
	}
	q, err := m.needing(ctx, member, p)
	if err != nil {
		return AttentionPage{}, err
	}
	found, err := m.allNeeded(ctx, q, from, limit+1)
	if err != nil {
		return AttentionPage{}, err
	}
	slices.SortFunc(found, func(a, b Needed) int {
		return cmp.Or(b.Since.Compare(a.Since), bytes.Compare(b.ID[:], a.ID[:]))
	})
	result := AttentionPage{
		Page: page(found, limit, func(n Needed) cursor { return cursor{List: list, At: n.Since, ID: n.ID} }),
	}
	if !later {
		if result.Counts, err = m.countNeeded(ctx, q); err != nil {
			return AttentionPage{}, err
		}
	}
	return result, m.lookedAtNeeded(ctx, q, result.Items)
}

// needing is whose what is asked for, and by whom.
type needing struct {
	member    adapters.Member
	allowed   map[adapters.StaffID]access // the inboxes that are looked into
	reason    Attention
	broadcast *uuid.UUID
	failed    bool     // only messages that have failed, or of which nobody knows
	whole     bool     // the organisation's affairs too: texts and pauses
	pauses    []Pause  // which are listed
	paused    []string // what they are of
	sorts     bool
}

func (q needing) inboxes() []string {
	list := make([]string, 0, len(q.allowed))
	for id := range q.allowed {
		list = append(list, string(id))
	}
	slices.Sort(list)
	return list
}

func (m *Messenger) needing(ctx context.Context, member adapters.Member, p AttentionParams) (needing, error) {
	q := needing{
		member: member, reason: p.Reason, broadcast: nullable(p.Broadcast), allowed: map[adapters.StaffID]access{},
		whole: p.Inbox == "" && p.Broadcast == uuid.Nil, paused: []string{},
	}
	if p.Broadcast != uuid.Nil {
		if _, err := m.atBroadcast(ctx, p.Broadcast, mayLook); err != nil {
			return needing{}, err
		}
	}
	if p.Inbox != "" {
		s, err := m.seatAt(ctx, member, p.Inbox)
		q.allowed[p.Inbox] = s.access
		return q, err
	}
	inboxes, err := m.openInboxes(ctx, member)
	if err != nil {
		return needing{}, err
	}
	for _, inbox := range inboxes {
		q.allowed[inbox.Staff] = mayLook
		if inbox.MayAct {
			q.allowed[inbox.Staff] = mayAct
		}
	}
	q.allowed[member.ID] = isOwner
	if !q.whole {
		return q, nil
	}
	if q.sorts, err = m.sortsTexts(ctx, member); err != nil {
		return needing{}, err
	}
	if q.pauses, err = m.pausesNeeding(ctx, member.Organisation); err != nil {
		return needing{}, err
	}
	for _, pause := range q.pauses {
		q.paused = append(q.paused, string(pause.Medium))
	}
	return q, nil
}

// pausesNeeding are an organisation's pauses that need a person.
func (m *Messenger) pausesNeeding(ctx context.Context, organisation adapters.OrganisationID) ([]Pause, error) {
	all, err := m.Pauses(ctx)
	return slices.DeleteFunc(all, func(p Pause) bool { return p.Organisation != organisation || !p.needsPerson() }), err
}

// needsPerson says whether a pause is more than the moment that a provider asks for now and then.
func (p Pause) needsPerson() bool {
	return p.Count > 0 || p.Why == WaitingNotSetUp || p.Until.Sub(p.Since) >= waitShown
}

// allNeeded is some rows of each kind, in no order.
func (m *Messenger) allNeeded(ctx context.Context, q needing, from cursor, limit int) ([]Needed, error) {
	list, err := m.neededInInboxes(ctx, q, from, limit)
	if err != nil || !q.whole {
		return list, err
	}
	if q.reason == "" || q.reason == AttentionUnmatched {
		texts, err := m.neededTexts(ctx, q, from, limit)
		if err != nil {
			return nil, err
		}
		list = append(list, texts...)
	}
	for _, pause := range q.pauses {
		row := Needed{ID: pause.id(), Reason: AttentionWaiting, Since: pause.Since, Pause: &pause}
		before := row.Since.Before(from.At) || row.Since.Equal(from.At) && bytes.Compare(row.ID[:], from.ID[:]) < 0
		if before && (q.reason == "" || q.reason == AttentionWaiting) {
			list = append(list, row)
		}
	}
	return list, nil
}

// id is a pause's own as long as it lasts.
func (p Pause) id() uuid.UUID {
	key := string(p.Organisation) + "\x00" + string(p.Medium) + "\x00" + p.Since.Format(time.RFC3339Nano)
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(key))
}

// neededRow is a message or a channel that needs a person, as the database has it.
type neededRow struct {
	ID        uuid.UUID
	Reason    Attention
	Since     time.Time
	StaffID   adapters.StaffID
	ClientID  adapters.ClientID
	ChannelID uuid.UUID
	IsMessage bool
	// Resolvable says of a channel that no new link is needed: see MostWrongDates.
	Resolvable bool
}

// neededInInboxes goes on until it has as many rows as are wanted of clients whom the asker may see.
func (m *Messenger) neededInInboxes(ctx context.Context, q needing, from cursor, limit int) ([]Needed, error) {
	var kept []neededRow
	visible := seen{clients: map[adapters.ClientID]adapters.Client{}}
	for read := limit; ; read = mostNeeded {
		found, err := rows.List[neededRow](ctx, m.db(), rows.File("attention", rows.Args{
			"organisation": q.member.Organisation, "inboxes": q.inboxes(), "reason": q.reason, "paused": q.paused,
			"broadcast": q.broadcast, "at": from.At, "before": from.ID, "limit": read, "wrong_dates": MostWrongDates,
			"failed": q.failed,
		}))
		if err != nil {
			return nil, err
		}
		more, err := m.seesOf(ctx, q, found)
		if err != nil {
			return nil, err
		}
		for _, row := range found {
			if client, known := more.clients[row.ClientID]; known {
				visible.clients[row.ClientID] = client
			}
			if q.allowed[row.StaffID] == isOwner || more.has(row.ClientID) {
				kept = append(kept, row)
			}
		}
		if len(kept) >= limit || len(found) < read {
			break
		}
		from.At, from.ID = found[len(found)-1].Since, found[len(found)-1].ID
	}
	return m.neededRows(ctx, q, visible, kept[:min(limit, len(kept))])
}

// seesOf says which clients of rows in colleagues' inboxes the asker may see.
func (m *Messenger) seesOf(ctx context.Context, q needing, found []neededRow) (seen, error) {
	var clients []adapters.ClientID
	for _, row := range found {
		if q.allowed[row.StaffID] != isOwner {
			clients = append(clients, row.ClientID)
		}
	}
	return m.sees(ctx, seat{member: q.member, access: mayLook}, clients...)
}

// neededRows are rows with the channels and messages that they are of.
func (m *Messenger) neededRows(ctx context.Context, q needing, visible seen, found []neededRow) ([]Needed, error) {
	if len(found) == 0 {
		return nil, nil
	}
	channels, err := channelsByID(ctx, m.db(), q.member.Organisation,
		distinct(column(found, func(r neededRow) uuid.UUID { return r.ChannelID })))
	if err != nil {
		return nil, err
	}
	messages, err := rows.List[rows.Message](ctx, m.db(), rows.Messages().
		Where("m.id = any(?::text[]::uuid[])", rows.V(idsOf(column(found, func(r neededRow) uuid.UUID { return r.ID })))))
	if err != nil {
		return nil, err
	}
	if own := q.ownClients(found); len(own) > 0 {
		maps.Copy(visible.clients, m.clientsNow(ctx, q.member.Organisation, own...))
	}
	list := make([]Needed, 0, len(found))
	for _, r := range found {
		at := slices.IndexFunc(channels, func(c Channel) bool { return c.ID == r.ChannelID })
		if at < 0 {
			continue // joined with another one meanwhile
		}
		row := Needed{ID: r.ID, Reason: r.Reason, Since: r.Since.UTC(), Channel: &channels[at]}
		acts := q.allowed[r.StaffID] >= mayAct
		if !r.IsMessage && acts && r.Resolvable {
			row.Can = []Act{ActResolve}
		}
		if i := slices.IndexFunc(messages, func(o rows.Message) bool { return o.ID == r.ID }); r.IsMessage && i >= 0 {
			client := visible.clients[r.ClientID]
			client.Name = cmp.Or(client.Name, channels[at].ClientName)
			row.Message = new(messageOf(messages[i], client).withoutWords())
			if acts {
				row.Can = actsOn(messages[i], q.member)
			}
			if acts && r.Reason == AttentionAnswerOverdue && !slices.Contains(row.Can, ActResolve) {
				row.Can = append(row.Can, ActResolve)
			}
			if acts && r.Reason == AttentionReplyOverdue && m.config.Colleagues != nil {
				row.Can = append(row.Can, ActCover)
			}
		}
		list = append(list, row)
	}
	return list, nil
}

// ownClients are the clients of the asker's own rows, about whom the directory has not been asked.
func (q needing) ownClients(found []neededRow) []adapters.ClientID {
	var own []adapters.ClientID
	for _, r := range found {
		if r.IsMessage && q.allowed[r.StaffID] == isOwner {
			own = append(own, r.ClientID)
		}
	}
	return distinct(own)
}

// actsOn is what somebody who may act can do about a message. What waits needs nothing of a person but time.
func actsOn(r rows.Message, member adapters.Member) (can []Act) {
	failed := r.DeliveryStatus == DeliveryFailed || r.DeliveryStatus == DeliveryUnknown
	if failed && slices.Contains(member.Media, r.Medium) {
		can = append(can, ActRetry)
	}
	if r.RecordStatus == RecordFailed || r.RecordStatus == RecordHeld {
		can = append(can, ActFile)
	}
	for _, why := range []*Attention{r.DeliveryAttention, r.RecordAttention} {
		if why != nil && *why != AttentionWaiting {
			return append(can, ActResolve)
		}
	}
	return can
}

// neededTexts are the texts that wait, as far as the asker may see them: all to who sorts them, to others those that an
// inbox of theirs, or that they may open, claims.
func (m *Messenger) neededTexts(ctx context.Context, q needing, from cursor, limit int) ([]Needed, error) {
	waiting, err := m.textsThatWait(ctx, q, from, limit)
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	ids := column(waiting, func(w waitingText) uuid.UUID { return w.ID })
	texts, err := rows.List[rows.Unmatched](ctx, m.db(), rows.All[rows.Unmatched]().
		Where("u.id = any(?::text[]::uuid[]) AND u.assigned_at IS NULL", rows.V(idsOf(ids))))
	if err != nil {
		return nil, err
	}
	told, err := m.unmatchedAsSeen(ctx, q.member, texts)
	list := make([]Needed, len(told))
	for i := range told {
		list[i] = Needed{
			ID: told[i].ID, Reason: AttentionUnmatched, Since: texts[i].ReceivedAt.UTC(), Unmatched: &told[i],
		}
		if told[i].MayAssign {
			list[i].Can = []Act{ActAssign}
		}
	}
	return list, err
}

// waitingText is a text that waits, with how many do from it on.
type waitingText struct {
	ID    uuid.UUID
	Since time.Time
	N     int
}

func (m *Messenger) textsThatWait(ctx context.Context, q needing, from cursor, limit int) ([]waitingText, error) {
	return rows.List[waitingText](ctx, m.db(), rows.File("unmatched_of", rows.Args{
		"organisation": q.member.Organisation, "all": q.sorts, "inboxes": q.inboxes(),
		"at": from.At, "before": from.ID, "limit": limit,
	}))
}

// lookedAtNeeded writes down a look into each channel of a colleague's whose words are on the page, once an hour.
func (m *Messenger) lookedAtNeeded(ctx context.Context, q needing, list []Needed) error {
	var shown []*Channel
	for _, row := range list {
		if row.Channel != nil && q.allowed[row.Channel.Staff] != isOwner {
			shown = append(shown, row.Channel)
		}
	}
	return m.lookedAtEach(ctx, q.member, shown)
}

// lookedAtEach writes down a look into each of some colleagues' channels, once an hour.
func (m *Messenger) lookedAtEach(ctx context.Context, member adapters.Member, shown []*Channel) error {
	if len(shown) == 0 {
		return nil
	}
	channels := column(shown, func(c *Channel) uuid.UUID { return c.ID })
	known, err := rows.List[uuid.UUID](ctx, m.db(), rows.Select[rows.History]().Column("channel_id").
		Where("h.channel_id = any(?::text[]::uuid[]) AND h.action = 'looked'", rows.V(idsOf(channels))).
		Where("h.actor_id = ? AND h.at > ?", rows.V(member.ID), rows.V(m.now(ctx).Add(-lookEvery))))
	if err != nil {
		return err
	}
	for _, channel := range shown {
		if slices.Contains(known, channel.ID) {
			continue
		}
		if err := m.looked(ctx, seat{member, mayLook, channel.Staff}, channel.ID); err != nil {
			return err
		}
		known = append(known, channel.ID)
	}
	return nil
}
