package messenger

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// acknowledging is what a page says of messages that ask their client to say that they have read them.
type acknowledging struct {
	Waiting      bool
	Acknowledged *time.Time
}

// toAcknowledge reads it. Without proof nothing is told of a private message.
func toAcknowledge(ctx context.Context, q rows.Querier, channel uuid.UUID, proved bool) (acknowledging, error) {
	return rows.One[acknowledging](ctx, q, rows.From("messenger_messages AS m").
		ColumnExpr("coalesce(bool_or(m.awaiting = 'waiting'), false) AS waiting").
		ColumnExpr("max(m.acknowledged_at) AS acknowledged").
		Where("m.channel_id = ? AND m.expects = 'acknowledgement'", rows.V(channel)).
		Where("m.awaiting IN ('waiting', 'acknowledged') AND (m.private_body IS NULL OR ?)", rows.V(proved)).
		Where("m.delivery_status IN ('sent', 'delivered', 'unknown') AND m.withdrawn_at IS NULL"))
}

// Acknowledge notes that a client says that they have read what asked them to: all of it that went out by this link,
// the private messages only with proof. It is no reply, and makes nothing unread. Anybody who has the link may call it;
// a second call changes nothing. Errors: CodeNotFound as for ReplyPage, CodeUnavailable.
func (m *Messenger) Acknowledge(ctx context.Context, token, proof string) error {
	channel, _, err := m.channelOfToken(ctx, token)
	if err != nil {
		return err
	}
	proved := m.proved(ctx, channel, proof)
	var settled []uuid.UUID
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := lockChannel(ctx, t, channel.ID)
		if err != nil {
			return err
		}
		valid, err := linkIs(ctx, t, row, channel.LinkLookup)
		if err != nil {
			return err
		}
		if row.RepliesOffWhy != nil || !valid {
			return notFound()
		}
		channel.ID, channel.StaffID = row.ID, row.StaffID
		settled, err = acknowledged(ctx, t, row, proved)
		return err
	})
	if err == nil && len(settled) > 0 {
		m.changes.add(channel.Channel, settled...)
	}
	return err
}

// acknowledged settles what waits in a locked channel to be acknowledged, and answers which messages changed.
func acknowledged(ctx context.Context, t tx, channel rows.Channel, proved bool) ([]uuid.UUID, error) {
	settled, err := rows.List[uuid.UUID](ctx, t, awaitedIn(channel).Set("awaiting = 'acknowledged'").
		Set("acknowledged_at = ?", rows.V(t.now)).
		Where("expects = 'acknowledgement' AND (private_body IS NULL OR ?)", rows.V(proved)).Returning("id"))
	if err != nil {
		return nil, err
	}
	for _, id := range settled {
		err := t.writeHistory(ctx, logEntry{
			channel: channel, action: ActionAcknowledged, message: id,
			actor: adapters.Author{Kind: "client", ID: string(channel.ClientID)}, // no name in what stays for ever
		})
		if err != nil {
			return nil, err
		}
	}
	return withoutReminders(ctx, t, channel, CancelledByReply, settled)
}
