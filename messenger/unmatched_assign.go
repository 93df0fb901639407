package messenger

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// AssignParams says whose an inbound text is: a channel, or the asker's own with a client.
type AssignParams struct {
	Channel uuid.UUID
	Client  adapters.ClientID
	// Reason is why it is theirs, up to 1,000 characters. It is required for a channel from which no text went to that
	// number, and stands in the channel's history.
	Reason string
}

// Assign puts an inbound text into a channel in which the asker may act, or, when a client is given instead, into the
// asker's own channel with that client, made when there is none. It is unread there, and filed under the asker's name.
// Who may assign is who may read the text: see Unmatched. Assigned already is CodeNothingToDo, a second call too.
// Unassign undoes it. Errors: CodeInvalid, CodeNotFound (the text is not the asker's to read, too), CodeForbidden,
// CodeConfirmationRequired (Reason is missing), CodeUnavailable.
func (m *Messenger) Assign(ctx context.Context, id uuid.UUID, p AssignParams) (Message, error) {
	if (p.Channel == uuid.Nil) == (p.Client == "") {
		return Message{}, invalid("channel_id", "Name a channel or a client.")
	}
	var err error
	if p.Reason, err = m.reason(ctx, p.Reason); err != nil {
		return Message{}, err
	}
	if err := m.mayAssign(ctx, id); err != nil {
		return Message{}, err
	}
	return unmoved(func() (Message, error) { return m.assign(ctx, id, p) })
}

func (m *Messenger) assign(ctx context.Context, id uuid.UUID, p AssignParams) (Message, error) {
	s, person, err := m.assigningActor(ctx, p)
	if err != nil {
		return Message{}, err
	}
	organisation, err := m.organisation(ctx, s.member.Organisation)
	if err != nil {
		return Message{}, err
	}
	var in inserted
	var owners []adapters.StaffID
	var row rows.Message // read before the commit: what is done is told, though the database goes then
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		text, err := claimText(ctx, t, s.member, id)
		if err != nil {
			return err
		}
		if s.channel.ID == uuid.Nil {
			if s.channel.ID, err = m.ensureChannel(ctx, t, s, person, organisation); err != nil {
				return err
			}
		}
		if s.channel, err = lockFor(ctx, t, s); err != nil {
			return err
		}
		if err := confirmed(ctx, t, s.channel, text, p.Reason); err != nil {
			return err
		}
		in, err = m.insertAssigned(ctx, t, s, organisation, text, p.Reason)
		if err != nil {
			return err
		}
		_, err = rows.Exec(ctx, t, rows.Update[rows.Unmatched]().Set("message_id = ?", rows.V(in.ID)).
			Where("id = ?", rows.V(id)))
		if err != nil {
			return err
		}
		if owners, err = claimants(ctx, t, text); err != nil {
			return err
		}
		row, err = readMessage(ctx, t, in.ID)
		return err
	})
	if err != nil {
		return Message{}, err
	}
	m.changes.add(s.channel, append(in.changed, in.ID)...)
	m.changes.texts(s.member.Organisation, owners...)
	return messageOf(row, adapters.Client{Name: s.channel.ClientName}), nil
}

// reason is a reason as it is kept: a blank one is none.
func (m *Messenger) reason(ctx context.Context, typed string) (string, error) {
	reason, err := plainUpTo("reason", typed, MaxNote)
	if err != nil {
		return "", err
	}
	if blank(reason) {
		return "", nil
	}
	reason, err = m.kept(ctx, m.db(), reason, shownLink)
	return strings.TrimSpace(reason), err
}

// mayAssign is CodeNotFound for a text that the asker may not read.
func (m *Messenger) mayAssign(ctx context.Context, id uuid.UUID) error {
	member, err := m.current(ctx)
	if err != nil {
		return err
	}
	found, err := rows.List[rows.Unmatched](ctx, m.db(), rows.All[rows.Unmatched]().
		Where("u.id = ? AND u.organisation_id = ?", rows.V(id), rows.V(member.Organisation)))
	if err != nil {
		return err
	}
	list, err := m.unmatchedAsSeen(ctx, member, found)
	if err == nil && (len(list) == 0 || !list[0].MayAssign) {
		err = notFound()
	}
	return err
}

func (m *Messenger) assigningActor(ctx context.Context, p AssignParams) (actor, adapters.Client, error) {
	if p.Channel != uuid.Nil {
		s, err := m.toActAt(ctx, p.Channel)
		return s, adapters.Client{}, err
	}
	member, err := m.current(ctx)
	if err != nil {
		return actor{}, adapters.Client{}, err
	}
	person, err := m.client(ctx, member.Organisation, p.Client)
	return actor{seat: seat{member, isOwner, member.ID}}, person, err
}

// claimText takes a text for one who assigns it: whoever else does at the same moment finds nothing to do.
func claimText(ctx context.Context, t tx, by adapters.Member, id uuid.UUID) (rows.Unmatched, error) {
	text, err := rows.One[rows.Unmatched](ctx, t, rows.Update[rows.Unmatched]().
		Set("assigned_at = ?", rows.V(t.now)).Set("assigned_by = ?", rows.V(by.ID)).
		Where("u.id = ? AND u.organisation_id = ? AND u.assigned_at IS NULL", rows.V(id), rows.V(by.Organisation)).
		Returning("*"))
	if errors.Is(err, pgx.ErrNoRows) { // it is there: the asker may read it
		return text, nothingToDo()
	}
	return text, err
}

// confirmed asks for a reason where no text went from a channel to the number that a text came from.
func confirmed(ctx context.Context, t tx, channel rows.Channel, text rows.Unmatched, reason string) error {
	if reason != "" {
		return nil
	}
	texted, err := rows.List[uuid.UUID](ctx, t, rows.Limit(rows.Select[rows.Message]().Column("id").
		Where("m.organisation_id = ? AND m.to_address = ?", rows.V(channel.OrganisationID), rows.V(text.FromNumber)).
		Where("m.medium = 'sms' AND m.direction = 'outbound' AND m.channel_id = ?", rows.V(channel.ID)), 1))
	if err == nil && len(texted) == 0 {
		err = &Error{
			Code: CodeConfirmationRequired, Field: "reason",
			Message: "No text went from here to that number. Say how you know whose it is.",
		}
	}
	return err
}

// ensureChannel is the asker's own channel with a client, made without a message when there is none.
func (m *Messenger) ensureChannel(
	ctx context.Context,
	t tx,
	s actor,
	client adapters.Client,
	organisation adapters.Organisation,
) (uuid.UUID, error) {
	n := m.newChannel(t.now, organisation.RepliesOff)
	own, err := rows.One[ensured](ctx, t, n.ensure(s.member, client, t.now))
	if err != nil || !own.Created {
		return own.ID, err
	}
	channel := rows.Channel{ID: own.ID, OrganisationID: s.member.Organisation}
	return own.ID, t.writeHistory(ctx, logEntry{channel: channel, actor: author(s.member), action: ActionCreated})
}

func (m *Messenger) insertAssigned(
	ctx context.Context,
	t tx,
	s actor,
	organisation adapters.Organisation,
	text rows.Unmatched,
	reason string,
) (inserted, error) {
	status := RecordPending
	if m.config.Record == nil || organisation.RepliesNotFiled {
		status = RecordNotRequired
	}
	reply := newReply{
		medium: adapters.SMS, text: text.Body, came: text.ReceivedAt, formKey: text.Hook + ":" + text.ProviderID,
		verified: "none", record: status,
		online: status == RecordPending && organisation.RepliesVisible, filedBy: author(s.member),
	}
	receipt, err := m.insertInbound(ctx, t, s.channel, reply)
	if err != nil {
		return inserted{}, err
	}
	err = t.writeHistory(ctx, logEntry{
		channel: s.channel, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: ActionAssigned,
		message: receipt.ID, note: reason,
	})
	if err == nil && status == RecordPending {
		err = t.enqueue(ctx, jobs.WriteRecord{Message: receipt.ID})
	}
	if err == nil {
		err = m.tell(ctx, t, "replied", s.channel.ID, receipt.ID)
	}
	return receipt, err
}
