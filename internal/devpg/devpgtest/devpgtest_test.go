package devpgtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/devpg"
)

// Two parallel tests share one server, which goes on while either uses it and stops once neither does.
func TestServerIsSharedAndStopsOnceIdle(t *testing.T) {
	t.Parallel()
	config := devpg.Config{Dir: filepath.Join(t.TempDir(), "pg")}
	require.NoError(t, os.Chmod(filepath.Dir(filepath.Dir(config.Dir)), 0o755))
	for _, run := range []string{"first run", "next run"} {
		var address string
		t.Run(run, func(t *testing.T) {
			address = serve(t, config, 200*time.Millisecond)
			t.Run("another test", func(t *testing.T) {
				require.Equal(t, address, serve(t, config, 200*time.Millisecond))
			})
			requireConnections(t, address, 300)
		})
		stopped := func() bool { return !answers(t, address) && gone(config.Dir) }
		require.Eventually(t, stopped, 30*time.Second, 50*time.Millisecond)
	}
}

// gone says that a server writes into its folder no more: it answers no longer some time before.
func gone(dir string) bool {
	pids, err := filepath.Glob(filepath.Join(dir, "*", "postmaster.pid"))
	return err == nil && len(pids) == 0
}

func TestGivenServerIsUsedAsItIs(t *testing.T) {
	t.Setenv("TEST_DATABASE_URL", "postgres://given.example.org/tests")
	require.Equal(t, "postgres://given.example.org/tests", URL(t))
}

// The release that make test-postgres names is the one that its tests run on.
func TestNamedReleaseServes(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), URL(t))
	require.NoError(t, err)
	defer conn.Close(t.Context()) //nolint:errcheck // the test is over
	var version string
	require.NoError(t, conn.QueryRow(t.Context(), "show server_version").Scan(&version))
	release, _, _ := strings.Cut(version, ".")
	if wanted := os.Getenv("TEST_POSTGRES"); wanted != "" {
		require.Equal(t, wanted, release)
	}
	for _, extension := range []string{"btree_gin", "pg_trgm"} {
		var has bool
		require.NoError(t, conn.QueryRow(t.Context(),
			"select exists (select from pg_available_extensions where name = $1)", extension).Scan(&has))
		require.True(t, has, "%s of PostgreSQL %s", extension, version)
	}
}

func TestMissingReleaseSaysWhatInstallsIt(t *testing.T) {
	t.Parallel()
	_, err := configOf("13")
	require.ErrorContains(t, err, ".ci/install")
}

func TestURLAnswers(t *testing.T) {
	t.Parallel()
	require.True(t, answers(t, URL(t)))
}

// BenchmarkJoin is what a test pays for a server that runs already.
func BenchmarkJoin(b *testing.B) {
	for b.Loop() {
		URL(b)
	}
}

func answers(t *testing.T, address string) bool {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		return false
	}
	return conn.Close(t.Context()) == nil
}

func requireConnections(t *testing.T, address string, want int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	defer conn.Close(t.Context()) //nolint:errcheck // the test is over
	var limit int
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT current_setting('max_connections')::int").Scan(&limit))
	require.Equal(t, want, limit)
}
