package search

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// The ways that were the quicker at ten million messages, ten to a channel.
func TestWhenASearchWalks(t *testing.T) {
	t.Parallel()
	common := Rarity{postings: 190_000, share: 0.019, perChannel: 10}
	veryCommon := Rarity{postings: 1_400_000, share: 0.14, perChannel: 10}
	for _, c := range []struct {
		word           Rarity
		channels, want int
	}{
		{common, 500, 0},
		{common, 4_000, 0},
		{common, 25_000, 969},
		{veryCommon, 500, 285},
		{veryCommon, 25_000, 7_145},
		{Rarity{postings: math.Inf(1), share: 1, perChannel: 10}, 25_000, 25_000}, // no index
	} {
		require.Equal(t, c.want, c.word.Walk(c.channels, 51), "%+v", c)
	}
}

func TestTheRarestTermIsLookedUp(t *testing.T) {
	t.Parallel()
	shares := []float64{0.2, 0.1, 0.05, 0.05, 0.2} // and PostgreSQL's least and greatest
	s := NewStatistics(true, 1_000_000, 10, []string{"hello", "appointment", "apple"}, shares)
	require.Equal(t, Rarity{Term: 1, postings: 100_000, share: 0.1, perChannel: 10}, s.Rarest(Parse("hello appointment")))
	require.InDelta(t, 0.15, s.Rarest(Parse("app")).share, 1e-9, "words that begin so are found with it")
	rare := s.Rarest(Parse("hello willow"))
	require.Equal(t, 1, rare.Term)
	require.True(t, rare.Rare())
	unindexed := NewStatistics(false, 1_000_000, 10, nil, nil).Rarest(Parse("willow"))
	require.False(t, unindexed.Rare())
	require.Equal(t, 300, unindexed.Walk(300, 51), "the whole inbox")
}
