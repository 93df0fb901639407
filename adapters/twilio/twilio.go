package twilio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
)

// via is what receipts call this system.
const via = "twilio"

const (
	timeout   = time.Minute
	maxAnswer = 8 << 20 // a page of 500 messages
)

var (
	accountSID = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	keySID     = regexp.MustCompile(`^SK[0-9a-fA-F]{32}$`)
	serviceSID = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
)

// Config is what a Twilio account has been given. It prints as nothing.
type Config struct {
	AccountSID string // required: "AC…"
	AuthToken  string `json:"-"` // required: it signs callbacks, and is the password unless there is a key
	// KeySID ("SK…") and KeySecret are an API key for requests. Default: AccountSID and AuthToken.
	KeySID    string
	KeySecret string `json:"-"`
	// From is the sender: a number in E.164 or an alphanumeric name. Either it or MessagingServiceSID ("MG…") is required.
	From, MessagingServiceSID string
	// CallbackURL is required: the public address of this sender's callbacks, as Twilio calls it, without a query.
	// Signatures are checked over it and never over what a request says of its host.
	CallbackURL string
	// BaseURL defaults to https://api.twilio.com.
	BaseURL string
	// Client is for a proxy or a private root of trust. Redirects are never followed. Default: one with a limit of a
	// minute a call.
	Client *http.Client
	// Now defaults to time.Now.
	Now func() time.Time
}

// Format prints a fixed word in place of everything, under every verb.
func (Config) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte("twilio.Config{…}")) }

// Sender is an adapters.Sender, Finder and Callbacks for one Twilio account. It may be used by many goroutines.
type Sender struct {
	config *Config // a pointer, which fmt prints as an address inside another value
}

// Format prints a fixed word in place of everything, under every verb.
func (*Sender) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte("twilio.Sender{…}")) }

// New checks the settings, and names all that is wrong with them at once; it calls nobody.
func New(config Config) (*Sender, error) {
	var wrong []error
	must := func(right bool, what string) {
		if !right {
			wrong = append(wrong, errors.New(what))
		}
	}
	must(accountSID.MatchString(config.AccountSID), "AccountSID is not AC and 32 hexadecimal digits")
	must(config.AuthToken != "", "AuthToken is empty")
	must((config.KeySID == "") == (config.KeySecret == ""), "KeySID and KeySecret go together")
	must(config.KeySID == "" || keySID.MatchString(config.KeySID), "KeySID is not SK and 32 hexadecimal digits")
	must((config.From == "") != (config.MessagingServiceSID == ""), "either From or MessagingServiceSID is needed")
	must(config.MessagingServiceSID == "" || serviceSID.MatchString(config.MessagingServiceSID),
		"MessagingServiceSID is not MG and 32 hexadecimal digits")
	if config.BaseURL == "" {
		config.BaseURL = "https://api.twilio.com"
	}
	var err error
	if config.BaseURL, err = httpcall.SecureBaseURL(config.BaseURL); err != nil {
		wrong = append(wrong, fmt.Errorf("BaseURL: %w", err))
	}
	if _, err := httpcall.SecureBaseURL(config.CallbackURL); err != nil {
		wrong = append(wrong, fmt.Errorf("CallbackURL: %w", err))
	} else if u, err := url.Parse(config.CallbackURL); err == nil {
		must(!strings.Contains(u.Host, "_"), "CallbackURL: Twilio calls no host with an underscore")
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("twilio: %w", errors.Join(wrong...))
	}
	if config.Now == nil {
		config.Now = time.Now //nolint:forbidigo // the default of the setting
	}
	if config.KeySID == "" {
		config.KeySID, config.KeySecret = config.AccountSID, config.AuthToken
	}
	config.Client = httpcall.Client(config.Client, timeout)
	return &Sender{config: &config}, nil
}

// call makes one request about this account's messages: a POST of form, or a GET with query.
func (s *Sender) call(ctx context.Context, form, query url.Values) (httpcall.Answer, error) {
	address := s.config.BaseURL + "/2010-04-01/Accounts/" + s.config.AccountSID + "/Messages.json"
	method, body := http.MethodPost, io.Reader(strings.NewReader(form.Encode()))
	if form == nil {
		method, body, address = http.MethodGet, nil, address+"?"+query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return httpcall.Answer{}, errors.New("the address can't be used")
	}
	request.SetBasicAuth(s.config.KeySID, s.config.KeySecret)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "messenger")
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return httpcall.Ask(s.config.Client, request, maxAnswer)
}
