package messenger

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// History returns a page of what happened in a channel, newest first. Errors: CodeNotFound, CodeInvalid.
func (m *Messenger) History(ctx context.Context, channel uuid.UUID, p PageParams) (Page[HistoryEntry], error) {
	if _, err := m.at(ctx, channel); err != nil {
		return Page[HistoryEntry]{}, err
	}
	limit, err := p.limit()
	if err != nil {
		return Page[HistoryEntry]{}, err
	}
	from, later, err := parseCursor(p.Cursor, "history")
	if err != nil {
		return Page[HistoryEntry]{}, err
	}
	if !later {
		from.ID = uuid.Max
	}
	found, err := rows.List[rows.History](ctx, m.db(), rows.Limit(rows.All[rows.History]().
		Where("h.channel_id = ? AND h.id < ?", rows.V(channel), rows.V(from.ID)).OrderExpr("h.id DESC"), limit+1))
	entries := make([]HistoryEntry, len(found))
	for i, h := range found {
		entries[i] = HistoryEntry{
			ID: h.ID, At: h.At, Actor: adapters.Author{Kind: h.ActorKind, ID: h.ActorID, Name: h.ActorName},
			OnBehalfOf: h.OnBehalfOf, Action: HistoryAction(h.Action), Message: value(h.MessageID), Note: h.Note,
		}
	}
	return page(entries, limit, func(e HistoryEntry) cursor { return cursor{List: "history", ID: e.ID} }), err
}

// HistoryAction is what somebody did in a channel. Callers must bear values that they do not know.
type HistoryAction string

// The actions.
const (
	ActionCreated     HistoryAction = "created" // the channel
	ActionSent        HistoryAction = "sent"
	ActionCancelled   HistoryAction = "cancelled"
	ActionReplied     HistoryAction = "replied"
	ActionLooked      HistoryAction = "looked" // a colleague, once an hour
	ActionRead        HistoryAction = "read"
	ActionDone        HistoryAction = "done"
	ActionOpened      HistoryAction = "opened"
	ActionRepliesOn   HistoryAction = "replies_on"
	ActionRepliesOff  HistoryAction = "replies_off"
	ActionLinkRenewed HistoryAction = "link_renewed"
	ActionRetried     HistoryAction = "retried" // a delivery or a filing
	ActionResolved    HistoryAction = "resolved"
)

// HistoryEntry is one line of a channel's append-only history.
type HistoryEntry struct {
	ID         uuid.UUID
	At         time.Time
	Actor      adapters.Author
	OnBehalfOf adapters.StaffID // empty: the actor's own channel
	Action     HistoryAction
	Message    uuid.UUID // zero without
	Note       string    // the reason of an override or the note of a resolve
}
