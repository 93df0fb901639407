package twilio_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/twilio"
)

const (
	account     = "AC00000000000000000000000000000001"
	authToken   = "b0c1d2e3f4"
	callbackURL = "https://msg.example/hooks/twilio"
)

// provider is a Twilio that remembers what it took.
type provider struct {
	*providertest.Server

	mu    sync.Mutex
	taken []url.Values
	list  []map[string]any
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{}
	p.Server = providertest.New(t, p)
	return p
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Method == http.MethodGet {
		found := []map[string]any{}
		found = append(found, p.list...)
		_ = json.NewEncoder(w).Encode(map[string]any{"messages": found})
		return
	}
	_ = r.ParseForm()
	p.taken = append(p.taken, r.PostForm)
	one := map[string]any{
		"sid": newSID(), "status": "queued", "to": r.PostForm.Get("To"), "from": r.PostForm.Get("From"), "error_code": nil,
		"body": r.PostForm.Get("Body"), "direction": "outbound-api", "num_segments": "1",
		"date_created": time.Now().UTC().Format(time.RFC1123Z),
	}
	p.list = append(p.list, one)
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(one)
}

func newSID() string { return "SM" + strings.ReplaceAll(uuid.NewString(), "-", "") }

// refuse lets the next request be answered with this status and code.
func (p *provider) refuse(status, code int, header ...string) {
	p.Answer(status,
		fmt.Sprintf(`{"code":%d,"message":"Invalid 'To' Phone Number: +447700900123","status":%d}`, code, status), header...)
}

func (p *provider) carried(reference string) (count int, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, form := range p.taken {
		if strings.HasSuffix(form.Get("StatusCallback"), "?reference="+reference) {
			count++
			text = form.Get("Body")
		}
	}
	return count, text
}

func config(p *provider) twilio.Config {
	return twilio.Config{
		AccountSID: account, AuthToken: authToken, From: "+447700900999", CallbackURL: callbackURL, BaseURL: p.URL,
		Client: p.Client,
	}
}

func newSender(t *testing.T, p *provider) *twilio.Sender {
	t.Helper()
	sender, err := twilio.New(config(p))
	require.NoError(t, err)
	return sender
}

func text(words string) adapters.Outgoing { return providertest.Message(words, time.Now()) }
