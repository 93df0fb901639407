package messenger

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/permits"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// HasHook says whether Config.Hooks has this name: nothing that comes to another has to be read.
func (m *Messenger) HasHook(name string) bool {
	_, known := m.config.Hooks[name]
	return known
}

// Callback takes what a provider called back with, and returns once it is stored: a job applies it. Anybody may call
// it: the adapter of that name verifies the provider's own signature. A repeat changes nothing. Errors: CodeNotFound
// (no such name), CodeForbidden (not the provider's), CodeInvalid (can't be read).
func (m *Messenger) Callback(
	ctx context.Context, name string, request adapters.CallbackRequest,
) (adapters.Callback, error) {
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
	var came arrived
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		came = arrived{}
		for _, text := range callback.Inbound {
			var err error
			if text, err = m.keptText(ctx, t, text); err != nil {
				return err
			}
			if err := m.keepUnmatched(ctx, t, name, hook, text, &came); err != nil {
				return err
			}
		}
		for _, r := range callback.Receipts {
			if _, _, ours := parseReference(r.Reference); !ours { // what a job holds is kept: nobody's words get there
				m.config.Logger.WarnContext(ctx, "messenger: a receipt has no reference of ours", "name", name)
				continue
			}
			if !slices.Contains([]adapters.Status{"", adapters.Sent, adapters.Delivered, adapters.Failed}, r.Status) {
				m.config.Logger.WarnContext(ctx, "messenger: a receipt has no status that there is", "name", name)
				continue
			}
			id, err := m.keptID(ctx, t, r.ProviderID)
			if err != nil {
				return err
			}
			r.ProviderID = id
			if r.Contact, err = m.keptID(ctx, t, cut(keepable(r.Contact), 200)); err != nil {
				return err
			}
			job := applying(r.Reference, r)
			job.Hook = name
			if err := t.enqueue(ctx, job); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		m.changes.arrived(came)
	}
	return callback, err
}

// keptText is an inbound text without links in any part of it. The provider's id goes on telling a repeat.
func (m *Messenger) keptText(ctx context.Context, t tx, text adapters.InboundText) (adapters.InboundText, error) {
	for _, part := range []*string{&text.Text, &text.From, &text.To} {
		kept, err := m.kept(ctx, t, *part, shownLink)
		if err != nil {
			return text, err
		}
		*part = kept
	}
	var err error
	text.ProviderID, err = m.keptID(ctx, t, text.ProviderID)
	return text, err
}

// applying is what a provider said, as the job that applies it.
func applying(reference string, r adapters.Receipt) jobs.ApplyReceipt {
	args := jobs.ApplyReceipt{
		Reference: reference, ProviderID: cut(keepable(r.ProviderID), 200), Via: r.Via, Status: string(r.Status), At: r.At,
		Contact: r.Contact,
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

// ApplyReceipt is a job: it applies what a provider said of a message. It only moves forwards, whenever and however
// often it comes: taken, then delivered or failed; but of what stands in a provider's list, see otherwise. What is said
// of an unknown message, or of a decision to send that a person has replaced, changes nothing.
func (m worker) ApplyReceipt(ctx context.Context, receipt jobs.ApplyReceipt, _ int) error {
	id, sends, ok := parseReference(receipt.Reference)
	if !ok {
		m.config.Logger.WarnContext(ctx, "messenger: a receipt has no reference of ours", "via", receipt.Via)
		return nil
	}
	carriers, err := m.carriersOf(ctx, id, receipt)
	if err != nil {
		return err
	}
	var channel rows.Channel
	var touched []rows.Channel
	var was rows.Message
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
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
		if receipt.Hook != "" {
			provider, err := rows.One[string](ctx, t, rows.Select[rows.WholeMessage]().Column("provider_id").
				Where("m.id = ?", rows.V(id)))
			if err != nil {
				return err
			}
			if fault := m.notOf(row, provider, carriers, receipt); fault != "" {
				m.config.Logger.WarnContext(ctx, "messenger: a receipt is not its message's, and changes nothing",
					"message_id", id, "name", receipt.Hook, "fault", fault)
				return nil
			}
		}
		if err := contactUsed(ctx, t, channel, id, receipt); err != nil {
			return err
		}
		if err := m.applyReceipt(ctx, t, channel, row, receipt); err != nil {
			return err
		}
		was = row
		if awaitsReceipt(row) && receipt.Status == string(adapters.Failed) && receipt.Reason == ReasonObjected {
			touched, err = m.heedCarrier(ctx, t, row)
		}
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		m.config.Logger.WarnContext(ctx, "messenger: a receipt is for an unknown message", "via", receipt.Via)
		return nil
	}
	if err == nil {
		if (awaitsReceipt(was) || otherwise(was, receipt)) && receipt.Status != string(was.DeliveryStatus) {
			m.telemetry.delivered(ctx, was.Medium, DeliveryStatus(receipt.Status), receipt.Reason)
		}
		m.changes.add(channel, id)
		m.changes.addAll(touched)
	}
	return err
}

// contactUsed notes in the history, once, by which of its own contact details a provider reached the client.
func contactUsed(
	ctx context.Context, t tx, channel rows.Channel, message uuid.UUID, receipt jobs.ApplyReceipt,
) error {
	if receipt.Contact == "" {
		return nil
	}
	known, err := rows.List[uuid.UUID](ctx, t, rows.Select[rows.History]().Column("id").
		Where("h.channel_id = ? AND h.message_id = ?", rows.V(channel.ID), rows.V(message)).
		Where("h.action = ? AND h.note = ?", rows.V(ActionContactUsed), rows.V(receipt.Contact)))
	if err != nil || len(known) > 0 {
		return err
	}
	return t.writeHistory(ctx, logEntry{
		channel: channel, actor: adapters.Author{Kind: "system"}, action: ActionContactUsed, message: message,
		note: receipt.Contact,
	})
}

// carriersOf is what may carry a message of which nobody knows yet what did: no port is asked in a transaction.
func (m *Messenger) carriersOf(ctx context.Context, id uuid.UUID, receipt jobs.ApplyReceipt) ([]string, error) {
	if receipt.Hook == "" {
		return nil, nil
	}
	row, err := readMessage(ctx, m.db(), id)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && row.Via != "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	carrying, knows := m.sender(row.Medium).(adapters.Carrying)
	if !knows {
		return nil, nil
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	return carrying.Carriers(ctx, row.OrganisationID, row.Medium)
}

// notOf is why what came by a hook can't be about a message: its provider may know the message's reference, or have
// guessed it, but speaks only of what it carried, for the organisations that it carries for. It is "" where it may be.
func (m *Messenger) notOf(row rows.Message, provider string, carriers []string, receipt jobs.ApplyReceipt) string {
	hook, known := m.config.Hooks[receipt.Hook]
	switch {
	case !known:
		return "there is no such hook"
	case len(hook.Organisations) > 0 && !slices.Contains(hook.Organisations, row.OrganisationID):
		return "another organisation's"
	case row.Via != "" && row.Via != receipt.Via:
		return "another provider carried it"
	case row.Via == "" && !slices.Contains(carriers, receipt.Via):
		return "this provider can't have carried it"
	case provider != "" && provider != receipt.ProviderID:
		return "the provider knows it by another id"
	default:
		return ""
	}
}

func (m *Messenger) applyReceipt(
	ctx context.Context, t tx, channel rows.Channel, row rows.Message, receipt jobs.ApplyReceipt,
) error {
	receipt.At = between(row.CreatedAt, receipt.At, t.now)
	switch {
	case !awaitsReceipt(row) && !otherwise(row, receipt):
		return nil // final
	case row.DeliveryStatus == DeliverySent && receipt.Status == string(adapters.Sent):
		return nil // known
	case receipt.Status == string(adapters.Failed):
		return m.applyFailure(ctx, t, channel, row, receipt)
	}
	status, deliveredAt := DeliverySent, (*time.Time)(nil)
	if receipt.Status == string(adapters.Delivered) {
		status, deliveredAt = DeliveryDelivered, &receipt.At
	}
	_, err := rows.Exec(ctx, t, heardOf(row, receipt).
		Set("delivery_status = ?, delivered_at = ?", rows.V(status), rows.V(deliveredAt)).
		Set("delivery_reason = '', delivery_attention = NULL").
		Set("record_status = CASE WHEN "+unfiled+" THEN 'pending' ELSE record_status END").
		Set("record_reason = CASE WHEN "+unfiled+" OR record_status = 'pending' THEN '' ELSE record_reason END"))
	if err != nil {
		return err
	}
	if settle := answeredMeanwhile(row, receipt.At); settle != nil {
		if _, err := rows.Exec(ctx, t, settle); err != nil {
			return err
		}
	}
	record := row.RecordStatus
	if row.DeliveryStatus == DeliveryFailed && record == RecordNotRequired && row.RecordReason == ReasonNeverSent {
		record = RecordPending
	}
	if row.DeliveryStatus != DeliveryFailed && record != RecordPending {
		return nil
	}
	return fileAfter(ctx, t, row, record)
}

// awaitsReceipt says whether what a provider says can still change a message: a provider has it, or may have it.
func awaitsReceipt(row rows.Message) bool {
	switch row.DeliveryStatus { //nolint:exhaustive // the others are settled, or have not been tried
	case DeliverySending, DeliverySent, DeliveryUnknown:
		return true
	case DeliveryQueued:
		return row.Attempts > 0
	default:
		return false
	}
}

// unfiled is of a message that was not filed since it had failed.
const unfiled = "delivery_status = 'failed' AND record_status = 'not_required' AND record_reason = 'never_sent'"

// otherwise says whether a provider's list has a message otherwise than it stands here, though it is final: that is how
// it is now, where a callback may be a late one. What nobody was to send stays as it is.
func otherwise(row rows.Message, receipt jobs.ApplyReceipt) bool {
	switch {
	case !receipt.Listed:
		return false
	case row.DeliveryStatus == DeliveryFailed:
		return receipt.Status != string(adapters.Failed)
	default:
		return row.DeliveryStatus == DeliveryDelivered && receipt.Status == string(adapters.Failed)
	}
}

// heardOf begins the update of a message that a provider has told of.
func heardOf(row rows.Message, receipt jobs.ApplyReceipt) *rows.UpdateQuery {
	return rows.Update[rows.Message]().
		Set("sent_at = coalesce(sent_at, ?)", rows.V(receipt.At)).
		Set("via = ?, provider_id = ?", rows.V(receipt.Via), rows.V(receipt.ProviderID)).
		Set("attempt_id = NULL, attempt_until = NULL").
		Where("id = ?", rows.V(row.ID))
}

// applyFailure writes that a message which a provider took did not arrive.
func (m *Messenger) applyFailure(
	ctx context.Context, t tx, channel rows.Channel, row rows.Message, receipt jobs.ApplyReceipt,
) error {
	if _, err := rows.Exec(ctx, t, heardOf(row, receipt).
		Set("delivery_status = 'failed', delivered_at = NULL")); err != nil {
		return err
	}
	if row.RecordStatus == RecordPending { // it was taken: the record is told, and told that it failed
		if err := fileAfter(ctx, t, row, RecordPending); err != nil {
			return err
		}
	}
	return m.markFailed(ctx, t, channel, row, ending{DeliveryFailed, receipt.Reason})
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
	if d.DeliveryStatus != DeliverySent || m.now(ctx).Sub(value(d.SentAt)) > askedFor {
		return nil
	}
	organisation, err := m.organisation(ctx, d.OrganisationID)
	if err != nil {
		return err
	}
	if d.permit, err = m.enter(ctx, portAsked+string(d.Medium), d.OrganisationID); err != nil {
		return err
	}
	defer d.permit.Leave(permits.None)
	receipt, err := m.find(ctx, d, m.outgoing(d, adapters.Client{}, organisation))
	d.permit.Leave(news(ctx, err))
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	if err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: a provider can't say what became of a message",
			"message_id", id, "error", err)
		return errors.New("the provider can't say what became of it")
	}
	if receipt.Status != adapters.Delivered && receipt.Status != adapters.Failed {
		return jobs.After(max(receipt.AskAgain, time.Minute))
	}
	if receipt.ProviderID, err = m.keptID(ctx, m.db(), receipt.ProviderID); err != nil {
		return err
	}
	return m.ApplyReceipt(ctx, applying(reference(id, d.Sends), receipt), attempt)
}
