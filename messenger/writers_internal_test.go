package messenger

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// All batches take what they lock in one order.
func TestLockOrder(t *testing.T) {
	t.Parallel()
	var early, late uuid.UUID
	early[0], late[0] = 1, 2
	row := func(broadcast *uuid.UUID, first, last byte) rows.Message {
		r := rows.Message{BroadcastID: broadcast}
		r.ID[0], r.ID[15] = first, last
		return r
	}
	want := []rows.Message{row(nil, 1, 2), row(&early, 2, 0xf1), row(&early, 3, 0x01), row(&early, 1, 0x02), row(&late, 1, 0x01)}
	given := []rows.Message{want[4], want[2], want[3], want[1], want[0]}
	require.Equal(t, want, inLockOrder(given, func(r rows.Message) rows.Message { return r }))
	require.Equal(t, want[4], given[0], "the caller's list stays as it was")
}

// A batch takes a broadcast's counters in the order of their shards, which a trigger tells a message's by.
func TestShardIsTheTriggers(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	channel := rows.WholeChannel{Channel: rows.Channel{ID: uuid.New(), Status: Open, LinkNonce: []byte{}, LinkLookup: []byte{}}}
	broadcast := rows.Broadcast{ID: uuid.New(), ThenStatus: Done, IdempotencyHash: []byte{}}
	_, err := rows.Exec(t.Context(), pool, rows.Insert(&channel))
	require.NoError(t, err)
	_, err = rows.Exec(t.Context(), pool, rows.Insert(&broadcast))
	require.NoError(t, err)
	want := map[int]int{}
	for i := range 2 * shards {
		message := rows.WholeMessage{
			Message: rows.Message{
				ID: uuid.New(), ChannelID: channel.ID, Seq: int64(i), Direction: "outbound", Purpose: "care", AuthorKind: "staff", Verified: "none",
				DeliveryStatus: DeliveryQueued, RecordStatus: RecordPending, BroadcastID: &broadcast.ID,
			},
			Words: []string{},
		}
		message.ID[15] = byte(i*17 + i/shards) // each digit at the end, before it another
		_, err := rows.Exec(t.Context(), pool, rows.Insert(&message))
		require.NoError(t, err)
		_, err = rows.Exec(t.Context(), pool, rows.Update[rows.Message]().Set("delivery_status = 'sent'").Where("id = ?", rows.V(message.ID)))
		require.NoError(t, err)
		want[shard(message.ID)]++
	}
	counts, err := rows.List[rows.BroadcastCount](t.Context(), pool, rows.All[rows.BroadcastCount]().Where("n.broadcast_id = ?", rows.V(broadcast.ID)))
	require.NoError(t, err)
	got := map[int]int{}
	for _, count := range counts {
		got[count.Shard] = count.Sent
	}
	require.Equal(t, want, got)
	require.Len(t, got, shards, "the trigger has as many")
}
