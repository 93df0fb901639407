package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/webhook"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messengertest"
)

// The specification's own example (https://github.com/standard-webhooks/standard-webhooks, its libraries' test).
const exampleSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

const secondSecret = "whsec_c2Vjb25kIHNlY3JldCBvZiB0d2VudHktZm91ciBieXRlcw=="

// receiver is another system: it checks each signature as the specification says, and keeps what it took.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	status  int
	held    chan struct{} // not nil: nobody is answered until it is closed
	headers []http.Header
	bodies  [][]byte
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusNoContent}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	held, status := r.held, r.status
	r.mu.Unlock()
	if held != nil {
		<-held
		return
	}
	if !signed(exampleSecret, request.Header, body) {
		status = http.StatusUnauthorized
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if status < 300 {
		r.headers, r.bodies = append(r.headers, request.Header.Clone()), append(r.bodies, body)
	}
	w.WriteHeader(status)
}

func (r *receiver) set(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// took counts how often an event was taken.
func (r *receiver) took(id string) (times int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, header := range r.headers {
		if header.Get("webhook-id") == id {
			times++
		}
	}
	return times
}

// signed is a check written by the specification, apart from the adapter's.
func signed(secret string, header http.Header, body []byte) bool {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, header.Get("webhook-id")+"."+header.Get("webhook-timestamp")+"."+string(body))
	for one := range strings.FieldsSeq(header.Get("webhook-signature")) {
		if version, text, _ := strings.Cut(one, ","); version == "v1" {
			if given, err := base64.StdEncoding.DecodeString(text); err == nil && hmac.Equal(given, mac.Sum(nil)) {
				return true
			}
		}
	}
	return false
}

func newEvents(t *testing.T, url string, secrets ...string) *webhook.Events {
	t.Helper()
	events, err := webhook.New(webhook.Config{URL: url, Secrets: secrets, Now: time.Now})
	require.NoError(t, err)
	return events
}

func TestEvents(t *testing.T) {
	t.Parallel()
	adaptertest.Events(t, func(t *testing.T) adaptertest.EventsHarness {
		t.Helper()
		r := newReceiver(t)
		return adaptertest.EventsHarness{
			Events: newEvents(t, r.URL, exampleSecret), Organisation: "org-1", Staff: "amira", Client: "c-1",
			Known: func(_ *testing.T, id uuid.UUID) bool { return r.took(id.String()) > 0 },
			Break: func(*testing.T) func() {
				r.set(http.StatusServiceUnavailable)
				return func() { r.set(http.StatusOK) }
			},
			Stall: func() func() {
				held := make(chan struct{})
				r.mu.Lock()
				r.held = held
				r.mu.Unlock()
				return func() {
					close(held)
					r.mu.Lock()
					r.held = nil
					r.mu.Unlock()
				}
			},
		}
	})
}

// A signature by each secret, the times a receiver checks, and ids alone in a body that its schema describes whole.
func TestSignedBodyIsItsSchemas(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	event := adapters.Event{
		ID: uuid.New(), Kind: "replied", Organisation: "org-1", Staff: "amira", Client: "c-1", Channel: uuid.New(),
		Message: uuid.New(), At: time.Now(),
	}
	require.NoError(t, newEvents(t, r.URL, secondSecret, exampleSecret).Happened(t.Context(), event))
	require.True(t, signed(exampleSecret, r.headers[0], r.bodies[0]))
	require.True(t, signed(secondSecret, r.headers[0], r.bodies[0]))
	require.Regexp(t, `^\d{10}$`, r.headers[0].Get("webhook-timestamp"))

	file, err := os.ReadFile("../../docs/event.schema.json")
	require.NoError(t, err)
	var schema struct {
		Properties struct {
			Type struct {
				Pattern  string
				Examples []string
			}
			Data struct {
				Required   []string
				Properties map[string]any
			}
		}
		Required []string
	}
	require.NoError(t, json.Unmarshal(file, &schema))
	var body map[string]any
	require.NoError(t, json.Unmarshal(r.bodies[0], &body))
	require.ElementsMatch(t, schema.Required, keys(body))
	require.ElementsMatch(t, keys(schema.Properties.Data.Properties), keys(body["data"].(map[string]any)))
	require.Len(t, schema.Properties.Data.Properties, reflect.TypeFor[webhook.Data]().NumField())
	require.Regexp(t, schema.Properties.Type.Pattern, body["type"])
	require.Contains(t, schema.Properties.Type.Examples, body["type"])
	comments, err := os.ReadFile("../record.go")
	require.NoError(t, err)
	_, kinds, _ := strings.Cut(string(comments), "type Event struct {")
	kinds, _, _ = strings.Cut(kinds, "Organisation ")
	for _, kind := range regexp.MustCompile(`"([a-z_]+)"`).FindAllStringSubmatch(kinds, -1) {
		require.Contains(t, schema.Properties.Type.Examples, "messenger."+kind[1])
	}
	bare := adapters.Event{ID: uuid.New(), Kind: "unmatched"}
	require.NoError(t, newEvents(t, r.URL, exampleSecret).Happened(t.Context(), bare))
	require.NotContains(t, string(r.bodies[1]), "00000000-", "what an event does not have is left out")
	require.NotContains(t, string(r.bodies[1]), "staff_id")
}

func keys(of map[string]any) (list []string) {
	for key := range of {
		list = append(list, key)
	}
	return list
}

// What the receiver does not take comes again by River, and what it took can be replayed: under the same id.
func TestRetriedAndReplayed(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	r.set(http.StatusInternalServerError)
	host := messengertest.New(t, func(c *messenger.Config) { c.Events = newEvents(t, r.URL, exampleSecret) })
	sent := host.Send(messengertest.Email("How are you?"))
	host.Settle()
	host.Reply(sent.Channel, "Better, thank you.")
	timer := time.AfterFunc(time.Second, func() { r.set(http.StatusNoContent) })
	defer timer.Stop()
	host.Settle()
	require.Len(t, r.headers, 1)
	require.NotContains(t, string(r.bodies[0]), "Better")
	id := r.headers[0].Get("webhook-id")

	client, err := river.NewClient(riverpgxv5.New(host.Config.Pool), &river.Config{Logger: host.Config.Logger})
	require.NoError(t, err)
	list, err := client.JobList(t.Context(), river.NewJobListParams().Kinds("messenger_tell_host"))
	require.NoError(t, err)
	require.Len(t, list.Jobs, 1)
	_, err = client.JobRetry(t.Context(), list.Jobs[0].ID)
	require.NoError(t, err)
	host.Settle()
	require.Equal(t, 2, r.took(id))
}

func TestConfigNamesAllFaults(t *testing.T) {
	t.Parallel()
	_, err := webhook.New(webhook.Config{URL: "http://elsewhere.example.org/", Secrets: []string{"whsec_c2hvcnQ="}})
	for _, fault := range []string{"URL", "no Now", "24 to 64 bytes"} {
		require.ErrorContains(t, err, fault)
	}
	require.NotContains(t, err.Error(), "c2hvcnQ")
	require.NotContains(t, err.Error(), "elsewhere")
}

// The address is the receiver's as it was given, and the status answers, whatever comes after it.
func TestTheStatusAnswersAtTheAddressAsGiven(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/hook/" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 100<<10))
	}))
	t.Cleanup(server.Close)
	event := adapters.Event{ID: uuid.New(), Kind: "replied", At: time.Now()}
	require.NoError(t, newEvents(t, server.URL+"/hook/", exampleSecret).Happened(t.Context(), event))
	require.Error(t, newEvents(t, server.URL+"/hook", exampleSecret).Happened(t.Context(), event))
}
