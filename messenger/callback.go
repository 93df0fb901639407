package messenger

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Callback takes what a provider called back with, and returns once it is stored: a job applies it. Anybody may call it: the
// adapter of that name verifies the provider's own signature. A repeat changes nothing. Errors: CodeNotFound (no such name),
// CodeForbidden (not the provider's), CodeInvalid (can't be read).
func (m *Messenger) Callback(ctx context.Context, name string, request adapters.CallbackRequest) (adapters.Callback, error) {
	hook, ok := m.config.Hooks[name]
	if !ok {
		return adapters.Callback{}, notFound()
	}
	callback, err := hook.Callback(request)
	switch {
	case errors.Is(err, adapters.ErrNotSignedIn):
		return adapters.Callback{}, fail(CodeForbidden, "This call is not signed by the provider.")
	case err != nil:
		m.config.Logger.WarnContext(ctx, "messenger: a callback can't be read", "name", name, "error", err)
		return adapters.Callback{}, invalid("body", "This call can't be read.")
	}
	if len(callback.Receipts)+len(callback.Inbound) == 0 {
		return callback, nil
	}
	return callback, m.inTx(ctx, func(ctx context.Context, t tx) error {
		for _, text := range callback.Inbound {
			if err := keepUnmatched(ctx, t, name, hook.Organisation, text); err != nil {
				return err
			}
		}
		for _, r := range callback.Receipts {
			if err := t.enqueue(ctx, applying(cut(keepable(r.Reference), 64), r)); err != nil {
				return err
			}
		}
		return nil
	})
}

// applying is what a provider said, as the job that applies it.
func applying(reference string, r adapters.Receipt) jobs.ApplyReceipt {
	args := jobs.ApplyReceipt{
		Reference: reference, ProviderID: cut(keepable(r.ProviderID), 200), Via: r.Via, Status: string(r.Status), At: r.At,
	}
	if r.Status == adapters.Failed {
		args.Reason = failure(r.Reason)
	}
	return args
}

// parseReference reads what reference wrote.
func parseReference(s string) (message uuid.UUID, sends int, ok bool) {
	const length = 36
	if len(s) < length {
		return uuid.Nil, 0, false
	}
	message, err := uuid.Parse(s[:length])
	if err != nil || len(s) == length {
		return message, 1, err == nil
	}
	sends, err = strconv.Atoi(strings.TrimPrefix(s[length:], "-"))
	return message, sends, err == nil && reference(message, sends) == s
}

// ApplyReceipt is a job: it applies what a provider said of a message. It only moves forwards, whenever and however often it
// comes: taken, then delivered or failed. What is said of an unknown message, or of a decision to send that a person has
// replaced, changes nothing.
func (m worker) ApplyReceipt(ctx context.Context, receipt jobs.ApplyReceipt, _ int) error {
	id, sends, ok := parseReference(receipt.Reference)
	if !ok {
		m.config.Logger.WarnContext(ctx, "messenger: a receipt has no reference of ours", "via", receipt.Via)
		return nil
	}
	var channel rows.Channel
	err := m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := readMessage(ctx, t, id)
		if err != nil {
			return err
		}
		if channel, err = lockChannel(ctx, t, row.ChannelID); err != nil {
			return err
		}
		if row, err = readMessage(ctx, t, id); err != nil || row.Sends != sends {
			return err
		}
		if row.DeliveryStatus == DeliverySending && value(row.Busy) > 0 {
			// The provider's answer is still being taken down, and with it what only the answer says: the text really sent.
			return jobs.After(time.Second)
		}
		return m.applyReceipt(ctx, t, channel, row, receipt)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		m.config.Logger.WarnContext(ctx, "messenger: a receipt is for an unknown message", "via", receipt.Via)
		return nil
	}
	if err == nil {
		m.changes.add(channel, id)
	}
	return err
}

func (m *Messenger) applyReceipt(ctx context.Context, t tx, channel rows.Channel, row rows.Message, receipt jobs.ApplyReceipt) error {
	at := receipt.At.UTC()
	if receipt.At.IsZero() {
		at = t.now
	}
	under := row.DeliveryStatus == DeliverySending || row.DeliveryStatus == DeliveryUnknown || row.DeliveryStatus == DeliveryQueued && row.Attempts > 0
	switch {
	case row.DeliveryStatus != DeliverySent && !under, row.DeliveryStatus == DeliverySent && receipt.Status == string(adapters.Sent):
		return nil // final, or known
	case receipt.Status == string(adapters.Failed):
		_, err := t.Exec(ctx, `update messenger_messages set delivery_status = 'failed', sent_at = coalesce(sent_at, $2), via = $3,
			provider_id = $4, attempt_id = null, attempt_until = null where id = $1`, row.ID, at, receipt.Via, receipt.ProviderID)
		if err != nil {
			return err
		}
		if row.RecordStatus == RecordPending { // it was taken: the record is told, and told that it failed
			if err := fileAfter(ctx, t, row, RecordPending); err != nil {
				return err
			}
		}
		return m.markFailed(ctx, t, channel, row, DeliveryFailed, receipt.Reason)
	}
	delivered := receipt.Status == string(adapters.Delivered)
	_, err := t.Exec(ctx, `update messenger_messages set delivery_status = case when $2 then 'delivered' else 'sent' end, delivery_reason = '',
			delivery_attention = null, sent_at = coalesce(sent_at, $3), delivered_at = case when $2 then $3 end, via = $4, provider_id = $5,
			attempt_id = null, attempt_until = null, record_reason = case when record_status = 'pending' then '' else record_reason end
		where id = $1`, row.ID, delivered, at, receipt.Via, receipt.ProviderID)
	if err != nil || row.RecordStatus != RecordPending {
		return err
	}
	return fileAfter(ctx, t, row, RecordPending)
}

// askedFor is how long a provider is asked about a message that it took.
const askedFor = 3 * 24 * time.Hour

// AskReceipt is a job: it asks a provider what became of a message that it took, when no callback has told.
func (m worker) AskReceipt(ctx context.Context, id uuid.UUID, attempt int) error {
	d, err := m.readDispatch(ctx, id, attempt)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if d.DeliveryStatus != DeliverySent || m.now().Sub(value(d.SentAt)) > askedFor {
		return nil
	}
	organisation, err := m.organisation(ctx, d.OrganisationID)
	if err != nil {
		return err
	}
	receipt, err := d.find(ctx, m.outgoing(d, adapters.Client{}, organisation))
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	if err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: a provider can't say what became of a message", "message_id", id, "error", err)
		return errors.New("the provider can't say what became of it")
	}
	if receipt.Status != adapters.Delivered && receipt.Status != adapters.Failed {
		return jobs.After(max(receipt.AskAgain, time.Minute))
	}
	return m.ApplyReceipt(ctx, applying(reference(id, d.Sends), receipt), attempt)
}
