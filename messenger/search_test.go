package messenger

import (
	"math"
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

// The ways that were the quicker at ten million messages, ten to a channel.
func TestWhenASearchWalks(t *testing.T) {
	t.Parallel()
	common := rarity{postings: 190_000, share: 0.019, perChannel: 10}
	veryCommon := rarity{postings: 1_400_000, share: 0.14, perChannel: 10}
	for _, c := range []struct {
		word           rarity
		channels, want int
	}{
		{common, 500, 0},
		{common, 4_000, 0},
		{common, 25_000, 969},
		{veryCommon, 500, 285},
		{veryCommon, 25_000, 7_145},
		{rarity{postings: math.Inf(1), share: 1, perChannel: 10}, 25_000, 25_000}, // no index
	} {
		require.Equal(t, c.want, c.word.walk(c.channels, 51), "%+v", c)
	}
}
