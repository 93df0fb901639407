package messenger

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

const channelColumns = `c.id, c.organisation_id, c.staff_id, c.staff_name, c.client_id, c.client_name, c.status, c.last_seq,
	c.last_reply_seq, c.replies_off_why, c.replies_off_by, c.replies_off_at, c.link_nonce, c.link_key_id, c.link_lookup,
	c.wrong_dates, c.locked_until, c.created_at`

func collectChannel(found pgx.Rows, err error) (rows.Channel, error) {
	if err != nil {
		return rows.Channel{}, err
	}
	return pgx.CollectExactlyOneRow(found, pgx.RowToStructByPos[rows.Channel])
}

// readChannel is pgx.ErrNoRows for another organisation's channel too.
func readChannel(ctx context.Context, q querier, organisation adapters.OrganisationID, id uuid.UUID) (rows.Channel, error) {
	return rows.One[rows.Channel](ctx, q, rows.All[rows.Channel]().
		Where("c.id = ? AND c.organisation_id = ? AND c.moved_to IS NULL", rows.V(id), rows.V(organisation)))
}

// lockChannel also holds the channel for the rest of the transaction. Every change of a channel, or of what its status says, begins here,
// so that changes follow one another.
func lockChannel(ctx context.Context, t tx, id uuid.UUID) (rows.Channel, error) {
	return rows.One[rows.Channel](ctx, t, rows.All[rows.Channel]().Where("c.id = ?", rows.V(id)).For("NO KEY UPDATE"))
}

// logEntry is a line of history to be written.
type logEntry struct {
	id         uuid.UUID // zero: a new one
	channel    rows.Channel
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
	_, err := rows.Exec(ctx, q, rows.Insert(&rows.History{
		ID: e.id, OrganisationID: e.channel.OrganisationID, ChannelID: e.channel.ID, At: at,
		ActorKind: e.actor.Kind, ActorID: e.actor.ID, ActorName: e.actor.Name, OnBehalfOf: e.onBehalfOf,
		Action: string(e.action), MessageID: nullable(e.message), Note: e.note,
	}))
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

const messageColumns = `m.id, m.organisation_id, m.channel_id, m.seq, m.direction, m.medium, m.subject, m.body, m.purpose,
	m.author_kind, m.author_id, m.author_name, m.created_at, m.send_after, m.reply_link, m.override_reason,
	m.to_address, m.delivery_status, m.delivery_reason, m.delivery_attention, m.sends, m.attempts, m.attempt_id,
	extract(epoch from m.attempt_until - now())::float8, m.first_tried_at, m.unclear_at, m.via, m.sent_text, m.sent_at, m.delivered_at,
	m.record_status, m.record_reason, m.record_attention, m.record_reference, m.record_version, m.record_filed_status,
	m.record_saved_at, m.record_by_id, m.record_by_name, m.online_viewing,
	m.verified, m.in_reply_to, m.read_at, m.read_by, m.broadcast_id`

func collectMessages(found pgx.Rows, err error) ([]rows.Message, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, pgx.RowToStructByPos[rows.Message])
}

func readMessage(ctx context.Context, q querier, id uuid.UUID) (rows.Message, error) {
	return rows.One[rows.Message](ctx, q, rows.Messages().Where("m.id = ?", rows.V(id)))
}

// messageOf is what callers see of a row.
func messageOf(r rows.Message) Message {
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
