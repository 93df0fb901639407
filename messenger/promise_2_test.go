package messenger_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A repeated request, a killed worker, a replayed job: the client gets one message, and the record one entry.
func TestPromise2NothingIsSentTwice(t *testing.T) {
	t.Parallel()
	t.Run("a repeated request", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		p := email("grace", "Hello")
		p.Key = "one"
		ids := make([]uuid.UUID, 20)
		together(len(ids), func(i int) {
			sent, err := b.Send(as(t, "amira"), p)
			if err == nil {
				ids[i] = sent.Message.ID
			}
		})
		for _, id := range ids {
			require.Equal(t, ids[0], id)
		}
		require.NotEqual(t, uuid.Nil, ids[0])
		require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_messages"))
		require.Equal(t, 1, jobsOf(t, b, "messenger_deliver"))
	})

	t.Run("a replayed job, and two workers at once", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b = b.with(t, b.plain())
		sent := b.send(t, "amira", email("grace", "Hello"))
		together(8, func(int) { b.deliver(t, sent.Message.ID, 1) })
		b.deliver(t, sent.Message.ID, 2)
		require.Len(t, b.email.Outbox(), 1)
		require.Equal(t, messenger.DeliverySent, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
		together(8, func(int) { b.file(t, sent.Message.ID, 1) })
		require.Len(t, b.record.Filings(), 1)
	})

	t.Run("a worker killed after the provider took it, which can be asked", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		sent := b.send(t, "amira", email("grace", "Hello"))
		b.email.LoseNext(errLost)
		b.deliver(t, sent.Message.ID, 1)
		b.die(t, sent.Message.ID)
		b.deliver(t, sent.Message.ID, 2)
		require.Equal(t, messenger.DeliverySent, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
		require.Len(t, b.email.Outbox(), 1)
		require.Zero(t, b.email.Repeats(sent.Message.ID.String()), "looked up before anything is sent again")
	})

	t.Run("and one that neither drops repeats nor can be asked", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b = b.with(t, b.plain())
		sent := b.send(t, "amira", email("grace", "Hello"))
		b.email.LoseNext(errLost)
		for attempt := range 5 {
			b.deliver(t, sent.Message.ID, attempt+1)
		}
		killed := b.unknown(t, email("grace", "Killed before its answer came"))
		for _, m := range []messenger.Sent{sent, killed} {
			delivery := b.message(t, m.Channel, m.Message.ID).Delivery
			require.Equal(t, messenger.DeliveryUnknown, delivery.Status)
			require.Equal(t, messenger.ReasonNoAnswer, delivery.Reason)
		}
		require.Len(t, b.email.Outbox(), 1, "a person decides")
	})

	t.Run("an entry whose answer was lost", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		sent := b.send(t, "amira", email("grace", "Hello"))
		b.deliver(t, sent.Message.ID, 1)
		b.record.LoseNext(errLost)
		b.file(t, sent.Message.ID, 1)
		b.file(t, sent.Message.ID, 2)
		require.Len(t, b.record.Filings(), 1)
		require.Equal(t, messenger.RecordSaved, b.message(t, sent.Channel, sent.Message.ID).Record.Status)
	})
}
