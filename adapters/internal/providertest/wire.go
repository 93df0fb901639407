package providertest

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Mock is a way to a mock server of an OpenAPI document (testpeers/prism.mjs).
type Mock struct {
	mu         sync.Mutex
	prefer     string
	violations []string
}

// Client reaches the mock.
func (m *Mock) Client() *http.Client { return &http.Client{Transport: m} }

// Prefer asks for one of the documented answers from now on, "code=429"; empty: the good one.
func (m *Mock) Prefer(what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.prefer = what
}

// RoundTrip is http.RoundTripper.
func (m *Mock) RoundTrip(request *http.Request) (*http.Response, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	request = request.Clone(request.Context())
	if m.prefer != "" {
		request.Header.Set("Prefer", m.prefer)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		m.violations = append(m.violations, response.Header.Get("sl-violations"))
	}
	return response, err
}

// RequireNoViolations fails the test when a request since the mock was made broke the document, in a mock that answers
// all the same and lists what is wrong.
func (m *Mock) RequireNoViolations(t *testing.T) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	require.NotEmpty(t, m.violations, "nothing was asked")
	for _, violation := range m.violations {
		require.NotContains(t, violation, `"location":["request"`)
	}
}
