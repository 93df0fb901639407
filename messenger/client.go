package messenger

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/nhsnumber"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// directory asks the host for clients; 1,000 at most are asked for at once. Each goes by the id that was asked for,
// whatever the host calls them now, and their names can be stored: what a directory says of one must not stop a message
// to others.
func (m *Messenger) directory(
	ctx context.Context,
	organisation adapters.OrganisationID,
	ids ...adapters.ClientID,
) (map[adapters.ClientID]adapters.Client, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	found, err := m.config.Clients.Get(ctx, organisation, ids)
	clients := make(map[adapters.ClientID]adapters.Client, len(found)) // found is the host's own
	if err != nil {
		return nil, err
	}
	for id, client := range found {
		client.ID = id
		for _, name := range []*string{&client.Name, &client.FirstName} {
			if *name, err = m.kept(ctx, m.db(), keepable(*name), shownLink); err != nil {
				return nil, err
			}
		}
		clients[id] = client
	}
	return clients, nil
}

// wellFormed says whether an id can be one of the host's: no port is asked for another.
func wellFormed[T ~string](id T) bool {
	text := string(id)
	return text != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= MaxHostID &&
		!strings.Contains(text, "\x00")
}

// malformed says that an id of a broadcast's recipient is none of the host's: it would be kept before the directory is
// asked.
func malformed[T ~string](id T) bool {
	return !wellFormed(id) || strings.ContainsFunc(string(id), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	})
}

// client is one client of the directory, CodeNotFound when the asker may not see them.
func (m *Messenger) client(
	ctx context.Context,
	organisation adapters.OrganisationID,
	id adapters.ClientID,
) (adapters.Client, error) {
	if !wellFormed(id) {
		return adapters.Client{}, notFound()
	}
	found, err := m.directory(ctx, organisation, id)
	if err != nil {
		return adapters.Client{}, m.unavailable(ctx, "clients", err)
	}
	client, ok := found[id]
	if !ok {
		return adapters.Client{}, notFound()
	}
	return client, nil
}

// obstacle is why a client can't be written to by a medium: "" when nothing stands against it.
func obstacle(client adapters.Client, medium adapters.Medium) Code {
	switch {
	case client.Deceased:
		return CodeDeceased
	case slices.Contains(client.Objects, medium):
		return CodeObjected
	case address(client, medium) == "":
		return CodeNoAddress
	default:
		return ""
	}
}

// action says whether member may write to client by a medium.
func (m *Messenger) action(
	ctx context.Context,
	member adapters.Member,
	allowed access,
	client adapters.Client,
	medium adapters.Medium,
) Action {
	var why Why
	switch {
	case client.Deceased:
		why = WhyDeceased
	case m.sender(medium) == nil:
		why = WhyNotConfigured
	case allowed < mayAct || !slices.Contains(member.Media, medium):
		why = WhyNoPermission
	default:
		why = Why(obstacle(client, medium))
		switch {
		case why != "":
		case provable(client, false) != nil:
			why = WhyNoProof
		case m.onlyElsewhere(ctx, member, client, medium):
			why = WhyNotConfigured
		case client.Restricted:
			why = WhyRestricted
		case isUnsafe(client, medium):
			why = WhySafeContact
		}
	}
	return Action{Allowed: why == "", Why: why}
}

// onlyElsewhere says that a guarded client is not written to by a medium, with no reason either: see isElsewhere. What
// a carrier does not tell is asked again at the send.
func (m *Messenger) onlyElsewhere(
	ctx context.Context, member adapters.Member, client adapters.Client, medium adapters.Medium,
) bool {
	if !isGuarded(client) {
		return false
	}
	limit, err := m.limit(ctx, member.Organisation, medium)
	return err == nil && isElsewhere(limit, client)
}

func (m *Messenger) actions(
	ctx context.Context, member adapters.Member, allowed access, client adapters.Client,
) Actions {
	return Actions{
		SendEmail: m.action(ctx, member, allowed, client, adapters.Email),
		SendSMS:   m.action(ctx, member, allowed, client, adapters.SMS),
	}
}

func person(c adapters.Client) Person {
	p := Person{
		ID: c.ID, Name: c.Name, NHSNumber: nhsnumber.Format(nhsNumber(c)), DateOfBirth: c.DateOfBirth,
		Restricted: c.Restricted,
		Deceased:   c.Deceased, ProfileURL: c.ProfileURL, SafeContact: c.SafeContact, Needs: c.Needs, Language: c.Language,
	}
	if shownOf(c, true, mayLook).contact {
		p.GP, p.Email, p.Phone = c.GP, shownEmail(c), shownPhone(c)
	}
	return p
}

// draftOf is a staff member's draft for a client.
const draftOf = "d.organisation_id = ? AND d.staff_id = ? AND d.client_id = ?"

// Client returns what a compose form needs to know: the client, what the asker can do, their channel and their draft.
func (m *Messenger) Client(ctx context.Context, id adapters.ClientID) (ClientPage, error) {
	member, err := m.current(ctx)
	if err != nil {
		return ClientPage{}, err
	}
	client, err := m.client(ctx, member.Organisation, id)
	if err != nil {
		return ClientPage{}, err
	}
	if client, err = m.heedingOne(ctx, member.Organisation, client); err != nil {
		return ClientPage{}, err
	}
	page := ClientPage{Person: person(client), Actions: m.actions(ctx, member, isOwner, client)}
	if organisation, err := m.organisation(ctx, member.Organisation); err == nil {
		page.Hours = m.hoursOf(organisation).at(m.now(ctx))
	}
	channels, err := m.ownChannels(ctx, member, []adapters.ClientID{id})
	if err != nil {
		return ClientPage{}, err
	}
	page.Channel = channels[id]
	page.Draft, err = m.draft(ctx, member, id)
	return page, err
}

// draft is the member's own unsent text for a client; nil without one.
func (m *Messenger) draft(ctx context.Context, member adapters.Member, id adapters.ClientID) (*Draft, error) {
	draft, err := rows.One[rows.Draft](ctx, m.db(), rows.All[rows.Draft]().
		Where(draftOf, rows.V(member.Organisation), rows.V(member.ID), rows.V(id)))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := draftOfRow(draft)
	found.Template, err = m.stillUsable(ctx, member, found.Template)
	return &found, err
}

// ownChannels are the asker's own channels with these clients.
func (m *Messenger) ownChannels(
	ctx context.Context,
	member adapters.Member,
	ids []adapters.ClientID,
) (map[adapters.ClientID]uuid.UUID, error) {
	type own struct {
		ClientID adapters.ClientID
		ID       uuid.UUID
	}
	list, err := rows.List[own](ctx, m.db(), rows.Select[rows.Channel]().Column("client_id", "id").
		Where("c.organisation_id = ? AND c.staff_id = ?", rows.V(member.Organisation), rows.V(member.ID)).
		Where("c.client_id = any(?) AND c.moved_to IS NULL", rows.V(textsOf(ids))))
	channels := make(map[adapters.ClientID]uuid.UUID, len(list))
	for _, channel := range list {
		channels[channel.ClientID] = channel.ID
	}
	return channels, err
}

func (m *Messenger) clientRows(
	ctx context.Context,
	member adapters.Member,
	clients []adapters.Client,
) ([]ClientRow, error) {
	ids := make([]adapters.ClientID, len(clients))
	for i, client := range clients {
		ids[i] = client.ID
	}
	channels, err := m.ownChannels(ctx, member, ids)
	if err != nil {
		return nil, err
	}
	list := make([]ClientRow, len(clients))
	for i, client := range clients {
		list[i] = ClientRow{
			client.ID,
			client.Name,
			nhsnumber.Format(nhsNumber(client)),
			client.DateOfBirth,
			channels[client.ID],
		}
	}
	return list, nil
}

// SearchClients returns possible recipients whose name or NHS number matches query, from one letter on. A blank
// query finds nobody.
func (m *Messenger) SearchClients(ctx context.Context, query string, limit int) ([]ClientRow, error) {
	member, err := m.current(ctx)
	if err != nil {
		return nil, err
	}
	if limit, err = (PageParams{Limit: limit}).limit(); err != nil {
		return nil, err
	}
	if query, err = plain("q", query); err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(strings.TrimSpace(query)) > MaxQuery {
		return nil, invalid("q", "Search for 200 characters or fewer.")
	}
	asked, isNumber := nhsnumber.Pasted(query)
	if !isNumber {
		asked = search.Name(query)
	}
	if asked == "" {
		return []ClientRow{}, nil
	}
	bound, cancel := bounded(ctx)
	defer cancel()
	clients, err := m.config.Clients.Search(bound, member.Organisation, asked, limit)
	if err != nil {
		return nil, m.unavailable(ctx, "clients", err)
	}
	return m.clientRows(ctx, member, clients[:min(len(clients), limit)])
}

// SaveDraft keeps the asker's own unsent text for a client, in place of a former one. Texts may be incomplete, but not
// longer than a message's.
func (m *Messenger) SaveDraft(ctx context.Context, id adapters.ClientID, draft Draft) (Draft, error) {
	member, err := m.current(ctx)
	if err != nil {
		return Draft{}, err
	}
	if draft.Subject, err = plain("subject", draft.Subject); err != nil {
		return Draft{}, err
	}
	if draft.Body, err = plain("body", draft.Body); err != nil {
		return Draft{}, err
	}
	switch {
	case draft.Medium != adapters.Email && draft.Medium != adapters.SMS:
		return Draft{}, invalid("medium", `The medium is "email" or "sms".`)
	case draft.Unless != "" && draft.Unless != UnlessReplied:
		return Draft{}, invalid("unless", `Unless is "replied".`)
	case utf8.RuneCountInString(draft.Subject) > MaxSubject:
		return Draft{}, invalid("subject", "The subject must be 200 characters or fewer.")
	case utf8.RuneCountInString(draft.Body) > MaxEmail:
		return Draft{}, invalid("body", "The message must be 50,000 characters or fewer.")
	}
	if draft.SendLocal != (LocalTime{}) {
		if _, _, err := draft.SendLocal.read(); err != nil {
			return Draft{}, err
		}
	}
	if err := draft.checkExpected(); err != nil {
		return Draft{}, err
	}
	if _, err := m.client(ctx, member.Organisation, id); err != nil {
		return Draft{}, err
	}
	if draft.Subject, err = m.kept(ctx, m.db(), draft.Subject, replyLinkMark); err != nil {
		return Draft{}, err
	}
	if draft.Body, err = m.kept(ctx, m.db(), draft.Body, replyLinkMark); err != nil {
		return Draft{}, err
	}
	if draft.Template, err = m.stillUsable(ctx, member, draft.Template); err != nil {
		return Draft{}, err
	}
	row := draft.row(member, id, m.now(ctx))
	if _, err = rows.Exec(ctx, m.db(), keepDraft(&row)); err != nil {
		return Draft{}, err
	}
	return draftOfRow(row), nil
}

// DeleteDraft forgets the asker's unsent text for a client. Without one it does nothing.
func (m *Messenger) DeleteDraft(ctx context.Context, id adapters.ClientID) error {
	member, err := m.current(ctx)
	if err != nil {
		return err
	}
	if _, err := m.client(ctx, member.Organisation, id); err != nil {
		return err
	}
	_, err = rows.Exec(ctx, m.db(), rows.Delete[rows.Draft]().
		Where(draftOf, rows.V(member.Organisation), rows.V(member.ID), rows.V(id)))
	return err
}
