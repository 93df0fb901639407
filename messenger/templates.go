package messenger

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// TemplateScope is who may use a template.
type TemplateScope string

// The scopes.
const (
	TemplateOfOrganisation TemplateScope = "organisation" // everybody there; written by those who ManagesTemplates
	TemplateOwn            TemplateScope = "own"          // who wrote it, nobody else
)

// Template is a text that staff write again and again, as its last version has it.
type Template struct {
	ID uuid.UUID
	TemplateParams
	Version int // from 1
	// Used counts the sends that named it, in any version; a broadcast is one.
	Used int
}

// TemplateParams is what a template says.
type TemplateParams struct {
	Scope  TemplateScope
	Medium adapters.Medium
	Title  string // how staff find it: 1 to 100 characters, one line
	// Subject and Body are a message's, with a message's limits. They may have placeholders, and places in brackets that
	// whoever sends it fills in by hand: {date}, ((clinic)), {{what to bring}}.
	Subject, Body string
	Language      string // of BCP 47, "cy"; empty: not said
	Private       bool   // for private messages: Body then has 50,000 characters in every medium
	Expects       string // "acknowledgement" or "reply"; empty: nothing
	// Key makes a repeat safe: what the asker calls again with the same key and the same template is done once. 1 to 255
	// visible ASCII characters; empty: each call makes another. A Template has none.
	Key string
}

// TemplatesParams asks for templates.
type TemplatesParams struct {
	Query  string          // words of the title, in any order, case and accents ignored; empty: all
	Medium adapters.Medium // empty: of both
	PageParams
}

// Templates returns a page of the templates that the asker may use, by title: their organisation's and their own,
// without what was archived. Errors: CodeInvalid.
func (m *Messenger) Templates(ctx context.Context, p TemplatesParams) (Page[Template], error) {
	query, err := plain("q", p.Query)
	switch {
	case err != nil:
		return Page[Template]{}, err
	case utf8.RuneCountInString(query) > MaxQuery:
		return Page[Template]{}, invalid("q", "A search is 200 characters at most.")
	case p.Medium != "" && p.Medium != adapters.Email && p.Medium != adapters.SMS:
		return Page[Template]{}, invalid("medium", `The medium is "email" or "sms".`)
	}
	member, err := m.current(ctx)
	if err != nil {
		return Page[Template]{}, err
	}
	limit, err := p.limit()
	if err != nil {
		return Page[Template]{}, err
	}
	from, _, err := parseCursor(p.Cursor, "templates")
	if err != nil {
		return Page[Template]{}, err
	}
	found, err := findTemplates(ctx, m.db(), member, rows.Args{
		"id": nil, "medium": p.Medium, "words": strings.Fields(search.Fold(query)), "after": nullable(from.ID),
		"limit": limit + 1,
	})
	return page(found, limit, func(t Template) cursor { return cursor{List: "templates", ID: t.ID} }), err
}

// CreateTemplate keeps a template: the asker's own, or the organisation's for who ManagesTemplates. A second call makes
// another one; with the Key of the first it returns that one as it now stands. Errors: CodeInvalid, CodeForbidden,
// CodeKeyReused, CodeNotFound (what the key made is archived).
func (m *Messenger) CreateTemplate(ctx context.Context, p TemplateParams) (Template, error) {
	return unmoved(func() (Template, error) { return m.writeTemplate(ctx, uuid.Nil, p) })
}

// UpdateTemplate makes a new version of a template: of the asker's own, or for who ManagesTemplates of the
// organisation's. Scope may change, by who ManagesTemplates: the organisation's then becomes the asker's own. Messages
// sent before keep the version that they were sent with. A second call makes one more version; with the Key of the
// first, none. Errors: CodeInvalid; CodeKeyReused; CodeNotFound, also for a colleague's own and what was archived;
// CodeForbidden.
func (m *Messenger) UpdateTemplate(ctx context.Context, id uuid.UUID, p TemplateParams) (Template, error) {
	return unmoved(func() (Template, error) { return m.writeTemplate(ctx, id, p) })
}

// writeTemplate makes a version of a template: of a new one without an id.
func (m *Messenger) writeTemplate(ctx context.Context, id uuid.UUID, p TemplateParams) (Template, error) {
	p, err := p.checked()
	if err != nil {
		return Template{}, err
	}
	member, err := m.current(ctx)
	if err != nil {
		return Template{}, err
	}
	key := p.Key
	p.Key = ""
	under, made, err := m.onceUnder(ctx, member, key, []any{"template", id, p})
	if err != nil {
		return Template{}, err
	}
	if made != uuid.Nil {
		return theTemplate(findTemplates(ctx, m.db(), member, oneTemplate(made)))
	}
	again := id != uuid.Nil
	if !again {
		id = m.newID()
	}
	for text, with := range map[*string]string{&p.Title: shownLink, &p.Subject: shownLink, &p.Body: replyLinkMark} {
		if *text, err = m.kept(ctx, m.db(), *text, with); err != nil {
			return Template{}, err
		}
	}
	var found []Template // read before the commit: what is done is told, though the database goes then
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		row := rows.Template{ID: id, OrganisationID: member.Organisation, CreatedAt: t.now}
		if again {
			if row, err = lockTemplate(ctx, t, member, id); err != nil {
				return err
			}
		}
		if p.Scope == TemplateOfOrganisation && !member.ManagesTemplates {
			return forbiddenTemplate()
		}
		row.Version, row.StaffID = row.Version+1, nil
		if p.Scope == TemplateOwn {
			row.StaffID = &member.ID
		}
		if err := t.saveTemplate(ctx, member, row, p); err != nil {
			return err
		}
		if err := under.keep(ctx, t, id); err != nil {
			return err
		}
		found, err = findTemplates(ctx, t, member, oneTemplate(id))
		return err
	})
	return theTemplate(found, err)
}

func theTemplate(found []Template, err error) (Template, error) {
	if err == nil && len(found) == 0 {
		err = notFound()
	}
	if err != nil {
		return Template{}, err
	}
	return found[0], nil
}

// saveTemplate writes a template's new version, which then proves that the transaction was committed.
func (t tx) saveTemplate(ctx context.Context, by adapters.Member, row rows.Template, p TemplateParams) error {
	_, err := rows.Exec(ctx, t, rows.Insert(&row).On("CONFLICT (id) DO UPDATE").
		Set("version = excluded.version, staff_id = excluded.staff_id"))
	if err != nil {
		return err
	}
	*t.proof = rows.Select[rows.TemplateVersion]().Column("template_id").
		Where("v.template_id = ? AND v.version = ?", rows.V(row.ID), rows.V(row.Version))
	_, err = rows.Exec(ctx, t, rows.Insert(&rows.TemplateVersion{
		TemplateID: row.ID, Version: row.Version, Medium: p.Medium, Title: p.Title, TitleFolded: search.Fold(p.Title),
		Subject: p.Subject, Body: p.Body, Language: p.Language, Private: p.Private, Expects: p.Expects,
		ByID: by.ID, ByName: by.Name, At: t.now,
	}))
	return err
}

// ArchiveTemplate takes a template out of use: of the asker's own, or for who ManagesTemplates of the organisation's.
// Nothing of it is deleted, and messages go on naming it. Errors: CodeNotFound, for a second call too, CodeForbidden.
func (m *Messenger) ArchiveTemplate(ctx context.Context, id uuid.UUID) error {
	member, err := m.current(ctx)
	if err != nil {
		return err
	}
	return m.inTx(ctx, func(ctx context.Context, t tx) error {
		if _, err := lockTemplate(ctx, t, member, id); err != nil {
			return err
		}
		*t.proof = rows.Select[rows.Template]().Column("id").Where("t.id = ? AND t.archived_at IS NOT NULL", rows.V(id))
		_, err = rows.Exec(ctx, t, rows.Update[rows.Template]().
			Set("archived_at = ?, archived_by = ?", rows.V(t.now), rows.V(member.ID)).Where("id = ?", rows.V(id)))
		return err
	})
}

// lockTemplate holds a template that the member may change for the rest of the transaction.
func lockTemplate(ctx context.Context, t tx, member adapters.Member, id uuid.UUID) (rows.Template, error) {
	row, err := rows.One[rows.Template](ctx, t, usable(rows.All[rows.Template](), member, id).For("NO KEY UPDATE"))
	if errors.Is(err, pgx.ErrNoRows) {
		return row, notFound()
	}
	if err == nil && row.StaffID == nil && !member.ManagesTemplates {
		err = forbiddenTemplate()
	}
	return row, err
}

// usable narrows a select of templates to one, if the member may use it.
func usable(query *rows.SelectQuery, member adapters.Member, id uuid.UUID) *rows.SelectQuery {
	return query.Where("t.id = ? AND t.organisation_id = ?", rows.V(id), rows.V(member.Organisation)).
		Where("(t.staff_id IS NULL OR t.staff_id = ?) AND t.archived_at IS NULL", rows.V(member.ID))
}

func forbiddenTemplate() error {
	return fail(CodeForbidden, "You may use your organisation's templates, but not change them.")
}

var languageTag = regexp.MustCompile(`^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$`)

// checked refuses what can be refused without knowing anything, and returns the texts as they are kept.
func (p TemplateParams) checked() (TemplateParams, error) {
	var err error
	for field, text := range map[string]*string{"title": &p.Title, "subject": &p.Subject, "body": &p.Body} {
		if *text, err = plain(field, *text); err != nil {
			return p, err
		}
	}
	p.Title = strings.TrimSpace(p.Title)
	switch {
	case p.Scope != TemplateOfOrganisation && p.Scope != TemplateOwn:
		return p, invalid("scope", `The scope is "organisation" or "own".`)
	case blank(p.Title):
		return p, invalid("title", "Enter a title.")
	case utf8.RuneCountInString(p.Title) > MaxTitle:
		return p, invalid("title", "The title must be 100 characters or fewer.")
	case hasControl(p.Title):
		return p, invalid("title", "The title must be one line without control characters.")
	case len(p.Language) > MaxLanguage || !languageTag.MatchString(p.Language):
		return p, invalid("language", `The language is a tag such as "cy" or "en-GB".`)
	case p.Expects != "" && p.Expects != "acknowledgement" && p.Expects != "reply":
		return p, invalid("expects", `What is expected is an "acknowledgement" or a "reply".`)
	}
	return p, checkText(p.Medium, p.Private, p.Subject, p.Body)
}

func oneTemplate(id uuid.UUID) rows.Args {
	return rows.Args{"id": &id, "medium": "", "words": []string{}, "after": nil, "limit": 1}
}

// findTemplates are templates that the member may use, by title.
func findTemplates(
	ctx context.Context, q rows.Querier, member adapters.Member, which rows.Args,
) ([]Template, error) {
	type row struct {
		ID                   uuid.UUID
		Own                  bool
		Version              int
		Medium               adapters.Medium
		Title, Subject, Body string
		Language             string
		Private              bool
		Expects              string
		Used                 int
	}
	which["organisation"], which["staff"] = member.Organisation, member.ID
	found, err := rows.List[row](ctx, q, rows.File("templates", which))
	return column(found, func(r row) Template {
		scope := TemplateOfOrganisation
		if r.Own {
			scope = TemplateOwn
		}
		return Template{
			r.ID,
			TemplateParams{scope, r.Medium, r.Title, r.Subject, r.Body, r.Language, r.Private, r.Expects, ""},
			r.Version, r.Used,
		}
	}), err
}

// TemplateVersion is which template a message was written with; zero without one.
type TemplateVersion struct {
	ID      uuid.UUID
	Version int // that was the last when the message was accepted
}

// templateFor is the present version of a template that a member writes with; zero for no template. Error:
// CodeNotFound where they may not use it, or it is archived.
func (m *Messenger) templateFor(ctx context.Context, member adapters.Member, id uuid.UUID) (TemplateVersion, error) {
	if id == uuid.Nil {
		return TemplateVersion{}, nil
	}
	found, err := rows.One[TemplateVersion](ctx, m.db(),
		usable(rows.Select[rows.Template]().Column("id", "version"), member, id))
	if errors.Is(err, pgx.ErrNoRows) {
		err = notFound()
	}
	return found, err
}

// stillUsable is a draft's template, zero where the member may not use it any more: the text is worth keeping all the
// same.
func (m *Messenger) stillUsable(ctx context.Context, member adapters.Member, id uuid.UUID) (uuid.UUID, error) {
	found, err := m.templateFor(ctx, member, id)
	if CodeOf(err) == CodeNotFound {
		err = nil
	}
	return found.ID, err
}

// columns are a template as a message's row has it.
func (v TemplateVersion) columns() (id *uuid.UUID, version *int) {
	if v.ID == uuid.Nil {
		return nil, nil
	}
	return &v.ID, &v.Version
}

// useTemplate counts a send with a template, for who sent it.
func useTemplate(ctx context.Context, t tx, v TemplateVersion, staff adapters.StaffID) error {
	_, err := rows.Exec(ctx, t, rows.Insert(&rows.TemplateUse{TemplateID: v.ID, StaffID: staff, Uses: 1}).
		On("CONFLICT (template_id, staff_id) DO UPDATE").Set("uses = tu.uses + 1"))
	return err
}

// writeUse counts a message that was written with a template, and has the channel's history say so.
func writeUse(ctx context.Context, t tx, o newMessage, channel rows.Channel) error {
	s := o.actor
	err := t.writeHistory(ctx, logEntry{
		channel: channel, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: ActionTemplateUsed, message: o.row.ID,
	})
	if err != nil {
		return err
	}
	// last of all rows that others may wait for: it is held while a channel's status changes the counters of its inbox
	return useTemplate(ctx, t, TemplateVersion{ID: *o.row.TemplateID}, s.member.ID)
}
