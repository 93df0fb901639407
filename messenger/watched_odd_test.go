package messenger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Nothing is handed over to who has left, and nobody is covered by them, though the host's directory lists them still.
func TestNothingIsGivenToWhoLeft(t *testing.T) {
	t.Parallel()
	b, channel, _ := leavingBundle(t)
	amira := as(t, "amira")
	to := messenger.HandoverParams{To: "ben", TakeUnread: true}
	tries := map[string]func() error{
		"a channel": func() error { _, err := b.Handover(amira, channel.ID, to); return err },
		"an inbox":  func() error { _, err := b.HandoverInbox(amira, "amira", to); return err },
		"a leaver's inbox": func() error {
			return b.StaffLeft(t.Context(), north, "amira", "ben")
		},
		"a cover": func() error {
			_, err := b.SetAbsence(amira, "amira", messenger.AbsenceParams{From: b.Now(amira), Cover: "ben"})
			return err
		},
	}
	covers := func() (names []string) {
		list, err := b.Covers(amira, "amira")
		require.NoError(t, err)
		for _, one := range list {
			names = append(names, one.Name)
		}
		return names
	}
	require.ElementsMatch(t, []string{"Ben Hughes", "Fay Okonkwo"}, covers())
	b.leaves(t, "ben", "")
	require.Equal(t, []string{"Fay Okonkwo"}, covers(), "who can't be chosen is not offered")
	for what, try := range tries {
		t.Log(what)
		requireCode(t, messenger.CodeInvalid, try())
	}
	require.Equal(t, adapters.StaffID("amira"), b.rowAs(as(t, "fay"), t, channel).Staff)
	require.NoError(t, b.StaffReturned(t.Context(), north, "ben"))
	require.NoError(t, tries["a cover"]())
	require.NoError(t, tries["a channel"]())
	require.Equal(t, adapters.StaffID("ben"), b.rowAs(as(t, "fay"), t, channel).Staff)
}

// Of three clients who are one person, one after the other, one channel is left, with all that was said, and the links
// of all three lead there.
func TestThreeClientsAreOnePerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	clients := b.crowd(3)
	channels, tokens := make([]messenger.Channel, 3), make([]string, 3)
	for i, client := range clients {
		channels[i] = b.send(t, "amira", email(client, "Hello")).Channel
		tokens[i] = b.token(t, channels[i])
	}
	require.NoError(t, b.ClientMerged(t.Context(), north, clients[0], clients[1]))
	require.NoError(t, b.ClientMerged(t.Context(), north, clients[1], clients[2]))
	require.NoError(t, b.ClientMerged(t.Context(), north, clients[0], clients[2]), "they are already")
	for i, token := range tokens {
		_, _, err := b.Reply(t.Context(), token, messenger.ReplyParams{Text: "By link " + string(rune('1'+i))})
		require.NoError(t, err)
		require.Equal(t, channels[2].ID, b.row(t, channels[i]).ID, "each id answers as the one")
	}
	require.Equal(t, 3, b.row(t, channels[2]).UnreadCount)
	require.Equal(t, 6, count(t, b.pool, "select count(*) from messenger_messages where channel_id = '"+
		channels[2].ID.String()+"'"))
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_channels where moved_to is null"))
	requireCounters(t, b)
}

// A client is discharged while a broadcast to them is under way: the message that is made afterwards switches no link
// on again, and what is scheduled of another is cancelled and counted there as that.
func TestADischargeWhileABroadcastIsSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	clients := b.crowd(2)
	channel := b.send(t, "amira", email(clients[0], "Hello")).Channel
	p := reminder()
	p.Clients = clients
	made, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	p.SendAfter = time.Now().Add(time.Hour)
	later, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, later.ID))
	require.NoError(t, b.ClientDischarged(t.Context(), north, clients[0]))
	require.NoError(t, b.fanOut(t, made.ID))

	require.False(t, b.row(t, channel).RepliesAllowed)
	made, err = b.Broadcast(as(t, "amira"), made.ID)
	require.NoError(t, err)
	require.Equal(t, []int{2, 0}, []int{made.Queued, made.Cancelled}, "it may be written to afterwards")
	later, err = b.Broadcast(as(t, "amira"), later.ID)
	require.NoError(t, err)
	require.Equal(t, []int{1, 1}, []int{later.Queued, later.Cancelled})
	require.Equal(t, 1, count(t, b.pool,
		"select count(*) from messenger_messages where cancelled_because = 'discharged'"))
}
