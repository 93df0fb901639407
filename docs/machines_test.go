package docs_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// What machines.md tells to write, with PostgreSQL itself where PgBouncer would be: behind that, package scale of
// examples runs it.
func TestMachines(t *testing.T) {
	database := migrationtest.Database(t)
	t.Setenv("PGBOUNCER_URL", database)
	t.Setenv("DATABASE_URL", database)
	config := messenger.Config{
		Clients: memory.NewClients(), Staff: memory.NewStaff(), Email: memory.NewSender("memory"),
		PublicURL: "https://nhs.example.org/m",
		LinkKeys:  []messenger.LinkKey{{ID: "2026", Key: []byte(strings.Repeat("k", 32))}},
	}
	require.NoError(t, behindPgBouncer(t.Context(), &config))
	defer config.Pool.Close()
	defer config.Direct.Close()
	migrationtest.Up(t, config.Direct)
	m, err := messenger.New(config)
	require.NoError(t, err)
	require.True(t, m.Health(t.Context()).Checks[0].OK, "the database's")

	t.Setenv("DATABASE_URL", database+"&target_session_attrs=read-write")
	pool, err := failingOver(t.Context())
	require.NoError(t, err)
	defer pool.Close()
	require.NoError(t, pool.Ping(t.Context()))
}

func behindPgBouncer(ctx context.Context, config *messenger.Config) error {
	pooled, err := pgxpool.ParseConfig(os.Getenv("PGBOUNCER_URL"))
	if err != nil {
		return err
	}
	pooled.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec // nothing is prepared: transaction mode would lose it
	config.Pool, err = pgxpool.NewWithConfig(ctx, pooled)
	if err != nil {
		return err
	}
	config.Direct, err = pgxpool.New(ctx, os.Getenv("DATABASE_URL")) // to PostgreSQL itself: it carries LISTEN alone
	return err
}

func failingOver(ctx context.Context) (*pgxpool.Pool, error) {
	// postgres://…@db-1:5432,db-2:5432/cms?target_session_attrs=read-write
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		return nil, err
	}
	return pgxpool.NewWithConfig(ctx, messenger.ConfigurePool(config))
}
