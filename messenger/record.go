package messenger

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// recordTries is when a filing is given up: with jobs' back-off, after some three days, so that a record down over a weekend
// gets everything.
const recordTries = 450

// WriteRecord is a job: it files one message in the clinical record, under the message's id, so that a second run changes
// nothing there. Called for a message that is filed already, it does nothing.
func (m worker) WriteRecord(ctx context.Context, id uuid.UUID, attempt int) error {
	row, channel, err := m.readForRecord(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if row.RecordStatus != RecordPending || m.config.Record == nil {
		m.changes.add(channel, id)
		return nil
	}
	if row.RecordSavedAt != nil { // it is in the record, and an amendment is tried again
		return m.AmendRecord(ctx, id, attempt)
	}
	entry, reason, err := m.entry(ctx, row, channel)
	if err != nil {
		return m.recordTrouble(ctx, row, channel, attempt, "clients", err)
	}
	if reason != "" {
		return m.recordFailed(ctx, row, channel, reason)
	}
	filed, err := m.config.Record.Write(ctx, entry)
	if err != nil {
		return m.recordTrouble(ctx, row, channel, attempt, "record", err)
	}
	return m.saveFiled(ctx, row, channel, entry, filed, RecordSaved)
}

// AmendRecord is a job: it corrects what the record holds of a message whose delivery took another turn after it was filed. When the
// record holds the truth already, or can't amend, it changes nothing.
func (m worker) AmendRecord(ctx context.Context, id uuid.UUID, attempt int) error {
	row, channel, err := m.readForRecord(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if row.RecordSavedAt == nil || row.RecordStatus == RecordFailed || m.config.Record == nil {
		return nil
	}
	if row.RecordFiledStatus == string(filedStatus(row)) {
		return m.keepFiled(ctx, row, channel)
	}
	entry, reason, err := m.entry(ctx, row, channel)
	if err != nil {
		return m.recordTrouble(ctx, row, channel, attempt, "clients", err)
	}
	if reason != "" {
		return m.recordFailed(ctx, row, channel, reason)
	}
	amended, err := m.config.Record.Amend(ctx, adapters.Filed{Reference: row.RecordReference, Version: row.RecordVersion}, entry)
	if errors.Is(err, errors.ErrUnsupported) {
		return m.keepFiled(ctx, row, channel)
	}
	if err != nil {
		return m.recordTrouble(ctx, row, channel, attempt, "record", err)
	}
	return m.saveFiled(ctx, row, channel, entry, amended, RecordAmended)
}

// keepFiled ends a repeated amendment that has nothing to do: the entry stands as it should, or as well as the record can.
func (m *Messenger) keepFiled(ctx context.Context, r rows.Message, channel rows.Channel) error {
	if r.RecordStatus != RecordPending {
		return nil
	}
	_, err := m.config.Pool.Exec(context.WithoutCancel(ctx), `update messenger_messages set record_status = 'saved', record_reason = '',
		record_attention = null where id = $1 and record_status = 'pending'`, r.ID)
	if err == nil {
		m.changes.add(channel, r.ID)
	}
	return err
}

func (m *Messenger) readForRecord(ctx context.Context, id uuid.UUID) (rows.Message, rows.Channel, error) {
	read, err := m.read(ctx, id)
	return read.Message, read.channel, err
}

// filedStatus is a delivery as the record is told of it.
func filedStatus(r rows.Message) adapters.Status {
	switch {
	case r.Direction == adapters.Inbound:
		return adapters.Delivered
	case r.DeliveryStatus == DeliveryFailed:
		return adapters.Failed
	default:
		return adapters.Sent
	}
}

// entry is a message for the record; reason says why it can't be one.
func (m *Messenger) entry(ctx context.Context, r rows.Message, channel rows.Channel) (entry adapters.Entry, reason string, err error) {
	found, err := m.directory(ctx, r.OrganisationID, channel.ClientID)
	if err != nil {
		return adapters.Entry{}, "", err
	}
	client, known := found[channel.ClientID]
	if !known {
		return adapters.Entry{}, ReasonRecordNoClient, nil
	}
	online := r.OnlineViewing
	if online && client.Restricted { // may have become so since it was written
		organisation, err := m.organisation(ctx, r.OrganisationID)
		if err != nil {
			return adapters.Entry{}, "", err
		}
		online = organisation.RestrictedVisible
	}
	entry = adapters.Entry{
		Key: r.ID, Channel: r.ChannelID, Organisation: r.OrganisationID, Client: channel.ClientID, NHSNumber: nhsNumber(client),
		Direction: r.Direction, Medium: r.Medium, Subject: r.Subject, Text: filedText(r),
		Author: adapters.Author{Kind: r.AuthorKind, ID: r.AuthorID, Name: r.AuthorName}, FiledBy: adapters.Author{Kind: "system"},
		InReplyTo: value(r.InReplyTo), Status: filedStatus(r), Reason: r.DeliveryReason, Verified: r.Verified,
		OnlineViewing: online, At: r.CreatedAt.UTC(), DeliveredAt: value(r.DeliveredAt).UTC(),
	}
	if r.SentAt != nil {
		entry.At = r.SentAt.UTC()
	}
	if r.RecordByID != "" {
		entry.FiledBy = adapters.Author{Kind: "staff", ID: r.RecordByID, Name: r.RecordByName}
	}
	return entry, "", nil
}

func (m *Messenger) saveFiled(ctx context.Context, r rows.Message, channel rows.Channel, entry adapters.Entry, filed adapters.Filed, status RecordStatus) error {
	err := m.write(ctx, outcome{
		message: r,
		sql: `update messenger_messages set record_status = $2, record_reason = '', record_attention = null,
				record_reference = $3, record_version = $4, record_filed_status = $5, record_saved_at = coalesce(record_saved_at, $6),
				online_viewing = $7
			where id = $1 and record_status in ('pending', 'saved', 'amended') returning delivery_status`,
		args: []any{r.ID, status, filed.Reference, filed.Version, entry.Status, m.now(), entry.OnlineViewing},
		then: func(row pgx.Row) ([]jobs.Order, error) {
			now := rows.Message{Direction: r.Direction}
			if err := row.Scan(&now.DeliveryStatus); err != nil || filedStatus(now) == entry.Status {
				return nil, err
			}
			return filing(r, status), nil // it failed while it was being filed
		},
	})
	if err == nil {
		m.changes.add(channel, r.ID)
	}
	return err
}

// recordTrouble tells passing trouble, which is tried again, from what a person must see to.
func (m *Messenger) recordTrouble(ctx context.Context, r rows.Message, channel rows.Channel, attempt int, port string, err error) error {
	m.config.Logger.WarnContext(ctx, "messenger: a message was not filed", "message_id", r.ID, "port", port, "attempt", attempt, "error", err)
	switch {
	case port == "record" && errors.Is(err, adapters.ErrWrongContent):
		return m.recordFailed(ctx, r, channel, ReasonRecordRefused)
	case port == "record" && errors.Is(err, adapters.ErrNotFound):
		return m.recordFailed(ctx, r, channel, ReasonRecordNoClient)
	case port == "record" && errors.Is(err, adapters.ErrConfiguration):
		return m.recordFailed(ctx, r, channel, ReasonConfiguration)
	case attempt >= recordTries:
		return m.recordFailed(ctx, r, channel, ReasonRecordUnavailable)
	}
	if r.RecordReason == "" && attempt >= 3 { // say why it takes so long
		_, _ = m.config.Pool.Exec(ctx, "update messenger_messages set record_reason = $2 where id = $1 and record_status = 'pending'",
			r.ID, ReasonRecordUnavailable)
		m.changes.add(channel, r.ID)
	}
	return errors.New("not filed")
}

// recordFailed ends a filing: the message says why, and the channel asks for a person.
func (m *Messenger) recordFailed(ctx context.Context, r rows.Message, channel rows.Channel, reason string) error {
	err := m.inTx(context.WithoutCancel(ctx), func(ctx context.Context, t tx) error {
		tag, err := t.Exec(ctx, `update messenger_messages set record_status = 'failed', record_reason = $3, record_attention = 'record_failed'
			where id = $1 and record_status = $2`, r.ID, r.RecordStatus, reason)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return m.tell(ctx, t, string(AttentionRecordFailed), channel.ID, r.ID)
	})
	if err == nil {
		m.changes.add(channel, r.ID)
	}
	return err
}

// replyRecord is how a new reply stands towards the record.
func (m *Messenger) replyRecord(organisation adapters.Organisation, verified string) (RecordStatus, string, *Attention) {
	held := AttentionRecordHeld
	switch {
	case m.config.Record == nil || organisation.RepliesNotFiled:
		return RecordNotRequired, "", nil
	case organisation.CheckDateOfBirth && verified == "none":
		return RecordHeld, ReasonUnverified, &held
	default:
		return RecordPending, "", nil
	}
}
