package messenger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// twoInOrder makes two channels of Amira's; the first made is that of the client whom a broadcast comes to last.
func twoInOrder(t *testing.T, b *bundle) (first, second messenger.Channel) {
	t.Helper()
	clients := b.crowd(2)
	first = b.send(t, "amira", email(clients[1], "Hello")).Channel
	second = b.send(t, "amira", email(clients[0], "Hello")).Channel
	require.Less(t, first.ID.String(), second.ID.String())
	return first, second
}

// broadcastTo is a broadcast of Amira's to the clients of channels, not fanned out yet.
func broadcastTo(t *testing.T, b *bundle, later time.Duration, channels ...messenger.Channel) messenger.Broadcast {
	t.Helper()
	p := reminder()
	for _, channel := range channels {
		p.Clients = append(p.Clients, channel.Client)
	}
	if later > 0 {
		p.SendAfter = time.Now().Add(later)
	}
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	return broadcast
}

// cancelledTo is a broadcast whose messages are made, and of which somebody says that it is cancelled.
func cancelledTo(t *testing.T, b *bundle, later time.Duration, channels ...messenger.Channel) messenger.Broadcast {
	t.Helper()
	broadcast := broadcastTo(t, b, later, channels...)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	_, err := b.CancelBroadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	return broadcast
}

func fanningOut(t *testing.T, b *bundle, broadcast messenger.Broadcast) func() error {
	t.Helper()
	return func() error { return b.Jobs().FanOut(t.Context(), broadcast.ID, 1) }
}

func heldHistory(channel uuid.UUID) string {
	return fmt.Sprintf("select from messenger_history_heads where channel_id = '%s' for update", channel)
}

func heldChannel(channel uuid.UUID) string {
	return fmt.Sprintf("select from messenger_channels where id = '%s' for no key update", channel)
}

// One broadcast's messages are cancelled while another's are made, to the same clients.
func TestACancelledBroadcastMeetsAFanOut(t *testing.T) {
	t.Parallel()
	b, pool := ownBundle(t)
	first, second := twoInOrder(t, b)
	cancelled := cancelledTo(t, b, 0, first, second)
	other := broadcastTo(t, b, 0, first, second)
	queued(t, pool, heldHistory(first.ID), fanningOut(t, b, cancelled), fanningOut(t, b, other))
}

// Two clients turn out to be one person while a broadcast to both is made.
func TestAMergeMeetsAFanOut(t *testing.T) {
	t.Parallel()
	b, pool := ownBundle(t)
	first, second := twoInOrder(t, b)
	broadcast := broadcastTo(t, b, 0, first, second)
	queued(t, pool, heldChannel(first.ID),
		func() error { return b.ClientMerged(t.Context(), north, first.Client, second.Client) },
		fanningOut(t, b, broadcast),
	)
}

// A channel is handed over while its message of a broadcast is cancelled.
func TestAHandoverMeetsACancelledBroadcast(t *testing.T) {
	t.Parallel()
	b, pool := ownBundle(t)
	channel, _ := twoInOrder(t, b)
	cancelled := cancelledTo(t, b, 0, channel)
	queued(t, pool, heldHistory(channel.ID),
		func() error {
			_, err := b.Handover(as(t, "amira"), channel.ID, messenger.HandoverParams{To: "ben"})
			return err
		},
		fanningOut(t, b, cancelled),
	)
	require.Equal(t, 1, count(t, pool, "select count(*) from messenger_messages where delivery_status = 'cancelled'"))
}

// A client is discharged, for whom a message of their own and one of a broadcast are scheduled, while that one is
// cancelled.
func TestADischargeMeetsACancelledBroadcast(t *testing.T) {
	t.Parallel()
	b, pool := ownBundle(t)
	channel, _ := twoInOrder(t, b)
	p := email(channel.Client, "Later")
	p.SendAfter = time.Now().Add(time.Hour)
	b.send(t, "amira", p)
	cancelled := cancelledTo(t, b, time.Hour, channel)
	queued(t, pool, heldHistory(channel.ID),
		func() error { return b.ClientDischarged(t.Context(), north, channel.Client) },
		fanningOut(t, b, cancelled),
	)
	require.Equal(t, 2, count(t, pool, "select count(*) from messenger_messages where delivery_status = 'cancelled'"))
}

// A channel is marked as done, which changes its inbox's counters, while a broadcast is cancelled there and another
// makes a new channel in the inbox.
func TestAStatusMeetsACancelledBroadcastAndAFanOut(t *testing.T) {
	t.Parallel()
	b, pool := ownBundle(t)
	first, second := twoInOrder(t, b)
	cancelled := cancelledTo(t, b, 0, first, second)
	b.clients.Put(north, adapters.Client{ID: "new", Name: "Somebody New", Email: "new@example.org"})
	other := broadcastTo(t, b, 0, second, messenger.Channel{Client: "new"})
	queued(t, pool, heldHistory(first.ID),
		fanningOut(t, b, cancelled),
		func() error {
			_, err := b.SetStatus(as(t, "amira"), first.ID, messenger.Done, uuid.Nil)
			return err
		},
		fanningOut(t, b, other),
	)
}

// Who changes several messages of channels waits for a worker that has the first of them, as workers take several, and
// holds none that the worker may want next.
func TestMessagesAreHeldAsWorkersHoldThem(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		what string
		act  func(b *bundle, c adapters.ClientID) error
	}{
		{"merge", func(b *bundle, c adapters.ClientID) error { return b.ClientMerged(t.Context(), north, c, "sian") }},
		{"discharge", func(b *bundle, c adapters.ClientID) error { return b.ClientDischarged(t.Context(), north, c) }},
	} {
		b, pool := ownBundle(t)
		asks := email("grace", "Can you come?")
		asks.Expects = messenger.ExpectsReply
		asks.ExpectBy = time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
		first := b.send(t, "amira", asks).Message.ID
		b.send(t, "amira", email("sian", "Hello"))
		later := email("grace", "Later")
		later.SendAfter = time.Now().Add(time.Hour)
		scheduled := b.send(t, "amira", later).Message.ID
		for scheduled[15]%16 < first[15]%16 { // a worker would take it before
			scheduled = b.send(t, "amira", later).Message.ID
		}
		worker, err := pool.Begin(t.Context())
		require.NoError(t, err)
		_, err = worker.Exec(t.Context(), "select from messenger_messages where id = $1 for update", first)
		require.NoError(t, err)
		ended := make(chan error, 1)
		go func() { ended <- one.act(b, "grace") }()
		eventually(t, func() bool { return lockWaiters(t, pool) == 1 }, one.what)
		_, err = worker.Exec(t.Context(), "select from messenger_messages where id = $1 for update nowait", scheduled)
		require.NoError(t, err, one.what)
		require.NoError(t, worker.Rollback(t.Context()))
		require.NoError(t, <-ended)
	}
}

// A discharge waits for no worker that has a message which it does not change.
func TestADischargeHoldsWhatItChangesAlone(t *testing.T) {
	t.Parallel()
	b, pool := ownBundle(t)
	sent := b.send(t, "amira", email("grace", "Hello")).Message.ID
	asks := email("grace", "Can you come?")
	asks.Expects = messenger.ExpectsReply
	asks.ExpectBy = time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	b.send(t, "amira", asks)
	later := email("grace", "Later")
	later.SendAfter = time.Now().Add(time.Hour)
	b.send(t, "amira", later)
	worker, err := pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, worker.Rollback(t.Context())) }()
	_, err = worker.Exec(t.Context(), "select from messenger_messages where id = $1 for no key update", sent)
	require.NoError(t, err)
	soon, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, b.ClientDischarged(soon, north, "grace"))
	require.Equal(t, 1, count(t, pool, "select count(*) from messenger_messages where delivery_status = 'cancelled'"))
	require.Equal(t, 1, count(t, pool, "select count(*) from messenger_messages where awaiting = 'stopped'"))
}

// Two broadcasts of one inbox are made at once. The first looks for the channels there are; the third client gets one
// meanwhile, which the second then holds; each is to make the second client's.
func TestTwoFanOutsMeet(t *testing.T) {
	t.Parallel()
	b, pool := ownBundle(t)
	clients := b.crowd(4)
	there := b.send(t, "amira", email(clients[2], "Hello")).Channel
	one := broadcastTo(t, b, 0, messenger.Channel{Client: clients[1]}, there, messenger.Channel{Client: clients[3]})
	two := broadcastTo(t, b, 0, messenger.Channel{Client: clients[0]}, messenger.Channel{Client: clients[1]},
		messenger.Channel{Client: clients[3]})
	holder, err := pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = holder.Rollback(context.Background()) }()
	_, err = holder.Exec(t.Context(), heldChannel(there.ID))
	require.NoError(t, err)
	first := make(chan error, 1)
	go func() { first <- fanningOut(t, b, one)() }()
	eventually(t, func() bool { return lockWaiters(t, pool) == 1 }, "the first looks")
	b.send(t, "amira", email(clients[3], "Hello"))
	prepared, err := b.Prepare(as(t, "amira"), email(clients[0], "Hello"))
	require.NoError(t, err)
	making, err := pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = making.Rollback(context.Background()) }()
	_, err = prepared.SendTx(t.Context(), making)
	require.NoError(t, err)
	second := make(chan error, 1)
	go func() { second <- fanningOut(t, b, two)() }()
	eventually(t, func() bool { return lockWaiters(t, pool) == 2 }, "the second waits, for the first or for a client")
	require.NoError(t, holder.Rollback(t.Context()))
	eventually(t, func() bool { return len(first) == 1 || lockWaiters(t, pool) == 2 }, "the first goes on")
	require.NoError(t, making.Rollback(t.Context()))
	require.NoError(t, <-first)
	require.NoError(t, <-second)
	require.Zero(t, count(t, pool, "select deadlocks from pg_stat_database where datname = current_database()"))
}
