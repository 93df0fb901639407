package messenger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/replylink"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// Sent is what a send answers.
type Sent struct {
	Channel Channel // only for a send to a Client
	Message Message
}

// Send accepts a message for delivery: channel, message, history and job are one transaction, and what was accepted is
// delivered, or stands as failed or unknown with a reason, or was cancelled by a person.
//
// The signed-in staff member may send in their own channels, and in those of colleagues for whom they may act; the
// message is theirs, the channel stays its owner's. A repeat under the same Key sends nothing and returns the message
// as it now stands.
//
// Errors: CodeInvalid, CodeUnknownPlaceholder, CodeNotFound, CodeForbidden (medium or inbox), CodeNotConfigured,
// CodeDeceased, CodeObjected, CodeNoAddress, CodeConfirmationRequired (restricted, without Override), CodeTooLong (for
// the carrier, with the closing lines and the reply link), CodeTimeDoesNotExist, CodeTemplatePlaceUnfilled,
// CodeUnreadReplies (Then is Done and the client has written), CodeNewerMessages (SeenUpTo is not the last),
// CodeKeyReused, CodeUnavailable. CodeNotFound is also a template that the sender may not use, or that is archived.
func (m *Messenger) Send(ctx context.Context, p SendParams) (sent Sent, err error) {
	ctx, ended := m.telemetry.begin(ctx, "messenger send")
	defer func() {
		sending(ctx, sent.Message.ID)
		ended(err)
	}()
	return m.checkAndSend(ctx, p)
}

func (m *Messenger) checkAndSend(ctx context.Context, p SendParams) (Sent, error) {
	p, err := p.checked(m.now(ctx))
	if err != nil {
		return Sent{}, err
	}
	return unmoved(func() (Sent, error) { return m.sendOnce(ctx, p) })
}

func (m *Messenger) sendOnce(ctx context.Context, p SendParams) (Sent, error) {
	s, err := m.sendingActor(ctx, p)
	if err != nil {
		return Sent{}, err
	}
	m.pace.note(m.now(ctx))
	row, err := m.sendNew(ctx, &s, p)
	if err == nil || p.Key == "" || isSilence(err) {
		return m.sent(ctx, s, p, row, err)
	}
	// looked up only now: most sends are the first under their key, and save the round trip
	if known, found, failure := underKey(ctx, m.db(), s, p); found || failure != nil {
		return m.sent(ctx, s, p, known, failure)
	}
	return Sent{}, err
}

// sendNew makes the message, unless one stands under the same key. The actor then knows its client.
func (m *Messenger) sendNew(ctx context.Context, s *actor, p SendParams) (rows.Message, error) {
	o, err := m.prepare(ctx, *s, p)
	if err != nil {
		return rows.Message{}, err
	}
	s.client = o.client
	var placed sentRow
	first := rows.Begin()
	m.place(first, o, &placed)
	err = m.inTxWith(ctx, first, func(ctx context.Context, t tx) error {
		return finishSend(ctx, t, &o, placed)
	})
	if isDeadlock(err) { // with what moves its channel
		err = errMoved
	}
	if err != nil {
		return rows.Message{}, err
	}
	m.changes.add(placed.Channel, o.row.ID)
	return o.row, nil
}

func (m *Messenger) sent(ctx context.Context, s actor, p SendParams, row rows.Message, err error) (Sent, error) {
	if err != nil {
		return Sent{}, err
	}
	if p.Client != "" {
		s.channel.ClientID = p.Client
	}
	sent := Sent{Message: m.messagesOf(ctx, s, row)[0]}
	if p.Client == "" {
		return sent, nil
	}
	// it is accepted: neither a closed browser tab nor the database's trouble turns it into a failure now
	ctx, cancel := bounded(context.WithoutCancel(ctx))
	defer cancel()
	channel, err := m.channelByID(ctx, s.member.Organisation, row.ChannelID)
	if err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: the channel of an accepted message can't be read", "error", err)
		channel = Channel{
			ID: row.ChannelID, Organisation: s.member.Organisation, Staff: s.member.ID, Client: p.Client, Status: Open,
			RepliesAllowed: true, CreatedAt: row.CreatedAt, UpdatedAt: row.CreatedAt,
		}
	}
	if channel.Staff != s.member.ID { // a repeat: it was handed over since
		if allowed, err := m.access(ctx, s.member, channel.Staff); err != nil || allowed < mayLook {
			channel.LastMessage = nil
		}
	}
	sent.Channel = channel
	return sent, nil
}

// checked refuses what can be refused without knowing anything, and returns the texts as they are kept.
func (p SendParams) checked(now time.Time) (SendParams, error) {
	p, err := p.read(now)
	if err != nil {
		return p, err
	}
	return p, checkText(p.Medium, true, p.Subject, p.Body) // private is forced for some clients: compose says for whom
}

// read is checked without a look at what the message says.
func (p SendParams) read(now time.Time) (SendParams, error) {
	var err error
	if p.Subject, err = plain("subject", p.Subject); err != nil {
		return p, err
	}
	if p.Body, err = plain("body", p.Body); err != nil {
		return p, err
	}
	if p.Override, err = plain("override", p.Override); err != nil {
		return p, err
	}
	p.Override = strings.TrimSpace(p.Override)
	p.SendAfter = p.SendAfter.UTC().Truncate(time.Microsecond)
	switch {
	case (p.Channel == uuid.Nil) == (p.Client == ""):
		return p, invalid("client", "Name a channel or a client.")
	case p.Then != "" && p.Then != Open && p.Then != Done:
		return p, invalid("then", `Then is "open" or "done".`)
	case utf8.RuneCountInString(p.Override) > MaxNote:
		return p, invalid("override", "The reason must be 1,000 characters or fewer.")
	case len(p.Key) > MaxKey || strings.ContainsFunc(p.Key, func(r rune) bool { return r < '!' || r > '~' }):
		return p, invalid("Idempotency-Key", "The key is 1 to 255 visible ASCII characters.")
	case p.SendAfter.After(now.AddDate(1, 0, 0)):
		return p, invalid("send_after", "Choose a time within a year from now.")
	case p.SendAfter.Year() < 0: // year 0 in a zone ahead of UTC is year -1, which nothing can be written with
		return p, invalid("send_after", "This time is too far away.")
	}
	return p, p.checkLater()
}

// hash tells two bodies under one key apart.
func (p SendParams) hash() []byte {
	p.Key, p.Actor, p.SeenUpTo = "", nil, uuid.Nil // who looked again sends the same message
	raw, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings, ids and a checked time always encode
	}
	sum := sha256.Sum256(raw)
	return sum[:]
}

// keptKey is an Idempotency-Key as it is kept: a digest, since it may have anything in it. The space tells it from a
// key, which has none: the database makes digests of the keys that a process of an earlier version writes.
func keptKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return " " + hex.EncodeToString(sum[:])
}

// sendingActor is who sends, and where: a channel there is, or the sender's own with a client.
func (m *Messenger) sendingActor(ctx context.Context, p SendParams) (actor, error) {
	if p.Actor != nil {
		by := *p.Actor
		name, err := m.kept(ctx, m.db(), keepable(by.Name), shownLink)
		if err != nil {
			return actor{}, err
		}
		by.Name, p.Actor = name, &by
	}
	switch {
	case p.Actor == nil && p.Channel != uuid.Nil:
		return m.toActAt(ctx, p.Channel)
	case p.Actor == nil:
		member, err := m.current(ctx)
		return actor{seat: seat{member, isOwner, member.ID}}, err
	case p.Channel == uuid.Nil:
		return actor{seat: seat{*p.Actor, isOwner, p.Actor.ID}}, nil
	}
	row, err := readChannel(ctx, m.db(), p.Actor.Organisation, p.Channel)
	if errors.Is(err, pgx.ErrNoRows) {
		return actor{}, notFound()
	}
	s := actor{seat: seat{*p.Actor, mayAct, row.StaffID}, channel: row}
	if row.StaffID == p.Actor.ID {
		s.access = isOwner
	}
	return s, err
}

// underKey finds what an earlier call under the same key made.
func underKey(ctx context.Context, q rows.Querier, s actor, p SendParams) (row rows.Message, found bool, err error) {
	type made struct {
		ID              uuid.UUID
		IdempotencyHash []byte
	}
	first, err := rows.One[made](ctx, q, rows.Select[rows.Message]().Column("id", "idempotency_hash").
		Where("m.organisation_id = ? AND m.author_id = ?", rows.V(s.member.Organisation), rows.V(s.member.ID)).
		Where("m.idempotency_key = ?", rows.V(keptKey(p.Key))))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return rows.Message{}, false, nil
	case err != nil:
		return rows.Message{}, false, err
	case !slices.Equal(first.IdempotencyHash, p.hash()):
		return rows.Message{}, true, keyReused()
	}
	row, err = readMessage(ctx, q, first.ID)
	return row, true, err
}

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
		return fail(CodeConfirmationRequired, "This client's record is restricted. Say why they must be written to.")
	}
	return safeContact(client, p)
}

// sentRow is a channel that has a new message, and perhaps is new itself.
type sentRow struct {
	rows.Channel
	created bool
}

// place queues what gives a message its place in its channel, and says in placed which that is. The error is errMoved
// where the channel has moved since it was read.
func (m *Messenger) place(b *rows.Batch, o newMessage, placed *sentRow) {
	o.tag, o.keyID = tagOf(m.links, o.line()), m.links[0].ID
	if o.actor.channel.ID == uuid.Nil {
		n := m.newChannel(o.row.CreatedAt, o.repliesOff)
		rows.Queue(b, n.ensure(o.actor.member, o.client, o.row.CreatedAt), func(list []ensured) error {
			placed.created = list[0].Created
			return nil
		})
	}
	rows.Queue(b, o.insertion(), func(list []rows.Channel) error {
		if len(list) == 0 {
			return errMoved
		}
		placed.Channel = list[0]
		return nil
	})
}

// finishSend writes what follows from the message's place: the channel's beginning, its status, the job.
func finishSend(ctx context.Context, t tx, o *newMessage, sent sentRow) error {
	s, p, channel := o.actor, o.params, sent.Channel
	o.row.ChannelID, o.row.Seq = sent.ID, sent.LastSeq
	t.provenByHistory(o.sentID)
	if sent.created {
		entry := logEntry{id: o.createdID, channel: channel, actor: author(s.member), action: ActionCreated}
		if err := t.writeHistory(ctx, entry); err != nil {
			return err
		}
	}
	if err := reminded(ctx, t, *o); err != nil {
		return err
	}
	if p.SeenUpTo != uuid.Nil {
		if err := nothingNewer(ctx, t, o.row, p.SeenUpTo, s.member.ID); err != nil {
			return err
		}
	}
	if p.Then != "" {
		if p.Then == Done && channel.Status == Unread {
			return unreadReplies()
		}
		if channel.Status != Unread {
			if err := changeStatus(ctx, t, s, channel, p.Then); err != nil {
				return err
			}
		}
	}
	if o.row.TemplateID != nil {
		if err := writeUse(ctx, t, *o, channel); err != nil {
			return err
		}
	}
	return t.jobs.Insert(ctx, t.Tx, jobs.Deliver{Message: o.row.ID}, o.deliveryDue)
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
		"tag": o.tag, "key_id": o.keyID,
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

// newChannel is what a channel begins with beside its people.
type newChannel struct {
	id    uuid.UUID
	link  replylink.Link
	off   *RepliesOffWhy // why replies are off from the start
	offAt *time.Time
}

func (m *Messenger) newChannel(now time.Time, repliesOff bool) newChannel {
	n := newChannel{id: m.newID(), link: m.links.New()}
	if repliesOff {
		n.off, n.offAt = new(OffByStaff), &now
	}
	return n
}

// ensured is a channel that there was, or that was made.
type ensured struct {
	ID      uuid.UUID
	Created bool
}

// ensure makes it a member's own with a client when there is none.
func (n newChannel) ensure(member adapters.Member, client adapters.Client, now time.Time) rows.Query {
	return rows.File("ensure_channel", rows.Args{
		"id": n.id, "organisation": member.Organisation, "staff": member.ID, "staff_name": member.Name,
		"client": client.ID, "client_name": client.Name, "client_name_folded": search.Fold(client.Name), "now": now,
		"replies_off_why": n.off, "replies_off_at": n.offAt,
		"link_nonce": n.link.Nonce, "link_key_id": n.link.KeyID, "link_lookup": n.link.Lookup,
	})
}

func isDuplicate(err error, constraint string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "23505" && e.ConstraintName == constraint
}
