package twilio_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/twilio"
)

func TestNewNamesAllThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := twilio.New(twilio.Config{
		AccountSID: "AC1", KeySID: "x", CallbackURL: "https://my_host.example.org/hook", BaseURL: "http://example.org",
	})
	for _, want := range []string{"AccountSID", "AuthToken", "KeySID", "KeySecret", "From", "CallbackURL", "BaseURL"} {
		require.ErrorContains(t, err, want)
	}
	_, err = twilio.New(twilio.Config{
		AccountSID: account, AuthToken: authToken, From: "x", CallbackURL: callbackURL + "?a=b",
	})
	require.ErrorContains(t, err, "CallbackURL")
}

func TestSendAsksForACallbackThatNamesTheReference(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	c := config(p)
	c.From, c.MessagingServiceSID = "", "MG00000000000000000000000000000001"
	c.KeySID, c.KeySecret = "SK00000000000000000000000000000001", "key-secret"
	sender, err := twilio.New(c)
	require.NoError(t, err)
	message := text("Hello & 😀")
	receipt, err := sender.Send(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, adapters.Sent, receipt.Status)
	require.Regexp(t, "^SM[0-9a-f]{32}$", receipt.ProviderID)
	require.Equal(t, "/2010-04-01/Accounts/"+account+"/Messages.json", p.Last().URL.Path)
	user, password, _ := p.Last().BasicAuth()
	require.Equal(t, "SK00000000000000000000000000000001key-secret", user+password)
	require.Equal(t, map[string][]string{
		"To": {"+447700900123"}, "Body": {"Hello & 😀"}, "MessagingServiceSid": {"MG00000000000000000000000000000001"},
		"StatusCallback": {callbackURL + "?reference=" + message.Reference},
	}, map[string][]string(p.taken[0]))

	_, err = newSender(t, p).Send(t.Context(), message)
	require.NoError(t, err)
	user, password, _ = p.Last().BasicAuth()
	require.Equal(t, account+authToken, user+password)
	require.Equal(t, "+447700900999", p.taken[1].Get("From"))
}

func TestSendReadsEveryRefusal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status, code int
		want         error // nil: an unknown outcome
	}{
		{400, 21211, adapters.ErrWrongContact},
		{400, 21214, adapters.ErrWrongContact},
		{400, 21217, adapters.ErrWrongContact},
		{400, 21265, adapters.ErrWrongContact},
		{400, 21266, adapters.ErrWrongContact},
		{400, 21421, adapters.ErrWrongContact},
		{400, 21610, adapters.ErrObjected},
		{400, 21658, adapters.ErrWrongContent},
		{400, 21614, adapters.ErrWrongContact},
		{400, 21635, adapters.ErrWrongContact},
		{400, 21602, adapters.ErrWrongContent},
		{400, 21605, adapters.ErrWrongContent},
		{400, 21617, adapters.ErrWrongContent},
		{400, 21619, adapters.ErrWrongContent},
		{400, 21408, adapters.ErrConfiguration},
		{400, 21606, adapters.ErrConfiguration},
		{400, 21612, adapters.ErrConfiguration},
		{400, 99999, adapters.ErrConfiguration},
		{401, 20003, adapters.ErrConfiguration},
		{403, 20003, adapters.ErrConfiguration},
		{404, 20404, adapters.ErrConfiguration},
		{307, 0, adapters.ErrConfiguration},
		{200, 0, nil},
		{408, 0, nil},
		{500, 20500, nil},
		{503, 20503, nil},
	} {
		t.Run(fmt.Sprint(c.status, "/", c.code), func(t *testing.T) {
			t.Parallel()
			p := newProvider(t)
			p.refuse(c.status, c.code)
			_, err := newSender(t, p).Send(t.Context(), text("Hello"))
			providertest.RequireOnly(t, err, c.want)
		})
	}
}

// A queue that is full is nobody's configuration: it empties by itself.
func TestSendHearsThatItIsTooFast(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	for _, code := range []int{14107, 20429, 21611, 30001, 63038} {
		p.refuse(http.StatusBadRequest, code)
		_, err := newSender(t, p).Send(t.Context(), text("Hello"))
		var limited *adapters.RateLimitError
		require.ErrorAs(t, err, &limited, code)
	}
}

func TestSendRefusesWhatTwilioNeverTakes(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	sender := newSender(t, p)
	for _, words := range []string{" ", strings.Repeat("x", 1601)} {
		_, err := sender.Send(t.Context(), text(words))
		require.ErrorIs(t, err, adapters.ErrWrongContent)
	}
	email := text("Hello")
	email.Medium = adapters.Email
	_, err := sender.Send(t.Context(), email)
	require.ErrorIs(t, err, adapters.ErrConfiguration)
	require.Nil(t, p.Last())
}

func TestAnAnswerThatCannotBeReadIsAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	p.Answer(http.StatusCreated, `{"sid":`)
	_, err := newSender(t, p).Send(t.Context(), text("Hello"))
	providertest.RequireOnly(t, err, nil)
}

func TestFindTakesExactlyOneLikeIt(t *testing.T) {
	t.Parallel()
	message := text("Hello")
	base := map[string]any{
		"sid": "SM1", "status": "delivered", "to": message.To, "body": " Hello ", "direction": "outbound-api",
		"date_created": message.FirstTried.Add(10 * time.Second).UTC().Format(time.RFC1123Z),
	}
	with := func(key string, value any) map[string]any {
		other := map[string]any{}
		for k, v := range base {
			other[k] = v
		}
		other[key] = value
		return other
	}
	at := func(d time.Duration) string { return message.FirstTried.Add(d).UTC().Format(time.RFC1123Z) }
	for name, c := range map[string]struct {
		list  []map[string]any
		found bool
	}{
		"one": {[]map[string]any{
			base, with("body", "Other words"), with("direction", "inbound"), with("to", "+447700900999"),
		}, true},
		"none":            {nil, false},
		"two":             {[]map[string]any{base, with("sid", "SM2")}, false},
		"from before":     {[]map[string]any{with("date_created", at(-5*time.Minute))}, false},
		"from long after": {[]map[string]any{with("date_created", at(time.Hour))}, false},
		"no time":         {[]map[string]any{with("date_created", nil)}, false},
		"taken out words": {[]map[string]any{with("body", "")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProvider(t)
			p.list = c.list
			receipt, err := newSender(t, p).Find(t.Context(), message)
			if !c.found {
				providertest.RequireOnly(t, err, nil)
				return
			}
			require.NoError(t, err)
			require.Equal(t, adapters.Receipt{
				Reference: message.Reference, ProviderID: "SM1", Via: "twilio", Status: adapters.Delivered,
			}, receipt)
		})
	}
}

func TestFindGoesByTheAttemptInQuestion(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	sender := newSender(t, p)
	message := text("Hello")
	_, err := sender.Send(t.Context(), message)
	require.NoError(t, err)
	message.FirstTried, message.Unclear = time.Now().Add(-time.Hour), time.Now()
	_, err = sender.Find(t.Context(), message)
	require.NoError(t, err)
	message.Unclear = time.Time{}
	_, err = sender.Find(t.Context(), message)
	providertest.RequireOnly(t, err, nil)
	require.NotContains(t, p.Last().URL.String(), "7700900", "no address holds a client's number")
	began := message.FirstTried.Add(-time.Minute).UTC().Format(time.RFC3339)
	require.Equal(t, url.Values{"DateSent>": {began}, "PageSize": {"500"}}, p.Last().URL.Query())
}

// What does not show in an hour never will: a person may have it sent again.
func TestFindEndsWhereAskingAgainPromisesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ago  time.Duration
		ends bool
	}{{50 * time.Minute, false}, {70 * time.Minute, true}} {
		p := newProvider(t)
		sender, message := newSender(t, p), text("Hello")
		message.FirstTried, message.Unclear = time.Now().Add(-24*time.Hour), time.Now().Add(-c.ago)
		_, err := sender.Find(t.Context(), message)
		require.Equal(t, c.ends, errors.Is(err, errors.ErrUnsupported), "none, %v ago", c.ago)
		for range 25 {
			p.Answer(http.StatusOK, `{"messages":[],"next_page_uri":"/x?PageToken=PA1"}`)
		}
		_, err = sender.Find(t.Context(), message)
		require.Equal(t, c.ends, errors.Is(err, errors.ErrUnsupported), "too many, %v ago", c.ago)
	}
}

func TestFindLooksThroughEveryPage(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	message := text("Hello")
	page := func(next, words string) string {
		body, err := json.Marshal(map[string]any{"next_page_uri": next, "messages": []map[string]any{{
			"sid": "SM1", "status": "sent", "to": message.To, "body": words, "direction": "outbound-api",
			"date_created": message.FirstTried.UTC().Format(time.RFC1123Z),
		}}})
		require.NoError(t, err)
		return string(body)
	}
	p.Answer(http.StatusOK, page("https://other.example/2010-04-01/x?PageToken=PA1&Page=1", "Other words"))
	p.Answer(http.StatusOK, page("", "Hello"))
	receipt, err := newSender(t, p).Find(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, "SM1", receipt.ProviderID)
	require.Equal(t, "/2010-04-01/Accounts/"+account+"/Messages.json?Page=1&PageToken=PA1", p.Last().URL.String())
}

func TestFindDoesNotReadForEver(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	for range 25 {
		p.Answer(http.StatusOK, `{"messages":[],"next_page_uri":"/x?PageToken=PA1"}`)
	}
	_, err := newSender(t, p).Find(t.Context(), text("Hello"))
	providertest.RequireOnly(t, err, nil)
}

func TestCredentialsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	c := config(p)
	c.KeySID, c.KeySecret = "SK00000000000000000000000000000001", "key-secret"
	sender, err := twilio.New(c)
	require.NoError(t, err)
	p.Arrange(adaptertest.Down, nil)
	_, err = sender.Send(t.Context(), text("Hello"))
	require.ErrorIs(t, err, adapters.ErrNotSent)
	providertest.RequireNeverPrinted(t, []string{authToken, "key-secret"}, sender, c, &c, err)
}
