package messenger_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// quoting is a carrier and a record whose ids have in them what it quotes.
type quoting struct {
	adapters.Sender
	quote string
}

func (q *quoting) Find(context.Context, adapters.Outgoing) (adapters.Receipt, error) {
	return adapters.Receipt{Status: adapters.Delivered, Via: "email", ProviderID: q.quote}, nil
}

func (q *quoting) Write(context.Context, adapters.Entry) (adapters.Filed, error) {
	return adapters.Filed{Reference: q.quote, Version: q.quote}, nil
}

func (q *quoting) Amend(context.Context, adapters.Filed, adapters.Entry) (adapters.Filed, error) {
	return adapters.Filed{Reference: q.quote, Version: q.quote}, nil
}

// Wherever a text is typed, or a name or an id given by somebody else, what is kept and told has no link in it, and has
// what stood beside it; an id is kept as its digest.
func TestNoPlaceKeepsALink(t *testing.T) {
	t.Parallel()
	type world struct {
		*bundle
		t       *testing.T
		channel messenger.Channel // with the client whose link is quoted
		quote   string
	}
	named := func(id adapters.StaffID, name string) adapters.Member {
		return adapters.Member{
			ID: id, Name: name, Organisation: north, Media: []adapters.Medium{adapters.Email},
		}
	}
	for name, told := range map[string]func(w world) (any, error){
		"a fallback's name": func(w world) (any, error) {
			w.staff.Add(named("fay", w.quote))
			w.staff.Share("fay", adapters.Inbox{Staff: "amira", MayAct: true})
			w.orgs.Put(adapters.Organisation{ID: north, Fallback: []adapters.StaffID{"fay"}})
			if err := w.StaffLeft(w.t.Context(), north, "amira", ""); err != nil {
				return nil, err
			}
			opened, err := w.Channel(as(w.t, "ben"), w.channel.ID)
			return opened.Cover, err
		},
		"an organisation's name": func(w world) (any, error) {
			w.orgs.Put(adapters.Organisation{ID: north, Name: w.quote})
			return w.Organisation(w.t.Context(), north)
		},
		"a note's reference": func(w world) (any, error) {
			p := note("Rang")
			p.File = true
			added := w.add(w.t, "amira", w.channel, p)
			return nil, w.Jobs().FileNote(as(w.t, "amira"), added.ID, 1)
		},
		"a program's name": func(w world) (any, error) {
			p, by := email("sian", "Hello from {{staff_name}}"), named("robot", w.quote)
			p.Actor = &by
			return w.Send(w.t.Context(), p)
		},
		"an asked provider's id": func(w world) (any, error) {
			sent := w.send(w.t, "amira", email("sian", "Hello"))
			w.deliver(w.t, sent.Message.ID, 1)
			return nil, w.Jobs().AskReceipt(w.t.Context(), sent.Message.ID, 1)
		},
		"a broadcast's subject": func(w world) (any, error) {
			p := reminder()
			p.Medium, p.Subject, p.Clients = adapters.Email, w.quote, []adapters.ClientID{"sian"}
			return w.SendBroadcast(as(w.t, "amira"), p)
		},
		"an absence's note": func(w world) (any, error) {
			return w.SetAbsence(as(w.t, "amira"), "amira", messenger.AbsenceParams{
				From: w.Now(w.t.Context()), Cover: "ben", Note: w.quote,
			})
		},
		"a handover's note": func(w world) (any, error) {
			return w.Handover(as(w.t, "amira"), w.channel.ID, messenger.HandoverParams{To: "ben", Note: w.quote})
		},
		"a note": func(w world) (any, error) {
			return w.AddNote(as(w.t, "amira"), w.channel.ID, note(w.quote))
		},
		"why a message is withdrawn": func(w world) (any, error) {
			sent := w.send(w.t, "amira", private("sian", adapters.Email))
			return w.Withdraw(as(w.t, "amira"), sent.Message.ID, messenger.WithdrawParams{
				Reason: messenger.WithdrawnOther, Note: w.quote,
			})
		},
		"why a text is assigned": func(w world) (any, error) {
			p := w.config.Hooks["texts"].Callbacks.(*memory.Callbacks)
			_, err := w.Callback(w.t.Context(), "texts", p.Request(nil, adapters.InboundText{
				ProviderID: "p-1", From: "+447700900123", To: "+447700900999", Text: "Hello",
			}))
			require.NoError(w.t, err)
			page, err := w.Unmatched(as(w.t, "amira"), messenger.PageParams{})
			require.NoError(w.t, err)
			return w.Assign(as(w.t, "amira"), page.Items[0].ID, messenger.AssignParams{Client: "phone", Reason: w.quote})
		},
		"a template's title": func(w world) (any, error) {
			return w.CreateTemplate(as(w.t, "amira"), messenger.TemplateParams{
				Scope: messenger.TemplateOwn, Medium: adapters.Email, Title: w.quote, Subject: "Hello", Body: "Hello",
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := &quoting{}
			b := setup(t, withHook(memory.NewCallbacks("sms", "a key of the provider's")), func(c *messenger.Config) {
				port.Sender, c.Email, c.Record = c.Email, port, port
			})
			channel := b.send(t, "amira", email("grace", "Hello")).Channel
			token := b.token(t, channel)
			port.quote = "Quoted https://north.example.org/m/r/" + token
			answer, err := told(world{b, t, channel, port.quote})
			require.NoError(t, err)
			all := databaseText(t, b) + fmt.Sprintf("%+v", answer)
			require.NotContains(t, all, token, "a link is kept, or told")
			digest := sha256.Sum256([]byte(port.quote))
			asID := base64.RawURLEncoding.EncodeToString(digest[:])
			require.True(t, strings.Contains(all, "Quoted") || strings.Contains(all, asID), "what is quoted came here")
		})
	}
}

// Nobody is a recipient by an id with a link in it: the ids of whom a broadcast left out are kept.
func TestARecipientsIDHasNoLink(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := b.token(t, b.send(t, "amira", email("grace", "Hello")).Channel)
	p := reminder()
	p.Clients = []adapters.ClientID{"sian", adapters.ClientID("r/" + token)}
	_, err := b.SendBroadcast(as(t, "amira"), p)
	requireField(t, "client_ids", err)
	require.NotContains(t, databaseText(t, b), token)
}
