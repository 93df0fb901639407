package messenger

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// ReplyParams is a reply as a client sent it. Text is 1 to 5,000 characters.
type ReplyParams struct {
	Text    string
	FormKey string // the page's; another form's without one
	Proof   string // what ProveDateOfBirth gave; empty without
	DateOfBirth
}

// ReplyReceipt says that a reply is in the channel.
type ReplyReceipt struct {
	ID     uuid.UUID
	At     time.Time
	ReadAt time.Time // zero while it is unread
	ReadBy time.Time // the end of the working day by which it is read, in the organisation's zone
}

// Reply puts a client's reply into the channel: unread, notified, and filed or held for a person, in one transaction.
// Anybody who has the link may call it. The link itself is not kept where the text quotes it. A second call with the
// same form key and text returns the first one's receipt. A wrong or missing date of birth never refuses a reply; the
// proof returned is a new one when the date was right. A link takes MostReplies within an hour: what comes then is not
// kept, the channel asks for a person, and a new link opens writing again. Errors: CodeNotFound as for ReplyPage,
// CodeInvalid (text), CodeTooManyRequests with when to try again.
func (m *Messenger) Reply(
	ctx context.Context, token string, p ReplyParams,
) (receipt ReplyReceipt, proof string, err error) {
	ctx, ended := m.telemetry.begin(ctx, "messenger reply")
	defer func() { ended(err) }()
	channel, organisation, err := m.channelOfToken(ctx, token)
	if err != nil {
		return ReplyReceipt{}, "", err
	}
	text, err := replyText(p.Text)
	if err != nil {
		return ReplyReceipt{}, "", err
	}
	r := checkedReply{ReplyParams: p, organisation: organisation, verified: "none"}
	// a client quotes the whole text message
	if r.text, err = m.kept(ctx, m.db(), text, shownLink); err != nil {
		return ReplyReceipt{}, "", err
	}
	proved := m.proved(ctx, channel, p.Proof)
	if !proved && !p.blank() {
		proof, err = m.prove(ctx, channel.Channel, organisation, p.DateOfBirth)
		proved = err == nil && m.proved(ctx, channel, proof)
	}
	if proved {
		r.verified = "date_of_birth"
	}
	var flood error
	var in inserted
	noted := false
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		flood, noted = nil, false
		row, err := lockChannel(ctx, t, channel.ID)
		if err != nil {
			return err
		}
		valid, err := linkIs(ctx, t, row, channel.LinkLookup)
		if err != nil {
			return err
		}
		if row.RepliesOffWhy != nil || !valid {
			return notFound() // switched off or replaced since
		}
		channel.ID, channel.StaffID = row.ID, row.StaffID // it may have moved since
		in, err = m.insertReply(ctx, t, row, r)
		if CodeOf(err) == CodeTooManyRequests {
			flood = err
			noted, err = m.noteFlood(ctx, t, row)
		}
		return err
	})
	receipt = in.ReplyReceipt
	receipt.ReadBy = m.hoursOf(organisation).readBy(receipt.At)
	switch {
	case err == nil && flood == nil:
		m.changes.add(channel.Channel, append(in.changed, receipt.ID)...)
	case err == nil:
		if noted {
			m.changes.add(channel.Channel)
		}
		err = flood
	}
	return receipt, proof, err
}

const (
	// MostReplies come by one link within floodWithin. More are nobody's who writes by hand: a forwarded link, or a child
	// with a phone, must not bury the reply that matters.
	MostReplies = 20
	floodWithin = time.Hour
)

// flooded is CodeTooManyRequests where a locked channel's link has taken all the replies that it takes for now.
func flooded(ctx context.Context, t tx, channel rows.Channel) error {
	latest, err := rows.List[time.Time](ctx, t, rows.Limit(rows.Select[rows.Message]().Column("created_at").
		Where("m.channel_id = ? AND m.direction = 'inbound' AND m.medium = 'web'", rows.V(channel.ID)).
		Where("m.seq > ?", rows.V(channel.LinkSeq)).
		Order("m.seq DESC"), MostReplies))
	if err != nil || len(latest) < MostReplies {
		return err
	}
	if until := latest[MostReplies-1].Add(floodWithin); until.After(t.now) {
		return tooManyReplies(t.now, until)
	}
	return nil
}

// noteFlood has a locked channel ask for a person, and says whether it does so only now.
func (m *Messenger) noteFlood(ctx context.Context, t tx, channel rows.Channel) (bool, error) {
	n, err := rows.Exec(ctx, t, rows.Update[rows.WholeChannel]().Set("reply_flood = TRUE").
		Where("id = ? AND NOT reply_flood", rows.V(channel.ID)))
	if err != nil || n == 0 {
		return false, err
	}
	return true, m.tell(ctx, t, string(AttentionReplyFlood), channel.ID, uuid.Nil)
}

// replyText is a reply as it is kept, or why it can't be.
func replyText(typed string) (string, error) {
	text, err := plain("reply", typed)
	switch {
	case err != nil:
		return "", replyFault("error_characters", "The reply has characters that can't be kept. Type it again.")
	case blank(text):
		return "", replyFault("error_empty", "Enter your reply.")
	case utf8.RuneCountInString(text) > MaxReply:
		return "", replyFault("error_long", "Your reply must be 5,000 characters or fewer.")
	}
	return text, nil
}

func replyFault(word, message string) error {
	return &Error{Code: CodeInvalid, Message: message, Field: "reply", Word: word}
}

var formKeyForm = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// replyRow is a reply that stands in a channel.
type replyRow struct {
	ID        uuid.UUID
	CreatedAt time.Time
	ReadAt    *time.Time
}

func (r replyRow) receipt() ReplyReceipt {
	return ReplyReceipt{ID: r.ID, At: r.CreatedAt, ReadAt: value(r.ReadAt)}
}

// checkedReply is a reply that can be kept.
type checkedReply struct {
	ReplyParams
	text         string // as it is kept
	verified     string
	organisation adapters.Organisation
}

// formKey tells a repeated form from a new one: by the form's key, or without one by the message that is answered.
// The text belongs to it: who goes back, writes something else and sends it has sent another reply.
func (r checkedReply) formKey(answered uuid.UUID) string {
	form := r.FormKey
	if !formKeyForm.MatchString(form) {
		form = answered.String()
	}
	sum := sha256.Sum256([]byte(form + "\x00" + r.text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// insertReply puts a reply into a locked channel.
func (m *Messenger) insertReply(ctx context.Context, t tx, channel rows.Channel, r checkedReply) (inserted, error) {
	answered, _, err := m.answered(ctx, t, channel)
	if err != nil {
		return inserted{}, err
	}
	formKey := r.formKey(answered.ID)
	first, err := rows.One[replyRow](ctx, t, rows.Select[rows.Message]().Column("id", "created_at", "read_at").
		Where("m.channel_id = ? AND m.form_key = ?", rows.V(channel.ID), rows.V(formKey)))
	if !errors.Is(err, pgx.ErrNoRows) {
		return inserted{ReplyReceipt: first.receipt()}, err
	}
	if err := flooded(ctx, t, channel); err != nil {
		return inserted{}, err
	}
	record, reason, attention := m.replyRecord(r.organisation, r.verified)
	online := record != RecordNotRequired && r.organisation.RepliesVisible
	if online {
		online = answered.OverrideReason == "" || r.organisation.RestrictedVisible
	}
	receipt, err := m.insertInbound(ctx, t, channel, newReply{
		medium: adapters.Web, text: r.text, came: t.now, formKey: formKey, verified: r.verified, inReplyTo: answered.ID,
		record: record, reason: reason, attention: attention, online: online,
	})
	if err != nil {
		return inserted{}, err
	}
	err = t.writeHistory(ctx, logEntry{
		channel: channel, action: ActionReplied, message: receipt.ID,
		actor: adapters.Author{Kind: "client", ID: string(channel.ClientID)}, // no name in what stays for ever
	})
	if err != nil {
		return inserted{}, err
	}
	if record == RecordPending {
		if err := t.enqueue(ctx, jobs.WriteRecord{Message: receipt.ID}); err != nil {
			return inserted{}, err
		}
	}
	if attention != nil {
		if err := m.tell(ctx, t, string(*attention), channel.ID, receipt.ID); err != nil {
			return inserted{}, err
		}
	}
	return receipt, m.tell(ctx, t, "replied", channel.ID, receipt.ID)
}

// ReplyReceipt returns the receipt of a reply that came through this link. Error: CodeNotFound.
func (m *Messenger) ReplyReceipt(ctx context.Context, token string, id uuid.UUID) (ReplyReceipt, error) {
	channel, organisation, err := m.channelOfToken(ctx, token)
	if err != nil {
		return ReplyReceipt{}, err
	}
	row, err := rows.One[replyRow](ctx, m.db(), rows.Select[rows.Message]().Column("id", "created_at", "read_at").
		Where("m.id = ? AND m.channel_id = ? AND m.direction = 'inbound'", rows.V(id), rows.V(channel.ID)))
	if errors.Is(err, pgx.ErrNoRows) {
		return ReplyReceipt{}, notFound()
	}
	receipt := row.receipt()
	receipt.ReadBy = m.hoursOf(organisation).readBy(receipt.At)
	return receipt, err
}
