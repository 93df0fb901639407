package messenger

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A call outlives the end of its job's time and, for less than an attempt's lease, a stop of the process: an
// orchestrator kills what has not ended after thirty seconds.
func TestACallOutlivesAStopWithinItsLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		job, stop := context.WithCancel(t.Context())
		bound, over := calling(job, 15*time.Minute)
		defer over()
		began := time.Now()
		stop()
		<-bound.Done()
		require.Equal(t, stopTime, time.Since(began))
		require.Less(t, stopTime, lease)
		require.Less(t, stopTime+insistAtStop, 30*time.Second)

		timed, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		bound, over = calling(timed, 15*time.Minute)
		defer over()
		began = time.Now()
		<-bound.Done()
		require.Equal(t, 15*time.Minute, time.Since(began))
	})
}
