package messenger

import (
	"bytes"
	"context"
	"crypto/hmac"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/replylink"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Two channels become one when a client of both is written to by one person from now on: a handover to somebody who has
// a channel with them, or two clients who turn out to be one person. All of it is one transaction.

// lockUnmoved holds channels, in the order in which all take them who take more than one: that of their ids. It is
// errMoved where one of them is joined with another meanwhile.
func lockUnmoved(ctx context.Context, t tx, ids ...uuid.UUID) (map[uuid.UUID]rows.Channel, error) {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	held := make(map[uuid.UUID]rows.Channel, len(ids))
	for _, id := range ids { // each by its own statement, that sees what happened while the one before waited
		channel, err := rows.One[rows.Channel](ctx, t, rows.All[rows.Channel]().
			Where("c.id = ? AND c.moved_to IS NULL", rows.V(id)).For("NO KEY UPDATE"))
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, errMoved
		}
		if err != nil {
			return nil, err
		}
		held[id] = channel
	}
	return held, nil
}

// lockThoseLeft holds the channels whose ids a query selects, in the order of their ids. Where one of them is joined
// with another while it is waited for, the error has inTx begin again, as lockChannel's does: who went on would hold
// what is no channel any more, which whoever holds the other one changes with it.
func lockThoseLeft(ctx context.Context, t tx, which *rows.SelectQuery) (held []rows.Channel, err error) {
	ids, err := rows.List[uuid.UUID](ctx, t, which.Where("c.moved_to IS NULL").Order("c.id"))
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		channel, err := lockUnmoved(ctx, t, id)
		if errors.Is(err, errMoved) {
			return nil, errNotThere
		}
		if err != nil {
			return nil, err
		}
		held = append(held, channel[id])
	}
	return held, nil
}

// lockAll holds many channels in one statement, in the order of their ids. Where one of them is joined with another
// while it is waited for, the error has inTx begin again, as lockThoseLeft's does.
func lockAll(ctx context.Context, t tx, ids []uuid.UUID) error {
	held, err := rows.List[uuid.UUID](ctx, t, rows.Select[rows.Channel]().Column("id").
		Where("c.id = any(?::text[]::uuid[]) AND c.moved_to IS NULL", rows.V(idsOf(ids))).
		Order("c.id").For("NO KEY UPDATE"))
	if err == nil && len(held) < len(ids) {
		err = errNotThere
	}
	return err
}

func channelIDs(channels []rows.Channel) []uuid.UUID {
	return column(channels, func(c rows.Channel) uuid.UUID { return c.ID })
}

// holdMessages holds the messages of locked channels: a worker that has one of them is waited for.
func holdMessages(ctx context.Context, t tx, channels ...uuid.UUID) error {
	return hold(ctx, t, channels, false)
}

// holdWaiting is holdMessages for what is scheduled or awaits an answer: no worker that has another is waited for.
func holdWaiting(ctx context.Context, t tx, channels ...uuid.UUID) error {
	return hold(ctx, t, channels, true)
}

func hold(ctx context.Context, t tx, channels []uuid.UUID, waiting bool) error {
	_, err := rows.List[uuid.UUID](ctx, t, rows.File("join_held", rows.Args{
		"channels": idsOf(channels), "waiting": waiting,
	}))
	return err
}

// join has a locked channel become one with another, which takes its messages, notes and links, and what waits in it.
// What was unread stays unread. The first channel's id stands for the other from now on; its history stays where it is,
// and is read there. What the histories of both say of it is written before: a look at one of them holds the end of its
// history and then the channel, against a change of its link alone.
func join(ctx context.Context, t tx, from, into rows.Channel) error {
	if err := holdMessages(ctx, t, from.ID, into.ID); err != nil {
		return err
	}
	both := rows.Args{"from": from.ID, "into": into.ID, "behind": max(from.LastSeq, into.LastSeq)}
	with := func(more rows.Args) rows.Args {
		for name, one := range both {
			more[name] = one
		}
		return more
	}
	if _, err := rows.Exec(ctx, t, rows.File("join_messages", with(rows.Args{"staff": into.StaffID}))); err != nil {
		return err
	}
	if err := moveNotes(ctx, t, from.ID, into.ID); err != nil {
		return err
	}
	if err := holdInboxes(ctx, t, from, into); err != nil {
		return err
	}
	if err := joinLinks(ctx, t, from, into); err != nil {
		return err
	}
	if _, err := rows.Exec(ctx, t, rows.File("join_channels", with(rows.Args{"now": t.now}))); err != nil {
		return err
	}
	_, err := rows.Exec(ctx, t, rows.File("join_moved", rows.Args{"from": from.ID, "into": into.ID, "now": t.now}))
	if err != nil {
		return err
	}
	return showLastWords(ctx, t, into.ID)
}

// holdInboxes takes the counters of the inboxes of channels in the order in which all take them who take two.
func holdInboxes(ctx context.Context, t tx, channels ...rows.Channel) error {
	staff := column(channels, func(c rows.Channel) string { return string(c.StaffID) })
	_, err := rows.List[string](ctx, t, rows.Select[rows.Inbox]().Column("staff_id").
		Where("i.organisation_id = ? AND i.staff_id = any(?)", rows.V(channels[0].OrganisationID), rows.V(staff)).
		Order("i.staff_id").For("NO KEY UPDATE"))
	return err
}

// joinLinks keeps every link alive that is, and none that is not. A joined channel has the links of what was joined
// with it as well as its own, and switching replies off or on counts for all of them; where its own is off and the
// other is on, the other becomes its own.
func joinLinks(ctx context.Context, t tx, from, into rows.Channel) error {
	switch {
	case from.RepliesOffWhy != nil:
		return endLinks(ctx, t, from)
	case into.RepliesOffWhy == nil:
		return nil
	}
	if err := endLinks(ctx, t, into); err != nil {
		return err
	}
	nobodys, err := t.clock.newID().MarshalBinary() // a link is one channel's at each moment
	if err != nil {
		return err
	}
	live := replylink.Link{Nonce: from.LinkNonce, KeyID: from.LinkKeyID, Lookup: from.LinkLookup}
	ended := replylink.Link{Nonce: into.LinkNonce, KeyID: into.LinkKeyID, Lookup: into.LinkLookup}
	for _, change := range []*rows.UpdateQuery{
		setLink(replylink.Link{Nonce: ended.Nonce, KeyID: ended.KeyID, Lookup: nobodys}).
			Set("replies_off_why = ?, replies_off_by = ?", rows.V(into.RepliesOffWhy), rows.V(into.RepliesOffBy)).
			Set("replies_off_at = ?", rows.V(into.RepliesOffAt)).Where("id = ?", rows.V(from.ID)),
		setLink(live).Set("replies_off_why = NULL, replies_off_by = '', replies_off_at = NULL").
			Where("id = ?", rows.V(into.ID)),
		setLink(ended).Where("id = ?", rows.V(from.ID)),
	} {
		if _, err := rows.Exec(ctx, t, change); err != nil {
			return err
		}
	}
	return nil
}

// setLink begins the change of a locked channel's own link.
func setLink(l replylink.Link) *rows.UpdateQuery {
	return rows.Update[rows.WholeChannel]().Set("link_nonce = ?", rows.V(l.Nonce)).
		Set("link_key_id = ?", rows.V(l.KeyID)).Set("link_lookup = ?", rows.V(l.Lookup))
}

// endLinks ends for good the links that a locked channel has beside its own.
func endLinks(ctx context.Context, t tx, channel rows.Channel) error {
	_, err := rows.Exec(ctx, t, rows.Update[rows.WholeChannel]().
		Set("replies_off_why = ?, replies_off_at = ?", rows.V(OffByStaff), rows.V(t.now)).
		Where("moved_to = ? AND replies_off_why IS NULL", rows.V(channel.ID)))
	return err
}

// linkIs says whether a lookup is a link of a locked channel: its own, or one that it has beside its own.
func linkIs(ctx context.Context, t tx, channel rows.Channel, lookup []byte) (bool, error) {
	if hmac.Equal(channel.LinkLookup, lookup) {
		return true, nil
	}
	beside, err := rows.List[uuid.UUID](ctx, t, rows.Select[rows.Channel]().Column("id").
		Where("c.link_lookup = ? AND c.moved_to = ?", rows.V(lookup), rows.V(channel.ID)).
		Where("c.replies_off_why IS NULL"))
	return len(beside) > 0, err
}

// joinedIDs are a channel's id and those of the channels that it was joined with: where its history stands.
func joinedIDs(ctx context.Context, q rows.Querier, channel uuid.UUID) ([]uuid.UUID, error) {
	with, err := rows.List[uuid.UUID](ctx, q, rows.Select[rows.Channel]().Column("id").
		Where("c.moved_to = ?", rows.V(channel)))
	return append([]uuid.UUID{channel}, with...), err
}
