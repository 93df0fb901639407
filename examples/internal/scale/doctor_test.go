package scale

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger/command"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// The doctor tells a pooler in transaction mode, and what to do about it.
func TestTheDoctorSeesThePooler(t *testing.T) {
	t.Parallel()
	address := migrationtest.Database(t)
	pooled := pgBouncer(t, address)
	doctor := func(arguments ...string) string {
		var out bytes.Buffer
		command.Command{Out: &out, Err: &out}.Run(t.Context(), append([]string{"doctor"}, arguments...))
		return out.String()
	}
	alone := doctor("-database", pooled)
	require.Contains(t, alone, "fault  pooler      Where Messenger listens and migrates there is a pooler")
	require.Contains(t, alone, "fault  listener    No notification arrives")
	beside := doctor("-database", pooled, "-direct", address)
	require.Contains(t, beside, "note   pooler      There is a pooler in transaction mode, and the pool has statements")
	require.Contains(t, beside, "ok     listener")
	require.Contains(t, doctor("-database", pooled+"&default_query_exec_mode=exec", "-direct", address),
		"ok     pooler      There is a pooler, and it does what Messenger needs of it.")
}
