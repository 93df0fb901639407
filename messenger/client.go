package messenger

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/nhsnumber"
	"github.com/cmsmessenger/cmsmessenger/internal/phone"
)

// directory asks the host for clients; 1,000 at most are asked for at once. Each goes by the id that was asked for, whatever the host
// calls them now, and their names can be stored: what a directory says of one must not stop a message to others.
func (m *Messenger) directory(ctx context.Context, organisation adapters.OrganisationID, ids ...adapters.ClientID) (map[adapters.ClientID]adapters.Client, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	found, err := m.config.Clients.Get(ctx, organisation, ids)
	clients := make(map[adapters.ClientID]adapters.Client, len(found)) // found is the host's own
	for id, client := range found {
		client.ID, client.Name, client.FirstName = id, keepable(client.Name), keepable(client.FirstName)
		clients[id] = client
	}
	return clients, err
}

// wellFormed says whether an id can be one of the host's: no port is asked for another.
func wellFormed[T ~string](id T) bool {
	return id != "" && len(id) <= MaxHostID && utf8.ValidString(string(id)) && !strings.Contains(string(id), "\x00")
}

// client is one client of the directory, CodeNotFound when the asker may not see them.
func (m *Messenger) client(ctx context.Context, organisation adapters.OrganisationID, id adapters.ClientID) (adapters.Client, error) {
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

// address is where a medium reaches a client, in the form it is sent and compared in; "" when there is none.
func address(client adapters.Client, medium adapters.Medium) string {
	switch medium {
	case adapters.Email:
		email := strings.TrimSpace(client.Email)
		if strings.Count(email, "@") != 1 || hasControl(email) || !utf8.ValidString(email) || strings.ContainsAny(email, " <>,;") || len(email) > 254 {
			return "" // RFC 5321, section 4.5.3.1.3: a path of 256 octets with its brackets
		}
		return email
	case adapters.SMS:
		if e164, ok := phone.Parse(client.Phone); ok {
			return e164
		}
	case adapters.Web:
	}
	return ""
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
func (m *Messenger) action(member adapters.Member, allowed access, client adapters.Client, medium adapters.Medium) Action {
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
		if client.Restricted && why == "" {
			why = WhyRestricted
		}
	}
	return Action{Allowed: why == "", Why: why}
}

func (m *Messenger) actions(member adapters.Member, allowed access, client adapters.Client) Actions {
	return Actions{
		SendEmail: m.action(member, allowed, client, adapters.Email),
		SendSMS:   m.action(member, allowed, client, adapters.SMS),
	}
}

func person(c adapters.Client) Person {
	p := Person{
		ID: c.ID, Name: c.Name, NHSNumber: shownNHSNumber(c), DateOfBirth: c.DateOfBirth, Restricted: c.Restricted,
		Deceased: c.Deceased, ProfileURL: c.ProfileURL,
	}
	if !c.Restricted {
		p.GP, p.Email, p.Phone = c.GP, strings.TrimSpace(c.Email), c.Phone
		if e164, _ := phone.Parse(c.Phone); e164 != "" {
			p.Phone = e164
		}
	}
	return p
}

func shownNHSNumber(c adapters.Client) string {
	if number, ok := nhsnumber.Parse(c.NHSNumber); ok {
		return nhsnumber.Format(number)
	}
	return ""
}

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
	page := ClientPage{Person: person(client), Actions: m.actions(member, isOwner, client)}
	channels, err := m.ownChannels(ctx, member, []adapters.ClientID{id})
	if err != nil {
		return ClientPage{}, err
	}
	page.Channel = channels[id]
	var draft Draft
	err = m.config.Pool.QueryRow(ctx, `select medium, subject, body from messenger_drafts
		where organisation_id = $1 and staff_id = $2 and client_id = $3`, member.Organisation, member.ID, id).
		Scan(&draft.Medium, &draft.Subject, &draft.Body)
	if err == nil {
		page.Draft = &draft
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return ClientPage{}, err
	}
	return page, nil
}

// ownChannels are the asker's own channels with these clients.
func (m *Messenger) ownChannels(ctx context.Context, member adapters.Member, ids []adapters.ClientID) (map[adapters.ClientID]uuid.UUID, error) {
	rows, err := m.config.Pool.Query(ctx, `select client_id, id from messenger_channels
		where organisation_id = $1 and staff_id = $2 and client_id = any($3) and moved_to is null`, member.Organisation, member.ID, textsOf(ids))
	if err != nil {
		return nil, err
	}
	channels := map[adapters.ClientID]uuid.UUID{}
	var client adapters.ClientID
	var channel uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&client, &channel}, func() error {
		channels[client] = channel
		return nil
	})
	return channels, err
}

func (m *Messenger) clientRows(ctx context.Context, member adapters.Member, clients []adapters.Client) ([]ClientRow, error) {
	ids := make([]adapters.ClientID, len(clients))
	for i, client := range clients {
		ids[i] = client.ID
	}
	channels, err := m.ownChannels(ctx, member, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]ClientRow, len(clients))
	for i, client := range clients {
		rows[i] = ClientRow{client.ID, client.Name, shownNHSNumber(client), client.DateOfBirth, channels[client.ID]}
	}
	return rows, nil
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
	query = strings.TrimSpace(query)
	if utf8.RuneCountInString(query) > MaxQuery {
		return nil, invalid("q", "Search for 200 characters or fewer.")
	}
	if query == "" {
		return []ClientRow{}, nil
	}
	bound, cancel := bounded(ctx)
	defer cancel()
	clients, err := m.config.Clients.Search(bound, member.Organisation, query, limit)
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
	case utf8.RuneCountInString(draft.Subject) > MaxSubject:
		return Draft{}, invalid("subject", "The subject must be 200 characters or fewer.")
	case utf8.RuneCountInString(draft.Body) > MaxEmail:
		return Draft{}, invalid("body", "The message must be 50,000 characters or fewer.")
	}
	if _, err := m.client(ctx, member.Organisation, id); err != nil {
		return Draft{}, err
	}
	organisation, err := m.organisation(ctx, member.Organisation)
	if err != nil {
		return Draft{}, err
	}
	draft.Subject, draft.Body = markLinks(draft.Subject, organisation), markLinks(draft.Body, organisation)
	_, err = m.config.Pool.Exec(ctx, `insert into messenger_drafts (organisation_id, staff_id, client_id, medium, subject, body, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7) on conflict (organisation_id, staff_id, client_id) do update
		set medium = excluded.medium, subject = excluded.subject, body = excluded.body, updated_at = excluded.updated_at`,
		member.Organisation, member.ID, id, draft.Medium, draft.Subject, draft.Body, m.now())
	return draft, err
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
	_, err = m.config.Pool.Exec(ctx, "delete from messenger_drafts where organisation_id = $1 and staff_id = $2 and client_id = $3",
		member.Organisation, member.ID, id)
	return err
}
