package command_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/command"
)

// The command says whether the histories are whole, with the keys of a file, and no word and no name.
func TestVerify(t *testing.T) {
	t.Parallel()
	address, pool := migrated(t)
	staff, clients := memory.NewStaff(), memory.NewClients()
	media := []adapters.Medium{adapters.Email}
	staff.Add(adapters.Member{ID: "amira", Name: "Amira Shah", Organisation: "north", Media: media})
	clients.Put("north", adapters.Client{ID: "grace", Name: "Grace Okafor", Email: "grace@example.org"})
	m, err := messenger.New(messenger.Config{
		Pool: pool, Staff: staff, Clients: clients, Email: memory.NewSender("memory"), PublicURL: "https://example.org/m",
		LinkKeys: []messenger.LinkKey{{ID: "k1", Key: []byte("0123456789abcdef0123456789abcdef")}},
	})
	require.NoError(t, err)
	sent, err := m.Send(memory.SignIn(t.Context(), "amira"), messenger.SendParams{
		Client: "grace", Medium: adapters.Email, Subject: "Hello", Body: "How are you?",
	})
	require.NoError(t, err)
	keys := filepath.Join(t.TempDir(), "keys")
	require.NoError(t, os.WriteFile(keys, []byte("k1 MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n"), 0o600))
	arguments := []string{"verify", "-database", address, "-keys", keys}
	code, out, errors := run(t, arguments...)
	require.Zero(t, code, errors)
	require.Equal(t, "2 lines of 1 channels and 0 inboxes are as they were written.\n", out)

	host, err := messenger.New(messenger.Config{
		Pool: pool, Staff: staff, Clients: clients, Email: memory.NewSender("memory"), PublicURL: "https://example.org/m",
		LinkKeys: []messenger.LinkKey{{ID: "k2", Key: []byte("fedcba9876543210fedcba9876543210")}},
	})
	require.NoError(t, err)
	var told strings.Builder
	own := command.Command{Pool: pool, Messenger: host, Out: &told, Err: &told}
	require.Equal(t, 1, own.Run(t.Context(), []string{"verify"}), told.String())
	told.Reset()
	require.Zero(t, own.Run(t.Context(), []string{"verify", "-keys", keys}), "of a host whose key is another since")
	require.Equal(t, out, told.String())

	_, err = pool.Exec(t.Context(), `alter table messenger_history disable trigger user;
		update messenger_history set note = 'as if' where action = 'sent'`)
	require.NoError(t, err)
	code, out, _ = run(t, arguments...)
	require.Equal(t, 1, code)
	require.Contains(t, out, "changed   channel "+sent.Channel.ID.String()+", organisation north, number 1, line ",
		"lines are numbered as they are written: that of the message before that of its channel")
	require.NotContains(t, out, "as if")
	require.NotContains(t, out, "Amira")
	code, out, _ = run(t, append(arguments, "-json")...)
	require.Equal(t, 1, code)
	var found messenger.HistoryVerified
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	require.Equal(t, messenger.BreakChanged, found.Breaks[0].Why)

	require.NoError(t, os.WriteFile(keys, []byte("k1 secret!\n"), 0o600))
	code, _, errors = run(t, arguments...)
	require.Equal(t, 1, code)
	require.NotContains(t, errors, "secret!")
}

// After the grant the doctor of the service's role finds all well, and of the owner's it says what that means.
func TestGrant(t *testing.T) {
	t.Parallel()
	address, pool := migrated(t)
	own := "service_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	role(t, pool, own)
	code, out, errors := run(t, "grant", "-role", own, "-database", address)
	require.Zero(t, code, errors)
	require.Equal(t, own+" can do what the service does, and no more.\n", out)
	_, found := doctor(t, "-database", withOption(t, address, "options", "-crole="+own))
	require.Equal(t, command.OK, found["rights"].State, found["rights"])
	require.Equal(t, command.OK, found["roles"].State, found["roles"])
	require.Equal(t, command.OK, found["river"].State, found["river"])
	require.Contains(t, found["roles"].Detail, "The tables belong to")

	owner := "owner_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	role(t, pool, owner)
	_, err := pool.Exec(t.Context(), strings.ReplaceAll(`do $$ declare n text; begin
		for n in select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace loop
			execute format('alter table %I owner to ROLE', n);
		end loop;
	end $$`, "ROLE", owner))
	require.NoError(t, err)
	_, found = doctor(t, "-database", withOption(t, address, "options", "-crole="+owner))
	require.Equal(t, command.Note, found["roles"].State, found["roles"])
	require.Contains(t, found["roles"].Do, "messenger grant")
	code, _, errors = run(t, "grant", "-role", owner, "-database", address)
	require.Equal(t, 1, code)
	require.Contains(t, errors, "owns Messenger's tables")
}
