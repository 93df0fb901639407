package main

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// directory is adapters.Clients and the host's own view of its clients. All staff of an organisation see all its
// clients, so the asker makes no difference here.
type directory struct{ db querier }

const clientColumns = `id, name, first_name, nhs_number, coalesce(to_char(date_of_birth, 'YYYY-MM-DD'), ''), gp_name,
	gp_ods_code, email, phone, restricted, deceased, objects, needs, language,
	safe_contact`

// Get asks once for all ids.
func (d directory) Get(
	ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
) (map[adapters.ClientID]adapters.Client, error) {
	rows, err := d.query(ctx, `select `+clientColumns+` from cms_clients
		where merged_into is null and organisation_id = $1 and id = any($2)`,
		organisation, texts(ids))
	if err != nil {
		return nil, err
	}
	found := make(map[adapters.ClientID]adapters.Client, len(rows))
	for _, client := range rows {
		found[client.ID] = client
	}
	return found, nil
}

// Search compares every word literally, so that % and _ mean themselves.
func (d directory) Search(
	ctx context.Context, organisation adapters.OrganisationID, query string, limit int,
) ([]adapters.Client, error) {
	words := strings.Fields(folded(query))
	digits := strings.Join(words, "")
	if strings.Trim(digits, "0123456789") != "" {
		digits = ""
	}
	return d.query(ctx, `select `+clientColumns+` from cms_clients
		where merged_into is null and organisation_id = $1 and (
			(select bool_and(position(word in folded_name) > 0) from unnest($2::text[]) word)
			or ($3 <> '' and starts_with(nhs_number, $3)))
		order by folded_name, id limit $4`, organisation, words, digits, limit)
}

// folded is a name as a search compares it, and as people without the letter on their keyboard type it: Wójcik is
// wojcik, O’Connor is o'connor.
func folded(name string) string {
	name = strings.NewReplacer("’", "'", "ł", "l", "ı", "i", "ø", "o").Replace(strings.ToLower(name))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(name))
}

// all lists an organisation's clients for the host's own page.
func (d directory) all(ctx context.Context, organisation adapters.OrganisationID) ([]adapters.Client, error) {
	return d.query(ctx, `select `+clientColumns+` from cms_clients
		where merged_into is null and organisation_id = $1 order by folded_name, id`,
		organisation)
}

func (d directory) query(ctx context.Context, sql string, args ...any) ([]adapters.Client, error) {
	rows, err := d.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("cms: clients: %w", err)
	}
	clients, err := pgx.CollectRows(rows, scanClient)
	if err != nil {
		return nil, fmt.Errorf("cms: clients: %w", err)
	}
	return clients, nil
}

func scanClient(row pgx.CollectableRow) (adapters.Client, error) {
	var c adapters.Client
	var objects []string
	err := row.Scan(&c.ID, &c.Name, &c.FirstName, &c.NHSNumber, &c.DateOfBirth, &c.GP.Name, &c.GP.ODSCode,
		&c.Email, &c.Phone, &c.Restricted, &c.Deceased, &objects,
		&c.Needs, &c.Language, &c.SafeContact)
	for _, medium := range objects {
		c.Objects = append(c.Objects, adapters.Medium(medium))
	}
	c.ProfileURL = "/clients/" + string(c.ID)
	return c, err
}

// profile is what the host's own page shows of a client beside the directory's row.
type profile struct {
	adapters.Client
	Reason, Worker, OpenedOn string
	DischargedOn             string // empty: is a client still
	InRecord                 bool
}

// MayClose is whether a last message can be written to the client.
func (p profile) MayClose() bool { return closingBy(p.Client) != "" }

// profile returns adapters.ErrNotFound for a client who is not the organisation's.
func (d directory) profile(
	ctx context.Context, organisation adapters.OrganisationID, id adapters.ClientID,
) (profile, error) {
	found, err := d.Get(ctx, organisation, []adapters.ClientID{id})
	if err != nil {
		return profile{}, err
	}
	client, ok := found[id]
	if !ok {
		return profile{}, adapters.ErrNotFound
	}
	p := profile{Client: client}
	err = d.db.QueryRow(ctx, `select reason, s.name, to_char(opened_on, 'FMDD FMMonth YYYY'),
			coalesce(to_char(discharged_on, 'FMDD FMMonth YYYY'), ''), in_record
		from cms_clients c join cms_cases on client_id = c.id join cms_staff s on s.id = staff_id where c.id = $1`, id).
		Scan(&p.Reason, &p.Worker, &p.OpenedOn, &p.DischargedOn, &p.InRecord)
	if err != nil {
		return profile{}, fmt.Errorf("cms: case: %w", err)
	}
	return p, nil
}

// setContact writes new contact details: the host then tells Messenger by ClientsChanged.
func (d directory) setContact(
	ctx context.Context, organisation adapters.OrganisationID, id adapters.ClientID, email, phone string,
) error {
	return d.change(ctx, `update cms_clients set email = $3, phone = $4 where organisation_id = $1 and id = $2`,
		organisation, id, email, phone)
}

// register makes the clinical record know a client.
func (d directory) register(ctx context.Context, organisation adapters.OrganisationID, id adapters.ClientID) error {
	return d.change(ctx, `update cms_clients set in_record = true where organisation_id = $1 and id = $2`, organisation,
		id)
}

func (d directory) change(ctx context.Context, sql string, args ...any) error {
	tag, err := d.db.Exec(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("cms: change a client: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return adapters.ErrNotFound
	}
	return nil
}

// lists is adapters.Lists.
type lists struct{ db querier }

// All returns the organisation's lists in the order of its own menu.
func (l lists) All(ctx context.Context, organisation adapters.OrganisationID) ([]adapters.List, error) {
	rows, err := l.db.Query(ctx, `select id, name, (select count(*) from cms_client_list_members where list_id = id)
		from cms_client_lists where organisation_id = $1 order by position, id`, organisation)
	if err != nil {
		return nil, fmt.Errorf("cms: lists: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[adapters.List])
	if err != nil {
		return nil, fmt.Errorf("cms: lists: %w", err)
	}
	return all, nil
}

// Members returns a list's clients by name.
func (l lists) Members(
	ctx context.Context, organisation adapters.OrganisationID, list adapters.ListID,
) ([]adapters.ClientID, error) {
	rows, err := l.db.Query(ctx, `select c.id from cms_client_lists l
		left join cms_client_list_members m on m.list_id = l.id left join cms_clients c on c.id = m.client_id
		where l.organisation_id = $1 and l.id = $2 order by c.folded_name, c.id`, organisation, list)
	if err != nil {
		return nil, fmt.Errorf("cms: list members: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[*adapters.ClientID])
	if err != nil {
		return nil, fmt.Errorf("cms: list members: %w", err)
	}
	if len(ids) == 0 {
		return nil, adapters.ErrNotFound
	}
	members := make([]adapters.ClientID, 0, len(ids))
	for _, id := range ids {
		if id != nil { // an empty list is one row without a client
			members = append(members, *id)
		}
	}
	return members, nil
}
