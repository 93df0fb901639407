package messenger

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Retry sends a failed or unknown message again, to the client's address as it is now. Where an unknown one can be
// looked up, it is first, and sent again if it never arrived or nobody can tell: then the client may get it twice.
// Anything else is CodeNothingToDo, a second call too.
// Errors: CodeNotFound, CodeForbidden, and those of Send for a client who can't be written to.
func (m *Messenger) Retry(ctx context.Context, message uuid.UUID) (Message, error) {
	return m.RetrySeen(ctx, message, uuid.Nil)
}

// RetrySeen is Retry for somebody who has seen the channel up to a message of it: where a newer one stands there, the
// asker's own too, it is CodeNewerMessages and nothing is sent, since late words may be wrong by now. Zero asks for no
// such check. Error beside Retry's: CodeNotFound for a message that the channel does not have.
func (m *Messenger) RetrySeen(ctx context.Context, message, upTo uuid.UUID) (Message, error) {
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	row, err := readMessage(ctx, m.db(), message)
	if err != nil {
		return Message{}, err
	}
	if row.DeliveryStatus != DeliveryFailed && row.DeliveryStatus != DeliveryUnknown || row.WithdrawnAt != nil {
		return Message{}, nothingToDo()
	}
	client, err := m.client(ctx, s.member.Organisation, s.channel.ClientID)
	if err != nil {
		return Message{}, err
	}
	if row.Medium == adapters.SMS {
		if client, err = m.heedingOne(ctx, s.member.Organisation, client); err != nil {
			return Message{}, err
		}
	}
	as := SendParams{
		Medium: row.Medium, Override: row.OverrideReason, Private: row.Private(), lifted: goesBeyond(row, client),
		again: true,
	}
	if err := m.maySend(s.member, client, as); err != nil {
		return Message{}, err
	}
	if m.onlyElsewhere(ctx, s.member, client, row.Medium) {
		return Message{}, notForGuarded()
	}
	_, askable := m.sender(row.Medium).(adapters.Finder)
	return m.changeMessage(
		ctx,
		s,
		logEntry{action: ActionRetried, message: message},
		func(ctx context.Context, t tx, row rows.Message) error {
			if row.WithdrawnAt != nil {
				return nothingToDo()
			}
			if err := stillReminds(ctx, t, row); err != nil {
				return err
			}
			if upTo != uuid.Nil {
				if err := nothingNewer(ctx, t, row, upTo, ""); err != nil {
					return err
				}
			}
			again := DeliveryQueued
			if row.DeliveryStatus == DeliveryUnknown && askable {
				again = DeliverySending // looked up first
			}
			n, err := rows.Exec(ctx, t, rows.File("retry", rows.Args{
				"id": message, "status": again, "address": address(client, row.Medium),
			}))
			if err := requireRow(n, err, nothingToDo()); err != nil {
				return err
			}
			return t.enqueue(ctx, jobs.Deliver{Message: message})
		},
	)
}

// stillReminds is CodeNothingToDo for a reminder whose message waits for nobody any more.
func stillReminds(ctx context.Context, t tx, row rows.Message) error {
	if row.Reminds == nil {
		return nil
	}
	reminded, err := readMessage(ctx, t, *row.Reminds)
	if err == nil && value(reminded.Awaiting) != string(AwaitingWaiting) {
		err = nothingToDo()
	}
	return err
}

// nothingNewer is CodeNewerMessages where something else stands in a message's channel after a message of it. What one
// asker wrote does not count. Of nobody ("") all does that is out or about to go: what is to go later follows still.
func nothingNewer(ctx context.Context, t tx, row rows.Message, upTo uuid.UUID, but adapters.StaffID) error {
	seq, err := seqOf(ctx, t, rows.Channel{ID: row.ChannelID}, upTo)
	if err != nil {
		return err
	}
	newer, err := rows.List[uuid.UUID](ctx, t, rows.Limit(rows.Select[rows.Message]().Column("id").
		Where("m.channel_id = ? AND m.seq > ? AND m.id <> ?", rows.V(row.ChannelID), rows.V(seq), rows.V(row.ID)).
		Where("NOT (m.author_kind = 'staff' AND m.author_id = ?)", rows.V(but)).
		Where("(? <> '' OR m.delivery_status <> 'scheduled' OR m.send_after < m.created_at + interval '1 minute')",
			rows.V(but)).
		Where("m.delivery_status <> 'cancelled' AND m.unassigned_at IS NULL").OrderExpr("m.seq"), MaxPageLimit))
	if err == nil && len(newer) > 0 {
		err = somethingNewer(newer)
	}
	return err
}

// FileAgain files a message whose filing failed or was held, or whose unknown delivery somebody dealt with: of a held
// reply it says that it was the client who wrote, which the history has as ActionVouched. What the record lost is
// written there anew. Anything else is CodeNothingToDo, a second call too. Errors: CodeNotFound, CodeForbidden.
func (m *Messenger) FileAgain(ctx context.Context, message uuid.UUID) (Message, error) {
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	return m.changeMessage(
		ctx,
		s,
		logEntry{action: ActionRetried, message: message},
		func(ctx context.Context, t tx, _ rows.Message) error {
			n, err := rows.Exec(ctx, t, rows.Update[rows.Message]().Set("record_status = 'pending'").Set("record_reason = ''").
				Set("record_saved_at = CASE WHEN record_reason = ? THEN NULL ELSE record_saved_at END", rows.V(ReasonRecordLost)).
				Set("record_by_id = CASE WHEN record_status = 'held' THEN ? ELSE record_by_id END", rows.V(s.member.ID)).
				Set("record_by_name = CASE WHEN record_status = 'held' THEN ? ELSE record_by_name END", rows.V(s.member.Name)).
				Where("id = ?", rows.V(message)).
				Where(`(record_status IN ('failed', 'held')
				OR record_status = 'not_required' AND record_reason = 'delivery_unknown')`))
			if err := requireRow(n, err, nothingToDo()); err != nil {
				return err
			}
			return t.enqueue(ctx, jobs.WriteRecord{Message: message})
		},
	)
}
