package messenger

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// ReplyPage is what the client's page behind a reply link shows. Without proof it holds nothing about the client.
type ReplyPage struct {
	Organisation   adapters.Organisation
	StaffName      string // whom the reply goes to; the organisation while the client is restricted
	AskDateOfBirth bool   // reading is there for who knows the date of birth, and this visitor has not proved it
	ReadingLocked  bool   // five wrong dates: nobody can prove it for an hour
	Proved         bool
	FirstName      string   // only when proved
	Answering      *Message // the newest message that went out; only when proved, nil when there is none
	FormKey        string   // goes back with the form, so that sending twice stores one reply
	ReadByWhen     ReadByWhen
	OpensAt        time.Time // when working hours begin, in the organisation's zone; zero within them
}

// channelOfToken is the channel behind a token whose replies are allowed. Unknown, malformed, off and replaced are
// one error.
func (m *Messenger) channelOfToken(ctx context.Context, token string) (rows.Channel, adapters.Organisation, error) {
	candidates := m.links.Lookups(token)
	if candidates == nil {
		return rows.Channel{}, adapters.Organisation{}, notFound()
	}
	channel, err := rows.One[rows.Channel](ctx, m.db(), rows.All[rows.Channel]().
		Where("c.link_lookup = any(?) AND c.replies_off_why IS NULL AND c.moved_to IS NULL", rows.V(candidates)))
	if errors.Is(err, pgx.ErrNoRows) {
		return rows.Channel{}, adapters.Organisation{}, notFound()
	}
	if err != nil {
		return rows.Channel{}, adapters.Organisation{}, err
	}
	organisation, err := m.organisation(ctx, channel.OrganisationID)
	return channel, organisation, err
}

// ReplyPage returns what the page behind a link shows. Anybody may call it; it changes nothing. Error: CodeNotFound
// for a token that is unknown, malformed, off or replaced.
func (m *Messenger) ReplyPage(ctx context.Context, token, proof string) (ReplyPage, error) {
	channel, organisation, err := m.channelOfToken(ctx, token)
	if err != nil {
		return ReplyPage{}, err
	}
	row, found, err := m.answered(ctx, m.db(), channel)
	if err != nil {
		return ReplyPage{}, err
	}
	page := ReplyPage{Organisation: organisation, StaffName: channel.StaffName, FormKey: newFormKey()}
	_, reader := whoReads(channel)
	works, now := m.hoursOf(organisation), m.now(ctx)
	page.ReadByWhen = ReadByWhen{reader, works.readBy(now)}
	if !works.Open(now) {
		page.OpensAt = works.Next(now)
	}
	client := m.clientsNow(ctx, channel.OrganisationID, channel.ClientID)[channel.ClientID]
	// who writes to a restricted client is nobody's to read here
	if row.OverrideReason != "" || !shownOf(client, client.ID != "", mayLook).contact {
		page.StaffName, page.ReadByWhen.StaffName = organisation.Name, ""
	}
	if !organisation.CheckDateOfBirth {
		return page, nil
	}
	if !m.links.Proves(proof, channel.LinkLookup, now) {
		page.ReadingLocked = m.locked(channel)
		page.AskDateOfBirth = !page.ReadingLocked
		return page, nil
	}
	client, err = m.client(ctx, channel.OrganisationID, channel.ClientID)
	if err != nil { // writing goes on without the directory
		page.ReadingLocked = true
		return page, nil
	}
	page.Proved, page.FirstName = true, firstName(client, organisation)
	if found {
		message := messageOf(row, adapters.Client{})
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

// answered is the newest message of a channel that went out: what a reply answers.
func (m *Messenger) answered(ctx context.Context, q rows.Querier, channel rows.Channel) (rows.Message, bool, error) {
	found, err := rows.List[rows.Message](ctx, q, rows.Limit(rows.Messages().Where("m.channel_id = ?", rows.V(channel.ID)).
		Where("m.direction = 'outbound' AND m.delivery_status IN ('sent', 'delivered', 'unknown')").Order("m.seq DESC"), 1))
	if err != nil || len(found) == 0 {
		return rows.Message{}, false, err
	}
	return found[0], true, nil
}
