package messenger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// What was accepted is delivered, or stands as failed or unknown with a reason, or was cancelled by a person.
func TestPromise1AcceptedIsNeverLost(t *testing.T) {
	t.Parallel()
	t.Run("channel, message, history and job are one transaction", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		rows := func() []int {
			return []int{
				count(t, b.pool, "select count(*) from messenger_channels"), count(t, b.pool, "select count(*) from messenger_messages"),
				count(t, b.pool, "select count(*) from messenger_history"), jobsOf(t, b, "messenger_deliver"),
				count(t, b.pool, "select coalesce(sum(unread + open + done), 0) from messenger_inboxes"),
			}
		}
		b.send(t, "amira", email("grace", "Hello"))
		require.Equal(t, []int{1, 1, 2, 1, 1}, rows())
		exec(t, b, "alter table river_job add check (kind <> 'messenger_deliver') not valid")
		_, err := b.Send(as(t, "amira"), email("sian", "Hello"))
		require.Error(t, err)
		require.Equal(t, []int{1, 1, 2, 1, 1}, rows(), "what can't be worked is not accepted, and leaves nothing")
	})

	t.Run("whatever the providers do", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.email.FailNext(adapters.ErrNotSent, errLost, adapters.ErrWrongContact, &adapters.RateLimitError{Until: time.Now()}, errLost,
			adapters.ErrWrongContent, adapters.ErrConfiguration)
		b.sms.FailNext(errLost, adapters.ErrWrongContact, errLost)
		var all []messenger.Sent
		for range 5 {
			all = append(all, b.send(t, "amira", email("grace", "Hello")), b.send(t, "amira", sms("grace", "Hello")))
		}
		late := email("sian", "Later")
		late.SendAfter = time.Now().Add(time.Hour)
		cancelled := b.send(t, "amira", late)
		_, err := b.Cancel(as(t, "amira"), cancelled.Message.ID)
		require.NoError(t, err)
		dead := b.send(t, "ben", email("grace", "A worker dies with this one"))
		b.die(t, dead.Message.ID)
		b.clients.FailNext(nil, nil, nil, errLost)
		b.work(t)
		for _, sent := range append(all, dead) {
			eventually(t, func() bool {
				delivery := b.message(t, sent.Channel, sent.Message.ID).Delivery
				switch delivery.Status { //nolint:exhaustive // the ends
				case messenger.DeliverySent:
					return true
				case messenger.DeliveryFailed, messenger.DeliveryUnknown:
					return delivery.Reason != "" && len(b.row(t, sent.Channel).Attention) > 0
				default:
					return false
				}
			}, "an end, or a reason")
		}
		require.Equal(t, messenger.DeliveryCancelled, b.message(t, cancelled.Channel, cancelled.Message.ID).Delivery.Status)
	})
}
