package messenger

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// NotificationCount counts the channels in the asker's notification centre, in total up to 1,000.
type NotificationCount struct{ Unread, Total int }

const notified = "c.organisation_id = $1 and c.staff_id = $2 and c.last_reply_seq > c.done_seq and c.moved_to is null"

// NotificationCount counts the asker's own channels with a reply since they were last done.
func (m *Messenger) NotificationCount(ctx context.Context) (NotificationCount, error) {
	member, err := m.current(ctx)
	if err != nil {
		return NotificationCount{}, err
	}
	var n NotificationCount
	err = m.config.Pool.QueryRow(ctx, `select coalesce((select i.unread from messenger_inboxes i where i.organisation_id = $1 and i.staff_id = $2), 0),
		(select count(*) from (select from messenger_channels c where `+notified+" limit 1000) c)", member.Organisation, member.ID).Scan(&n.Unread, &n.Total)
	return n, err
}

// Notifications returns a page of the asker's own channels with a reply since they were last done, newest reply first.
// Marking a channel open again does not bring it back.
func (m *Messenger) Notifications(ctx context.Context, p PageParams) (Page[Notification], error) {
	member, err := m.current(ctx)
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
	rows, err := collectList(m.config.Pool.Query(ctx, "select "+listColumns+noMatch+` from messenger_channels c
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
		c := row.channel(search.Query{})
		list[i] = Notification{
			Channel: c.ID, Client: c.Client, ClientName: c.ClientName, Read: c.Status != Unread, UnreadCount: c.UnreadCount,
			LastMessage: value(c.LastMessage), URL: m.config.MessagesURL + "?channel=" + c.ID.String(),
		}
	}
	return Page[Notification]{list, cut.Next}, nil
}

// Notification is a channel in the notification centre.
type Notification struct {
	Channel     uuid.UUID
	Client      adapters.ClientID
	ClientName  string
	Read        bool
	UnreadCount int
	LastMessage Preview
	URL         string // the host's Messages page with this channel open
}
