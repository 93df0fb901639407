package messenger_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// texted is a Messenger that n texts have come to.
func texted(t *testing.T, n int) (*bundle, []messenger.Unmatched) {
	t.Helper()
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	b := setup(t, withHook(hook))
	for i := range n {
		text := adapters.InboundText{
			ProviderID: fmt.Sprint("p-", i), From: "+447700900123", To: "+447700900999", Text: fmt.Sprint("Text ", i),
		}
		_, err := b.Callback(t.Context(), "texts", hook.Request(nil, text))
		require.NoError(t, err)
	}
	page, err := b.Unmatched(as(t, "amira"), messenger.PageParams{})
	require.NoError(t, err)
	require.Len(t, page.Items, n)
	return b, page.Items
}

// Two who assign the same text at the same moment, to whatever channel, put it into one.
func TestATextIsAssignedOnceByManyAtOnce(t *testing.T) {
	t.Parallel()
	for round := range 5 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			b, texts := texted(t, 1)
			sent := b.send(t, "amira", sms("grace", "Hello"))
			errs := make([]error, 9)
			together(len(errs), func(i int) {
				switch i % 3 {
				case 0: // into a channel that is there
					_, errs[i] = b.Assign(as(t, "ben"), texts[0].ID, messenger.AssignParams{Channel: sent.Channel.ID})
				case 1: // into one's own, which is not there yet
					_, errs[i] = b.Assign(as(t, "ben"), texts[0].ID, messenger.AssignParams{Client: "grace", Reason: "She said so."})
				default:
					_, errs[i] = b.Assign(as(t, "amira"), texts[0].ID, messenger.AssignParams{Client: "phone", Reason: "He rang."})
				}
			})
			done := 0
			for _, err := range errs {
				if err == nil {
					done++
					continue
				}
				requireCode(t, messenger.CodeNothingToDo, err)
			}
			require.Equal(t, 1, done)
			require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_messages where direction = 'inbound'"))
			require.Equal(t, 1, jobsOf(t, b, "messenger_write_record"))
			require.LessOrEqual(t, count(t, b.pool, "select count(*) from messenger_channels"), 2, "the losers made none")
			requireCounters(t, b)
		})
	}
}

// Several texts that are assigned to one client at the same moment make one channel, and each has its place in it.
func TestTextsAssignedAtOnceMakeOneChannel(t *testing.T) {
	t.Parallel()
	b, texts := texted(t, 8)
	errs := make([]error, len(texts))
	together(len(texts), func(i int) {
		_, errs[i] = b.Assign(as(t, "dev"), texts[i].ID, messenger.AssignParams{Client: "phone", Reason: "He rang."})
	})
	for _, err := range errs {
		require.NoError(t, err)
	}
	inbox, err := b.Inbox(as(t, "dev"), messenger.InboxParams{Staff: "dev"})
	require.NoError(t, err)
	require.Len(t, inbox.Items, 1)
	require.Equal(t, 8, inbox.Items[0].UnreadCount)
	said := map[string]bool{}
	for i, message := range b.thread(t, inbox.Items[0]) {
		require.EqualValues(t, i+1, message.Seq)
		said[message.Body] = true
	}
	require.Len(t, said, 8)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_history where action = 'created'"))
	requireCounters(t, b)
}
