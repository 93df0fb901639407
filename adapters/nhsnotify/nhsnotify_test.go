package nhsnotify_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/nhsnotify"
)

func TestNewNamesAllThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := nhsnotify.New(nhsnotify.Config{
		BaseURL: "http://example.org", TokenURL: "x", PrivateKey: []byte("nothing secret"),
	})
	for _, want := range []string{"SMS", "PrivateKey", "BaseURL", "TokenURL"} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "nothing secret")
	c := config(newProvider(t), providertest.PrivateKey(t))
	c.SMS, c.Email = nhsnotify.Email, nhsnotify.AppThenSMSAfter24Hours
	_, err = nhsnotify.New(c)
	require.ErrorContains(t, err, "plan for SMS")
	require.ErrorContains(t, err, "plan for Email")
}

func TestEachPlanHasItsPersonalisation(t *testing.T) {
	t.Parallel()
	key := providertest.PrivateKey(t)
	for _, c := range []struct {
		plan   nhsnotify.Plan
		medium adapters.Medium
		want   map[string]any
	}{
		{nhsnotify.App, adapters.SMS, map[string]any{"body": "Hello"}},
		{nhsnotify.App, adapters.Email, map[string]any{"body": "Hello"}},
		{nhsnotify.Email, adapters.Email, map[string]any{"email_subject": "Your appointment", "email_body": "Hello"}},
		{nhsnotify.SMS, adapters.SMS, map[string]any{"sms_body": "Hello"}},
		{
			nhsnotify.AppThenEmailAfter24Hours, adapters.Email,
			map[string]any{"nhsapp_body": "Hello", "email_subject": "Your appointment", "email_body": "Hello"},
		},
		{
			nhsnotify.AppThenEmailAfter4Hours, adapters.Email,
			map[string]any{"nhsapp_body": "Hello", "email_subject": "Your appointment", "email_body": "Hello"},
		},
		{nhsnotify.AppThenSMSAfter24Hours, adapters.SMS, map[string]any{"nhsapp_body": "Hello", "sms_body": "Hello"}},
		{nhsnotify.AppThenSMSAfter4Hours, adapters.SMS, map[string]any{"nhsapp_body": "Hello", "sms_body": "Hello"}},
	} {
		p := newProvider(t)
		settings := config(p, key)
		settings.SMS, settings.Email, settings.ODSCode = "", "", "X26"
		if c.medium == adapters.SMS {
			settings.SMS = c.plan
		} else {
			settings.Email = c.plan
		}
		sender, err := nhsnotify.New(settings)
		require.NoError(t, err)
		out := message(c.medium, "Hello")
		_, err = sender.Send(t.Context(), out)
		require.NoError(t, err)
		require.Equal(t, map[string]any{
			"routingPlanId": string(c.plan), "messageReference": out.Reference, "personalisation": c.want,
			"recipient": map[string]any{"nhsNumber": providertest.NHSNumber}, "originator": map[string]any{"odsCode": "X26"},
		}, p.attributes(out.Reference))
	}
}

func TestATokenIsKeptAndRenewedWhenRefused(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	sender := newSender(t, p)
	for range 3 {
		_, err := sender.Send(t.Context(), message(adapters.SMS, "Hello"))
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, p.tokens.Load())
	require.Equal(t, "Bearer token-1", p.Last().Header.Get("Authorization"))

	p.Answer(http.StatusUnauthorized, faults("CM_DENIED", ""))
	out := message(adapters.SMS, "Hello")
	_, err := sender.Send(t.Context(), out)
	require.NoError(t, err)
	require.Equal(t, "Bearer token-2", p.Last().Header.Get("Authorization"))
	require.Equal(t, out.MessageID.String(), p.Last().Header.Get("X-Correlation-Id"))

	p.Answer(http.StatusUnauthorized, faults("CM_DENIED", ""))
	p.Answer(http.StatusUnauthorized, faults("CM_DENIED", ""))
	_, err = sender.Send(t.Context(), message(adapters.SMS, "Hello"))
	providertest.RequireOnly(t, err, adapters.ErrConfiguration)
}

func TestSendReadsEveryRefusal(t *testing.T) {
	t.Parallel()
	key := providertest.PrivateKey(t)
	for _, c := range []struct {
		status        int
		code, pointer string
		want          error // nil: an unknown outcome
	}{
		{400, "CM_INVALID_NHS_NUMBER", "/data/attributes/recipient/nhsNumber", adapters.ErrWrongContact},
		{400, "CM_MISSING_VALUE", "/data/attributes/recipient/nhsNumber", adapters.ErrWrongContact},
		{400, "CM_INVALID_VALUE", "/data/attributes/personalisation/sms_body", adapters.ErrWrongContent},
		{400, "CM_NULL_VALUE", "/data/attributes/routingPlanId", adapters.ErrConfiguration},
		{400, "CM_ODS_CODE_REQUIRED", "/data/attributes/originator", adapters.ErrConfiguration},
		{400, "CM_CANNOT_SET_ODS_CODE", "/data/attributes/originator", adapters.ErrConfiguration},
		{400, "CM_CANNOT_SET_CONTACT_DETAILS", "/data/attributes/recipient/contactDetails", adapters.ErrConfiguration},
		{403, "CM_FORBIDDEN", "", adapters.ErrConfiguration},
		{403, "CM_SERVICE_BAN", "", adapters.ErrConfiguration},
		{404, "CM_NO_SUCH_ROUTING_PLAN", "", adapters.ErrConfiguration},
		{307, "", "", adapters.ErrConfiguration},
		{422, "CM_SOMETHING_ELSE", "", adapters.ErrConfiguration},
		{500, "CM_MISSING_ROUTING_PLAN_TEMPLATE", "", adapters.ErrConfiguration},
		{500, "CM_ROUTING_PLAN_DUPLICATE_TEMPLATES", "", adapters.ErrConfiguration},
		{408, "CM_TIMEOUT", "", nil},
		{425, "CM_RETRY_TOO_EARLY", "", nil},
		{500, "CM_INTERNAL_SERVER_ERROR", "", nil},
		{503, "", "", nil},
		{504, "CM_TIMEOUT", "", nil},
		{200, "", "", nil},
	} {
		t.Run(fmt.Sprint(c.status, c.code, c.pointer), func(t *testing.T) {
			t.Parallel()
			p := newProvider(t)
			p.Answer(c.status, faults(c.code, c.pointer), "Retry-After", "300")
			sender, err := nhsnotify.New(config(p, key))
			require.NoError(t, err)
			_, err = sender.Send(t.Context(), message(adapters.SMS, "Hello"))
			providertest.RequireOnly(t, err, c.want)
		})
	}
}

func TestSendRefusesWhatNotifyNeverTakes(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	settings := config(p, providertest.PrivateKey(t))
	settings.SMS, settings.Email = nhsnotify.AppThenSMSAfter4Hours, nhsnotify.AppThenEmailAfter4Hours
	sender, err := nhsnotify.New(settings)
	require.NoError(t, err)
	for _, out := range []adapters.Outgoing{
		message(adapters.SMS, ""), message(adapters.SMS, strings.Repeat("x", 919)),
		message(adapters.Email, strings.Repeat("x", 5001)),
	} {
		_, err := sender.Send(t.Context(), out)
		providertest.RequireOnly(t, err, adapters.ErrWrongContent)
	}
	out := message(adapters.SMS, "Hello")
	out.NHSNumber = ""
	_, err = sender.Send(t.Context(), out)
	providertest.RequireOnly(t, err, adapters.ErrWrongContact)
	settings.Email = ""
	sender, err = nhsnotify.New(settings)
	require.NoError(t, err)
	_, err = sender.Send(t.Context(), message(adapters.Email, "Hello"))
	providertest.RequireOnly(t, err, adapters.ErrConfiguration)
	require.Nil(t, p.Last())
}

func TestALostAnswerIsRepeatedAndTakenOnce(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	sender := newSender(t, p)
	out := message(adapters.SMS, "Hello")
	p.Arrange(adaptertest.DroppedAfter, nil)
	_, err := sender.Send(t.Context(), out)
	providertest.RequireOnly(t, err, nil)
	_, err = sender.Find(t.Context(), out)
	providertest.RequireOnly(t, err, adapters.ErrNotSent)
	receipt, err := sender.Send(t.Context(), out)
	require.NoError(t, err)
	require.Equal(t, adapters.Receipt{Reference: out.Reference, Via: "nhsnotify", Status: adapters.Sent}, receipt)
}

func TestCredentialsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	c := config(p, providertest.PrivateKey(t))
	sender, err := nhsnotify.New(c)
	require.NoError(t, err)
	_, err = sender.Send(t.Context(), message(adapters.SMS, "Hello"))
	require.NoError(t, err)
	p.Arrange(adaptertest.Down, nil)
	_, err = sender.Send(t.Context(), message(adapters.SMS, "Hello"))
	providertest.RequireOnly(t, err, adapters.ErrNotSent)
	providertest.RequireNeverPrinted(t, []string{apiKey, "token-1", "PRIVATE KEY", string(c.PrivateKey[40:80])}, sender, c,
		&c, err)
}

func TestSenderConforms(t *testing.T) {
	t.Parallel()
	key := providertest.PrivateKey(t)
	for _, medium := range []adapters.Medium{adapters.SMS, adapters.Email} {
		t.Run(string(medium), func(t *testing.T) {
			t.Parallel()
			adaptertest.Sender(t, func(t *testing.T) adaptertest.SenderHarness { return senderHarness(t, medium, key) })
		})
	}
}

func senderHarness(t *testing.T, medium adapters.Medium, key []byte) adaptertest.SenderHarness {
	t.Helper()
	p := newProvider(t)
	c := config(p, key)
	c.Now = func() time.Time { return time.Now() }
	sender, err := nhsnotify.New(c)
	require.NoError(t, err)
	// A token is there already, so that what is arranged befalls the message.
	_, err = sender.Send(t.Context(), message(medium, "Hello"))
	require.NoError(t, err)
	return adaptertest.SenderHarness{
		Sender: sender, Medium: medium, DropsRepeats: true, Elsewhere: true, Secrets: []string{apiKey, "token-1"},
		Arrange: func(_ *testing.T, _ *adapters.Outgoing, outcome adaptertest.Outcome) bool {
			return p.Arrange(outcome, map[adaptertest.Outcome]func(){
				adaptertest.WrongContact: func() {
					p.Answer(http.StatusBadRequest, faults("CM_INVALID_NHS_NUMBER", "/data/attributes/recipient/nhsNumber"))
				},
				adaptertest.WrongContent: func() {
					p.Answer(http.StatusBadRequest, faults("CM_INVALID_VALUE", "/data/attributes/personalisation/sms_body"))
				},
				adaptertest.RateLimited: func() { p.Answer(http.StatusTooManyRequests, faults("CM_QUOTA", "")) },
				adaptertest.RateLimitedUntil: func() {
					p.Answer(http.StatusTooManyRequests, faults("CM_QUOTA", ""), "Retry-After", "5")
				},
				adaptertest.Misconfigured: func() { p.Answer(http.StatusForbidden, faults("CM_SERVICE_BAN", "")) },
			})
		},
		Carried: func(_ *testing.T, reference string) int { return min(1, len(p.attributes(reference))) },
		Text: func(_ *testing.T, reference string) string {
			words, _ := p.attributes(reference)["personalisation"].(map[string]any)
			return fmt.Sprint(words["sms_body"], words["email_body"])
		},
	}
}
