package messenger

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// CancelledBecause is why a message was cancelled.
type CancelledBecause string

// The reasons.
const (
	CancelledByPerson    CancelledBecause = "person"
	CancelledByDischarge CancelledBecause = "discharged" // the client was discharged
	// the client turned out to be another one's double, who can't be written to this way
	CancelledByMerge   CancelledBecause = "merged"
	CancelledByLeaving CancelledBecause = "owner_left" // whose channel it was has left
	CancelledByReply   CancelledBecause = "replied"    // the client replied first: see UnlessReplied
	CancelledByDeath   CancelledBecause = "deceased"   // the client died before it went out
)

// cancelling cancels of some messages what has surely not gone out.
func cancelling(why CancelledBecause) *rows.UpdateQuery {
	return rows.Update[rows.Message]().Set("delivery_status = 'cancelled'").Set("delivery_attention = NULL").
		Set("cancelled_because = ?", rows.V(why)).
		Set("record_reason = CASE WHEN record_status = 'pending' THEN 'never_sent' ELSE record_reason END").
		Set("record_status = CASE WHEN record_status = 'pending' THEN 'not_required' ELSE record_status END").
		Where("delivery_status IN ('scheduled', 'queued') AND unclear_at IS NULL AND sent_at IS NULL")
}

// Cancel stops a message that has not gone out: one scheduled, or queued with nothing sent for certain. Anything else
// is CodeAlreadySent, a second call too. Errors: CodeNotFound, CodeForbidden.
func (m *Messenger) Cancel(ctx context.Context, message uuid.UUID) (Message, error) {
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	return m.changeMessage(
		ctx,
		s,
		logEntry{action: ActionCancelled, message: message},
		func(ctx context.Context, t tx, row rows.Message) error {
			n, err := rows.Exec(ctx, t, cancelling(CancelledByPerson).Where("id = ?", rows.V(message)))
			tooLate := fail(CodeAlreadySent, "It is too late to cancel: the message is on its way or has gone out.")
			if err := requireRow(n, err, tooLate); err != nil {
				return err
			}
			return showLastWords(ctx, t, row.ChannelID)
		},
	)
}

// showLastWords has the rows of locked channels show what is said last in them, now that a message was cancelled.
func showLastWords(ctx context.Context, t tx, channels ...uuid.UUID) error {
	_, err := rows.Exec(ctx, t, rows.File("last_words", rows.Args{"channels": idsOf(channels)}))
	return err
}

// cancelScheduled cancels what is scheduled in locked channels, in the order in which workers take messages, and
// answers which messages that are, of each channel.
func cancelScheduled(
	ctx context.Context, t tx, why CancelledBecause, channels ...rows.Channel,
) (map[uuid.UUID][]uuid.UUID, error) {
	byID := make(map[uuid.UUID]rows.Channel, len(channels))
	for _, channel := range channels {
		byID[channel.ID] = channel
	}
	scheduled, err := rows.List[rows.Message](ctx, t, rows.Messages().Where("m.delivery_status = 'scheduled'").
		Where("m.channel_id = any(?::text[]::uuid[])", rows.V(idsOf(slices.Collect(maps.Keys(byID))))))
	if err != nil {
		return nil, err
	}
	return cancelThese(ctx, t, why, byID, scheduled)
}

// cancelReplied cancels what is scheduled in a locked channel unless the client replies, now that they did.
func cancelReplied(ctx context.Context, t tx, channel rows.Channel) ([]uuid.UUID, error) {
	scheduled, err := rows.List[rows.Message](ctx, t, rows.Messages().
		Where("m.organisation_id = ? AND m.staff_id = ?", rows.V(channel.OrganisationID), rows.V(channel.StaffID)).
		Where("m.channel_id = ? AND m.delivery_status = 'scheduled'", rows.V(channel.ID)).
		Where("m.unless = ?", rows.V(UnlessReplied)))
	if err != nil || len(scheduled) == 0 {
		return nil, err
	}
	cancelled, err := cancelThese(ctx, t, CancelledByReply, map[uuid.UUID]rows.Channel{channel.ID: channel}, scheduled)
	return cancelled[channel.ID], err
}

// rescheduled is a message that is scheduled again, and for when.
type rescheduled struct {
	ID        uuid.UUID
	SendAfter time.Time
}

// scheduledAgain has what a text cancelled in a locked channel, that somebody has taken out of it, go out after all
// when it was to, and answers which messages those are. What was to go out by now stays cancelled.
func scheduledAgain(ctx context.Context, t tx, s actor, channel rows.Channel) ([]uuid.UUID, error) {
	if value(channel.RepliesOffWhy) == string(OffByDischarge) {
		return nil, nil
	}
	again, err := rows.List[rescheduled](ctx, t, rows.File("scheduled_again", rows.Args{
		"organisation": channel.OrganisationID, "owner": channel.StaffID, "channel": channel.ID, "now": t.now,
	}))
	if err != nil {
		return nil, err
	}
	for _, message := range again {
		if err := t.jobs.Insert(ctx, t.Tx, jobs.Deliver{Message: message.ID}, message.SendAfter); err != nil {
			return nil, err
		}
		err := t.writeHistory(ctx, logEntry{
			channel: channel, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: ActionRetried, message: message.ID,
		})
		if err != nil {
			return nil, err
		}
	}
	return column(again, func(m rescheduled) uuid.UUID { return m.ID }), nil
}

// repliedFirst says that a client's reply is to keep a message from going out. One that a person has tried again since
// is to go out.
func (d dispatch) repliedFirst() bool {
	return Unless(d.Unless) == UnlessReplied && d.Sends <= 1 && d.Channel.LastReplySeq > d.Seq
}

// cancelInTime cancels a message that a worker came to, and says whether it was not too late.
func (m *Messenger) cancelInTime(ctx context.Context, d dispatch, why CancelledBecause) (bool, error) {
	done := false
	err := m.inTx(ctx, func(ctx context.Context, t tx) (err error) {
		if d.Channel, err = lockChannel(ctx, t, d.ChannelID); err != nil {
			return err
		}
		byID := map[uuid.UUID]rows.Channel{d.Channel.ID: d.Channel}
		d.ChannelID = d.Channel.ID // it may have been joined with another since
		cancelled, err := cancelThese(ctx, t, why, byID, []rows.Message{d.Message})
		done = len(cancelled) > 0
		return err
	})
	if err != nil || !done {
		return false, err
	}
	return true, m.settled(d, nil)
}

// cancelThese cancels messages of locked channels, and answers those for which it was not too late.
func cancelThese(
	ctx context.Context, t tx, why CancelledBecause, byID map[uuid.UUID]rows.Channel, scheduled []rows.Message,
) (map[uuid.UUID][]uuid.UUID, error) {
	cancelled := map[uuid.UUID][]uuid.UUID{}
	for _, message := range inLockOrder(scheduled, func(m rows.Message) rows.Message { return m }) {
		n, err := rows.Exec(ctx, t, cancelling(why).Where("id = ?", rows.V(message.ID)))
		if err != nil {
			return nil, err
		}
		if n == 0 { // a worker has begun to send it
			continue
		}
		entry := logEntry{
			channel: byID[message.ChannelID], actor: adapters.Author{Kind: "system"}, action: ActionCancelled,
			message: message.ID, note: string(why),
		}
		if err := t.writeHistory(ctx, entry); err != nil {
			return nil, err
		}
		cancelled[message.ChannelID] = append(cancelled[message.ChannelID], message.ID)
	}
	return cancelled, showLastWords(ctx, t, slices.Collect(maps.Keys(cancelled))...)
}
