package messenger

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Unassign takes an inbound text out of the channel that it was put into, so that it waits for a person again. Whoever
// may act in that channel may do so. The thread, the search and the counts have it no more. The record's entry is
// amended to say that it was a mistake; where the record can't, the channel asks for a person. What it settled waits
// again, and a message that it cancelled ([UnlessReplied]) is scheduled again while its time is still to come. The
// history keeps both acts. Not assigned is CodeNothingToDo, a second call too. Reason is up to 1,000 characters and may
// be empty. Errors: CodeInvalid, CodeNotFound (the text is not the asker's to read, too), CodeForbidden,
// CodeUnavailable.
func (m *Messenger) Unassign(ctx context.Context, id uuid.UUID, reason string) (Unmatched, error) {
	reason, err := m.reason(ctx, reason)
	if err != nil {
		return Unmatched{}, err
	}
	return unmoved(func() (Unmatched, error) { return m.unassign(ctx, id, reason) })
}

func (m *Messenger) unassign(ctx context.Context, id uuid.UUID, reason string) (Unmatched, error) {
	s, message, err := m.unassigningActor(ctx, id)
	if err != nil {
		return Unmatched{}, err
	}
	var text rows.Unmatched
	var again []uuid.UUID
	var owners []adapters.StaffID
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		text, err = rows.One[rows.Unmatched](ctx, t, rows.Update[rows.Unmatched]().
			Set("assigned_at = NULL, assigned_by = '', message_id = NULL").
			Where("u.id = ? AND u.message_id = ?", rows.V(id), rows.V(message)).Returning("*"))
		if errors.Is(err, pgx.ErrNoRows) {
			return nothingToDo()
		}
		if err != nil {
			return err
		}
		channel, err := lockFor(ctx, t, s)
		if err != nil {
			return err
		}
		if err := takeOut(ctx, t, channel, message); err != nil {
			return err
		}
		if again, err = scheduledAgain(ctx, t, s, channel); err != nil {
			return err
		}
		if err := showLastWords(ctx, t, channel.ID); err != nil {
			return err
		}
		if err := m.tellOfText(ctx, t, id); err != nil {
			return err
		}
		if owners, err = claimants(ctx, t, text); err != nil {
			return err
		}
		return t.writeHistory(ctx, logEntry{
			channel: channel, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: ActionUnassigned,
			message: message, note: reason,
		})
	})
	if err != nil {
		return Unmatched{}, err
	}
	m.changes.shrunk(s.channel)
	m.changes.add(s.channel, again...)
	m.changes.texts(s.member.Organisation, append(owners, s.owner)...)
	list, err := m.unmatchedAsSeen(context.WithoutCancel(ctx), s.member, []rows.Unmatched{text})
	if err != nil { // it is done: told as far as anybody may see it
		return textAsSeen(text, []claim{{}}, false), nil
	}
	return list[0], nil
}

// unassigningActor is the asker at the channel that a text was put into, and the message that it is there.
func (m *Messenger) unassigningActor(ctx context.Context, id uuid.UUID) (actor, uuid.UUID, error) {
	member, err := m.current(ctx)
	if err != nil {
		return actor{}, uuid.Nil, err
	}
	message, err := rows.One[uuid.UUID](ctx, m.db(), rows.Select[rows.Unmatched]().Column("message_id").
		Where("u.id = ? AND u.organisation_id = ?", rows.V(id), rows.V(member.Organisation)).
		Where("u.message_id IS NOT NULL"))
	if errors.Is(err, pgx.ErrNoRows) {
		if err := m.mayAssign(ctx, id); err != nil {
			return actor{}, uuid.Nil, err
		}
		return actor{}, uuid.Nil, nothingToDo()
	}
	if err != nil {
		return actor{}, uuid.Nil, err
	}
	s, err := m.toActOn(ctx, message)
	return s, message, err
}

// takeOut has a message of a locked channel be nobody's any more: no words, not unread, in no list. The record is told.
func takeOut(ctx context.Context, t tx, channel rows.Channel, message uuid.UUID) error {
	row, err := readMessage(ctx, t, message)
	if err != nil {
		return err
	}
	record := row.RecordStatus
	if record == RecordFailed || record == RecordHeld {
		record = RecordPending // to amend what may be there, or to end without filing
	}
	_, err = rows.Exec(ctx, t, rows.Update[rows.WholeMessage]().Set("unassigned_at = ?", rows.V(t.now)).
		Set("body = '', words = '', form_key = NULL, delivery_status = 'cancelled'").
		Set("read_at = coalesce(read_at, ?)", rows.V(t.now)).
		Set("record_status = ?, record_reason = '', record_attention = NULL", rows.V(record)).
		Where("id = ?", rows.V(message)))
	if err != nil {
		return err
	}
	_, err = rows.Exec(ctx, t, rows.File("unassigned", rows.Args{"channel": channel.ID, "now": t.now}))
	if err != nil {
		return err
	}
	if err := waitsAgain(ctx, t, channel, message); err != nil {
		return err
	}
	return fileAfter(ctx, t, row, record)
}
