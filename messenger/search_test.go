package messenger

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// Whatever a person types is literal text to the real database too.
func TestNastySearches(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	for _, query := range nastyQueries() {
		s, err := parseSearch(query)
		require.NoError(t, err, "%q", query)
		q := newInboxQuery("north", "amira")
		q.search(s)
		sql := q.sql(50)
		_, err = collectList(pool.Query(t.Context(), sql, q.args...))
		require.NoError(t, err, "%q", query)
	}
}
