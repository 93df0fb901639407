package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// TestMain turns this binary into the demonstration host where a test asks for one, so that hosts under test are
// processes of their own.
func TestMain(m *testing.M) {
	if os.Getenv("CMS_TEST_HOST") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

const patience = hosttest.Patience

// launchHost starts a host on a database and waits only until it listens. An empty address is a private database.
func launchHost(t *testing.T, databaseURL, smtpURL string, flags ...string) *hosttest.Host {
	t.Helper()
	return hosttest.Launch(t, []string{"CMS_TEST_HOST=1", "DATABASE_URL=" + databaseURL, "SMTP_URL=" + smtpURL},
		append([]string{"-addr", "127.0.0.1:0"}, flags...)...)
}

// startHost starts a host and waits until /healthz says that it can serve.
func startHost(t *testing.T, databaseURL, smtpURL string, flags ...string) *hosttest.Host {
	t.Helper()
	return serving(t, launchHost(t, databaseURL, smtpURL, flags...))
}

// startHostIn is startHost with an environment beside its own database.
//
// When the test ends, neither the log nor a job may hold any of secrets: credentials, addresses, words.
func startHostIn(t *testing.T, environment, secrets []string) *hosttest.Host {
	t.Helper()
	database := migrationtest.Migrated(t)
	environment = append([]string{"CMS_TEST_HOST=1", "DATABASE_URL=" + database}, environment...)
	host := serving(t, hosttest.Launch(t, environment, "-addr", "127.0.0.1:0"))
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		conn, err := pgx.Connect(ctx, database)
		require.NoError(t, err)
		defer func() { _ = conn.Close(ctx) }()
		var count int
		var jobs string
		require.NoError(t,
			conn.QueryRow(ctx, `select count(*), string_agg(to_jsonb(j)::text, E'\n') from river_job j`).Scan(&count, &jobs))
		require.Positive(t, count)
		for i, secret := range secrets {
			require.NotContains(t, host.Log.String(), secret, i)
			require.NotContains(t, jobs, secret, i)
		}
	})
	return host
}

func serving(t *testing.T, host *hosttest.Host) *hosttest.Host {
	t.Helper()
	nobody := newBrowser(t, host.URL)
	require.Eventually(t, func() bool { return host.Gone() || nobody.healthy() }, 3*patience, 20*time.Millisecond,
		"%s", host.Log)
	require.False(t, host.Gone(), "the host has ended: %s", host.Log)
	return host
}

func (b browser) healthy() bool {
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+"/healthz", nil)
	if err != nil {
		return false
	}
	answer, err := b.client.Do(request)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// dataFolder is a folder that PostgreSQL's own user may enter too, when root runs the tests.
func dataFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	return dir
}
