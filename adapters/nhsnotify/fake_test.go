package nhsnotify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/nhsnotify"
)

const (
	apiKey        = "0bb04a0e-d005-42dd-8993-dacf37410a12"
	applicationID = "9ee8c6aa-0000-4000-8000-000000000001"
)

func now() time.Time { return time.Date(2026, 3, 4, 15, 16, 17, 0, time.UTC) }

// provider is an NHS Notify that remembers what it took and drops repeats, beside a token service.
type provider struct {
	*providertest.Server
	tokenURL string
	tokens   atomic.Int64 // handed out

	mu    sync.Mutex
	taken map[string]map[string]any // by messageReference
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{taken: map[string]map[string]any{}}
	p.Server = providertest.New(t, p)
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","expires_in":"599","token_type":"Bearer"}`, p.tokens.Add(1))
	}))
	t.Cleanup(tokens.Close)
	p.tokenURL = tokens.URL
	return p
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Data struct {
			Attributes map[string]any `json:"attributes"`
		} `json:"data"`
	}
	if r.URL.Path != "/v1/messages" || json.NewDecoder(r.Body).Decode(&request) != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	reference, _ := request.Data.Attributes["messageReference"].(string)
	if _, known := p.taken[reference]; known {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(faults("CM_DUPLICATE_REQUEST", "/data/attributes/messageReference")))
		return
	}
	p.taken[reference] = request.Data.Attributes
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w,
		`{"data":{"type":"Message","id":%q,"attributes":{"messageReference":%q,"messageStatus":"created"}}}`, newKSUID(),
		reference)
}

func newKSUID() string { return strings.ReplaceAll(uuid.NewString(), "-", "")[:27] }

func faults(code, pointer string) string {
	return fmt.Sprintf(`{"errors":[{"id":"x","code":%q,"status":"400","detail":"9990000018","source":{"pointer":%q}}]}`,
		code, pointer)
}

func (p *provider) attributes(reference string) map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken[reference]
}

// config takes the key apart: making one takes a while.
func config(p *provider, key []byte) nhsnotify.Config {
	return nhsnotify.Config{
		APIKey: apiKey, KeyID: "test-1", PrivateKey: key, ApplicationID: applicationID,
		SMS: nhsnotify.SMS, Email: nhsnotify.Email,
		BaseURL: p.URL, TokenURL: p.tokenURL, Client: p.Client, Now: now,
	}
}

func newSender(t *testing.T, p *provider) *nhsnotify.Sender {
	t.Helper()
	sender, err := nhsnotify.New(config(p, providertest.PrivateKey(t)))
	require.NoError(t, err)
	return sender
}

func message(medium adapters.Medium, words string) adapters.Outgoing {
	message := providertest.Message(words, now())
	message.Medium, message.Subject = medium, "Your appointment"
	return message
}
