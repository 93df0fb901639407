package messenger_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// turner returns one page of a list: the ids on it, and the next one's cursor.
type turner func(messenger.PageParams) (ids []uuid.UUID, next string)

// pages turns a list's pages of three, with something happening between any two, and returns the ids in the order seen.
func pages(t *testing.T, turn turner, meanwhile func(page int)) (seen []uuid.UUID) {
	t.Helper()
	p := messenger.PageParams{Limit: 3}
	for page := 0; ; page++ {
		require.Less(t, page, 50, "the pages never end")
		ids, next := turn(p)
		seen = append(seen, ids...)
		if next == "" {
			return seen
		}
		p.Cursor = next
		meanwhile(page)
	}
}

// requireOnce says that each of want was seen once, in this order, whatever else was seen.
func requireOnce(t *testing.T, want, seen []uuid.UUID) {
	t.Helper()
	wanted := map[uuid.UUID]bool{}
	for _, id := range want {
		wanted[id] = true
	}
	var got []uuid.UUID
	for _, id := range seen {
		if wanted[id] {
			got = append(got, id)
		}
	}
	require.Equal(t, want, got)
}

// Who turns the pages of a list while it changes sees each that did not change once, whatever comes to its top or
// leaves it.
func TestPagesOfAListThatChanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira := as(t, "amira")
	var quiet, busy []messenger.Channel // newest first
	for i := range 20 {
		client := adapters.ClientID(fmt.Sprint("c-", i))
		b.clients.Put(north, adapters.Client{ID: client, Name: string(client), Email: string(client) + "@example.org"})
		channel := b.send(t, "amira", email(client, "Hello")).Channel
		b.reply(t, channel, "Thank you")
		if i%4 == 1 { // none of them the first of a page
			busy = append([]messenger.Channel{channel}, busy...)
		} else {
			quiet = append([]messenger.Channel{channel}, quiet...)
		}
	}
	var want []uuid.UUID
	for _, channel := range quiet {
		want = append(want, channel.ID)
	}
	change := func(page int) { // one comes to the top, one is done and read, and a new one is made
		b.reply(t, busy[page%len(busy)], fmt.Sprint("Again ", page))
		gone := busy[(page+2)%len(busy)]
		thread := b.thread(t, gone)
		_, err := b.SetStatus(amira, gone.ID, messenger.Done, thread[len(thread)-1].ID)
		require.NoError(t, err)
		b.reply(t, b.send(t, "amira", email("grace", "Hello")).Channel, "Me too")
	}

	t.Run("the inbox", func(t *testing.T) {
		for _, show := range []messenger.Show{messenger.ShowAll, messenger.ShowOpen} {
			t.Run(string(show), func(t *testing.T) {
				requireOnce(t, want, pages(t, func(p messenger.PageParams) (ids []uuid.UUID, next string) {
					page, err := b.Inbox(amira, messenger.InboxParams{Staff: "amira", Show: show, PageParams: p})
					require.NoError(t, err)
					for _, channel := range page.Items {
						ids = append(ids, channel.ID)
					}
					return ids, page.Next
				}, change))
			})
		}
	})
	t.Run("a search", func(t *testing.T) {
		requireOnce(t, want, pages(t, func(p messenger.PageParams) (ids []uuid.UUID, next string) {
			page, err := b.Inbox(amira, messenger.InboxParams{Staff: "amira", Query: "thank", PageParams: p})
			require.NoError(t, err)
			for _, channel := range page.Items {
				ids = append(ids, channel.ID)
			}
			return ids, page.Next
		}, change))
	})
	t.Run("notifications", func(t *testing.T) {
		requireOnce(t, want, pages(t, func(p messenger.PageParams) (ids []uuid.UUID, next string) {
			page, err := b.Notifications(amira, p)
			require.NoError(t, err)
			for _, notification := range page.Items {
				ids = append(ids, notification.Channel)
			}
			return ids, page.Next
		}, change))
	})
	t.Run("a thread", func(t *testing.T) {
		channel := quiet[0]
		var thread []uuid.UUID
		for i := range 10 {
			thread = append([]uuid.UUID{b.reply(t, channel, fmt.Sprint("More ", i)).ID}, thread...)
		}
		requireOnce(t, thread, pages(t, func(p messenger.PageParams) (ids []uuid.UUID, next string) {
			page, err := b.Messages(amira, channel.ID, p)
			require.NoError(t, err)
			for _, message := range page.Items {
				ids = append(ids, message.ID)
			}
			return ids, page.Next
		}, func(page int) { b.reply(t, channel, fmt.Sprint("Meanwhile ", page)) }))
	})
}
