package messenger_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Nobody waits for the slow: a dead provider delays neither another's messages nor the record, nor a slow directory the
// inbox.
func TestPromise10NobodyWaitsForTheSlow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("sian", "Hello"))
	b.deliver(t, sent.Message.ID, 1)
	answers := b.email.Hold()
	t.Cleanup(answers)
	for range 60 { // more than there are workers
		b.send(t, "amira", email("grace", "Hello"))
	}
	b.work(t)
	eventually(t, func() bool {
		return b.email.Calls() > 1 && count(t, b.pool, "select count(*) from river_job where attempted_at is null") == 0
	}, "each is handed over, or waits without a worker")
	text := b.send(t, "amira", sms("grace", "Hello"))
	eventually(t, func() bool { return b.sms.Carried(text.Message.ID.String()) == 1 }, "a text goes out beside them")
	token := b.token(t, sent.Channel)
	released := b.clients.Hold()
	receipt, _, err := b.Reply(t.Context(), token, messenger.ReplyParams{Text: "Better"})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(as(t, "amira"), 2*time.Second)
	defer cancel()
	page, err := b.Inbox(ctx, messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	_, err = b.Messages(ctx, sent.Channel.ID, messenger.PageParams{})
	require.NoError(t, err)
	bell, err := b.Notifications(ctx, messenger.PageParams{})
	require.NoError(t, err)
	require.Len(t, bell.Items, 1)
	require.NoError(t, b.Read(ctx, sent.Channel.ID, receipt.ID, false))
	_, err = b.SetStatus(ctx, sent.Channel.ID, messenger.Done, receipt.ID)
	require.NoError(t, err)
	released()

	require.Eventually(t, func() bool {
		filing, ok := b.record.Filing(receipt.ID)
		return ok && filing.Entry.Direction == adapters.Inbound
	}, 20*time.Second, 20*time.Millisecond, "filed while the provider is dead")
	answers() // what is under way outlives a stop
}
