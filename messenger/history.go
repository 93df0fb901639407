package messenger

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
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
	rows, err := m.config.Pool.Query(ctx, `select id, at, actor_kind, actor_id, actor_name, on_behalf_of, action, message_id, note
		from messenger_history where channel_id = $1 and id < $2 order by id desc limit $3`, channel, from.ID, limit+1)
	if err != nil {
		return Page[HistoryEntry]{}, err
	}
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e HistoryEntry, err error) {
		var message *uuid.UUID
		err = row.Scan(&e.ID, &e.At, &e.Actor.Kind, &e.Actor.ID, &e.Actor.Name, &e.OnBehalfOf, &e.Action, &message, &e.Note)
		e.Message = value(message)
		return e, err
	})
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
