package main

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// What the dashboard draws is on the page for Prometheus, once a message has gone out and been filed; pgx and River are
// there too.
func TestMetricsPageHasWhatTheDashboardDraws(t *testing.T) {
	t.Parallel()
	host := startHost(t, migrationtest.Migrated(t), "")
	amira := newBrowser(t, host.URL)
	amira.form("/sign-in", url.Values{"staff": {"amira"}})
	amira.api(http.StatusAccepted, http.MethodPost, "/clients/c-1001/messages",
		map[string]string{"medium": "email", "subject": "Hello", "body": "How are you?"}, nil, "Idempotency-Key", "metrics")
	dashboard, err := os.ReadFile("../../docs/dashboard.json")
	require.NoError(t, err)
	drawn := regexp.MustCompile(`messenger_[a-z_]+\b`).FindAllString(string(dashboard), -1)
	require.Greater(t, len(drawn), 10)
	drawn = append(drawn, "river_work_count", "db_client_operation_duration")
	require.Eventually(t, func() bool {
		_, page := amira.page("/metrics")
		for _, name := range drawn {
			if !strings.Contains(page, name) {
				return false
			}
		}
		return strings.Contains(page, "messenger_periodic_age_seconds")
	}, patience, 100*time.Millisecond, "all that is drawn")
	_, page := amira.page("/metrics")
	for _, word := range []string{"Hello", "How are you", "grace", "Okafor", "amira"} {
		require.NotContains(t, page, word)
	}
}
