package rows

import (
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Listed is a channel as a list shows it. Nothing in it is null: pgx is slow to scan into pointers, and a page has a
// thousand values.
type Listed struct {
	ID             uuid.UUID
	OrganisationID adapters.OrganisationID
	StaffID        adapters.StaffID
	ClientID       adapters.ClientID
	ClientName     string
	Status         Status
	LastAt         time.Time
	LastReplyAt    time.Time // created_at without a reply
	RepliesAllowed bool
	LinkLocked     bool
	ReplyFlood     bool
	CreatedAt      time.Time
	UpdatedAt      time.Time
	LastMessageID  uuid.UUID // zero without a message; so are the three below
	LastDirection  adapters.Direction
	LastMedium     adapters.Medium
	LastPreview    string
	LastSubject    string // of an email alone
	LastCreatedAt  time.Time
	LastSendAfter  time.Time // created_at for what was to go out at once
	UnreadCount    int
	OverdueSince   time.Time // the epoch for none: what was joined may be older than the channel
	Scheduled      int       // messages that are to go out later
	AwaitingBy     string    // the first day by which an answer is awaited; empty: none is
	AnswerOverdue  bool      // that day is over
	Attention      string    // why a person is needed, with spaces between
	MatchID        uuid.UUID // of the message that a search found, zero for none
	MatchSubject   string
	MatchBody      string
}

// Most channels need no person, which one look into a small index tells. OFFSET keeps it one: the planner would read
// the whole index, of all inboxes, once. A subject is looked up by its message's key, and of emails alone: a copy in
// the channel's row, which a build of before would not write, could be that of another message.
const listedColumns = `c.id, c.organisation_id, c.staff_id, c.client_id, c.client_name, c.status, c.last_at,
	coalesce(c.last_reply_at, c.created_at) AS last_reply_at, c.replies_off_why IS NULL AS replies_allowed, c.link_locked,
	c.reply_flood,
	c.created_at, c.updated_at, coalesce(c.last_message_id, '00000000-0000-0000-0000-000000000000') AS last_message_id,
	coalesce(c.last_direction, '') AS last_direction, coalesce(c.last_medium, '') AS last_medium,
	coalesce(c.last_preview, '') AS last_preview,
	CASE WHEN c.last_medium = 'email'
	THEN coalesce((SELECT s.subject FROM messenger_messages AS s WHERE s.id = c.last_message_id
		AND s.private_body IS NULL), '') ELSE '' END
	AS last_subject, coalesce(c.last_created_at, c.created_at) AS last_created_at,
	coalesce(c.last_send_after, c.created_at) AS last_send_after, c.unread_count,
	CASE WHEN c.status = 'unread' THEN coalesce((SELECT min(o.overdue_at) FROM messenger_messages AS o
		WHERE o.organisation_id = c.organisation_id AND o.staff_id = c.staff_id AND o.channel_id = c.id
			AND ` + isOverdue + `),
		'epoch') ELSE 'epoch' END AS overdue_since,
	coalesce((SELECT min(w.expect_by) FROM messenger_messages AS w WHERE w.organisation_id = c.organisation_id
		AND w.staff_id = c.staff_id AND w.channel_id = c.id AND ` + isAwaited + `), '') AS awaiting_by,
	EXISTS (SELECT FROM messenger_messages AS w WHERE w.organisation_id = c.organisation_id
		AND w.staff_id = c.staff_id AND w.channel_id = c.id AND ` + isAwaited + ` AND ` + isUnanswered + `)
		AS answer_overdue,
	(SELECT count(*) FROM messenger_messages AS s WHERE s.organisation_id = c.organisation_id
		AND s.staff_id = c.staff_id AND s.channel_id = c.id AND s.delivery_status = 'scheduled') AS scheduled,
	CASE WHEN EXISTS (SELECT FROM messenger_messages AS a WHERE a.organisation_id = c.organisation_id
		AND a.staff_id = c.staff_id AND a.channel_id = c.id
		AND (a.delivery_attention IS NOT NULL OR a.record_attention IS NOT NULL) OFFSET 0)
	THEN (SELECT string_agg(DISTINCT k, ' ' ORDER BY k) FROM messenger_messages AS a
		CROSS JOIN LATERAL (VALUES (a.delivery_attention), (a.record_attention)) AS v (k)
		WHERE a.organisation_id = c.organisation_id AND a.staff_id = c.staff_id AND a.channel_id = c.id
		AND (a.delivery_attention IS NOT NULL OR a.record_attention IS NOT NULL)) ELSE '' END AS attention`

// isOverdue holds for a message called o that is a reply which nobody has read in time.
const isOverdue = "o.direction = 'inbound' AND o.read_at IS NULL AND o.overdue_at IS NOT NULL"

// isAwaited holds for a message called w whose answer is waited for.
const isAwaited = "w.awaiting = 'waiting' AND w.delivery_status <> 'cancelled'"

// isUnanswered holds for such a message that went out and whose day is over.
const isUnanswered = "w.awaiting_due <= now() AND w.delivery_status IN ('sent', 'delivered', 'unknown')"

// Awaited begins a select of the messages whose answer is waited for.
func Awaited() *SelectQuery { return From("messenger_messages AS w").Where(isAwaited) }

// Unanswered begins a select of those that went out and whose day is over.
func Unanswered() *SelectQuery { return Awaited().Where(isUnanswered) }

// Overdue begins a select of the replies that nobody has read in time.
func Overdue() *SelectQuery { return From("messenger_messages AS o").Where(isOverdue) }

// ListedChannels begins a select of channels as a list shows them.
func ListedChannels() *SelectQuery {
	return Select[Channel]().ColumnExpr(listedColumns).
		ColumnExpr("'00000000-0000-0000-0000-000000000000'::uuid AS match_id, '' AS match_subject, '' AS match_body")
}

// ListedFrom begins a select of the channels that a query called c gives, as a list shows them, each with the message
// that a join called f found in it.
func ListedFrom(c Query) *SelectQuery {
	return From("(?) AS c", c).ColumnExpr(listedColumns).
		ColumnExpr(`coalesce(f.id, '00000000-0000-0000-0000-000000000000') AS match_id,
			coalesce(f.subject, '') AS match_subject, coalesce(f.body, '') AS match_body`)
}
