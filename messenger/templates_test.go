package messenger_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// fay manages the templates of north, and nothing else.
func (b *bundle) templateManager(t *testing.T) context.Context {
	t.Helper()
	b.staff.Add(adapters.Member{
		ID: "fay", Name: "Fay Okonkwo", Organisation: north, Media: []adapters.Medium{adapters.Email}, ManagesTemplates: true,
	})
	return as(t, "fay")
}

func template(scope messenger.TemplateScope, title string) messenger.TemplateParams {
	return messenger.TemplateParams{
		Scope: scope, Medium: adapters.Email, Title: title, Subject: "Hello", Body: "Dear {{first_name}}, see you soon.",
	}
}

// template makes one, or fails the test.
func (b *bundle) template(t *testing.T, ctx context.Context, p messenger.TemplateParams) messenger.Template {
	t.Helper()
	made, err := b.CreateTemplate(ctx, p)
	require.NoError(t, err)
	return made
}

// titles are what a page of templates has, in its order.
func (b *bundle) titles(t *testing.T, ctx context.Context, p messenger.TemplatesParams) []string {
	t.Helper()
	list := []string{}
	for {
		page, err := b.Templates(ctx, p)
		require.NoError(t, err)
		for _, one := range page.Items {
			list = append(list, one.Title)
		}
		if p.Cursor = page.Next; p.Cursor == "" {
			return list
		}
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fay, amira := b.templateManager(t), as(t, "amira")
	p := messenger.TemplateParams{
		Scope: messenger.TemplateOfOrganisation, Medium: adapters.Email, Title: " Élan club ", Subject: "Élan",
		Body: "Dear {{first_name}},\r\n((when)) {where}", Language: "cy", Private: true, Expects: "reply",
	}
	elan := b.template(t, fay, p)
	p.Title, p.Body = "Élan club", "Dear {{first_name}},\n((when)) {where}"
	require.Equal(t, messenger.Template{ID: elan.ID, TemplateParams: p, Version: 1}, elan)
	keyed := template(messenger.TemplateOwn, "My own")
	keyed.Key = "once"
	var twice [2]messenger.Template
	var errs [2]error
	together(2, func(i int) { twice[i], errs[i] = b.CreateTemplate(amira, keyed) })
	require.NoError(t, errors.Join(errs[:]...))
	own := b.template(t, amira, keyed)
	require.Equal(t, [2]messenger.Template{own, own}, twice, "a repeated key makes no second")
	keyed.Body = "Another"
	_, err := b.CreateTemplate(amira, keyed)
	requireCode(t, messenger.CodeKeyReused, err)
	short := template(messenger.TemplateOfOrganisation, "Appointment")
	short.Medium, short.Subject = adapters.SMS, ""
	b.template(t, fay, short)
	b.template(t, as(t, "esther"), template(messenger.TemplateOwn, "Of the south"))

	all := messenger.TemplatesParams{}
	require.Equal(t, []string{"Appointment", "Élan club", "My own"}, b.titles(t, amira, all))
	all.Limit = 1
	require.Equal(t, []string{"Appointment", "Élan club", "My own"}, b.titles(t, amira, all))
	require.Equal(t, []string{"Appointment", "Élan club"}, b.titles(t, as(t, "ben"), all))
	require.Equal(t, []string{"Of the south"}, b.titles(t, as(t, "esther"), all))
	for query, want := range map[string][]string{
		"elan": {"Élan club"}, "CLUB él": {"Élan club"}, "club own": {}, "%": {}, " ": {"Appointment", "Élan club", "My own"},
	} {
		require.Equal(t, want, b.titles(t, amira, messenger.TemplatesParams{Query: query}), query)
	}
	require.Equal(t, []string{"Appointment"}, b.titles(t, amira, messenger.TemplatesParams{Medium: adapters.SMS}))
	for field, wrong := range map[string]messenger.TemplatesParams{
		"q": {Query: strings.Repeat("x", 201)}, "medium": {Medium: "web"}, "limit": {PageParams: messenger.PageParams{Limit: 101}},
		"cursor": {PageParams: messenger.PageParams{Cursor: "x"}},
	} {
		_, err := b.Templates(amira, wrong)
		requireField(t, field, err)
	}

	p.Title, p.Private, p.Key = "Old wives", false, "twice"
	_, err = b.UpdateTemplate(fay, elan.ID, p)
	require.NoError(t, err)
	made, err := b.UpdateTemplate(fay, elan.ID, p) // makes no third
	require.NoError(t, err)
	p.Key = ""
	require.Equal(t, messenger.Template{ID: elan.ID, TemplateParams: p, Version: 2}, made)
	require.NoError(t, b.ArchiveTemplate(amira, own.ID))
	require.Equal(t, []string{"Appointment", "Old wives"}, b.titles(t, amira, messenger.TemplatesParams{}))
	requireCode(t, messenger.CodeNotFound, b.ArchiveTemplate(amira, own.ID))
	_, err = b.UpdateTemplate(amira, own.ID, template(messenger.TemplateOwn, "Again"))
	requireCode(t, messenger.CodeNotFound, err)
	require.Equal(t, 2, count(t, b.pool, "select count(*) from messenger_template_versions where template_id = $1", elan.ID), "each version is kept")
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_templates where id = $1", own.ID), "what was archived is kept")
}

// Who may change which: the organisation's only who manages templates; one's own nobody else, not even they.
func TestWhoMayChangeTemplates(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fay, amira := b.templateManager(t), as(t, "amira")
	shared := b.template(t, fay, template(messenger.TemplateOfOrganisation, "Shared"))
	own := b.template(t, amira, template(messenger.TemplateOwn, "Own"))
	for name, c := range map[string]struct {
		who    context.Context
		id     uuid.UUID
		scope  messenger.TemplateScope
		change messenger.Code
		drop   messenger.Code
	}{
		"the organisation's, by whom manages none":    {amira, shared.ID, messenger.TemplateOfOrganisation, messenger.CodeForbidden, messenger.CodeForbidden},
		"another's own, by who manages":               {fay, own.ID, messenger.TemplateOfOrganisation, messenger.CodeNotFound, messenger.CodeNotFound},
		"another's own":                               {as(t, "ben"), own.ID, messenger.TemplateOwn, messenger.CodeNotFound, messenger.CodeNotFound},
		"another organisation's":                      {as(t, "esther"), shared.ID, messenger.TemplateOwn, messenger.CodeNotFound, messenger.CodeNotFound},
		"one that is not there":                       {fay, uuid.New(), messenger.TemplateOwn, messenger.CodeNotFound, messenger.CodeNotFound},
		"the organisation's for oneself":              {amira, shared.ID, messenger.TemplateOwn, messenger.CodeForbidden, messenger.CodeForbidden},
		"the organisation's, where nobody is said so": {as(t, "dev"), shared.ID, messenger.TemplateOfOrganisation, messenger.CodeForbidden, messenger.CodeForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.UpdateTemplate(c.who, c.id, template(c.scope, "Changed"))
			requireCode(t, c.change, err)
			requireCode(t, c.drop, b.ArchiveTemplate(c.who, c.id))
		})
	}
	_, err := b.CreateTemplate(amira, template(messenger.TemplateOfOrganisation, "New"))
	requireCode(t, messenger.CodeForbidden, err)
	_, err = b.UpdateTemplate(amira, own.ID, template(messenger.TemplateOfOrganisation, "For all"))
	requireCode(t, messenger.CodeForbidden, err)
	require.Equal(t, []string{"Own", "Shared"}, b.titles(t, amira, messenger.TemplatesParams{}))

	mine := b.template(t, fay, template(messenger.TemplateOwn, "Fay's"))
	_, err = b.UpdateTemplate(fay, mine.ID, template(messenger.TemplateOfOrganisation, "Fay's for all"))
	require.NoError(t, err)
	require.Equal(t, []string{"Fay's for all", "Own", "Shared"}, b.titles(t, amira, messenger.TemplatesParams{}))
}

func TestTemplatesThatCannotBe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for field, change := range map[string]func(p *messenger.TemplateParams){
		"scope":           func(p *messenger.TemplateParams) { p.Scope = "" },
		"medium":          func(p *messenger.TemplateParams) { p.Medium = "web" },
		"title":           func(p *messenger.TemplateParams) { p.Title = " \u200b" },
		"title, long":     func(p *messenger.TemplateParams) { p.Title = strings.Repeat("ö", 101) },
		"title, lines":    func(p *messenger.TemplateParams) { p.Title = "One\ntwo" },
		"subject":         func(p *messenger.TemplateParams) { p.Subject = "" },
		"subject, long":   func(p *messenger.TemplateParams) { p.Subject = strings.Repeat("ö", 201) },
		"subject, of sms": func(p *messenger.TemplateParams) { p.Medium = adapters.SMS },
		"body":            func(p *messenger.TemplateParams) { p.Body = " \n" },
		"body, long":      func(p *messenger.TemplateParams) { p.Body = strings.Repeat("ö", 50_001) },
		"body, zero":      func(p *messenger.TemplateParams) { p.Body = "a\x00b" },
		"body, of sms": func(p *messenger.TemplateParams) {
			p.Medium, p.Subject, p.Body = adapters.SMS, "", strings.Repeat("x", 919)
		},
		"language": func(p *messenger.TemplateParams) { p.Language = "Welsh please" },
		"expects":  func(p *messenger.TemplateParams) { p.Expects = "flowers" },
	} {
		p := template(messenger.TemplateOwn, "Welcome")
		change(&p)
		_, err := b.CreateTemplate(as(t, "amira"), p)
		name, _, _ := strings.Cut(field, ",")
		requireField(t, name, err)
	}
	p := template(messenger.TemplateOwn, strings.Repeat("ö", 100))
	p.Subject, p.Body, p.Language = strings.Repeat("ö", 200), strings.Repeat("ö", 50_000), "zh-Hant-TW"
	b.template(t, as(t, "amira"), p)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_templates"))
}

// A message says which template it was written with, in the version of the moment, and each counts once.
func TestSendWithATemplate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fay, amira := b.templateManager(t), as(t, "amira")
	shared := b.template(t, fay, template(messenger.TemplateOfOrganisation, "Shared"))
	own := b.template(t, as(t, "ben"), template(messenger.TemplateOwn, "Ben's"))
	used := func() int {
		page, err := b.Templates(amira, messenger.TemplatesParams{})
		require.NoError(t, err)
		return page.Items[0].Used
	}
	p := email("grace", "Dear {{first_name}}, see you soon.")
	p.Template, p.Key = shared.ID, "once"
	first := b.send(t, "amira", p)
	require.Equal(t, messenger.TemplateVersion{ID: shared.ID, Version: 1}, first.Message.Template)
	require.Equal(t, "Dear Grace, see you soon.", first.Message.Body)
	again := b.send(t, "amira", p).Message
	require.Equal(t, first.Message.ID, again.ID)
	require.Equal(t, first.Message.Template, again.Template)
	require.Equal(t, 1, used(), "a repeat sends nothing")
	require.Equal(t, []string{"amira:created", "amira:sent", "amira:template_used"}, b.actions(t, first.Channel))

	_, err := b.UpdateTemplate(fay, shared.ID, template(messenger.TemplateOfOrganisation, "Shared"))
	require.NoError(t, err)
	p.Key, p.Then = "", messenger.Done
	second := b.send(t, "ben", messenger.SendParams{
		Channel: first.Channel.ID, Medium: adapters.Email, Subject: "Hello", Body: "See you", Template: shared.ID, Then: messenger.Done,
	})
	require.Equal(t, 2, second.Message.Template.Version)
	require.Equal(t, 1, b.message(t, first.Channel, first.Message.ID).Template.Version)
	require.Equal(t, 2, used())
	require.Zero(t, b.send(t, "amira", email("sian", "Hello")).Message.Template)

	prepared, err := b.Prepare(amira, p)
	require.NoError(t, err)
	tx, err := b.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = prepared.SendTx(t.Context(), tx)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))
	require.Equal(t, 2, used(), "nothing was sent")

	require.NoError(t, b.ArchiveTemplate(fay, shared.ID))
	for name, id := range map[string]uuid.UUID{"archived": shared.ID, "another's own": own.ID, "unknown": uuid.New()} {
		p.Template = id
		_, err := b.Send(amira, p)
		requireCode(t, messenger.CodeNotFound, err)
		_, err = b.Check(amira, p)
		requireCode(t, messenger.CodeNotFound, err)
		to := reminder()
		to.Clients, to.Template = []adapters.ClientID{"sian"}, id
		_, err = b.PreviewBroadcast(amira, to)
		requireCode(t, messenger.CodeNotFound, err)
		draft, err := b.SaveDraft(amira, "sian", messenger.Draft{Medium: adapters.Email, Body: "Not lost", Template: id})
		require.NoError(t, err)
		require.Equal(t, messenger.Draft{Medium: adapters.Email, Body: "Not lost", Key: draft.Key}, draft, name)
	}
	require.Equal(t, 2, b.message(t, first.Channel, second.Message.ID).Template.Version, "it goes on naming it")
}

func TestBroadcastWithATemplate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira := as(t, "amira")
	own := b.template(t, amira, template(messenger.TemplateOwn, "Own"))
	p := reminder()
	p.Clients, p.Template = []adapters.ClientID{"grace", "sian"}, own.ID
	broadcast, err := b.SendBroadcast(amira, p)
	require.NoError(t, err)
	require.NoError(t, b.ArchiveTemplate(amira, own.ID))
	require.NoError(t, b.fanOut(t, broadcast.ID))
	for _, id := range messagesOf(t, b, broadcast.ID) {
		require.Equal(t, 1, count(t, b.pool, `select count(*) from messenger_messages m join messenger_history h on h.message_id = m.id
			where m.id = $1 and template_id = $2 and template_version = 1 and action = 'template_used'`, id, own.ID))
	}
	require.Equal(t, 1, count(t, b.pool, "select uses from messenger_template_uses where template_id = $1", own.ID))

	b.fannedOut(t, "grace")
	require.Equal(t, 2, count(t, b.pool, "select count(*) from messenger_history where action = 'template_used'"))
	again := b.template(t, amira, template(messenger.TemplateOwn, "Again"))
	p.Template, p.Body = again.ID, "See you on ((day))"
	_, err = b.SendBroadcast(amira, p)
	requireCode(t, messenger.CodeTemplatePlaceUnfilled, err)
}

// With a template nothing goes out that still has a place in it; without one, brackets are prose.
func TestPlacesThatAreNotFilledIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira := as(t, "amira")
	own := b.template(t, amira, template(messenger.TemplateOwn, "Own"))
	for body, code := range map[string]messenger.Code{
		"Come on {day}":                            messenger.CodeTemplatePlaceUnfilled,
		"Come on ((day))":                          messenger.CodeTemplatePlaceUnfilled,
		"Come on (( appointment date ))":           messenger.CodeTemplatePlaceUnfilled,
		"Dear {first_name}":                        messenger.CodeTemplatePlaceUnfilled,
		"Dear ((name))":                            messenger.CodeTemplatePlaceUnfilled,
		"Dear {\u00a0first\u00adname\u00a0}":       messenger.CodeTemplatePlaceUnfilled,
		"Annwyl {enw’r_cleient}":                   messenger.CodeTemplatePlaceUnfilled,
		"Come on {{day}}":                          messenger.CodeUnknownPlaceholder,
		"Dear {{ First_Name }}":                    messenger.CodeUnknownPlaceholder,
		"{{first_name}}, I said {{ First_Name }}":  messenger.CodeUnknownPlaceholder,
		"{{first_name}}, dear {{ first_name }}":    "",
		"On {day}, I say, on {day}":                messenger.CodeTemplatePlaceUnfilled,
		"Dear {{\u00a0first_name\u00a0}}":          "",
		"Dear {{\u200bfirst_name}}":                "",
		"At {{reply_link}}":                        "",
		"Bring water (and a coat)":                 "",
		"((It rains, so bring a coat.))":           "",
		"A set {1, 2} and {} and (( ))":            "",
		"f(g(x)) and {see the next page for more}": "",
	} {
		p := email("grace", body)
		p.Template = own.ID
		_, err := b.Check(amira, p)
		require.Equal(t, code, messenger.CodeOf(err), body)
		_, err = b.Send(amira, p)
		require.Equal(t, code, messenger.CodeOf(err), body)
		if code == messenger.CodeTemplatePlaceUnfilled {
			requireFieldOf(t, "body", err)
			p.Template = uuid.Nil
			require.Equal(t, body, b.send(t, "amira", p).Message.Body, "without a template it goes out as it is")
		}
	}
	p := email("grace", "Hello")
	p.Template, p.Subject = own.ID, "Your visit on {day}"
	_, err := b.Send(amira, p)
	requireFieldOf(t, "subject", err)

	b.clients.Put(north, adapters.Client{ID: "odd", Name: "{Odd}", FirstName: "{Odd}", Email: "odd@example.org"})
	p = email("odd", "Dear {{first_name}}")
	p.Template = own.ID
	require.Equal(t, "Dear {Odd}", b.send(t, "amira", p).Message.Body, "a client's name is no place")
}

func TestAdviceOnMisspeltPlaceholders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for body, want := range map[string]string{
		"Dear {first_name}":              "{first_name} is not filled in: it goes out as it stands. Write {{first_name}} instead.",
		"Dear ((Name))":                  "((Name)) is not filled in: it goes out as it stands. Write {{first_name}} instead.",
		"From {\u00a0Staff\u00a0name }":  "{\u00a0Staff\u00a0name } is not filled in: it goes out as it stands. Write {{staff_name}} instead.",
		"At ((organisation_name))":       "((organisation_name)) is not filled in: it goes out as it stands. Write {{organisation}} instead.",
		"Reply: {reply-link}":            "{reply-link} is not filled in: it goes out as it stands. Write {{reply_link}} instead.",
		"Dear {{first_name}} (the name)": "",
		"Come on ((day)) {or not}":       "",
	} {
		checked, err := b.Check(as(t, "amira"), email("grace", body))
		require.NoError(t, err)
		rules := advised(t, checked)
		if want == "" {
			require.NotContains(t, rules, "place", body)
			continue
		}
		require.Contains(t, rules, "place", body)
		require.Equal(t, want, checked.Advice[slices.Index(rules, "place")].Text)
	}
}

// A draft remembers what it was begun with, and the message that is sent of it nothing but what it names.
func TestDraftWithATemplate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira := as(t, "amira")
	own := b.template(t, amira, template(messenger.TemplateOwn, "Own"))
	want := messenger.Draft{Medium: adapters.Email, Subject: "Hello", Body: "Dear", Template: own.ID}
	draft, err := b.SaveDraft(amira, "grace", want)
	require.NoError(t, err)
	want.Key = draft.Key
	require.Equal(t, want, draft)
	page, err := b.Client(amira, "grace")
	require.NoError(t, err)
	require.Equal(t, &want, page.Draft)

	p := email("grace", "Hello")
	p.Template, p.SendAfter = own.ID, b.Now(t.Context()).Add(time.Hour)
	edited, err := b.Edit(amira, b.send(t, "amira", p).Message.ID)
	require.NoError(t, err)
	require.Equal(t, own.ID, edited.Template, "what is edited is the template's still")
	later := b.send(t, "amira", p)

	saved, err := b.SaveDraft(amira, "grace", want)
	require.NoError(t, err)
	want.Key = saved.Key
	require.NoError(t, b.ArchiveTemplate(amira, own.ID))
	page, err = b.Client(amira, "grace")
	require.NoError(t, err)
	want.Template = uuid.Nil
	require.Equal(t, &want, page.Draft, "a template that is gone takes no text with it")
	edited, err = b.Edit(amira, later.Message.ID)
	require.NoError(t, err)
	require.Equal(t, uuid.Nil, edited.Template)
}

// A request from before there were templates keeps its digest: its repeat is known.
func TestDigestOfARequestWithoutATemplate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := email("grace", "Hello")
	p.Key = "once"
	first := b.send(t, "amira", p)
	// of {"Channel":…,"Client":"grace",…,"Override":"","Key":"","Actor":null}, as it was made before
	exec(t, b, `update messenger_messages set idempotency_hash = sha256(convert_to('{"Channel":"00000000-0000-0000-0000-000000000000","Client":"grace",'
		|| '"Medium":"email","Subject":"Hello","Body":"Hello","NoReplyLink":false,"SendAfter":"0001-01-01T00:00:00Z","Then":"","Override":"","Key":"","Actor":null}',
		'UTF8')) where id = $1`, first.Message.ID)
	require.Equal(t, first.Message.ID, b.send(t, "amira", p).Message.ID)
}

// A template keeps no link of a client's: everybody may send it to others.
func TestTemplatesKeepNoLink(t *testing.T) {
	t.Parallel()
	b := setup(t)
	link := "https://north.example.org/m/r/" + b.token(t, b.send(t, "amira", email("grace", "Hello")).Channel)
	made := b.template(t, as(t, "amira"), messenger.TemplateParams{
		Scope: messenger.TemplateOwn, Medium: adapters.Email, Title: "T " + link, Subject: "S " + link, Body: "B " + link,
	})
	require.Equal(t, []string{"T [reply link]", "S [reply link]", "B {{reply_link}}"}, []string{made.Title, made.Subject, made.Body})
}

func requireField(t *testing.T, field string, err error) {
	t.Helper()
	requireCode(t, messenger.CodeInvalid, err)
	requireFieldOf(t, field, err)
}

func requireFieldOf(t *testing.T, field string, err error) {
	t.Helper()
	var told *messenger.Error
	require.ErrorAs(t, err, &told)
	require.Equal(t, field, told.Field, told.Message)
}
