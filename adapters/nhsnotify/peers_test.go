package nhsnotify_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/nhsnotify"
	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
)

func TestTheTokenRequestIsOneThatJsonwebtokenVerifies(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	var form map[string][]string
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		form = r.PostForm
		_, _ = io.WriteString(w, `{"access_token":"t","expires_in":599}`)
	}))
	t.Cleanup(tokens.Close)
	c := config(p, providertest.PrivateKey(t))
	c.TokenURL, c.Now = tokens.URL+"/oauth2/token", func() time.Time { return time.Now() }
	sender, err := nhsnotify.New(c)
	require.NoError(t, err)
	_, err = sender.Send(t.Context(), message(adapters.SMS, "Hello"))
	require.NoError(t, err)

	require.Equal(t, []string{"client_credentials"}, form["grant_type"])
	require.Equal(t, []string{"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, form["client_assertion_type"])
	input, err := json.Marshal(map[string]any{
		"token": strings.Join(form["client_assertion"], ""), "key": publicKey(t, c.PrivateKey),
		"options": map[string]any{
			"algorithms": []string{"RS512"}, "issuer": apiKey, "subject": apiKey, "audience": c.TokenURL,
		},
	})
	require.NoError(t, err)
	var verified struct{ Header, Payload map[string]any }
	require.NoError(t, json.Unmarshal([]byte(testpeer.Output(t, string(input), "jwt.mjs")), &verified))
	require.Equal(t, map[string]any{"alg": "RS512", "typ": "JWT", "kid": "test-1"}, verified.Header)
	require.LessOrEqual(t, verified.Payload["exp"], float64(time.Now().Add(5*time.Minute).Unix()))
	require.Len(t, verified.Payload["jti"], 36)
}

func publicKey(t *testing.T, private []byte) string {
	t.Helper()
	block, _ := pem.Decode(private)
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	require.NoError(t, err)
	encoded, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: encoded}))
}

func TestRequestsKeepTheOpenAPIDocument(t *testing.T) {
	t.Parallel()
	document, err := filepath.Abs("testdata/openapi.json")
	require.NoError(t, err)
	mock := &providertest.Mock{}
	c := config(newProvider(t), providertest.PrivateKey(t))
	c.BaseURL, c.Client = testpeer.Start(t, "prism.mjs", document), mock.Client()
	c.SMS, c.Email, c.ODSCode = nhsnotify.AppThenSMSAfter4Hours, nhsnotify.AppThenEmailAfter4Hours, "X26"
	sender, err := nhsnotify.New(c)
	require.NoError(t, err)

	for _, medium := range []adapters.Medium{adapters.SMS, adapters.Email} {
		mock.Prefer("")
		receipt, err := sender.Send(t.Context(), message(medium, "Hello"))
		require.NoError(t, err)
		require.Regexp(t, "^[0-9A-Za-z]{27}$", receipt.ProviderID)
	}
	mock.Prefer("code=422")
	receipt, err := sender.Send(t.Context(), message(adapters.SMS, "Hello"))
	require.NoError(t, err, "a duplicate was accepted before")
	require.Empty(t, receipt.ProviderID)
	for code, want := range map[string]error{
		"code=401": adapters.ErrConfiguration, "code=403": adapters.ErrConfiguration, "code=404": adapters.ErrConfiguration,
		"code=500": adapters.ErrConfiguration, // the example is of a plan without templates
		"code=408": nil, "code=425": nil, "code=503": nil, "code=504": nil,
	} {
		mock.Prefer(code)
		_, err = sender.Send(t.Context(), message(adapters.SMS, "Hello"))
		providertest.RequireOnly(t, err, want)
	}
	mock.Prefer("code=400")
	_, err = sender.Send(t.Context(), message(adapters.SMS, "Hello"))
	require.Error(t, err)
	mock.Prefer("code=429")
	_, err = sender.Send(t.Context(), message(adapters.SMS, "Hello"))
	var limited *adapters.RateLimitError
	require.ErrorAs(t, err, &limited)
	mock.RequireNoViolations(t)
}

func TestTheMockListsWhatIsWrong(t *testing.T) {
	t.Parallel()
	document, err := filepath.Abs("testdata/openapi.json")
	require.NoError(t, err)
	address := testpeer.Start(t, "prism.mjs", document)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/v1/messages",
		strings.NewReader(`{"data":{"type":"Message","attributes":{"messageReference":"r","recipient":{"nhsNumber":"12"}}}}`))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/vnd.api+json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Contains(t, response.Header.Get("sl-violations"), `"location":["request"`)
}
