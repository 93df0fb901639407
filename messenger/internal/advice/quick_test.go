//go:build !race

package advice_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/advice"
)

// A check has 5 ms of work at most, of the longest email too: the best of many tries, whatever else the machine does.
// The race detector's own work is many times that.
func TestACheckIsQuick(t *testing.T) {
	m, best := longest(), time.Hour
	for range 50 {
		began := time.Now()
		require.Len(t, advice.On(m), 2)
		best = min(best, time.Since(began))
	}
	require.Less(t, best, 5*time.Millisecond)
}
