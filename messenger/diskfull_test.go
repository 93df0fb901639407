package messenger_test

import (
	"bytes"
	"log/slog"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// The file of the messages is a device that has no room, so that the system itself refuses to make it longer: the send is
// told as an outage that passes, the log says which disk is full, and with room again the same send is taken once.
func TestAFileThatHasNoRoom(t *testing.T) {
	t.Parallel()
	_, config := ownServer(t)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	migrationtest.Up(t, pool)
	var log bytes.Buffer
	b := setup(t, func(c *messenger.Config) {
		c.Pool, c.Direct, c.Logger = pool, pool, slog.New(slog.NewTextHandler(&log, nil))
	})
	var file string
	require.NoError(t, pool.QueryRow(t.Context(), `select setting || '/' || pg_relation_filepath('messenger_messages')
		from pg_settings where name = 'data_directory'`).Scan(&file))
	require.NoError(t, os.Rename(file, file+".room"))
	require.NoError(t, os.Symlink("/dev/full", file))
	pool.Reset() // a connection that has the file open goes on having it

	p := email("grace", "secretword")
	p.Key = "the-same-send"
	_, err = b.Send(as(t, "amira"), p)
	requireCode(t, messenger.CodeUnavailable, err)
	var said *pgconn.PgError
	require.ErrorAs(t, err, &said)
	require.Equal(t, "53100", said.Code)
	b.LogOutage(t.Context(), "send", err)
	require.Contains(t, log.String(), "a disk of the database is full")
	require.Contains(t, log.String(), "No space left on device")
	require.NotContains(t, log.String(), "secretword")
	page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err, "what is there is read")
	require.Empty(t, page.Items)

	require.NoError(t, os.Remove(file))
	require.NoError(t, os.Rename(file+".room", file))
	pool.Reset()
	for range 2 {
		_, err = b.Send(as(t, "amira"), p)
		require.NoError(t, err)
	}
	require.Equal(t, 1, count(t, pool, "select count(*) from messenger_messages"))
}
