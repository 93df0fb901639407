package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed" // the logo
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/calendar"
)

// staff is adapters.Staff over the host's own sessions and permissions.
type staff struct{ db querier }

type sessionKey struct{}

// withSession puts a session's secret into the context; the router does so for every request with a cookie. Whether it
// still holds is asked each time, so that a sign-out ends an open stream as well.
func withSession(ctx context.Context, secret string) context.Context {
	hash := sha256.Sum256([]byte(secret))
	return context.WithValue(ctx, sessionKey{}, hash[:])
}

// signIn starts a session and returns its secret: what the cookie holds. The table has only its hash. An unknown staff
// member is adapters.ErrNotFound.
func (s staff) signIn(ctx context.Context, id string) (secret string, err error) {
	secret = rand.Text()
	hash := sha256.Sum256([]byte(secret))
	tag, err := s.db.Exec(ctx,
		`insert into cms_sessions (secret_hash, staff_id) select $1, id from cms_staff where id = $2 and left_at is null`,
		hash[:], id)
	if err != nil {
		return "", fmt.Errorf("cms: sign in: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return "", adapters.ErrNotFound
	}
	return secret, nil
}

// signOut ends the context's session; without one it does nothing.
func (s staff) signOut(ctx context.Context) error {
	if _, err := s.db.Exec(ctx, `delete from cms_sessions where secret_hash = $1`, ctx.Value(sessionKey{})); err != nil {
		return fmt.Errorf("cms: sign out: %w", err)
	}
	return nil
}

// Current reads the session's staff member as they are now. A session lasts twelve hours, a long working day.
func (s staff) Current(ctx context.Context) (adapters.Member, error) {
	hash, ok := ctx.Value(sessionKey{}).([]byte)
	if !ok {
		return adapters.Member{}, adapters.ErrNotSignedIn
	}
	rows, err := s.db.Query(ctx, `select `+memberColumns+`
		from cms_sessions join cms_staff s on s.id = staff_id
		where secret_hash = $1 and s.left_at is null and created_at > now() - interval '12 hours'`, hash)
	if err != nil {
		return adapters.Member{}, fmt.Errorf("cms: session: %w", err)
	}
	member, err := pgx.CollectExactlyOneRow(rows, toMember)
	if errors.Is(err, pgx.ErrNoRows) {
		return adapters.Member{}, adapters.ErrNotSignedIn
	}
	if err != nil {
		return adapters.Member{}, fmt.Errorf("cms: session: %w", err)
	}
	return member, nil
}

const memberColumns = `s.id, s.name, s.organisation_id, s.may_text, s.manages`

// toMember reads memberColumns. Whoever sends texts sorts those that no channel claims, and so does who manages, who
// writes the templates too, and exports what is kept of a client.
func toMember(row pgx.CollectableRow) (adapters.Member, error) {
	member := adapters.Member{Media: []adapters.Medium{adapters.Email}}
	var mayText bool
	if err := row.Scan(&member.ID, &member.Name, &member.Organisation, &mayText, &member.Manages); err != nil {
		return adapters.Member{}, err //nolint:wrapcheck // callers wrap
	}
	if mayText {
		member.Media = append(member.Media, adapters.SMS)
	}
	member.SortsTexts, member.ManagesTemplates = mayText || member.Manages, member.Manages
	member.Exports = member.Manages
	return member, nil
}

// Members is adapters.Colleagues.
func (s staff) Members(
	ctx context.Context, organisation adapters.OrganisationID, ids ...adapters.StaffID,
) ([]adapters.Member, error) {
	return s.members(ctx, `s.organisation_id = $1 and s.id = any($2)`, organisation, texts(ids))
}

// WhoMayAct is adapters.Colleagues.
func (s staff) WhoMayAct(
	ctx context.Context, organisation adapters.OrganisationID, inbox adapters.StaffID,
) ([]adapters.Member, error) {
	return s.members(ctx, `s.organisation_id = $1 and s.id in (select staff_id
		from cms_shares join cms_staff owner on owner.id = colleague_id
		where colleague_id = $2 and owner.organisation_id = $1 and may_act)`, organisation, inbox)
}

// Managers is adapters.Colleagues.
func (s staff) Managers(ctx context.Context, organisation adapters.OrganisationID) ([]adapters.Member, error) {
	return s.members(ctx, `s.organisation_id = $1 and s.manages`, organisation)
}

func (s staff) members(ctx context.Context, where string, args ...any) ([]adapters.Member, error) {
	rows, err := s.db.Query(ctx, `select `+memberColumns+` from cms_staff s where s.left_at is null and `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("cms: colleagues: %w", err)
	}
	members, err := pgx.CollectRows(rows, toMember)
	if err != nil {
		return nil, fmt.Errorf("cms: colleagues: %w", err)
	}
	return members, nil
}

// Inboxes returns the colleagues' inboxes by name, where the member's permissions allow it.
func (s staff) Inboxes(
	ctx context.Context, member adapters.Member, only ...adapters.StaffID,
) ([]adapters.Inbox, error) {
	rows, err := s.db.Query(ctx, `select colleague.id, colleague.name, may_act
		from cms_shares join cms_staff colleague on colleague.id = colleague_id
		where staff_id = $1 and colleague.organisation_id = $2 and (cardinality($3::text[]) = 0 or colleague.id = any($3))
		order by colleague.name, colleague.id`, member.ID, member.Organisation, texts(only))
	if err != nil {
		return nil, fmt.Errorf("cms: inboxes: %w", err)
	}
	inboxes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[adapters.Inbox])
	if err != nil {
		return nil, fmt.Errorf("cms: inboxes: %w", err)
	}
	return inboxes, nil
}

// organisations is adapters.Organisations.
type organisations struct {
	db               querier
	checkDateOfBirth bool
	colour           string
	logo             []byte
	calendar         calendar.Calendar
	readWithin       time.Duration
}

// calendarOf is when this CMS's staff work, by the flag -hours.
func calendarOf(hours string) calendar.Calendar {
	if hours != "always" {
		return calendar.Calendar{}
	}
	week := map[time.Weekday][]calendar.Interval{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		week[day] = []calendar.Interval{{From: 0, Until: 24 * time.Hour}}
	}
	return calendar.Calendar{Week: week, Division: calendar.NoBankHolidays}
}

// The look of this CMS, for the reply page too.
const brandColour = "#1d5f5a"

//go:embed static/icon.svg
var brandLogo []byte

// Get reads the organisation, with the public address that the web process last served it under.
func (o organisations) Get(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
	organisation := adapters.Organisation{
		CheckDateOfBirth: o.checkDateOfBirth, Colour: o.colour, Logo: o.logo, Calendar: o.calendar, ReadWithin: o.readWithin,
	}
	if id == "north" {
		organisation.Fallback = []adapters.StaffID{"fay"}
	}
	err := o.db.QueryRow(ctx, `select id, name, phone, public_url from cms_organisations where id = $1`, id).
		Scan(&organisation.ID, &organisation.Name, &organisation.Phone, &organisation.PublicURL)
	if errors.Is(err, pgx.ErrNoRows) {
		return adapters.Organisation{}, adapters.ErrNotFound
	}
	if err != nil {
		return adapters.Organisation{}, fmt.Errorf("cms: organisation: %w", err)
	}
	return organisation, nil
}

// servedAt notes where the web process serves the public pages.
func (o organisations) servedAt(ctx context.Context, publicURL string) error {
	if _, err := o.db.Exec(ctx, `update cms_organisations set public_url = $1`, publicURL); err != nil {
		return fmt.Errorf("cms: note the public address: %w", err)
	}
	return nil
}

// people are all staff, for the sign-in page of a demonstration.
func (s staff) people(ctx context.Context) ([]person, error) {
	rows, err := s.db.Query(ctx, `select s.id, s.name, job, o.name
		from cms_staff s join cms_organisations o on o.id = organisation_id
		where s.left_at is null order by o.id, s.id`)
	if err != nil {
		return nil, fmt.Errorf("cms: staff: %w", err)
	}
	people, err := pgx.CollectRows(rows, pgx.RowToStructByPos[person])
	if err != nil {
		return nil, fmt.Errorf("cms: staff: %w", err)
	}
	return people, nil
}
