package messenger

import (
	"bytes"
	"context"
	"errors"
	"slices"

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

// cancelBatch cancels the next of a cancelled broadcast's messages, and returns the last of them, or uuid.Nil when there are no more. One
// that a worker holds is passed over: the worker sees to it. What a person has tried again since is theirs to cancel.
func (m *Messenger) cancelBatch(ctx context.Context, b broadcastRow, beyond uuid.UUID) (last uuid.UUID, err error) {
	changed := map[uuid.UUID][]uuid.UUID{}
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		if _, err := readBroadcastRow(ctx, t, b.ID, " for no key update"); err != nil {
			return err
		}
		if err := lockCounts(ctx, t, b.ID); err != nil {
			return err
		}
		rows, err := t.Query(ctx, cancelMessages+` and id in (select id from messenger_messages where broadcast_id = $1 and id > $2 and sends = 1
			and delivery_status in ('scheduled', 'queued') and unclear_at is null and sent_at is null order by id limit $3 for update skip locked)
			returning channel_id, id`, b.ID, beyond, fanOutBatch)
		if err != nil {
			return err
		}
		var channel, message uuid.UUID
		var channels, messages, entries []uuid.UUID
		_, err = pgx.ForEachRow(rows, []any{&channel, &message}, func() error {
			changed[channel] = append(changed[channel], message)
			channels, messages, entries = append(channels, channel), append(messages, message), append(entries, newID())
			return nil
		})
		if err != nil {
			return err
		}
		if len(messages) == fanOutBatch {
			last = slices.MaxFunc(messages, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
		}
		_, err = t.Exec(ctx, `insert into messenger_history (id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name,
				on_behalf_of, action, message_id)
			select w.id, $1, w.channel, $2, $3, $4, $5, $6, 'cancelled', w.message
			from unnest($7::text[]::uuid[], $8::text[]::uuid[], $9::text[]::uuid[]) w (id, channel, message)`, b.Organisation, t.now,
			b.CancelledBy.Kind, b.CancelledBy.ID, b.CancelledBy.Name, b.cancelledFor(), idsOf(entries), idsOf(channels), idsOf(messages))
		return err
	})
	if err != nil {
		return uuid.Nil, err
	}
	for channel, messages := range changed {
		m.changes.add(rows.Channel{ID: channel, OrganisationID: b.Organisation, StaffID: b.Staff}, messages...)
	}
	return last, nil
}

// lockCounts takes the counters of a broadcast's messages in the order that all take them in who take more than one: see inLockOrder.
func lockCounts(ctx context.Context, t tx, broadcast uuid.UUID) error {
	_, err := t.Exec(ctx, `insert into messenger_broadcast_counts as c (broadcast_id, shard)
		select $1, n from generate_series(0, $2 - 1) n order by n
		on conflict (broadcast_id, shard) do update set skipped = c.skipped`, broadcast, ownShard)
	return err
}

// cancelledWithBroadcast cancels a message whose broadcast was cancelled before a worker came to it; not one that a person has
// tried again.
func (m *Messenger) cancelledWithBroadcast(ctx context.Context, d dispatch) (bool, error) {
	if d.Sends > 1 {
		return false, nil
	}
	b, err := readBroadcastRow(ctx, m.config.Pool, *d.BroadcastID, "")
	if err != nil || !b.Cancelled {
		return false, err
	}
	cancelled := false
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		tag, err := t.Exec(ctx, cancelMessages+" and id = $1", d.ID)
		if err != nil || tag.RowsAffected() == 0 {
			return err // it is being looked up: that goes on
		}
		cancelled = true
		return writeHistory(ctx, t, t.now, logEntry{
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

// CancelBroadcast stops what has not gone out of a broadcast; messages of which it is not certain go on. A second call, and one on a broadcast that
// has all gone out, is CodeAlreadySent. Errors: CodeNotFound, CodeForbidden.
func (m *Messenger) CancelBroadcast(ctx context.Context, id uuid.UUID) (Broadcast, error) {
	member, err := m.atBroadcast(ctx, id, mayAct)
	if err != nil {
		return Broadcast{}, err
	}
	before, err := m.readBroadcast(ctx, member.Organisation, id)
	if err != nil {
		return Broadcast{}, err
	}
	tooLate := fail(CodeAlreadySent, "It is too late to cancel: everything has gone out or was cancelled.")
	if before.Queued == 0 {
		return Broadcast{}, tooLate
	}
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		var left int
		err := t.QueryRow(ctx, `update messenger_broadcasts set cancelled_at = $2, cancelled_by_id = $3, cancelled_by_name = $4
			where id = $1 and cancelled_at is null
			returning total - fanned_out`, id, t.now, member.ID, member.Name).Scan(&left)
		if errors.Is(err, pgx.ErrNoRows) {
			return tooLate
		}
		if err != nil {
			return err
		}
		_, err = t.Exec(ctx, `insert into messenger_broadcast_counts as c (broadcast_id, shard, cancelled) values ($1, $3, $2)
			on conflict (broadcast_id, shard) do update set cancelled = c.cancelled + excluded.cancelled`, id, left, ownShard)
		if err != nil {
			return err
		}
		return t.enqueue(ctx, jobs.FanOut{Broadcast: id})
	})
	if err != nil {
		return Broadcast{}, err
	}
	return m.readBroadcast(ctx, member.Organisation, id)
}
