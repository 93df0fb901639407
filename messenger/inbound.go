package messenger

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// newReply is an inbound message on its way into a channel.
type newReply struct {
	medium    adapters.Medium
	text      string
	formKey   string
	verified  string
	inReplyTo uuid.UUID
	record    RecordStatus
	reason    string
	attention *Attention
	online    bool
	filedBy   adapters.Author // who vouches for it; empty: the system
}

// insertInbound puts an inbound message into a locked channel, which becomes unread.
func (m *Messenger) insertInbound(ctx context.Context, t tx, channel rows.Channel, r newReply) (ReplyReceipt, error) {
	receipt := ReplyReceipt{newID(), t.now}
	_, err := t.Exec(ctx, `insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, body, words,
			author_kind, author_id, author_name, created_at, delivery_status, record_status, record_reason, record_attention,
			online_viewing, verified, in_reply_to, form_key, record_by_id, record_by_name)
		values ($1, $2, $3, $4, $5, 'inbound', $6, $7, array_to_tsvector($8::text[]), 'client', $9, $10, $11, 'received', $12, $13, $14,
			$15, $16, $17, $18, $19, $20)`,
		receipt.ID, channel.OrganisationID, channel.StaffID, channel.ID, channel.LastSeq+1, r.medium, r.text, search.Words(r.text), channel.ClientID,
		channel.ClientName, t.now, r.record, r.reason, r.attention, r.online, r.verified, nullable(r.inReplyTo), r.formKey,
		r.filedBy.ID, r.filedBy.Name)
	if err != nil {
		return ReplyReceipt{}, err
	}
	_, err = t.Exec(ctx, `update messenger_channels set status = 'unread', last_seq = $2, last_reply_seq = $2, last_reply_at = $3,
		last_at = greatest(last_at, $3), updated_at = $3, last_message_id = $4, last_direction = 'inbound', last_medium = $5,
		last_preview = left($6, 140), last_created_at = $3, unread_count = (select count(*) from messenger_messages
			where channel_id = $1 and direction = 'inbound' and read_at is null)
		where id = $1`, channel.ID, channel.LastSeq+1, t.now, receipt.ID, r.medium, r.text)
	return receipt, err
}
