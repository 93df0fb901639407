package messenger_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// unhurried is a plain carrier that may take its time.
type unhurried struct {
	adapters.Sender
	took chan time.Duration // how long each call was given
}

func (unhurried) Takes() time.Duration { return 15 * time.Minute }

func (u unhurried) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	until, _ := ctx.Deadline()
	u.took <- time.Until(until)
	return u.Sender.Send(ctx, message)
}

func TestASlowSenderHasItsTimeUnderARenewedLease(t *testing.T) {
	t.Parallel()
	b := setup(t)
	slow := unhurried{b.email.Plain(), make(chan time.Duration, 1)}
	b = b.with(t, func(c *messenger.Config) { c.Email = slow })
	sent := b.send(t, "amira", email("grace", "Hello"))
	until := func() (at time.Time) {
		require.NoError(t, b.pool.QueryRow(t.Context(),
			"select attempt_until from messenger_messages where id = $1", sent.Message.ID).Scan(&at))
		return at
	}
	release := b.email.Hold()
	defer release()
	job, over := context.WithTimeout(t.Context(), 5*time.Second)
	defer over()
	done := make(chan error, 1)
	go func() { done <- b.Jobs().Deliver(job, sent.Message.ID, 1) }()
	require.Greater(t, <-slow.took, 10*time.Minute, "a mail server may take ten minutes over the final dot")
	first := until()
	<-job.Done() // the job's own time ends, and what is under way is not cut off
	require.Eventually(t, func() bool { return until().After(first) }, 20*time.Second, 50*time.Millisecond,
		"nobody else takes the message while its worker lives")
	b.agedBy(t, sent.Message.ID, "11 minutes")
	require.Error(t, b.Jobs().Deliver(t.Context(), sent.Message.ID, 2), "another worker comes back later")
	require.Equal(t, messenger.WaitingProviderDown, b.message(t, sent.Channel, sent.Message.ID).Delivery.Waiting.Why)
	release()
	require.NoError(t, <-done)
	require.Equal(t, messenger.DeliverySent, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
	require.Equal(t, 1, b.email.Carried(sent.Message.ID.String()))
}

func TestAStopDoesNotCutOffASend(t *testing.T) {
	t.Parallel()
	b := setup(t)
	slow := unhurried{b.email.Plain(), make(chan time.Duration, 1)}
	b = b.with(t, func(c *messenger.Config) { c.Email = slow })
	sent := b.send(t, "amira", email("grace", "Hello"))
	release := b.email.Hold()
	job, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Jobs().Deliver(job, sent.Message.ID, 1) }()
	<-slow.took
	stop()
	select {
	case err := <-done:
		require.NoError(t, err)
		require.Fail(t, "the carrier can't be asked afterwards: its answer is waited for")
	case <-time.After(time.Second):
	}
	release()
	require.NoError(t, <-done)
	require.Equal(t, messenger.DeliverySent, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
}

func TestAStopBeginsNoSend(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, attempt := range []int{1, 24} {
		require.Error(t, b.Jobs().Deliver(stopped, sent.Message.ID, attempt))
		require.Equal(t, messenger.DeliveryQueued, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status,
			"another process sends it, and nobody has given up")
	}
	require.Zero(t, b.email.Calls())
}

func TestABusySenderLeavesTheMessageQueued(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	b.email.FailNext(adapters.ErrBusy, adapters.ErrBusy, adapters.ErrBusy)
	for range 2 {
		require.Error(t, b.Jobs().Deliver(t.Context(), sent.Message.ID, 24), "come back in a moment, the last try too")
		require.Equal(t, messenger.DeliveryQueued, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
	}
	require.Nil(t, b.message(t, sent.Channel, sent.Message.ID).Delivery.Waiting, "a moment is none")
	b.agedBy(t, sent.Message.ID, "11 minutes")
	require.Error(t, b.Jobs().Deliver(t.Context(), sent.Message.ID, 24))
	require.Equal(t, messenger.WaitingProviderDown, b.message(t, sent.Channel, sent.Message.ID).Delivery.Waiting.Why)
	b.deliver(t, sent.Message.ID, 24)
	delivery := b.message(t, sent.Channel, sent.Message.ID).Delivery
	require.Equal(t, messenger.DeliverySent, delivery.Status)
	require.False(t, delivery.Attention)
}
