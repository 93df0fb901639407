package command_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/command"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// What was kept of a night is printed as it was signed; what somebody has changed since is said to be so.
func TestReconcile(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	m, err := messenger.New(messenger.Config{
		Pool: pool, Staff: memory.NewStaff(), Clients: memory.NewClients(), Email: memory.NewSender("memory"), Record: memory.NewRecord(),
		PublicURL: "https://example.org/m",
		LinkKeys:  []messenger.LinkKey{{ID: "k1", Key: []byte("0123456789abcdef0123456789abcdef")}},
	})
	require.NoError(t, err)
	reconcile := func(arguments ...string) (code int, said string) {
		var out bytes.Buffer
		code = command.Command{Messenger: m, Pool: pool, Out: &out, Err: &out}.Run(t.Context(),
			append([]string{"reconcile", "-organisation", "north"}, arguments...))
		return code, out.String()
	}
	code, said := reconcile("-kept")
	require.Equal(t, 1, code)
	require.Contains(t, said, "no result since ")
	code, said = reconcile("-days", "3")
	require.Zero(t, code, said)
	_, err = pool.Exec(t.Context(), `update messenger_reconciliations set at = at - interval '3 days', result =
		replace(result, left(result::json->>'at', 10), to_char((at - interval '3 days') at time zone 'UTC', 'YYYY-MM-DD'))`)
	require.NoError(t, err)
	code, said = reconcile("-kept")
	require.Equal(t, 1, code)
	require.Equal(t, 2, strings.Count(said, "no result of the night of "), said)
	_, err = pool.Exec(t.Context(), "delete from messenger_reconciliations")
	require.NoError(t, err)
	code, said = reconcile()
	require.Zero(t, code, said)
	require.Contains(t, said, "0 agree, 0 differ")
	require.Contains(t, said, "the record has 0 entries as they were filed")
	code, kept := reconcile("-kept")
	require.Zero(t, code, kept)
	require.Equal(t, said, kept)

	_, err = pool.Exec(t.Context(),
		`update messenger_reconciliations set result = replace(result, '"agree":0', '"agree":7')`)
	require.NoError(t, err)
	code, said = reconcile("-kept")
	require.Equal(t, 1, code)
	require.Contains(t, said, "7 agree, 0 differ")
	require.Contains(t, said, "NOT AS IT WAS SIGNED")
	code, _ = reconcile("-kept", "-json")
	require.Equal(t, 1, code)
}
