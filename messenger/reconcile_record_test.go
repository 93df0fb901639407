package messenger_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// changedRecord is a record out of which somebody took an entry, or into which they wrote one again.
type changedRecord struct {
	*memory.Record
	lost, twice []uuid.UUID
	err         error
}

func (r *changedRecord) Entries(
	ctx context.Context, organisation adapters.OrganisationID, keys []uuid.UUID,
) ([]uuid.UUID, error) {
	held, err := r.Record.Entries(ctx, organisation, keys)
	held = slices.DeleteFunc(held, func(key uuid.UUID) bool { return slices.Contains(r.lost, key) })
	for _, key := range r.twice {
		if slices.Contains(keys, key) {
			held = append(held, key)
		}
	}
	return held, errors.Join(err, r.err)
}

// plainRecord is one that nobody can ask.
type plainRecord struct{ adapters.Record }

// What was filed is in the record once, or somebody is told that it is not; what is lost is written anew when they say
// so. What the record does not answer ends its own part alone.
func TestReconcileTheRecord(t *testing.T) {
	t.Parallel()
	record := &changedRecord{}
	provider := &listing{}
	b := setup(t, func(c *messenger.Config) {
		record.Record, c.Record = c.Record.(*memory.Record), record
		provider.Sender, c.Email = c.Email, provider
	})
	old := time.Now().Add(-time.Hour)
	filed := func(by adapters.StaffID, client adapters.ClientID) messenger.Sent {
		sent := b.send(t, by, email(client, "Hello"))
		b.deliver(t, sent.Message.ID, 1)
		b.file(t, sent.Message.ID, 1)
		exec(t, b, "update messenger_messages set record_saved_at = $2 where id = $1", sent.Message.ID, old)
		return sent
	}
	sent := filed("amira", "grace")
	lost, twice := filed("amira", "grace").Message.ID, filed("amira", "grace").Message.ID
	filed("esther", "south-1") // of another organisation
	young := filed("amira", "grace").Message.ID
	exec(t, b, "update messenger_messages set record_saved_at = now() where id = $1", young)
	b.deliver(t, b.send(t, "amira", email("grace", "Not filed yet")).Message.ID, 1)
	note := b.add(t, "amira", sent.Channel, messenger.NoteParams{Kind: messenger.KindNote, Text: "For the record", File: true})
	require.NoError(t, b.Jobs().FileNote(t.Context(), note.ID, 1))
	exec(t, b, "update messenger_notes set at = $2 where id = $1", note.ID, old)
	record.lost, record.twice = []uuid.UUID{lost, young, note.ID}, []uuid.UUID{twice}

	reconcile := func() messenger.Reconciled {
		t.Helper()
		made, err := b.Reconcile(t.Context(), north, time.Now().Add(-24*time.Hour))
		require.NoError(t, err)
		kept, err := b.Reconciliations(t.Context(), north, made.At)
		require.NoError(t, err)
		require.Equal(t, made, kept[0])
		require.True(t, b.ReconciledIsOurs(kept[0]))
		return made
	}
	record.err = errors.New("503")
	made := reconcile()
	require.True(t, made.RecordFailed)
	require.False(t, made.RecordAsked)
	require.Equal(t, []adapters.Medium{adapters.Email}, made.Asked, "the providers are asked all the same")
	require.Empty(t, made.Differences, "what nobody answered is not called lost")
	require.Contains(t, healthCheck(t, b, "reconciled").Detail, "the record did not answer for [north]")
	exec(t, b, "delete from river_job")
	require.NoError(t, b.Jobs().Reconcile(t.Context(), "", 1))
	require.Contains(t, namesOf(t, b, "select args->>'organisation_id' from river_job where kind = 'messenger_reconcile'"),
		string(north), "it is asked again within the night")

	record.err = nil
	made = reconcile()
	require.True(t, made.RecordAsked)
	require.False(t, made.RecordFailed)
	require.Equal(t, 1, made.Filed)
	require.ElementsMatch(t, []messenger.Difference{
		{Message: lost, Medium: adapters.Email, Via: "record", Why: messenger.DiffersUnfiled},
		{Message: twice, Medium: adapters.Email, Via: "record", Why: messenger.DiffersTwice},
		{Message: note.ID, Via: "record", Why: messenger.DiffersUnfiled, Unseen: true},
	}, made.Differences)
	require.Equal(t, "1 differences are in no channel: see Reconciliations.", healthCheck(t, b, "reconciled").Detail)
	list, counts := b.attention(t, "amira", messenger.AttentionParams{Reason: messenger.AttentionRecordFailed})
	require.ElementsMatch(t, []uuid.UUID{lost, twice}, idsOf(list))
	require.Equal(t, map[messenger.Attention]int{messenger.AttentionRecordFailed: 2}, counts)
	require.Equal(t, messenger.ReasonRecordLost, b.message(t, sent.Channel, lost).Record.Reason)
	require.Equal(t, messenger.ReasonRecordTwice, b.message(t, sent.Channel, twice).Record.Reason)
	notes, err := b.Notes(as(t, "amira"), sent.Channel.ID, messenger.NotesParams{})
	require.NoError(t, err)
	require.Equal(t, messenger.NoteFilingFailed, notes.Items[0].Filing)
	require.Equal(t, 3, count(t, b.pool, `select count(*) from river_job where kind = 'messenger_tell_host'
		and args->>'kind' = 'record_failed'`))

	attempts := record.Attempts(lost)
	for _, one := range []uuid.UUID{lost, twice} {
		_, err = b.FileAgain(as(t, "amira"), one)
		require.NoError(t, err)
		b.fileNow(t, one)
		require.Equal(t, messenger.RecordSaved, b.message(t, sent.Channel, one).Record.Status)
	}
	require.Equal(t, attempts+1, record.Attempts(lost), "written anew, not taken to stand there")
	record.lost, record.twice = nil, nil
	made = reconcile()
	require.Empty(t, made.Differences)
	require.True(t, healthCheck(t, b, "reconciled").OK)

	plain := b.with(t, func(c *messenger.Config) { c.Record = plainRecord{c.Record} })
	made, err = plain.Reconcile(t.Context(), north, time.Now().Add(-24*time.Hour))
	require.NoError(t, err)
	require.False(t, made.RecordAsked || made.RecordFailed, "there is nobody to be asked")
}
