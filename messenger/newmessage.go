package messenger

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// newMessage is a message ready to be inserted.
type newMessage struct {
	actor       actor
	params      SendParams
	row         rows.Message
	client      adapters.Client
	repliesOff  bool
	words       []string
	preview     string // what a list shows of it
	override    string
	hash        []byte
	key         *string
	deliveryDue time.Time // zero: at once
	safe        safeHours
	createdID   uuid.UUID // of the history's line for the channel, should it be new
	sentID      uuid.UUID // of its line for the message, which is later: history is in order of ids
	tag         []byte    // seals that line
	keyID       string    // with this key
}

// prepare asks the directory, checks what may be sent and fills the placeholders.
func (m *Messenger) prepare(ctx context.Context, s actor, p SendParams) (newMessage, error) {
	c, err := m.compose(ctx, s, p)
	if err != nil {
		return newMessage{}, err
	}
	if err := checkText(p.Medium, c.private, c.subject, c.body); err != nil {
		return newMessage{}, err
	}
	if err := m.checkLength(ctx, s, c); err != nil {
		return newMessage{}, err
	}
	client, organisation := c.client, c.organisation
	o := newMessage{
		actor: s, params: p, client: client, repliesOff: organisation.RepliesOff, hash: p.hash(),
		words: search.Words(c.subject + "\n" + c.body), preview: c.preview(), override: c.override,
	}
	o.row = rows.Message{
		PrivateSubject: c.kept.subject, PrivateBody: c.kept.body, Reminds: nullable(p.reminds),
		Expects: c.expected.what, ExpectBy: c.expected.by, Awaiting: c.expected.status, AwaitingDue: c.expected.due,
		ID: m.newID(), OrganisationID: s.member.Organisation, Direction: adapters.Outbound, Medium: p.Medium,
		Subject: c.goesOut.subject, Body: c.goesOut.body, Purpose: "care",
		AuthorKind: "staff", AuthorID: string(s.member.ID), AuthorName: s.member.Name,
		ReplyLink: !p.NoReplyLink, ToAddress: address(client, p.Medium), Sends: 1, Verified: "none",
		SendLocal: p.SendLocal.At, SendZone: p.SendLocal.Zone, Unless: string(p.Unless),
		RecordStatus: RecordNotRequired,
	}
	o.row.TemplateID, o.row.TemplateVersion = c.template.columns()
	if client.Restricted {
		o.row.OverrideReason = c.override
	}
	if client.SafeContact != nil {
		o.row.SafeLifted, o.row.Neutral = c.override != "", isNeutral(client)
	}
	o.safe = safeHoursOf(client, organisation, o.row.SafeLifted)
	if m.config.Record != nil && !organisation.OutboundNotFiled {
		o.row.RecordStatus = RecordPending
		o.row.OnlineViewing = !organisation.OutboundHidden && (!client.Restricted || organisation.RestrictedVisible)
	}
	if p.Key != "" {
		o.key = new(keptKey(p.Key))
	}
	return o.at(m.now(ctx), m.clock), nil
}

// at is the message as it is when it is accepted at this time.
func (o newMessage) at(now time.Time, c *clock) newMessage {
	o.row.CreatedAt, o.row.DeliveryStatus, o.row.SendAfter, o.deliveryDue = now, DeliveryQueued, nil, time.Time{}
	o.createdID, o.sentID = c.newID(), c.newID()
	if after := o.params.due(); after.After(now) {
		o.row.DeliveryStatus, o.row.SendAfter, o.deliveryDue = DeliveryScheduled, &after, after
		now = after
	}
	o.waits(now)
	return o
}

// maySend is why a message to client may not be sent.
func (m *Messenger) maySend(member adapters.Member, client adapters.Client, p SendParams) error {
	switch {
	case !slices.Contains(member.Media, p.Medium):
		return forbiddenMedium()
	case m.sender(p.Medium) == nil:
		return notConfigured()
	}
	if why := obstacle(client, p.Medium); why != "" {
		return refusal(why)
	}
	if err := provable(client, p.Private); err != nil {
		return err
	}
	if client.Restricted && p.Override == "" {
		if p.again {
			return refusal(CodeRestricted)
		}
		return fail(CodeConfirmationRequired, "This client's record is restricted. Say why they must be written to.")
	}
	return safeContact(client, p)
}

// note is the reason for which a client is written to all the same: the history has it.
func (o newMessage) note() string {
	if o.client.Restricted || o.row.SafeLifted {
		return o.override
	}
	return ""
}

// insertion gives a message its place in a channel there is.
func (o newMessage) insertion() rows.Query {
	s, r := o.actor, o.row
	return rows.File("send", rows.Args{
		"channel": nullable(s.channel.ID), "organisation": s.member.Organisation, "owner": s.owner, "client": o.client.ID,
		"id": r.ID, "medium": r.Medium, "subject": r.Subject, "body": r.Body, "words": o.words, "purpose": r.Purpose,
		"author": r.AuthorID, "author_name": r.AuthorName, "now": r.CreatedAt, "send_after": r.SendAfter,
		"key": o.key, "hash": o.hash, "reply_link": r.ReplyLink, "override_reason": r.OverrideReason,
		"to_address": r.ToAddress, "delivery_status": r.DeliveryStatus, "record_status": r.RecordStatus,
		"online_viewing": r.OnlineViewing, "history": o.sentID, "on_behalf_of": s.onBehalfOf(),
		"preview": o.preview, "private_subject": r.PrivateSubject, "private_body": r.PrivateBody,
		"send_local": r.SendLocal, "send_zone": r.SendZone, "unless": r.Unless,
		"template": r.TemplateID, "template_version": r.TemplateVersion,
		"safe_lifted": r.SafeLifted, "neutral": r.Neutral, "note": o.note(),
		"waiting": r.DeliveryWaiting, "waiting_until": r.DeliveryWaitingUntil,
		"expects": r.Expects, "expect_by": r.ExpectBy, "awaiting": r.Awaiting, "awaiting_due": r.AwaitingDue,
		"reminds": r.Reminds, "tag": o.tag, "key_id": o.keyID,
	})
}

// line is what the history says of the message, but for its channel: file send writes it.
func (o newMessage) line() rows.History {
	return rows.History{
		ID: o.sentID, OrganisationID: o.row.OrganisationID, At: o.row.CreatedAt, ActorKind: "staff",
		ActorID: o.row.AuthorID, ActorName: o.row.AuthorName, OnBehalfOf: o.actor.onBehalfOf(), Action: string(ActionSent),
		MessageID: &o.row.ID, Note: o.note(),
	}
}
