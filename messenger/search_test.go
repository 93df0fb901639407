package messenger

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// Whatever a person types is literal text to the real database too.
func TestNastySearches(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	data, err := os.ReadFile("internal/search/testdata/nasty-queries.json")
	require.NoError(t, err)
	var queries []string
	require.NoError(t, json.Unmarshal(data, &queries))
	require.NotEmpty(t, queries)
	for _, query := range queries {
		s, err := parseSearch(query)
		require.NoError(t, err, "%q", query)
		if !s.InMessages() {
			continue
		}
		q := newInboxQuery("north", "amira")
		sql, args := q.walk(s, 10, 50)
		_, err = collectList(pool.Query(t.Context(), sql, args...))
		require.NoError(t, err, "%q", query)
		sql, args = q.lookUp(s, len(s.Terms)-1, 50)
		_, err = collectList(pool.Query(t.Context(), sql, args...))
		require.NoError(t, err, "%q", query)
	}
}
