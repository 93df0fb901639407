package messenger_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A client's text reaches a person: whoever sorts texts sees it counted and told live, whoever has a channel that texted
// the number has it counted, the host hears of it, and operators of one that nobody reads.
func TestPromise17AClientsTextReachesAPerson(t *testing.T) {
	t.Parallel()
	at, clock := withClock()
	b, text := inbound(t, clock)
	b.work(t)
	eventually(t, func() bool { return healthCheck(t, b, "listener").OK }, "it listens")
	waits := func(who adapters.StaffID) int {
		me, err := b.Me(as(t, who))
		require.NoError(t, err)
		require.Equal(t, who != "chloe", me.SortsTexts)
		return me.UnmatchedCount
	}
	require.Zero(t, waits("dev"))
	require.Zero(t, waits("esther"))
	dev, chloe := subscribe(t, b, "dev", "", ""), subscribe(t, b, "chloe", "", "")
	counted := func(want int) {
		t.Helper()
		for *until(t, dev, "unmatched").Unmatched != want {
		}
		require.Equal(t, want, waits("dev"))
	}
	text("+447700900123", "I have chest pain")
	counted(1)
	require.Zero(t, waits("chloe"), "nothing that she could read")
	require.Zero(t, waits("esther"))
	id := only(t, b, "dev").ID
	eventually(t, func() bool {
		for _, event := range b.events.Heard() {
			if event.Kind == "unmatched" && event.Organisation == north && event.Message == id && event.Channel == uuid.Nil {
				return true
			}
		}
		return false
	}, "the host hears of it")
	require.True(t, healthCheck(t, b, "texts").OK)

	_, err := b.Assign(as(t, "dev"), id, messenger.AssignParams{Client: "grace", Reason: "She rang."})
	require.NoError(t, err)
	counted(0)
	_, err = b.Unassign(as(t, "dev"), id, "")
	require.NoError(t, err)
	counted(1)
	hers := b.send(t, "chloe", email("sian", "Hello"))
	for event := range chloe {
		require.NotEqual(t, "unmatched", event.Kind, "she does not sort texts")
		if event.Message != nil {
			break
		}
	}
	exec(t, b, "update messenger_messages set medium = 'sms', to_address = '+447700900123' where id = $1", hers.Message.ID)
	require.Equal(t, 1, waits("chloe"), "a channel of hers claims it")

	at.add(25 * time.Hour)
	require.Equal(t, "the oldest has waited for longer than a day.", healthCheck(t, b, "texts").Detail)
	require.False(t, healthCheck(t, b, "texts").OK)
	exec(t, b, "delete from messenger_text_sorters")
	check := healthCheck(t, b, "texts")
	require.False(t, check.OK)
	require.Contains(t, check.Detail, "1 wait where nobody sorts texts")
}
