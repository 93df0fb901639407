package messenger

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// HandoverParams says to whom a channel or an inbox is handed over.
type HandoverParams struct {
	To   adapters.StaffID // a colleague, not its owner
	Note string           // for whoever gets it: up to 5,000 characters
	// TakeUnread hands over what is unread too: it is unread to whoever gets it.
	TakeUnread bool
	// Key makes a repeat safe: with the same key and the same rest it hands over nothing more. 1 to 255 visible ASCII
	// characters; empty: each call is one of its own.
	Key string
}

// Handover gives a channel to a colleague, with all that is in it: what is scheduled, what needs a person, and the
// link, which goes on working. Nothing is read by it. Where the colleague has a channel with this client already, the
// two are joined in order of time, and that one is returned. Drafts stay their authors'.
//
// Its owner may do so, who may act in their inbox, and who manages. Whoever gives it away sees it afterwards only where
// they may open the colleague's inbox. A second call finds another owner; with the Key of the first it returns the
// channel as it now stands, as far as whoever gave it away may see it. Errors: CodeInvalid (To is the owner, unknown,
// has left or is of another organisation; the note; the key), CodeKeyReused, CodeNotFound, CodeForbidden,
// CodeUnreadReplies (without TakeUnread), CodeReceiverCannotSend (a medium used in the channel), CodeNotConfigured
// (without Config.Colleagues), CodeUnavailable.
func (m *Messenger) Handover(ctx context.Context, channel uuid.UUID, p HandoverParams) (Channel, error) {
	note, err := m.longNote(ctx, p.Note)
	if err != nil {
		return Channel{}, err
	}
	return unmoved(func() (Channel, error) {
		under, given, err := m.handedOver(ctx, channel, p)
		if err != nil || given.ID != uuid.Nil {
			return given, err
		}
		s, err := m.toHandOverChannel(ctx, channel)
		if err != nil {
			return Channel{}, err
		}
		to, err := m.receiver(ctx, s.seat, p.To)
		if err != nil {
			return Channel{}, err
		}
		g := giving{
			organisation: s.member.Organisation, from: s.owner, to: to, takeUnread: p.TakeUnread, by: author(s.member),
			onBehalfOf: s.onBehalfOf(), note: note,
		}
		return m.giveOne(ctx, s, g, under)
	})
}

// handedOver is the channel that an earlier call under the same key gave; zero for none.
func (m *Messenger) handedOver(ctx context.Context, channel uuid.UUID, p HandoverParams) (once, Channel, error) {
	if p.Key == "" {
		return once{}, Channel{}, nil
	}
	member, err := m.current(ctx)
	if err != nil {
		return once{}, Channel{}, err
	}
	key := p.Key
	p.Key = ""
	under, made, err := m.onceUnder(ctx, member, key, []any{"handover", channel, p})
	if err != nil || made == uuid.Nil {
		return under, Channel{}, err
	}
	given, err := channelByID(ctx, m.db(), member.Organisation, made)
	if err == nil {
		err = m.shownTo(ctx, member, given)
	}
	if CodeOf(err) == CodeNotFound { // what who gave it knows of it
		given, err = Channel{
			ID: made, Organisation: member.Organisation, Staff: p.To, Status: Open, RepliesAllowed: true,
		}, nil
	}
	return under, given, err
}

// giveOne hands over the channel that the asker is at.
func (m *Messenger) giveOne(ctx context.Context, s actor, g giving, under once) (Channel, error) {
	var given rows.Channel
	var told Channel // read before the commit: what is done is told, though the database goes then
	err := m.inTx(ctx, func(ctx context.Context, t tx) (err error) {
		if given, err = g.give(ctx, t, s.channel.ID); err != nil {
			return err
		}
		if err := g.writeInboxHistory(ctx, t); err != nil {
			return err
		}
		if err := under.keep(ctx, t, given.ID); err != nil {
			return err
		}
		told, err = channelByID(ctx, t, g.organisation, given.ID)
		return err
	})
	if err != nil {
		return Channel{}, takenSince(err)
	}
	m.changes.refetch(live.Inbox{Organisation: g.organisation, Staff: g.from})
	m.changes.shrunk(given)
	return m.givenRow(context.WithoutCancel(ctx), s, told), nil
}

// takenSince is errMoved where a channel of the receiver's with the client has come meanwhile.
func takenSince(err error) error {
	if isDuplicate(err, "messenger_channels_one") {
		return errMoved
	}
	return err
}

// givenRow is a channel that was given, as far as who gave it may see it: its words only who may open it now, or knew
// them.
func (m *Messenger) givenRow(ctx context.Context, s actor, given Channel) Channel {
	if s.access >= mayLook && given.ID == s.channel.ID {
		return given
	}
	allowed, err := m.access(ctx, s.member, given.Staff)
	if err != nil || allowed < mayLook { // it is done: a host that does not answer must not make it look undone
		given.LastMessage = nil
	}
	return given
}

// longNote is a note of an absence or a handover, as it is kept.
func (m *Messenger) longNote(ctx context.Context, typed string) (string, error) {
	note, err := plainUpTo("note", typed, MaxLongNote)
	if err != nil {
		return "", err
	}
	note, err = m.kept(ctx, m.db(), note, shownLink)
	return strings.TrimSpace(note), err
}

// toHandOverChannel is the asker at a channel that they may hand over.
func (m *Messenger) toHandOverChannel(ctx context.Context, channel uuid.UUID) (actor, error) {
	member, err := m.current(ctx)
	if err != nil {
		return actor{}, err
	}
	row, err := readChannel(ctx, m.db(), member.Organisation, channel)
	if errors.Is(err, pgx.ErrNoRows) {
		return actor{}, m.missing(ctx, member, channel)
	}
	if err != nil {
		return actor{}, err
	}
	s := actor{seat: seat{member: member, owner: row.StaffID}, channel: row}
	if s.access, err = m.access(ctx, member, row.StaffID); err != nil {
		return actor{}, err
	}
	if s.access != isOwner {
		visible, err := m.sees(ctx, s.seat, row.ClientID)
		if err != nil {
			return actor{}, err
		}
		if !visible.has(row.ClientID) {
			return actor{}, notFound()
		}
	}
	return s, m.mayHandOver(s.seat)
}

// mayHandOver is why a seat can't hand over what is in its inbox.
func (m *Messenger) mayHandOver(s seat) error {
	switch {
	case s.access < mayAct && !s.member.Manages:
		return fail(CodeForbidden, "Its owner hands this over, who may act for them, or who manages.")
	case m.config.Colleagues == nil:
		return fail(CodeNotConfigured, "Who works here is not known to Messenger: nothing can be handed over.")
	}
	return nil
}

// receiver is the colleague to whom something of a seat's inbox goes.
func (m *Messenger) receiver(ctx context.Context, s seat, id adapters.StaffID) (adapters.Member, error) {
	unfit := invalid("to", "Name a colleague who works here and is not the owner.")
	if id == s.owner || !wellFormed(id) {
		return adapters.Member{}, unfit
	}
	to, works, err := m.colleague(ctx, s.member.Organisation, id)
	if err == nil && !works {
		err = unfit
	}
	return to, err
}

// colleague asks the host for a staff member of an organisation.
func (m *Messenger) colleague(
	ctx context.Context, organisation adapters.OrganisationID, id adapters.StaffID,
) (member adapters.Member, works bool, err error) {
	found, err := m.colleagues(ctx, organisation, id)
	if err != nil {
		return adapters.Member{}, false, err
	}
	at := slices.IndexFunc(found, func(c adapters.Member) bool { return c.ID == id })
	if at < 0 {
		return adapters.Member{}, false, nil
	}
	member = found[at]
	member.Name, err = m.kept(ctx, m.db(), keepable(member.Name), shownLink)
	return member, true, err
}

// giving is the handing over of channels from one to another.
type giving struct {
	organisation adapters.OrganisationID
	from         adapters.StaffID
	to           adapters.Member
	takeUnread   bool
	by           adapters.Author
	onBehalfOf   adapters.StaffID
	note         string
}

// give hands over one channel, and returns what it is now. It changes nothing before an error of its own:
// CodeUnreadReplies, CodeReceiverCannotSend, CodeInvalid where the receiver has left, or errMoved where the channel is
// not the giver's any more.
func (g giving) give(ctx context.Context, t tx, id uuid.UUID) (rows.Channel, error) {
	channel, own, err := g.lock(ctx, t, id)
	if err != nil {
		return rows.Channel{}, err
	}
	if channel.Status == Unread && !g.takeUnread {
		return rows.Channel{}, unreadReplies()
	}
	if err := g.canSend(ctx, t, id); err != nil {
		return rows.Channel{}, err
	}
	if err := g.stays(ctx, t); err != nil {
		return rows.Channel{}, err
	}
	lines := []logEntry{{
		channel: channel, actor: g.by, onBehalfOf: g.onBehalfOf, action: ActionHandedOver, note: g.note,
	}}
	if own != nil {
		lines = append(lines, logEntry{channel: *own, actor: g.by, onBehalfOf: g.onBehalfOf, action: ActionJoined})
	}
	if err := t.writeHistories(ctx, lines); err != nil {
		return rows.Channel{}, err
	}
	if own != nil {
		return *own, join(ctx, t, channel, *own)
	}
	return g.carry(ctx, t, channel)
}

// lock holds a channel of the giver's, and the receiver's own with its client where there is one.
func (g giving) lock(ctx context.Context, t tx, id uuid.UUID) (channel rows.Channel, own *rows.Channel, err error) {
	ids, err := rows.List[uuid.UUID](ctx, t, rows.Select[rows.Channel]().Column("id").
		Where("c.organisation_id = ? AND c.staff_id = ?", rows.V(g.organisation), rows.V(g.to.ID)).
		Where("c.client_id = (SELECT g.client_id FROM messenger_channels AS g WHERE g.id = ?)", rows.V(id)).
		Where("c.moved_to IS NULL"))
	if err != nil {
		return rows.Channel{}, nil, err
	}
	held, err := lockUnmoved(ctx, t, append(ids, id)...)
	if err != nil {
		return rows.Channel{}, nil, err
	}
	channel = held[id]
	if channel.StaffID != g.from || channel.OrganisationID != g.organisation {
		return rows.Channel{}, nil, errMoved
	}
	for _, other := range held {
		if other.ID == id {
			continue
		}
		if other.StaffID != g.to.ID || other.ClientID != channel.ClientID {
			return rows.Channel{}, nil, errMoved
		}
		own = &other
	}
	return channel, own, nil
}

// canSend is CodeReceiverCannotSend where a medium was used in a channel that the receiver may not use.
func (g giving) canSend(ctx context.Context, t tx, channel uuid.UUID) error {
	for _, medium := range []adapters.Medium{adapters.Email, adapters.SMS} {
		if slices.Contains(g.to.Media, medium) {
			continue
		}
		used, err := rows.List[uuid.UUID](ctx, t, rows.Limit(rows.Select[rows.Message]().Column("id").
			Where("m.channel_id = ? AND m.medium = ? AND m.unassigned_at IS NULL", rows.V(channel), rows.V(medium)), 1))
		if err != nil {
			return err
		}
		if len(used) > 0 {
			return fail(CodeReceiverCannotSend, "This colleague may not send all kinds of message that were used here.")
		}
	}
	return nil
}

// stays is CodeInvalid where the receiver has left, and has whoever says so wait: what they have by then is cancelled.
func (g giving) stays(ctx context.Context, t tx) error {
	if err := lockKey(ctx, t, leaving(g.organisation, g.to.ID)); err != nil {
		return err
	}
	left, err := leavers(ctx, t, g.organisation, g.to.ID)
	if err == nil && len(left) > 0 {
		return invalid("to", "Name a colleague who works here.")
	}
	return err
}

// carry has a locked channel be the receiver's.
func (g giving) carry(ctx context.Context, t tx, channel rows.Channel) (rows.Channel, error) {
	if err := holdMessages(ctx, t, channel.ID); err != nil {
		return rows.Channel{}, err
	}
	_, err := rows.Exec(ctx, t, rows.Update[rows.WholeMessage]().Set("staff_id = ?", rows.V(g.to.ID)).
		Set("overdue_told = CASE WHEN read_at IS NULL THEN 0 ELSE overdue_told END"). // to who is there for the receiver
		Where("channel_id = ?", rows.V(channel.ID)))
	if err != nil {
		return rows.Channel{}, err
	}
	channel.StaffID, channel.StaffName = g.to.ID, g.to.Name
	_, err = rows.Exec(ctx, t, rows.Update[rows.WholeChannel]().
		Set("staff_id = ?, staff_name = ?", rows.V(channel.StaffID), rows.V(channel.StaffName)).
		Set("updated_at = ?", rows.V(t.now)).Where("id = ?", rows.V(channel.ID)))
	return channel, err
}

// writeInboxHistory says in the history of both inboxes that something was handed over.
func (g giving) writeInboxHistory(ctx context.Context, t tx) error {
	for _, staff := range slices.Sorted(slices.Values([]adapters.StaffID{g.from, g.to.ID})) { // as holdInboxes has them
		err := t.writeInboxHistory(ctx, rows.InboxHistory{
			OrganisationID: g.organisation, StaffID: staff, OnBehalfOf: g.onBehalfOf,
			ActorKind: g.by.Kind, ActorID: g.by.ID, ActorName: g.by.Name, Action: string(ActionHandedOver),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
