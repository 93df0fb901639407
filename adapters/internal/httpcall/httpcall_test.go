package httpcall_test

import (
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
)

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	t.Cleanup(elsewhere.Close)
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	t.Cleanup(server.Close)

	for _, base := range []*http.Client{nil, {}} {
		response, _, err := httpcall.Do(httpcall.Client(base, time.Minute), get(t, server.URL), 100)
		require.NoError(t, err)
		require.Equal(t, http.StatusTemporaryRedirect, response.StatusCode)
	}
}

func TestTheHostsClientIsLeftAlone(t *testing.T) {
	t.Parallel()
	base := &http.Client{Timeout: time.Second}
	client := httpcall.Client(base, time.Minute)
	require.Equal(t, time.Second, client.Timeout)
	require.Nil(t, base.CheckRedirect)
	require.Nil(t, base.Transport)
}

func TestOwnTransportWantsTLS12(t *testing.T) {
	t.Parallel()
	transport, ok := httpcall.Client(nil, time.Minute).Transport.(*http.Transport)
	require.True(t, ok)
	require.Equal(t, uint16(0x0303), transport.TLSClientConfig.MinVersion)
	require.False(t, transport.TLSClientConfig.InsecureSkipVerify)
}

func TestCertificatesAreChecked(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	_, _, err := httpcall.Do(httpcall.Client(nil, time.Minute), get(t, server.URL), 100)
	require.ErrorContains(t, err, "certificate")
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(strings.Repeat("x", 101)))
	}))
	t.Cleanup(server.Close)
	client := httpcall.Client(nil, time.Minute)
	_, _, err := httpcall.Do(client, get(t, server.URL), 100)
	require.ErrorContains(t, err, "longer than 100 bytes")
	_, body, err := httpcall.Do(client, get(t, server.URL), 101)
	require.NoError(t, err)
	require.Len(t, body, 101)
}

func TestErrorsHoldNoAddress(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, _, err := httpcall.Do(httpcall.Client(nil, time.Minute), get(t, server.URL+"/Patient/9990000018?name=Okafor"), 100)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "9990000018")
	require.NotContains(t, err.Error(), "Okafor")
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	base, err := httpcall.BaseURL("https://fhir.example.org/R4//")
	require.NoError(t, err)
	require.Equal(t, "https://fhir.example.org/R4", base)
	for _, text := range []string{
		"", "fhir.example.org", "ftp://fhir.example.org", "https://", "https://user:hunter2@fhir.example.org",
		"https://fhir.example.org?key=hunter2", "https://fhir.example.org#hunter2", "https://hunter2.example.org:port",
	} {
		_, err := httpcall.BaseURL(text)
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"":                              {},
		"soon":                          {},
		"-1":                            {},
		"0":                             {},
		"5":                             now.Add(5 * time.Second),
		"Sun, 22 Nov 2026 12:01:00 GMT": now.Add(time.Minute),
		"99999999":                      now.Add(24 * time.Hour),
		"Sun, 22 Nov 2099 12:01:00 GMT": now.Add(24 * time.Hour),
	} {
		require.Equal(t, want, httpcall.RetryAfter(http.Header{"Retry-After": {text}}, now), text)
	}
}

// Two clocks that differ do no harm: a date is counted from the answer's own.
func TestRetryAfterByTheAnswersClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	require.Equal(t, now.Add(time.Minute), httpcall.RetryAfter(http.Header{
		"Retry-After": {"Sun, 22 Nov 2026 13:01:00 GMT"}, "Date": {"Sun, 22 Nov 2026 13:00:00 GMT"},
	}, now))
}

func get(t *testing.T, address string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	return request
}

// A connection that died without a word is found out by a ping, and not used until the system gives it up.
func TestADeadConnectionIsFoundOut(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	var dead atomic.Bool
	forward := func(from, to net.Conn) {
		some := make([]byte, 1<<16)
		for n, err := from.Read(some); err == nil; n, err = from.Read(some) {
			if !dead.Load() {
				_, _ = to.Write(some[:n])
			}
		}
	}
	go func() {
		for near, err := listener.Accept(); err == nil; near, err = listener.Accept() {
			if far, err := net.Dial("tcp", server.Listener.Addr().String()); err == nil {
				go forward(near, far)
				go forward(far, near)
			}
		}
	}()
	client := httpcall.Client(nil, time.Minute)
	own, ok := client.Transport.(*http.Transport)
	require.True(t, ok)
	require.NotNil(t, own.HTTP2)
	require.LessOrEqual(t, own.HTTP2.SendPingTimeout+own.HTTP2.PingTimeout, 30*time.Second, "within a call's time")
	require.Positive(t, own.HTTP2.SendPingTimeout)
	own.HTTP2.SendPingTimeout, own.HTTP2.PingTimeout = 100*time.Millisecond, 100*time.Millisecond
	own.TLSClientConfig.RootCAs = x509.NewCertPool()
	own.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	own.Proxy = nil
	ask := func() (httpcall.Answer, error) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+listener.Addr().String(), nil)
		require.NoError(t, err)
		return httpcall.Ask(client, request, 100)
	}
	answer, err := ask()
	require.NoError(t, err)
	require.Equal(t, "HTTP/2.0", string(answer.Body))
	dead.Store(true)
	began := time.Now()
	_, err = ask()
	require.Error(t, err)
	require.Less(t, time.Since(began), 30*time.Second, "long before the call's own time is over")
	dead.Store(false)
	answer, err = ask()
	require.NoError(t, err, "on a connection of its own")
	require.Equal(t, "HTTP/2.0", string(answer.Body))
}
