package messenger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A reply that the client saw accepted is in the channel, unread, notified, and filed or held for a person.
func TestPromise3AReplyIsInTheChannel(t *testing.T) {
	t.Parallel()
	for _, check := range []bool{false, true} {
		b := setup(t)
		b.orgs.Put(adapters.Organisation{ID: north, PublicURL: "https://north.example.org/m", CheckDateOfBirth: check})
		sent := b.send(t, "amira", email("grace", "How are you?"))
		_, err := b.SetStatus(as(t, "amira"), sent.Channel.ID, messenger.Done, sent.Message.ID)
		require.NoError(t, err)
		b.record.FailNext(errLost)
		b.work(t)
		receipt := b.reply(t, sent.Channel, "Better")

		message := b.message(t, sent.Channel, receipt.ID)
		require.Equal(t, "Better", message.Body)
		require.WithinDuration(t, receipt.At, message.CreatedAt, 0)
		require.Equal(t, messenger.Unread, b.row(t, sent.Channel).Status)
		bell, err := b.Notifications(as(t, "amira"), messenger.PageParams{})
		require.NoError(t, err)
		require.Len(t, bell.Items, 1)
		require.False(t, bell.Items[0].Read)
		eventually(t, func() bool {
			for _, event := range b.events.Heard() {
				if event.Kind == "replied" && event.Message == receipt.ID {
					return true
				}
			}
			return false
		}, "the host's notification centre hears of it")
		if check {
			require.Equal(t, messenger.RecordHeld, message.Record.Status)
			require.Equal(t, []messenger.Attention{messenger.AttentionRecordHeld}, b.row(t, sent.Channel).Attention)
			continue
		}
		eventually(t, func() bool { return b.message(t, sent.Channel, receipt.ID).Record.Status == messenger.RecordSaved },
			"filed, once the record is up")
	}

	b := setup(t)
	sent := b.send(t, "amira", email("grace", "How are you?"))
	token := b.token(t, sent.Channel)
	exec(t, b, "alter table river_job add check (kind = 'messenger_deliver') not valid")
	_, _, err := b.Reply(t.Context(), token, messenger.ReplyParams{Text: "Better"})
	require.Error(t, err, "what can't be kept whole is not accepted")
	require.Len(t, b.thread(t, sent.Channel), 1)
	require.Equal(t, messenger.Open, b.row(t, sent.Channel).Status)
}
