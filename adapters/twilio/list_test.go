package twilio_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// What the account sent is listed by Twilio's own ids, and what did not arrive says so.
func TestListHasWhatWasSent(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	sender := newSender(t, p)
	wanted := map[string]bool{}
	for range 3 {
		taken, err := sender.Send(t.Context(), text("Hello"))
		require.NoError(t, err)
		wanted[taken.ProviderID] = true
	}
	p.mu.Lock()
	p.list[1]["status"], p.list[1]["error_code"] = "undelivered", 30003
	p.mu.Unlock()
	since := time.Now().Add(-time.Hour)
	list, asked, err := sender.List(t.Context(), "north", adapters.SMS, since)
	require.NoError(t, err)
	require.Equal(t, []string{"twilio"}, asked)
	require.Len(t, list, 3)
	for i, receipt := range list {
		require.Empty(t, receipt.Reference)
		require.Equal(t, "twilio", receipt.Via)
		require.True(t, wanted[receipt.ProviderID])
		delete(wanted, receipt.ProviderID)
		require.Equal(t, i == 1, receipt.Status == adapters.Failed)
		require.WithinDuration(t, time.Now(), receipt.At, time.Minute)
	}
}
