package messenger_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// However often a word stands in an inbox, and wherever, the search finds the channels in which all words are, each once, in the
// inbox's order, page by page.
func TestSearchFindsTheSameWhicheverWayItTakes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	names := []string{"Willow Park", "Grace Okafor", "Piotr Nowak"}
	var want struct{ willow, willowRiver, river, hello, three, all []uuid.UUID }
	const clients = 130
	for i := range clients {
		client := adapters.Client{ID: adapters.ClientID(fmt.Sprintf("w%d", i)), Name: names[i%3], Email: fmt.Sprintf("w%d@example.org", i)}
		b.clients.Put(north, client)
		body := "Greetings"
		if i%3 == 1 {
			body = "Under the willows" // a name of others begins this word
		}
		if i%40 == 0 {
			body += " by the river"
		}
		id := b.send(t, "amira", email(client.ID, body)).Channel.ID
		if i < 20 {
			continue // said again below, so that the newest channels do not speak for the others
		}
		want.all = append(want.all, id)
		if i%3 != 2 {
			want.willow = append(want.willow, id)
		}
		if i%3 != 1 {
			want.hello = append(want.hello, id)
		}
		if i%40 == 0 {
			want.river = append(want.river, id)
		}
		if i%40 == 0 && i%3 != 2 {
			want.willowRiver = append(want.willowRiver, id)
		}
		if i%40 == 0 && i%3 == 0 {
			want.three = append(want.three, id)
		}
	}
	for i := range 20 { // now these stand first, with nothing to find but a greeting
		_, err := b.pool.Exec(t.Context(), "update messenger_channels set staff_id = 'dev' where client_id = $1", fmt.Sprintf("w%d", i))
		require.NoError(t, err)
		client := adapters.Client{ID: adapters.ClientID(fmt.Sprintf("x%d", i)), Name: "Omar Aziz", Email: "omar@example.org"}
		b.clients.Put(north, client)
		id := b.send(t, "amira", email(client.ID, "Greetings")).Channel.ID
		want.all, want.hello = append(want.all, id), append(want.hello, id)
	}
	requireFound := func(way string) {
		fresh := b.with(t, func(*messenger.Config) {}) // which reads the statistics anew
		for query, ids := range map[string][]uuid.UUID{
			"willow": want.willow, "WILL river": want.willowRiver, "river": want.river, "greet": want.hello, "greet willow by river": want.three,
			"nothing": nil, "": want.all,
		} {
			for _, limit := range []int{7, 100} {
				require.Equal(t, ids, fresh.find(t, query, limit), "%s: %q by %d", way, query, limit)
			}
		}
	}
	requireFound("the indexes")
	exec(t, b, "analyze messenger_messages") //nolint:misspell // SQL has its own spelling
	exec(t, b, "update pg_class set reltuples = 1000000 where oid = 'messenger_messages'::regclass")
	exec(t, b, "update pg_class set reltuples = 100000 where oid = 'messenger_channels'::regclass")
	requireFound("a walk, through all or, for a river, some channels, and then the indexes")
	for _, gone := range []string{
		"update pg_index set indisvalid = false where indexrelid = 'messenger_messages_inbox_words'::regclass", // its build is not over, or failed
		"drop index messenger_messages_inbox_words",
	} {
		exec(t, b, gone)
		requireFound("a walk")
		traced, asked := b.traced(t)
		for _, query := range []string{"willow", "nothing"} {
			_, err := traced.Inbox(as(t, "ben"), messenger.InboxParams{Staff: "ben", Query: query})
			require.NoError(t, err)
		}
		for _, query := range asked.take() {
			require.NotContains(t, query.SQL, "messenger_inbox_words(", "nothing is looked up in an empty inbox without an index")
		}
	}
}

// find searches Amira's inbox, page by page, and returns what it finds, the oldest first.
func (b *bundle) find(t *testing.T, query string, limit int) []uuid.UUID {
	t.Helper()
	var found []uuid.UUID
	p := messenger.InboxParams{Staff: "amira", Query: query, PageParams: messenger.PageParams{Limit: limit}}
	for {
		page, err := b.Inbox(as(t, "amira"), p)
		require.NoError(t, err)
		for _, channel := range page.Items {
			found = append(found, channel.ID)
		}
		if p.Cursor = page.Next; p.Cursor == "" {
			break
		}
	}
	slices.Reverse(found)
	return found
}
