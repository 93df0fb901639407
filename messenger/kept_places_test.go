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
	named := func(id adapters.StaffID, name string) adapters.Member {
		return adapters.Member{
			ID: id, Name: name, Organisation: north, Media: []adapters.Medium{adapters.Email},
		}
	}
	for name, told := range map[string]func(t *testing.T, b *bundle, at messenger.Channel, quote string) (any, error){
		"a fallback's name": func(t *testing.T, b *bundle, at messenger.Channel, quote string) (any, error) {
			b.staff.Add(named("fay", quote))
			b.orgs.Put(adapters.Organisation{ID: north, Fallback: []adapters.StaffID{"fay"}})
			if err := b.StaffLeft(t.Context(), north, "amira", ""); err != nil {
				return nil, err
			}
			opened, err := b.Channel(as(t, "ben"), at.ID)
			return opened.Cover, err
		},
		"an organisation's name": func(t *testing.T, b *bundle, at messenger.Channel, quote string) (any, error) {
			b.orgs.Put(adapters.Organisation{ID: north, Name: quote})
			return b.Organisation(t.Context(), north)
		},
		"a note's reference": func(t *testing.T, b *bundle, at messenger.Channel, quote string) (any, error) {
			p := note("Rang")
			p.File = true
			added := b.add(t, "amira", at, p)
			return nil, b.Jobs().FileNote(as(t, "amira"), added.ID, 1)
		},
		"a program's name": func(t *testing.T, b *bundle, at messenger.Channel, quote string) (any, error) {
			p, by := email("sian", "Hello from {{staff_name}}"), named("robot", quote)
			p.Actor = &by
			return b.Send(t.Context(), p)
		},
		"an asked provider's id": func(t *testing.T, b *bundle, at messenger.Channel, quote string) (any, error) {
			sent := b.send(t, "amira", email("sian", "Hello"))
			b.deliver(t, sent.Message.ID, 1)
			return nil, b.Jobs().AskReceipt(t.Context(), sent.Message.ID, 1)
		},
		"a broadcast's subject": func(t *testing.T, b *bundle, at messenger.Channel, quote string) (any, error) {
			p := reminder()
			p.Medium, p.Subject, p.Clients = adapters.Email, quote, []adapters.ClientID{"sian"}
			return b.SendBroadcast(as(t, "amira"), p)
		},
		"an absence's note": func(t *testing.T, b *bundle, at messenger.Channel, quote string) (any, error) {
			return b.SetAbsence(as(t, "amira"), "amira", messenger.AbsenceParams{
				From: b.Now(t.Context()), Cover: "ben", Note: quote,
			})
		},
		"a handover's note": func(t *testing.T, b *bundle, at messenger.Channel, quote string) (any, error) {
			return b.Handover(as(t, "amira"), at.ID, messenger.HandoverParams{To: "ben", Note: quote})
		},
		"a note": func(t *testing.T, b *bundle, at messenger.Channel, quote string) (any, error) {
			return b.AddNote(as(t, "amira"), at.ID, note(quote))
		},
		"why a message is withdrawn": func(t *testing.T, b *bundle, at messenger.Channel, quote string) (any, error) {
			sent := b.send(t, "amira", private("sian", adapters.Email))
			return b.Withdraw(as(t, "amira"), sent.Message.ID, messenger.WithdrawParams{
				Reason: messenger.WithdrawnOther, Note: quote,
			})
		},
		"why a text is assigned": func(t *testing.T, b *bundle, at messenger.Channel, quote string) (any, error) {
			p := b.config.Hooks["texts"].Callbacks.(*memory.Callbacks)
			_, err := b.Callback(t.Context(), "texts", p.Request(nil, adapters.InboundText{
				ProviderID: "p-1", From: "+447700900123", To: "+447700900999", Text: "Hello",
			}))
			require.NoError(t, err)
			page, err := b.Unmatched(as(t, "amira"), messenger.PageParams{})
			require.NoError(t, err)
			return b.Assign(as(t, "amira"), page.Items[0].ID, messenger.AssignParams{Client: "phone", Reason: quote})
		},
		"a template's title": func(t *testing.T, b *bundle, at messenger.Channel, quote string) (any, error) {
			return b.CreateTemplate(as(t, "amira"), messenger.TemplateParams{
				Scope: messenger.TemplateOwn, Medium: adapters.Email, Title: quote, Subject: "Hello", Body: "Hello",
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
			answer, err := told(t, b, channel, port.quote)
			require.NoError(t, err)
			all := databaseText(t, b) + fmt.Sprintf("%+v", answer)
			require.False(t, strings.Contains(all, token), "a link is kept, or told")
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
