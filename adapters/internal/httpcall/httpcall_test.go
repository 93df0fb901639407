package httpcall_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
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
