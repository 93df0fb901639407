package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
)

const (
	notifyAPIKey  = "test-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"
	notifyToken   = "the-token-notify-calls-with"
	twilioAccount = "AC0123456789abcdef0123456789abcdef"
	twilioToken   = "the-token-twilio-signs-with"
	nhsAPIKey     = "the-key-of-the-application"
	nhsAppID      = "9ee8c6aa-0000-4000-8000-000000000001"
)

// carried is a message as a provider took it.
type carried struct{ reference, to, text, providerID string }

// threeProviders are NHS Notify, GOV.UK Notify and Twilio behind one address. Each takes the messages that say 'by' and
// its name, and Twilio, the last, all others; the others refuse them as a provider refuses an account it does not know.
type threeProviders struct {
	url string

	mu    sync.Mutex
	taken map[string][]carried             // by provider
	early func(provider string, c carried) // called before a message's 201, once; for a message whose text says 'early'
}

func newThreeProviders(t *testing.T) *threeProviders {
	t.Helper()
	p := &threeProviders{taken: map[string][]carried{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /nhs/token", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"access_token":"t","expires_in":"599","token_type":"Bearer"}`)
	})
	mux.HandleFunc("POST /nhs/v1/messages", p.nhsNotify)
	mux.HandleFunc("POST /govuk/v2/notifications/{medium}", p.govukNotify)
	mux.HandleFunc("GET /govuk/v2/notifications", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"notifications":[]}`)
	})
	mux.HandleFunc("POST /twilio/2010-04-01/Accounts/{account}/Messages.json", p.twilio)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *threeProviders) nhsNotify(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Data struct {
			Attributes struct {
				MessageReference string
				Recipient        struct{ NHSNumber string }
				Personalisation  struct{ Body string }
			}
		}
	}
	_ = json.NewDecoder(r.Body).Decode(&request)
	a := request.Data.Attributes
	c := carried{a.MessageReference, a.Recipient.NHSNumber, a.Personalisation.Body, "2WL3qFTEFM0qMY8xjRbt1LIKCzM"}
	if !p.takes("nhsnotify", c) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"errors":[{"code":"CM_FORBIDDEN"}]}`)
		return
	}
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"data":{"type":"Message","id":%q}}`, c.providerID)
}

func (p *threeProviders) govukNotify(w http.ResponseWriter, r *http.Request) {
	var request struct {
		PhoneNumber     string            `json:"phone_number"`
		Reference       string            `json:"reference"`
		Personalisation map[string]string `json:"personalisation"`
	}
	_ = json.NewDecoder(r.Body).Decode(&request)
	c := carried{request.Reference, request.PhoneNumber, request.Personalisation["body"], uuid.NewString()}
	if !p.takes("govuknotify", c) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"status_code":403,"errors":[{"error":"AuthError","message":"no"}]}`)
		return
	}
	w.WriteHeader(http.StatusCreated)
	// Notify has no emoji in a text: it sends a question mark.
	_ = json.NewEncoder(w).Encode(object{
		"id": c.providerID, "content": object{"body": strings.ReplaceAll(c.text, "😀", "?")},
	})
}

func (p *threeProviders) twilio(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	callback, err := url.Parse(r.PostForm.Get("StatusCallback"))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c := carried{
		callback.Query().Get("reference"), r.PostForm.Get("To"), r.PostForm.Get("Body"),
		"SM" + strings.ReplaceAll(uuid.NewString(), "-", ""),
	}
	p.takes("twilio", c)
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(object{"sid": c.providerID, "status": "queued"})
}

func (p *threeProviders) takes(provider string, c carried) bool {
	if provider != "twilio" && !strings.Contains(c.text, "by "+provider) {
		return false
	}
	p.mu.Lock()
	early := p.early
	p.taken[provider] = append(p.taken[provider], c)
	p.mu.Unlock()
	if early != nil && strings.Contains(c.text, "early") {
		early(provider, c)
	}
	return true
}

// took is the one message of that provider whose text holds words.
func (p *threeProviders) took(t *testing.T, provider, words string) carried {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []carried
	for name, all := range p.taken {
		for _, c := range all {
			if strings.Contains(c.text, words) {
				require.Equal(t, provider, name, "taken by another provider")
				found = append(found, c)
			}
		}
	}
	require.Len(t, found, 1, "once")
	return found[0]
}

// environment is what the demonstration host needs to send by all three.
func (p *threeProviders) environment(t *testing.T) []string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "key.pem")
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	return []string{
		"NHS_NOTIFY_API_KEY=" + nhsAPIKey, "NHS_NOTIFY_KEY_ID=test-1", "NHS_NOTIFY_PRIVATE_KEY_FILE=" + file,
		"NHS_NOTIFY_APPLICATION_ID=" + nhsAppID, "NHS_NOTIFY_URL=" + p.url + "/nhs",
		"NHS_NOTIFY_TOKEN_URL=" + p.url + "/nhs/token",
		"GOVUK_NOTIFY_API_KEY=" + notifyAPIKey, "GOVUK_NOTIFY_SMS_TEMPLATE=f33517ff-2a88-4f6e-b855-c550268ce08a",
		"GOVUK_NOTIFY_CALLBACK_TOKEN=" + notifyToken, "GOVUK_NOTIFY_URL=" + p.url + "/govuk",
		"TWILIO_ACCOUNT_SID=" + twilioAccount, "TWILIO_AUTH_TOKEN=" + twilioToken,
		"TWILIO_FROM=+447700900998", "TWILIO_URL=" + p.url + "/twilio",
	}
}

// call is a provider's call of a hook: forged, it is signed with another secret.
type call struct {
	name, contentType, query, body string
	headers                        []string
}

func sum(secret, text string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func receiptCall(t *testing.T, host *hosttest.Host, provider string, c carried, status, suffix string) call {
	t.Helper()
	switch provider {
	case "govuknotify":
		body, err := json.Marshal(object{
			"id": c.providerID, "reference": c.reference, "status": status, "completed_at": "2026-03-04T15:20:00.000000Z",
		})
		require.NoError(t, err)
		return call{
			provider, "application/json", "", string(body), []string{"Authorization", "Bearer " + notifyToken + suffix},
		}
	case "nhsnotify":
		body, err := json.Marshal(object{"data": []object{{"type": "MessageStatus", "attributes": object{
			"messageId": c.providerID, "messageReference": c.reference,
			"messageStatus": status, "timestamp": "2026-03-04T15:20:00Z",
		}}}})
		require.NoError(t, err)
		signature := hex.EncodeToString(sum(nhsAppID+"."+nhsAPIKey+suffix, string(body)))
		return call{
			provider, "application/vnd.api+json", "", string(body),
			[]string{"X-Api-Key", nhsAPIKey, "X-Hmac-Sha256-Signature", signature},
		}
	default:
		return twilioCall(host, "reference="+c.reference, url.Values{"MessageSid": {c.providerID}, "MessageStatus": {status}},
			suffix)
	}
}

func twilioCall(host *hosttest.Host, query string, form url.Values, suffix string) call {
	address := host.URL + "/m/hooks/twilio"
	if query != "" {
		address += "?" + query
	}
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range form {
			if !yield(name) {
				return
			}
		}
	}) {
		address += name + form.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(twilioToken+suffix))
	mac.Write([]byte(address))
	signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return call{
		"twilio", "application/x-www-form-urlencoded", query, form.Encode(), []string{"X-Twilio-Signature", signature},
	}
}

// hook calls the host as a provider does and returns the status of the answer.
func (b browser) hook(c call) int {
	b.t.Helper()
	path := "/m/hooks/" + c.name
	if c.query != "" {
		path += "?" + c.query
	}
	status, _, _ := b.request(http.MethodPost, path, c.contentType, c.body, c.headers...)
	return status
}

func TestDocumentationNamesTheEnvironment(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	// whatever its lines: the doc's are narrower than a screen's
	words := func(text string) string {
		return strings.Join(strings.Fields(strings.ReplaceAll(text, "//", " ")), " ")
	}
	for paragraph := range strings.SplitSeq(environment, "\n\n") {
		require.Contains(t, words(string(doc)), words(paragraph))
	}
	source, err := os.ReadFile("providers.go")
	require.NoError(t, err)
	for _, quoted := range strings.Split(string(source), `os.Getenv("`)[1:] {
		name, _, _ := strings.Cut(quoted, `"`)
		require.Contains(t, environment, name)
	}
}
