package messenger

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/segments"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Checked is a message as the client would get it.
type Checked struct {
	Subject string
	// Text is the whole text as the carrier sends it: placeholders filled, closing lines and reply link included. A
	// channel that is not made yet has no link: one as long stands for it.
	Text       string
	Characters int      // of Text, in UTF-16 units
	Texts      int      // how many text messages it is sent and paid for as; zero for an email
	Limit      int      // how many Characters the carrier takes; zero where it names no limit
	TooLong    bool     // whether Send refuses it as CodeTooLong
	Dear       []string // a text message's characters that make it dearer, each once: see CountTexts
	Advice     []Advice // by the time at which it goes out; of an empty Body none but of its time
}

// Check says what a message would be, for who is writing it: nothing is sent and nothing kept. Body may be empty still.
// Who may call it, and its errors, are Send's, but for CodeTooLong, which Checked says, and those of a send's writing:
// CodeUnreadReplies, CodeNewerMessages and CodeKeyReused.
func (m *Messenger) Check(ctx context.Context, p SendParams) (Checked, error) {
	now := m.now(ctx)
	p, err := p.read(now)
	if err == nil {
		err = checkUnfinished(p.Medium, true, p.Subject, p.Body)
	}
	if err != nil {
		return Checked{}, err
	}
	s, err := m.sendingActor(ctx, p)
	if err != nil {
		return Checked{}, err
	}
	c, err := m.compose(ctx, s, p)
	if err != nil {
		return Checked{}, err
	}
	link, err := m.linkFor(ctx, s, c)
	if err != nil {
		return Checked{}, err
	}
	if err := c.behindLink(link); err != nil {
		return Checked{}, err
	}
	if p.Channel != uuid.Nil { // its link, and what is known of its client, are in the text
		if err := m.looked(ctx, s.seat, s.channel.ID); err != nil {
			return Checked{}, err
		}
	}
	checked := Checked{Subject: c.goesOut.subject, Text: c.sent(link), Limit: c.limit.Characters}
	checked.Characters = utf16Len(checked.Text)
	checked.TooLong = checked.Limit > 0 && checked.Characters > checked.Limit
	if p.Medium == adapters.SMS {
		counted := segments.Count(checked.Text)
		checked.Texts, checked.Dear = counted.Segments, counted.Dear
	}
	checked.Advice = m.advise(c, p, checked.Text, now)
	return checked, nil
}

// composed is a message whose texts are filled in.
type composed struct {
	client                  adapters.Client
	organisation            adapters.Organisation
	limit                   adapters.Limit
	medium                  adapters.Medium
	replyLink               bool
	subject, body, override string
	private                 bool
	goesOut                 text   // what is sent: the words, or a private message's notice
	kept                    hidden // a private message's words; of no other
	template                TemplateVersion
	expected                expected
}

// compose asks the directory, checks who may send this to whom, and fills the placeholders. The body may be empty.
func (m *Messenger) compose(ctx context.Context, s actor, p SendParams) (c composed, err error) {
	clientID := p.Client
	if clientID == "" {
		clientID = s.channel.ClientID
	}
	if c.client, err = m.client(ctx, s.member.Organisation, clientID); err != nil {
		return c, err
	}
	if p.Medium == adapters.SMS {
		if c.client, err = m.heedingOne(ctx, s.member.Organisation, c.client); err != nil {
			return c, err
		}
	}
	if err := m.maySend(s.member, c.client, p); err != nil {
		return c, err
	}
	if err := p.checkDue(m.now(ctx)); err != nil {
		return c, err
	}
	if c.organisation, err = m.organisation(ctx, s.member.Organisation); err != nil {
		return c, err
	}
	if c.limit, err = m.limit(ctx, s.member.Organisation, p.Medium); err != nil {
		return c, err
	}
	if isElsewhere(c.limit, c.client) {
		return c, notForGuarded()
	}
	if c.template, err = m.templateFor(ctx, s.member, p.Template); err != nil {
		return c, err
	}
	if p.Template != uuid.Nil {
		if err := requireFilled(p.Subject, p.Body); err != nil {
			return c, err
		}
	}
	c.medium, c.replyLink = p.Medium, !p.NoReplyLink
	c.subject, c.body, c.override = p.Subject, p.Body, p.Override
	for text, with := range map[*string]string{&c.subject: replyLinkMark, &c.body: replyLinkMark, &c.override: shownLink} {
		if *text, err = m.kept(ctx, m.db(), *text, with); err != nil {
			return c, err
		}
	}
	c.organisation = spokenTo(c.organisation, c.client)
	c.subject, c.body, err = fillText(c.subject, c.body, c.client, s.member.Name, c.organisation)
	if err != nil {
		return c, err
	}
	if err := c.expects(p, c.goesOutAt(p, m.now(ctx))); err != nil {
		return c, err
	}
	c.hide(p.Private)
	if err := c.allowed(); err != nil {
		return c, err
	}
	return c, checkUnfinished(p.Medium, c.private, c.subject, c.body)
}

// limit is what the carrier of an organisation's medium takes: see adapters.Limited.
func (m *Messenger) limit(
	ctx context.Context, organisation adapters.OrganisationID, medium adapters.Medium,
) (adapters.Limit, error) {
	limited, ok := m.sender(medium).(adapters.Limited)
	if !ok {
		return adapters.Limit{}, nil
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	limit, err := limited.Limit(ctx, organisation, medium)
	if err != nil {
		return limit, m.unavailable(ctx, "sender", err)
	}
	return limit, nil
}

// sent is the whole text as the carrier sends it.
func (c composed) sent(link string) string {
	message := rows.Message{Medium: c.medium, Body: c.goesOut.body, PrivateBody: c.kept.body, ReplyLink: c.replyLink}
	return c.limit.Sent(strings.TrimSpace(render(message, link, Words(c.organisation))))
}

// checkLength refuses what the carrier does not take. The channel is only asked where its link decides.
func (m *Messenger) checkLength(ctx context.Context, s actor, c composed) error {
	if c.needsLink() {
		link, err := m.linkFor(ctx, s, c)
		if err == nil {
			err = c.behindLink(link)
		}
		if err != nil || c.private {
			return err
		}
	}
	if c.limit.Characters == 0 || utf16Len(c.sent(sampleLink(c.organisation))) <= c.limit.Characters {
		return nil
	}
	link, err := m.linkFor(ctx, s, c)
	if err != nil {
		return err
	}
	if by := utf16Len(c.sent(link)) - c.limit.Characters; by > 0 {
		return tooLong(by)
	}
	return nil
}

// linkFor is the reply link that a message would carry, "" while replies are off. Where the channel is not made yet, it
// is one as long.
func (m *Messenger) linkFor(ctx context.Context, s actor, c composed) (string, error) {
	channel := s.channel
	if channel.StaffID == "" {
		found, err := rows.One[rows.Channel](ctx, m.db(), rows.All[rows.Channel]().
			Where("c.organisation_id = ? AND c.staff_id = ?", rows.V(s.member.Organisation), rows.V(s.member.ID)).
			Where("c.client_id = ? AND c.moved_to IS NULL", rows.V(c.client.ID)))
		switch {
		case errors.Is(err, pgx.ErrNoRows) && c.organisation.RepliesOff:
			return "", nil
		case errors.Is(err, pgx.ErrNoRows):
			return sampleLink(c.organisation), nil
		case err != nil:
			return "", err
		}
		channel = found
	}
	if channel.RepliesOffWhy != nil {
		return "", nil
	}
	return m.replyURL(c.organisation.PublicURL, channel.LinkKeyID, channel.LinkNonce), nil
}

// sampleLink is a reply link that opens nothing, as long as one that does.
func sampleLink(organisation adapters.Organisation) string {
	return organisation.PublicURL + "/r/" + strings.Repeat("x", 22)
}
