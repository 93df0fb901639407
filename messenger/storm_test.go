package messenger_test

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// 2,000 sends from eight goroutines with deadlines that end at any point: rows, jobs and reported successes stay the same
// number. pgx owns these transactions, and River's jobs go into the same pgx.Tx; what a deadline may end is only the wait
// before a transaction begins, so that no commit is reported as a failure, and no connection is destroyed.
func TestTransactionStorm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	member := adapters.Member{ID: "amira", Name: "Amira Shah", Organisation: north, Media: []adapters.Medium{adapters.Email}}
	clients := []adapters.ClientID{"grace", "sian", "objects"}
	b.send(t, "amira", email("grace", "Before"))
	connected := b.pool.Stat().NewConnsCount()
	var succeeded atomic.Int64
	together(8, func(int) {
		for i := range 250 {
			deadline := time.Duration(rand.IntN(6000)) * time.Microsecond
			switch i % 10 {
			case 0:
				deadline = time.Minute // however slow the machine, some are sent
			case 1:
				deadline = 0 // and some are not
			}
			ctx, cancel := context.WithTimeout(t.Context(), deadline)
			p := email(clients[i%3], "Hello")
			p.Actor = &member
			p.NoReplyLink = i%2 == 0
			if _, err := b.Send(ctx, p); err == nil {
				succeeded.Add(1)
			}
			cancel()
		}
	})
	rows := count(t, b.pool, "select count(*) from messenger_messages")
	require.Equal(t, rows, jobsOf(t, b, "messenger_deliver"))
	require.Equal(t, rows, count(t, b.pool, "select count(*) from messenger_history where action = 'sent'"))
	require.Equal(t, rows, count(t, b.pool, "select sum(last_seq)::int from messenger_channels"))
	require.Equal(t, rows, int(succeeded.Load())+1, "what was committed was reported")
	require.LessOrEqual(t, b.pool.Stat().NewConnsCount()-connected, int64(b.pool.Config().MaxConns), "no connection was destroyed")
	require.GreaterOrEqual(t, rows-1, 200)
	require.LessOrEqual(t, rows-1, 1800)
	requireCounters(t, b)
}
