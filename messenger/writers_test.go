package messenger_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// One message whose outcome can't be written fails none of those that are written with it, and nobody gets anything twice for it.
func TestOneMessagesFaultIsNotTheOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broadcast := b.fannedOut(t, b.crowd(30)...)
	exec(t, b, `alter table messenger_messages add constraint no_outcome check (to_address <> 'p7@example.org' or delivery_status <> 'sent') not valid`)
	ids := messagesOf(t, b, broadcast.ID)
	errs := make([]error, len(ids))
	together(len(ids), func(i int) { errs[i] = b.Jobs().Deliver(t.Context(), ids[i], 1) })
	for i, id := range ids {
		var to, status string
		require.NoError(t, b.pool.QueryRow(t.Context(), "select to_address, delivery_status from messenger_messages where id = $1", id).Scan(&to, &status))
		require.Equal(t, to == "p7@example.org", errs[i] != nil, "%v", errs[i])
		require.Equal(t, map[bool]string{true: "sending", false: "sent"}[errs[i] != nil], status, to)
		require.Equal(t, 1, b.email.Carried(id.String()))
		require.Zero(t, b.email.Repeats(id.String()))
	}
	require.Equal(t, 29, jobsOf(t, b, "messenger_write_record"))
	together(len(ids), func(i int) { errs[i] = b.Jobs().WriteRecord(t.Context(), ids[i], 1) })
	require.Equal(t, 29, count(t, b.pool, "select count(*) from messenger_messages where delivery_status = 'sent' and record_status = 'saved'"))
	now, err := b.Broadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	require.Equal(t, []int{29, 1}, []int{now.Sent, now.Queued})
}

// held is a carrier that takes messages when it is let, all at the same time.
type held struct {
	adapters.Sender
	asked *sync.WaitGroup
	let   chan struct{}
}

func (s held) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	s.asked.Done()
	<-s.let
	return s.Sender.Send(ctx, message)
}

// A message that is locked for long, before it is claimed or while it is sent, is waited for by no other that is claimed or written with it.
func TestNobodyWaitsForALockedMessage(t *testing.T) {
	t.Parallel()
	for _, claimed := range []bool{false, true} {
		t.Run(map[bool]string{false: "claim", true: "outcome"}[claimed], func(t *testing.T) {
			t.Parallel()
			const others = 8
			carrier := held{asked: &sync.WaitGroup{}, let: make(chan struct{})}
			carrier.asked.Add(others + 1)
			b := setup(t)
			carrier.Sender = b.email.Plain()
			b = b.with(t, func(c *messenger.Config) { c.Email = carrier })
			ids := make([]uuid.UUID, others+1)
			for i := range ids {
				ids[i] = b.send(t, "amira", email("sian", fmt.Sprint("Message ", i))).Message.ID
			}
			locked, free := make(chan error, 1), make(chan error, others)
			deliver := func() {
				go func() { locked <- b.Jobs().Deliver(context.WithoutCancel(t.Context()), ids[0], 1) }()
				for _, id := range ids[1:] {
					go func() { free <- b.Jobs().Deliver(context.WithoutCancel(t.Context()), id, 1) }()
				}
			}
			if claimed {
				deliver()
				carrier.asked.Wait()
			}
			tx := b.lock(t, ids[0])
			close(carrier.let)
			if !claimed {
				deliver()
			}
			eventually(t, func() bool { return len(free) == others }, "the others wait for nothing")
			b.blocks(t, tx)
			require.Empty(t, locked, "it waits on its own")
			require.NoError(t, tx.Rollback(t.Context()))
			require.NoError(t, <-locked)
			for range others {
				require.NoError(t, <-free)
			}
			require.Equal(t, others+1, count(t, b.pool, "select count(*) from messenger_messages where delivery_status = 'sent' and attempts = 1"))
		})
	}
}

func messagesOf(t *testing.T, b *bundle, broadcast uuid.UUID) []uuid.UUID {
	t.Helper()
	rows, err := b.pool.Query(t.Context(), "select id from messenger_messages where broadcast_id = $1", broadcast)
	require.NoError(t, err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	require.NoError(t, err)
	return ids
}

// However long a batch of a broadcast's has to wait in the database, a single message goes out.
func TestASingleMessageWaitsForNoBroadcastsBatch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broadcast := b.fannedOut(t, "grace")
	held := messagesOf(t, b, broadcast.ID)[0]
	tx := b.lock(t, held)
	done := make(chan error, 1)
	go func() { done <- b.Jobs().Deliver(context.WithoutCancel(t.Context()), held, 1) }()
	b.blocks(t, tx)
	single := b.send(t, "amira", email("sian", "Just you"))
	require.NoError(t, b.Jobs().Deliver(t.Context(), single.Message.ID, 1))
	require.NoError(t, b.Jobs().WriteRecord(t.Context(), single.Message.ID, 1))
	require.Equal(t, messenger.RecordSaved, b.message(t, single.Channel, single.Message.ID).Record.Status)
	select {
	case err := <-done:
		require.Fail(t, "the broadcast's message waits no more", "%v", err)
	default:
	}
	require.NoError(t, tx.Rollback(t.Context()))
	require.NoError(t, <-done)
}

// lock holds a message until the transaction ends, at the latest with the test.
func (b *bundle) lock(t *testing.T, message uuid.UUID) pgx.Tx {
	t.Helper()
	tx, err := b.pool.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	_, err = tx.Exec(t.Context(), "select from messenger_messages where id = $1 for update", message)
	require.NoError(t, err)
	return tx
}

// blocks waits until somebody waits for what tx holds.
func (b *bundle) blocks(t *testing.T, tx pgx.Tx) {
	t.Helper()
	eventually(t, func() bool {
		return count(t, b.pool, "select count(*) from pg_stat_activity where $1 = any(pg_blocking_pids(pid))", tx.Conn().PgConn().PID()) > 0
	}, "somebody waits for it")
}

// A filing waits for its message before its batch holds a counter of a broadcast's progress: who writes that a delivery failed after all
// holds the message and wants the counter.
func TestAFilingWaitsHoldingNoCounter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broadcast := b.fannedOut(t, b.crowd(33)...) // for 16 counters
	three, shard := sameCounter(messagesOf(t, b, broadcast.ID))
	sending, filing, first := three[0], three[1], three[2]
	require.NoError(t, b.Jobs().Deliver(t.Context(), filing, 1))
	require.NoError(t, b.Jobs().Deliver(t.Context(), first, 1))

	carrier := held{b.email, &sync.WaitGroup{}, make(chan struct{})}
	carrier.asked.Add(1)
	b = b.with(t, func(c *messenger.Config) { c.Email = carrier })
	done := make(chan error, 3)
	ctx := context.WithoutCancel(t.Context())
	go func() { done <- b.Jobs().Deliver(ctx, sending, 1) }()
	carrier.asked.Wait()
	before, holder := b.lock(t, first), b.lock(t, filing)
	go func() { done <- b.Jobs().WriteRecord(ctx, first, 1) }()
	b.blocks(t, before)
	close(carrier.let)
	go func() { done <- b.Jobs().WriteRecord(ctx, filing, 1) }()
	eventually(t, func() bool { return b.Gathered() == 2 }, "both are in one batch")
	require.NoError(t, before.Rollback(t.Context()))
	b.blocks(t, holder)
	require.Equal(t, 1, count(t, b.pool, `select count(*) from (select from messenger_broadcast_counts
		where broadcast_id = $1 and shard = $2 for update skip locked) free`, broadcast.ID, shard))
	require.NoError(t, holder.Rollback(t.Context()))
	for range cap(done) {
		require.NoError(t, <-done)
	}
}

// sameCounter returns three messages, in order, that are counted together, of more than two for each counter.
func sameCounter(ids []uuid.UUID) (three []uuid.UUID, shard int) {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	var by [16][]uuid.UUID
	for _, id := range ids {
		shard = int(id[15] & 15)
		by[shard] = append(by[shard], id)
		if len(by[shard]) == 3 {
			break
		}
	}
	return by[shard], shard
}

// A broadcast's cancelling takes the counters of its progress all, and in order, before a message: workers' batches hold several too.
func TestCancellingTakesTheCountersInOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broadcast := b.fannedOut(t, "grace")
	_, err := b.CancelBroadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	mine := int(messagesOf(t, b, broadcast.ID)[0][15] & 15)
	tx, err := b.pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = tx.Exec(t.Context(), "insert into messenger_broadcast_counts (broadcast_id, shard) values ($1, $2)", broadcast.ID, (mine+1)%16)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- b.Jobs().FanOut(context.WithoutCancel(t.Context()), broadcast.ID, 1) }()
	b.blocks(t, tx)
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, <-done)
	now, err := b.Broadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	require.Equal(t, []int{1, 1}, []int{now.Cancelled, now.Total})
}
