package messenger

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// DifferenceWhy is how a provider or the record and Messenger differ about a message.
type DifferenceWhy string

// How they may differ.
const (
	DiffersForgotten DifferenceWhy = "forgotten" // it went out, and the provider does not have it
	DiffersFailed    DifferenceWhy = "failed"    // the provider says that it failed, Messenger that it went out
	DiffersArrived   DifferenceWhy = "arrived"   // the provider says that it went out, Messenger that it did not
	DiffersUnknown   DifferenceWhy = "unknown"   // the provider has it, and Messenger no message of that id
	DiffersUnfiled   DifferenceWhy = "unfiled"   // it was filed, and the record does not have it
	DiffersTwice     DifferenceWhy = "twice"     // the record has more than one entry of it
)

// Difference is a message about which a provider or the record and Messenger differ. It has no word and no name of
// anybody's.
type Difference struct {
	Message uuid.UUID       `json:"message"` // or a note, of which the record alone has anything
	Medium  adapters.Medium `json:"medium"`  // empty: it is a note
	Via     string          `json:"via"`     // "record": it is the record that differs
	Why     DifferenceWhy   `json:"why"`
	Unseen  bool            `json:"unseen,omitempty"` // it asks for nobody in a channel: Health says it
}

// Reconciled is what Reconcile found. Signature is an HMAC-SHA-256 of the rest as JSON under the organisation's key, in
// hexadecimal: kept anywhere, it shows that nobody changed it. See ReconciledIsOurs and Reconciliations.
type Reconciled struct {
	Organisation adapters.OrganisationID `json:"organisation"`
	At           time.Time               `json:"at"` // UTC, as Since
	Since        time.Time               `json:"since"`
	Asked        []adapters.Medium       `json:"asked"`            // whose provider was asked
	NotAsked     []adapters.Medium       `json:"not_asked"`        // whose provider can't be asked
	Failed       []adapters.Medium       `json:"failed,omitempty"` // whose provider did not answer as it should
	Agree        int                     `json:"agree"`
	Unasked      int                     `json:"unasked,omitempty"`       // messages in Asked whose carrier can't be asked
	RecordAsked  bool                    `json:"record_asked,omitempty"`  // the record was, of all that was filed
	RecordFailed bool                    `json:"record_failed,omitempty"` // it did not answer as it should
	Filed        int                     `json:"filed,omitempty"`         // entries that it has, each once
	Differences  []Difference            `json:"differences"`
	KeyID        string                  `json:"key_id"`
	Signature    string                  `json:"signature"`
}

const (
	// unsettled is how young a message, or a provider's word of it, may be that a receipt may still be under way for.
	unsettled = 10 * time.Minute
	// aside is how much earlier than its message went out by our clock a provider may say that it was given it.
	aside = time.Hour
	// mayQueue is how long a message may wait at a provider that does not list what waits: Twilio gives it up then.
	// https://www.twilio.com/docs/api/errors/30001
	mayQueue = 10 * time.Hour
)

// Reconcile compares what went out for an organisation since a time with what the providers have that can be asked
// (adapters.Lister), and what was filed with what the record has (adapters.RecordLister), and says of each message
// whether they agree. A message of the last ten minutes is passed by, and
// so is one of the last ten hours that a provider without our references does not list: it may wait there. A provider
// is taken to its word about the last send of a message: what it says failed needs a person, also where a callback said
// that it had arrived, and what failed here and went out by its word stands as that, and is filed. One of DeliverySent
// that it has forgotten stands as unknown with ReasonForgotten, for a person. One that somebody cancelled and that went
// out stays cancelled, with AttentionDeliveryUnknown. One that is delivered and forgotten, and DiffersUnknown, which is
// in no channel, are Unseen: Health says them. A medium whose provider can't be compared now is in Failed, the others
// are compared.
//
// A message that was filed and is not in the record, or there more than once, has failed to be filed, with
// ReasonRecordLost or ReasonRecordTwice and for a person: FileAgain writes what was lost anew. A note is Unseen, and
// what was lost of it NoteFilingFailed. Nothing is written into the record or taken out of it.
//
// The result is kept: see Reconciliations. A job does it every night for the last two days, and again in an hour while
// something is in Failed, or RecordFailed.
//
// It is for operators and asks nobody who they are. A second call looks again, and keeps that too. A provider keeps
// messages for some days alone: of a time before, all would be forgotten, so that more than three days are CodeInvalid.
func (m *Messenger) Reconcile(
	ctx context.Context, organisation adapters.OrganisationID, since time.Time,
) (Reconciled, error) {
	if !wellFormed(organisation) || since.IsZero() {
		return Reconciled{}, invalid("organisation", "Name the organisation and since when.")
	}
	now := m.now(ctx)
	if now.Sub(since) > askedFor+time.Minute { // a caller's own three days begin a little before
		return Reconciled{}, invalid("since", "A provider has messages of the last three days.")
	}
	made := Reconciled{
		Organisation: organisation, At: now.UTC(), Since: since.UTC(), KeyID: m.links[0].ID,
		Asked: []adapters.Medium{}, NotAsked: []adapters.Medium{}, Differences: []Difference{},
	}
	var follow []jobs.ApplyReceipt
	for _, medium := range []adapters.Medium{adapters.Email, adapters.SMS} {
		sender := m.sender(medium)
		if sender == nil {
			continue
		}
		lister, may := sender.(adapters.Lister)
		var theirs []adapters.Receipt
		var asked []string
		err := errors.ErrUnsupported
		if may {
			theirs, asked, err = lister.List(ctx, organisation, medium, since.Add(-aside))
		}
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			made.NotAsked = append(made.NotAsked, medium)
			continue
		case ctx.Err() != nil:
			return Reconciled{}, fmt.Errorf("messenger: ask the provider of %s: %w", medium, ctx.Err())
		case err != nil:
			m.config.Logger.ErrorContext(ctx, "messenger: what went out can't be compared with what a provider has",
				"organisation", organisation, "medium", medium, "error", err)
			made.Failed = append(made.Failed, medium)
			continue
		}
		made.Asked = append(made.Asked, medium)
		told, err := m.reconcile(ctx, &made, medium, theirs, asked, now.Add(-unsettled))
		if err != nil {
			return Reconciled{}, fmt.Errorf("messenger: reconcile %s: %w", medium, err)
		}
		follow = append(follow, told...)
	}
	if err := m.reconcileRecord(ctx, &made, now.Add(-unsettled)); err != nil {
		return Reconciled{}, fmt.Errorf("messenger: reconcile the record: %w", err)
	}
	slices.SortFunc(made.Differences, func(a, b Difference) int { return slices.Compare(a.Message[:], b.Message[:]) })
	made.Signature = m.signatureOf(made)
	if err := m.keepReconciled(ctx, made, follow); err != nil {
		return Reconciled{}, fmt.Errorf("messenger: keep what was reconciled: %w", err)
	}
	return made, nil
}

// reconcile compares the messages of a medium, and returns what a provider's word is to change.
func (m *Messenger) reconcile(
	ctx context.Context, made *Reconciled, medium adapters.Medium, theirs []adapters.Receipt, asked []string,
	until time.Time,
) (follow []jobs.ApplyReceipt, err error) {
	has, named := map[uuid.UUID]adapters.Receipt{}, map[string]adapters.Receipt{}
	refers := map[string]bool{} // which carriers list all that they were given, by our references
	var ids []uuid.UUID
	inTime := func(at time.Time) bool { return !at.Before(made.Since) && at.Before(until) }
	for _, receipt := range theirs {
		if receipt.Reference == "" { // it knows its own names alone
			named[receipt.Via+" "+receipt.ProviderID] = receipt
			continue
		}
		id, _, ours := parseReference(receipt.Reference)
		refers[receipt.Via] = true
		if ours {
			if before, twice := has[id]; !twice || before.Status == adapters.Failed {
				has[id] = receipt
			}
			ids = append(ids, id)
		}
	}
	type went struct {
		ID             uuid.UUID
		OrganisationID adapters.OrganisationID
		DeliveryStatus DeliveryStatus
		Sends          int
		Via            string
		ProviderID     string
		SentAt         *time.Time
	}
	found, err := rows.List[went](ctx, m.db(), rows.Raw(`select id, organisation_id, delivery_status, sends, via,
			provider_id, sent_at
		from messenger_messages where id = any(?::text[]::uuid[]) or organisation_id = ? and medium = ?
			and direction = 'outbound' and sent_at >= ? and sent_at < ?`,
		rows.V(idsOf(ids)), rows.V(made.Organisation), rows.V(medium), rows.V(made.Since), rows.V(until)))
	if err != nil {
		return nil, err
	}
	for _, ours := range found {
		receipt, there := has[ours.ID]
		delete(has, ours.ID)
		if !there {
			receipt, there = named[ours.Via+" "+ours.ProviderID]
			receipt.Reference = reference(ours.ID, ours.Sends)
		}
		at := receipt.At // of what we do not know to have gone out
		if ours.SentAt != nil {
			at = *ours.SentAt
		}
		if ours.OrganisationID != made.Organisation || !inTime(at) {
			continue // of another that has the same account, or of another time
		}
		why := differs(ours.DeliveryStatus, receipt, there)
		switch {
		case there && why != "" && !receipt.At.Before(until): // a receipt that says so may be on its way here
		case why == DiffersForgotten && !slices.Contains(asked, ours.Via):
			made.Unasked++
		case why == DiffersForgotten && !refers[ours.Via] && at.After(until.Add(-mayQueue)): // it may wait there
		case why != "":
			made.Differences = append(made.Differences, Difference{
				ours.ID, medium, ours.Via, why, why == DiffersForgotten && ours.DeliveryStatus == DeliveryDelivered,
			})
			if there {
				told := applying(receipt.Reference, receipt)
				told.Listed = true
				follow = append(follow, told)
			}
		default:
			made.Agree++
		}
	}
	for id, receipt := range has {
		if !inTime(receipt.At) {
			continue
		}
		made.Differences = append(made.Differences, Difference{id, medium, receipt.Via, DiffersUnknown, true})
	}
	return follow, nil
}

// differs is how a provider's word differs from ours; empty: they agree.
func differs(ours DeliveryStatus, theirs adapters.Receipt, there bool) DifferenceWhy {
	out := ours == DeliverySent || ours == DeliveryDelivered
	open := ours == DeliverySending || ours == DeliveryUnknown
	switch {
	case !there && out:
		return DiffersForgotten
	case there && (out || open) && theirs.Status == adapters.Failed:
		return DiffersFailed
	case there && !out && (theirs.Status == adapters.Delivered || theirs.Status == adapters.Sent):
		return DiffersArrived
	}
	return ""
}

// signatureOf is what signs a result under the key that it names; empty: that is not given.
func (m *Messenger) signatureOf(r Reconciled) string {
	r.Signature = ""
	text, err := json.Marshal(r)
	if err != nil {
		return "" // it has nothing that JSON can't have
	}
	for _, key := range m.links {
		if key.ID == r.KeyID {
			h := hmac.New(sha256.New, keyOf(key, r.Organisation))
			h.Write([]byte("reconciled\x00"))
			h.Write(text)
			return hex.EncodeToString(h.Sum(nil))
		}
	}
	return ""
}

// ReconciledIsOurs says whether a result is as Reconcile made it, under one of the keys.
func (m *Messenger) ReconciledIsOurs(r Reconciled) bool {
	signature := m.signatureOf(r)
	return signature != "" && hmac.Equal([]byte(signature), []byte(r.Signature))
}
