package messenger_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// shown are the words of amira's row with grace, and of her bell while it is there.
func shown(t *testing.T, b *bundle) messenger.Preview {
	t.Helper()
	page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	if page.Items[0].LastMessage == nil {
		return messenger.Preview{}
	}
	bell, err := b.Notifications(as(t, "amira"), messenger.PageParams{})
	require.NoError(t, err)
	if len(bell.Items) > 0 {
		require.Equal(t, *page.Items[0].LastMessage, bell.Items[0].LastMessage, "the bell says what the row says")
	}
	return *page.Items[0].LastMessage
}

// What the client said is in front of the owner for as long as it is unread, whatever is sent meanwhile, and what was
// cancelled never is.
func TestARowsLastWords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.send(t, "amira", email("grace", "How are you?"))
	b.work(t)
	reply, _, err := b.Reply(t.Context(), b.token(t, first.Channel), messenger.ReplyParams{Text: "Can we move to Friday?"})
	require.NoError(t, err)

	b.send(t, "amira", email("grace", "I am away on Friday."))
	later := email("grace", "No walk tomorrow.")
	later.SendAfter = time.Now().Add(24 * time.Hour)
	scheduled := b.send(t, "amira", later)
	require.Equal(t, reply.ID, shown(t, b).ID, "sending reads nothing")
	require.Empty(t, shown(t, b).Subject, "a reply has none")
	_, err = b.SendBroadcast(as(t, "amira"), messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "To all", Body: "To all.", Clients: []adapters.ClientID{"grace"},
	})
	require.NoError(t, err)
	eventually(t, func() bool {
		return count(t, b.pool, "select count(*) from messenger_messages where channel_id = $1", first.Channel.ID) == 5
	},
		"the broadcast's message is there")
	require.Equal(t, reply.ID, shown(t, b).ID)

	require.NoError(t, b.Read(as(t, "amira"), first.Channel.ID, reply.ID, false))
	require.Equal(t, "To all.", shown(t, b).Text, "read, the newest is shown")
	require.Equal(t, "To all", shown(t, b).Subject)
	another := b.send(t, "amira", later)
	last := shown(t, b)
	require.Equal(t, another.Message.ID, last.ID)
	require.WithinDuration(t, later.SendAfter, last.SendAfter, time.Millisecond, "a scheduled one says when it goes out")
	for _, id := range []messenger.Message{another.Message, scheduled.Message} {
		_, err = b.Cancel(as(t, "amira"), id.ID)
		require.NoError(t, err)
	}
	require.Equal(t, "To all.", shown(t, b).Text, "one that was cancelled is not shown")
	require.Zero(t, shown(t, b).SendAfter)
}

// What a row shows of a broadcast is what the client will get and when, cut and without what is private, in a channel
// that it begins as in one that there was.
func TestARowsWordsOfABroadcast(t *testing.T) {
	t.Parallel()
	for name, begun := range map[string]bool{"the channel begins with it": false, "the channel was there": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if begun {
				b.send(t, "amira", email("grace", "How are you?"))
			}
			p := messenger.BroadcastParams{
				Medium: adapters.SMS, Body: strings.Repeat("é", 141), Clients: []adapters.ClientID{"grace"},
				SendAfter: time.Now().Add(time.Hour), ReplyLink: true,
			}
			all, err := b.SendBroadcast(as(t, "amira"), p)
			require.NoError(t, err)
			require.NoError(t, b.fanOut(t, all.ID))
			last := shown(t, b)
			require.Equal(t, strings.Repeat("é", 140), last.Text)
			require.Equal(t, adapters.SMS, last.Medium)
			require.Equal(t, adapters.Outbound, last.Direction)
			require.WithinDuration(t, p.SendAfter, last.SendAfter, time.Millisecond)
			require.Equal(t, 1, count(t, b.pool,
				"select count(*) from messenger_messages where id = $1 and broadcast_id = $2", last.ID, all.ID))

			p.Body, p.Private = "Your result is here.", true
			all, err = b.SendBroadcast(as(t, "amira"), p)
			require.NoError(t, err)
			require.NoError(t, b.fanOut(t, all.ID))
			hidden := shown(t, b)
			require.NotEqual(t, last.ID, hidden.ID)
			require.Empty(t, hidden.Text)
		})
	}
}

// A broadcast that was cancelled leaves every row as it was before.
func TestACancelledBroadcastIsNotShown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.send(t, "amira", email("grace", "How are you?"))
	b.work(t)
	all, err := b.SendBroadcast(as(t, "amira"), messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "Walk", Body: "No walk.", Clients: []adapters.ClientID{"grace"},
		SendAfter: time.Now().Add(time.Hour),
	})
	require.NoError(t, err)
	eventually(t, func() bool { return shown(t, b).Text == "No walk." }, "it is shown as scheduled")
	_, err = b.CancelBroadcast(as(t, "amira"), all.ID)
	require.NoError(t, err)
	eventually(t, func() bool { return shown(t, b).Text == "How are you?" }, "the words before it")
}

// What a search finds in a subject is what it shows.
func TestAMatchInASubjectIsShown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	about := email("grace", "Dear Grace, please ring me about your knee.")
	about.Subject = "Your housing form"
	b.send(t, "amira", about)
	for q, excerpt := range map[string]string{
		"housing": "Your housing form", "FORM": "Your housing form", "grace form": "Your housing form",
		"knee": "…about your knee.", "form knee": "…about your knee.", "yo": "…me about your knee.",
	} {
		page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Query: q})
		require.NoError(t, err)
		require.Len(t, page.Items, 1, q)
		require.Equal(t, "message", page.Items[0].Match.Field, q)
		require.Equal(t, excerpt, page.Items[0].Match.Excerpt, q)
	}
}
