package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/command"
	"github.com/cmsmessenger/cmsmessenger/migrations"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// run is the command over a database by its address.
func run(t *testing.T, arguments ...string) (code int, out, errors string) {
	t.Helper()
	var printed, faults bytes.Buffer
	code = command.Command{Out: &printed, Err: &faults}.Run(t.Context(), arguments)
	return code, printed.String(), faults.String()
}

// poolOf is a pool of the test's own over a database by its address.
func poolOf(t *testing.T, address string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	address := migrationtest.Database(t)
	migrate := func(arguments ...string) string {
		code, out, errors := run(t, append(append([]string{"migrate"}, arguments...), "-database", address)...)
		require.Zero(t, code, errors)
		return out
	}
	require.True(t, strings.HasPrefix(migrate("pending"), "20261101000001_channels\n"))
	require.Contains(t, migrate("print"), "create table messenger_channels")
	require.Contains(t, migrate("up"), "20261101000001_channels\n")
	require.Equal(t, "All had run.\n", migrate("up"))
	require.Empty(t, migrate("pending"))
	require.Empty(t, migrate("print"))

	code, _, errors := run(t, "migrate", "down", "-database", address)
	require.Equal(t, 1, code)
	require.Contains(t, errors, "-remove-all")
	require.Empty(t, migrate("pending"), "nothing was removed")
	migrate("down", "-remove-all")
	require.Contains(t, migrate("pending"), "20261101000001_channels\n")
}

func TestPrintsForTools(t *testing.T) {
	t.Parallel()
	for tool, file := range map[string]string{
		"goose": "2026110100000100_messenger_channels.sql", "golang-migrate": "2026110100000100_messenger_channels.up.sql",
	} {
		folder := t.TempDir()
		code, out, errors := run(t, "migrate", "print", "-for", tool, "-dir", folder)
		require.Zero(t, code, errors)
		require.Contains(t, out, file)
		code, out, _ = run(t, "migrate", "print", "-for", tool, "-dir", folder)
		require.Zero(t, code)
		require.Empty(t, out, "they are all there")
		require.NoError(t, os.WriteFile(filepath.Join(folder, file), []byte("select 1;"), 0o600))
		code, _, errors = run(t, "migrate", "print", "-for", tool, "-dir", folder)
		require.Equal(t, 1, code)
		require.Contains(t, errors, "there with another text")
		kept, err := os.ReadFile(filepath.Join(folder, file))
		require.NoError(t, err)
		require.Equal(t, "select 1;", string(kept))
	}
}

func TestWhatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	for _, arguments := range []string{
		"", "heal", "migrate", "migrate sideways", "migrate up now", "migrate print -for flyway", "migrate print -for goose",
		"client-channels -organisation north", "doctor -loud", "export -client grace",
		"export -organisation north -client grace -format pdf", "grant", "verify", "reconcile",
		"reconcile -organisation north -days -1",
		"verify -keys /dev/null -sealed-since noon",
	} {
		code, out, errors := run(t, strings.Fields(arguments)...)
		require.Equal(t, 2, code, arguments)
		require.Empty(t, out, arguments)
		require.Contains(t, errors, "messenger migrate up", arguments)
	}
	code, _, errors := run(t, "doctor", "-database", "postgres://messenger:se cret@127.0.0.1:x/")
	require.Equal(t, 1, code)
	require.NotContains(t, errors, "cret")
	require.Contains(t, errors, "postgres://ROLE:PASSWORD@HOST")
	for _, arguments := range []string{"help", "-h", "--help", "migrate -h", "doctor --help", "client-channels -help"} {
		code, out, errors := run(t, strings.Fields(arguments)...)
		require.Zero(t, code, arguments)
		require.Contains(t, out, "messenger migrate up", arguments)
		require.Empty(t, errors, arguments)
	}
}

// full is where nothing can be written.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// Whatever fails is told once, with what to do, and never with a password; what stands is never called whole where it
// is not.
func TestFaultsSayWhatToDo(t *testing.T) {
	t.Parallel()
	address := migrationtest.Database(t)
	pool := poolOf(t, address)
	own := "reader_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	role(t, pool, own)
	reader := withOption(t, address, "options", "-crole="+own)
	refuses := func(do string, arguments ...string) {
		t.Helper()
		code, _, errors := run(t, arguments...)
		require.Equal(t, 1, code, arguments)
		require.Contains(t, errors, do, arguments)
		require.Equal(t, 1, strings.Count(errors, "messenger: "), errors)
		require.NotContains(t, errors, "s3cret")
	}
	none := "postgres://messenger:s3cret@127.0.0.1:1/none"
	refuses("or DATABASE_URL.", "migrate", "pending", "-database", none)
	refuses("or DATABASE_URL.", "client-channels", "-organisation", "north", "-client", "c-1", "-database", none)
	refuses("run 'messenger migrate up'", "client-channels", "-organisation", "north", "-client", "c-1", "-database", address)
	refuses("run them first", "grant", "-role", own, "-database", address)
	refuses("by their owner", "migrate", "up", "-database", reader)
	standby := withOption(t, address, "options", "-cdefault_transaction_read_only=on")
	refuses("no standby", "migrate", "up", "-database", standby)
	refuses("has none", "verify", "-keys", os.DevNull, "-database", address)

	var faults bytes.Buffer
	script := command.Command{Pool: pool, Out: full{}, Err: &faults}
	require.Equal(t, 1, script.Run(t.Context(), []string{"migrate", "print"}))
	require.Contains(t, faults.String(), "is not whole")
	faults.Reset()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, arguments := range []string{"migrate up", "doctor"} {
		require.Equal(t, 1, command.Command{Pool: pool, Err: &faults}.Run(stopped, strings.Fields(arguments)))
		require.Contains(t, faults.String(), "messenger: stopped. ")
	}
}

// A host's command lists the channels of a client, whoever owns them, by ids alone.
func TestClientChannels(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	staff, clients := memory.NewStaff(), memory.NewClients()
	for id, name := range map[adapters.StaffID]string{"amira": "Amira Shah", "ben": "Ben Hughes"} {
		staff.Add(adapters.Member{ID: id, Name: name, Organisation: "north", Media: []adapters.Medium{adapters.Email}})
	}
	for _, id := range []adapters.ClientID{"grace", "grace-2"} {
		clients.Put("north", adapters.Client{ID: id, Name: "Grace Okafor", Email: "grace@example.org"})
	}
	m, err := messenger.New(messenger.Config{
		Pool: pool, Staff: staff, Clients: clients, Email: memory.NewSender("memory"), PublicURL: "https://example.org/m",
		LinkKeys: []messenger.LinkKey{{ID: "k1", Key: []byte("0123456789abcdef0123456789abcdef")}},
	})
	require.NoError(t, err)
	for _, who := range []adapters.StaffID{"amira", "ben", "amira"} {
		_, err = m.Send(memory.SignIn(t.Context(), who), messenger.SendParams{
			Client: "grace", Medium: adapters.Email, Subject: "Hello", Body: "How are you?",
		})
		require.NoError(t, err)
	}
	ask := func(arguments ...string) string {
		var out bytes.Buffer
		code := command.Command{Messenger: m, Pool: pool, Out: &out}.Run(t.Context(),
			append([]string{"client-channels", "-organisation", "north"}, arguments...))
		require.Zero(t, code)
		return out.String()
	}
	text := ask("-client", "grace")
	require.Contains(t, text, "owner amira  open  2 messages")
	require.Contains(t, text, "owner ben  open  1 messages")
	require.NotContains(t, text, "Grace")
	require.NotContains(t, text, "Shah")
	require.Equal(t, "There is none.\n", ask("-client", "nobody"))
	var list []messenger.ClientChannel
	require.NoError(t, json.Unmarshal([]byte(ask("-client", "grace", "-json")), &list))
	require.Len(t, list, 2)
	require.Equal(t, adapters.StaffID("amira"), list[0].Owner)

	require.NoError(t, m.ClientMerged(t.Context(), "north", "grace", "grace-2"))
	require.Equal(t, "There is none.\n", ask("-client", "grace"))
	require.Contains(t, ask("-client", "grace-2"), "owner ben")
}

// withOption adds a parameter to an address.
func withOption(t *testing.T, address, name, value string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	query := parsed.Query()
	query.Set(name, value)
	parsed.RawQuery = query.Encode()
	return parsed.String()
}

// role makes a role for a test; it goes with all that it has in the test's database.
func role(t *testing.T, pool *pgxpool.Pool, name string) {
	t.Helper()
	_, err := pool.Exec(t.Context(), "create role "+name)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := pool.Exec(context.Background(), "drop owned by "+name+" cascade; drop role "+name)
		require.NoError(t, err)
	})
}

// migrated is an address of a database with Messenger's tables and River's.
func migrated(t *testing.T) (address string, pool *pgxpool.Pool) {
	t.Helper()
	address = migrationtest.Database(t)
	pool = poolOf(t, address)
	migrationtest.Up(t, pool)
	pending, err := migrations.Pending(t.Context(), pool)
	require.NoError(t, err)
	require.Empty(t, pending)
	return address, pool
}

// A host's own command finds River's tables where the host's Messenger has them.
func TestAHostsDoctorKnowsWhereRiverIs(t *testing.T) {
	t.Parallel()
	pool := poolOf(t, migrationtest.Database(t))
	_, err := pool.Exec(t.Context(), "create schema river")
	require.NoError(t, err)
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: "river"})
	require.NoError(t, err)
	_, err = migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	require.NoError(t, err)
	require.NoError(t, migrations.Up(t.Context(), pool))
	m, err := messenger.New(messenger.Config{
		Pool: pool, Staff: memory.NewStaff(), Clients: memory.NewClients(), Email: memory.NewSender("memory"),
		PublicURL: "https://example.org/m", RiverSchema: "river",
		LinkKeys: []messenger.LinkKey{{ID: "k1", Key: []byte("0123456789abcdef0123456789abcdef")}},
	})
	require.NoError(t, err)
	var out bytes.Buffer
	host := command.Command{Messenger: m, Pool: pool, Direct: pool, Out: &out, Err: &out}
	require.Zero(t, host.Run(t.Context(), []string{"doctor"}), "%s", out.String())
}

// A host's command writes an export to a file that nobody else may read; without the host there is none.
func TestExport(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	staff, clients := memory.NewStaff(), memory.NewClients()
	media := []adapters.Medium{adapters.Email}
	staff.Add(adapters.Member{ID: "amira", Name: "Amira Shah", Organisation: "north", Media: media})
	clients.Put("north", adapters.Client{ID: "grace", Name: "Grace Okafor", Email: "grace@example.org"})
	m, err := messenger.New(messenger.Config{
		Pool: pool, Staff: staff, Clients: clients, Email: memory.NewSender("memory"), PublicURL: "https://example.org/m",
		LinkKeys: []messenger.LinkKey{{ID: "k1", Key: []byte("0123456789abcdef0123456789abcdef")}},
	})
	require.NoError(t, err)
	_, err = m.Send(memory.SignIn(t.Context(), "amira"), messenger.SendParams{
		Client: "grace", Medium: adapters.Email, Subject: "Hello", Body: "How are you?",
	})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "grace.json")
	arguments := []string{"export", "-organisation", "north", "-client", "grace"}
	host := command.Command{Messenger: m, Pool: pool, Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}
	require.Zero(t, host.Run(t.Context(), append(arguments, "-out", file)))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var made messenger.ClientExport
	require.NoError(t, json.Unmarshal(text, &made))
	require.NotNil(t, made.Internal)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.Equal(t, 1, host.Run(t.Context(), append(arguments, "-out", file)), "others may read one that was there")
	kept, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, text, kept)
	nothing := filepath.Join(t.TempDir(), "nobody.json")
	require.Equal(t, 1, host.Run(t.Context(), []string{"export", "-organisation", "north", "-client", "x", "-out", nothing}))
	require.NoFileExists(t, nothing)

	var page bytes.Buffer
	host.Out = &page
	require.Zero(t, host.Run(t.Context(), append(arguments, "-format", "html", "-for", "client")))
	require.Contains(t, page.String(), "How are you?")
	require.NotContains(t, page.String(), "Internal")
	code, _, errors := run(t, arguments...)
	require.Equal(t, 1, code)
	require.Contains(t, errors, "in a host's own command alone")
}
