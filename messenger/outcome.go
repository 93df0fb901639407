package messenger

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// accepted writes that the provider has the message, and what it said of it, and orders the filing. It writes on
// though the job's own time may be over: what was sent must be written down.
func (m *Messenger) accepted(
	ctx context.Context, d dispatch, message adapters.Outgoing, receipt adapters.Receipt,
) error {
	if receipt.Status == adapters.Failed {
		return m.carrierRefused(ctx, d, ending{DeliveryFailed, failure(receipt.Reason)}, receipt.Reason)
	}
	now := m.now(ctx)
	o := taken{dispatch: d, receipt: receipt, at: between(d.CreatedAt, receipt.At, now)}
	if receipt.AskAgain > 0 && !o.delivered() {
		o.askAt = now.Add(receipt.AskAgain)
	}
	err := m.insist(ctx, func(ctx context.Context) (err error) {
		if o.text, err = m.sentText(ctx, receipt.Text, message); err != nil {
			return err
		}
		if o.provider, err = m.keptID(ctx, m.db(), cut(keepable(receipt.ProviderID), 200)); err != nil {
			return err
		}
		return m.write(ctx, o)
	})
	if err == nil {
		status := DeliverySent
		if o.delivered() {
			status = DeliveryDelivered
		}
		m.telemetry.delivered(ctx, d.Medium, status, "")
	}
	return m.settled(d, err)
}

// sentText is the text that a provider says it sent, as it is kept: nil where it is the message's, or not told.
func (m *Messenger) sentText(ctx context.Context, told string, message adapters.Outgoing) (*string, error) {
	text := withoutOwnLink(keepable(told), message)
	if told == "" || text == withoutOwnLink(message.Text, message) {
		return nil, nil
	}
	kept, err := m.kept(ctx, m.db(), text, shownLink)
	return &kept, err
}

// withoutOwnLink is a text with the mark where the link is that a message went out with.
func withoutOwnLink(text string, message adapters.Outgoing) string {
	if message.Link == "" {
		return text
	}
	return strings.ReplaceAll(text, message.Link, shownLink)
}

// taken is the outcome that a provider took a message.
type taken struct {
	dispatch
	receipt  adapters.Receipt
	at       time.Time
	text     *string   // that was really sent, where it is another
	provider string    // its id for the message
	askAt    time.Time // when the provider is asked what became of it; zero: never
}

func (o taken) of() rows.Message { return o.Message }

func (o taken) counted() bool { return true }

func (o taken) delivered() bool { return o.receipt.Status == adapters.Delivered }

func (o taken) queue(b *rows.Batch, follow func(...jobs.Order)) {
	write := rows.File("taken", rows.Args{
		"id": o.ID, "attempt": o.AttemptID, "sends": o.Sends, "delivered": o.delivered(), "at": o.at, "via": o.receipt.Via,
		"provider_id": o.provider, "text": o.text,
	})
	rows.Queue(b, write, func(list []RecordStatus) error {
		for _, record := range list { // one, or none
			if !o.askAt.IsZero() {
				follow(jobs.Order{Args: jobs.AskReceipt{Message: o.ID}, At: o.askAt})
			}
			follow(filing(o.Message, record)...)
		}
		return nil
	})
	went := o.at
	if o.receipt.At.IsZero() {
		went = time.Time{}
	}
	if settle := answeredMeanwhile(o.Message, went); settle != nil {
		b.Exec(settle)
	}
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
	case errors.Is(reason, adapters.ErrObjected):
		return ReasonObjected
	case errors.Is(reason, adapters.ErrWrongContent):
		return ReasonWrongContent
	case errors.Is(reason, adapters.ErrConfiguration):
		return ReasonConfiguration
	default:
		return ReasonRejected
	}
}

// ending is how a delivery ends that did not succeed: as failed or unknown, and why.
type ending struct {
	status DeliveryStatus
	reason string
}

// giveUp ends a delivery: the message says why, and the channel asks for a person. It writes on though the job's time
// is over, as accepted does.
func (m *Messenger) giveUp(ctx context.Context, d dispatch, end ending) error {
	err := m.insist(ctx, func(ctx context.Context) error { return m.inTx(ctx, m.ending(d, end, &d.Channel)) })
	if err == nil {
		m.telemetry.delivered(ctx, d.Medium, end.status, end.reason)
	}
	return m.settled(d, err)
}

// ending ends the delivery, and says in which channel the message is now.
func (m *Messenger) ending(d dispatch, end ending, at *rows.Channel) func(context.Context, tx) error {
	return func(ctx context.Context, t tx) error {
		channel, err := lockChannel(ctx, t, d.ChannelID)
		if err != nil {
			return err
		}
		*at = channel
		n, err := rows.Exec(ctx, t, rows.Update[rows.Message]().
			Set("delivery_status = ?, attempt_id = NULL, attempt_until = NULL", rows.V(end.status)).
			Where("id = ? AND attempt_id IS NOT DISTINCT FROM ?", rows.V(d.ID), rows.V(d.AttemptID)).
			Where("delivery_status IN ('scheduled', 'queued', 'sending')"))
		if err != nil || n == 0 {
			return err
		}
		return m.markFailed(ctx, t, channel, d.Message, end)
	}
}

// markFailed writes what a delivery's end means for the message, its channel, its filing and the host.
func (m *Messenger) markFailed(
	ctx context.Context, t tx, channel rows.Channel, message rows.Message, end ending,
) error {
	attention := AttentionDeliveryFailed
	if end.status == DeliveryUnknown {
		attention = AttentionDeliveryUnknown
	}
	record, err := rows.One[RecordStatus](ctx, t, rows.File("delivery_failed", rows.Args{
		"id": message.ID, "status": end.status, "reason": end.reason, "attention": attention,
	}))
	if err != nil {
		return err
	}
	if settle := answeredMeanwhile(message, time.Time{}); settle != nil {
		if _, err := rows.Exec(ctx, t, settle); err != nil {
			return err
		}
	}
	if channel.Status == Done {
		if err := setStatus(ctx, t, channel, Open); err != nil {
			return err
		}
		entry := logEntry{channel: channel, actor: adapters.Author{Kind: "system"}, action: ActionOpened, message: message.ID}
		if err := t.writeHistory(ctx, entry); err != nil {
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
	m.changes.add(d.Channel, d.ID)
	if d.BroadcastID != nil {
		m.changes.progress(d.Channel, *d.BroadcastID)
	}
	return nil
}
