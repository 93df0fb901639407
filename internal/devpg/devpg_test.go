package devpg_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg"
)

const ownerVariable = "DEVPG_TEST_OWNER"

// TestMain turns this binary into a host that starts the server of a folder, prints its address and waits to be killed.
func TestMain(m *testing.M) {
	dir := os.Getenv(ownerVariable)
	if dir == "" {
		os.Exit(m.Run())
	}
	server, err := devpg.Start(context.Background(), devpg.Config{Dir: dir, Disposable: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(server.URL())
	select {}
}

func TestDataOutliveACleanStop(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "not", "made", "yet")
	server := start(t, devpg.Config{Dir: dir})
	write(t, server.URL(), "kept")
	require.NoError(t, server.Stop())
	require.NoError(t, server.Stop(), "a second Stop does nothing")
	requireStopped(t, server.URL())

	require.Equal(t, []string{"kept"}, read(t, start(t, devpg.Config{Dir: dir}).URL()))
}

func TestServerIsPrivateAndUTF8(t *testing.T) {
	t.Parallel()
	server := start(t, devpg.Config{Dir: folder(t), Disposable: true, Settings: []string{"max_connections=42"}})
	conn := connect(t, server.URL())
	for question, want := range map[string]string{
		"SHOW listen_addresses":        "127.0.0.1",
		"SHOW unix_socket_directories": "",
		"SHOW server_encoding":         "UTF8",
		"SHOW max_connections":         "42",
		"SELECT lower('É')":            "é",
		"SELECT count(*)::text FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'": "0",
	} {
		var got string
		require.NoError(t, conn.QueryRow(t.Context(), question).Scan(&got))
		require.Equal(t, want, got, question)
	}
	config, err := pgx.ParseConfig(server.URL())
	require.NoError(t, err)
	config.Password = "guessed"
	_, err = pgx.ConnectConfig(t.Context(), config)
	require.ErrorContains(t, err, "28P01")
}

func TestKilledPostmasterIsStartedAgainWithItsData(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	server := start(t, devpg.Config{Dir: dir})
	write(t, server.URL(), "committed")
	require.NoError(t, syscall.Kill(postmaster(t, dir), syscall.SIGKILL))

	again := start(t, devpg.Config{Dir: dir})
	require.Equal(t, []string{"committed"}, read(t, again.URL()))
}

func TestStalePidOfAnotherProcessIsNoObstacle(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	server := start(t, devpg.Config{Dir: dir, Disposable: true})
	write(t, server.URL(), "committed")
	pidFile := filepath.Join(dir, "data", "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	require.NoError(t, err)
	require.NoError(t, server.Stop())
	_, rest, _ := strings.Cut(string(text), "\n")
	require.NoError(t, os.WriteFile(pidFile, []byte(strconv.Itoa(os.Getpid())+"\n"+rest), 0o600))

	require.Equal(t, []string{"committed"}, read(t, start(t, devpg.Config{Dir: dir, Disposable: true}).URL()))
}

func TestKilledHostLeavesAServerThatTheNextTakesOver(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	owner, address := startOwner(t, dir)
	write(t, address, "before the kill")
	pid := postmaster(t, dir)
	kill(t, owner)
	write(t, address, "after the kill")

	server := start(t, devpg.Config{Dir: dir, Disposable: true})
	require.Equal(t, address, server.URL())
	require.Equal(t, pid, postmaster(t, dir), "it is the same server")
	require.Equal(t, []string{"after the kill", "before the kill"}, read(t, server.URL()))
	require.NoError(t, server.Stop())
	requireStopped(t, address)
}

// A terminal sends Ctrl+C to every process of its foreground group, while the host still needs its database to end
// well.
func TestInterruptOfTheHostsGroupDoesNotReachTheServer(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	owner, address := startOwner(t, dir)
	require.NoError(t, syscall.Kill(-owner.Process.Pid, syscall.SIGINT))
	require.Error(t, owner.Wait())
	connect(t, address)
	require.NoError(t, start(t, devpg.Config{Dir: dir, Disposable: true}).Stop())
	requireStopped(t, address)
}

func TestHostAndPostmasterKilledTogether(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	owner, address := startOwner(t, dir)
	write(t, address, "committed")
	require.NoError(t, syscall.Kill(postmaster(t, dir), syscall.SIGKILL))
	kill(t, owner)

	require.Equal(t, []string{"committed"}, read(t, start(t, devpg.Config{Dir: dir, Disposable: true}).URL()))
}

func TestHostsOnOneFolderShareTheServerUntilTheLastStops(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	servers := make([]*devpg.Server, 4)
	var starts sync.WaitGroup
	for i := range servers {
		starts.Go(func() {
			var err error
			servers[i], err = devpg.Start(t.Context(), devpg.Config{Dir: dir, Disposable: true})
			if err != nil {
				t.Error(err)
			}
		})
	}
	starts.Wait()
	require.False(t, t.Failed())
	for i, server := range servers {
		require.Equal(t, servers[0].URL(), server.URL())
		connect(t, server.URL())
		require.NoError(t, server.Stop())
		if i < len(servers)-1 {
			connect(t, server.URL())
		}
	}
	requireStopped(t, servers[0].URL())
}

func TestUnfinishedInitialisationIsBegunAgain(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "data.new", "base"), 0o700))
	connect(t, start(t, devpg.Config{Dir: dir, Disposable: true}).URL())
}

func TestBrokenDataAreDiscardedOnlyWhereDisposable(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	server := start(t, devpg.Config{Dir: dir, Disposable: true})
	require.NoError(t, server.Stop())
	require.NoError(t, os.Remove(filepath.Join(dir, "data", "global", "pg_control")))

	_, err := devpg.Start(t.Context(), devpg.Config{Dir: dir})
	require.ErrorContains(t, err, "pg_control", "the error says what the server said")
	connect(t, start(t, devpg.Config{Dir: dir, Disposable: true}).URL())
}

func TestWithoutBinariesTheErrorNamesTheLineThatInstallsThem(t *testing.T) {
	t.Parallel()
	_, err := devpg.Start(t.Context(), devpg.Config{Dir: folder(t), Bin: []string{t.TempDir()}})
	require.ErrorIs(t, err, devpg.ErrNoBinaries)
	require.ErrorContains(t, err, "apt-get install postgresql")
}

func TestDataOfAVersionThatIsGoneAreLeftAlone(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "data"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "PG_VERSION"), []byte("13\n"), 0o600))
	_, err := devpg.Start(t.Context(), devpg.Config{Dir: dir})
	require.ErrorIs(t, err, devpg.ErrNoBinaries)
	require.ErrorContains(t, err, "PostgreSQL 13")
	require.DirExists(t, filepath.Join(dir, "data"))
}

func TestRootIsToldOfAFolderThatTheServerCannotReach(t *testing.T) {
	t.Parallel()
	shut := folder(t)
	require.NoError(t, os.Chmod(shut, 0o700))
	dir := filepath.Join(shut, "pg")
	server, err := devpg.Start(t.Context(), devpg.Config{Dir: dir, Disposable: true})
	if os.Geteuid() != 0 {
		require.NoError(t, err, "its own user gets there")
		require.NoError(t, server.Stop())
		return
	}
	require.ErrorContains(t, err, shut)
}

// folder is a temporary folder that the server's user may enter too, when root runs the tests.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	return dir
}

func start(t *testing.T, cfg devpg.Config) *devpg.Server {
	t.Helper()
	server, err := devpg.Start(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	return server
}

func startOwner(t *testing.T, dir string) (owner *exec.Cmd, address string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	owner = exec.CommandContext(t.Context(), self)
	owner.Env = append(os.Environ(), ownerVariable+"="+dir)
	owner.Stderr = os.Stderr
	owner.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := owner.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, owner.Start())
	address, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return owner, strings.TrimSpace(address)
}

func kill(t *testing.T, owner *exec.Cmd) {
	t.Helper()
	require.NoError(t, owner.Process.Kill())
	require.Error(t, owner.Wait())
}

func postmaster(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	require.NoError(t, err)
	return pid
}

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func write(t *testing.T, address, word string) {
	t.Helper()
	conn := connect(t, address)
	_, err := conn.Exec(t.Context(), "CREATE TABLE IF NOT EXISTS words (word text)")
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "INSERT INTO words VALUES ($1)", word)
	require.NoError(t, err)
}

func read(t *testing.T, address string) []string {
	t.Helper()
	rows, err := connect(t, address).Query(t.Context(), "SELECT word FROM words ORDER BY word")
	require.NoError(t, err)
	words, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return words
}

func requireStopped(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := pgx.Connect(ctx, address)
	require.ErrorContains(t, err, "refused")
}
