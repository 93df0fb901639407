package messenger

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// cancelledFor is the owner where a colleague cancelled.
func (b broadcastRow) cancelledFor() adapters.StaffID {
	if b.CancelledBy.ID == string(b.Staff) {
		return ""
	}
	return b.Staff
}

// cancelBatch cancels the next of a cancelled broadcast's messages, and returns the last of them, or uuid.Nil when
// there are no more. One that a worker holds is passed over: the worker sees to it. What a person has tried again since
// is theirs to cancel. Their channels are held, as by whoever else writes of several: what cancelled without them met a
// fan-out, a handover or a discharge that held one and waited for another's history.
func (m *Messenger) cancelBatch(ctx context.Context, b broadcastRow, beyond uuid.UUID) (last uuid.UUID, err error) {
	var changed map[uuid.UUID]channelChange
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		changed, last = map[uuid.UUID]channelChange{}, uuid.Nil
		if _, err := readBroadcastRow(ctx, t, b.ID, true); err != nil {
			return err
		}
		type cancelled struct {
			ChannelID, ID uuid.UUID
			StaffID       adapters.StaffID // whose channel it is now
		}
		next, err := rows.List[cancelled](ctx, t, rows.Limit(rows.Select[rows.Message]().
			Column("channel_id", "staff_id", "id").
			Where("m.broadcast_id = ? AND m.id > ? AND m.sends = 1", rows.V(b.ID), rows.V(beyond)).
			Where("m.delivery_status IN ('scheduled', 'queued') AND m.unclear_at IS NULL AND m.sent_at IS NULL").
			Order("m.id"), fanOutBatch))
		if err != nil || len(next) == 0 {
			return err
		}
		if len(next) == fanOutBatch {
			last = next[len(next)-1].ID
		}
		channels := distinct(column(next, func(one cancelled) uuid.UUID { return one.ChannelID }))
		if err := lockAll(ctx, t, channels); err != nil {
			return err
		}
		if err := lockCounts(ctx, t, b.ID); err != nil {
			return err
		}
		list, err := rows.List[cancelled](ctx, t, cancelling(CancelledByPerson).Returning("channel_id, staff_id, id").
			Where(`id IN (SELECT id FROM messenger_messages WHERE id = any(?::text[]::uuid[]) AND sends = 1
				AND delivery_status IN ('scheduled', 'queued') FOR UPDATE SKIP LOCKED)`,
				rows.V(idsOf(column(next, func(one cancelled) uuid.UUID { return one.ID })))))
		if err != nil {
			return err
		}
		for _, one := range list {
			c := changed[one.ChannelID]
			c.ID, c.OrganisationID, c.StaffID = one.ChannelID, b.Organisation, one.StaffID
			c.messages = append(c.messages, one.ID)
			changed[one.ChannelID] = c
		}
		messages, lines := column(list, func(one cancelled) uuid.UUID { return one.ID }), make([]rows.History, len(list))
		for i, one := range list {
			lines[i] = rows.History{
				ID: m.newID(), OrganisationID: b.Organisation, At: t.now, ActorKind: b.CancelledBy.Kind,
				ActorID: b.CancelledBy.ID, ActorName: b.CancelledBy.Name, OnBehalfOf: b.cancelledFor(),
				Action: string(ActionCancelled), MessageID: &one.ID,
			}
		}
		_, err = rows.Exec(ctx, t, rows.File("broadcast_cancelled_history", rows.Args{
			"organisation": b.Organisation, "now": t.now, "actor_kind": b.CancelledBy.Kind, "actor": b.CancelledBy.ID,
			"actor_name": b.CancelledBy.Name, "on_behalf_of": b.cancelledFor(), "messages": idsOf(messages),
			"channels": column(list, func(one cancelled) string { return one.ChannelID.String() }),
			"ids":      column(lines, func(line rows.History) string { return line.ID.String() }),
			"tags":     column(lines, func(line rows.History) []byte { return tagOf(t.seals, line) }),
			"key_id":   t.seals[0].ID,
		}))
		return err
	})
	if err != nil {
		return uuid.Nil, err
	}
	for _, c := range changed {
		m.changes.add(c.Channel, c.messages...)
	}
	return last, nil
}

// showWordsBefore has rows that show a cancelled message of a broadcast show what was said before it, and returns how
// many. It takes only channels that nobody holds, so that it waits for nobody.
func (m *Messenger) showWordsBefore(ctx context.Context, b broadcastRow) (int, error) {
	var channels []uuid.UUID
	err := m.inTx(ctx, func(ctx context.Context, t tx) (err error) {
		channels, err = rows.List[uuid.UUID](ctx, t, rows.File("broadcast_shown", rows.Args{
			"broadcast": b.ID, "limit": fanOutBatch,
		}))
		if err != nil || len(channels) == 0 {
			return err
		}
		return showLastWords(ctx, t, channels...)
	})
	if err != nil {
		return 0, err
	}
	for _, id := range channels {
		m.changes.add(rows.Channel{ID: id, OrganisationID: b.Organisation, StaffID: b.Staff})
	}
	return len(channels), nil
}

// restOfCancel follows the cancelling of a broadcast's messages: rows show other words, and the owner is told. While
// somebody holds a channel that is left, it rests between two looks.
func (m worker) restOfCancel(ctx context.Context, b broadcastRow, until time.Time) error {
	for {
		shown, err := m.showWordsBefore(ctx, b)
		if err != nil {
			return err
		}
		if shown == 0 {
			held, err := rows.One[bool](ctx, m.db(), rows.File("broadcast_shows_cancelled", rows.Args{"broadcast": b.ID}))
			if err != nil {
				return err
			}
			if !held {
				m.changes.fannedOut(rows.Channel{OrganisationID: b.Organisation, StaffID: b.Staff}, b.ID)
				return nil
			}
			pause(ctx, 100*time.Millisecond)
		}
		if m.now(ctx).After(until) {
			return jobs.After(0)
		}
	}
}

// cancelOvertaken cancels what is scheduled of a broadcast whose messages are all made, where its owner has left or the
// client was discharged meanwhile: whoever said so came to the messages that there were by then. What somebody else has
// scheduled there since stays.
func (m *Messenger) cancelOvertaken(ctx context.Context, b broadcastRow) error {
	left, err := m.hasLeft(ctx, b.Organisation, b.Staff)
	if err != nil {
		return err
	}
	why := CancelledByDischarge
	if left {
		why = CancelledByLeaving
	}
	for {
		next, err := rows.List[rows.Message](ctx, m.db(), rows.Limit(rows.Messages().
			Where("m.broadcast_id = ? AND m.delivery_status = 'scheduled'", rows.V(b.ID)).
			Where(`EXISTS (SELECT FROM messenger_channels AS c WHERE c.id = m.channel_id AND
				CASE WHEN ? THEN c.staff_id = ? ELSE c.replies_off_why = ? AND c.replies_off_at > ? END)`,
				rows.V(left), rows.V(b.Staff), rows.V(OffByDischarge), rows.V(b.CreatedAt)), cancelBatch))
		if err != nil || len(next) == 0 {
			return err
		}
		var changed map[uuid.UUID]rows.Channel
		var cancelled map[uuid.UUID][]uuid.UUID
		err = m.inTx(ctx, func(ctx context.Context, t tx) error {
			channels, err := lockThoseLeft(ctx, t, rows.Select[rows.Channel]().Column("id").
				Where("c.id = any(?::text[]::uuid[])",
					rows.V(idsOf(column(next, func(one rows.Message) uuid.UUID { return one.ChannelID })))))
			if err != nil {
				return err
			}
			changed = map[uuid.UUID]rows.Channel{}
			for _, channel := range channels {
				changed[channel.ID] = channel
			}
			cancelled, err = cancelThese(ctx, t, why, changed, next)
			for id, messages := range cancelled {
				if left && err == nil {
					err = m.ownerLeft(ctx, t, id, messages)
				}
			}
			return err
		})
		if err != nil || len(cancelled) == 0 {
			return err
		}
		for id, messages := range cancelled {
			m.changes.add(changed[id], messages...)
		}
	}
}

// lockCounts takes the counters of a broadcast's messages in the order that all take them in who take more than one:
// see inLockOrder.
func lockCounts(ctx context.Context, t tx, broadcast uuid.UUID) error {
	_, err := rows.Exec(ctx, t, rows.File("broadcast_lock_counts", rows.Args{"id": broadcast, "shards": ownShard}))
	return err
}

// cancelledWithBroadcast cancels a message whose broadcast was cancelled before a worker came to it; not one that a
// person has tried again.
func (m *Messenger) cancelledWithBroadcast(ctx context.Context, d dispatch) (bool, error) {
	if d.Sends > 1 {
		return false, nil
	}
	b, err := readBroadcastRow(ctx, m.db(), *d.BroadcastID, false)
	if err != nil || !b.Cancelled {
		return false, err
	}
	cancelled := false
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		cancelled = false
		if d.Channel, err = lockChannel(ctx, t, d.Channel.ID); err != nil {
			return err
		}
		n, err := rows.Exec(ctx, t, cancelling(CancelledByPerson).Where("id = ?", rows.V(d.ID)))
		if err != nil || n == 0 {
			return err // it is being looked up: that goes on
		}
		if err := showLastWords(ctx, t, d.Channel.ID); err != nil {
			return err
		}
		cancelled = true
		return t.writeHistory(ctx, logEntry{
			channel: d.Channel, actor: b.CancelledBy, onBehalfOf: b.cancelledFor(), action: ActionCancelled, message: d.ID,
		})
	})
	if err != nil || !cancelled {
		return false, err
	}
	m.changes.add(d.Channel, d.ID)
	m.changes.progress(d.Channel, *d.BroadcastID)
	return true, nil
}

// CancelBroadcast stops what has not gone out of a broadcast; messages of which it is not certain go on. A second call,
// and one on a broadcast that has all gone out, is CodeAlreadySent. Errors: CodeNotFound, CodeForbidden.
func (m *Messenger) CancelBroadcast(ctx context.Context, id uuid.UUID) (Broadcast, error) {
	s, err := m.atBroadcast(ctx, id, mayAct)
	if err != nil {
		return Broadcast{}, err
	}
	member := s.member
	before, err := m.readBroadcast(ctx, member.Organisation, id)
	if err != nil {
		return Broadcast{}, err
	}
	tooLate := fail(CodeAlreadySent, "It is too late to cancel: everything has gone out or was cancelled.")
	if before.Queued == 0 {
		return Broadcast{}, tooLate
	}
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		*t.proof = rows.Select[rows.Broadcast]().Column("id").Where("b.id = ?", rows.V(id)).
			Where("b.cancelled_at = ? AND b.cancelled_by_id = ?", rows.V(t.now), rows.V(member.ID))
		left, err := rows.One[int](ctx, t, rows.Update[rows.Broadcast]().Set("cancelled_at = ?", rows.V(t.now)).
			Set("cancelled_by_id = ?", rows.V(member.ID)).Set("cancelled_by_name = ?", rows.V(member.Name)).
			Where("id = ? AND cancelled_at IS NULL", rows.V(id)).Returning("total - fanned_out"))
		if errors.Is(err, pgx.ErrNoRows) {
			return tooLate
		}
		if err != nil {
			return err
		}
		_, err = rows.Exec(ctx, t, rows.File("broadcast_count_cancelled", rows.Args{
			"id": id, "shard": ownShard, "cancelled": left,
		}))
		if err != nil {
			return err
		}
		return t.enqueue(ctx, jobs.FanOut{Broadcast: id})
	})
	if err != nil {
		return Broadcast{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), txTimeout)
	defer cancel()
	broadcast, err := m.readBroadcastAt(ctx, s, id)
	if err != nil { // neither a directory that does not answer nor the database's trouble must make it look undone
		m.config.Logger.WarnContext(ctx, "messenger: a cancelled broadcast can't be read", "error", err)
		if broadcast, err = m.readBroadcast(ctx, member.Organisation, id); err != nil {
			broadcast = before
			broadcast.State = BroadcastCancelled
		}
		broadcast.Skipped = nil
	}
	return broadcast, nil
}
