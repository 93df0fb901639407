package messenger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// What somebody has scheduled or sent to several is found again, newest first, with its words and who got it; nobody
// else's is.
func TestBroadcastsAreListed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	later := time.Now().Add(time.Hour).UTC()
	for _, body := range []string{"One", "Two", "Three"} {
		_, err := b.SendBroadcast(as(t, "amira"), messenger.BroadcastParams{
			Medium: adapters.Email, Subject: "To all", Body: body, SendAfter: later,
			Clients: []adapters.ClientID{"grace", "phone"},
		})
		require.NoError(t, err)
	}
	page, err := b.Broadcasts(as(t, "amira"), messenger.PageParams{Limit: 2})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	require.Equal(t, []string{"Three", "Two"}, []string{page.Items[0].Body, page.Items[1].Body})
	rest, err := b.Broadcasts(as(t, "amira"), messenger.PageParams{Limit: 2, Cursor: page.Next})
	require.NoError(t, err)
	require.Len(t, rest.Items, 1)
	require.Empty(t, rest.Next)
	one := rest.Items[0]
	require.Equal(t, "To all", one.Subject)
	require.Equal(t, adapters.Email, one.Medium)
	require.WithinDuration(t, later, one.SendAfter, time.Millisecond)
	require.Equal(t, messenger.BroadcastQueued, one.State)

	b.work(t)
	eventually(t, func() bool {
		found, err := b.Broadcast(as(t, "amira"), one.ID)
		return err == nil && found.SkippedCount == 1 && found.Queued == 1
	}, "who has no address is told")
	listed, err := b.Broadcasts(as(t, "amira"), messenger.PageParams{})
	require.NoError(t, err)
	require.Equal(t, one.ID, listed.Items[2].ID)
	require.Equal(t, 1, listed.Items[2].SkippedCount)

	for _, staff := range []adapters.StaffID{"ben", "esther"} {
		page, err := b.Broadcasts(as(t, staff), messenger.PageParams{})
		require.NoError(t, err)
		require.Empty(t, page.Items, staff)
	}
}
