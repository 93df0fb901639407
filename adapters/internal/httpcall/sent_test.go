package httpcall_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
)

func TestDoKnowsWhetherAnythingCanHaveLeft(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := "http://" + listener.Addr().String()
	require.NoError(t, listener.Close())
	serve := func(handler http.HandlerFunc) string {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		return server.URL
	}
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	for _, c := range []struct {
		name, url string
		sent      bool
	}{
		{"refused", closed, false},
		{"no such host", "http://no-such-host.invalid", false},
		{"certificate", untrusted.URL, false},
		{"dropped", serve(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), true},
		{"timed out", serve(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), true},
		{"cut answer", serve(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("half"))
		}), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := httpcall.Do(httpcall.Client(nil, 300*time.Millisecond), get(t, c.url+"/?to=07700900123"), 100)
			require.Error(t, err)
			require.Equal(t, c.sent, !errors.Is(err, httpcall.ErrNoConnection), "%v", err)
			require.NotContains(t, err.Error(), "07700900123")
		})
	}
}

type silent struct{}

func (silent) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("lost") }

func TestATransportThatDoesNotTellMayHaveSent(t *testing.T) {
	t.Parallel()
	_, _, err := httpcall.Do(httpcall.Client(&http.Client{Transport: silent{}}, time.Second), get(t, "http://127.0.0.1"),
		100)
	require.Error(t, err)
	require.NotErrorIs(t, err, httpcall.ErrNoConnection)
}

func TestSecureBaseURL(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"", "api.example.org", "http://api.example.org", "https://user@api.example.org", "ftp://127.0.0.1",
	} {
		_, err := httpcall.SecureBaseURL(bad)
		require.Error(t, err, bad)
	}
	for _, good := range []string{
		"https://api.example.org/comms", "http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:80",
	} {
		got, err := httpcall.SecureBaseURL(good)
		require.NoError(t, err)
		require.Equal(t, good, got)
	}
}
