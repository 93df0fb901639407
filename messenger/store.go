package messenger

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// channelRow is a channel as rules need it; lists have their own shape.
type channelRow struct {
	ID             uuid.UUID
	OrganisationID adapters.OrganisationID
	StaffID        adapters.StaffID
	StaffName      string
	ClientID       adapters.ClientID
	ClientName     string
	Status         Status
	LastSeq        int64
	LastReplySeq   int64
	RepliesOffWhy  *string
	RepliesOffBy   string
	RepliesOffAt   *time.Time
	LinkNonce      []byte
	LinkKeyID      string
	LinkLookup     []byte
	WrongDates     int
	LockedUntil    *time.Time
	CreatedAt      time.Time
}

const channelColumns = `c.id, c.organisation_id, c.staff_id, c.staff_name, c.client_id, c.client_name, c.status, c.last_seq,
	c.last_reply_seq, c.replies_off_why, c.replies_off_by, c.replies_off_at, c.link_nonce, c.link_key_id, c.link_lookup,
	c.wrong_dates, c.locked_until, c.created_at`

func collectChannel(rows pgx.Rows, err error) (channelRow, error) {
	if err != nil {
		return channelRow{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[channelRow])
}

// readChannel is pgx.ErrNoRows for another organisation's channel too.
func readChannel(ctx context.Context, q querier, organisation adapters.OrganisationID, id uuid.UUID) (channelRow, error) {
	return collectChannel(q.Query(ctx, "select "+channelColumns+` from messenger_channels c
		where c.id = $1 and c.organisation_id = $2 and c.moved_to is null`, id, organisation))
}

// lockChannel also holds the channel for the rest of the transaction: every change of a channel or of what its status says
// begins here, so that changes follow one another.
func lockChannel(ctx context.Context, t tx, id uuid.UUID) (channelRow, error) {
	return collectChannel(t.Query(ctx, "select "+channelColumns+` from messenger_channels c where c.id = $1 for no key update`, id))
}

// logEntry is a line of history to be written.
type logEntry struct {
	id         uuid.UUID // zero: a new one
	channel    channelRow
	actor      adapters.Author
	onBehalfOf adapters.StaffID
	action     HistoryAction
	message    uuid.UUID
	note       string
}

func writeHistory(ctx context.Context, q querier, at time.Time, e logEntry) error {
	if e.id == uuid.Nil {
		e.id = newID()
	}
	_, err := q.Exec(ctx, `insert into messenger_history
		(id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name, on_behalf_of, action, message_id, note)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		e.id, e.channel.OrganisationID, e.channel.ID, at, e.actor.Kind, e.actor.ID, e.actor.Name, e.onBehalfOf, e.action,
		nullable(e.message), e.note)
	return err
}

// newID is a UUIDv7 (RFC 9562).
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func nullable(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

// textsOf and idsOf are lists as parameters that every mode of pgx can send, the one for a pooler in transaction mode too.
func textsOf[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, text := range list {
		texts[i] = string(text)
	}
	return texts
}

func idsOf(list []uuid.UUID) []string {
	texts := make([]string, len(list))
	for i, id := range list {
		texts[i] = id.String()
	}
	return texts
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// messageRow is a message with all that its delivery and its filing need.
type messageRow struct {
	ID             uuid.UUID
	OrganisationID adapters.OrganisationID
	ChannelID      uuid.UUID
	Seq            int64
	Direction      adapters.Direction
	Medium         adapters.Medium
	Subject        string
	Body           string
	Purpose        string
	AuthorKind     string
	AuthorID       string
	AuthorName     string
	CreatedAt      time.Time
	SendAfter      *time.Time
	ReplyLink      bool
	OverrideReason string

	ToAddress         string
	DeliveryStatus    DeliveryStatus
	DeliveryReason    string
	DeliveryAttention *Attention
	Sends             int
	Attempts          int
	AttemptID         *uuid.UUID
	Busy              *float64 // seconds that the present attempt's lease still has, by the database's clock
	FirstTriedAt      *time.Time
	UnclearAt         *time.Time
	Via               string
	SentText          *string
	SentAt            *time.Time
	DeliveredAt       *time.Time

	RecordStatus      RecordStatus
	RecordReason      string
	RecordAttention   *Attention
	RecordReference   string
	RecordVersion     string
	RecordFiledStatus string
	RecordSavedAt     *time.Time
	RecordByID        string
	RecordByName      string
	OnlineViewing     bool

	Verified  string
	InReplyTo *uuid.UUID
	ReadAt    *time.Time
	ReadBy    adapters.StaffID

	BroadcastID *uuid.UUID
}

const messageColumns = `m.id, m.organisation_id, m.channel_id, m.seq, m.direction, m.medium, m.subject, m.body, m.purpose,
	m.author_kind, m.author_id, m.author_name, m.created_at, m.send_after, m.reply_link, m.override_reason,
	m.to_address, m.delivery_status, m.delivery_reason, m.delivery_attention, m.sends, m.attempts, m.attempt_id,
	extract(epoch from m.attempt_until - now())::float8, m.first_tried_at, m.unclear_at, m.via, m.sent_text, m.sent_at, m.delivered_at,
	m.record_status, m.record_reason, m.record_attention, m.record_reference, m.record_version, m.record_filed_status,
	m.record_saved_at, m.record_by_id, m.record_by_name, m.online_viewing,
	m.verified, m.in_reply_to, m.read_at, m.read_by, m.broadcast_id`

func collectMessages(rows pgx.Rows, err error) ([]messageRow, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[messageRow])
}

func readMessage(ctx context.Context, q querier, id uuid.UUID) (messageRow, error) {
	rows, err := collectMessages(q.Query(ctx, "select "+messageColumns+" from messenger_messages m where m.id = $1", id))
	if err == nil && len(rows) == 0 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return messageRow{}, err
	}
	return rows[0], nil
}

// message is what callers see of a row.
func (r messageRow) message() Message {
	to := mask(r.ToAddress)
	if r.OverrideReason != "" { // a restricted client: no contact details anywhere
		to = ""
	}
	return Message{
		ID: r.ID, Channel: r.ChannelID, Seq: r.Seq, Direction: r.Direction, Medium: r.Medium, Subject: r.Subject, Body: r.Body, SentText: value(r.SentText),
		Author: adapters.Author{Kind: r.AuthorKind, ID: r.AuthorID, Name: r.AuthorName}, CreatedAt: r.CreatedAt,
		SendAfter: value(r.SendAfter), SentAt: value(r.SentAt), DeliveredAt: value(r.DeliveredAt),
		Delivery: Delivery{
			Status: r.DeliveryStatus, Reason: r.DeliveryReason, Attempts: r.Attempts, Via: r.Via, To: to,
			Attention: r.DeliveryAttention != nil,
		},
		Record: RecordState{
			Status: r.RecordStatus, Reason: r.RecordReason, Reference: r.RecordReference,
			SavedAt: value(r.RecordSavedAt), OnlineViewing: r.OnlineViewing,
			Attention: r.RecordAttention != nil,
		},
		Verified: r.Verified, InReplyTo: value(r.InReplyTo), ReadAt: value(r.ReadAt), ReadBy: r.ReadBy, Purpose: r.Purpose,
	}
}
