package messenger

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What somebody else's clock says is never in the future, nor before what it tells of.
func TestWhatOthersClocksTell(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	now := since.Add(time.Minute)
	for told, want := range map[time.Time]time.Time{
		{}:                          now,
		now.Add(time.Hour):          now,
		since.Add(-time.Hour):       since,
		since.Add(time.Second):      since.Add(time.Second),
		now:                         now,
		since.In(time.Local):        since,
		now.AddDate(300, 0, 0):      now,
		time.Unix(0, 0):             since,
		since.Add(59 * time.Second): since.Add(59 * time.Second),
	} {
		require.Equal(t, want, between(since, told, now), "%s", told)
	}
}

// Ids of one process are in the order in which they were made, also when its clock goes back a little, and are of the
// present again once a clock that was far ahead is put right.
func TestIDsAreInOrder(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := &clock{own: func() time.Time { return now }}
	last := c.newID()
	for range 10_000 {
		next := c.newID()
		require.Less(t, last.String(), next.String())
		require.EqualValues(t, 7, next.Version())
		last = next
	}
	now = now.Add(-500 * time.Millisecond)
	require.Less(t, last.String(), c.newID().String())
	now = now.Add(-time.Hour)
	sec, _ := c.newID().Time().UnixTime()
	require.InDelta(t, now.Unix(), sec, 1)
}
