package messenger

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
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
