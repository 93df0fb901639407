package govuknotify_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/govuknotify"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
)

func TestNewNamesAllThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := govuknotify.New(govuknotify.Config{APIKey: "name-" + secret, SMSSender: "x", BaseURL: "http://example.org"})
	for _, want := range []string{"APIKey", "SMSTemplate", "SMSSender", "BaseURL"} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), secret)
}

func TestTokenEqualsTheVector(t *testing.T) {
	t.Parallel()
	var vector struct {
		APIKey   string   `json:"api_key"`
		Service  string   `json:"service_id"`
		IssuedAt int64    `json:"iat"`
		Token    string   `json:"token"`
		Tricky   []string `json:"tricky_key_names"`
	}
	providertest.ReadJSON(t, "testdata/jwt-vector.json", &vector)

	server := newNotify(t)
	for _, key := range append(vector.Tricky, vector.APIKey) {
		c := config(server)
		c.APIKey, c.Now = key, func() time.Time { return time.Unix(vector.IssuedAt, 0) }
		sender, err := govuknotify.New(c)
		require.NoError(t, err)
		_, err = sender.Send(t.Context(), text("Hello"))
		require.NoError(t, err)
		token := strings.TrimPrefix(server.Last().Header.Get("Authorization"), "Bearer ")
		claims, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
		require.NoError(t, err)
		require.JSONEq(t, fmt.Sprintf(`{"iss":%q,"iat":%d}`, key[len(key)-73:len(key)-37], vector.IssuedAt), string(claims))
		if key == vector.APIKey {
			require.Equal(t, vector.Token, token)
		}
	}
}

func TestSendEmailKeepsTheLinkApart(t *testing.T) {
	t.Parallel()
	server := newNotify(t)
	var got map[string]any
	server.Next(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewDecoder(r.Body).Decode(&got)
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"id":"n1","content":{"body":"x"}}`))
	})
	message := email("Hello *you*\n\nReply: " + link + "\n\nDo not answer by email.")
	message.Link = link
	_, err := newSender(t, server).Send(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"email_address": "grace@example.org", "template_id": emailTemplate, "reference": message.Reference,
		"sanitise_content_for": []any{"body", "after"},
		"personalisation": map[string]any{
			"subject": "Your appointment", "body": "Hello *you*\n\nReply: ",
			"reply_link": link, "after": "\n\nDo not answer by email.",
		},
	}, got)
}

func TestSendSaysWhatWasReallySent(t *testing.T) {
	t.Parallel()
	sender := newSender(t, newNotify(t))
	receipt, err := sender.Send(t.Context(), text("It’s time 😀"))
	require.NoError(t, err)
	require.Equal(t, "It's time ?", receipt.Text)
	require.Equal(t, "govuknotify", receipt.Via)
	require.NotEmpty(t, receipt.ProviderID)

	receipt, err = sender.Send(t.Context(), text("It is time"))
	require.NoError(t, err)
	require.Empty(t, receipt.Text)
}

func TestEscapesOfMarkdownAreNoChange(t *testing.T) {
	t.Parallel()
	server := newNotify(t)
	answer := func(body string) {
		server.Answer(http.StatusCreated, fmt.Sprintf(`{"id":"n1","content":{"body":%q}}`, body))
	}
	sender := newSender(t, server)
	answer(`see \[this\] \*now\*`)
	receipt, err := sender.Send(t.Context(), email("see [this] *now*"))
	require.NoError(t, err)
	require.Empty(t, receipt.Text)

	answer("see\r\nthis")
	receipt, err = sender.Send(t.Context(), email("see\nthis"))
	require.NoError(t, err)
	require.Empty(t, receipt.Text)

	answer(`see \[this\]\(\)`)
	receipt, err = sender.Send(t.Context(), email("see [this](https://www.example.com)"))
	require.NoError(t, err)
	require.Equal(t, "see [this]()", receipt.Text)
}

func TestSendReadsEveryRefusal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		kind   string
		want   error // nil: an unknown outcome
	}{
		{400, "ValidationError", adapters.ErrWrongContact},
		{400, "InvalidPhoneError", adapters.ErrWrongContact},
		{400, "InvalidEmailError", adapters.ErrWrongContact},
		{400, "InvalidRecipientError", adapters.ErrWrongContact},
		{400, "BadRequestError", adapters.ErrConfiguration},
		{400, "", adapters.ErrConfiguration}, // a gateway's page
		{401, "AuthError", adapters.ErrConfiguration},
		{403, "AuthError", adapters.ErrConfiguration},
		{403, "BadRequestError", adapters.ErrConfiguration},
		{404, "NoResultFound", adapters.ErrConfiguration},
		{307, "", adapters.ErrConfiguration},
		{413, "", adapters.ErrWrongContent},
		{200, "", nil},
		{408, "", nil},
		{500, "Exception", nil},
		{502, "", nil},
		{503, "Exception", nil},
		{504, "EventletTimeout", nil},
	} {
		t.Run(fmt.Sprint(c.status, c.kind), func(t *testing.T) {
			t.Parallel()
			server := newNotify(t)
			server.refuse(c.status, c.kind)
			_, err := newSender(t, server).Send(t.Context(), text("Hello"))
			providertest.RequireOnly(t, err, c.want)
		})
	}
}

func TestSendReadsBothRateLimits(t *testing.T) {
	t.Parallel()
	server := newNotify(t)
	sender := newSender(t, server)
	for _, c := range []struct {
		kind   string
		header []string
		until  time.Time
	}{
		{"RateLimitError", nil, time.Time{}},
		{"RateLimitError", []string{"Retry-After", "3"}, now().Add(3 * time.Second)},
		{"TooManyRequestsError", []string{"Date", "Wed, 04 Mar 2026 15:16:17 GMT"}, now().Add(31423 * time.Second)},
		// by their day, counted from here
		{"TooManyRequestsError", []string{"Date", "Wed, 04 Mar 2026 23:50:00 GMT"}, now().Add(10 * time.Minute)},
		{"TooManyRequestsError", []string{"Date", "Thu, 05 Mar 2026 00:00:00 GMT"}, now().Add(24 * time.Hour)},
		{"TooManyRequestsError", []string{"Date", "today"}, time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)},
		{"", nil, time.Time{}},
	} {
		server.refuse(http.StatusTooManyRequests, c.kind, c.header...)
		_, err := sender.Send(t.Context(), text("Hello"))
		var limited *adapters.RateLimitError
		require.ErrorAs(t, err, &limited)
		require.Equal(t, c.until, limited.Until)
	}
	// the documents give the limit of a minute this kind too
	server.Answer(http.StatusTooManyRequests, `{"status_code":429,"errors":[{"error":"TooManyRequestsError",
		"message":"Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds"}]}`, "Retry-After", "3")
	_, err := sender.Send(t.Context(), text("Hello"))
	var limited *adapters.RateLimitError
	require.ErrorAs(t, err, &limited)
	require.Equal(t, now().Add(3*time.Second), limited.Until)
}

func TestSendRefusesWhatNotifyNeverTakes(t *testing.T) {
	t.Parallel()
	server := newNotify(t)
	sender := newSender(t, server)
	for _, message := range []adapters.Outgoing{
		text(" \n"), text(strings.Repeat("x", 919)), text(strings.Repeat("😀", 460)), email(strings.Repeat("x", 2_000_000)),
	} {
		_, err := sender.Send(t.Context(), message)
		require.ErrorIs(t, err, adapters.ErrWrongContent)
	}
	c := config(server)
	c.SMSTemplate = ""
	emailOnly, err := govuknotify.New(c)
	require.NoError(t, err)
	_, err = emailOnly.Send(t.Context(), text("Hello"))
	require.ErrorIs(t, err, adapters.ErrConfiguration)
	require.Empty(t, server.requests)

	_, err = sender.Send(t.Context(), text(strings.Repeat("x", 918)))
	require.NoError(t, err)
}

func TestCredentialsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	server := newNotify(t)
	c, sender := config(server), newSender(t, server)
	server.Arrange(adaptertest.Down, nil)
	_, err := sender.Send(t.Context(), text("Hello"))
	providertest.RequireNeverPrinted(t, []string{secret, callbackToken}, sender, c, &c, err)
}

func TestWhatIsTooLongIsTheText(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]error{
		"Your message is too long. Text messages cannot be longer than 918 characters. " +
			"Your message is 1000 characters long.": adapters.ErrWrongContent,
		"Content for template has a character count greater than the limit of 918":  adapters.ErrWrongContent,
		"Emails cannot be longer than 2000000 bytes. Your message is 2000001 bytes": adapters.ErrWrongContent,
		"Your message is empty.":                                 adapters.ErrWrongContent,
		"Template not found":                                     adapters.ErrConfiguration,
		"Missing personalisation: body":                          adapters.ErrConfiguration,
		"Can't send to this recipient using a team-only API key": adapters.ErrConfiguration,
	} {
		server := newNotify(t)
		body, err := json.Marshal(map[string]any{
			"status_code": 400, "errors": []map[string]string{{"error": "BadRequestError", "message": message}},
		})
		require.NoError(t, err)
		server.Answer(http.StatusBadRequest, string(body))
		_, err = newSender(t, server).Send(t.Context(), text("Hello"))
		providertest.RequireOnly(t, err, want)
		require.NotContains(t, err.Error(), message)
	}
}

func TestTheLimitIsOfWhatIsSent(t *testing.T) {
	t.Parallel()
	server := newNotify(t)
	sender := newSender(t, server)
	limit, err := sender.Limit(t.Context(), "org-1", adapters.SMS)
	require.NoError(t, err)
	require.Equal(t, 918, limit.Characters)
	require.Equal(t, "'It's' on - \"now\"... a b 😀 Ŵ\n\nnext",
		limit.Sent(" ‘It’s’ on – “now”… a\u00a0b\u200b 😀 Ŵ\n\n\n\nnext\n"))
	for _, words := range []string{strings.Repeat("x", 890) + strings.Repeat("…", 10), strings.Repeat("x", 917) + "…"} {
		require.True(t, limit.TooLong(words))
		_, err = sender.Send(t.Context(), text(words))
		require.ErrorIs(t, err, adapters.ErrWrongContent)
	}
	require.Nil(t, server.Last(), "Notify is not asked")
	for _, words := range []string{
		strings.Repeat("x", 915) + "…", strings.Repeat("x", 918) + " \n\u200b",
		strings.Repeat("x", 880) + strings.Repeat("…", 12),
	} {
		require.False(t, limit.TooLong(words))
		_, err = sender.Send(t.Context(), text(words))
		require.NoError(t, err)
	}
	limit, err = sender.Limit(t.Context(), "org-1", adapters.Email)
	require.NoError(t, err)
	require.Zero(t, limit.Characters)
}
