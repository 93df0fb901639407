package messenger_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A link takes twenty replies within an hour, in however many processes they come at the same moment.
func TestALinkTakesTwentyRepliesAnHour(t *testing.T) {
	t.Parallel()
	at, clock := withClock()
	b := setup(t, clock)
	far := b.with(t, func(*messenger.Config) {}) // another process over the same database
	amira := as(t, "amira")
	sent, other := b.send(t, "amira", email("grace", "Hello")), b.send(t, "amira", email("sian", "Hello"))
	token := b.token(t, sent.Channel)
	say := func(b *bundle, token, text string) error {
		_, _, err := b.Reply(t.Context(), token, messenger.ReplyParams{Text: text})
		return err
	}
	waiting := func() int {
		return count(t, b.pool, "select count(*) from messenger_messages where direction = 'inbound' and channel_id = $1", sent.Channel.ID)
	}
	require.NoError(t, say(b, token, "The first"))
	at.add(10 * time.Minute)
	var taken atomic.Int32
	errs := make([]error, 30)
	together(len(errs), func(i int) {
		of := []*bundle{b, far}[i%2]
		for errs[i] = context.DeadlineExceeded; messenger.CodeOf(errs[i]) == messenger.CodeUnavailable; { // a busy pool
			errs[i] = say(of, token, fmt.Sprint("Reply ", i))
		}
		if errs[i] == nil {
			taken.Add(1)
		}
	})
	require.EqualValues(t, messenger.MostReplies-1, taken.Load())
	require.Equal(t, messenger.MostReplies, waiting())
	for _, err := range errs {
		if err != nil {
			var told *messenger.Error
			require.ErrorAs(t, err, &told)
			require.Equal(t, messenger.CodeTooManyRequests, told.Code)
			require.Equal(t, 50*time.Minute, told.RetryAfter)
			require.Equal(t, at.Now().UTC().Add(50*time.Minute), told.Until.UTC())
		}
	}
	require.NoError(t, say(b, token, "The first"), "a form sent twice is told that it is there")
	require.NoError(t, say(b, b.token(t, other.Channel), "Another link"))

	require.Equal(t, []messenger.Attention{messenger.AttentionReplyFlood}, b.row(t, sent.Channel).Attention)
	inbox, err := b.Inbox(amira, messenger.InboxParams{Staff: "amira", Show: messenger.ShowAttention})
	require.NoError(t, err)
	require.Len(t, inbox.Items, 1)
	require.Equal(t, 1, inbox.Counts.Attention)
	colleagues, err := b.Inbox(as(t, "ben"), messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err)
	require.Equal(t, 1, colleagues.Counts.Attention)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from river_job where args->>'kind' = 'reply_flood'"), "told once")

	_, err = b.SetStatus(amira, sent.Channel.ID, messenger.Open, b.newest(t, sent.Channel))
	require.NoError(t, err)
	_, err = b.SetStatus(amira, sent.Channel.ID, messenger.Done, b.newest(t, sent.Channel))
	require.NoError(t, err)
	require.Empty(t, b.row(t, sent.Channel).Attention, "a person dealt with it")
	requireCode(t, messenger.CodeTooManyRequests, say(b, token, "Once more"))
	require.Equal(t, []messenger.Attention{messenger.AttentionReplyFlood}, b.row(t, sent.Channel).Attention, "and it goes on")

	_, err = b.RenewLink(amira, sent.Channel.ID)
	require.NoError(t, err)
	require.Empty(t, b.row(t, sent.Channel).Attention)
	requireCode(t, messenger.CodeNotFound, say(b, token, "By the old link"))
	token = b.token(t, sent.Channel)
	for i := range messenger.MostReplies {
		require.NoError(t, say(b, token, fmt.Sprint("New ", i)), "a new link opens writing again")
	}
	requireCode(t, messenger.CodeTooManyRequests, say(b, token, "Once more"))
	at.add(time.Hour)
	require.NoError(t, say(b, token, "An hour later"))
}

// newest is the last message of a channel.
func (b *bundle) newest(t *testing.T, channel messenger.Channel) uuid.UUID {
	t.Helper()
	thread := b.thread(t, channel)
	return thread[len(thread)-1].ID
}

// What staff and texts bring into a channel is none of the link's replies.
func TestOnlyTheLinksRepliesCount(t *testing.T) {
	t.Parallel()
	b, text := inbound(t)
	sent := b.send(t, "amira", sms("grace", "Hello"))
	for i := range messenger.MostReplies {
		text("+447700900123", fmt.Sprint("Text ", i))
		b.send(t, "amira", email("grace", "Hello"))
	}
	page, err := b.Unmatched(as(t, "amira"), messenger.PageParams{Limit: 100})
	require.NoError(t, err)
	for _, one := range page.Items {
		_, err := b.Assign(as(t, "amira"), one.ID, messenger.AssignParams{Channel: sent.Channel.ID})
		require.NoError(t, err)
	}
	b.reply(t, sent.Channel, "By the link")
	require.NotContains(t, b.row(t, sent.Channel).Attention, messenger.AttentionReplyFlood)
	require.Equal(t, adapters.Inbound, b.thread(t, sent.Channel)[len(b.thread(t, sent.Channel))-1].Direction)
}
