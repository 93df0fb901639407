package messenger

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// newReply is an inbound message on its way into a channel.
type newReply struct {
	medium    adapters.Medium
	text      string
	came      time.Time // when it reached this service: a text may have waited for whom it is of
	formKey   string
	verified  string
	inReplyTo uuid.UUID
	record    RecordStatus
	reason    string
	attention *Attention
	online    bool
	filedBy   adapters.Author // who vouches for it; empty: the system
}

// inserted is an inbound message in its channel, with what it settled or cancelled there.
type inserted struct {
	ReplyReceipt
	changed []uuid.UUID
}

// insertInbound puts an inbound message into a locked channel, which becomes unread. What was to go out there unless a
// reply came is cancelled.
func (m *Messenger) insertInbound(ctx context.Context, t tx, channel rows.Channel, r newReply) (inserted, error) {
	receipt := ReplyReceipt{ID: m.newID(), At: t.now}
	message := rows.Message{
		ID: receipt.ID, OrganisationID: channel.OrganisationID, ChannelID: channel.ID, Seq: channel.LastSeq + 1,
		Direction: adapters.Inbound, Medium: r.medium, Body: r.text, Purpose: "care",
		AuthorKind: "client", AuthorID: string(channel.ClientID), AuthorName: channel.ClientName, CreatedAt: t.now,
		DeliveryStatus: DeliveryReceived, Sends: 1,
		RecordStatus: r.record, RecordReason: r.reason, RecordAttention: r.attention,
		RecordByID: r.filedBy.ID, RecordByName: r.filedBy.Name, OnlineViewing: r.online,
		Verified: r.verified, InReplyTo: nullable(r.inReplyTo),
	}
	_, err := rows.Exec(ctx, t, rows.Insert(&rows.WholeMessage{
		Message: message, StaffID: channel.StaffID, Words: search.Words(r.text), FormKey: &r.formKey,
	}))
	if err != nil {
		return inserted{}, err
	}
	_, err = rows.Exec(ctx, t, rows.File("replied", rows.Args{
		"channel": channel.ID, "message": receipt.ID, "seq": message.Seq, "at": t.now, "medium": r.medium, "text": r.text,
	}))
	if err != nil {
		return inserted{}, err
	}
	settled, err := answeredBy(ctx, t, channel, receipt.ID, r.came)
	if err != nil {
		return inserted{}, err
	}
	cancelled, err := cancelReplied(ctx, t, channel)
	return inserted{receipt, append(settled, cancelled...)}, err
}
