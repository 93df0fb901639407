package messenger_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// scheduledIn is what is to go out later in an inbox, as somebody sees it.
func scheduledIn(ctx context.Context, t *testing.T, b *bundle, staff adapters.StaffID) messenger.InboxPage {
	t.Helper()
	page, err := b.Inbox(ctx, messenger.InboxParams{Staff: staff, Show: messenger.ShowScheduled})
	require.NoError(t, err)
	return page
}

// An inbox's channels with a message that is to go out later are listed and counted until it goes out or is cancelled,
// each with how many it has; also for a colleague, without the clients whom they may not see.
func TestShowScheduled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira, ben := as(t, "amira"), as(t, "ben")
	b.send(t, "amira", email("sian", "At once"))
	later := email("grace", "Tomorrow")
	later.SendAfter = b.Now(amira).Add(24 * time.Hour)
	first := b.send(t, "amira", later)
	second := b.send(t, "amira", later)
	b.reply(t, first.Channel, "Thank you")
	for _, who := range []context.Context{amira, ben} {
		page := scheduledIn(who, t, b, "amira")
		require.Len(t, page.Items, 1)
		require.Equal(t, first.Channel.ID, page.Items[0].ID)
		require.Equal(t, 2, page.Items[0].ScheduledCount)
		require.Equal(t, 1, page.Counts.Scheduled, "channels")
	}
	opened, err := b.Channel(amira, first.Channel.ID)
	require.NoError(t, err)
	require.Equal(t, 2, opened.ScheduledCount)
	found, err := b.Inbox(amira, messenger.InboxParams{Staff: "amira", Show: messenger.ShowScheduled, Query: "grace"})
	require.NoError(t, err)
	require.Len(t, found.Items, 1)
	found, err = b.Inbox(amira, messenger.InboxParams{Staff: "amira", Show: messenger.ShowScheduled, Query: "sian"})
	require.NoError(t, err)
	require.Empty(t, found.Items)

	b.clients.Remove(north, "grace")
	page := scheduledIn(ben, t, b, "amira")
	require.Empty(t, page.Items, "whom the directory has no more, for a colleague")
	require.Zero(t, page.Counts.Scheduled)

	for _, sent := range []messenger.Sent{first, second} {
		_, err := b.Cancel(amira, sent.Message.ID)
		require.NoError(t, err)
	}
	page = scheduledIn(amira, t, b, "amira")
	require.Empty(t, page.Items)
	require.Zero(t, page.Counts.Scheduled)
}
