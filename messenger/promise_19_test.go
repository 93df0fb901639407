package messenger_test

import (
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A provider's receipt moves only what that provider carried: whoever has another provider's token, or another
// organisation's, can know a message's reference and says nothing of it that counts.
func TestPromise19AReceiptMovesOnlyItsOwnMessage(t *testing.T) {
	t.Parallel()
	hooks := map[string]*memory.Callbacks{
		"texts": memory.NewCallbacks("sms", "the key"), "minor": memory.NewCallbacks("minor", "another key"),
		"south": memory.NewCallbacks("sms", "the key of the south"),
	}
	configure := func(c *messenger.Config) {
		c.Hooks = map[string]messenger.Hook{}
		for name, hook := range hooks {
			c.Hooks[name] = messenger.Hook{Callbacks: hook, Organisation: messenger.AllTextsFor(north)}
		}
		of := c.Hooks["south"]
		of.Organisations = []adapters.OrganisationID{south}
		c.Hooks["south"] = of
	}
	b := setup(t, configure)
	b.work(t)
	says := func(hook string, receipt adapters.Receipt) {
		t.Helper()
		_, err := b.Callback(t.Context(), hook, hooks[hook].Request([]adapters.Receipt{receipt}))
		require.NoError(t, err)
		eventually(t, func() bool { // applied, or not
			return count(t, b.pool, `select count(*) from river_job where kind = 'messenger_apply_receipt' and state not in ($1, $2)`,
				rivertype.JobStateCompleted, rivertype.JobStateDiscarded) == 0
		}, "the receipt is dealt with")
	}
	failed := func(reference, id string) adapters.Receipt {
		return adapters.Receipt{Reference: reference, ProviderID: id, Status: adapters.Failed, Reason: adapters.ErrWrongContact}
	}

	sent := b.send(t, "amira", sms("grace", "Your urgent recall"))
	reference := sent.Message.ID.String()
	status := func() messenger.Delivery { return b.message(t, sent.Channel, sent.Message.ID).Delivery }
	eventually(t, func() bool { return status().Status == messenger.DeliverySent }, "sent")
	for _, forged := range []struct {
		hook    string
		receipt adapters.Receipt
	}{
		{"minor", failed(reference, "sms-"+reference)},
		{"minor", adapters.Receipt{Reference: reference, ProviderID: "sms-" + reference, Status: adapters.Delivered}},
		{"south", failed(reference, "sms-"+reference)},
		{"texts", failed(reference, "sms-another")},
		{"texts", failed(reference, "")},
		{"texts", failed(reference+"-2", "sms-"+reference)},
	} {
		says(forged.hook, forged.receipt)
		now := status()
		require.Equal(t, messenger.DeliverySent, now.Status, "%+v", forged)
		require.Equal(t, "sms", now.Via)
	}
	says("texts", adapters.Receipt{Reference: reference, ProviderID: "sms-" + reference, Status: adapters.Delivered})
	require.Equal(t, messenger.DeliveryDelivered, status().Status)

	// While nobody knows what carried it, one that can have carried it is believed alone.
	b = setup(t, configure, func(c *messenger.Config) { c.SMS = memory.NewSender("sms").Plain() })
	sent = b.unknown(t, sms("grace", "The next one"))
	apply := func(hook, via, id string) messenger.DeliveryStatus {
		receipt := jobs.ApplyReceipt{
			Reference: sent.Message.ID.String(), Hook: hook, Via: via, ProviderID: id, Status: "delivered", At: time.Now(),
		}
		require.NoError(t, b.Jobs().ApplyReceipt(t.Context(), receipt, 1))
		return status().Status
	}
	require.Equal(t, messenger.DeliveryUnknown, apply("minor", "minor", "minor-1"))
	require.Equal(t, messenger.DeliveryUnknown, apply("south", "sms", "sms-1"))
	require.Equal(t, messenger.DeliveryUnknown, apply("gone", "sms", "sms-1"))
	require.Equal(t, messenger.DeliveryDelivered, apply("texts", "sms", "sms-1"))
	require.Equal(t, "sms", status().Via)
}
