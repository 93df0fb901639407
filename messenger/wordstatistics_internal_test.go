package messenger

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// A search never waits for another's look into the statistics.
func TestOldStatisticsServeWhileTheyAreReadAnew(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	now := time.Now()
	m := &Messenger{config: Config{Pool: pool}, clock: &clock{own: func() time.Time { return now }}}
	w := &wordStatistics{}
	first, err := w.current(t.Context(), m)
	require.NoError(t, err)
	now = now.Add(wordStatisticsFor)
	for range pool.Config().MaxConns { // no connection is left: who reads must wait
		conn, err := pool.Acquire(t.Context())
		require.NoError(t, err)
		defer conn.Release()
	}
	stopped, stop := context.WithCancel(t.Context())
	defer stop()
	read := make(chan error)
	go func() {
		_, err := w.current(stopped, m)
		read <- err
	}()
	require.Eventually(t, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.read.Equal(now)
	}, 30*time.Second, time.Millisecond)
	served, err := w.current(t.Context(), m)
	require.NoError(t, err)
	require.Same(t, first, served)
	stop()
	require.Error(t, <-read)
	require.True(t, w.read.IsZero(), "the next search tries again")
}
