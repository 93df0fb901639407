package messenger_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// failedBroadcast is a broadcast of Amira's to a crowd, all of whose messages failed, the first named last.
func (b *bundle) failedBroadcast(t *testing.T, n int) (broadcast uuid.UUID, messages map[adapters.ClientID]uuid.UUID) {
	t.Helper()
	broadcast = b.fannedOut(t, b.crowd(n)...).ID
	exec(t, b, `update messenger_messages m set delivery_status = 'failed', delivery_reason = 'wrong_contact',
		delivery_attention = 'delivery_failed' where m.broadcast_id = $1`, broadcast)
	exec(t, b, `update messenger_messages m set attention_since = now() - right(c.client_id, 3)::int * interval '1 minute'
		from messenger_channels c where c.id = m.channel_id and m.broadcast_id = $1`, broadcast)
	messages = map[adapters.ClientID]uuid.UUID{}
	list, _ := b.attention(t, "amira", messenger.AttentionParams{Broadcast: broadcast})
	for _, row := range list {
		messages[row.Channel.Client] = row.ID
	}
	require.Len(t, messages, n)
	return broadcast, messages
}

// failedOf is who failed of Amira's broadcast, page by page.
func (b *bundle) failedOf(t *testing.T, broadcast uuid.UUID, limit int) (list []messenger.Needed) {
	t.Helper()
	for p := (messenger.PageParams{Limit: limit}); ; {
		page, err := b.BroadcastFailed(as(t, "amira"), broadcast, p)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Items), limit)
		list = append(list, page.Items...)
		if p.Cursor = page.Next; page.Next == "" {
			return list
		}
	}
}

// Who failed of a broadcast is listed as what needs a person is, those of whom nobody knows with them, whatever the
// size of the pages; nothing else of the broadcast's is, and nothing of another's.
func TestBroadcastFailedListsWhoFailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.failed(t, email("grace", "Hello"))
	broadcast, messages := b.failedBroadcast(t, 6)
	_, others := b.failedBroadcast(t, 1)
	require.Len(t, others, 1)
	change := func(client adapters.ClientID, set string) {
		exec(t, b, "update messenger_messages set "+set+" where id = $1", messages[client])
	}
	change("crowd-00001", "delivery_status = 'unknown', delivery_attention = 'delivery_unknown'")
	change("crowd-00002", `delivery_status = 'sent', delivery_attention = null, record_status = 'failed',
		record_attention = 'record_failed'`)
	change("crowd-00003", "delivery_attention = null") // resolved
	change("crowd-00005", `delivery_status = 'queued', delivery_attention = 'waiting',
		delivery_waiting = 'provider_limit'`)
	want := []uuid.UUID{messages["crowd-00001"], messages["crowd-00000"], messages["crowd-00004"]}
	for _, limit := range []int{1, 2, 50} {
		list := b.failedOf(t, broadcast, limit)
		require.Equal(t, want, idsOf(list), "%d at a time", limit)
		require.Equal(t, messenger.AttentionDeliveryUnknown, list[0].Reason)
		require.Equal(t, []messenger.Act{messenger.ActRetry, messenger.ActResolve}, list[1].Can)
		require.Equal(t, adapters.ClientID("crowd-00000"), list[1].Channel.Client)
		require.Equal(t, messages["crowd-00000"], list[1].Message.ID)
	}
	_, err := b.BroadcastFailed(as(t, "amira"), broadcast, messenger.PageParams{Cursor: "x"})
	requireCode(t, messenger.CodeInvalid, err)
}

// Each is tried again for itself, with a result in the order of the list; what was tried is not tried again.
func TestRetryBroadcast(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broadcast, messages := b.failedBroadcast(t, 5)
	soon, later := email("crowd-00001", "Something newer"), email("crowd-00000", "It follows still")
	soon.SendAfter, later.SendAfter = time.Now().Add(10*time.Second), time.Now().Add(time.Hour) // undone for a moment, or to go later
	b.send(t, "amira", soon)
	b.send(t, "amira", later)
	client := b.clientOf(t, "crowd-00002")
	client.Email = ""
	b.clients.Put(north, client)
	resolved := messages["crowd-00004"]
	exec(t, b, "update messenger_messages set delivery_attention = null where id = $1", resolved)

	var results []messenger.ActResult
	for cursor, calls := "", 1; ; calls++ {
		page, err := b.RetryBroadcastPart(as(t, "amira"), broadcast, cursor, 3)
		require.NoError(t, err)
		results = append(results, page.Items...)
		if cursor = page.Next; cursor == "" {
			require.Equal(t, 2, calls)
			break
		}
	}
	require.Equal(t, []messenger.ActResult{
		{ID: messages["crowd-00000"]},
		{ID: messages["crowd-00001"], Code: messenger.CodeNewerMessages},
		{ID: messages["crowd-00002"], Code: messenger.CodeNoAddress},
		{ID: messages["crowd-00003"]},
	}, results)
	again, err := b.RetryBroadcast(as(t, "amira"), broadcast, "")
	require.NoError(t, err)
	require.Equal(t, results[1:3], again.Items)
	require.Empty(t, again.Next)

	for _, one := range []adapters.ClientID{"crowd-00000", "crowd-00003"} {
		b.deliver(t, messages[one], 1)
	}
	now, err := b.Broadcast(as(t, "amira"), broadcast)
	require.NoError(t, err)
	require.Equal(t, []int{2, 3}, []int{now.Sent, now.Failed}, "what a person has dealt with is left alone")
	_, err = b.RetryBroadcast(as(t, "amira"), broadcast, "x")
	requireCode(t, messenger.CodeInvalid, err)
}

// A colleague's broadcast is not there, whatever they may do in the sender's inbox, and nothing is tried.
func TestRetryBroadcastIsForItsSender(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broadcast, messages := b.failedBroadcast(t, 1)
	for _, who := range []adapters.StaffID{"ben", "chloe", "dev", "esther"} {
		_, err := b.BroadcastFailed(as(t, who), broadcast, messenger.PageParams{})
		requireCode(t, messenger.CodeNotFound, err)
		_, err = b.RetryBroadcast(as(t, who), broadcast, "")
		requireCode(t, messenger.CodeNotFound, err)
	}
	_, err := b.RetryBroadcast(as(t, "amira"), uuid.New(), "")
	requireCode(t, messenger.CodeNotFound, err)
	require.Equal(t, []uuid.UUID{messages["crowd-00000"]}, idsOf(b.failedOf(t, broadcast, 50)))
}

// While the directory does not answer it is asked about one, not about each of hundreds in turn.
func TestRetryBroadcastWhileTheDirectoryIsSilent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broadcast, messages := b.failedBroadcast(t, 3)
	b.clients.FailAll(errors.New("down"))
	before := b.clients.Calls()
	page, err := b.RetryBroadcast(as(t, "amira"), broadcast, "")
	require.NoError(t, err)
	require.LessOrEqual(t, b.clients.Calls()-before, 2, "for the rows, and for the first of them")
	require.Len(t, page.Items, len(messages))
	for _, result := range page.Items {
		require.Equal(t, messenger.CodeUnavailable, result.Code)
	}
}
