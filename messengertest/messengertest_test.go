package messengertest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
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

// A host's own staff find who asks in a way of their own.
func TestAHostsOwnStaff(t *testing.T) {
	t.Parallel()
	type key struct{}
	host := messengertest.New(t, func(c *messenger.Config) { c.Staff = staffBy{c.Staff, key{}} })
	host.SignIn = func(ctx context.Context, staff adapters.StaffID) context.Context {
		return context.WithValue(ctx, key{}, staff)
	}
	sent := host.Send(messengertest.Email("How are you?"))
	host.Settle()
	host.Reply(sent.Channel, "Better.")
	require.Len(t, host.Thread(sent.Channel), 2)
}

// staffBy are memory's, found by a key of a host's.
type staffBy struct {
	adapters.Staff

	key any
}

func (s staffBy) Current(ctx context.Context) (adapters.Member, error) {
	staff, _ := ctx.Value(s.key).(adapters.StaffID)
	return s.Staff.Current(memory.SignIn(context.WithoutCancel(ctx), staff))
}
