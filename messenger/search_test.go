package messenger

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
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
		q := inboxQuery{organisation: "north", staff: "amira", limit: 50}
		for _, statement := range []rows.Query{q.walk(s, 10), q.lookUp(s, len(s.Terms)-1)} {
			_, err = rows.List[rows.Listed](t.Context(), pool, statement)
			require.NoError(t, err, "%q", query)
		}
	}
}
