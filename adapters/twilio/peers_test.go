package twilio_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/twilio"
	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
)

// sdk runs one function of Twilio's own SDK.
func sdk(t *testing.T, function string, input, output any) {
	t.Helper()
	encoded, err := json.Marshal(input)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(testpeer.Output(t, string(encoded), "twilio-sdk.mjs", function)), output))
}

type signing struct {
	Token     string         `json:"token"`
	URL       string         `json:"url"`
	Params    map[string]any `json:"params"`
	Signature string         `json:"signature"`
}

func TestWhatTwiliosSDKSignsIsTwilios(t *testing.T) {
	t.Parallel()
	forms := []url.Values{
		{"MessageSid": {"SM1"}, "MessageStatus": {"sent"}},
		{"MessageSid": {"SM1"}, "MessageStatus": {"sent"}, "Zebra": {"b", "a", "b"}, "ErrorCode": {""}, "a": {"£ + & = 😀"}},
		{"MessageSid": {"SM2"}, "From": {"+447700900123"}, "Body": {"Diolch £5 & see you + soon 😀\nŵ"}},
	}
	queries := []string{"reference=r-1", "", "tenant=a%20b&reference=%F0%9F%98%80"}
	var input []signing
	for i, form := range forms {
		params := map[string]any{}
		for name, values := range form {
			params[name] = values[0]
			if len(values) > 1 {
				params[name] = values
			}
		}
		for _, base := range []string{"https://msg.example/hooks/twilio", "https://msg.example:443/hooks/twilio"} {
			if queries[i] != "" {
				base += "?" + queries[i]
			}
			input = append(input, signing{Token: authToken, URL: base, Params: params})
		}
	}
	var signatures []string
	sdk(t, "sign", input, &signatures)
	require.Len(t, signatures, len(input))
	sender := newSender(t, newProvider(t))
	for i, signature := range signatures {
		_, err := sender.Callback(post(queries[i/2], forms[i/2].Encode(), signature))
		require.NoError(t, err, "%d", i)
		_, err = sender.Callback(post(queries[i/2], forms[(i/2+1)%3].Encode(), signature))
		require.ErrorIs(t, err, adapters.ErrNotSignedIn)
	}
}

func TestTwiliosSDKTakesWhatTheTestsSign(t *testing.T) {
	t.Parallel()
	form := url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"delivered"}, "To": {"+447700900123"}}
	request := sign("reference=r-1", form)
	params := map[string]any{}
	for name := range form {
		params[name] = form.Get(name)
	}
	good := signing{
		Token: authToken, URL: callbackURL + "?reference=r-1", Params: params,
		Signature: request.Header.Get("X-Twilio-Signature"),
	}
	bad := good
	bad.URL = callbackURL
	var valid []bool
	sdk(t, "validate", []signing{good, bad}, &valid)
	require.Equal(t, []bool{true, false}, valid)
}

func TestRequestsAreThoseOfTwiliosSDK(t *testing.T) {
	t.Parallel()
	type captured struct {
		method, path, user, password string
		form                         url.Values
	}
	var all []captured
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		user, password, _ := r.BasicAuth()
		all = append(all, captured{r.Method, r.URL.Path, user, password, r.PostForm})
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"sid":"SM1","status":"queued"}`)
	}))
	t.Cleanup(server.Close)
	message := text("It’s time 😀 & more")
	var sid string
	sdk(t, "send", map[string]any{"account": account, "token": authToken, "url": server.URL, "message": map[string]string{
		"to": message.To, "from": "+447700900999", "body": message.Text,
		"statusCallback": callbackURL + "?reference=" + message.Reference,
	}}, &sid)
	require.Equal(t, "SM1", sid)
	sender, err := twilio.New(twilio.Config{
		AccountSID: account, AuthToken: authToken, From: "+447700900999", CallbackURL: callbackURL, BaseURL: server.URL,
	})
	require.NoError(t, err)
	_, err = sender.Send(t.Context(), message)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, all[0], all[1])
}

func TestRequestsKeepTheOpenAPIDocument(t *testing.T) {
	t.Parallel()
	document, err := filepath.Abs("testdata/openapi.messages.json")
	require.NoError(t, err)
	mock := &providertest.Mock{}
	sender, err := twilio.New(twilio.Config{
		AccountSID: account, AuthToken: authToken, From: "+447700900999", CallbackURL: callbackURL,
		BaseURL: testpeer.Start(t, "prism.mjs", document, "errors"), Client: mock.Client(),
	})
	require.NoError(t, err)
	receipt, err := sender.Send(t.Context(), text("Hello"))
	require.NoError(t, err, "a request that the document does not allow is a 422")
	require.Regexp(t, "^SM[0-9a-fA-F]{32}$", receipt.ProviderID)

	_, err = sender.Find(t.Context(), text("Hello"))
	providertest.RequireOnly(t, err, nil)
	mock.RequireNoViolations(t)
}
