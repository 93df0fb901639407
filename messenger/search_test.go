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
		if !s.inMessages() {
			continue
		}
		q := newInboxQuery("north", "amira")
		sql, args := q.walk(s, 10, 50)
		_, err = collectList(pool.Query(t.Context(), sql, args...))
		require.NoError(t, err, "%q", query)
		sql, args = q.lookUp(s, len(s.terms)-1, 50)
		_, err = collectList(pool.Query(t.Context(), sql, args...))
		require.NoError(t, err, "%q", query)
	}
}
