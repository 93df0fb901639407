package messenger_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Nothing unread is filed away unseen, by any race and any wrong clock.
func TestPromise4NothingUnreadIsFiledAway(t *testing.T) {
	t.Parallel()
	t.Run("by a clock that goes backwards", func(t *testing.T) {
		t.Parallel()
		clock, wrong := withClock()
		b := setup(t, wrong)
		sent := b.send(t, "amira", email("grace", "How are you?"))
		clock.add(-48 * time.Hour)
		reply := b.reply(t, sent.Channel, "Not well")
		require.True(t, reply.At.Before(sent.Message.CreatedAt))
		for _, upTo := range []uuid.UUID{uuid.Nil, sent.Message.ID} {
			_, err := b.SetStatus(as(t, "amira"), sent.Channel.ID, messenger.Done, upTo)
			requireCode(t, messenger.CodeUnreadReplies, err)
		}
		require.NoError(t, b.Read(as(t, "amira"), sent.Channel.ID, sent.Message.ID, false))
		done := email("grace", "Thank you")
		done.Then = messenger.Done
		_, err := b.Send(as(t, "amira"), done)
		requireCode(t, messenger.CodeUnreadReplies, err)
		row := b.row(t, sent.Channel)
		require.Equal(t, messenger.Unread, row.Status)
		require.Equal(t, 1, row.UnreadCount)
		require.Len(t, b.thread(t, sent.Channel), 2, "and what was to follow is not sent")
	})

	t.Run("by any race", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		sent := b.send(t, "amira", email("grace", "How are you?"))
		token := b.token(t, sent.Channel)
		seen := b.thread(t, sent.Channel)[0]
		for range 15 {
			upTo := seen.Seq
			together(4, func(i int) {
				switch i {
				case 0:
					_, _, _ = b.Reply(t.Context(), token, messenger.ReplyParams{Text: "One more thing", FormKey: uuid.NewString()})
				case 1:
					_, _ = b.SetStatus(as(t, "amira"), sent.Channel.ID, messenger.Done, seen.ID)
				case 2:
					_ = b.Read(as(t, "amira"), sent.Channel.ID, seen.ID, false)
				case 3:
					p := messenger.SendParams{Client: "grace", Medium: "email", Subject: "Hello", Body: "Bye", Then: messenger.Done}
					_, _ = b.Send(as(t, "amira"), p)
				}
			})
			unseen := 0
			for _, message := range b.thread(t, sent.Channel) {
				if message.Direction == "inbound" && message.Seq > upTo {
					require.True(t, message.ReadAt.IsZero())
					unseen++
				}
				seen = message
			}
			require.Equal(t, 1, unseen)
			require.Equal(t, messenger.Unread, b.row(t, sent.Channel).Status)
		}
	})
}
