package messenger

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// NotificationCount counts the channels in the asker's notification centre, in total up to 1,000.
type NotificationCount struct{ Unread, Total int }

// NotificationCount counts the asker's own channels with a reply since they were last done.
func (m *Messenger) NotificationCount(ctx context.Context) (NotificationCount, error) {
	member, err := m.current(ctx)
	if err != nil {
		return NotificationCount{}, err
	}
	return rows.One[NotificationCount](ctx, m.db(), rows.File("notification_count", rows.Args{
		"organisation": member.Organisation, "staff": member.ID,
	}))
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
		from = newest()
	}
	found, err := rows.List[rows.Listed](ctx, m.db(), rows.Limit(rows.ListedChannels().
		Where("c.organisation_id = ? AND c.staff_id = ?", rows.V(member.Organisation), rows.V(member.ID)).
		Where("c.last_reply_seq > c.done_seq AND c.moved_to IS NULL").
		Where("(c.last_reply_at, c.id) < (?, ?)", rows.V(from.At), rows.V(from.ID)).
		OrderExpr("c.last_reply_at DESC, c.id DESC"), limit+1))
	if err != nil {
		return Page[Notification]{}, err
	}
	cut := page(found, limit, func(r rows.Listed) cursor {
		return cursor{List: "notifications", At: r.LastReplyAt, ID: r.ID}
	})
	list := make([]Notification, len(cut.Items))
	for i, row := range cut.Items {
		c := channelOf(row, search.Query{})
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
