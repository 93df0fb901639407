package web

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Headers go out at once, and a quiet stream says now and then that it lives, past a server's write timeout; it ends
// with its events.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	events := make(chan messenger.LiveEvent)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stream(humago.NewContext(nil, r, w), events, 20*time.Millisecond)
	}))
	server.Config.WriteTimeout = 50 * time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	response, err := http.Get(server.URL) //nolint:noctx // ends with the server
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewScanner(response.Body)
	for range 2 * 10 { // 200 ms, well past the timeout
		require.True(t, lines.Scan())
		require.Regexp(t, `^(: .*)?$`, lines.Text())
	}
	close(events)
	for lines.Scan() {
		require.Regexp(t, `^(: .*)?$`, lines.Text())
	}
	require.NoError(t, lines.Err())
}
