package messenger_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A handover loses and reads nothing: what is unread is refused, or is unread to whoever gets it; and with sends, replies,
// reads, handovers, merges and discharges at the same time every message is in exactly one thread, every reply that was
// accepted among them, and every counter is a recount's.
func TestPromise12AHandoverLosesAndReadsNothing(t *testing.T) {
	t.Parallel()
	pool := ownDatabase(t)
	b := setup(t, func(c *messenger.Config) { c.Pool = pool })
	b.pool = pool
	sent := b.send(t, "amira", email("grace", "Hello"))
	b.reply(t, sent.Channel, "I have chest pain")
	_, err := b.Handover(as(t, "amira"), sent.Channel.ID, to("dev"))
	requireCode(t, messenger.CodeUnreadReplies, err)
	require.Equal(t, messenger.Unread, b.row(t, sent.Channel).Status)
	given, err := b.Handover(as(t, "amira"), sent.Channel.ID, messenger.HandoverParams{To: "dev", TakeUnread: true})
	require.NoError(t, err)
	require.Equal(t, messenger.Unread, b.row(t, given).Status)
	require.Zero(t, count(t, pool, "select count(*) from messenger_messages where read_at is not null"))

	people := []adapters.StaffID{"amira", "ben", "dev"}
	clients := b.crowd(8)
	var mu sync.Mutex
	accepted, made := 1, 2 // the reply and the two messages above
	act := func(r *rand.Rand, n int) {
		who, client := people[r.IntN(len(people))], clients[r.IntN(len(clients))]
		message, err := b.Send(as(t, who), email(client, fmt.Sprint("Message ", n)))
		if err != nil {
			t.Errorf("send: %v", err)
			return
		}
		mu.Lock()
		made++
		mu.Unlock()
		channel := message.Channel.ID
		switch r.IntN(6) {
		case 0, 1:
			opened, err := b.Channel(as(t, who), channel)
			if err != nil || opened.ReplyLink == "" {
				return
			}
			token := opened.ReplyLink[len(opened.ReplyLink)-22:]
			if _, _, err := b.Reply(t.Context(), token, messenger.ReplyParams{Text: fmt.Sprint("Reply ", n)}); err == nil {
				mu.Lock()
				accepted, made = accepted+1, made+1
				mu.Unlock()
			} else if code := messenger.CodeOf(err); code != messenger.CodeNotFound && code != messenger.CodeTooManyRequests {
				t.Errorf("reply: %v", err)
			}
		case 2:
			if err := b.Read(as(t, who), channel, message.Message.ID, false); messenger.CodeOf(err) == messenger.CodeInternal {
				t.Errorf("read: %v", err)
			}
		case 3:
			p := messenger.HandoverParams{To: people[r.IntN(len(people))], TakeUnread: r.IntN(2) == 0}
			if _, err := b.Handover(as(t, who), channel, p); messenger.CodeOf(err) == messenger.CodeInternal {
				t.Errorf("handover: %v", err)
			}
		case 4:
			into := clients[r.IntN(len(clients))]
			if err := b.ClientMerged(t.Context(), north, client, into); messenger.CodeOf(err) == messenger.CodeInternal {
				t.Errorf("merge: %v", err)
			}
		default:
			if err := b.ClientDischarged(t.Context(), north, client, who); err != nil {
				t.Errorf("discharge: %v", err)
			}
		}
	}
	until := time.Now().Add(3 * time.Second)
	together(16, func(w int) {
		r := rand.New(rand.NewPCG(uint64(w), 12))
		for n := 0; n == 0 || time.Now().Before(until) && n < 200; n++ {
			act(r, 1000*w+n)
		}
	})
	requireJoined(t, b)
	require.Equal(t, made, count(t, pool, "select count(*) from messenger_messages"))
	require.Equal(t, accepted, count(t, pool, "select count(*) from messenger_messages where direction = 'inbound'"))
	require.Zero(t, count(t, pool, "select count(*) from messenger_channels c where moved_to is null and c.status <> 'unread' and exists "+
		"(select from messenger_messages m where m.channel_id = c.id and m.direction = 'inbound' and m.read_at is null)"))
}
