package bunhost_test

import (
	"database/sql"
	"log/slog"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun/driver/pgdriver"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/examples/bunhost"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// Committed is delivered; rolled back leaves nothing, and the next is booked as if it had never been tried.
func TestBunHost(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	clients, staff, outbox := memory.NewClients(), memory.NewStaff(), memory.NewSender("memory")
	clients.Put("north", adapters.Client{ID: "c-1", Name: "Grace Okafor", FirstName: "Grace", Email: "grace@example.org"})
	staff.Add(adapters.Member{
		ID: "amira", Name: "Amira Shah", Organisation: "north", Media: []adapters.Medium{adapters.Email},
	})
	logger := slog.New(slog.DiscardHandler)
	m, err := messenger.New(messenger.Config{
		Pool: pool, Clients: clients, Staff: staff, Email: outbox, PublicURL: "https://nhs.example.org/m", Logger: logger,
		LinkKeys: []messenger.LinkKey{{ID: "2026", Key: []byte("32 bytes from the secret store, please")}},
	})
	require.NoError(t, err)
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, m.Jobs())
	config := jobs.Configure(&river.Config{Workers: workers, Logger: logger}, m.Jobs())
	client, err := river.NewClient(riverpgxv5.New(pool), config)
	require.NoError(t, err)
	require.NoError(t, client.Start(t.Context()))
	defer client.Stop(t.Context()) //nolint:errcheck // the test is over

	db := bunhost.OpenBun(pool)
	defer func() { require.NoError(t, db.Close()) }()
	ctx := memory.SignIn(t.Context(), "amira")
	_, err = db.NewCreateTable().Model((*bunhost.Appointment)(nil)).Exec(ctx)
	require.NoError(t, err)

	tuesday := bunhost.Appointment{ClientID: "c-1", At: "Tuesday"}
	require.NoError(t, bunhost.Book(ctx, db, m, tuesday))
	require.Error(t, bunhost.Book(ctx, db, m, tuesday), "taken: the host's own constraint")
	require.NoError(t, bunhost.Book(ctx, db, m, bunhost.Appointment{ClientID: "c-1", At: "Wednesday"}))
	require.Eventually(t, func() bool { return len(outbox.Outbox()) == 2 }, time.Minute, 10*time.Millisecond)
	n, err := db.NewSelect().Model((*bunhost.Appointment)(nil)).Count(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	page, err := m.Inbox(ctx, messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	messages, err := m.Messages(ctx, page.Items[0].ID, messenger.PageParams{})
	require.NoError(t, err)
	require.Len(t, messages.Items, 2, "the one that was rolled back left nothing")
}

// bun's own driver has no pgx connection: SendSQL says so, and the transaction is as it was.
func TestPgdriverIsRefused(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	clients, staff := memory.NewClients(), memory.NewStaff()
	clients.Put("north", adapters.Client{ID: "c-1", Name: "Grace Okafor", FirstName: "Grace", Email: "grace@example.org"})
	staff.Add(adapters.Member{
		ID: "amira", Name: "Amira Shah", Organisation: "north", Media: []adapters.Medium{adapters.Email},
	})
	m, err := messenger.New(messenger.Config{
		Pool: pool, Clients: clients, Staff: staff, Email: memory.NewSender("memory"), PublicURL: "https://nhs.example.org/m",
		LinkKeys: []messenger.LinkKey{{ID: "2026", Key: []byte("32 bytes from the secret store, please")}},
	})
	require.NoError(t, err)
	confirmation, err := m.Prepare(memory.SignIn(t.Context(), "amira"), messenger.SendParams{
		Client: "c-1", Medium: adapters.Email, Subject: "Your appointment", Body: "Tuesday",
	})
	require.NoError(t, err)
	config := pool.Config().ConnConfig
	db := sql.OpenDB(pgdriver.NewConnector(
		pgdriver.WithNetwork("tcp"), pgdriver.WithAddr(net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))),
		pgdriver.WithInsecure(true),
		pgdriver.WithUser(config.User), pgdriver.WithPassword(config.Password), pgdriver.WithDatabase(config.Database),
		pgdriver.WithConnParams(map[string]any{"search_path": config.RuntimeParams["search_path"]})))
	defer func() { require.NoError(t, db.Close()) }()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = confirmation.SendSQL(t.Context(), tx)
	require.ErrorContains(t, err, "not pgx's")
	var n int
	require.NoError(t, tx.QueryRowContext(t.Context(), "select count(*) from messenger_messages").Scan(&n), "it goes on")
	require.Zero(t, n)
	require.NoError(t, tx.Rollback())
}
