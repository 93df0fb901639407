package messenger

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// accepted writes that the provider has the message, and what it said of it, and orders the filing, though the job's own time may be over:
// what was sent must be written down.
func (m *Messenger) accepted(ctx context.Context, d dispatch, message adapters.Outgoing, receipt adapters.Receipt) error {
	if receipt.Status == adapters.Failed {
		return m.giveUp(ctx, d, DeliveryFailed, failure(receipt.Reason))
	}
	var text *string
	if receipt.Text != "" {
		kept := withoutLink(keepable(receipt.Text))
		if kept != withoutLink(message.Text) {
			text = &kept
		}
	}
	at := receipt.At.UTC()
	if receipt.At.IsZero() {
		at = m.now()
	}
	delivered := receipt.Status == adapters.Delivered
	err := m.write(ctx, outcome{
		message: d.Message,
		counted: true,
		sql: `update messenger_messages set
				delivery_status = case when $3 or delivery_status = 'delivered' then 'delivered' else 'sent' end, delivery_reason = '',
				delivery_attention = null, sent_at = coalesce(sent_at, $4), delivered_at = case when $3 then $4 else delivered_at end,
				via = $5, provider_id = $6, sent_text = $7, attempt_id = null, attempt_until = null
			where id = $1 and attempt_id = $2 and delivery_status in ('sending', 'delivered') returning record_status`,
		args: []any{d.ID, d.AttemptID, delivered, at, receipt.Via, cut(keepable(receipt.ProviderID), 200), text},
		then: func(row pgx.Row) (due []jobs.Order, err error) {
			var record RecordStatus
			if err := row.Scan(&record); err != nil {
				return nil, err
			}
			if receipt.AskAgain > 0 && !delivered {
				due = append(due, jobs.Order{Args: jobs.AskReceipt{Message: d.ID}, At: m.now().Add(receipt.AskAgain)})
			}
			return append(due, filing(d.Message, record)...), nil
		},
	})
	return m.settled(d, err)
}

// filing is what the record needs once a message's delivery took a turn. A broadcast's waits behind all other.
func filing(message rows.Message, record RecordStatus) []jobs.Order {
	bulk := message.BroadcastID != nil
	switch record { //nolint:exhaustive // nothing to do for the others
	case RecordPending:
		return []jobs.Order{{Args: jobs.WriteRecord{Message: message.ID}, Bulk: bulk}}
	case RecordSaved, RecordAmended:
		return []jobs.Order{{Args: jobs.AmendRecord{Message: message.ID}, Bulk: bulk}}
	default:
		return nil
	}
}

// fileAfter orders what the record needs.
func fileAfter(ctx context.Context, t tx, message rows.Message, record RecordStatus) error {
	return t.jobs.InsertAll(ctx, t.Tx, filing(message, record)...)
}

// failure is a receipt's reason as the message keeps it.
func failure(reason error) string {
	switch {
	case errors.Is(reason, adapters.ErrWrongContact):
		return ReasonWrongContact
	case errors.Is(reason, adapters.ErrWrongContent):
		return ReasonWrongContent
	default:
		return ReasonRejected
	}
}

// giveUp ends a delivery as failed or unknown: the message says why, and the channel asks for a person. It writes on though the job's time
// is over, as accepted does.
func (m *Messenger) giveUp(ctx context.Context, d dispatch, status DeliveryStatus, reason string) error {
	err := m.inTx(context.WithoutCancel(ctx), func(ctx context.Context, t tx) error {
		channel, err := lockChannel(ctx, t, d.ChannelID)
		if err != nil {
			return err
		}
		tag, err := t.Exec(ctx, `update messenger_messages set delivery_status = $3, attempt_id = null, attempt_until = null
			where id = $1 and attempt_id is not distinct from $2 and delivery_status in ('scheduled', 'queued', 'sending')`,
			d.ID, d.AttemptID, status)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return m.markFailed(ctx, t, channel, d.Message, status, reason)
	})
	return m.settled(d, err)
}

// markFailed writes what a failed or unknown delivery means for the message, its channel, its filing and the host.
func (m *Messenger) markFailed(ctx context.Context, t tx, channel rows.Channel, message rows.Message, status DeliveryStatus, reason string) error {
	attention := AttentionDeliveryFailed
	if status == DeliveryUnknown {
		attention = AttentionDeliveryUnknown
	}
	var record RecordStatus
	err := t.QueryRow(ctx, `update messenger_messages set delivery_reason = $2, delivery_attention = $3,
			record_status = case when record_status = 'pending' and sent_at is null and $4 = 'failed' then 'not_required' else record_status end,
			record_reason = case when record_status = 'pending' and sent_at is null then
				case when $4 = 'failed' then 'never_sent' else 'delivery_unknown' end else record_reason end
		where id = $1 returning record_status`, message.ID, reason, attention, status).Scan(&record)
	if err != nil {
		return err
	}
	if channel.Status == Done {
		if err := setStatus(ctx, t, channel, Open); err != nil {
			return err
		}
		entry := logEntry{channel: channel, actor: adapters.Author{Kind: "system"}, action: ActionOpened, message: message.ID}
		if err := writeHistory(ctx, t, t.now, entry); err != nil {
			return err
		}
	}
	if record == RecordSaved || record == RecordAmended {
		if err := fileAfter(ctx, t, message, record); err != nil {
			return err
		}
	}
	return m.tell(ctx, t, string(attention), channel.ID, message.ID)
}

// settled tells who looks on that an attempt has ended.
func (m *Messenger) settled(d dispatch, err error) error {
	if err != nil {
		return err
	}
	m.changes.add(d.channel, d.ID)
	if d.BroadcastID != nil {
		m.changes.progress(d.channel, *d.BroadcastID)
	}
	return nil
}
