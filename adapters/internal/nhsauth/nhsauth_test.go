package nhsauth_test

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
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/nhsauth"
)

// service is a token service that checks what it is sent as the platform's documentation says.
type service struct {
	*httptest.Server
	key     *rsa.PrivateKey
	calls   atomic.Int64
	answer  atomic.Pointer[func(http.ResponseWriter)]
	seen    sync.Map // jti
	now     func() time.Time
	problem atomic.Value
}

func newService(t *testing.T, now func() time.Time) *service {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	s := &service{key: key, now: now}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *service) serve(w http.ResponseWriter, r *http.Request) {
	call := s.calls.Add(1)
	if err := s.check(r); err != nil {
		s.problem.Store(err.Error())
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if answer := s.answer.Load(); answer != nil {
		(*answer)(w)
		return
	}
	_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","expires_in":"599","token_type":"Bearer"}`, call)
}

func (s *service) check(r *http.Request) error {
	parts := strings.Split(r.PostFormValue("client_assertion"), ".")
	if len(parts) != 3 || r.Method != http.MethodPost || r.PostFormValue("grant_type") != "client_credentials" ||
		r.PostFormValue("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		return fmt.Errorf("form")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	digest := sha512.Sum512([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(&s.key.PublicKey, crypto.SHA512, digest[:], signature); err != nil {
		return err
	}
	var header, claims map[string]any
	for i, into := range []*map[string]any{&header, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, into); err != nil {
			return err
		}
	}
	exp, _ := claims["exp"].(float64)
	ahead := time.Unix(int64(exp), 0).Sub(s.now())
	if _, repeated := s.seen.LoadOrStore(claims["jti"], true); repeated {
		return fmt.Errorf("jti")
	}
	if header["alg"] != "RS512" || header["typ"] != "JWT" || header["kid"] != "test-1" || claims["iss"] != "api-key" ||
		claims["sub"] != "api-key" || claims["aud"] != s.URL+"/oauth2/token" || ahead <= 0 || ahead > 5*time.Minute {
		return fmt.Errorf("claims")
	}
	return nil
}

func (s *service) config() nhsauth.Config {
	return nhsauth.Config{
		TokenURL: s.URL + "/oauth2/token", APIKey: "api-key", KeyID: "test-1", PrivateKey: s.key,
		Client: httpcall.Client(nil, 10*time.Second), Now: s.now,
	}
}

func (s *service) tokens(t *testing.T) *nhsauth.Tokens {
	t.Helper()
	tokens, err := nhsauth.New(s.config())
	require.NoError(t, err)
	return tokens
}

// clock stands still until it is moved.
type clock struct{ nanoseconds atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.nanoseconds.Store(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) Now() time.Time           { return time.Unix(0, c.nanoseconds.Load()) }
func (c *clock) advance(by time.Duration) { c.nanoseconds.Add(int64(by)) }

func TestTokenIsKeptAndRenewedEarly(t *testing.T) {
	t.Parallel()
	clock := newClock()
	service := newService(t, clock.Now)
	tokens := service.tokens(t)

	first, err := tokens.Token(t.Context())
	require.NoError(t, err, "%v", service.problem.Load())
	require.Equal(t, "token-1", first)
	clock.advance(7 * time.Minute)
	again, err := tokens.Token(t.Context())
	require.NoError(t, err)
	require.Equal(t, first, again)
	clock.advance(2 * time.Minute) // 599 s are not over yet
	renewed, err := tokens.Token(t.Context())
	require.NoError(t, err)
	require.Equal(t, "token-2", renewed)
}

func TestManyAskersFetchOnce(t *testing.T) {
	t.Parallel()
	service := newService(t, newClock().Now)
	tokens := service.tokens(t)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			token, err := tokens.Token(t.Context())
			if err != nil || token != "token-1" {
				t.Errorf("%q, %v", token, err)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, service.calls.Load())
}

func TestForgetDropsOnlyTheRefusedToken(t *testing.T) {
	t.Parallel()
	service := newService(t, newClock().Now)
	tokens := service.tokens(t)
	first, err := tokens.Token(t.Context())
	require.NoError(t, err)
	tokens.Forget(first)
	second, err := tokens.Token(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	tokens.Forget(first)
	third, err := tokens.Token(t.Context())
	require.NoError(t, err)
	require.Equal(t, second, third)
}

func TestExpiresInMayBeANumberOrMissing(t *testing.T) {
	t.Parallel()
	for body, calls := range map[string]int64{
		`{"access_token":"t","expires_in":599}`:    1,
		`{"access_token":"t","expires_in":"599"}`:  1,
		`{"access_token":"t"}`:                     2,
		`{"access_token":"t","expires_in":"soon"}`: 2,
	} {
		service := newService(t, newClock().Now)
		service.answers(func(w http.ResponseWriter) { _, _ = w.Write([]byte(body)) })
		tokens := service.tokens(t)
		for range 2 {
			_, err := tokens.Token(t.Context())
			require.NoError(t, err)
		}
		require.Equal(t, calls, service.calls.Load(), body)
	}
}

func (s *service) answers(answer func(http.ResponseWriter)) { s.answer.Store(&answer) }

func TestErrors(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{
		400: adapters.ErrConfiguration, 401: adapters.ErrConfiguration, 403: adapters.ErrConfiguration,
		302: adapters.ErrConfiguration, 408: adapters.ErrNotSent, 500: adapters.ErrNotSent, 503: adapters.ErrNotSent,
	} {
		service := newService(t, newClock().Now)
		service.answers(func(w http.ResponseWriter) { w.WriteHeader(status) })
		_, err := service.tokens(t).Token(t.Context())
		require.ErrorIs(t, err, want, "%d", status)
	}
	clock := newClock()
	service := newService(t, clock.Now)
	service.answers(func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, err := service.tokens(t).Token(t.Context())
	var limited *adapters.RateLimitError
	require.ErrorAs(t, err, &limited)
	require.Equal(t, clock.Now().Add(7*time.Second), limited.Until)

	for _, body := range []string{"", "{}", `{"access_token":"two\nlines"}`, `{"access_token":5}`} {
		service.answers(func(w http.ResponseWriter) { _, _ = w.Write([]byte(body)) })
		_, err := service.tokens(t).Token(t.Context())
		require.ErrorIs(t, err, adapters.ErrNotSent, body)
		require.NotContains(t, err.Error(), "two")
	}
	service.Close()
	_, err = service.tokens(t).Token(t.Context())
	require.ErrorIs(t, err, adapters.ErrNotSent)
}

func TestTokenReturnsWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	service := newService(t, newClock().Now)
	stuck := make(chan struct{})
	service.answers(func(http.ResponseWriter) { <-stuck })
	tokens := service.tokens(t)
	go func() { _, _ = tokens.Token(context.WithoutCancel(t.Context())) }()
	require.Eventually(t, func() bool { return service.calls.Load() == 1 }, 10*time.Second, time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := tokens.Token(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	close(stuck)
}

func TestNothingSecretIsPrinted(t *testing.T) {
	t.Parallel()
	service := newService(t, newClock().Now)
	tokens := service.tokens(t)
	token, err := tokens.Token(t.Context())
	require.NoError(t, err)
	config := service.config()
	printed := fmt.Sprintf("%+v %#v %s %v %+v %+v", config, config, config, &config, tokens, *tokens)
	for _, secret := range []string{"api-key", token, config.PrivateKey.D.String()} {
		require.NotContains(t, printed, secret)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	service := newService(t, newClock().Now)
	for name, change := range map[string]func(*nhsauth.Config){
		"address": func(c *nhsauth.Config) { c.TokenURL = "/oauth2/token" },
		"API key": func(c *nhsauth.Config) { c.APIKey = "" },
		"key id":  func(c *nhsauth.Config) { c.KeyID = "" },
		"key":     func(c *nhsauth.Config) { c.PrivateKey = nil },
		"client":  func(c *nhsauth.Config) { c.Client = nil },
		"clock":   func(c *nhsauth.Config) { c.Now = nil },
	} {
		config := service.config()
		change(&config)
		_, err := nhsauth.New(config)
		require.Error(t, err, name)
	}
}

func TestParsePrivateKey(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	for kind, der := range map[string][]byte{"RSA PRIVATE KEY": x509.MarshalPKCS1PrivateKey(key), "PRIVATE KEY": pkcs8} {
		parsed, err := nhsauth.ParsePrivateKey(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
		require.NoError(t, err)
		require.True(t, key.Equal(parsed))
	}
	for _, text := range []string{
		"", "hunter2", "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n",
	} {
		_, err := nhsauth.ParsePrivateKey([]byte(text))
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hunter2")
	}
}
