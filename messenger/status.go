package messenger

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Read says that the asker has had every message up to upTo on screen. The owner's reading makes an unread channel open
// once no later reply exists; a colleague's changes nothing, unless it is onBehalf and they may act: then the owner sees who. A
// second call changes nothing. Errors: CodeNotFound (upTo not this channel's too), CodeForbidden.
func (m *Messenger) Read(ctx context.Context, channel, upTo uuid.UUID, onBehalf bool) error {
	s, err := m.at(ctx, channel)
	if err != nil {
		return err
	}
	if onBehalf && s.access < mayAct {
		return forbidden()
	}
	seq, err := m.seqOf(ctx, s, upTo)
	if err != nil || (s.access != isOwner && !onBehalf) {
		return err
	}
	changed := false
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := lockChannel(ctx, t, channel)
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

// seqOf is the place of a message of this channel.
func (m *Messenger) seqOf(ctx context.Context, s actor, message uuid.UUID) (seq int64, err error) {
	err = m.config.Pool.QueryRow(ctx, "select seq from messenger_messages where id = $1 and channel_id = $2", message, s.channel.ID).Scan(&seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, notFound()
	}
	return seq, err
}

// readUpTo marks replies of a locked channel as read and says whether there were any.
func readUpTo(ctx context.Context, t tx, s actor, channel rows.Channel, seq int64) (bool, error) {
	var replies int
	err := t.QueryRow(ctx, `with replies as (update messenger_messages set read_at = $3, read_by = $4
			where channel_id = $1 and seq <= $2 and direction = 'inbound' and read_at is null returning id
		), later as (update messenger_channels set unread_count = (select count(*) from messenger_messages
				where channel_id = $1 and seq > $2 and direction = 'inbound' and read_at is null)
			where id = $1 and exists (select from replies))
		select count(*) from replies`, channel.ID, seq, t.now, s.member.ID).Scan(&replies)
	if err != nil || replies == 0 {
		return false, err
	}
	return true, writeHistory(ctx, t, t.now, logEntry{
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
	s, err := m.toActAt(ctx, channel)
	if err != nil {
		return Channel{}, err
	}
	var seen int64
	if upTo != uuid.Nil {
		if seen, err = m.seqOf(ctx, s, upTo); err != nil {
			return Channel{}, err
		}
	}
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := lockChannel(ctx, t, channel)
		if err != nil {
			return err
		}
		if (upTo != uuid.Nil && row.LastReplySeq > seen) || (upTo == uuid.Nil && row.Status == Unread) {
			return unreadReplies()
		}
		if row.Status == Unread {
			if _, err := readUpTo(ctx, t, s, row, seen); err != nil {
				return err
			}
		}
		return changeStatus(ctx, t, s, row, status)
	})
	if err != nil {
		return Channel{}, err
	}
	m.changes.add(s.channel)
	return m.channelByID(context.WithoutCancel(ctx), s.member.Organisation, channel)
}

// changeStatus is a person's change of a locked channel that has nothing unread, with its line in the history.
func changeStatus(ctx context.Context, t tx, s actor, channel rows.Channel, status Status) error {
	if channel.Status == status {
		return nil
	}
	if err := setStatus(ctx, t, channel, status); err != nil {
		return err
	}
	// a person dealt with a locked link; reading a reply or a failed delivery do not say so
	if _, err := t.Exec(ctx, "update messenger_channels set link_locked = false where id = $1 and link_locked", channel.ID); err != nil {
		return err
	}
	action := ActionOpened
	if status == Done {
		action = ActionDone
	}
	return writeHistory(ctx, t, t.now, logEntry{
		channel: channel, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: action,
	})
}

// setStatus writes the status of a locked channel. Done also takes it off the notification centre, for good.
func setStatus(ctx context.Context, t tx, channel rows.Channel, status Status) error {
	_, err := t.Exec(ctx, `update messenger_channels set status = $2, updated_at = $3,
		done_seq = case when $2 = 'done' then last_seq else done_seq end where id = $1`, channel.ID, status, t.now)
	return err
}

// SetReplies switches a channel's replies on or off. Off is off at once; on again, it is the same link. A second call
// changes nothing. Errors: CodeNotFound, CodeForbidden.
func (m *Messenger) SetReplies(ctx context.Context, channel uuid.UUID, allowed bool) (OpenedChannel, error) {
	s, err := m.toActAt(ctx, channel)
	if err != nil {
		return OpenedChannel{}, err
	}
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := lockChannel(ctx, t, channel)
		if err != nil || allowed == (row.RepliesOffWhy == nil) {
			return err
		}
		if allowed {
			_, err = t.Exec(ctx, `update messenger_channels set replies_off_why = null, replies_off_by = '', replies_off_at = null,
				updated_at = $2 where id = $1`, channel, t.now)
			if err != nil {
				return err
			}
			return writeHistory(ctx, t, t.now, logEntry{
				channel: row, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: ActionRepliesOn,
			})
		}
		return switchOff(ctx, t, row, author(s.member), s.onBehalfOf(), OffByStaff)
	})
	if err != nil {
		return OpenedChannel{}, err
	}
	m.changes.add(s.channel)
	return m.opened(ctx, s)
}

func switchOff(ctx context.Context, t tx, channel rows.Channel, by adapters.Author, onBehalfOf adapters.StaffID, why RepliesOffWhy) error {
	_, err := t.Exec(ctx, `update messenger_channels set replies_off_why = $2, replies_off_by = $3, replies_off_at = $4,
		updated_at = $4 where id = $1`, channel.ID, why, by.Name, t.now)
	if err != nil {
		return err
	}
	return writeHistory(ctx, t, t.now, logEntry{channel: channel, actor: by, onBehalfOf: onBehalfOf, action: ActionRepliesOff})
}

// RenewLink gives a channel a new reply link. The old one stops at once; while replies are off the new one is made and
// stays off. Each call makes another. Errors: CodeNotFound, CodeForbidden.
func (m *Messenger) RenewLink(ctx context.Context, channel uuid.UUID) (OpenedChannel, error) {
	s, err := m.toActAt(ctx, channel)
	if err != nil {
		return OpenedChannel{}, err
	}
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := lockChannel(ctx, t, channel)
		if err != nil {
			return err
		}
		l := m.links.New()
		_, err = t.Exec(ctx, `update messenger_channels set link_nonce = $2, link_key_id = $3, link_lookup = $4, wrong_dates = 0,
			locked_until = null, link_locked = false, updated_at = $5 where id = $1`, channel, l.Nonce, l.KeyID, l.Lookup, t.now)
		if err != nil {
			return err
		}
		return writeHistory(ctx, t, t.now, logEntry{
			channel: row, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: ActionLinkRenewed,
		})
	})
	if err != nil {
		return OpenedChannel{}, err
	}
	m.changes.add(s.channel)
	return m.opened(ctx, s)
}
