package messenger

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
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
// CodeDeceased, CodeObjected, CodeNoAddress, CodeNoProof (private, without a date of birth), CodeConfirmationRequired
// (restricted, without Override), CodeSafeContact (beyond their card, without Override), CodeTooLong (for the carrier,
// with the closing lines and the reply link), CodeTimeDoesNotExist, CodeTemplatePlaceUnfilled, CodeUnreadReplies (Then
// is Done and the client has written), CodeNewerMessages (SeenUpTo is not the last), CodeKeyReused, CodeUnavailable.
// CodeNotFound is also a template that the sender may not use, or that is archived.
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
	channel, err := channelByID(ctx, m.db(), s.member.Organisation, row.ChannelID)
	if err == nil && channel.Staff != s.member.ID { // a repeat: it was handed over since, and is seen as a colleague's
		err = m.shownTo(ctx, s.member, channel)
	}
	if err != nil {
		if CodeOf(err) != CodeNotFound {
			m.config.Logger.WarnContext(ctx, "messenger: the channel of an accepted message can't be read", "error", err)
		}
		channel = Channel{ // what the sender knows of it, and whose it is
			ID: row.ChannelID, Organisation: s.member.Organisation, Staff: cmp.Or(channel.Staff, s.member.ID),
			Client: p.Client, Status: Open, RepliesAllowed: true, CreatedAt: row.CreatedAt, UpdatedAt: row.CreatedAt,
		}
	}
	sent.Channel = channel
	return sent, nil
}

// shownTo is CodeNotFound for a channel that a member may not open, or whose client they may not see.
func (m *Messenger) shownTo(ctx context.Context, member adapters.Member, channel Channel) error {
	s, err := m.seatAt(ctx, member, channel.Staff)
	if err != nil {
		return err
	}
	visible, err := m.sees(ctx, s, channel.Client)
	if err == nil && !visible.has(channel.Client) {
		err = notFound()
	}
	return err
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
	if p.Override = strings.TrimSpace(p.Override); blank(p.Override) {
		p.Override = ""
	}
	p.SendAfter = p.SendAfter.UTC().Truncate(time.Microsecond)
	switch {
	case (p.Channel == uuid.Nil) == (p.Client == ""):
		return p, invalid("client", "Name a channel or a client.")
	case p.Then != "" && p.Then != Open && p.Then != Done:
		return p, invalid("then", `Then is "open" or "done".`)
	case utf8.RuneCountInString(p.Override) > MaxNote:
		return p, invalid("override", "The reason must be 1,000 characters or fewer.")
	case p.SendAfter.After(now.AddDate(1, 0, 0)):
		return p, invalid("send_after", "Choose a time within a year from now.")
	case p.SendAfter.Year() < 0: // year 0 in a zone ahead of UTC is year -1, which nothing can be written with
		return p, invalid("send_after", "This time is too far away.")
	}
	if err := checkKey(p.Key); err != nil {
		return p, err
	}
	return p, p.checkLater()
}

// hash tells two bodies under one key apart.
func (p SendParams) hash() []byte {
	p.Key, p.Actor, p.SeenUpTo = "", nil, uuid.Nil // who looked again sends the same message
	return digestOf(p)
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

func isDuplicate(err error, constraint string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "23505" && e.ConstraintName == constraint
}
