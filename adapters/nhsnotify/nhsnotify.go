package nhsnotify

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/nhsauth"
)

// via is what receipts call this system.
const via = "nhsnotify"

const (
	timeout   = time.Minute
	maxAnswer = 1 << 20
)

// Plan is one of NHS Notify's free-text routing plans, which it offers to every sender that may send free text.
// https://digital.nhs.uk/developer/api-catalogue/nhs-notify (Free-text communications)
type Plan string

// The plans. A plan with two channels tries the second when the first was not read in time.
const (
	App                      Plan = "00000000-0000-0000-0000-000000000001"
	Email                    Plan = "00000000-0000-0000-0000-000000000002"
	SMS                      Plan = "00000000-0000-0000-0000-000000000003"
	AppThenEmailAfter24Hours Plan = "00000000-0000-0000-0000-000000000004"
	AppThenEmailAfter4Hours  Plan = "00000000-0000-0000-0000-000000000005"
	AppThenSMSAfter24Hours   Plan = "00000000-0000-0000-0000-000000000006"
	AppThenSMSAfter4Hours    Plan = "00000000-0000-0000-0000-000000000007"
)

// carries says whether a plan has a channel that is the medium, or the App alone.
func (p Plan) carries(medium adapters.Medium) bool {
	switch p {
	case App:
		return true
	case Email, AppThenEmailAfter24Hours, AppThenEmailAfter4Hours:
		return medium == adapters.Email
	case SMS, AppThenSMSAfter24Hours, AppThenSMSAfter4Hours:
		return medium == adapters.SMS
	}
	return false
}

// Config is what an application has been given. It prints as nothing.
type Config struct {
	// APIKey, KeyID and PrivateKey (PEM, RSA of 2,048 bits at least) are required: the application's on the API platform.
	APIKey     string `json:"-"`
	KeyID      string
	PrivateKey []byte `json:"-"`
	// ApplicationID is the application's id on the API platform. Without it every callback is refused.
	ApplicationID string
	// SMS and Email are the plans by which messages of that medium travel. One at least; without one, its medium is
	// refused with ErrConfiguration.
	SMS, Email Plan
	// ODSCode names the sender in the App, where NHS Notify allows a sender to choose. Default: the account's own.
	ODSCode string
	// BaseURL defaults to https://api.service.nhs.uk/comms, and TokenURL to https://api.service.nhs.uk/oauth2/token.
	BaseURL, TokenURL string
	// Client is for a proxy or a private root of trust. Redirects are never followed. Default: one with a limit of
	// a minute a call.
	Client *http.Client
	// Now defaults to time.Now.
	Now func() time.Time
}

// Format prints a fixed word in place of everything, under every verb.
func (Config) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte("nhsnotify.Config{…}")) }

// Sender is an adapters.Sender, Finder and Callbacks for one application. It may be used by many goroutines.
type Sender struct {
	config *Config // pointers, which fmt prints as addresses inside another value
	tokens *nhsauth.Tokens
}

// Format prints a fixed word in place of everything, under every verb.
func (*Sender) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte("nhsnotify.Sender{…}")) }

// New checks the settings, and names all that is wrong with them at once; it calls nobody.
func New(config Config) (*Sender, error) {
	var wrong []error
	if config.SMS == "" && config.Email == "" {
		wrong = append(wrong, errors.New("neither SMS nor Email has a plan"))
	}
	if config.SMS != "" && !config.SMS.carries(adapters.SMS) {
		wrong = append(wrong, errors.New("the plan for SMS carries no texts"))
	}
	if config.Email != "" && !config.Email.carries(adapters.Email) {
		wrong = append(wrong, errors.New("the plan for Email carries no emails"))
	}
	if config.BaseURL == "" {
		config.BaseURL = "https://api.service.nhs.uk/comms"
	}
	if config.TokenURL == "" {
		config.TokenURL = "https://api.service.nhs.uk/oauth2/token"
	}
	var err error
	if config.BaseURL, err = httpcall.SecureBaseURL(config.BaseURL); err != nil {
		wrong = append(wrong, fmt.Errorf("BaseURL: %w", err))
	}
	if _, err := httpcall.SecureBaseURL(config.TokenURL); err != nil {
		wrong = append(wrong, fmt.Errorf("TokenURL: %w", err))
	}
	if config.Now == nil {
		config.Now = time.Now //nolint:forbidigo // the default of the setting
	}
	config.Client = httpcall.Client(config.Client, timeout)
	tokens, err := newTokens(config)
	if err != nil {
		wrong = append(wrong, err)
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("nhsnotify: %w", errors.Join(wrong...))
	}
	return &Sender{config: &config, tokens: tokens}, nil
}

func newTokens(config Config) (*nhsauth.Tokens, error) {
	key, err := nhsauth.ParsePrivateKey(config.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("PrivateKey: %w", err)
	}
	tokens, err := nhsauth.New(nhsauth.Config{
		TokenURL: config.TokenURL, APIKey: config.APIKey, KeyID: config.KeyID, PrivateKey: key,
		Client: config.Client, Now: config.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("APIKey, KeyID or PrivateKey: %w", err)
	}
	return tokens, nil
}
