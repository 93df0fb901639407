// Package messengertest gives a host's tests a whole Messenger: over memory adapters, and a database of the test's own.
// Only tests import it.
//
//	host := messengertest.New(t)
//	sent := host.Send(messengertest.Email("How are you?"))
//	host.Settle() // the jobs run: it has been delivered and filed
//	host.Reply(sent.Channel, "Better, thank you.")
//
// Put your own adapters in place of those of memory one by one:
//
//	host := messengertest.New(t, func(c *messenger.Config) { c.Email = newOutbox(c.Pool) })
//
// The database is on a PostgreSQL server that is found on this machine, started by the first test and stopped some
// seconds after the last; TEST_DATABASE_URL names another server, as a role that may create databases. The first is
// migrated, each is a copy of that. It goes with the test, unless that failed. No container and no account is needed,
// and tests run in parallel.
//
// Every function fails the test where it can't do what its name says, with what Messenger answered, and none takes
// longer than half a minute. What a test is to see refused it calls by Messenger itself, which a Host is.
package messengertest

import (
	"context"
	"log/slog"
	"path"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// Who and what a Host begins with. A test adds others by Host.Staff, Host.Clients and Host.Organisations.
const (
	Organisation = adapters.OrganisationID("org-1")
	Amira        = adapters.StaffID("amira") // may send emails and texts, and manages
	Ben          = adapters.StaffID("ben")   // likewise; may open Amira's inbox and act in it
	Grace        = adapters.ClientID("c-1")  // has an email address, a mobile number and a date of birth
)

// PublicURL is where the Host's public pages would be.
const PublicURL = "https://host.example.org/m"

// Host is a Messenger with what it was made of.
type Host struct {
	*messenger.Messenger

	Config messenger.Config // what it was made from, the changes of New included

	// The adapters of memory, whose Script has calls fail or wait. One that New's changes replaced stands idle.
	Staff         *memory.Staff
	Clients       *memory.Clients
	Organisations *memory.Organisations
	Email, SMS    *memory.Sender
	Record        *memory.Record
	Events        *memory.Events
	Lists         *memory.Lists

	// SignIn signs a member of staff in. Set it where Config.Staff is your own, which finds who asks in another way: Send,
	// Reply and Thread sign in by it too. Your own Clients need a client with Grace's id.
	SignIn func(ctx context.Context, staff adapters.StaffID) context.Context

	t        testing.TB
	patience time.Duration // how long a function waits for what ought to take a moment
}

// New returns a Host whose database has all migrations. Changes are made to its configuration before messenger.New sees
// it: Config.Pool is the database by then. It ends with the test.
func New(tb testing.TB, changes ...func(*messenger.Config)) *Host {
	tb.Helper()
	h := &Host{
		Staff: memory.NewStaff(), Clients: memory.NewClients(),
		Email: memory.NewSender("email"), SMS: memory.NewSender("sms"),
		Record: memory.NewRecord(), Events: memory.NewEvents(), Lists: memory.NewLists(),
		SignIn: memory.SignIn, t: tb, patience: 30 * time.Second,
		Organisations: memory.NewOrganisations(
			adapters.Organisation{ID: Organisation, Name: "Riverside Social Prescribing", PublicURL: PublicURL}),
	}
	media := []adapters.Medium{adapters.Email, adapters.SMS}
	h.Staff.Add(
		adapters.Member{ID: Amira, Name: "Amira Shah", Organisation: Organisation, Media: media, Manages: true},
		adapters.Member{ID: Ben, Name: "Ben Hughes", Organisation: Organisation, Media: media, Manages: true})
	h.Staff.Share(Ben, adapters.Inbox{Staff: Amira, Name: "Amira Shah", MayAct: true})
	h.Clients.Put(Organisation, adapters.Client{
		ID: Grace, Name: "Grace Okafor", FirstName: "Grace", DateOfBirth: "1984-02-29", NHSNumber: "9990010005",
		Email: "grace@example.org", Phone: "07700 900123",
	})
	h.Config = messenger.Config{
		Pool: migrationtest.Pool(tb), Clients: h.Clients, Staff: h.Staff, Colleagues: h.Staff, Email: h.Email, SMS: h.SMS,
		Record: h.Record, Events: h.Events, Lists: h.Lists, Organisations: h.Organisations,
		LinkKeys: []messenger.LinkKey{{ID: "test", Key: []byte("32 bytes that no host ever should have")}},
		Logger:   slog.New(slog.DiscardHandler),
	}
	for _, change := range changes {
		change(&h.Config)
	}
	made, err := messenger.New(h.Config)
	require.NoError(tb, err)
	h.Messenger = made
	return h
}

// As is a context in which this member of staff is signed in, by SignIn.
func (h *Host) As(staff adapters.StaffID) context.Context { return h.SignIn(h.t.Context(), staff) }

// Email is an email to Grace.
func Email(body string) messenger.SendParams {
	return messenger.SendParams{Client: Grace, Medium: adapters.Email, Subject: "Hello", Body: body}
}

// SMS is a text to Grace.
func SMS(body string) messenger.SendParams {
	return messenger.SendParams{Client: Grace, Medium: adapters.SMS, Body: body}
}

// Send sends as Amira. What was accepted goes out with the next Settle.
func (h *Host) Send(params messenger.SendParams) messenger.Sent {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.As(Amira), h.patience)
	defer cancel()
	sent, err := h.Messenger.Send(ctx, params)
	require.NoError(h.t, err, "messengertest: Send")
	return sent
}

// Reply writes back as the client does, by the link of the channel's messages. The filing comes with the next Settle.
func (h *Host) Reply(channel messenger.Channel, text string) messenger.ReplyReceipt {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.As(channel.Staff), h.patience)
	defer cancel()
	opened, err := h.Channel(ctx, channel.ID)
	require.NoError(h.t, err, "messengertest: Reply: open the channel")
	require.NotEmpty(h.t, opened.ReplyLink, "messengertest: Reply: the channel takes no replies")
	token := path.Base(opened.ReplyLink)
	public, over := context.WithTimeout(h.t.Context(), h.patience) // nobody is signed in
	defer over()
	page, err := h.ReplyPage(public, token, "")
	require.NoError(h.t, err, "messengertest: Reply: open the page")
	receipt, _, err := h.Messenger.Reply(public, token, messenger.ReplyParams{Text: text, FormKey: page.FormKey})
	require.NoError(h.t, err, "messengertest: Reply")
	return receipt
}

// Thread is a channel's messages as its owner sees them, oldest first, up to a hundred.
func (h *Host) Thread(channel messenger.Channel) []messenger.Message {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.As(channel.Staff), h.patience)
	defer cancel()
	page, err := h.Messages(ctx, channel.ID, messenger.PageParams{Limit: 100})
	require.NoError(h.t, err, "messengertest: Thread")
	slices.Reverse(page.Items)
	return page.Items
}
