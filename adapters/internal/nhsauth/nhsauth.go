// Package nhsauth gets and keeps the access tokens of the NHS England API platform's application-restricted pattern,
// which NHS Notify and the PDS FHIR API share: a signed JWT (RS512) is exchanged for a bearer token of some ten
// minutes:
// https://digital.nhs.uk/developer/guides-and-documentation/security-and-authorisation/application-restricted-restful-apis-signed-jwt-authentication
package nhsauth

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
)

// Config is what an application has been given. It prints as nothing.
type Config struct {
	TokenURL   string          // "https://api.service.nhs.uk/oauth2/token"; also the audience, character for character
	APIKey     string          `json:"-"` // the application's key
	KeyID      string          // the kid under which the public key was registered: "live-1"
	PrivateKey *rsa.PrivateKey `json:"-"` // at least 2,048 bits; the platform asks for 4,096
	Client     *http.Client    // one of httpcall.Client's
	Now        func() time.Time
}

// Format prints a fixed word in place of everything, under every verb.
func (Config) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte("nhsauth.Config{…}")) }

// Tokens hands out the token of one application. It may be used by many goroutines; only one fetches at a time.
type Tokens struct {
	config *Config // pointers, which fmt prints as addresses inside another value
	turn   chan struct{}
	held   *held
}

// Format prints a fixed word in place of everything, under every verb.
func (*Tokens) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte("nhsauth.Tokens{…}")) }

type held struct {
	token string
	renew time.Time
}

// New checks the settings; it calls nobody.
func New(config Config) (*Tokens, error) {
	switch {
	case config.APIKey == "" || config.KeyID == "":
		return nil, errors.New("nhsauth: no API key or no key id")
	case config.PrivateKey == nil || config.PrivateKey.N.BitLen() < 2048:
		return nil, errors.New("nhsauth: no private key of at least 2048 bits")
	case config.Client == nil || config.Now == nil:
		return nil, errors.New("nhsauth: no client or no clock")
	}
	if _, err := httpcall.BaseURL(config.TokenURL); err != nil {
		return nil, fmt.Errorf("nhsauth: token address: %w", err)
	}
	return &Tokens{config: &config, turn: make(chan struct{}, 1), held: &held{}}, nil
}

// ParsePrivateKey reads an RSA key from PEM, PKCS #1 or PKCS #8. The error holds nothing of it.
func ParsePrivateKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("nhsauth: the private key is not PEM")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New("nhsauth: the private key is not RSA in PKCS #1 or PKCS #8")
	}
	return key, nil
}

// Token returns a token that holds for a while yet. It fetches a new one when four fifths of the old one's life are
// over. Errors: ErrConfiguration (the key, its id or the application is refused), *RateLimitError, and ErrNotSent for
// passing trouble: without a token nothing was sent.
func (t *Tokens) Token(ctx context.Context) (string, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", fmt.Errorf("nhsauth: wait for a token: %w: %w", adapters.ErrNotSent, ctx.Err())
	}
	if t.held.token != "" && t.config.Now().Before(t.held.renew) {
		return t.held.token, nil
	}
	fetched, err := t.fetch(ctx)
	if err != nil {
		return "", fmt.Errorf("nhsauth: get a token: %w", err)
	}
	*t.held = fetched
	return fetched.token, nil
}

// Forget drops a token that a service refused, so that the next call fetches another. It leaves a newer one alone.
func (t *Tokens) Forget(token string) {
	t.turn <- struct{}{}
	defer func() { <-t.turn }()
	if t.held.token == token {
		*t.held = held{}
	}
}

func (t *Tokens) fetch(ctx context.Context) (held, error) {
	now := t.config.Now()
	assertion, err := t.assertion(now)
	if err != nil {
		return held{}, err
	}
	form := url.Values{
		"grant_type":            {"client_credentials"},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion":      {assertion},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.config.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return held{}, fmt.Errorf("%w: token address", adapters.ErrConfiguration)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	response, body, err := httpcall.Do(t.config.Client, request, 64<<10)
	if err != nil {
		return held{}, fmt.Errorf("%w: %w", adapters.ErrNotSent, err)
	}
	switch status := response.StatusCode; {
	case status == http.StatusOK:
		return read(body, now)
	case status == http.StatusTooManyRequests:
		return held{}, &adapters.RateLimitError{Until: httpcall.RetryAfter(response.Header, now)}
	case status >= 500 || status == http.StatusRequestTimeout:
		return held{}, fmt.Errorf("%w: status %d", adapters.ErrNotSent, status)
	default:
		return held{}, fmt.Errorf("%w: the token service answers %d", adapters.ErrConfiguration, status)
	}
}

// read takes expires_in as a number or as its text: the platform sends text where OAuth says number.
func read(body []byte, now time.Time) (held, error) {
	var answer struct {
		AccessToken string          `json:"access_token"`
		ExpiresIn   json.RawMessage `json:"expires_in"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || !validToken(answer.AccessToken) {
		return held{}, fmt.Errorf("%w: the token service's answer can't be read", adapters.ErrNotSent)
	}
	seconds, err := strconv.Atoi(strings.Trim(string(answer.ExpiresIn), `"`))
	if err != nil || seconds < 0 {
		seconds = 0 // it does not say, so the token is used once
	}
	life := time.Duration(min(seconds, 3600)) * time.Second
	return held{token: answer.AccessToken, renew: now.Add(life / 5 * 4)}, nil
}

// validToken keeps what can't stand in a header out of one; the refusal would print it.
func validToken(token string) bool {
	return token != "" && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}

func (t *Tokens) assertion(now time.Time) (string, error) {
	header, err := json.Marshal(map[string]string{"alg": "RS512", "typ": "JWT", "kid": t.config.KeyID})
	if err != nil {
		return "", fmt.Errorf("write the header: %w", err)
	}
	claims, err := json.Marshal(map[string]any{
		"iss": t.config.APIKey, "sub": t.config.APIKey, "aud": t.config.TokenURL, "jti": uuid.NewString(),
		// Five minutes are the most that is taken: one is kept for a clock that is ahead.
		"exp": now.Add(4 * time.Minute).Unix(),
	})
	if err != nil {
		return "", fmt.Errorf("write the claims: %w", err)
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(claims)
	digest := sha512.Sum512([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, t.config.PrivateKey, crypto.SHA512, digest[:])
	if err != nil {
		return "", fmt.Errorf("%w: the private key can't sign", adapters.ErrConfiguration)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
