package messenger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// draftOfRow is an unsent text as it is kept.
func draftOfRow(r rows.Draft) Draft {
	return Draft{
		Medium: r.Medium, Subject: r.Subject, Body: r.Body, Private: r.Private,
		SendLocal: LocalTime{r.SendLocal, r.SendZone}, Unless: Unless(r.Unless),
		Template: value(r.TemplateID),
		Expects:  Expectation(r.Expects), ExpectBy: r.ExpectBy,
		Key: draftKey(r),
	}
}

// draftKey is another one each time that a draft is kept, and the same for everybody who shows that one.
func draftKey(r rows.Draft) string {
	r.UpdatedAt = r.UpdatedAt.UTC()
	raw, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings, ids and a time always encode
	}
	sum := sha256.Sum256(raw)
	return "draft-" + hex.EncodeToString(sum[:])
}

// row is it as a member's own for a client.
func (d Draft) row(member adapters.Member, client adapters.ClientID, now time.Time) rows.Draft {
	return rows.Draft{
		OrganisationID: member.Organisation, StaffID: member.ID, ClientID: client, Medium: d.Medium, Subject: d.Subject,
		Body: d.Body, Private: d.Private, SendLocal: d.SendLocal.At, SendZone: d.SendLocal.Zone, Unless: string(d.Unless),
		TemplateID: nullable(d.Template), UpdatedAt: now.Truncate(time.Microsecond),
		Expects: string(d.Expects), ExpectBy: d.ExpectBy,
	}
}

// keepDraft keeps it in place of a former one.
func keepDraft(row *rows.Draft) rows.Query {
	return rows.Insert(row).On("CONFLICT (organisation_id, staff_id, client_id) DO UPDATE")
}

// Edit stops a scheduled message and makes its text the asker's own draft for the client, in place of a former one, in
// one act: it can't go out while somebody mends it, and nothing of it is lost. Who may cancel it may edit it. The time
// at which it was to go out is the draft's; one that was not given by a clock is told by the organisation's. What is
// not scheduled is CodeAlreadySent: what has gone out or is on its way, what was cancelled, and so a second call.
// Errors: CodeNotFound, CodeForbidden, CodeUnavailable.
func (m *Messenger) Edit(ctx context.Context, message uuid.UUID) (Draft, error) {
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Draft{}, err
	}
	organisation, err := m.organisation(ctx, s.member.Organisation)
	if err != nil {
		return Draft{}, err
	}
	var draft Draft
	edited := func(ctx context.Context, t tx, row rows.Message) error {
		n, err := rows.Exec(ctx, t, cancelling(CancelledByPerson).
			Where("id = ? AND delivery_status = 'scheduled'", rows.V(message)))
		tooLate := fail(CodeAlreadySent, "It is too late to edit: the message is on its way, has gone out or was cancelled.")
		if err := requireRow(n, err, tooLate); err != nil {
			return err
		}
		channel, err := readChannel(ctx, t, row.OrganisationID, row.ChannelID)
		if err != nil {
			return err
		}
		kept := draftOfMessage(row, Zone(organisation)).row(s.member, channel.ClientID, t.now)
		if _, err := rows.Exec(ctx, t, keepDraft(&kept)); err != nil {
			return err
		}
		draft = draftOfRow(kept)
		return showLastWords(ctx, t, row.ChannelID)
	}
	_, err = m.changeMessage(ctx, s, logEntry{action: ActionEdited, message: message}, edited)
	if err != nil {
		return Draft{}, err
	}
	if usable, err := m.stillUsable(ctx, s.member, draft.Template); err == nil {
		draft.Template = usable
	}
	return draft, nil
}

// draftOfMessage is a scheduled message as a draft.
func draftOfMessage(r rows.Message, zone *time.Location) Draft {
	subject, body := r.Words()
	d := Draft{
		Medium: r.Medium, Subject: subject, Body: body, Private: r.Private(),
		SendLocal: LocalTime{r.SendLocal, r.SendZone}, Unless: Unless(r.Unless), Template: value(r.TemplateID),
		Expects: Expectation(value(r.Expects)), ExpectBy: value(r.ExpectBy),
	}
	if d.SendLocal == (LocalTime{}) && isLater(value(r.SendAfter), r.CreatedAt) {
		d.SendLocal = localOf(value(r.SendAfter), zone)
	}
	return d
}
