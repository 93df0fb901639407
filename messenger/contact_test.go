package messenger_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// asked is a directory that keeps what it was last asked for.
type asked struct {
	adapters.Clients
	query string
}

func (a *asked) Search(ctx context.Context, organisation adapters.OrganisationID, query string, limit int) ([]adapters.Client, error) {
	a.query = query
	return a.Clients.Search(ctx, organisation, query, limit) //nolint:wrapcheck // what it says
}

func TestRecipientsAreFoundByWhatStaffPaste(t *testing.T) {
	t.Parallel()
	b := setup(t)
	directory := &asked{Clients: b.clients}
	b = b.with(t, func(c *messenger.Config) { c.Clients = directory })
	for query, want := range map[string]string{
		"999-001-0005": "9990010005", "999 001 0005.": "9990010005", "NHS No: 999\u200b001\u00a00005": "9990010005",
		"999 001": "999 001", "OKAFOR, Grace (Mrs)": "OKAFOR Grace", "Okafor.": "Okafor", "\u202aGrace\u202c": "Grace",
	} {
		found, err := b.SearchClients(as(t, "amira"), query, 10)
		require.NoError(t, err)
		require.Equal(t, want, directory.query)
		require.Len(t, found, 1, "%q", query)
		require.EqualValues(t, "grace", found[0].ID)
	}
	directory.query = ""
	found, err := b.SearchClients(as(t, "amira"), " \u200b ", 10)
	require.NoError(t, err)
	require.Empty(t, found)
	require.Empty(t, directory.query, "nothing is asked for nothing")
}

// What is recorded with unseen signs reaches the client; what can't be an address is not offered.
func TestContactDetailsAsTheyAreRecorded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.clients.Put(north,
		adapters.Client{ID: "pasted", Name: "Mei Zhang", Email: "MAILTO:mei@example.org\u200b.", Phone: "\u202aTEL:07700 900127\u202c"},
		adapters.Client{ID: "none", Name: "Idris Bello", Email: "idris@example..org", Phone: "Mob: 07700 900128"})
	page, err := b.Client(as(t, "amira"), "pasted")
	require.NoError(t, err)
	require.Equal(t, []string{"mei@example.org", "+447700900127"}, []string{page.Person.Email, page.Person.Phone})
	require.True(t, page.Actions.SendEmail.Allowed)
	require.True(t, page.Actions.SendSMS.Allowed)
	b.deliver(t, b.send(t, "amira", email("pasted", "Hello")).Message.ID, 1)
	require.Equal(t, "mei@example.org", b.email.Outbox()[0].To)

	page, err = b.Client(as(t, "amira"), "none")
	require.NoError(t, err)
	require.EqualValues(t, "no_address", page.Actions.SendEmail.Why)
	require.EqualValues(t, "no_address", page.Actions.SendSMS.Why)
	_, err = b.Send(as(t, "amira"), email("none", "Hello"))
	require.Equal(t, messenger.CodeNoAddress, messenger.CodeOf(err))
}
