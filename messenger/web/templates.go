package web

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerNewTemplate is what a template says. The service checks its texts: nothing of them may come back in an
// error.
type messengerNewTemplate struct {
	Scope    string `json:"scope" enum:"organisation,own" doc:"Who may use it."`
	Medium   string `json:"medium" enum:"email,sms"`
	Title    string `json:"title" doc:"How staff find it: 1 to 100 characters."`
	Subject  string `json:"subject,omitempty" doc:"An email's, as a message's."`
	Body     string `json:"body" doc:"As a message's; it may have places in brackets to fill in by hand."`
	Language string `json:"language,omitempty" doc:"A tag of BCP 47: cy."`
	Private  bool   `json:"private,omitempty" doc:"For messages that are read behind the reply link."`
	Expects  string `json:"expects,omitempty" enum:"acknowledgement,reply"`
}

// messengerTemplate is a template as its last version has it.
type messengerTemplate struct {
	ID       string                  `json:"id" format:"uuid"`
	Scope    messenger.TemplateScope `json:"scope" doc:"organisation, or own: the asker's."`
	Medium   adapters.Medium         `json:"medium" doc:"email or sms."`
	Title    string                  `json:"title"`
	Subject  string                  `json:"subject"`
	Body     string                  `json:"body"`
	Language string                  `json:"language"`
	Private  bool                    `json:"private"`
	Expects  string                  `json:"expects" doc:"acknowledgement or reply; empty: nothing."`
	Version  int                     `json:"version" doc:"From 1; each PUT makes one."`
	Used     int                     `json:"used" doc:"How often it was sent with; a broadcast counts once."`
}

func wireTemplate(t messenger.Template) messengerTemplate {
	return messengerTemplate{
		t.ID.String(), t.Scope, t.Medium, t.Title, t.Subject, t.Body, t.Language, t.Private, t.Expects, t.Version, t.Used,
	}
}

// messengerTemplateVersion is which template a message was written with.
type messengerTemplateVersion struct {
	ID      string `json:"id" format:"uuid"`
	Version int    `json:"version" doc:"The last when the message was accepted."`
}

func wireTemplateVersion(v messenger.TemplateVersion) *messengerTemplateVersion {
	if v.ID == uuid.Nil {
		return nil
	}
	return &messengerTemplateVersion{v.ID.String(), v.Version}
}

type templatesInput struct {
	Query  string `query:"q" maxLength:"200" doc:"Words of the title, in any order, case and accents ignored."`
	Medium string `query:"medium" enum:"email,sms" doc:"Absent: both."`
	Cursor string `query:"cursor" maxLength:"2000" doc:"What a former page gave as next; the first page without."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many to answer at most."`
}

// GET /templates
func (a *staffAPI) templates(
	ctx context.Context, in *templatesInput,
) (*body[messengerPage[messengerTemplate]], error) {
	found, err := a.m.Templates(ctx, messenger.TemplatesParams{
		Query: in.Query, Medium: adapters.Medium(in.Medium), PageParams: paging(in.Cursor, in.Limit),
	})
	if err != nil {
		return nil, err
	}
	return page(found, wireTemplate), nil
}

func templateParams(in messengerNewTemplate) messenger.TemplateParams {
	return messenger.TemplateParams{
		Scope: messenger.TemplateScope(in.Scope), Medium: adapters.Medium(in.Medium), Title: in.Title, Subject: in.Subject,
		Body: in.Body, Language: in.Language, Private: in.Private, Expects: in.Expects,
	}
}

type newTemplateInput struct {
	Key  string `header:"Idempotency-Key" minLength:"1" maxLength:"255" pattern:"^[!-~]+$" doc:"Makes a repeat safe."`
	Body messengerNewTemplate
}

// POST /templates
func (a *staffAPI) createTemplate(ctx context.Context, in *newTemplateInput) (*body[messengerTemplate], error) {
	params := templateParams(in.Body)
	params.Key = in.Key
	made, err := a.m.CreateTemplate(ctx, params)
	if err != nil {
		return nil, err
	}
	return answer(wireTemplate(made)), nil
}

type templateInput struct {
	ID   string `path:"id"`
	Key  string `header:"Idempotency-Key" minLength:"1" maxLength:"255" pattern:"^[!-~]+$" doc:"Makes a repeat safe."`
	Body messengerNewTemplate
}

// PUT /templates/{id}
func (a *staffAPI) updateTemplate(ctx context.Context, in *templateInput) (*body[messengerTemplate], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	params := templateParams(in.Body)
	params.Key = in.Key
	made, err := a.m.UpdateTemplate(ctx, id, params)
	if err != nil {
		return nil, err
	}
	return answer(wireTemplate(made)), nil
}

// DELETE /templates/{id}
func (a *staffAPI) archiveTemplate(ctx context.Context, in *byID) (*none, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, a.m.ArchiveTemplate(ctx, id)
}
