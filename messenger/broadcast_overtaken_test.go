package messenger_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// What a broadcast makes after its owner has left, or the client was discharged, is cancelled as what was there by
// then; what a person writes since stays.
func TestABroadcastIsOvertaken(t *testing.T) {
	t.Parallel()
	type overtaken struct {
		client, because string
		asks            bool
	}
	for name, c := range map[string]struct {
		happens func(*bundle) error
		want    []overtaken
	}{
		"by nothing": {func(*bundle) error { return nil }, nil},
		"by leaving": {
			func(b *bundle) error {
				if err := b.StaffLeft(t.Context(), north, "amira", ""); err != nil {
					return err
				}
				left := jobs.StaffLeft{Organisation: string(north), Staff: "amira", Handover: uuid.New()}
				return b.Jobs().StaffLeft(t.Context(), left, 1)
			},
			[]overtaken{{"grace", "owner_left", true}, {"sian", "owner_left", true}},
		},
		"by discharge": {
			func(b *bundle) error { return b.ClientDischarged(t.Context(), north, "grace") },
			[]overtaken{{"grace", "discharged", false}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.send(t, "amira", email("grace", "Hello"))
			p := reminder()
			p.Clients, p.SendAfter = []adapters.ClientID{"grace", "sian"}, b.Now(t.Context()).Add(24*time.Hour)
			broadcast, err := b.SendBroadcast(as(t, "amira"), p)
			require.NoError(t, err)
			require.NoError(t, c.happens(b))
			later := email("grace", "Goodbye")
			later.SendAfter = p.SendAfter
			kept := b.send(t, "amira", later)
			for range 2 {
				require.NoError(t, b.fanOut(t, broadcast.ID))
			}
			found, err := b.pool.Query(t.Context(), `select c.client_id, m.cancelled_because,
				coalesce(m.delivery_attention = 'owner_left', false)
				from messenger_messages m join messenger_channels c on c.id = m.channel_id
				where m.broadcast_id = $1 and m.delivery_status = 'cancelled' order by 1`, broadcast.ID)
			require.NoError(t, err)
			var got []overtaken
			for found.Next() {
				var one overtaken
				require.NoError(t, found.Scan(&one.client, &one.because, &one.asks))
				got = append(got, one)
			}
			require.NoError(t, found.Err())
			require.Equal(t, c.want, got)
			require.Equal(t, 2-len(c.want), count(t, b.pool, `select count(*) from messenger_messages
				where broadcast_id = $1 and delivery_status = 'scheduled'`, broadcast.ID))
			require.Equal(t, messenger.DeliveryScheduled, b.message(t, kept.Channel, kept.Message.ID).Delivery.Status,
				"what somebody wrote since stays")
		})
	}
}
