package messenger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func (b *bundle) recheck(t *testing.T) {
	t.Helper()
	require.NoError(t, b.Jobs().RecheckScheduled(t.Context(), 1))
}

// friday is a working day with a weekend after it, before anybody has come in.
func friday() time.Time { return time.Date(2026, 12, 4, 7, 0, 0, 0, time.UTC) }

// From the beginning of the working day before a message goes out it says why it can't, once, and asks for a person
// until it is mended; what can go says nothing.
func TestRecheckTheWorkingDayBefore(t *testing.T) {
	t.Parallel()
	for reason, client := range map[string]adapters.Client{
		"deceased":        {Email: "grace@example.org", Deceased: true},
		"no_address":      {},
		"objected":        {Email: "grace@example.org", Objects: []adapters.Medium{adapters.Email}},
		"restricted":      {Email: "grace@example.org", Restricted: true},
		"address_changed": {Email: "other@example.org"},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			b, now := laterBundle(t, friday().AddDate(0, 0, -3))
			amira := as(t, "amira")
			p := email("sian", "Hello")
			p.SendLocal = london("2026-12-07T08:05")
			fine := b.send(t, "amira", p)
			p.Client = "grace"
			sent := b.send(t, "amira", p)
			p.SendLocal = london("2026-12-08T08:05")
			after := b.send(t, "amira", p)
			client.ID, client.Name = "grace", "Grace Okafor"
			b.clients.Put(north, client)

			*now = friday()
			b.recheck(t)
			require.Empty(t, b.row(t, sent.Channel).Attention, "Thursday's is over, and Friday has not begun")
			*now = friday().Add(3 * time.Hour)
			b.recheck(t)
			b.recheck(t)
			require.Equal(t, []messenger.Attention{messenger.AttentionCannotBeSent}, b.row(t, sent.Channel).Attention)
			got := b.message(t, sent.Channel, sent.Message.ID)
			require.Equal(t, messenger.DeliveryScheduled, got.Delivery.Status)
			require.Equal(t, reason, got.Delivery.Reason)
			require.True(t, got.Delivery.Attention)
			require.False(t, b.message(t, after.Channel, after.Message.ID).Delivery.Attention, "Monday is the day before")
			require.Empty(t, b.row(t, fine.Channel).Attention)
			page, err := b.Attention(amira, messenger.AttentionParams{Reason: messenger.AttentionCannotBeSent})
			require.NoError(t, err)
			require.Len(t, page.Items, 1)
			require.Equal(t, []messenger.Act{messenger.ActResolve}, page.Items[0].Can)
			require.Equal(t, 1, count(t, b.pool, `select count(*) from river_job where kind = 'messenger_tell_host'
				and args->>'kind' = 'cannot_be_sent' and args->>'message_id' = $1`, sent.Message.ID.String()))

			_, err = b.Resolve(amira, sent.Message.ID, messenger.ResolveParams{Of: "delivery"})
			require.NoError(t, err)
			b.recheck(t)
			require.Empty(t, b.row(t, sent.Channel).Attention, "told once")
			_, err = b.Edit(amira, sent.Message.ID)
			require.NoError(t, err)
		})
	}
}

// What was mended in time goes out, and asks for nobody any more; what was cancelled neither.
func TestRecheckedAndMended(t *testing.T) {
	t.Parallel()
	b, now := laterBundle(t, friday())
	amira := as(t, "amira")
	p := email("grace", "Hello")
	p.SendLocal = london("2026-12-07T08:05")
	sent, dropped := b.send(t, "amira", p), b.send(t, "amira", p)
	b.clients.Put(north, adapters.Client{ID: "grace", Name: "Grace Okafor"})
	*now = friday().Add(3 * time.Hour)
	b.recheck(t)
	require.True(t, b.message(t, sent.Channel, sent.Message.ID).Delivery.Attention)
	_, err := b.Cancel(amira, dropped.Message.ID)
	require.NoError(t, err)
	b.clients.Put(north, adapters.Client{ID: "grace", Name: "Grace Okafor", Email: "grace@example.org"})
	*now = time.Date(2026, 12, 7, 8, 5, 0, 0, time.UTC)
	b.deliver(t, sent.Message.ID, 1)
	got := b.message(t, sent.Channel, sent.Message.ID)
	require.Equal(t, messenger.DeliverySent, got.Delivery.Status)
	require.Empty(t, got.Delivery.Reason)
	require.Empty(t, b.row(t, sent.Channel).Attention)
}

// A zone whose clocks will show the time earlier than was thought has the message go out earlier.
func TestRecheckHeedsAZonesNewRules(t *testing.T) {
	t.Parallel()
	b, now := laterBundle(t, friday())
	p := email("grace", "Hello")
	p.SendLocal = london("2026-12-07T08:05")
	sent := b.send(t, "amira", p)
	exec(t, b, "update messenger_messages set send_after = send_after + interval '1 hour'")
	*now = friday().Add(3 * time.Hour)
	b.recheck(t)
	got := b.message(t, sent.Channel, sent.Message.ID)
	require.Equal(t, time.Date(2026, 12, 7, 8, 5, 0, 0, time.UTC), got.SendAfter.UTC())
	require.False(t, got.Delivery.Attention)
	require.Equal(t, 2, count(t, b.pool, `select count(*) from river_job where kind = 'messenger_deliver' and args->>'message_id' = $1
		and scheduled_at = $2`, sent.Message.ID.String(), got.SendAfter), "the first had it, and one that was ordered for it")
}
