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

// Who has waited longest stands first, whatever they have written since; the pages have each channel once.
func TestWhoHasWaitedLongest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var unread, open []uuid.UUID
	var first messenger.Channel
	for i := range 8 {
		client := adapters.Client{ID: adapters.ClientID(fmt.Sprintf("w%d", i)), Name: "Wren Ash", Email: fmt.Sprintf("w%d@example.org", i)}
		b.clients.Put(north, client)
		channel := b.send(t, "amira", email(client.ID, "Hello")).Channel
		if i%2 == 0 {
			b.reply(t, channel, "Thank you")
			unread = append(unread, channel.ID)
		} else {
			open = append(open, channel.ID)
		}
		if i == 0 {
			first = channel
		}
	}
	b.reply(t, first, "Are you there?") // the newest of all, and still who has waited longest
	for _, query := range []string{"", "wren", "thank", "hello wren"} {
		var found []uuid.UUID
		p := messenger.InboxParams{Staff: "amira", Sort: messenger.SortWaiting, Query: query, PageParams: messenger.PageParams{Limit: 3}}
		for {
			page, err := b.Inbox(as(t, "amira"), p)
			require.NoError(t, err)
			for _, c := range page.Items {
				found = append(found, c.ID)
			}
			if p.Cursor = page.Next; p.Cursor == "" {
				break
			}
		}
		want := slices.Concat(unread, open)
		if query == "thank" {
			want = unread
		}
		require.Equal(t, want, found, query)
	}
	_, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Sort: "oldest"})
	require.Equal(t, messenger.CodeInvalid, messenger.CodeOf(err))
	page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", PageParams: messenger.PageParams{Limit: 1}})
	require.NoError(t, err)
	_, err = b.Inbox(as(t, "amira"), messenger.InboxParams{
		Staff: "amira", Sort: messenger.SortWaiting, PageParams: messenger.PageParams{Cursor: page.Next},
	})
	require.Equal(t, messenger.CodeInvalid, messenger.CodeOf(err), "a cursor of the other order")
}

// An NHS number finds its owner, however it was pasted, and what was written about it.
func TestAnInboxIsSearchedByNHSNumber(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.clients.Put(north, adapters.Client{ID: "nhs", Name: "Ivy Nwosu", NHSNumber: "9990000018", Email: "ivy@example.org"})
	b.clients.Put(north, adapters.Client{ID: "other", Name: "Omar Aziz", Email: "omar@example.org"})
	owner := b.send(t, "amira", email("nhs", "Hello")).Channel.ID
	told := b.send(t, "amira", email("other", "The number is 999 000 0018")).Channel
	b.reply(t, told, "That is hers")
	about := told.ID
	for _, typed := range []string{"9990000018", "999 000 0018", "NHS No: 999-000-0018.", "９９９０００００１８"} {
		page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Query: typed})
		require.NoError(t, err, typed)
		require.NotEmpty(t, page.Items, typed)
		require.Equal(t, owner, page.Items[0].ID, typed)
		require.Equal(t, messenger.Match{Field: "nhs_number", Excerpt: "999 000 0018"}, *page.Items[0].Match)
		require.NotNil(t, page.Counts)
	}
	page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Query: "999 000 0018"})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	require.Equal(t, about, page.Items[1].ID)
	for _, sort := range []messenger.Sort{messenger.SortNewest, messenger.SortWaiting} {
		one := messenger.InboxParams{Staff: "amira", Query: "999 000 0018", Sort: sort}
		one.Limit = 1
		first, err := b.Inbox(as(t, "amira"), one)
		require.NoError(t, err)
		one.Cursor = first.Next
		second, err := b.Inbox(as(t, "amira"), one)
		require.NoError(t, err)
		require.Equal(t, []uuid.UUID{owner, about}, []uuid.UUID{first.Items[0].ID, second.Items[0].ID}, "whom it is of first")
		require.Empty(t, second.Next)
	}
	done, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Query: "9990000018", Show: messenger.ShowDone})
	require.NoError(t, err)
	require.Empty(t, done.Items, "of those shown")
	bens, err := b.Inbox(as(t, "ben"), messenger.InboxParams{Staff: "ben", Query: "9990000018"})
	require.NoError(t, err)
	require.Empty(t, bens.Items, "of this inbox")
}

// A search leads to a message in the middle of its thread, from where the pages go both ways and meet none twice.
func TestMessagesAroundOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var channel messenger.Channel
	for i := range 23 {
		channel = b.send(t, "amira", email("grace", fmt.Sprint("Number ", i+1))).Channel
	}
	all := b.thread(t, channel)
	ids := func(list []messenger.Message) (of []uuid.UUID) {
		for _, m := range list {
			of = append(of, m.ID)
		}
		return of
	}
	slices.SortFunc(all, func(a, b messenger.Message) int { return int(b.Seq - a.Seq) })
	newestFirst := ids(all)
	amira := as(t, "amira")
	requirePlaced := func(page messenger.ThreadPage, what string) { // it knows where in the thread it is
		if n := len(page.Items); n > 0 {
			require.Equal(t, newestFirst[len(all)-page.Before-1], page.Items[n-1].ID, what)
		}
	}
	for _, limit := range []int{1, 2, 6, 7, 100} {
		for _, at := range []int{0, 1, 11, 21, 22} {
			what := fmt.Sprint(at, " by ", limit)
			page, err := b.MessagesAround(amira, channel.ID, newestFirst[at], limit)
			require.NoError(t, err, what)
			require.LessOrEqual(t, len(page.Items), limit, what)
			require.Contains(t, ids(page.Items), newestFirst[at], what)
			requirePlaced(page, what)
			seen := ids(page.Items)
			require.Equal(t, seen[0] == newestFirst[0], page.Previous == "", what)
			for previous := page.Previous; previous != ""; {
				newer, err := b.Messages(amira, channel.ID, messenger.PageParams{Cursor: previous, Limit: limit})
				require.NoError(t, err, what)
				requirePlaced(newer, what)
				seen, previous = append(ids(newer.Items), seen...), newer.Previous
			}
			for next := page.Next; next != ""; {
				older, err := b.Messages(amira, channel.ID, messenger.PageParams{Cursor: next, Limit: limit})
				require.NoError(t, err, what)
				requirePlaced(older, what)
				seen, next = append(seen, ids(older.Items)...), older.Next
			}
			require.Equal(t, newestFirst, seen, what)
		}
	}
	other := b.send(t, "amira", email("sian", "Hello"))
	_, err := b.MessagesAround(amira, channel.ID, other.Message.ID, 10)
	require.Equal(t, messenger.CodeNotFound, messenger.CodeOf(err))
	_, err = b.MessagesAround(amira, channel.ID, newestFirst[0], 101)
	require.Equal(t, messenger.CodeInvalid, messenger.CodeOf(err))
}
