package govuknotify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/govuknotify"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
)

const (
	secret        = "3d844edf-8d35-48ac-975b-e847b4f122b0"
	apiKey        = "my_test_key-26785a09-ab16-4eb0-8407-a37497a57506-" + secret
	smsTemplate   = "f33517ff-2a88-4f6e-b855-c550268ce08a"
	emailTemplate = "9d751e0e-f929-4891-82a1-a3e1c3c18ee3"
	callbackToken = "a-token-of-our-choice"
	link          = "https://nhs.example.org/r/abcdefghijk"
)

func now() time.Time { return time.Date(2026, 3, 4, 15, 16, 17, 0, time.UTC) }

// notify is a GOV.UK Notify that remembers what it took.
type notify struct {
	*providertest.Server
	clock func() time.Time

	mu       sync.Mutex
	taken    []map[string]any
	requests []*http.Request
}

func newNotify(t *testing.T) *notify {
	t.Helper()
	n := &notify{clock: now}
	n.Server = providertest.New(t, n)
	return n
}

func (n *notify) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests = append(n.requests, r)
	w.Header().Set("Date", n.clock().Format(http.TimeFormat))
	if r.Method == http.MethodGet {
		n.list(w, r.URL.Query())
		return
	}
	n.take(w, r)
}

// list has those of a reference, or three at a time, the newest first.
func (n *notify) list(w http.ResponseWriter, query url.Values) {
	found := []map[string]any{}
	after := query.Get("older_than")
	for _, one := range slices.Backward(n.taken) {
		switch {
		case query.Has("reference"):
			if one["reference"] == query.Get("reference") {
				found = append(found, one)
			}
		case after != "":
			if one["id"] == after {
				after = ""
			}
		case len(found) < 3 && one["type"] == query.Get("template_type"):
			found = append(found, one)
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"notifications": found, "links": map[string]string{}})
}

func (n *notify) take(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Reference       string            `json:"reference"`
		Personalisation map[string]string `json:"personalisation"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p := request.Personalisation
	body := strings.NewReplacer("’", "'", "…", "...", "😀", "?").Replace(p["body"] + p["reply_link"] + p["after"])
	one := map[string]any{
		"id": uuid.NewString(), "reference": request.Reference, "body": body, "status": "created",
		"created_at": "2026-03-04T15:16:17.000000Z", "type": path.Base(r.URL.Path),
	}
	n.taken = append(n.taken, one)
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"id": one["id"], "reference": request.Reference, "content": map[string]string{"body": body},
	})
}

// refuse lets the next request be answered with this status and kind of error.
func (n *notify) refuse(status int, kind string, header ...string) {
	message := "phone_number 07700900123 is wrong"
	if kind == "TooManyRequestsError" {
		message = "Exceeded send limits (sms: 250000) for today"
	}
	n.Answer(status,
		fmt.Sprintf(`{"status_code":%d,"errors":[{"error":%q,"message":%q}]}`, status, kind, message), header...)
}

func (n *notify) settle(reference, status string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, one := range n.taken {
		if one["reference"] == reference {
			one["status"], one["completed_at"] = status, "2026-03-04T15:20:00.000000Z"
		}
	}
}

func (n *notify) carried(reference string) (count int, text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, one := range n.taken {
		if one["reference"] == reference {
			count++
			text, _ = one["body"].(string)
		}
	}
	return count, text
}

func config(server *notify) govuknotify.Config {
	return govuknotify.Config{
		APIKey: apiKey, SMSTemplate: smsTemplate, EmailTemplate: emailTemplate, CallbackToken: callbackToken,
		BaseURL: server.URL, Client: server.Client, Now: now,
	}
}

func newSender(t *testing.T, server *notify) *govuknotify.Sender {
	t.Helper()
	sender, err := govuknotify.New(config(server))
	require.NoError(t, err)
	return sender
}

func text(words string) adapters.Outgoing {
	return providertest.Message(words, now().Add(-5*time.Minute))
}

func email(words string) adapters.Outgoing {
	message := text(words)
	message.Medium, message.To, message.Subject = adapters.Email, "grace@example.org", "Your appointment"
	return message
}
