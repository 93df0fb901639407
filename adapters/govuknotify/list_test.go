package govuknotify_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// What the service sent is listed, page after page, no further back than was asked.
func TestListHasWhatWasSentSince(t *testing.T) {
	t.Parallel()
	server := newNotify(t)
	sender := newSender(t, server)
	wanted := map[string]bool{}
	for range 7 { // more than the fake has on two pages
		message := text("Hello")
		_, err := sender.Send(t.Context(), message)
		require.NoError(t, err)
		wanted[message.Reference] = true
	}
	server.mu.Lock()
	server.taken[0]["created_at"] = "2026-03-01T00:00:00.000000Z"
	delete(wanted, server.taken[0]["reference"].(string))
	server.taken[3]["status"] = "permanent-failure"
	server.mu.Unlock()
	list, asked, err := sender.List(t.Context(), "north", adapters.SMS, now().Add(-time.Hour))
	require.NoError(t, err)
	require.Equal(t, []string{"govuknotify"}, asked)
	failed := 0
	for _, receipt := range list {
		require.True(t, wanted[receipt.Reference])
		delete(wanted, receipt.Reference)
		if receipt.Status == adapters.Failed {
			failed++
		}
	}
	require.Empty(t, wanted)
	require.Equal(t, 1, failed)
	list, _, err = sender.List(t.Context(), "north", adapters.Email, time.Time{})
	require.NoError(t, err)
	require.Empty(t, list, "of the other medium")
	server.refuse(500, "Internal")
	_, _, err = sender.List(t.Context(), "north", adapters.SMS, now())
	require.Error(t, err)
}
