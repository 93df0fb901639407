package messenger

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Read says that the asker has had every message up to upTo on screen. The owner's reading makes an unread channel open
// once no later reply exists; a colleague's changes nothing, unless it is onBehalf and they may act: then the owner
// sees who. A second call changes nothing. Errors: CodeNotFound (upTo not this channel's too), CodeForbidden.
func (m *Messenger) Read(ctx context.Context, channel, upTo uuid.UUID, onBehalf bool) error {
	_, err := unmoved(func() (struct{}, error) { return struct{}{}, m.readTo(ctx, channel, upTo, onBehalf) })
	return err
}

func (m *Messenger) readTo(ctx context.Context, channel, upTo uuid.UUID, onBehalf bool) error {
	s, err := m.at(ctx, channel)
	if err != nil {
		return err
	}
	if onBehalf && s.access < mayAct {
		return forbidden()
	}
	if _, err := seqOf(ctx, m.db(), s.channel, upTo); err != nil || (s.access != isOwner && !onBehalf) {
		return err
	}
	changed := false
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := lockFor(ctx, t, s)
		if err != nil {
			return err
		}
		seq, err := seqOf(ctx, t, row, upTo)
		if err != nil {
			return err
		}
		if changed, err = readUpTo(ctx, t, s, row, seq); err != nil || !changed {
			return err
		}
		if row.Status == Unread && row.LastReplySeq <= seq {
			return setStatus(ctx, t, row, Open)
		}
		return nil
	})
	if err == nil && changed {
		m.changes.add(s.channel)
	}
	return err
}

// seqOf is the place of a message of this channel, also of a text that was taken out of it: a page that was open then
// still names it as what was seen. It holds as long as the channel is held.
func seqOf(ctx context.Context, q rows.Querier, channel rows.Channel, message uuid.UUID) (int64, error) {
	seq, err := rows.One[int64](ctx, q, rows.Select[rows.Message]().Column("seq").
		Where("m.id = ? AND m.channel_id = ?", rows.V(message), rows.V(channel.ID)))
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, notFound()
	}
	return seq, err
}

// readUpTo marks replies of a locked channel as read and says whether there were any.
func readUpTo(ctx context.Context, t tx, s actor, channel rows.Channel, seq int64) (bool, error) {
	replies, err := rows.One[int](ctx, t, rows.File("read_up_to", rows.Args{
		"channel": channel.ID, "seq": seq, "now": t.now, "staff": s.member.ID,
	}))
	if err != nil || replies == 0 {
		return false, err
	}
	return true, t.writeHistory(ctx, logEntry{
		channel: channel, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: ActionRead,
	})
}

// SetStatus makes a channel open or done. upTo is the newest message that the presser has seen, zero when not known: a
// reply later than it, or an unread one without it, is CodeUnreadReplies. At or past the last reply it reads an unread
// channel and moves it in one step. A second call changes nothing. Errors: CodeInvalid, CodeNotFound, CodeForbidden,
// CodeUnreadReplies.
func (m *Messenger) SetStatus(ctx context.Context, channel uuid.UUID, status Status, upTo uuid.UUID) (Channel, error) {
	if status != Open && status != Done {
		return Channel{}, invalid("status", `A status is set to "open" or "done".`)
	}
	return unmoved(func() (Channel, error) { return m.putStatus(ctx, channel, status, upTo) })
}

func (m *Messenger) putStatus(ctx context.Context, channel uuid.UUID, status Status, upTo uuid.UUID) (Channel, error) {
	s, err := m.toActAt(ctx, channel)
	if err != nil {
		return Channel{}, err
	}
	changes, told := false, Channel{}
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := lockFor(ctx, t, s)
		if err != nil {
			return err
		}
		changes = row.Status != status
		var seen int64
		if upTo != uuid.Nil {
			if seen, err = seqOf(ctx, t, row, upTo); err != nil {
				return err
			}
		}
		if (upTo != uuid.Nil && row.LastReplySeq > seen) || (upTo == uuid.Nil && row.Status == Unread) {
			return unreadReplies()
		}
		if row.Status == Unread {
			if _, err := readUpTo(ctx, t, s, row, seen); err != nil {
				return err
			}
		}
		if err := changeStatus(ctx, t, s, row, status); err != nil {
			return err
		}
		told, err = channelByID(ctx, t, s.member.Organisation, row.ID) // before the commit, as wherever something is done
		return err
	})
	if err == nil && !changes { // what it answers is a look all the same
		err = m.looked(ctx, s.seat, s.channel.ID)
	}
	if err != nil {
		return Channel{}, err
	}
	m.changes.add(s.channel)
	return told, nil
}

// changeStatus is a person's change of a locked channel that has nothing unread, with its line in the history.
func changeStatus(ctx context.Context, t tx, s actor, channel rows.Channel, status Status) error {
	if channel.Status == status {
		return nil
	}
	if err := setStatus(ctx, t, channel, status); err != nil {
		return err
	}
	// a person dealt with what the link needed; reading a reply or a failed delivery do not say so
	if _, err := linkDealtWith(ctx, t, channel); err != nil {
		return err
	}
	action := ActionOpened
	if status == Done {
		action = ActionDone
	}
	return t.writeHistory(ctx, logEntry{
		channel: channel, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: action,
	})
}

// linkDealtWith takes off what a locked channel's link needed a person for, and says whether there was anything. One
// that is closed for good needs a new link.
func linkDealtWith(ctx context.Context, t tx, channel rows.Channel) (int64, error) {
	return rows.Exec(ctx, t, rows.Update[rows.WholeChannel]().Set("reply_flood = FALSE").
		Set("link_locked = link_locked AND wrong_dates_ever >= ?", rows.V(MostWrongDates)).
		Where("id = ? AND (link_locked AND wrong_dates_ever < ? OR reply_flood)", rows.V(channel.ID), rows.V(MostWrongDates)))
}

// setStatus writes the status of a locked channel. Done also takes it off the notification centre, for good.
func setStatus(ctx context.Context, t tx, channel rows.Channel, status Status) error {
	change := rows.Update[rows.WholeChannel]().Set("status = ?", rows.V(status)).Set("updated_at = ?", rows.V(t.now)).
		Where("id = ?", rows.V(channel.ID))
	if status == Done {
		change.Set("done_seq = last_seq")
	}
	_, err := rows.Exec(ctx, t, change)
	return err
}

// SetReplies switches a channel's replies on or off. Off is off at once; on again, it is the same link. A second call
// changes nothing. Errors: CodeNotFound, CodeForbidden.
func (m *Messenger) SetReplies(ctx context.Context, channel uuid.UUID, allowed bool) (OpenedChannel, error) {
	return unmoved(func() (OpenedChannel, error) { return m.putReplies(ctx, channel, allowed) })
}

func (m *Messenger) putReplies(ctx context.Context, channel uuid.UUID, allowed bool) (OpenedChannel, error) {
	s, err := m.toActAt(ctx, channel)
	if err != nil {
		return OpenedChannel{}, err
	}
	changes, told := false, Channel{}
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := lockFor(ctx, t, s)
		changes = allowed != (row.RepliesOffWhy == nil)
		if err == nil && changes {
			entry := logEntry{channel: row, actor: author(s.member), onBehalfOf: s.onBehalfOf()}
			if allowed {
				err = switchOn(ctx, t, entry)
			} else {
				err = switchOff(ctx, t, OffByStaff, entry)
			}
		}
		if err != nil {
			return err
		}
		told, err = channelByID(ctx, t, s.member.Organisation, row.ID)
		return err
	})
	if err == nil && !changes {
		err = m.looked(ctx, s.seat, s.channel.ID)
	}
	if err != nil {
		return OpenedChannel{}, err
	}
	m.changes.add(s.channel)
	return m.opened(ctx, s, told), nil
}

// switchOn switches a locked channel's replies on again, for who stands in the entry.
func switchOn(ctx context.Context, t tx, e logEntry) error {
	_, err := rows.Exec(ctx, t, rows.Update[rows.WholeChannel]().Set("replies_off_why = NULL").
		Set("replies_off_by = ''").Set("replies_off_at = NULL").Set("updated_at = ?", rows.V(t.now)).
		Where("id = ?", rows.V(e.channel.ID)))
	if err != nil {
		return err
	}
	e.action = ActionRepliesOn
	return t.writeHistory(ctx, e)
}

// switchOff switches a locked channel's replies off, for who stands in the entry.
func switchOff(ctx context.Context, t tx, why RepliesOffWhy, e logEntry) error {
	_, err := rows.Exec(ctx, t, rows.Update[rows.WholeChannel]().Set("replies_off_why = ?", rows.V(why)).
		Set("replies_off_by = ?", rows.V(e.actor.Name)).Set("replies_off_at = ?", rows.V(t.now)).
		Set("updated_at = ?", rows.V(t.now)).Where("id = ?", rows.V(e.channel.ID)))
	if err != nil {
		return err
	}
	e.action = ActionRepliesOff
	return t.writeHistory(ctx, e)
}

// RenewLink gives a channel a new reply link. The old one stops at once; while replies are off the new one is made and
// stays off. Each call makes another. Errors: CodeNotFound, CodeForbidden.
func (m *Messenger) RenewLink(ctx context.Context, channel uuid.UUID) (OpenedChannel, error) {
	return unmoved(func() (OpenedChannel, error) { return m.renewLink(ctx, channel) })
}

func (m *Messenger) renewLink(ctx context.Context, channel uuid.UUID) (OpenedChannel, error) {
	s, err := m.toActAt(ctx, channel)
	if err != nil {
		return OpenedChannel{}, err
	}
	var told Channel
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := lockFor(ctx, t, s)
		if err != nil {
			return err
		}
		// its line in the history comes first, as join's do
		err = t.writeHistory(ctx, logEntry{
			channel: row, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: ActionLinkRenewed,
		})
		if err != nil {
			return err
		}
		if err := endLinks(ctx, t, row); err != nil {
			return err
		}
		_, err = rows.Exec(ctx, t, setLink(m.links.New()).
			Set("wrong_dates = 0, wrong_dates_ever = 0, link_seq = last_seq, reply_flood = FALSE").
			Set("locked_until = NULL").Set("link_locked = FALSE").Set("updated_at = ?", rows.V(t.now)).
			Where("id = ?", rows.V(row.ID)))
		if err != nil {
			return err
		}
		told, err = channelByID(ctx, t, s.member.Organisation, row.ID)
		return err
	})
	if err != nil {
		return OpenedChannel{}, err
	}
	m.changes.add(s.channel)
	return m.opened(ctx, s, told), nil
}
