package pds_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/pds"
)

const path = "/personal-demographics/FHIR/R4"

// platform is the API platform: it issues tokens, notes what PDS is asked and hands it on to whatever answers.
type platform struct {
	*httptest.Server
	key []byte

	mu       sync.Mutex
	requests []*http.Request
	tokens   int
	answer   http.HandlerFunc
}

func newPlatform(t *testing.T, answer http.HandlerFunc) *platform {
	t.Helper()
	p := &platform{answer: answer, key: providertest.PrivateKey(t)}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

func (p *platform) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	if r.URL.Path == "/oauth2/token" {
		p.tokens++
		_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","expires_in":"599"}`, p.tokens)
		p.mu.Unlock()
		return
	}
	p.requests = append(p.requests, r.Clone(context.WithoutCancel(r.Context())))
	p.mu.Unlock()
	p.answer(w, r)
}

// asked are the requests so far.
func (p *platform) asked() []*http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*http.Request(nil), p.requests...)
}

func (p *platform) config() pds.Config {
	return pds.Config{
		BaseURL: p.URL + path, APIKey: "api-key-hunter2", KeyID: "test-1", PrivateKey: p.key, PerSecond: 1000,
		ODSCodes: map[adapters.OrganisationID]string{"org-1": "Y12345"},
		Now:      func() time.Time { return time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC) },
	}
}

func (p *platform) pds(t *testing.T, change func(*pds.Config)) *pds.PDS {
	t.Helper()
	config := p.config()
	if change != nil {
		change(&config)
	}
	service, err := pds.New(config)
	require.NoError(t, err)
	return service
}

// file answers with one of the official examples.
func file(t *testing.T, name string) http.HandlerFunc {
	t.Helper()
	body, err := os.ReadFile("testdata/examples/" + name)
	require.NoError(t, err)
	return text(http.StatusOK, string(body))
}

func text(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Etag", `W/"2"`)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func outcome(status int, code string) http.HandlerFunc {
	return text(status, `{"resourceType":"OperationOutcome","issue":[{"code":"value","details":{"coding":[{"code":"`+code+
		`","display":"Jane Smith"}]},"diagnostics":"Jane Smith"}]}`)
}
