package messenger

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Current returns the signed-in staff member of ctx: the one that WithMember put there, or else whom Config.Staff
// finds. The host is given five seconds. Errors: CodeNotSignedIn, CodeUnavailable.
func (m *Messenger) Current(ctx context.Context) (adapters.Member, error) { return m.current(ctx) }

// WithMember returns a context in which member is signed in, so that one request asks Config.Staff once. member is what
// Current said for the same request. A stream of live updates asks again all the same.
func (m *Messenger) WithMember(ctx context.Context, member adapters.Member) context.Context {
	return context.WithValue(ctx, memberKey{m}, member)
}

// memberKey is a Messenger's own: two in one process may have different staff.
type memberKey struct{ *Messenger }

func (m *Messenger) current(ctx context.Context) (adapters.Member, error) {
	if member, known := ctx.Value(memberKey{m}).(adapters.Member); known {
		return member, nil
	}
	return m.signedIn(ctx)
}

// signedIn asks the host, also where current knows already.
func (m *Messenger) signedIn(ctx context.Context) (adapters.Member, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	member, err := m.config.Staff.Current(ctx)
	switch {
	case errors.Is(err, adapters.ErrNotSignedIn):
		return adapters.Member{}, fail(CodeNotSignedIn, "Sign in and try again.")
	case err != nil:
		return adapters.Member{}, m.unavailable(ctx, "staff", err)
	}
	member.Name, err = m.kept(ctx, m.db(), keepable(member.Name), shownLink)
	return member, err
}

// access is what an asker may do in an inbox; acting means looking too.
type access int

const (
	noAccess access = iota
	mayLook
	mayAct
	isOwner
)

func (m *Messenger) access(ctx context.Context, member adapters.Member, owner adapters.StaffID) (access, error) {
	if owner == member.ID {
		return isOwner, nil
	}
	if !wellFormed(owner) {
		return noAccess, nil
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	inboxes, err := m.config.Staff.Inboxes(ctx, member, owner)
	if err != nil {
		return noAccess, m.unavailable(ctx, "staff", err)
	}
	for _, inbox := range inboxes {
		if inbox.Staff == owner && inbox.MayAct {
			return mayAct, nil
		}
		if inbox.Staff == owner {
			return mayLook, nil
		}
	}
	return noAccess, nil
}

// missing is the error for what is not there. It asks the port about an id that is nobody's, so that it takes as long,
// and fails as often, as the same error for what is not to be seen.
func (m *Messenger) missing(ctx context.Context, member adapters.Member, id uuid.UUID) error {
	if _, err := m.access(ctx, member, adapters.StaffID(id.String())); err != nil {
		return err
	}
	return notFound()
}

// actor is an asker at a channel.
type actor struct {
	seat
	channel rows.Channel
	client  adapters.Client // as the directory has them for a colleague; not asked for the owner
}

// at finds the channel for the asker of ctx. Not there and not to be seen are the same error, and take as long: what is
// nobody's is asked about all the same.
func (m *Messenger) at(ctx context.Context, channel uuid.UUID) (actor, error) {
	member, err := m.current(ctx)
	if err != nil {
		return actor{}, err
	}
	row, err := readChannel(ctx, m.db(), member.Organisation, channel)
	if errors.Is(err, pgx.ErrNoRows) {
		nobody := channel.String()
		row, err = rows.Channel{StaffID: adapters.StaffID(nobody), ClientID: adapters.ClientID(nobody)}, nil
	}
	if err != nil {
		return actor{}, err
	}
	s := actor{seat: seat{member: member, owner: row.StaffID}, channel: row}
	if s.access, err = m.access(ctx, member, row.StaffID); err != nil {
		return actor{}, err
	}
	visible, err := m.sees(ctx, s.seat, row.ClientID)
	if err != nil {
		return actor{}, err
	}
	if s.access == noAccess || !visible.has(row.ClientID) {
		return actor{}, notFound()
	}
	s.client = visible.clients[row.ClientID]
	return s, nil
}

// toLookAt is at for who reads a channel: a colleague's look is written down.
func (m *Messenger) toLookAt(ctx context.Context, channel uuid.UUID) (actor, error) {
	s, err := m.at(ctx, channel)
	if err == nil {
		err = m.looked(ctx, s.seat, s.channel.ID)
	}
	return s, err
}

// toActAt is at for what changes something: a colleague who may only look is refused.
func (m *Messenger) toActAt(ctx context.Context, channel uuid.UUID) (actor, error) {
	s, err := m.at(ctx, channel)
	if err == nil && s.access < mayAct {
		return actor{}, forbidden()
	}
	return s, err
}

// toActOn is toActAt for the channel of a message.
func (m *Messenger) toActOn(ctx context.Context, message uuid.UUID) (actor, error) {
	member, err := m.current(ctx)
	if err != nil {
		return actor{}, err
	}
	channel, err := rows.One[uuid.UUID](ctx, m.db(), rows.Select[rows.Message]().Column("channel_id").
		Where("m.id = ? AND m.organisation_id = ?", rows.V(message), rows.V(member.Organisation)))
	if errors.Is(err, pgx.ErrNoRows) {
		if _, err = m.at(ctx, message); err == nil { // looked for all the same, as missing tells
			err = notFound() // a channel's id is no message's
		}
	}
	if err != nil {
		return actor{}, err
	}
	return m.toActAt(ctx, channel)
}

func author(member adapters.Member) adapters.Author {
	return adapters.Author{Kind: "staff", ID: string(member.ID), Name: member.Name}
}
