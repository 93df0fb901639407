package messenger_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// queued begins some acts one after the other, each once the one before waits in the database for a row that is held,
// lets that go, and requires that all are done and none of them was ever ended because two waited for one another.
func queued(t *testing.T, pool *pgxpool.Pool, held string, acts ...func() error) {
	t.Helper()
	holder, err := pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = holder.Rollback(context.Background()) }()
	tag, err := holder.Exec(t.Context(), held)
	require.NoError(t, err)
	require.EqualValues(t, 1, tag.RowsAffected(), held)
	errs := make([]error, len(acts))
	var all sync.WaitGroup
	for i, act := range acts {
		all.Go(func() { errs[i] = act() })
		eventually(t, func() bool { return lockWaiters(t, pool) == i+1 }, fmt.Sprint("act ", i, " waits"))
	}
	require.NoError(t, holder.Commit(t.Context()))
	all.Wait()
	for i, err := range errs {
		require.NoError(t, err, i)
	}
	require.Zero(t, count(t, pool, "select deadlocks from pg_stat_database where datname = current_database()"))
}

// lockWaiters is how many statements wait for another's lock in the test's database.
func lockWaiters(t *testing.T, pool *pgxpool.Pool) int {
	t.Helper()
	return count(t, pool, `select count(*) from pg_stat_activity
		where datname = current_database() and wait_event_type = 'Lock'`)
}

func ownBundle(t *testing.T) (*bundle, *pgxpool.Pool) {
	t.Helper()
	pool := ownDatabase(t)
	b := setup(t, func(c *messenger.Config) { c.Pool = pool })
	b.pool = pool
	return b, pool
}

// A discharge waits for a channel, and that becomes one with another, which is to have a new link at that moment. The
// discharge holds what is no channel any more, which the new link changes too: it must not wait for the other one.
func TestWhoWaitedForWhatIsNoChannelLetsGo(t *testing.T) {
	t.Parallel()
	b, pool := ownBundle(t)
	from, into := b.send(t, "amira", email("grace", "Hello")).Channel, b.send(t, "ben", email("grace", "Hello")).Channel
	queued(t, pool, fmt.Sprintf("select from messenger_channels where id = '%s' for update", into.ID),
		func() error { // holds the first, and waits for the second
			_, err := b.Handover(as(t, "amira"), from.ID, messenger.HandoverParams{To: "ben"})
			return err
		},
		func() error { return b.ClientDischarged(t.Context(), north, "grace") }, // waits for the first
		func() error { // waits for the second
			_, err := b.RenewLink(as(t, "ben"), into.ID)
			return err
		},
	)
	requireJoined(t, b)
	require.False(t, b.row(t, into).RepliesAllowed, "the discharge is of what became of it")
}

// A colleague's first look holds the end of a channel's history and then, against another link alone, the channel. Who
// gives the channel another link holds the channel, and must have written of it before that.
func TestALookMeetsANewLink(t *testing.T) {
	t.Parallel()
	b, pool := ownBundle(t)
	channel := b.send(t, "amira", email("grace", "Hello")).Channel
	queued(t, pool, fmt.Sprintf("select from messenger_history_heads where channel_id = '%s' for update", channel.ID),
		func() error {
			_, err := b.Channel(as(t, "chloe"), channel.ID)
			return err
		},
		func() error {
			_, err := b.RenewLink(as(t, "amira"), channel.ID)
			return err
		},
	)
}

// The same where a channel gets the link of one that becomes one with it.
func TestALookMeetsAJoinedLink(t *testing.T) {
	t.Parallel()
	b, pool := ownBundle(t)
	from, into := b.send(t, "amira", email("grace", "Hello")).Channel, b.send(t, "ben", email("grace", "Hello")).Channel
	_, err := b.SetReplies(as(t, "ben"), into.ID, false)
	require.NoError(t, err)
	b.staff.Share("chloe", adapters.Inbox{Staff: "ben"})
	queued(t, pool, fmt.Sprintf("select from messenger_history_heads where channel_id = '%s' for update", into.ID),
		func() error {
			_, err := b.Channel(as(t, "chloe"), into.ID)
			return err
		},
		func() error {
			_, err := b.Handover(as(t, "amira"), from.ID, messenger.HandoverParams{To: "ben"})
			return err
		},
	)
	require.True(t, b.row(t, into).RepliesAllowed)
}

// Two inboxes, with nothing in them, are handed over to one another at the same moment.
func TestTwoInboxesAreHandedOverToOneAnother(t *testing.T) {
	t.Parallel()
	b, pool := ownBundle(t)
	b.staff.Share("amira", adapters.Inbox{Staff: "ben", MayAct: true})
	give := func(from, to adapters.StaffID) func() error {
		return func() error {
			_, err := b.HandoverInbox(as(t, from), from, messenger.HandoverParams{To: to})
			return err
		}
	}
	require.NoError(t, give("amira", "ben")()) // both have a history
	queued(t, pool, "select from messenger_inbox_history_heads where staff_id = 'amira' for update",
		give("amira", "ben"), give("ben", "amira"))
}
