package messenger

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// MaxActs is how many things one call of Act is about.
const MaxActs = 100

// ActParams says what is done about things that need a person.
type ActParams struct {
	IDs  []uuid.UUID // as Attention has them, 1 to 100
	Do   Act         // ActRetry, ActFile or ActResolve
	Note string      // of ActResolve: how it was dealt with, up to 1,000 characters
}

// ActResult is what became of one of them: Code is empty where it was done.
type ActResult struct {
	ID   uuid.UUID
	Code Code
}

// Act does the same about many things that need a person, each for itself, and answers in the order asked: a retry as
// RetrySeen, up to the message itself; a filing as FileAgain; and resolve, as Resolve, takes a message's warnings off
// or says that a channel's link was dealt with. Codes beside those: CodeNotFound, CodeForbidden for who may only look,
// CodeNothingToDo for what can't be done about it, or was already. Errors: CodeInvalid, and then nothing is done.
func (m *Messenger) Act(ctx context.Context, p ActParams) ([]ActResult, error) {
	member, err := m.current(ctx)
	if err != nil {
		return nil, err
	}
	if len(p.IDs) == 0 || len(p.IDs) > MaxActs {
		return nil, invalid("ids", "Name 1 to 100 of what needs a person.")
	}
	if p.Do != ActRetry && p.Do != ActFile && p.Do != ActResolve {
		return nil, invalid("do", `What is done is "retry", "file" or "resolve".`)
	}
	if p.Note, err = plainUpTo("note", p.Note, MaxNote); err != nil {
		return nil, err
	}
	results := make([]ActResult, len(p.IDs))
	for i, id := range p.IDs {
		results[i] = m.actOnOne(ctx, member, id, p)
	}
	return results, nil
}

// actOnOne is what becomes of one of them; what somebody has to look into is logged.
func (m *Messenger) actOnOne(ctx context.Context, member adapters.Member, id uuid.UUID, p ActParams) ActResult {
	err := m.actOn(ctx, member, id, p)
	result := ActResult{id, CodeOf(err)}
	switch result.Code { //nolint:exhaustive // the others are told in full
	case CodeInternal:
		m.config.Logger.ErrorContext(ctx, "messenger: an act failed", "id", id, "do", p.Do, "error", err)
	case CodeUnavailable:
		m.LogOutage(ctx, "act", err)
	}
	return result
}

func (m *Messenger) actOn(ctx context.Context, member adapters.Member, id uuid.UUID, p ActParams) (err error) {
	kind, err := m.kindOf(ctx, member, id)
	switch {
	case err != nil:
		return err
	case kind == "channel" && p.Do == ActResolve:
		return m.resolveLink(ctx, id, p.Note)
	case kind == "channel":
		if _, err = m.toActAt(ctx, id); err == nil {
			err = nothingToDo()
		}
		return err
	case kind == "text" || kind == "pause":
		return nothingToDo()
	case p.Do == ActRetry:
		_, err = m.RetrySeen(ctx, id, id)
		return err
	case p.Do == ActFile:
		_, err = m.FileAgain(ctx, id)
		return err
	default:
		return m.resolveAll(ctx, id, p.Note)
	}
}

// kindOf is what an id is of. One that is nobody's is looked for as a message: so it takes as long.
func (m *Messenger) kindOf(ctx context.Context, member adapters.Member, id uuid.UUID) (string, error) {
	kinds, err := rows.List[string](ctx, m.db(), rows.Raw(`
		select 'channel' from messenger_channels where id = ? and organisation_id = ?
		union all select 'text' from messenger_unmatched where id = ? and organisation_id = ?`,
		rows.V(id), rows.V(member.Organisation), rows.V(id), rows.V(member.Organisation)))
	if err != nil || len(kinds) > 0 {
		return strings.Join(kinds, ""), err
	}
	pauses, err := m.pausesNeeding(ctx, member.Organisation)
	if slices.ContainsFunc(pauses, func(p Pause) bool { return p.id() == id }) {
		return "pause", err
	}
	return "message", err
}

// resolveAll takes off every warning of a message.
func (m *Messenger) resolveAll(ctx context.Context, message uuid.UUID, note string) error {
	_, delivery := m.Resolve(ctx, message, ResolveParams{Of: "delivery", Note: note})
	if delivery != nil && CodeOf(delivery) != CodeNothingToDo {
		return delivery
	}
	_, record := m.Resolve(ctx, message, ResolveParams{Of: "record", Note: note})
	switch {
	case CodeOf(record) != CodeNothingToDo:
		return record
	case delivery == nil:
		return nil
	default:
		return m.stopOverdue(ctx, message, note)
	}
}

// resolveLink says that a person dealt with what a channel's link needed one for.
func (m *Messenger) resolveLink(ctx context.Context, channel uuid.UUID, note string) error {
	s, err := m.toActAt(ctx, channel)
	if err != nil {
		return err
	}
	if note, err = m.kept(ctx, m.db(), note, shownLink); err != nil {
		return err
	}
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := lockChannel(ctx, t, channel)
		if err != nil {
			return err
		}
		n, err := linkDealtWith(ctx, t, row)
		if err := requireRow(n, err, nothingToDo()); err != nil {
			return err
		}
		return t.writeHistory(ctx, logEntry{
			channel: row, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: ActionResolved,
			note: strings.TrimSpace(note),
		})
	})
	if err == nil {
		m.changes.add(s.channel)
	}
	return err
}
