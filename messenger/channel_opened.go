package messenger

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Channel returns a channel, opened. Its owner's look changes nothing; a colleague's leaves one line an hour in the
// history. When the directory no longer has the client, the owner still sees the thread, with the name as it was kept.
func (m *Messenger) Channel(ctx context.Context, id uuid.UUID) (OpenedChannel, error) {
	s, err := m.toLookAt(ctx, id)
	if err != nil {
		return OpenedChannel{}, err
	}
	opened, err := m.open(ctx, s)
	if err == nil && s.access >= mayAct {
		opened.Draft, err = m.draft(ctx, s.member, s.channel.ClientID)
	}
	return opened, err
}

// opened is Channel for the answer to a change that has been made, after which the channel was as told: no directory
// that does not answer, no page that was closed meanwhile and no trouble of the database's makes it look undone. What
// can't be read now is left out.
func (m *Messenger) opened(ctx context.Context, s actor, told Channel) OpenedChannel {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), txTimeout)
	defer cancel()
	client := clientOf(s.channel)
	row, err := readChannel(ctx, m.db(), s.member.Organisation, s.channel.ID)
	var opened OpenedChannel
	if err == nil {
		s.channel = row
		if known, unknown := m.client(ctx, s.member.Organisation, row.ClientID); unknown == nil {
			client = known
		}
		opened, err = m.openWith(ctx, s, client)
	}
	if err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: a channel that was changed can't be read", "error", err)
	}
	if opened.ID == uuid.Nil {
		opened = OpenedChannel{Channel: told, Person: person(client), Actions: m.actions(ctx, s.member, s.access, client)}
	}
	return opened
}

func (m *Messenger) open(ctx context.Context, s actor) (OpenedChannel, error) {
	if s.access != isOwner {
		return m.openWith(ctx, s, s.client)
	}
	client, err := m.client(ctx, s.member.Organisation, s.channel.ClientID)
	if CodeOf(err) == CodeNotFound {
		client, err = clientOf(s.channel), nil
	}
	if err != nil {
		return OpenedChannel{}, err
	}
	return m.openWith(ctx, s, client)
}

// clientOf is all that is kept of a channel's client.
func clientOf(c rows.Channel) adapters.Client {
	return adapters.Client{ID: c.ClientID, Name: c.ClientName}
}

func (m *Messenger) openWith(ctx context.Context, s actor, client adapters.Client) (OpenedChannel, error) {
	channel, err := channelByID(ctx, m.db(), s.member.Organisation, s.channel.ID)
	if err != nil {
		return OpenedChannel{}, err
	}
	if client, err = m.heedingOne(ctx, s.member.Organisation, client); err != nil {
		return OpenedChannel{}, err
	}
	opened := OpenedChannel{Channel: channel, Person: person(client), Actions: m.actions(ctx, s.member, s.access, client)}
	var absent bool
	if opened.Cover, absent, err = m.coverOf(ctx, s.member.Organisation, s.channel.StaffID); err != nil {
		return OpenedChannel{}, err
	}
	organisation, unknown := m.organisation(ctx, s.member.Organisation)
	if unknown == nil {
		works, now := m.hoursOf(organisation), m.now(ctx)
		reader := whoReads(s.channel, opened.Cover, absent)
		opened.ReadByWhen, opened.Hours = &ReadByWhen{reader, works.readBy(now)}, works.at(now)
	}
	if slices.Contains(channel.Attention, AttentionLinkLocked) {
		opened.WrongDates, err = rows.One[int](ctx, m.db(), rows.Select[rows.WholeChannel]().Column("wrong_dates_ever").
			Where("c.id = ?", rows.V(channel.ID)))
		if err != nil {
			return OpenedChannel{}, err
		}
	}
	if opened.Discharged, err = m.dischargedAt(ctx, channel.ID); err != nil {
		return OpenedChannel{}, err
	}
	if s.channel.RepliesOffWhy != nil {
		opened.RepliesOff = &RepliesOff{
			s.channel.RepliesOffBy,
			*s.channel.RepliesOffAt,
			RepliesOffWhy(*s.channel.RepliesOffWhy),
		}
		return opened, nil
	}
	if s.access < mayAct {
		return opened, nil
	}
	opened.ReplyLink = m.replyURL(organisation.PublicURL, s.channel.LinkKeyID, s.channel.LinkNonce)
	return opened, unknown
}

// dischargedAt is when a channel's client was discharged. The history says so, of what was joined with it too: nothing
// else switches replies off without a person.
func (m *Messenger) dischargedAt(ctx context.Context, channel uuid.UUID) (time.Time, error) {
	ids, err := joinedIDs(ctx, m.db(), channel)
	if err != nil {
		return time.Time{}, err
	}
	found, err := rows.List[time.Time](ctx, m.db(), rows.Limit(rows.Select[rows.History]().Column("at").
		Where("h.channel_id = any(?::text[]::uuid[])", rows.V(idsOf(ids))).
		Where("h.action = ? AND h.actor_kind = 'system'", rows.V(ActionRepliesOff)).OrderExpr("h.id DESC"), 1))
	if err != nil || len(found) == 0 {
		return time.Time{}, err
	}
	return found[0].UTC(), nil
}
