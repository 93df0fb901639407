package web

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerClient is a client as staff may see them now.
type messengerClient struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	NHSNumber   string       `json:"nhs_number,omitempty" doc:"As people read it: 999 000 0018."`
	DateOfBirth string       `json:"date_of_birth,omitempty" format:"date"`
	GP          *messengerGP `json:"gp,omitempty"`
	Email       string       `json:"email,omitempty" doc:"Absent when not recorded, or restricted."`
	Phone       string       `json:"phone,omitempty" doc:"E.164. Absent when not recorded, or restricted."`
	Restricted  bool         `json:"restricted"`
	Deceased    bool         `json:"deceased"`
	ProfileURL  string       `json:"profile_url,omitempty" doc:"The host's page of this client."`

	SafeContact *messengerSafeContact `json:"safe_contact,omitempty" doc:"How it is safe to write to them."`
	Needs       []string              `json:"needs" nullable:"false" doc:"To read or to speak: large print."`
	Language    string                `json:"language,omitempty" doc:"A BCP 47 tag: the words of notices and of the page."`
}

type messengerGP struct {
	Name string `json:"name,omitempty"`
	ODS  string `json:"ods_code,omitempty"`
}

type messengerActions struct {
	Email messengerAction `json:"send_email"`
	SMS   messengerAction `json:"send_sms"`
}

type messengerAction struct {
	Allowed bool   `json:"allowed"`
	Why     string `json:"why,omitempty"`
}

func wireClient(p messenger.Person) messengerClient {
	return messengerClient{
		ID: string(p.ID), Name: p.Name, NHSNumber: p.NHSNumber, DateOfBirth: p.DateOfBirth,
		GP: optional(messengerGP{p.GP.Name, p.GP.ODSCode}), Email: p.Email, Phone: p.Phone,
		Restricted: p.Restricted, Deceased: p.Deceased, ProfileURL: p.ProfileURL,
		SafeContact: wireSafeContact(p.SafeContact), Needs: append([]string{}, p.Needs...), Language: p.Language,
	}
}

func wireAction(a messenger.Action) messengerAction { return messengerAction{a.Allowed, string(a.Why)} }

func wireActions(a messenger.Actions) messengerActions {
	return messengerActions{wireAction(a.SendEmail), wireAction(a.SendSMS)}
}

// messengerDraft is a staff member's own unsent text for one client.
type messengerDraft struct {
	Medium    string           `json:"medium,omitempty" enum:"email,sms"`
	Subject   string           `json:"subject" required:"false" doc:"Up to 200 characters."`
	Body      string           `json:"body" required:"false" doc:"Up to 50,000 characters."`
	Private   bool             `json:"private" required:"false" doc:"It is to be a private message."`
	SendLocal *messengerLocal  `json:"send_local,omitempty" doc:"When it is to go out; it may be over, or not exist."`
	Unless    messenger.Unless `json:"unless,omitempty" enum:"replied"`
	Expects   string           `json:"expects,omitempty" enum:"acknowledgement,reply" doc:"As a message's."`
	By        string           `json:"expect_by,omitempty" doc:"As a message's; it may be over."`

	Template *string `json:"template_id,omitempty"`
	Key      string  `json:"key,omitempty" readOnly:"true"`
}

func wireDraft(d messenger.Draft) messengerDraft {
	draft := messengerDraft{
		string(d.Medium), d.Subject, d.Body, d.Private, wireLocal(d.SendLocal), d.Unless, string(d.Expects), d.ExpectBy, nil,
		d.Key,
	}
	if d.Template != uuid.Nil {
		draft.Template = new(d.Template.String())
	}
	return draft
}

// messengerClientPage is what a compose form needs to know.
type messengerClientPage struct {
	Client  messengerClient  `json:"client"`
	Actions messengerActions `json:"actions"`
	Channel string           `json:"channel_id,omitempty" format:"uuid" doc:"The asker's own with this client."`
	Draft   *messengerDraft  `json:"draft,omitempty"`
	Hours   *messengerHours  `json:"working_hours,omitempty"`
}

// GET /clients/{client_id}
func (a *staffAPI) client(ctx context.Context, in *byClient) (*body[messengerClientPage], error) {
	found, err := a.m.Client(ctx, adapters.ClientID(in.ClientID))
	if err != nil {
		return nil, err
	}
	answered := messengerClientPage{
		Client: wireClient(found.Person), Actions: wireActions(found.Actions), Channel: optionalID(found.Channel),
		Hours: wireHours(found.Hours),
	}
	if found.Draft != nil {
		answered.Draft = new(wireDraft(*found.Draft))
	}
	return answer(answered), nil
}

type draftInput struct {
	ClientID string `path:"client_id"`
	Body     messengerDraft
}

// PUT /clients/{client_id}/draft
func (a *staffAPI) saveDraft(ctx context.Context, in *draftInput) (*body[messengerDraft], error) {
	template, err := parseOptionalID(in.Body.Template)
	if err != nil {
		return nil, err
	}
	saved, err := a.m.SaveDraft(ctx, adapters.ClientID(in.ClientID), messenger.Draft{
		Medium: adapters.Medium(in.Body.Medium), Subject: in.Body.Subject, Body: in.Body.Body,
		Private: in.Body.Private, SendLocal: localTime(in.Body.SendLocal), Unless: in.Body.Unless,
		Template: template,
		Expects:  messenger.Expectation(in.Body.Expects), ExpectBy: in.Body.By,
	})
	if err != nil {
		return nil, err
	}
	return answer(wireDraft(saved)), nil
}

// DELETE /clients/{client_id}/draft
func (a *staffAPI) deleteDraft(ctx context.Context, in *byClient) (*none, error) {
	return nil, a.m.DeleteDraft(ctx, adapters.ClientID(in.ClientID))
}

// messengerRecipient is a client that can be written to.
type messengerRecipient struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	NHSNumber   string `json:"nhs_number,omitempty"`
	DateOfBirth string `json:"date_of_birth,omitempty" format:"date"`
	Channel     string `json:"channel_id,omitempty" format:"uuid" doc:"The asker's own with this client."`
}

func wireRecipient(r messenger.ClientRow) messengerRecipient {
	return messengerRecipient{string(r.ID), r.Name, r.NHSNumber, r.DateOfBirth, optionalID(r.Channel)}
}

type searchInput struct {
	Query string `query:"q" maxLength:"200" doc:"Part of a name, or the beginning of an NHS number."`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many to answer at most."`
}

// messengerClientSearch is a search for recipients.
type messengerClientSearch struct {
	Query string `json:"q,omitempty" maxLength:"200" doc:"Part of a name, or the beginning of an NHS number."`
	Limit int    `json:"limit,omitempty" minimum:"1" maximum:"100" default:"50" doc:"How many to answer at most."`
}

type findInput struct{ Body *messengerClientSearch }

// POST /clients/search
func (a *staffAPI) findClients(ctx context.Context, in *findInput) (*body[messengerPage[messengerRecipient]], error) {
	search := messengerClientSearch{Limit: messenger.PageLimit}
	if in.Body != nil {
		search = *in.Body
	}
	return a.searchClients(ctx, &searchInput{search.Query, search.Limit})
}

// GET /clients
func (a *staffAPI) searchClients(
	ctx context.Context,
	in *searchInput,
) (*body[messengerPage[messengerRecipient]], error) {
	found, err := a.m.SearchClients(ctx, in.Query, in.Limit)
	if err != nil {
		return nil, err
	}
	return answer(messengerPage[messengerRecipient]{Items: each(found, wireRecipient)}), nil
}

// messengerList is a saved client list of the host's.
type messengerList struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int    `json:"size" doc:"How many clients are on it."`
}

func wireList(l adapters.List) messengerList { return messengerList{string(l.ID), l.Name, l.Size} }

// GET /lists
func (a *staffAPI) lists(ctx context.Context, _ *none) (*body[messengerPage[messengerList]], error) {
	found, err := a.m.ClientLists(ctx)
	if err != nil {
		return nil, err
	}
	return answer(messengerPage[messengerList]{Items: each(found, wireList)}), nil
}

// GET /lists/{id}/clients
func (a *staffAPI) listMembers(ctx context.Context, in *pageByID) (*body[messengerPage[messengerRecipient]], error) {
	found, err := a.m.ListMembers(ctx, adapters.ListID(in.ID), paging(in.Cursor, in.Limit))
	if err != nil {
		return nil, err
	}
	return page(found, wireRecipient), nil
}
