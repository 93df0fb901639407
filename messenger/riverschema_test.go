package messenger_test

import (
	"context"
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// River's tables may stand in a schema of their own, which Messenger's connections do not look into.
func TestRiverInASchemaOfItsOwn(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	require.NoError(t, migrations.Up(t.Context(), pool))
	var schema string
	require.NoError(t, pool.QueryRow(t.Context(), "select current_schema() || '_river'").Scan(&schema))
	_, err := pool.Exec(t.Context(), "create schema "+schema)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := pool.Exec(context.Background(), "drop schema "+schema+" cascade")
		require.NoError(t, err)
	})
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: schema})
	require.NoError(t, err)
	_, err = migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	require.NoError(t, err)

	b := setup(t, func(c *messenger.Config) { c.Pool, c.RiverSchema = pool, schema })
	b.pool = pool
	sent := b.send(t, "amira", email("grace", "Hello"))
	p := reminder()
	p.Clients = b.crowd(3)
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.Zero(t, count(t, pool, `select count(*) from pg_tables
		where schemaname = current_schema() and tablename = 'river_job'`))

	workers := river.NewWorkers()
	jobs.AddWorkers(workers, b.Jobs())
	client, err := river.NewClient(riverpgxv5.New(pool), jobs.Configure(&river.Config{
		Workers: workers, Schema: schema, Logger: b.config.Logger,
	}, b.Jobs()))
	require.NoError(t, err)
	require.NoError(t, client.Start(context.Background()))
	t.Cleanup(func() { require.NoError(t, client.StopAndCancel(context.Background())) })
	eventually(t, func() bool {
		message := b.message(t, sent.Channel, sent.Message.ID)
		return message.Delivery.Status == messenger.DeliverySent && message.Record.Status == messenger.RecordSaved
	}, "delivered and filed")
	eventually(t, func() bool {
		now, err := b.Broadcast(as(t, "amira"), broadcast.ID)
		require.NoError(t, err)
		return now.Sent == 3
	}, "the broadcast went out")
}
