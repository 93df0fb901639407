package messenger

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/permits"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// recordTries is when a filing is given up: with jobs' back-off, after some three days, so that a record down over a
// weekend gets everything.
const recordTries = 450

// WriteRecord is a job: it files one message in the clinical record, under the message's id, so that a second run
// changes nothing there. Called for a message that is filed already, it does nothing.
func (m worker) WriteRecord(ctx context.Context, id uuid.UUID, attempt int) error {
	read, err := m.read(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	r := read.stored
	if r.RecordStatus != RecordPending || m.config.Record == nil {
		m.changes.add(r.Channel, id)
		return nil
	}
	if (r.UnassignedAt != nil || r.WithdrawnAt != nil) && r.RecordSavedAt == nil { // taken back before it was filed
		reason := ""
		if r.WithdrawnAt != nil {
			reason = ReasonWithdrawn
		}
		_, err := rows.Exec(ctx, m.db(), rows.Update[rows.Message]().
			Set("record_status = 'not_required', record_reason = ?, record_attention = NULL", rows.V(reason)).
			Where("id = ? AND record_status = 'pending'", rows.V(id)))
		if err == nil {
			m.changes.add(r.Channel, id)
		}
		return err
	}
	if r.RecordSavedAt != nil { // it is in the record, and an amendment is tried again
		return m.AmendRecord(ctx, id, attempt)
	}
	entry, permit, err := m.toFile(ctx, r, attempt)
	if permit == nil {
		return err
	}
	defer permit.Leave(permits.None)
	place, err := m.callRecord(ctx, r, permit, func(ctx context.Context) (adapters.Filed, error) {
		return m.config.Record.Write(ctx, entry)
	})
	if err != nil {
		return m.notTaken(ctx, r, attempt, err)
	}
	return m.saveFiled(ctx, filed{stored: r, status: RecordSaved, entry: entry, place: place})
}

// AmendRecord is a job: it corrects what the record holds of a message whose delivery took another turn after it was
// filed. When the record holds the truth already, or can't amend, it changes nothing.
func (m worker) AmendRecord(ctx context.Context, id uuid.UUID, attempt int) error {
	read, err := m.read(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	r := read.stored
	if r.RecordSavedAt == nil || r.RecordStatus == RecordFailed || m.config.Record == nil {
		return nil
	}
	if r.RecordFiledStatus == string(filedStatus(r.Message)) {
		return m.keepFiled(ctx, r)
	}
	entry, permit, err := m.toFile(ctx, r, attempt)
	if permit == nil {
		return err
	}
	defer permit.Leave(permits.None)
	was := adapters.Filed{Reference: r.RecordReference, Version: r.RecordVersion}
	place, err := m.callRecord(ctx, r, permit, func(ctx context.Context) (adapters.Filed, error) {
		return m.config.Record.Amend(ctx, was, entry)
	})
	if errors.Is(err, errors.ErrUnsupported) && (r.UnassignedAt != nil || r.WithdrawnAt != nil) {
		return m.recordFailed(ctx, r, ReasonNotAmended) // somebody else's words stand there: a person has to see to it
	}
	if errors.Is(err, errors.ErrUnsupported) {
		return m.keepFiled(ctx, r)
	}
	if err != nil {
		return m.notTaken(ctx, r, attempt, err)
	}
	return m.saveFiled(ctx, filed{stored: r, status: RecordAmended, entry: entry, place: place})
}

// toFile is what the record is to be given of a message, and leave to call it. Without leave the job ends with err: the
// message can't be filed, or not now.
func (m *Messenger) toFile(
	ctx context.Context, r stored, attempt int,
) (entry adapters.Entry, permit *permits.Permit, err error) {
	if wait := m.recordTakesNothing(ctx, r); wait > 0 {
		return entry, nil, jobs.After(wait)
	}
	if permit, err = m.mayFile(ctx, r); err != nil {
		return entry, nil, err
	}
	entry, reason, err := m.entry(ctx, r)
	switch {
	case err != nil:
		err = m.fileLater(ctx, r, attempt, "clients", err)
	case reason != "":
		err = m.recordFailed(ctx, r, reason)
	default:
		return entry, permit, nil
	}
	permit.Leave(permits.None)
	return entry, nil, err
}

// keepFiled ends a repeated amendment that has nothing to do: the entry stands as it should, or as well as the record
// can.
func (m *Messenger) keepFiled(ctx context.Context, r stored) error {
	if r.RecordStatus != RecordPending {
		return nil
	}
	_, err := rows.Exec(context.WithoutCancel(ctx), m.db(), rows.Update[rows.Message]().
		Set("record_status = 'saved', record_reason = '', record_attention = NULL").
		Where("id = ? AND record_status = 'pending'", rows.V(r.ID)))
	if err == nil {
		m.changes.add(r.Channel, r.ID)
	}
	return err
}

// filedStatus is a delivery as the record is told of it.
func filedStatus(r rows.Message) adapters.Status {
	switch {
	case r.UnassignedAt != nil || r.WithdrawnAt != nil:
		return adapters.Withdrawn
	case r.Direction == adapters.Inbound:
		return adapters.Delivered
	case r.DeliveryStatus == DeliveryFailed:
		return adapters.Failed
	default:
		return adapters.Sent
	}
}

// entry is a message for the record; reason says why it can't be one.
func (m *Messenger) entry(ctx context.Context, r stored) (entry adapters.Entry, reason string, err error) {
	found, err := m.askDirectory(ctx, r.OrganisationID, r.Channel.ClientID)
	if err != nil {
		return adapters.Entry{}, "", err
	}
	client, known := found[r.Channel.ClientID]
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
	words := filedWords(r.Message)
	entry = adapters.Entry{
		Key: r.ID, Channel: r.ChannelID, Organisation: r.OrganisationID,
		Client: r.Channel.ClientID, NHSNumber: nhsNumber(client),
		Direction: r.Direction, Medium: r.Medium, Subject: words.subject, Text: words.body,
		Author:    authorOf(r.Message, client),
		FiledBy:   adapters.Author{Kind: "system"},
		InReplyTo: value(r.InReplyTo), Status: filedStatus(r.Message), Reason: r.DeliveryReason, Verified: r.Verified,
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

// filed is the outcome that the record took a message.
type filed struct {
	stored
	status RecordStatus // saved or amended
	entry  adapters.Entry
	place  adapters.Filed
	at     time.Time
}

func (o filed) of() rows.Message { return o.Message }

func (o filed) counted() bool { return false }

func (o filed) queue(b *rows.Batch, follow func(...jobs.Order)) {
	write := rows.File("filed", rows.Args{
		"id": o.ID, "status": o.status, "reference": o.place.Reference, "version": o.place.Version,
		"filed_status": o.entry.Status, "at": o.at, "online_viewing": o.entry.OnlineViewing,
	})
	rows.Queue(b, write, func(list []DeliveryStatus) error {
		for _, status := range list { // one, or none
			now := o.Message
			if now.DeliveryStatus = status; status == DeliveryStatus(adapters.Withdrawn) {
				now.UnassignedAt = &o.at
			}
			if filedStatus(now) != o.entry.Status { // it failed while it was being filed
				follow(filing(o.Message, o.status)...)
			}
		}
		return nil
	})
}

func (m *Messenger) saveFiled(ctx context.Context, o filed) error {
	o.at = m.now(ctx)
	err := m.insist(ctx, func(ctx context.Context) (err error) {
		for _, id := range []*string{&o.place.Reference, &o.place.Version} {
			if *id, err = m.keptID(ctx, m.db(), keepable(*id)); err != nil {
				return err
			}
		}
		return m.write(ctx, o)
	})
	if err == nil {
		m.telemetry.filed(ctx, o.status, "")
		m.changes.add(o.Channel, o.ID)
	}
	m.recordTook(ctx, o.stored)
	return err
}

// notTaken is what follows when the record did not take a message. What is its own affair a person must see to; what is
// the account's or the endpoint's holds up all filing until it is well; the rest is tried again. Whichever it looks
// like, this message comes back by its own back-off: when another ends the pause, this one does not begin it anew.
func (m *Messenger) notTaken(ctx context.Context, r stored, attempt int, err error) error {
	if reason := refused(err); reason != "" {
		m.logNotFiled(ctx, r, attempt, "record", err)
		return m.recordFailed(ctx, r, reason)
	}
	why := m.records.failed(r, err)
	if why == "" {
		return m.fileLater(ctx, r, attempt, "record", err)
	}
	m.logNotFiled(ctx, r, attempt, "record", err)
	limited := errors.As(err, new(*adapters.RateLimitError))
	if attempt >= recordTries && !limited {
		return m.recordFailed(ctx, r, ReasonRecordUnavailable)
	}
	m.pauseRecord(ctx, r, why, err)
	if limited { // it was no try
		return jobs.After(m.recordTakesNothing(ctx, r))
	}
	return m.again(r, attempt)
}

// again has a filing come back by its back-off, and at the latest when it is to say that it waits.
func (m *Messenger) again(r stored, attempt int) error {
	if left := waitShown - m.unfiled(r); left > 0 && left < jobs.Backoff(attempt) {
		return jobs.After(left)
	}
	return errors.New("not filed")
}

// refused is why the record will never take a message, or "" when it may take it later.
func refused(err error) string {
	switch {
	case errors.Is(err, adapters.ErrWrongContent):
		return ReasonRecordRefused
	case errors.Is(err, adapters.ErrNotFound):
		return ReasonRecordNoClient
	default:
		return ""
	}
}

// fileLater is what follows when a port did not answer: another try, until the last.
func (m *Messenger) fileLater(ctx context.Context, r stored, attempt int, port string, err error) error {
	m.logNotFiled(ctx, r, attempt, port, err)
	if attempt >= recordTries {
		return m.recordFailed(ctx, r, ReasonRecordUnavailable)
	}
	if r.RecordReason == "" && attempt >= 3 { // say why it takes so long
		_, _ = rows.Exec(ctx, m.db(), rows.Update[rows.Message]().
			Set("record_reason = ?", rows.V(ReasonRecordUnavailable)).
			Where("id = ? AND record_status = 'pending'", rows.V(r.ID)))
		m.changes.add(r.Channel, r.ID)
	}
	why := WaitingRecordDown
	if port == "clients" {
		why = WaitingDirectory
	}
	if m.unfiled(r) >= waitShown && attempt >= 3 {
		m.filingWaits(ctx, r, why, time.Time{})
	}
	return m.again(r, attempt)
}

func (m *Messenger) logNotFiled(ctx context.Context, r stored, attempt int, port string, err error) {
	m.config.Logger.WarnContext(ctx, "messenger: a message was not filed",
		"message_id", r.ID, "port", port, "attempt", attempt, "error", err)
}

// recordFailed ends a filing: the message says why, and the channel asks for a person.
func (m *Messenger) recordFailed(ctx context.Context, r stored, reason string) error {
	fail := func(ctx context.Context, t tx) error {
		n, err := rows.Exec(ctx, t, rows.Update[rows.Message]().
			Set("record_status = 'failed', record_reason = ?, record_attention = 'record_failed'", rows.V(reason)).
			Where("id = ? AND record_status = ?", rows.V(r.ID), rows.V(r.RecordStatus)))
		if err != nil || n == 0 {
			return err
		}
		return m.tell(ctx, t, string(AttentionRecordFailed), r.ChannelID, r.ID)
	}
	err := m.insist(ctx, func(ctx context.Context) error { return m.inTx(ctx, fail) })
	if err == nil {
		m.telemetry.filed(ctx, RecordFailed, reason)
		m.changes.add(r.Channel, r.ID)
	}
	return err
}

// replyRecord is how a new reply stands towards the record.
func (m *Messenger) replyRecord(
	organisation adapters.Organisation, verified string,
) (RecordStatus, string, *Attention) {
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
