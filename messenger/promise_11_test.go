package messenger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// inFrontOf is who of amira's organisation has grace's unread words in their notification centre.
func (b *bundle) inFrontOf(t *testing.T) (who []adapters.StaffID) {
	t.Helper()
	for _, staff := range []adapters.StaffID{"amira", "ben", "dev", "fay"} {
		page, err := b.Notifications(as(t, staff), messenger.PageParams{Limit: 100})
		require.NoError(t, err)
		for _, n := range page.Items {
			if n.Client == "grace" && n.UnreadCount > 0 {
				who = append(who, staff)
				break
			}
		}
	}
	return who
}

// Whatever becomes of who it was for, what a client wrote and nobody has read is in front of somebody: its owner; while
// they are away their cover too; once it is overdue those who may act there, and after twice as long the fallback; whom
// it was handed over to, unread; and the channel that two became. Only reading it ends that.
func TestPromise11AReplyIsAlwaysInFrontOfSomebody(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	doubles := b.send(t, "dev", email("sian", "How are you?")).Channel
	inFrontOf := func(when string, want ...adapters.StaffID) {
		t.Helper()
		require.Equal(t, want, b.inFrontOf(t), when)
		requireJoined(t, b)
		row := b.row(t, channel)
		require.Equal(t, messenger.Unread, row.Status, when)
		_, unread := b.ownList(t, row.Staff, messenger.InboxParams{})
		require.Positive(t, unread, "%s: in its owner's list and count", when)
	}
	reply := b.reply(t, channel, "Please ring me")
	inFrontOf("a reply has come", "amira")
	b.away(t)
	inFrontOf("its owner is away", "amira", "ben")
	list, unread := b.ownList(t, "ben", messenger.InboxParams{})
	require.Contains(t, list, "grace amira")
	require.Equal(t, 1, unread, "the cover's count")
	require.NoError(t, b.EndAbsence(as(t, "amira"), "amira"))
	inFrontOf("its owner is back", "amira")
	*now = tuesday().Add(24 * time.Hour)
	b.tellOverdue(t)
	inFrontOf("nobody has read it in time", "amira", "ben", "fay")
	b.away(t)
	b.staff.Share("ben") // may open no inbox any more
	inFrontOf("who covers and was told may open the inbox no more", "amira", "fay")
	*now = tuesday().Add(48 * time.Hour)
	b.tellOverdue(t)
	inFrontOf("nor after twice as long", "amira", "fay")
	require.NoError(t, b.ClientDischarged(t.Context(), north, "grace"))
	inFrontOf("the client was discharged", "amira", "fay")

	var err error
	channel, err = b.Handover(as(t, "amira"), channel.ID, messenger.HandoverParams{To: "dev", TakeUnread: true})
	require.NoError(t, err)
	inFrontOf("it was handed over", "dev")
	b.reply(t, doubles, "It is me again")
	b.merge(t)
	inFrontOf("two clients turned out to be one", "dev")
	require.Equal(t, 2, b.row(t, channel).UnreadCount)
	begun, err := b.HandoverInbox(as(t, "dev"), "dev", messenger.HandoverParams{To: "amira", TakeUnread: true})
	require.NoError(t, err)
	b.handOver(t, begun.ID)
	channel.Staff = "amira"
	inFrontOf("the inbox was handed over", "amira", "fay")

	require.NoError(t, b.Read(as(t, "amira"), channel.ID, reply.ID, false))
	inFrontOf("the overdue one was read, the other not", "amira")
	require.NoError(t, b.Read(as(t, "amira"), channel.ID, b.newest(t, channel), false))
	require.Empty(t, b.inFrontOf(t), "all was read")
}
