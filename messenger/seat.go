package messenger

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// seat is an asker at an inbox, their own or a colleague's. Which of its clients they may see, and that they looked,
// are asked of it.
type seat struct {
	member adapters.Member
	access access
	owner  adapters.StaffID
}

// seatAt is the asker's seat at an inbox that they may open, CodeNotFound at any other.
func (m *Messenger) seatAt(ctx context.Context, member adapters.Member, owner adapters.StaffID) (seat, error) {
	allowed, err := m.access(ctx, member, owner)
	if err == nil && allowed == noAccess {
		err = notFound()
	}
	return seat{member, allowed, owner}, err
}

// toLookIn is seatAt for who reads an inbox: a colleague's look is written down.
func (m *Messenger) toLookIn(ctx context.Context, member adapters.Member, owner adapters.StaffID) (seat, error) {
	s, err := m.seatAt(ctx, member, owner)
	if err == nil {
		err = m.looked(ctx, s, uuid.Nil)
	}
	return s, err
}

// onBehalfOf is the inbox's owner where somebody else acts.
func (s seat) onBehalfOf() adapters.StaffID {
	if s.access == isOwner {
		return ""
	}
	return s.owner
}

// inboxLine is what the history of the seat's inbox says of an act.
func (s seat) inboxLine(action HistoryAction) rows.InboxHistory {
	return rows.InboxHistory{
		OrganisationID: s.member.Organisation, StaffID: s.owner, OnBehalfOf: s.onBehalfOf(),
		ActorKind: "staff", ActorID: string(s.member.ID), ActorName: s.member.Name, Action: string(action),
	}
}

// seen is which clients an asker may see.
type seen struct {
	everybody bool
	clients   map[adapters.ClientID]adapters.Client // as the directory has them; none where everybody may be seen
}

func (s seen) has(client adapters.ClientID) bool {
	_, known := s.clients[client]
	return known || s.everybody
}

// sees says which of some clients the seat may see. The directory is asked each time, for a thousand at once, since
// what it hides may change at any moment. This is the one place of the owner's exception: whoever the directory hides,
// or has no more, their owner goes on seeing the threads that they have with them.
func (m *Messenger) sees(ctx context.Context, s seat, ids ...adapters.ClientID) (seen, error) {
	if s.access == isOwner {
		return seen{everybody: true}, nil
	}
	found := seen{clients: map[adapters.ClientID]adapters.Client{}}
	ctx, cancel := bounded(ctx)
	defer cancel()
	for some := range slices.Chunk(distinct(ids), directoryPage) {
		clients, err := m.directory(ctx, s.member.Organisation, some...)
		if err != nil {
			return seen{}, m.unavailable(ctx, "clients", err)
		}
		for id, client := range clients {
			found.clients[id] = client
		}
	}
	return found, nil
}

// inboxSeen is what a seat may see of its inbox: hidden are the clients whom it may not see, and counts are of the
// others.
type inboxSeen struct {
	seen
	hidden []adapters.ClientID
	counts *Counts // nil for the owner, whose counts are kept
}

// seesIn is what the seat may see of its inbox. Channels and counts are of one moment: a client whom the asker may not
// see is counted nowhere, also not while somebody writes to them for the first time.
func (m *Messenger) seesIn(ctx context.Context, s seat) (inboxSeen, error) {
	if s.access == isOwner {
		return inboxSeen{seen: seen{everybody: true}}, nil
	}
	type row struct {
		ClientID  adapters.ClientID
		Status    Status
		Overdue   bool
		Scheduled bool
		Awaiting  bool
		Attention bool
	}
	channels, err := rows.List[row](ctx, m.db(), rows.File("inbox_clients", rows.Args{
		"organisation": s.member.Organisation, "staff": s.owner,
	}))
	if err != nil {
		return inboxSeen{}, err
	}
	in := inboxSeen{counts: &Counts{}}
	in.seen, err = m.sees(ctx, s, column(channels, func(r row) adapters.ClientID { return r.ClientID })...)
	for _, r := range channels {
		if !in.has(r.ClientID) {
			in.hidden = append(in.hidden, r.ClientID)
			continue
		}
		in.counts.add(r.Status)
		if r.Attention && in.counts.Attention < mostAttention {
			in.counts.Attention++
		}
		if r.Overdue && in.counts.Overdue < mostAttention {
			in.counts.Overdue++
		}
		if r.Scheduled && in.counts.Scheduled < mostAttention {
			in.counts.Scheduled++
		}
		if r.Awaiting && in.counts.Awaiting < mostAttention {
			in.counts.Awaiting++
		}
	}
	return in, err
}

// mostAttention is how far what needs a person, or is to go out later, is counted; counts.sql says the same.
const mostAttention = 1000

func (c *Counts) add(status Status) {
	switch status {
	case Unread:
		c.Unread++
	case Open:
		c.Open++
	case Done:
		c.Done++
	}
}

// lookEvery is how often a colleague's looks at the same inbox or channel are written down.
const lookEvery = time.Hour

// looked writes that a colleague looked at an inbox, or at one channel of it, unless it stands there for this hour.
func (m *Messenger) looked(ctx context.Context, s seat, channel uuid.UUID) error {
	if s.access == isOwner {
		return nil
	}
	known, err := lookedLately(ctx, m.db(), s, channel, m.now(ctx))
	if err != nil || known {
		return err
	}
	return m.inTx(ctx, func(ctx context.Context, t tx) error {
		// two looks at the same moment are one: the second waits here and then sees the first
		key := string(s.owner) + channel.String() + string(s.member.ID)
		if err := lockKey(ctx, t, key); err != nil {
			return err
		}
		if known, err := lookedLately(ctx, t, s, channel, t.now); err != nil || known {
			return err
		}
		if channel == uuid.Nil {
			return t.writeInboxHistory(ctx, s.inboxLine(ActionLooked))
		}
		return t.writeHistory(ctx, logEntry{
			channel: rows.Channel{ID: channel, OrganisationID: s.member.Organisation},
			actor:   author(s.member), onBehalfOf: s.onBehalfOf(), action: ActionLooked,
		})
	})
}

func lookedLately(ctx context.Context, q rows.Querier, s seat, channel uuid.UUID, now time.Time) (bool, error) {
	looks := rows.Select[rows.History]().Column("id").Where("h.channel_id = ? AND h.action = 'looked'", rows.V(channel)).
		Where("h.actor_id = ? AND h.at > ?", rows.V(s.member.ID), rows.V(now.Add(-lookEvery))).OrderExpr("h.id DESC")
	if channel == uuid.Nil {
		looks = rows.Select[rows.InboxHistory]().Column("id").
			Where("h.organisation_id = ? AND h.staff_id = ?", rows.V(s.member.Organisation), rows.V(s.owner)).
			Where("h.action = 'looked' AND h.actor_id = ?", rows.V(s.member.ID)).
			Where("h.at > ?", rows.V(now.Add(-lookEvery))).OrderExpr("h.id DESC")
	}
	found, err := rows.List[uuid.UUID](ctx, q, rows.Page(looks, 1))
	return len(found) > 0, err
}
