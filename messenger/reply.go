package messenger

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
)

// ReplyPage is what the client's page behind a reply link shows. Without proof it holds nothing about the client.
type ReplyPage struct {
	Organisation   adapters.Organisation
	StaffName      string // whom the reply goes to
	AskDateOfBirth bool   // reading is there for who knows the date of birth, and this visitor has not proved it
	ReadingLocked  bool   // five wrong dates: nobody can prove it for an hour
	Proved         bool
	FirstName      string   // only when proved
	Answering      *Message // the newest message that went out; only when proved, nil when there is none
	FormKey        string   // goes back with the form, so that sending twice stores one reply
}

// DateOfBirth is what a visitor typed.
type DateOfBirth struct{ Day, Month, Year string }

func (d DateOfBirth) blank() bool { return blank(d.Day) && blank(d.Month) && blank(d.Year) }

// ReplyParams is a reply as a client sent it. Text is 1 to 5,000 characters.
type ReplyParams struct {
	Text    string
	FormKey string // the page's; another form's without one
	Proof   string // what ProveDateOfBirth gave; empty without
	DateOfBirth
}

// ReplyReceipt says that a reply is in the channel.
type ReplyReceipt struct {
	ID uuid.UUID
	At time.Time
}

const (
	maxReply      = 5000
	wrongDates    = 5 // ui: five wrong dates close reading for an hour
	readingLocked = time.Hour
	proofLasts    = 30 * time.Minute
)

// behind is the channel behind a token whose replies are allowed. Unknown, malformed, off and replaced are one error.
func (m *Messenger) behind(ctx context.Context, token string) (channelRow, adapters.Organisation, error) {
	candidates := lookups(m.LinkKeys, token)
	if candidates == nil {
		return channelRow{}, adapters.Organisation{}, notFound()
	}
	channel, err := collectChannel(m.Pool.Query(ctx, "select "+channelColumns+` from messenger_channels c
		where c.link_lookup = any($1) and c.replies_off_why is null and c.moved_to is null`, candidates))
	if errors.Is(err, pgx.ErrNoRows) {
		return channelRow{}, adapters.Organisation{}, notFound()
	}
	if err != nil {
		return channelRow{}, adapters.Organisation{}, err
	}
	organisation, err := m.organisation(ctx, channel.OrganisationID)
	return channel, organisation, err
}

// ReplyPage returns what the page behind a link shows. Anybody may call it; it changes nothing. Error: CodeNotFound for a
// token that is unknown, malformed, off or replaced.
func (m *Messenger) ReplyPage(ctx context.Context, token, proof string) (ReplyPage, error) {
	channel, organisation, err := m.behind(ctx, token)
	if err != nil {
		return ReplyPage{}, err
	}
	row, found, err := m.answered(ctx, m.Pool, channel)
	if err != nil {
		return ReplyPage{}, err
	}
	page := ReplyPage{Organisation: organisation, StaffName: channel.StaffName, FormKey: newFormKey()}
	if row.OverrideReason != "" { // a restricted client was written to under a neutral name
		page.StaffName = organisation.Name
	}
	if !organisation.CheckDateOfBirth {
		return page, nil
	}
	if !m.proves(proof, channel) {
		page.ReadingLocked = m.locked(channel)
		page.AskDateOfBirth = !page.ReadingLocked
		return page, nil
	}
	client, err := m.client(ctx, channel.OrganisationID, channel.ClientID)
	if err != nil { // writing goes on without the directory
		page.ReadingLocked = true
		return page, nil
	}
	page.Proved, page.FirstName = true, firstName(client)
	if found {
		message := row.message()
		message.Body = strings.ReplaceAll(message.Body, replyLinkMark, "")
		page.Answering = &message
	}
	return page, nil
}

func newFormKey() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the process instead
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (m *Messenger) locked(channel channelRow) bool {
	return m.now().Before(value(channel.LockedUntil))
}

// answered is the newest message of a channel that went out: what a reply answers.
func (m *Messenger) answered(ctx context.Context, q querier, channel channelRow) (messageRow, bool, error) {
	rows, err := collectMessages(q.Query(ctx, "select "+messageColumns+` from messenger_messages m where m.channel_id = $1
		and m.direction = 'outbound' and m.delivery_status in ('sent', 'delivered', 'unknown') order by m.seq desc limit 1`, channel.ID))
	if err != nil || len(rows) == 0 {
		return messageRow{}, false, err
	}
	return rows[0], true, nil
}

// ProveDateOfBirth opens reading to a visitor who knows the client's date of birth, and returns the proof that ReplyPage and Reply
// take for the next half an hour. A wrong or incomplete date is CodeInvalid. Five wrong ones close reading for an hour, whoever
// asks, and tell the staff member. Errors: CodeNotFound, CodeInvalid, CodeUnavailable.
func (m *Messenger) ProveDateOfBirth(ctx context.Context, token string, date DateOfBirth) (proof string, err error) {
	channel, organisation, err := m.behind(ctx, token)
	if err != nil {
		return "", err
	}
	return m.prove(ctx, channel, organisation, date)
}

func (m *Messenger) prove(ctx context.Context, channel channelRow, organisation adapters.Organisation, date DateOfBirth) (string, error) {
	wrong := invalid("day", "Check your date of birth and try again.")
	typed, ok := date.parse()
	if !organisation.CheckDateOfBirth || !ok || m.locked(channel) {
		return "", wrong
	}
	client, err := m.client(ctx, channel.OrganisationID, channel.ClientID)
	if err != nil {
		return "", err
	}
	right := client.DateOfBirth != "" && hmac.Equal([]byte(typed), []byte(client.DateOfBirth))
	locked := false
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := lockChannel(ctx, t, channel.ID)
		if err != nil {
			return err
		}
		if m.locked(row) { // guesses at the same moment don't get past the fifth
			right = false
			return nil
		}
		tries := row.WrongDates + 1
		if right {
			tries = 0
		}
		locked = tries >= wrongDates
		var until *time.Time
		if locked {
			end := t.now.Add(readingLocked)
			until, tries = &end, 0
		}
		_, err = t.Exec(ctx, `update messenger_channels set wrong_dates = $2, locked_until = $3, link_locked = link_locked or $4
			where id = $1`, channel.ID, tries, until, locked)
		if err != nil || !locked {
			return err
		}
		return m.tell(ctx, t, string(LinkLocked), channel.ID, uuid.Nil)
	})
	if err != nil {
		return "", err
	}
	if locked {
		m.changes.add(channel)
	}
	if !right {
		return "", wrong
	}
	return m.newProof(channel), nil
}

// parse is the date as the directory writes it.
func (d DateOfBirth) parse() (string, bool) {
	day, err1 := strconv.Atoi(strings.TrimSpace(d.Day))
	month, err2 := strconv.Atoi(strings.TrimSpace(d.Month))
	year, err3 := strconv.Atoi(strings.TrimSpace(d.Year))
	if errors.Join(err1, err2, err3) != nil || year < 1000 || year > 9999 {
		return "", false
	}
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if date.Day() != day || int(date.Month()) != month {
		return "", false
	}
	return date.Format(time.DateOnly), true
}

// A proof is bound to the link as it is now, and ends by itself: nothing of it is stored.
func (m *Messenger) newProof(channel channelRow) string {
	until := strconv.FormatInt(m.now().Add(proofLasts).Unix(), 10)
	return until + "." + proofMAC(m.LinkKeys[0], channel, until)
}

func proofMAC(key LinkKey, channel channelRow, until string) string {
	return base64.RawURLEncoding.EncodeToString(mac(key.Key, "proof", append([]byte(until+"."), channel.LinkLookup...)))
}

func (m *Messenger) proves(proof string, channel channelRow) bool {
	until, sum, ok := strings.Cut(proof, ".")
	seconds, err := strconv.ParseInt(until, 10, 64)
	if !ok || err != nil || m.now().Unix() >= seconds {
		return false
	}
	for _, key := range m.LinkKeys {
		if hmac.Equal([]byte(sum), []byte(proofMAC(key, channel, until))) {
			return true
		}
	}
	return false
}

// Reply puts a client's reply into the channel: unread, notified, and filed or held for a person, in one transaction. Anybody who has
// the link may call it. The link itself is not kept where the text quotes it. A second call with the same form key and text returns the first one's receipt. A wrong or missing date of
// birth never refuses a reply; the proof returned is a new one when the date was right. Errors: CodeNotFound as for ReplyPage, CodeInvalid (text).
func (m *Messenger) Reply(ctx context.Context, token string, p ReplyParams) (receipt ReplyReceipt, proof string, err error) {
	channel, organisation, err := m.behind(ctx, token)
	if err != nil {
		return ReplyReceipt{}, "", err
	}
	text, err := plain("reply", p.Text)
	switch {
	case err != nil:
		return ReplyReceipt{}, "", err
	case blank(text):
		return ReplyReceipt{}, "", invalid("reply", "Enter your reply.")
	case utf8.RuneCountInString(text) > maxReply:
		return ReplyReceipt{}, "", invalid("reply", "Your reply must be 5,000 characters or fewer.")
	}
	text = replaceLinks(text, organisation, shownLink) // a client who quotes the whole text message
	verified := "none"
	if organisation.CheckDateOfBirth && m.proves(p.Proof, channel) {
		verified = "date_of_birth"
	} else if organisation.CheckDateOfBirth && !p.blank() {
		if proof, err = m.prove(ctx, channel, organisation, p.DateOfBirth); err == nil {
			verified = "date_of_birth"
		}
	}
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row, err := lockChannel(ctx, t, channel.ID)
		if err != nil {
			return err
		}
		if row.RepliesOffWhy != nil || !hmac.Equal(row.LinkLookup, channel.LinkLookup) {
			return notFound() // switched off or replaced since
		}
		receipt, err = m.insertReply(ctx, t, row, organisation, p, text, verified)
		return err
	})
	if err == nil {
		m.changes.add(channel, receipt.ID)
	}
	return receipt, proof, err
}

var formKeyForm = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// formKey tells a repeated form from a new one: by the form's key, or without one by the message that is answered. The text
// belongs to it: who goes back, writes something else and sends it has sent another reply.
func (p ReplyParams) formKey(text string, answered uuid.UUID) string {
	form := p.FormKey
	if !formKeyForm.MatchString(form) {
		form = answered.String()
	}
	sum := sha256.Sum256([]byte(form + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (m *Messenger) insertReply(ctx context.Context, t tx, channel channelRow, organisation adapters.Organisation, p ReplyParams, text, verified string) (ReplyReceipt, error) {
	answered, _, err := m.answered(ctx, t, channel)
	if err != nil {
		return ReplyReceipt{}, err
	}
	var first ReplyReceipt
	formKey := p.formKey(text, answered.ID)
	err = t.QueryRow(ctx, "select id, created_at from messenger_messages where channel_id = $1 and form_key = $2", channel.ID, formKey).
		Scan(&first.ID, &first.At)
	if !errors.Is(err, pgx.ErrNoRows) {
		return first, err
	}
	record, reason, attention := m.replyRecord(organisation, verified)
	online := record != RecordNotRequired && organisation.RepliesVisible
	if online {
		online = answered.OverrideReason == "" || organisation.RestrictedVisible
	}
	receipt, err := m.insertInbound(ctx, t, channel, newReply{
		medium: adapters.Web, text: text, formKey: formKey, verified: verified, inReplyTo: answered.ID,
		record: record, reason: reason, attention: attention, online: online,
	})
	if err != nil {
		return ReplyReceipt{}, err
	}
	err = writeHistory(ctx, t, t.now, logEntry{
		channel: channel, action: "replied", message: receipt.ID,
		actor: adapters.Author{Kind: "client", ID: string(channel.ClientID), Name: channel.ClientName},
	})
	if err != nil {
		return ReplyReceipt{}, err
	}
	if record == RecordPending {
		if err := t.enqueue(ctx, jobs.WriteRecord{Message: receipt.ID}); err != nil {
			return ReplyReceipt{}, err
		}
	}
	if attention != nil {
		if err := m.tell(ctx, t, string(*attention), channel.ID, receipt.ID); err != nil {
			return ReplyReceipt{}, err
		}
	}
	return receipt, m.tell(ctx, t, "replied", channel.ID, receipt.ID)
}

// newReply is an inbound message on its way into a channel.
type newReply struct {
	medium    adapters.Medium
	text      string
	formKey   string
	verified  string
	inReplyTo uuid.UUID
	record    RecordStatus
	reason    string
	attention *Attention
	online    bool
	filedBy   adapters.Author // who vouches for it; empty: the system
}

// insertInbound puts an inbound message into a locked channel, which becomes unread.
func (m *Messenger) insertInbound(ctx context.Context, t tx, channel channelRow, r newReply) (ReplyReceipt, error) {
	receipt := ReplyReceipt{newID(), t.now}
	_, err := t.Exec(ctx, `insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, body, words,
			author_kind, author_id, author_name, created_at, delivery_status, record_status, record_reason, record_attention,
			online_viewing, verified, in_reply_to, form_key, record_by_id, record_by_name)
		values ($1, $2, $3, $4, $5, 'inbound', $6, $7, array_to_tsvector($8::text[]), 'client', $9, $10, $11, 'received', $12, $13, $14,
			$15, $16, $17, $18, $19, $20)`,
		receipt.ID, channel.OrganisationID, channel.StaffID, channel.ID, channel.LastSeq+1, r.medium, r.text, words(r.text), channel.ClientID,
		channel.ClientName, t.now, r.record, r.reason, r.attention, r.online, r.verified, nullable(r.inReplyTo), r.formKey,
		r.filedBy.ID, r.filedBy.Name)
	if err != nil {
		return ReplyReceipt{}, err
	}
	_, err = t.Exec(ctx, `update messenger_channels set status = 'unread', last_seq = $2, last_reply_seq = $2, last_reply_at = $3,
		last_at = greatest(last_at, $3), updated_at = $3, last_message_id = $4, last_direction = 'inbound', last_medium = $5,
		last_preview = left($6, 140), last_created_at = $3, unread_count = (select count(*) from messenger_messages
			where channel_id = $1 and direction = 'inbound' and read_at is null)
		where id = $1`, channel.ID, channel.LastSeq+1, t.now, receipt.ID, r.medium, r.text)
	return receipt, err
}

// ReplyReceipt returns the receipt of a reply that came through this link. Error: CodeNotFound.
func (m *Messenger) ReplyReceipt(ctx context.Context, token string, id uuid.UUID) (ReplyReceipt, error) {
	channel, _, err := m.behind(ctx, token)
	if err != nil {
		return ReplyReceipt{}, err
	}
	receipt := ReplyReceipt{ID: id}
	err = m.Pool.QueryRow(ctx, "select created_at from messenger_messages where id = $1 and channel_id = $2 and direction = 'inbound'",
		id, channel.ID).Scan(&receipt.At)
	if errors.Is(err, pgx.ErrNoRows) {
		return ReplyReceipt{}, notFound()
	}
	return receipt, err
}
