package messenger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Every message ends in the record or visibly not; a retry turns green only when the record took it; a delivery that
// fails after it was filed amends the entry.
func TestPromise5EveryMessageEndsInTheRecordOrVisiblyNot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	id := sent.Message.ID
	record := func() messenger.RecordState { return b.message(t, sent.Channel, id).Record }
	require.Zero(t, jobsOf(t, b, "messenger_write_record"), "nothing is filed before a provider has taken it")
	b.deliver(t, id, 1)
	require.Equal(t, 1, jobsOf(t, b, "messenger_write_record"))
	b.record.FailNext(adapters.ErrWrongContent)
	b.file(t, id, 1)
	require.Equal(t, messenger.RecordFailed, record().Status)
	require.Equal(t, []messenger.Attention{messenger.AttentionRecordFailed}, b.row(t, sent.Channel).Attention)

	again, err := b.FileAgain(as(t, "amira"), id)
	require.NoError(t, err)
	require.Equal(t, messenger.RecordPending, again.Record.Status)
	require.NotEmpty(t, b.row(t, sent.Channel).Attention, "it ends when the retry succeeds, not when it is asked for")
	b.file(t, id, 1)
	require.Equal(t, messenger.RecordSaved, record().Status)
	require.Empty(t, b.row(t, sent.Channel).Attention)

	late := jobs.ApplyReceipt{Reference: id.String(), Status: "failed", Reason: messenger.ReasonWrongContact}
	require.NoError(t, b.Jobs().ApplyReceipt(t.Context(), late, 1))
	b.record.FailNext(adapters.ErrWrongContent)
	_ = b.Jobs().AmendRecord(t.Context(), id, 1)
	require.Equal(t, messenger.RecordFailed, record().Status, "the record holds an untruth")
	again, err = b.FileAgain(as(t, "amira"), id)
	require.NoError(t, err)
	require.Equal(t, messenger.RecordPending, again.Record.Status, "not green before the record took the amendment")
	b.file(t, id, 1)
	require.Equal(t, messenger.RecordAmended, record().Status)
	filing, ok := b.record.Filing(id)
	require.True(t, ok)
	require.Equal(t, adapters.Failed, filing.Entry.Status)
	require.Equal(t, []messenger.Attention{messenger.AttentionDeliveryFailed}, b.row(t, sent.Channel).Attention)

	never := b.failed(t, email("sian", "Hello"))
	require.Equal(t, messenger.RecordNotRequired, b.message(t, never.Channel, never.Message.ID).Record.Status)
	require.Equal(t, messenger.ReasonNeverSent, b.message(t, never.Channel, never.Message.ID).Record.Reason)
}
