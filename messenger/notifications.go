package messenger

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// mostNotified is how far the notification centre is counted; notification_count.sql says the same.
const mostNotified = 1000

// NotificationCount counts the channels in the asker's notification centre, in total up to 1,000.
type NotificationCount struct{ Unread, Total int }

// NotificationCount counts what Notifications lists, and the channels with unread replies in it.
func (m *Messenger) NotificationCount(ctx context.Context) (NotificationCount, error) {
	member, err := m.current(ctx)
	if err != nil {
		return NotificationCount{}, err
	}
	type row struct {
		NotificationCount `bun:",extend"`
		Covers            bool
	}
	count, err := rows.One[row](ctx, m.db(), rows.File("notification_count", rows.Args{
		"organisation": member.Organisation, "staff": member.ID,
	}))
	if err != nil {
		return NotificationCount{}, err
	}
	var c covered
	if count.Covers {
		if c, err = m.coveredBy(ctx, member); err != nil {
			return NotificationCount{}, err
		}
	}
	overdue, err := m.overdueFor(ctx, member)
	total := count.Total + c.unread + len(overdue)
	owners := ownersOf(c.inboxes)
	overdue = slices.DeleteFunc(overdue, func(o toldOverdue) bool { return slices.Contains(owners, o.StaffID) }) // counted
	return NotificationCount{count.Unread + c.unread + len(overdue), min(total, mostNotified)}, err
}

// Notifications returns a page of the asker's own channels with a reply since they were last done, by the newest reply,
// and of those with a delivery that failed, or of which nobody knows, by the newest such message; newest first. A
// channel with both stands there twice. The unread channels of inboxes that the asker covers are among them, and those
// of colleagues with an overdue reply that the asker was told of, as far as they may open the inbox and see the client.
// Marking a channel open again does not bring a reply back; a failure goes when it is resolved or tried again.
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
	c, err := m.coveredBy(ctx, member)
	if err != nil {
		return Page[Notification]{}, err
	}
	overdue, err := m.overdueFor(ctx, member)
	if err != nil {
		return Page[Notification]{}, err
	}
	lists := []rows.Query{
		replied(member, from, limit+1), undelivered(member, from, limit+1), becameOverdue(overdue, from, limit+1),
	}
	if len(c.inboxes) > 0 {
		if err := m.lookedAt(ctx, member, c.inboxes); err != nil {
			return Page[Notification]{}, err
		}
		lists = append(lists, coveredReplies(member, c, from, limit+1))
	}
	var found []notified
	for _, list := range lists {
		part, err := rows.List[notified](ctx, m.db(), list)
		if err != nil {
			return Page[Notification]{}, err
		}
		found = append(found, part...)
	}
	slices.SortFunc(found, func(a, b notified) int {
		return cmp.Or(b.At.Compare(a.At), bytes.Compare(b.By[:], a.By[:]))
	})
	cut := page(found, limit, func(r notified) cursor { return cursor{List: "notifications", At: r.At, ID: r.By} })
	list := make([]Notification, 0, len(cut.Items))
	var told []*Channel
	for _, row := range cut.Items {
		if row.Kind != NotifiedOverdue && !c.shows(row.Listed, member.ID) {
			continue
		}
		c := channelOf(row.Listed, search.Query{})
		if row.Kind == NotifiedOverdue {
			told = append(told, &c)
		}
		one := Notification{
			Kind: row.Kind, Channel: c.ID, Client: c.Client, ClientName: c.ClientName,
			Read: row.Kind == NotifiedReply && c.Status != Unread, UnreadCount: c.UnreadCount, Attention: c.Attention,
			LastMessage: value(c.LastMessage), URL: m.config.MessagesURL + "?channel=" + c.ID.String(),
		}
		if row.Kind != NotifiedOverdue && c.Staff != member.ID {
			one.CoveredFor = c.Staff
		}
		list = append(list, one)
	}
	return Page[Notification]{list, cut.Next}, m.lookedAtEach(ctx, member, told)
}

// notified is a channel of the notification centre with its place there.
type notified struct {
	rows.Listed `bun:",extend"`
	Kind        NotificationKind
	At          time.Time
	By          uuid.UUID // what came then: the channel's reply or the message
}

// replies begins a select of the channels with a reply since they were last done.
func replies(from cursor) *rows.SelectQuery {
	return rows.ListedChannels().ColumnExpr("'reply' AS kind, c.last_reply_at AS at, c.id AS by").
		Where("c.last_reply_seq > c.done_seq AND c.moved_to IS NULL").
		Where("(c.last_reply_at, c.id) < (?, ?)", rows.V(from.At), rows.V(from.ID)).
		OrderExpr("c.last_reply_at DESC, c.id DESC")
}

func replied(member adapters.Member, from cursor, limit int) rows.Query {
	return rows.Limit(replies(from).
		Where("c.organisation_id = ? AND c.staff_id = ?", rows.V(member.Organisation), rows.V(member.ID)), limit)
}

func undelivered(member adapters.Member, from cursor, limit int) rows.Query {
	const newer = `SELECT FROM messenger_messages AS n WHERE n.organisation_id = w.organisation_id
		AND n.staff_id = w.staff_id AND n.channel_id = w.channel_id
		AND n.delivery_attention IN ('delivery_failed', 'delivery_unknown') AND (n.created_at, n.id) > (w.created_at, w.id)`
	return rows.Limit(rows.ListedChannels().ColumnExpr("'failure' AS kind, w.created_at AS at, w.id AS by").
		Join("JOIN messenger_messages AS w ON w.channel_id = c.id").
		Where("w.organisation_id = ? AND w.staff_id = ?", rows.V(member.Organisation), rows.V(member.ID)).
		Where("w.delivery_attention IN ('delivery_failed', 'delivery_unknown') AND c.moved_to IS NULL").
		Where("(w.created_at, w.id) < (?, ?)", rows.V(from.At), rows.V(from.ID)).
		Where("NOT EXISTS ("+newer+")").
		OrderExpr("w.created_at DESC, w.id DESC"), limit)
}

func becameOverdue(told []toldOverdue, from cursor, limit int) rows.Query {
	ids := column(told, func(o toldOverdue) uuid.UUID { return o.ID })
	return rows.Limit(rows.ListedChannels().ColumnExpr("'overdue' AS kind, w.overdue_at AS at, w.id AS by").
		Join("JOIN messenger_messages AS w ON w.channel_id = c.id").
		Where("w.id = any(?::text[]::uuid[]) AND w.overdue_at IS NOT NULL", rows.V(idsOf(ids))).
		Where("(w.overdue_at, w.id) < (?, ?)", rows.V(from.At), rows.V(from.ID)).
		OrderExpr("w.overdue_at DESC, w.id DESC"), limit)
}

// NotificationKind is why a channel stands in the notification centre.
type NotificationKind string

// The kinds of notification.
const (
	NotifiedReply   NotificationKind = "reply"
	NotifiedFailure NotificationKind = "failure" // a message was not delivered, or nobody knows
	// a colleague's channel: the asker was told that nobody read a reply in time
	NotifiedOverdue NotificationKind = "overdue"
)

// Notification is a channel in the notification centre.
type Notification struct {
	Kind        NotificationKind
	Channel     uuid.UUID
	Client      adapters.ClientID
	ClientName  string
	Read        bool // never of a failure
	UnreadCount int
	Attention   []Attention // the channel's: of a failure it tells whether a message was not delivered, or nobody knows
	LastMessage Preview
	URL         string           // the host's Messages page with this channel open
	CoveredFor  adapters.StaffID // the owner, of an inbox that the asker covers
}
