package govuknotify_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/govuknotify"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
)

// captured is what a request was, as far as Notify reads it.
type captured struct {
	method, target, contentType, token string
	body                               any
}

// capture starts a server that takes everything and returns what came.
func capture(t *testing.T) (url string, requests func() []captured) {
	t.Helper()
	var all []captured
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		one := captured{
			method: r.Method, target: r.URL.RequestURI(), contentType: r.Header.Get("Content-Type"),
			token: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "),
		}
		_ = json.Unmarshal(raw, &one.body) // a GET has none
		all = append(all, one)
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusCreated)
		}
		_, _ = io.WriteString(w, `{"id":"n1","content":{"body":"x"},"notifications":[]}`)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []captured { return all }
}

func TestRequestsAreThoseOfTheOfficialClient(t *testing.T) {
	t.Parallel()
	sms, mail := text("It’s time 😀 & more"), email("Hello *you*: "+link+" bye")
	mail.Link = link

	theirURL, theirs := capture(t)
	input, err := json.Marshal(map[string]any{"apiKey": apiKey, "calls": []any{
		[]any{"sendSms", smsTemplate, sms.To, map[string]any{
			"personalisation": map[string]string{"body": sms.Text}, "reference": sms.Reference, "smsSenderId": smsTemplate,
		}},
		[]any{"sendEmail", emailTemplate, mail.To, map[string]any{
			"personalisation": map[string]string{
				"subject": mail.Subject, "body": "Hello *you*: ", "reply_link": link, "after": " bye",
			},
			"reference": mail.Reference, "emailReplyToId": emailTemplate, "sanitiseContentFor": []string{"body", "after"},
		}},
		[]any{"getNotifications", nil, nil, sms.Reference},
	}})
	require.NoError(t, err)
	testpeer.Output(t, string(input), "notify-client.mjs", theirURL)

	ourURL, ours := capture(t)
	sender, err := govuknotify.New(govuknotify.Config{
		APIKey: apiKey, SMSTemplate: smsTemplate, EmailTemplate: emailTemplate, SMSSender: smsTemplate,
		EmailReplyTo: emailTemplate,
		BaseURL:      ourURL,
	})
	require.NoError(t, err)
	_, err = sender.Send(t.Context(), sms)
	require.NoError(t, err)
	_, err = sender.Send(t.Context(), mail)
	require.NoError(t, err)
	_, err = sender.Find(t.Context(), sms)
	require.Error(t, err)

	require.Len(t, theirs(), 3)
	require.Len(t, ours(), 3)
	for i, their := range theirs() {
		our := ours()[i]
		for _, token := range []string{their.token, our.token} {
			header, payload := verify(t, token)
			require.Equal(t, map[string]any{"alg": "HS256", "typ": "JWT"}, header)
			require.Len(t, payload, 2)
			require.Equal(t, "26785a09-ab16-4eb0-8407-a37497a57506", payload["iss"])
			require.InDelta(t, time.Now().Unix(), payload["iat"], 30)
		}
		require.Equal(t, their.method+" "+their.target, our.method+" "+our.target)
		require.Equal(t, their.body, our.body)
		if their.contentType != "" {
			require.Equal(t, their.contentType, our.contentType)
		}
	}
}

// verify holds a token against jsonwebtoken.
func verify(t *testing.T, token string) (header, payload map[string]any) {
	t.Helper()
	input, err := json.Marshal(map[string]any{
		"token": token, "key": secret, "options": map[string]any{"algorithms": []string{"HS256"}, "maxAge": "30s"},
	})
	require.NoError(t, err)
	var verified struct{ Header, Payload map[string]any }
	require.NoError(t, json.Unmarshal([]byte(testpeer.Output(t, string(input), "jwt.mjs")), &verified))
	return verified.Header, verified.Payload
}

func mocked(t *testing.T, mode ...string) (*govuknotify.Sender, *providertest.Mock) {
	t.Helper()
	document, err := filepath.Abs("testdata/openapi.json")
	require.NoError(t, err)
	mock := &providertest.Mock{}
	sender, err := govuknotify.New(govuknotify.Config{
		APIKey: apiKey, SMSTemplate: smsTemplate, EmailTemplate: emailTemplate,
		BaseURL: testpeer.Start(t, "prism.mjs", append([]string{document}, mode...)...), Client: mock.Client(),
	})
	require.NoError(t, err)
	return sender, mock
}

func TestRequestsKeepTheOpenAPIDocument(t *testing.T) {
	t.Parallel()
	sender, mock := mocked(t, "errors")
	mail := email("Hello " + link)
	mail.Link = link
	for _, message := range []adapters.Outgoing{text("Hello"), mail} {
		mock.Prefer("")
		receipt, err := sender.Send(t.Context(), message)
		require.NoError(t, err, "a request that the document does not allow is a 400")
		require.NotEmpty(t, receipt.ProviderID)

		mock.Prefer("code=400")
		_, err = sender.Send(t.Context(), message)
		require.True(t, errors.Is(err, adapters.ErrWrongContact) || errors.Is(err, adapters.ErrConfiguration), "%v", err)
		mock.Prefer("code=403")
		_, err = sender.Send(t.Context(), message)
		require.ErrorIs(t, err, adapters.ErrConfiguration)
		mock.Prefer("code=429")
		_, err = sender.Send(t.Context(), message)
		var limited *adapters.RateLimitError
		require.ErrorAs(t, err, &limited)
		mock.Prefer("code=500")
		_, err = sender.Send(t.Context(), message)
		providertest.RequireOnly(t, err, nil)
	}
	mock.Prefer("")
	unreachable := text("Hello")
	unreachable.To = "+44"
	_, err := sender.Send(t.Context(), unreachable)
	require.ErrorIs(t, err, adapters.ErrWrongContact, "the document wants seven digits")
}

func TestLookUpsKeepTheOpenAPIDocument(t *testing.T) {
	t.Parallel()
	sender, mock := mocked(t)
	message := text("Hello")
	_, err := sender.Find(t.Context(), message)
	require.Error(t, err, "the document's example is another message")
	mock.RequireNoViolations(t)
}
