package messenger

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// recheckBatch is how many scheduled messages are looked at at once: as many as one question to a directory has.
const recheckBatch = directoryPage

// RecheckScheduled is a job: from the beginning of the last working day before a message is to go out it asks whether
// it can, and has one that can't ask for a person, with why, so that somebody mends it in time. Each message is looked
// at once, by the database's clock and its organisation's working hours.
func (m worker) RecheckScheduled(ctx context.Context, _ int) error {
	now, known := m.clock.nowOfDatabase(ctx)
	if !known {
		return errors.New("the database's clock is not known: nothing is checked early")
	}
	organisations, err := rows.List[adapters.OrganisationID](ctx, m.db(), rows.File("scheduling", nil))
	if err != nil {
		return err
	}
	begun := m.ownNow()
	var failed error
	for _, id := range organisations {
		organisation, err := m.organisation(ctx, id)
		if err != nil {
			failed = errors.Join(failed, err) // the others are checked all the same
			continue
		}
		organisation.ID = id
		until := m.hoursOf(organisation).nextDayOver(now, Zone(organisation))
		for more := true; more; {
			if more, err = m.recheck(ctx, id, until); err != nil {
				failed = errors.Join(failed, err)
				break
			}
			if more && m.ownNow().Sub(begun) > jobShift {
				return jobs.After(0)
			}
		}
	}
	return failed
}

// nextDayOver is the end of the next working day: of the present one until it has begun.
func (h hours) nextDayOver(now time.Time, zone *time.Location) time.Time {
	today := midnight(now, zone, 0)
	next := h.Next(today)
	if !next.After(now) {
		next = h.Next(midnight(now, zone, 1))
	}
	if !next.After(now) { // nobody ever works
		next = now
	}
	return midnight(next, zone, 1)
}

// midnight is the beginning of a day, so many days after that of a time.
func midnight(t time.Time, zone *time.Location, days int) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, zone)
}

// recheck looks at the next messages of an organisation that go out before a time, and says whether there are more.
func (m *Messenger) recheck(ctx context.Context, organisation adapters.OrganisationID, until time.Time) (bool, error) {
	found, err := rows.List[stored](ctx, m.db(), rows.Limit(rows.Messages().
		ColumnExpr(rows.Columns[rows.Channel]("c", "c_")).
		ColumnExpr("FALSE AS broadcast_cancelled, NULL::timestamptz AS objected_at").
		Join("JOIN messenger_channels c ON c.id = m.channel_id AND c.moved_to IS NULL").
		Where("m.organisation_id = ? AND m.delivery_status = 'scheduled'", rows.V(organisation)).
		Where("m.rechecked_at IS NULL AND m.send_after < ?", rows.V(until)).
		Where("m.send_after - m.created_at > interval '1 minute'"). // what can only be undone is not meant
		OrderExpr("m.send_after"), recheckBatch))
	if err != nil || len(found) == 0 {
		return false, err
	}
	clients, err := m.directory(ctx, organisation,
		distinct(column(found, func(s stored) adapters.ClientID { return s.Channel.ClientID }))...)
	if err != nil {
		return false, m.unavailable(ctx, "clients", err)
	}
	if err := m.heeding(ctx, organisation, clients); err != nil {
		return false, err
	}
	var fine []uuid.UUID
	for _, s := range found {
		client, known := clients[s.Channel.ClientID]
		why := dispatch{jobMessage: jobMessage{stored: s}}.changed(client, known)
		if m.sender(s.Medium) == nil {
			why = ReasonNotConfigured
		}
		if why == "" && dueOf(s.Message).Equal(value(s.SendAfter)) {
			fine = append(fine, s.ID)
			continue
		}
		if err := m.rechecked(ctx, s, why); err != nil {
			return false, err
		}
	}
	_, err = rows.Exec(ctx, m.db(), rows.Update[rows.WholeMessage]().Set("rechecked_at = ?", rows.V(m.now(ctx))).
		Where("id = any(?::text[]::uuid[]) AND delivery_status = 'scheduled'", rows.V(idsOf(fine))))
	return len(found) == recheckBatch, err
}

// rechecked writes what was found of a message: why it can't go out, for a person, and when it goes out, where its
// zone's rules have changed since it was written.
func (m *Messenger) rechecked(ctx context.Context, s stored, why string) error {
	due, told := dueOf(s.Message), false
	err := m.inTx(ctx, func(ctx context.Context, t tx) (err error) {
		if s.Channel, err = lockChannel(ctx, t, s.ChannelID); err != nil {
			return err
		}
		change := rows.Update[rows.WholeMessage]().Set("rechecked_at = ?, send_after = ?", rows.V(t.now), rows.V(due)).
			Where("id = ? AND delivery_status = 'scheduled' AND rechecked_at IS NULL", rows.V(s.ID))
		if why != "" {
			change.Set("delivery_attention = ?, delivery_reason = ?", rows.V(AttentionCannotBeSent), rows.V(why))
		}
		n, err := rows.Exec(ctx, t, change)
		if told = n > 0; err != nil || !told {
			return err
		}
		if due.Before(value(s.SendAfter)) {
			if err := t.jobs.Insert(ctx, t.Tx, jobs.Deliver{Message: s.ID}, due); err != nil {
				return err
			}
		}
		if why == "" {
			return nil
		}
		return m.tell(ctx, t, string(AttentionCannotBeSent), s.Channel.ID, s.ID)
	})
	if err == nil && told {
		m.changes.add(s.Channel, s.ID)
	}
	return err
}
