package messenger

import (
	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// inboxQuery is which channels of an inbox a page shows.
type inboxQuery struct {
	organisation adapters.OrganisationID
	staff        adapters.StaffID
	show         Show
	seen         inboxSeen
	sort         Sort
	without      []string // ids of clients whose channels are not shown
	after        *cursor  // the last row of the page before; nil: the first page
	limit        int
	covered      covered // what the owner sees of other inboxes, in their own
	searches     bool    // for words or names: its statements have less time
}

const (
	inboxOrder   = "c.status DESC, c.last_at DESC, c.id DESC"
	waitingOrder = "c.status DESC, " + waitingSince + ", c.id"
	// waitingSince is since when a client waits for an answer, or nothing has happened.
	waitingSince = `CASE WHEN c.status = 'unread' THEN coalesce((SELECT min(u.created_at) FROM messenger_messages AS u
		WHERE u.channel_id = c.id AND u.direction = 'inbound' AND u.read_at IS NULL), c.last_at) ELSE c.last_at END`
)

// ordered adds the query's order to a select of channels.
func (q inboxQuery) ordered(channels *rows.SelectQuery) *rows.SelectQuery {
	if q.sort == SortWaiting {
		return channels.OrderExpr(waitingOrder)
	}
	return channels.OrderExpr(inboxOrder)
}

// where adds the query's conditions to a select of channels.
func (q inboxQuery) where(channels *rows.SelectQuery) *rows.SelectQuery {
	if len(q.covered.inboxes) == 0 {
		channels.Where("c.organisation_id = ? AND c.staff_id = ?", rows.V(q.organisation), rows.V(q.staff))
	} else {
		channels.Where(
			`c.organisation_id = ? AND (c.staff_id = ? OR c.staff_id = any(?) AND c.status = 'unread'
			AND c.client_id NOT IN (SELECT unnest(?::text[])))`,
			rows.V(q.organisation),
			rows.V(q.staff),
			rows.V(textsOf(ownersOf(q.covered.inboxes))),
			rows.V(textsOf(q.covered.hidden)),
		)
	}
	channels.Where("c.moved_to IS NULL")
	if len(q.seen.hidden) > 0 {
		channels.Where("c.client_id NOT IN (SELECT unnest(?::text[]))", rows.V(textsOf(q.seen.hidden)))
	}
	switch q.show {
	case "", ShowAll:
	case ShowOpen:
		channels.Where("c.status >= 'open'") // 'unread' sorts after 'open'
	case ShowDone:
		channels.Where("c.status = 'done'")
	case ShowAttention:
		channels.Where(
			`c.id IN (SELECT a.channel_id FROM messenger_messages AS a WHERE a.organisation_id = ? AND a.staff_id = ?
			AND (a.delivery_attention IS NOT NULL OR a.record_attention IS NOT NULL)
			UNION ALL SELECT l.id FROM messenger_channels AS l
			WHERE l.organisation_id = ? AND l.staff_id = ? AND (l.link_locked OR l.reply_flood)
			UNION ALL (?) UNION ALL (?))`,
			rows.V(q.organisation),
			rows.V(q.staff),
			rows.V(q.organisation),
			rows.V(q.staff),
			overdueIn(q.organisation, append(ownersOf(q.covered.inboxes), q.staff)...),
			unansweredIn(q.organisation, q.staff),
		)
	case ShowOverdue:
		channels.Where("c.id IN (?)", overdueIn(q.organisation, append(ownersOf(q.covered.inboxes), q.staff)...))
	case ShowAwaiting:
		channels.Where("c.id IN (?)", awaitedOf(q.organisation, q.staff))
	case ShowScheduled:
		channels.Where("c.id IN (?)", rows.From("messenger_messages AS s").ColumnExpr("s.channel_id").
			Where("s.organisation_id = ? AND s.staff_id = ?", rows.V(q.organisation), rows.V(q.staff)).
			Where("s.delivery_status = 'scheduled'"))
	}
	if len(q.without) > 0 {
		channels.Where("c.client_id NOT IN (SELECT unnest(?::text[]))", rows.V(q.without))
	}
	switch {
	case q.after == nil:
	case q.sort == SortWaiting:
		channels.Where(
			"(c.status < ? OR c.status = ? AND ("+waitingSince+", c.id) > (?, ?))",
			rows.V(q.after.Status),
			rows.V(q.after.Status),
			rows.V(q.after.At),
			rows.V(q.after.ID),
		)
	default:
		channels.Where(
			"(c.status, c.last_at, c.id) < (?, ?, ?)",
			rows.V(q.after.Status),
			rows.V(q.after.At),
			rows.V(q.after.ID),
		)
	}
	return channels
}

// overdueIn is the channels of some inboxes that have a reply which nobody has read in time.
func overdueIn(organisation adapters.OrganisationID, staff ...adapters.StaffID) rows.Query {
	return rows.Overdue().ColumnExpr("o.channel_id").
		Where("o.organisation_id = ? AND o.staff_id = any(?)", rows.V(organisation), rows.V(textsOf(staff)))
}

// unansweredIn is the channels of an inbox that have waited too long for an answer.
func unansweredIn(organisation adapters.OrganisationID, staff adapters.StaffID) rows.Query {
	return inInbox(rows.Unanswered(), organisation, staff)
}

// awaitedOf is the channels of an inbox that wait for an answer.
func awaitedOf(organisation adapters.OrganisationID, staff adapters.StaffID) *rows.SelectQuery {
	return inInbox(rows.Awaited(), organisation, staff)
}

// inInbox is the channels of an inbox that some messages are of.
func inInbox(
	awaited *rows.SelectQuery, organisation adapters.OrganisationID, staff adapters.StaffID,
) *rows.SelectQuery {
	return awaited.ColumnExpr("w.channel_id").
		Where("w.organisation_id = ? AND w.staff_id = ?", rows.V(organisation), rows.V(staff))
}

func (s Sort) check() error {
	if s != "" && s != SortNewest && s != SortWaiting {
		return invalid("order", `The order is "newest" or "waiting".`)
	}
	return nil
}

func (s Show) check() error {
	switch s {
	case "", ShowAll, ShowOpen, ShowDone, ShowAttention, ShowOverdue, ShowScheduled, ShowAwaiting:
		return nil
	default:
		return invalid("show", `Show is "all", "open", "done", "attention", "overdue", "awaiting" or "scheduled".`)
	}
}
