package messenger_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func healthCheck(t *testing.T, b *bundle, name string) messenger.Check {
	t.Helper()
	for _, check := range b.Health(t.Context()).Checks {
		if check.Name == name {
			return check
		}
	}
	require.Fail(t, "no such check", name)
	return messenger.Check{}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.False(t, healthCheck(t, b, "listener").OK, "before Run")
	b.live(t)
	health := b.Health(t.Context())
	require.True(t, health.OK, "%+v", health)
	require.WithinDuration(t, time.Now(), healthCheck(t, b, "listener").Since, time.Minute)

	exec(t, b, "alter table messenger_history enable trigger all")
	require.Contains(t, healthCheck(t, b, "migrations").Detail, "messenger_history_no_change")
	require.False(t, b.Health(t.Context()).OK)
	exec(t, b, "alter table messenger_history enable always trigger messenger_history_no_change")
	exec(t, b, "alter table messenger_history enable always trigger messenger_history_no_truncate")

	b.send(t, "amira", email("grace", "Hello"))
	waiting := healthCheck(t, b, "jobs")
	require.True(t, waiting.OK)
	require.Contains(t, waiting.Detail, "messenger_deliver since ")
	exec(t, b, "update river_job set scheduled_at = now() - interval '11 minutes'")
	require.False(t, healthCheck(t, b, "jobs").OK)
	exec(t, b, "update river_job set scheduled_at = now() + interval '1 hour'")
	require.Equal(t, "None waits.", healthCheck(t, b, "jobs").Detail)

	pool, err := pgxpool.NewWithConfig(t.Context(), b.pool.Config())
	require.NoError(t, err)
	pool.Close()
	health = b.with(t, func(c *messenger.Config) { c.Pool = pool }).Health(t.Context())
	require.False(t, health.OK)
	require.Equal(t, "database", health.Checks[0].Name)
	require.False(t, health.Checks[0].OK)
	require.NotContains(t, health.Checks[0].Detail, "postgres")
}

// A periodic job that stays away is told, wherever the workers are; not before it could have come.
func TestHealthMissesThePeriodicJobs(t *testing.T) {
	t.Parallel()
	now := &clock{now: time.Now()}
	b := setup(t, func(c *messenger.Config) { c.Now = now.Now })
	require.True(t, healthCheck(t, b, "periodic").OK, "before Run")
	b.live(t)
	now.add(9 * time.Minute)
	require.True(t, healthCheck(t, b, "periodic").OK, "it may come yet")
	now.add(2 * time.Minute)
	late := healthCheck(t, b, "periodic")
	require.False(t, late.OK)
	require.Contains(t, late.Detail, "messenger_tell_overdue not for a day")
	require.NotContains(t, late.Detail, "messenger_recheck_scheduled", "that comes less often")
	day, _ := overviewOf(as(t, "amira"), t, b)
	require.False(t, day.Safe, "nobody works: nothing is sent, filed or overdue")
	require.Equal(t, 1, day.Waiting)
	//nolint:misspell // River's column
	exec(t, b, `insert into river_job (kind, state, args, max_attempts, priority, queue, finalized_at)
		values ('messenger_tell_overdue', 'completed', '{}', 25, 1, 'messenger_events', $1)`, now.Now())
	require.True(t, healthCheck(t, b, "periodic").OK)
	day, _ = overviewOf(as(t, "amira"), t, b)
	require.True(t, day.Safe)
	now.add(11 * time.Minute)
	require.Contains(t, healthCheck(t, b, "periodic").Detail, "messenger_tell_overdue since 20")
	now.add(4 * time.Hour)
	require.Contains(t, healthCheck(t, b, "periodic").Detail, "messenger_reconcile")
}

func TestPausesAreLifted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	exec(t, b, `insert into messenger_pauses values ('north', 'email', now() + interval '1 hour'),
		('south', 'sms', now() + interval '1 hour'), ('south', 'email', now() - interval '1 second')`)
	list, err := b.Pauses(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Equal(t, north, list[0].Organisation)
	require.WithinDuration(t, time.Now().Add(time.Hour), list[0].Until, time.Minute)
	require.Contains(t, healthCheck(t, b, "pauses").Detail, "2 in force.")

	sent := b.send(t, "amira", email("grace", "Hello"))
	b.deliver(t, sent.Message.ID, 1)
	require.Equal(t, messenger.DeliveryQueued, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
	other, another := b.with(t, func(*messenger.Config) {}), b.send(t, "amira", email("sian", "Hello"))
	other.deliver(t, another.Message.ID, 1)
	require.Equal(t, messenger.DeliveryQueued, b.message(t, another.Channel, another.Message.ID).Delivery.Status)
	require.NoError(t, b.LiftPause(t.Context(), north, adapters.Email))
	b.deliver(t, sent.Message.ID, 1)
	require.Equal(t, messenger.DeliverySent, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
	eventually(t, func() bool { return other.Jobs().Deliver(t.Context(), another.Message.ID, 1) == nil },
		"the other process hears of it")
	requireCode(t, messenger.CodeNotFound, b.LiftPause(t.Context(), north, adapters.Email))
	requireCode(t, messenger.CodeNotFound, b.LiftPause(t.Context(), south, adapters.Email))
	list, err = b.Pauses(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
}
