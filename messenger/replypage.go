package messenger

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// ReplyPage is what the client's page behind a reply link shows. Without proof it holds nothing about the client.
type ReplyPage struct {
	// Organisation is that of the channel as its client meets it: in the words of their language, and without name,
	// number and looks where it must not be named to them.
	Organisation adapters.Organisation
	// StaffName is whom the reply goes to; the organisation while the client is restricted; empty where neither may be
	// named.
	StaffName      string
	AskDateOfBirth bool // reading is there for who knows the date of birth, and this visitor has not proved it
	ReadingLocked  bool // five wrong dates: nobody can prove it for an hour
	Proved         bool
	FirstName      string   // only when proved
	Answering      *Message // the newest message that went out; only when proved, nil when there is none
	// Private are the private messages behind the link, newest first; only when proved. Answering is none of them.
	Private []Message
	// Acknowledge says that a message asks the client to say that they have read it, and Acknowledged when they last did:
	// of a private one only when proved.
	Acknowledge    bool
	Acknowledged   time.Time
	AsksForPrivate bool   // a private message waits: the date of birth is asked whatever the organisation says
	FormKey        string // goes back with the form, so that sending twice stores one reply
	ReadByWhen     ReadByWhen
	OpensAt        time.Time // when working hours begin, in the organisation's zone; zero within them
}

// linked is the channel behind a link. Its LinkLookup is that link's: one that was joined with another has both links.
type linked struct {
	rows.Channel `bun:",extend"`
	By           []byte
	ByClient     adapters.ClientID // whose the link was before their channel was joined with another client's
}

// proved says whether a visitor has proved whose link it is. Of two clients who were merged either date of birth is
// proof only where the directory has one person.
func (m *Messenger) proved(ctx context.Context, channel linked, proof string) bool {
	if !m.links.Proves(proof, channel.LinkLookup, m.now(ctx)) {
		return false
	}
	if channel.ByClient == channel.ClientID {
		return true
	}
	now := m.clientsNow(ctx, channel.OrganisationID, channel.ClientID, channel.ByClient)
	is, known := now[channel.ClientID]
	was, there := now[channel.ByClient]
	return known && (!there || was.DateOfBirth == is.DateOfBirth)
}

// channelOfToken is the channel behind a token whose replies are allowed. Unknown, malformed, off and replaced are one
// error.
func (m *Messenger) channelOfToken(ctx context.Context, token string) (linked, adapters.Organisation, error) {
	candidates := m.links.Lookups(token)
	if candidates == nil {
		return linked{}, adapters.Organisation{}, notFound()
	}
	found, err := rows.One[linked](ctx, m.db(), rows.All[rows.Channel]().
		ColumnExpr("l.link_lookup AS by, l.client_id AS by_client").
		Join("JOIN messenger_channels AS l ON c.id = coalesce(l.moved_to, l.id)").
		Where("l.link_lookup = any(?) AND l.replies_off_why IS NULL AND c.replies_off_why IS NULL", rows.V(candidates)))
	if errors.Is(err, pgx.ErrNoRows) {
		return linked{}, adapters.Organisation{}, notFound()
	}
	if err != nil {
		return linked{}, adapters.Organisation{}, err
	}
	found.LinkLookup = found.By
	organisation, err := m.organisation(ctx, found.OrganisationID)
	return found, organisation, err
}

// ReplyPage returns what the page behind a link shows. Anybody may call it. For who has proved whose link it is, it
// notes that the private messages in it were opened, once; it changes nothing else. Error: CodeNotFound
// for a token that is unknown, malformed, off or replaced.
func (m *Messenger) ReplyPage(ctx context.Context, token, proof string) (ReplyPage, error) {
	channel, organisation, err := m.channelOfToken(ctx, token)
	if err != nil {
		return ReplyPage{}, err
	}
	row, found, err := m.answered(ctx, m.db(), channel.Channel)
	if err != nil {
		return ReplyPage{}, err
	}
	page := ReplyPage{Organisation: organisation, StaffName: channel.StaffName, FormKey: newFormKey()}
	cover, absent, err := m.coverOf(ctx, channel.OrganisationID, channel.StaffID)
	if err != nil {
		return ReplyPage{}, err
	}
	reader := whoReads(channel.Channel, cover, absent)
	if absent {
		left, err := m.hasLeft(ctx, channel.OrganisationID, channel.StaffID)
		if err != nil {
			return ReplyPage{}, err
		}
		if left {
			page.StaffName = cmp.Or(reader, organisation.Name)
		}
	}
	works, now := m.hoursOf(organisation), m.now(ctx)
	page.ReadByWhen = ReadByWhen{reader, works.readBy(now)}
	if !works.Open(now) {
		page.OpensAt = works.Next(now)
	}
	proved := m.proved(ctx, channel, proof)
	private, err := page.waits(ctx, m.db(), channel.ID, proved)
	if err != nil {
		return ReplyPage{}, err
	}
	client := m.clientsNow(ctx, channel.OrganisationID, channel.ClientID)[channel.ClientID]
	if client.ID == "" && row.Neutral { // nobody says any more
		client.SafeContact = &adapters.SafeContact{NeutralSender: true}
	}
	page.Organisation = spokenTo(organisation, client)
	// who writes to a restricted client is nobody's to read here
	if row.OverrideReason != "" || !shownOf(client, client.ID != "", mayLook).contact {
		page.StaffName, page.ReadByWhen.StaffName = organisation.Name, ""
	}
	if isNeutral(client) {
		page.StaffName, page.ReadByWhen.StaffName = "", ""
	}
	if !organisation.CheckDateOfBirth && !page.AsksForPrivate {
		return page, nil
	}
	if !proved {
		page.ReadingLocked = m.locked(channel.Channel)
		page.AskDateOfBirth = !page.ReadingLocked
		return page, nil
	}
	client, err = m.client(ctx, channel.OrganisationID, channel.ClientID)
	if err != nil { // writing goes on without the directory
		page.ReadingLocked = true
		return page, nil
	}
	page.Proved, page.FirstName = true, firstName(client, page.Organisation)
	if page.Private, err = m.openPrivate(ctx, channel.Channel, private); err != nil {
		return ReplyPage{}, err
	}
	if found && !row.Private() && organisation.CheckDateOfBirth {
		message := messageOf(row, adapters.Client{})
		message.Body = strings.ReplaceAll(message.Body, replyLinkMark, "")
		page.Answering = &message
	}
	return page, nil
}

// waits says on the page what waits behind its link, and returns the private messages, which are not on it yet.
func (p *ReplyPage) waits(
	ctx context.Context, q rows.Querier, channel uuid.UUID, proved bool,
) ([]rows.Message, error) {
	private, err := privateWaiting(ctx, q, channel)
	if err != nil {
		return nil, err
	}
	read, err := toAcknowledge(ctx, q, channel, proved)
	p.AsksForPrivate = len(private) > 0
	p.Acknowledge, p.Acknowledged = read.Waiting, value(read.Acknowledged)
	return private, err
}

func newFormKey() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the process instead
	return base64.RawURLEncoding.EncodeToString(raw)
}

// answered is the newest message of a channel that went out: what a reply answers. A reminder is of one before it.
func (m *Messenger) answered(ctx context.Context, q rows.Querier, channel rows.Channel) (rows.Message, bool, error) {
	found, err := rows.List[rows.Message](ctx, q, rows.Limit(rows.Messages().Where("m.channel_id = ?", rows.V(channel.ID)).
		Where("m.direction = 'outbound' AND m.reminds IS NULL AND m.delivery_status IN ('sent', 'delivered', 'unknown')").
		Order("m.seq DESC"), 1))
	if err != nil || len(found) == 0 {
		return rows.Message{}, false, err
	}
	return found[0], true, nil
}
