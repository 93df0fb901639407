package govuknotify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
)

// via is what receipts call this system.
const via = "govuknotify"

const (
	timeout   = time.Minute
	maxAnswer = 8 << 20 // a page of 250 notifications of a broadcast's length
	uuidSize  = 36
)

// Config is what a Notify service has been given. It prints as nothing.
type Config struct {
	// APIKey is required: "<name>-<service id>-<secret>", as Notify shows it once. Its kind (live, team, test) decides
	// what is really sent.
	APIKey string `json:"-"`
	// SMSTemplate and EmailTemplate are the ids of the templates in the package comment. One at least; without one, its
	// medium is refused with ErrConfiguration.
	SMSTemplate, EmailTemplate string
	// SMSSender and EmailReplyTo are ids of a sender and a reply-to address of the service. Default: the service's own.
	SMSSender, EmailReplyTo string
	// AllowMarkdown leaves Markdown and web addresses in emails as they are. Default: Notify escapes and removes them.
	AllowMarkdown bool
	// CallbackToken is the bearer token that Notify was told to call back with. Without one every callback is refused.
	CallbackToken string `json:"-"`
	// EarlierCallbackTokens are taken as well, while the token is changed: Notify never repeats what is refused.
	EarlierCallbackTokens []string `json:"-"`
	// BaseURL defaults to https://api.notifications.service.gov.uk.
	BaseURL string
	// Client is for a proxy or a private root of trust. Redirects are never followed. Default: one with a limit of
	// a minute a call.
	Client *http.Client
	// Now defaults to time.Now. Notify refuses a token whose time is more than 30 seconds wrong.
	Now func() time.Time
}

// Format prints a fixed word in place of everything, under every verb.
func (Config) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte("govuknotify.Config{…}")) }

// Sender is an adapters.Sender, Finder and Callbacks for one Notify service. It may be used by many goroutines.
type Sender struct {
	config  *Config // pointers, which fmt prints as addresses inside another value
	account *account
}

// Format prints a fixed word in place of everything, under every verb.
func (*Sender) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte("govuknotify.Sender{…}")) }

type account struct {
	service string
	secret  []byte
}

// New checks the settings, and names all that is wrong with them at once; it calls nobody.
func New(config Config) (*Sender, error) {
	var wrong []error
	service, secret, err := splitKey(config.APIKey)
	if err != nil {
		wrong = append(wrong, err)
	}
	if config.SMSTemplate == "" && config.EmailTemplate == "" {
		wrong = append(wrong, errors.New("neither SMSTemplate nor EmailTemplate is set"))
	}
	for name, id := range map[string]string{
		"SMSTemplate": config.SMSTemplate, "EmailTemplate": config.EmailTemplate,
		"SMSSender": config.SMSSender, "EmailReplyTo": config.EmailReplyTo,
	} {
		if id != "" && !isUUID(id) {
			wrong = append(wrong, fmt.Errorf("%s is not a UUID", name))
		}
	}
	if config.BaseURL == "" {
		config.BaseURL = "https://api.notifications.service.gov.uk"
	}
	if config.BaseURL, err = httpcall.SecureBaseURL(config.BaseURL); err != nil {
		wrong = append(wrong, fmt.Errorf("BaseURL: %w", err))
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("govuknotify: %w", errors.Join(wrong...))
	}
	if config.Now == nil {
		config.Now = time.Now //nolint:forbidigo // the default of the setting
	}
	config.Client = httpcall.Client(config.Client, timeout)
	return &Sender{config: &config, account: &account{service: service, secret: []byte(secret)}}, nil
}

// splitKey cuts from the end: the name may hold hyphens, and even UUIDs.
func splitKey(key string) (service, secret string, err error) {
	if len(key) < 2*uuidSize+2 {
		return "", "", errors.New("APIKey is not of the form name-service-secret")
	}
	service, secret = key[len(key)-2*uuidSize-1:len(key)-uuidSize-1], key[len(key)-uuidSize:]
	if !isUUID(service) || !isUUID(secret) {
		return "", "", errors.New("APIKey is not of the form name-service-secret")
	}
	return service, secret, nil
}

func isUUID(text string) bool {
	_, err := uuid.Parse(text)
	return err == nil && len(text) == uuidSize
}

// token is made for each request, since it holds for 30 seconds only.
// https://docs.notifications.service.gov.uk/rest-api.html#headers
func (s *Sender) token() string {
	const header = `{"alg":"HS256","typ":"JWT"}`
	claims := fmt.Sprintf(`{"iss":%q,"iat":%d}`, s.account.service, s.config.Now().Unix())
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." +
		base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, s.account.secret)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// call makes one request; without a body it is a GET.
func (s *Sender) call(ctx context.Context, path string, body any) (httpcall.Answer, error) {
	method, encoded := http.MethodGet, []byte(nil)
	if body != nil {
		var err error
		if encoded, err = json.Marshal(body); err != nil {
			return httpcall.Answer{}, fmt.Errorf("%w: the request can't be written", adapters.ErrWrongContent)
		}
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(ctx, method, s.config.BaseURL+path, bytes.NewReader(encoded))
	if err != nil {
		return httpcall.Answer{}, fmt.Errorf("%w: address", adapters.ErrConfiguration)
	}
	request.Header.Set("Authorization", "Bearer "+s.token())
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "messenger")
	return httpcall.Ask(s.config.Client, request, maxAnswer)
}
