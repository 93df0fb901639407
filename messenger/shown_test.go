package messenger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Where a message went is shown while the client is not restricted, and to nobody while they are: in answers, in a
// thread and in a stream; nor while nobody can tell. The page behind the link then names the organisation alone.
func TestWhereItWentIsNotShownOfARestrictedClient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.live(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	token := b.token(t, sent.Channel)
	events := subscribe(t, b, "amira", "", "")
	shown := func(want string) {
		t.Helper()
		for _, who := range []adapters.StaffID{"amira", "ben"} {
			if page, err := b.Messages(as(t, who), sent.Channel.ID, messenger.PageParams{}); want != "" || err == nil {
				require.NoError(t, err)
				require.Equal(t, want, page.Items[len(page.Items)-1].Delivery.To, who)
			}
		}
		exec(t, b, "update messenger_messages set delivery_attention = 'delivery_failed' where id = $1", sent.Message.ID)
		changed, err := b.Resolve(as(t, "amira"), sent.Message.ID, messenger.ResolveParams{Of: "delivery"})
		require.NoError(t, err)
		require.Equal(t, want, changed.Delivery.To)
		for to := "?"; to != want; { // what was told of the change before
			to = until(t, events, "message").Message.Delivery.To
		}
		page, err := b.ReplyPage(t.Context(), token, "")
		require.NoError(t, err)
		name := "Amira Shah"
		if want == "" {
			name = "North Social Prescribing"
		}
		require.Equal(t, name, page.StaffName)
	}
	grace := b.clientOf(t, "grace")
	shown("g•••@example.org")
	grace.Restricted = true
	b.clients.Put(north, grace)
	shown("")
	grace.Restricted = false
	b.clients.Put(north, grace)
	shown("g•••@example.org")
	b.clients.FailAll(errLost)
	shown("")
	b.clients.FailAll(nil)
	b.clients.Remove(north, "grace")
	shown("")
}

// clientOf is a client of north as the directory has them.
func (b *bundle) clientOf(t *testing.T, id adapters.ClientID) adapters.Client {
	t.Helper()
	found, err := b.clients.Get(t.Context(), north, []adapters.ClientID{id})
	require.NoError(t, err)
	return found[id]
}

// A client's former name is answered nowhere once the directory has another: neither beside what they wrote under it nor
// to the record, however late that is filed.
func TestAFormerNameIsAnsweredNowhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.live(t)
	events := subscribe(t, b, "amira", "", "")
	sent := b.send(t, "amira", email("grace", "Hello"))
	b.deliver(t, sent.Message.ID, 1)
	reply := b.reply(t, sent.Channel, "Hello to you")
	author := func(name string) adapters.Author { return adapters.Author{Kind: "client", ID: "grace", Name: name} }
	written := func(want adapters.Author) {
		t.Helper()
		for _, who := range []adapters.StaffID{"amira", "ben"} {
			page, err := b.Messages(as(t, who), sent.Channel.ID, messenger.PageParams{})
			require.NoError(t, err)
			require.Equal(t, want, page.Items[0].Author)
			page, err = b.Messages(as(t, who), sent.Channel.ID, messenger.PageParams{Limit: 1})
			require.NoError(t, err)
			require.Equal(t, want, page.Items[0].Author, "the directory is not asked about a page without an address")
		}
		exec(t, b, "update messenger_messages set record_attention = 'record_failed' where id = $1", reply.ID)
		changed, err := b.Resolve(as(t, "amira"), reply.ID, messenger.ResolveParams{Of: "record"})
		require.NoError(t, err)
		require.Equal(t, want, changed.Author)
		for to := (adapters.Author{}); to != want; {
			if told := until(t, events, "message").Message; told.ID == reply.ID {
				to = told.Author
			}
		}
	}
	written(author("Grace Okafor"))
	grace := adapters.Client{ID: "grace", Name: "Gray Okafor", FirstName: "Gray", Email: "grace@example.org"}
	b.clients.Put(north, grace)
	require.NoError(t, b.ClientsChanged(t.Context(), north, "grace"))
	written(author("Gray Okafor"))
	b.fileNow(t, reply.ID)
	require.Equal(t, "Gray Okafor", b.entry(t, reply.ID).Author.Name)
	exec(t, b, "update messenger_messages set record_attention = 'record_failed' where id = $1", reply.ID)
	page, err := b.Attention(as(t, "amira"), messenger.AttentionParams{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Equal(t, author("Gray Okafor"), page.Items[0].Message.Author)
}
