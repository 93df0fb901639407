package messenger

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Messages returns a page of a channel's thread, newest first by their place in it. A colleague's look leaves one line an hour in
// the history, as Channel's does. Errors: CodeNotFound, CodeInvalid.
func (m *Messenger) Messages(ctx context.Context, channel uuid.UUID, p PageParams) (Page[Message], error) {
	s, err := m.at(ctx, channel)
	if err != nil {
		return Page[Message]{}, err
	}
	limit, err := p.limit()
	if err != nil {
		return Page[Message]{}, err
	}
	from, later, err := parseCursor(p.Cursor, "messages")
	if err != nil {
		return Page[Message]{}, err
	}
	if !later {
		from.N = s.channel.LastSeq + 1<<32 // whatever has come since is on the first page
	}
	rows, err := collectMessages(m.Pool.Query(ctx, "select "+messageColumns+` from messenger_messages m
		where m.channel_id = $1 and m.seq < $2 order by m.seq desc limit $3`, channel, from.N, limit+1))
	if err != nil {
		return Page[Message]{}, err
	}
	if s.access != isOwner {
		if err := m.logLook(ctx, s); err != nil {
			return Page[Message]{}, err
		}
	}
	cut := page(rows, limit, func(r messageRow) cursor { return cursor{List: "messages", N: r.Seq} })
	return Page[Message]{messagesOf(cut.Items), cut.Next}, nil
}

func messagesOf(rows []messageRow) []Message {
	messages := make([]Message, len(rows))
	for i, row := range rows {
		messages[i] = row.message()
	}
	return messages
}

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
	rows, err := m.Pool.Query(ctx, `select id, at, actor_kind, actor_id, actor_name, on_behalf_of, action, message_id, note
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

// NotificationCount counts the channels in the asker's notification centre, in total up to 1,000.
type NotificationCount struct{ Unread, Total int }

const notified = "c.organisation_id = $1 and c.staff_id = $2 and c.last_reply_seq > c.done_seq and c.moved_to is null"

// NotificationCount counts the asker's own channels with a reply since they were last done.
func (m *Messenger) NotificationCount(ctx context.Context) (NotificationCount, error) {
	member, err := m.asker(ctx)
	if err != nil {
		return NotificationCount{}, err
	}
	var n NotificationCount
	err = m.Pool.QueryRow(ctx, `select coalesce((select i.unread from messenger_inboxes i where i.organisation_id = $1 and i.staff_id = $2), 0),
		(select count(*) from (select from messenger_channels c where `+notified+" limit 1000) c)", member.Organisation, member.ID).Scan(&n.Unread, &n.Total)
	return n, err
}

// Notifications returns a page of the asker's own channels with a reply since they were last done, newest reply first.
// Marking a channel open again does not bring it back.
func (m *Messenger) Notifications(ctx context.Context, p PageParams) (Page[Notification], error) {
	member, err := m.asker(ctx)
	if err != nil {
		return Page[Notification]{}, err
	}
	limit, err := p.limit()
	if err != nil {
		return Page[Notification]{}, err
	}
	from, later, err := parseCursor(p.Cursor, "notifications")
	if err != nil {
		return Page[Notification]{}, err
	}
	if !later {
		from.At, from.ID = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), uuid.Max
	}
	rows, err := collectList(m.Pool.Query(ctx, "select "+listColumns+noMatch+` from messenger_channels c
		where `+notified+` and (c.last_reply_at, c.id) < ($3, $4) order by c.last_reply_at desc, c.id desc limit $5`,
		member.Organisation, member.ID, from.At, from.ID, limit+1))
	if err != nil {
		return Page[Notification]{}, err
	}
	cut := page(rows, limit, func(r listRow) cursor {
		return cursor{List: "notifications", At: r.LastReplyAt, ID: r.ID}
	})
	list := make([]Notification, len(cut.Items))
	for i, row := range cut.Items {
		c := row.channel(search{})
		list[i] = Notification{
			Channel: c.ID, Client: c.Client, ClientName: c.ClientName, Read: c.Status != Unread, UnreadCount: c.UnreadCount,
			LastMessage: value(c.LastMessage), URL: m.MessagesURL + "?channel=" + c.ID.String(),
		}
	}
	return Page[Notification]{list, cut.Next}, nil
}
