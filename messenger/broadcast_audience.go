package messenger

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// BroadcastPreview is what a broadcast would do.
type BroadcastPreview struct {
	Total, SkippedCount int
	Skipped             []Skipped // the first 100
	Texts               int       // how many text messages it would be charged as; zero for email
	FewestTexts         int       // likewise, to one recipient: the least and the most of any
	MostTexts           int
	Examples            []Example // of three recipients at most
}

// Example is a message as one recipient would get it, with a made-up reply link.
type Example struct {
	Client        adapters.ClientID
	Name          string
	Subject, Text string
}

// recipient is somebody a broadcast names; why is empty for those who get it.
type recipient struct {
	id     adapters.ClientID
	client adapters.Client
	why    Why
}

// audience is whom a broadcast names, each once, with why they get nothing.
type audience struct {
	member       adapters.Member
	organisation adapters.Organisation
	limit        adapters.Limit
	template     TemplateVersion
	list         []recipient
}

// audienceTimeout is how long everybody is looked for whom a broadcast names: each list and each page of the directory
// has portTimeout, and there are 150 of them.
const audienceTimeout = 30 * time.Second

// audience checks a broadcast and finds everybody it names. Who the asker may not see is not found.
func (m *Messenger) audience(ctx context.Context, p BroadcastParams) (audience, error) {
	bound, cancel := context.WithTimeout(ctx, audienceTimeout)
	defer cancel()
	a, err := m.findAudience(bound, p)
	if CodeOf(err) == CodeUnavailable && bound.Err() != nil && ctx.Err() == nil {
		err = fail(CodeUnavailable, "It takes too long to look everybody up whom this is for, and nothing was sent. "+
			"Send it to fewer at a time, or try again later.")
	}
	return a, err
}

func (m *Messenger) findAudience(ctx context.Context, p BroadcastParams) (a audience, err error) {
	if a.member, err = m.current(ctx); err != nil {
		return a, err
	}
	switch {
	case !slices.Contains(a.member.Media, p.Medium):
		err = forbiddenMedium()
	case m.sender(p.Medium) == nil:
		err = notConfigured()
	default:
		a.organisation, err = m.organisation(ctx, a.member.Organisation)
	}
	if err != nil {
		return a, err
	}
	goesOut := m.now(ctx)
	if err := p.time().checkDue(goesOut); err != nil {
		return a, err
	}
	if due := p.time().due(); due.After(goesOut) {
		goesOut = due
	}
	c := composed{private: p.Private, replyLink: p.ReplyLink}
	if c.expected, err = expect(p.Expects, p.ExpectBy, a.organisation, goesOut); err != nil {
		return a, err
	}
	if a.organisation.RepliesOff {
		if err := c.behindLink(""); err != nil {
			return a, err
		}
	}
	if a.template, err = m.templateFor(ctx, a.member, p.Template); err == nil && p.Template != uuid.Nil {
		err = requireFilled(p.Subject, p.Body)
	}
	if err != nil {
		return a, err
	}
	_, c.goesOut.body, err = p.fill(adapters.Client{FirstName: "A"}, a.member.Name, a.organisation)
	if err == nil {
		err = c.allowed()
	}
	if err != nil {
		return a, err
	}
	seen := map[adapters.ClientID]bool{}
	add := func(ids []adapters.ClientID) error {
		for _, id := range ids {
			if !seen[id] {
				if len(a.list) == MaxRecipients {
					return tooManyRecipients()
				}
				seen[id] = true
				a.list = append(a.list, recipient{id: id})
			}
		}
		return nil
	}
	if err := add(p.Clients); err != nil {
		return a, err
	}
	for _, name := range p.Lists {
		members, err := m.listMembers(ctx, a.member.Organisation, name)
		if err == nil {
			err = add(members)
		}
		if err != nil {
			return a, err
		}
	}
	if err := m.lookUpRecipients(ctx, a.member.Organisation, a.member.ID, p, a.list); err != nil {
		return a, err
	}
	if err := m.refuseLinks(ctx, a.list); err != nil {
		return a, err
	}
	a.limit, err = m.limit(ctx, a.member.Organisation, p.Medium)
	if err != nil {
		return a, err
	}
	for i, r := range a.list {
		if r.why == "" && (isElsewhere(a.limit, r.client) || p.isLateFor(r.client, a.organisation, goesOut)) {
			a.list[i].why = WhySafeContact
		}
	}
	return a, p.checkLength(a)
}

// isLateFor says that a client could be reached only after the day by which an answer is expected of them.
func (p BroadcastParams) isLateFor(client adapters.Client, organisation adapters.Organisation, goesOut time.Time) bool {
	if p.Expects == "" {
		return false
	}
	_, err := expect(p.Expects, p.ExpectBy, organisation, safeHoursOf(client, organisation, false).from(goesOut))
	return err != nil
}

// refuseLinks refuses recipients who are not there and whose ids have somebody's link in them: they would be kept.
func (m *Messenger) refuseLinks(ctx context.Context, list []recipient) error {
	for part := range slices.Chunk(list, directoryPage) {
		var unknown []string
		for _, r := range part {
			if r.why == WhyNotFound {
				unknown = append(unknown, string(r.id))
			}
		}
		switch found, err := m.haveLink(ctx, m.db(), unknown); {
		case err != nil:
			return err
		case found:
			return invalid("client_ids", "A client's id is none of a link's. Name the clients by their ids.")
		}
	}
	return nil
}

// checkLength refuses a broadcast by its longest message. What differs is what the client is called and in which words
// they are spoken to, so that one message of each is looked at.
func (p BroadcastParams) checkLength(a audience) error {
	if a.limit.Characters == 0 {
		return nil
	}
	type called struct {
		voice
		name string
	}
	longest, seen, as := 0, map[called]bool{}, voicesOf(a.organisation)
	for _, r := range a.list {
		organisation := as.to(r.client)
		name := called{voice{r.client.Language, isNeutral(r.client)}, firstName(r.client, organisation)}
		if r.why != "" || seen[name] {
			continue
		}
		seen[name] = true
		subject, body, err := p.fill(r.client, a.member.Name, organisation)
		if err != nil {
			return err
		}
		if p.sendable(subject, body) { // else they get nothing
			longest = max(longest, utf16Len(a.limit.Sent(p.render(body, organisation))))
		}
	}
	if longest > a.limit.Characters {
		return tooLong(longest - a.limit.Characters)
	}
	return nil
}

// render is the whole text of one recipient's message, with a link as long as theirs.
func (p BroadcastParams) render(body string, organisation adapters.Organisation) string {
	message := rows.Message{Medium: p.Medium, Body: body, ReplyLink: p.ReplyLink}
	if p.Private {
		message.PrivateBody, message.Body = &body, noticeOf(organisation, p.Medium).body
	}
	return render(message, sampleLink(organisation), Words(organisation))
}

func tooManyRecipients() error {
	return invalid("client_ids", "A broadcast goes to 100,000 people at most. Send it to fewer at a time.")
}

// lookUpRecipients asks the directory for everybody, a page at a time, and the sender's channels for those who could
// not open a private message.
func (m *Messenger) lookUpRecipients(
	ctx context.Context,
	organisation adapters.OrganisationID,
	staff adapters.StaffID,
	p BroadcastParams,
	list []recipient,
) error {
	for part := range slices.Chunk(list, directoryPage) {
		ids := make([]adapters.ClientID, len(part))
		for i, r := range part {
			ids[i] = r.id
		}
		if err := ctx.Err(); err != nil { // a host need not heed it
			return err
		}
		found, err := m.askDirectory(ctx, organisation, ids...)
		if err != nil {
			return m.unavailable(ctx, "clients", err)
		}
		if p.Medium == adapters.SMS {
			if err := m.heeding(ctx, organisation, found); err != nil {
				return err
			}
		}
		var closed []adapters.ClientID
		if p.Private {
			if closed, err = m.withRepliesOff(ctx, organisation, staff, ids); err != nil {
				return err
			}
		}
		for i := range part {
			client, known := found[part[i].id]
			part[i].client = client
			switch {
			case !known:
				part[i].why = WhyNotFound
			case p.Private && provable(client, true) != nil && obstacle(client, p.Medium) == "":
				part[i].why = WhyNoProof
			case client.Restricted:
				part[i].why = WhyRestricted
			default:
				part[i].why = Why(obstacle(client, p.Medium))
				if part[i].why == "" && (isUnsafe(client, p.Medium) || !p.Private && !mayHaveWords(client)) {
					part[i].why = WhySafeContact
				}
				if part[i].why == "" && slices.Contains(closed, client.ID) {
					part[i].why = WhyRepliesOff
				}
			}
		}
	}
	return nil
}

// withRepliesOff are those of some clients whose channels with a staff member have their replies off.
func (m *Messenger) withRepliesOff(
	ctx context.Context, organisation adapters.OrganisationID, staff adapters.StaffID, clients []adapters.ClientID,
) ([]adapters.ClientID, error) {
	return rows.List[adapters.ClientID](ctx, m.db(), rows.Select[rows.Channel]().Column("client_id").
		Where("c.organisation_id = ? AND c.staff_id = ?", rows.V(organisation), rows.V(staff)).
		Where("c.client_id = any(?) AND c.moved_to IS NULL", rows.V(textsOf(clients))).
		Where("c.replies_off_why IS NOT NULL"))
}

// sendable says whether a message can still be sent once it is filled: a name may make it too long, and an
// organisation's may have characters that can't be kept.
func (p BroadcastParams) sendable(subject, body string) bool {
	return checkText(p.Medium, p.Private, subject, body) == nil && keepable(subject+body) == subject+body
}

// fill is the message for one recipient.
func (p BroadcastParams) fill(
	client adapters.Client,
	staffName string,
	organisation adapters.Organisation,
) (subject, body string, err error) {
	return fillText(p.Subject, p.Body, client, staffName, organisation)
}

// PreviewBroadcast says who would get a broadcast, who would not and why, and what it would look like. It sends
// nothing. Errors as for SendBroadcast.
func (m *Messenger) PreviewBroadcast(ctx context.Context, p BroadcastParams) (BroadcastPreview, error) {
	p, err := p.checked(m.now(ctx))
	if err != nil {
		return BroadcastPreview{}, err
	}
	to, err := m.audience(ctx, p)
	if err != nil {
		return BroadcastPreview{}, err
	}
	preview, as := BroadcastPreview{Total: len(to.list)}, voicesOf(to.organisation)
	skip := func(id adapters.ClientID, why Why) {
		preview.SkippedCount++
		if len(preview.Skipped) < shownSkipped {
			preview.Skipped = append(preview.Skipped, Skipped{id, why})
		}
	}
	for _, r := range to.list {
		if r.why != "" {
			skip(r.id, r.why)
			continue
		}
		organisation := as.to(r.client)
		subject, body, err := p.fill(r.client, to.member.Name, organisation)
		if err != nil {
			return BroadcastPreview{}, err
		}
		if !p.sendable(subject, body) {
			skip(r.id, WhyInvalid)
			continue
		}
		text := to.limit.Sent(p.render(body, organisation))
		if p.Medium == adapters.SMS {
			preview.charge(CountTexts(text))
		}
		if p.Private {
			subject = noticeOf(organisation, p.Medium).subject
		}
		if len(preview.Examples) < 3 {
			preview.Examples = append(preview.Examples, Example{r.id, r.client.Name, subject, text})
		}
	}
	return preview, nil
}

// charge counts the text messages to one more recipient.
func (p *BroadcastPreview) charge(texts int) {
	if p.Texts == 0 {
		p.FewestTexts = texts
	}
	p.Texts += texts
	p.FewestTexts, p.MostTexts = min(p.FewestTexts, texts), max(p.MostTexts, texts)
}
