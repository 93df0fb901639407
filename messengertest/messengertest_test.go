package messengertest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messengertest"
)

func TestNothingRunsOutsideSettle(t *testing.T) {
	t.Parallel()
	host := messengertest.New(t)
	sent := host.Send(messengertest.SMS("How are you?"))
	require.Equal(t, messenger.DeliveryQueued, host.Thread(sent.Channel)[0].Delivery.Status)
	host.Settle()
	message := host.Thread(sent.Channel)[0]
	require.Equal(t, messenger.DeliverySent, message.Delivery.Status)
	require.Equal(t, messenger.RecordSaved, message.Record.Status)
	require.Len(t, host.SMS.Outbox(), 1)
	require.Empty(t, host.Email.Outbox())

	later := host.Send(messengertest.Email("And today?"))
	host.Reply(sent.Channel, "Better.")
	thread := host.Thread(later.Channel)
	require.Equal(t, messenger.DeliveryQueued, thread[1].Delivery.Status)
	require.Equal(t, messenger.RecordPending, thread[2].Record.Status)
	host.Settle()
	require.Equal(t, "replied", host.Events.Heard()[0].Kind)
}

func TestSettleWaitsForWhatComesSoon(t *testing.T) {
	t.Parallel()
	host := messengertest.New(t)
	host.Email.FailNext(adapters.ErrNotSent) // it is tried again within seconds
	sent := host.Send(messengertest.Email("How are you?"))
	later := messengertest.Email("Until tomorrow.")
	later.SendAfter = time.Now().Add(24 * time.Hour)
	host.Send(later)
	host.Settle()
	thread := host.Thread(sent.Channel)
	require.Equal(t, messenger.DeliverySent, thread[0].Delivery.Status)
	require.Equal(t, messenger.DeliveryScheduled, thread[1].Delivery.Status)
}
