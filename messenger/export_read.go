package messenger

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// read puts into an export all that the tables have of the client. TestExportKnowsEveryTable holds it to the schema.
func (x exporting) read(ctx context.Context, t tx, channels []rows.WholeChannel, to *ClientExport) error {
	ids := column(channels, func(c rows.WholeChannel) uuid.UUID { return c.ID })
	messages, err := rows.List[rows.Message](ctx, t, rows.Messages().
		Where("m.channel_id = any(?::text[]::uuid[])", rows.V(idsOf(ids))).OrderExpr("m.channel_id, m.seq"))
	if err != nil {
		return err
	}
	lines, err := rows.List[rows.History](ctx, t, rows.All[rows.History]().
		Where("h.channel_id = any(?::text[]::uuid[])", rows.V(idsOf(ids))).OrderExpr("h.channel_id, h.id"))
	if err != nil {
		return err
	}
	to.Channels = column(channels, func(c rows.WholeChannel) ExportedChannel {
		if !slices.Contains(to.Client.Names, c.ClientName) {
			to.Client.Names = append(to.Client.Names, c.ClientName)
		}
		return x.channel(c, messages, lines)
	})
	for _, more := range []func(context.Context, tx, []uuid.UUID, *ClientExport) error{
		x.carried, x.texts, x.objections, x.broadcasts, x.templates,
	} {
		if err := more(ctx, t, ids, to); err != nil {
			return err
		}
	}
	if x.to == ExportForStaff {
		return x.internal(ctx, t, ids, to)
	}
	return nil
}

func (x exporting) channel(c rows.WholeChannel, messages []rows.Message, lines []rows.History) ExportedChannel {
	made := ExportedChannel{
		ID: c.ID, Staff: ExportedPerson{"staff", string(c.StaffID), c.StaffName}, Status: c.Status,
		CreatedAt: c.CreatedAt.UTC(), JoinedInto: c.MovedTo, RepliesOff: value(c.RepliesOffWhy),
		RepliesOffAt: utc(c.RepliesOffAt), WrongDates: c.WrongDatesEver, LinkLocked: c.LinkLocked, ReplyFlood: c.ReplyFlood,
		Messages: []ExportedMessage{}, History: []ExportedLine{},
	}
	for _, row := range messages {
		if row.ChannelID == c.ID {
			made.Messages = append(made.Messages, x.message(row))
		}
	}
	for _, h := range lines {
		if h.ChannelID == c.ID {
			note := h.Note
			if x.to != ExportForStaff && h.Action == string(ActionHandedOver) {
				note = "" // for the colleague
			}
			made.History = append(made.History, ExportedLine{
				h.ID, h.At.UTC(), personOf(actorOf(h)), h.OnBehalfOf, h.Action, h.MessageID, note,
			})
		}
	}
	return made
}

func (x exporting) message(r rows.Message) ExportedMessage {
	subject, body := r.Words()
	if x.to != ExportForStaff && r.WithdrawnAt != nil {
		subject, body = "", "" // the client can read them no more
	}
	made := ExportedMessage{
		ID: r.ID, Number: r.Seq, Direction: r.Direction, Medium: r.Medium, Private: r.Private(), Subject: subject, Body: body,
		SentText: value(r.SentText), Purpose: r.Purpose,
		Author:    personOf(adapters.Author{Kind: r.AuthorKind, ID: r.AuthorID, Name: r.AuthorName}),
		CreatedAt: r.CreatedAt.UTC(), SendAfter: utc(r.SendAfter), SendLocal: r.SendLocal, SendZone: r.SendZone,
		Unless: r.Unless, OverrideReason: r.OverrideReason, SafeLifted: r.SafeLifted, Neutral: r.Neutral,
		ReplyLink: r.ReplyLink, InReplyTo: r.InReplyTo,
		Verified: r.Verified, Delivery: x.delivery(r), Record: filingOf(r), ReadAt: utc(r.ReadAt), ReadBy: r.ReadBy,
		OpenedAt: utc(r.OpenedAt), WithdrawnAt: utc(r.WithdrawnAt), WithdrawnBy: value(r.WithdrawnBy),
		WithdrawnWhy: value(r.WithdrawnReason), TakenOutAt: utc(r.UnassignedAt), Broadcast: r.BroadcastID,
		Template: r.TemplateID, Version: r.TemplateVersion, Expects: value(r.Expects), ExpectBy: value(r.ExpectBy),
		Awaiting: value(r.Awaiting), AcknowledgedAt: utc(r.Acknowledged), Reminds: r.Reminds,
	}
	if r.Private() {
		made.Notice = r.Body
	}
	return made
}

func (x exporting) delivery(r rows.Message) ExportedDelivery {
	made := ExportedDelivery{
		Status: r.DeliveryStatus, Reason: r.DeliveryReason, Because: r.CancelledBecause, Via: r.Via, SentAt: utc(r.SentAt),
		DeliveredAt: utc(r.DeliveredAt), Attempts: r.Attempts, FirstTried: utc(r.FirstTriedAt),
		Attention: string(value(r.DeliveryAttention)), Waiting: r.DeliveryWaiting, WaitsUntil: utc(r.DeliveryWaitingUntil),
	}
	if x.shown && hasAddress(r) {
		made.To = r.ToAddress
	}
	return made
}

func filingOf(r rows.Message) ExportedFiling {
	made := ExportedFiling{
		Status: r.RecordStatus, Reason: r.RecordReason, Reference: r.RecordReference, Version: r.RecordVersion,
		At: utc(r.RecordSavedAt), OnlineViewing: r.OnlineViewing, FiledStatus: r.RecordFiledStatus,
		Attention: string(value(r.RecordAttention)), Waiting: r.RecordWaiting, WaitsUntil: utc(r.RecordWaitingUntil),
	}
	if r.RecordByID != "" {
		made.By = &ExportedPerson{"staff", r.RecordByID, r.RecordByName}
	}
	return made
}

// carried puts to the messages the carriers' ids and which replies ended a wait: nothing else reads them.
func (x exporting) carried(ctx context.Context, t tx, channels []uuid.UUID, to *ClientExport) error {
	type given struct {
		ID         uuid.UUID
		ProviderID string
		AwaitingBy *uuid.UUID
	}
	found, err := rows.List[given](ctx, t, rows.Raw(`select id, provider_id, awaiting_by from messenger_messages
		where channel_id = any(?::text[]::uuid[]) and (provider_id <> '' or awaiting_by is not null)`,
		rows.V(idsOf(channels))))
	of := make(map[uuid.UUID]given, len(found))
	for _, one := range found {
		of[one.ID] = one
	}
	for _, channel := range to.Channels {
		for i := range channel.Messages {
			one := of[channel.Messages[i].ID]
			channel.Messages[i].Delivery.ProviderID, channel.Messages[i].AnsweredBy = one.ProviderID, one.AwaitingBy
		}
	}
	return err
}

func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	return new(at.UTC())
}

func (x exporting) texts(ctx context.Context, t tx, channels []uuid.UUID, to *ClientExport) error {
	found, err := rows.List[rows.Unmatched](ctx, t, rows.All[rows.Unmatched]().
		Where("u.message_id IN (SELECT m.id FROM messenger_messages AS m WHERE m.channel_id = any(?::text[]::uuid[]))",
			rows.V(idsOf(channels))).OrderExpr("u.id"))
	to.Texts = column(found, func(u rows.Unmatched) ExportedText {
		made := ExportedText{
			Message: value(u.MessageID), To: u.ToNumber, At: u.At.UTC(), AssignedAt: value(u.AssignedAt).UTC(),
			AssignedBy: u.AssignedBy, Asks: u.Asks,
		}
		if x.shown {
			made.From = u.FromNumber
		}
		return made
	})
	return err
}

// numbersOf are the numbers that are or were the client's: where their texts went, whence one came that a person said
// is theirs, and the directory's.
const numbersOf = `SELECT m.to_address FROM messenger_messages AS m
		WHERE m.channel_id = any(?::text[]::uuid[]) AND m.medium = 'sms' AND m.to_address <> ''
	UNION SELECT t.from_number FROM messenger_unmatched AS t JOIN messenger_messages AS m ON m.id = t.message_id
		WHERE m.channel_id = any(?::text[]::uuid[]) AND t.from_number <> ''
	UNION SELECT n FROM (VALUES (?::text)) AS own (n) WHERE n <> ''`

func (x exporting) unsorted(ctx context.Context, t tx, channels []uuid.UUID) ([]ExportedUnsorted, error) {
	found, err := rows.List[rows.Unmatched](ctx, t, rows.All[rows.Unmatched]().
		Where("u.organisation_id = ? AND u.assigned_at IS NULL", rows.V(x.organisation)).
		Where("u.from_number IN ("+numbersOf+")", rows.V(idsOf(channels)), rows.V(idsOf(channels)), rows.V(x.number)).
		OrderExpr("u.id"))
	return column(found, func(u rows.Unmatched) ExportedUnsorted {
		made := ExportedUnsorted{ID: u.ID, To: u.ToNumber, At: u.At.UTC()}
		if x.shown {
			made.From = u.FromNumber
		}
		return made
	}), err
}

func (x exporting) objections(ctx context.Context, t tx, channels []uuid.UUID, to *ClientExport) error {
	found, err := rows.List[rows.Objection](ctx, t, rows.All[rows.Objection]().
		Where("o.organisation_id = ?", rows.V(x.organisation)).
		Where("o.number IN ("+numbersOf+")", rows.V(idsOf(channels)), rows.V(idsOf(channels)), rows.V(x.number)).
		OrderExpr("o.number"))
	to.Objections = column(found, func(o rows.Objection) ExportedObjection {
		made := ExportedObjection{Objects: o.Objects, At: o.At.UTC()}
		if x.shown {
			made.Number = o.Number
		}
		return made
	})
	return err
}

// broadcasts are those that were to go to the client, by an id that they have or a joined channel has, and those whose
// messages they have.
func (x exporting) broadcasts(ctx context.Context, t tx, channels []uuid.UUID, to *ClientExport) error {
	type sent struct {
		rows.Broadcast `bun:",extend"`
		Why            string
	}
	found, err := rows.List[sent](ctx, t, rows.Raw(`select b.*, s.why from (
			select r.broadcast_id, coalesce(r.why, '') as why
			from messenger_broadcast_recipients r join messenger_broadcasts o on o.id = r.broadcast_id
			where o.organisation_id = ? and r.client_id = any(array_append(array(
				select c.client_id from messenger_channels c where c.id = any(?::text[]::uuid[])), ?::text))
			union select m.broadcast_id, '' from messenger_messages m
			where m.channel_id = any(?::text[]::uuid[]) and m.broadcast_id is not null
		) s join messenger_broadcasts b on b.id = s.broadcast_id
		order by b.id`, rows.V(x.organisation), rows.V(idsOf(channels)), rows.V(x.client), rows.V(idsOf(channels))))
	to.Broadcasts = column(found, func(s sent) ExportedBroadcast {
		made := ExportedBroadcast{
			ID: s.ID, Staff: ExportedPerson{"staff", string(s.StaffID), s.StaffName}, Medium: s.Medium, Subject: s.Subject,
			Body: s.Body, CreatedAt: s.CreatedAt.UTC(), CancelledAt: utc(s.CancelledAt), Why: s.Why,
			SendAfter: utc(s.SendAfter), SendLocal: s.SendLocal, SendZone: s.SendZone, Expects: s.Expects, ExpectBy: s.ExpectBy,
			Template: s.TemplateID, Version: s.TemplateVersion,
		}
		if s.PrivateBody != nil && x.to == ExportForStaff { // a client's own message has what they may still read
			made.Subject, made.Body = value(s.PrivateSubject), *s.PrivateBody
		}
		if s.CancelledAt != nil {
			made.CancelledBy = &ExportedPerson{"staff", s.CancelledByID, s.CancelledByName}
		}
		return made
	})
	return err
}

func (x exporting) templates(ctx context.Context, t tx, channels []uuid.UUID, to *ClientExport) error {
	found, err := rows.List[rows.TemplateVersion](ctx, t, rows.All[rows.TemplateVersion]().
		Where(`(v.template_id, v.version) IN (SELECT m.template_id, m.template_version FROM messenger_messages AS m
			WHERE m.channel_id = any(?::text[]::uuid[]))`, rows.V(idsOf(channels))).OrderExpr("v.template_id, v.version"))
	to.Templates = column(found, func(v rows.TemplateVersion) ExportedTemplate {
		return ExportedTemplate{
			v.TemplateID, v.Version, v.Title, v.Subject, v.Body, v.Language,
			ExportedPerson{"staff", string(v.ByID), v.ByName},
			v.At.UTC(),
		}
	})
	return err
}

// internal is what staff wrote for staff.
func (x exporting) internal(ctx context.Context, t tx, channels []uuid.UUID, to *ClientExport) error {
	notes, err := rows.List[rows.Note](ctx, t, rows.All[rows.Note]().
		Where("n.channel_id = any(?::text[]::uuid[])", rows.V(idsOf(channels))).OrderExpr("n.id"))
	if err != nil {
		return err
	}
	drafts, err := rows.List[rows.Draft](ctx, t, rows.All[rows.Draft]().
		Where("d.organisation_id = ? AND d.client_id = ?", rows.V(x.organisation), rows.V(x.client)).OrderExpr("d.staff_id"))
	if err != nil {
		return err
	}
	type given struct {
		rows.Handover `bun:",extend"`
		ChannelID     uuid.UUID
		Why           string
	}
	handovers, err := rows.List[given](ctx, t, rows.Raw(`select o.*, c.channel_id, coalesce(c.why, '') as why
		from messenger_handovers o join messenger_handover_channels c on c.handover_id = o.id
		where c.channel_id = any(?::text[]::uuid[]) order by o.id`, rows.V(idsOf(channels))))
	if err != nil {
		return err
	}
	unsorted, err := x.unsorted(ctx, t, channels)
	to.Internal = &ExportedInternal{
		Notes: column(notes, func(n rows.Note) ExportedNote {
			by := ExportedPerson{"staff", string(n.AuthorID), n.AuthorName}
			return ExportedNote{n.ID, n.ChannelID, n.Kind, n.Text, by, n.At.UTC(), n.Filing, n.RecordReference}
		}),
		Drafts: column(drafts, func(d rows.Draft) ExportedDraft {
			return ExportedDraft{
				d.StaffID, string(d.Medium), d.Subject, d.Body, d.UpdatedAt.UTC(), d.Private, d.SendLocal, d.SendZone, d.Unless,
				d.Expects, d.ExpectBy, d.TemplateID,
			}
		}),
		Handovers: column(handovers, func(g given) ExportedHandover {
			by := ExportedPerson{g.ByKind, g.ByID, g.ByName}
			return ExportedHandover{
				g.ChannelID, g.StaffID, g.ToStaffID, by, g.OnBehalfOf, g.Note, g.CreatedAt.UTC(), g.Why,
			}
		}),
		Unsorted: unsorted,
	}
	return err
}

func personOf(a adapters.Author) ExportedPerson {
	if a.Kind == "client" {
		a.Name = ""
	}
	return ExportedPerson{a.Kind, a.ID, a.Name}
}
