package twilio_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/providertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/twilio"
)

// sign makes the request that Twilio would, of single parameters.
func sign(query string, form url.Values) adapters.CallbackRequest {
	address := callbackURL
	if query != "" {
		address += "?" + query
	}
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		address += name + form.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write([]byte(address))
	return post(query, form.Encode(), base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

func post(query, body, signature string) adapters.CallbackRequest {
	return adapters.CallbackRequest{Method: http.MethodPost, RawQuery: query, Body: []byte(body), Header: http.Header{
		"X-Twilio-Signature": {signature}, "Content-Type": {"application/x-www-form-urlencoded"},
	}}
}

func TestSignaturesEqualEveryVector(t *testing.T) {
	t.Parallel()
	var file struct {
		Vectors []struct {
			AuthToken string `json:"auth_token"`
			URL       string `json:"url"`
			Body      string `json:"body"`
			Signature string `json:"signature"`
		} `json:"vectors"`
	}
	providertest.ReadJSON(t, "testdata/signature-vectors.json", &file)
	require.Len(t, file.Vectors, 4)
	for _, v := range file.Vectors {
		address, query, _ := strings.Cut(v.URL, "?")
		sender := sender(t, address, v.AuthToken)
		// Some bodies are signed but no message callback: refused for what they hold, not for who sent them.
		_, err := sender.Callback(post(query, v.Body, v.Signature))
		require.NotErrorIs(t, err, adapters.ErrNotSignedIn, v.URL)
		for _, forged := range []adapters.CallbackRequest{
			post(query+"x", v.Body, v.Signature), post(query, v.Body+"&a=b", v.Signature), post(query, v.Body, v.Signature[1:]),
		} {
			_, err = sender.Callback(forged)
			require.ErrorIs(t, err, adapters.ErrNotSignedIn)
		}
	}
}

func sender(t *testing.T, address, token string) *twilio.Sender {
	t.Helper()
	s, err := twilio.New(twilio.Config{AccountSID: account, AuthToken: token, From: "Riverside", CallbackURL: address})
	require.NoError(t, err)
	return s
}

func TestTheSchemesOwnPortMayStandOrNot(t *testing.T) {
	t.Parallel()
	const body, token = "Body=&From=%2B447700900123", "b0c1d2e3f4"
	signed := func(address string) adapters.CallbackRequest {
		mac := hmac.New(sha1.New, []byte(token))
		mac.Write([]byte(address + "BodyFrom+447700900123"))
		return post("", body, base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	for _, configured := range []string{"https://msg.example/hook", "https://msg.example:443/hook"} {
		for _, called := range []string{"https://msg.example/hook", "https://msg.example:443/hook"} {
			_, err := sender(t, configured, token).Callback(signed(called))
			require.ErrorIs(t, err, adapters.ErrWrongContent, "it is Twilio's, though no message")
		}
	}
	_, err := sender(t, "https://msg.example:8443/hook", token).Callback(signed("https://msg.example/hook"))
	require.ErrorIs(t, err, adapters.ErrNotSignedIn)
}

func TestARepeatedNameIsSignedWithItsDistinctValues(t *testing.T) {
	t.Parallel()
	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write([]byte(callbackURL + "AaAbMessageSidSM1MessageStatussent"))
	request := post("", "A=b&A=a&A=b&MessageSid=SM1&MessageStatus=sent", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	_, err := newSender(t, newProvider(t)).Callback(request)
	require.NoError(t, err)
}

func TestCallbackReadsEveryStatus(t *testing.T) {
	t.Parallel()
	s := newSender(t, newProvider(t))
	for _, c := range []struct {
		status, code string
		want         adapters.Status
		reason       error
	}{
		{"accepted", "", adapters.Sent, nil},
		{"scheduled", "", adapters.Sent, nil},
		{"queued", "", adapters.Sent, nil},
		{"sending", "", adapters.Sent, nil},
		{"sent", "", adapters.Sent, nil},
		{"partially_delivered", "", adapters.Sent, nil},
		{"something-new", "", adapters.Sent, nil},
		{"delivered", "", adapters.Delivered, nil},
		{"read", "", adapters.Delivered, nil},
		{"canceled", "", adapters.Failed, adapters.ErrNotSent},
		{"failed", "", adapters.Failed, adapters.ErrNotSent},
		{"undelivered", "30003", adapters.Failed, adapters.ErrNotSent},
		{"undelivered", "30004", adapters.Failed, adapters.ErrWrongContact},
		{"undelivered", "30005", adapters.Failed, adapters.ErrWrongContact},
		{"undelivered", "30006", adapters.Failed, adapters.ErrWrongContact},
		{"undelivered", "30007", adapters.Failed, adapters.ErrWrongContent},
		{"undelivered", "30008", adapters.Failed, adapters.ErrNotSent},
		{"failed", "21610", adapters.Failed, adapters.ErrObjected},
		{"undelivered", "30002", adapters.Failed, adapters.ErrConfiguration},
		{"failed", "30018", adapters.Failed, adapters.ErrConfiguration},
		{"undelivered", "30042", adapters.Failed, adapters.ErrConfiguration},
	} {
		form := url.Values{
			"MessageSid": {"SM1"}, "MessageStatus": {c.status}, "SmsStatus": {c.status}, "To": {"+447700900123"},
		}
		if c.code != "" {
			form.Set("ErrorCode", c.code)
		}
		got, err := s.Callback(sign("reference=r-2", form))
		require.NoError(t, err)
		require.Equal(t, []adapters.Receipt{
			{Reference: "r-2", ProviderID: "SM1", Via: "twilio", Status: c.want, Reason: c.reason},
		}, got.Receipts)
		require.Empty(t, got.Inbound)
	}
}

func TestCallbackAnswersTextsAndCountsPictures(t *testing.T) {
	t.Parallel()
	s := newSender(t, newProvider(t))
	form := url.Values{
		"MessageSid": {"SM1"}, "SmsStatus": {"received"}, "From": {"+447700900123"}, "To": {"+447700900999"}, "Body": {""},
		"NumMedia": {"2"},
	}
	got, err := s.Callback(sign("", form))
	require.NoError(t, err)
	require.Equal(t, "text/xml", got.ContentType)
	require.Equal(t, "<Response/>", got.Answer)
	require.Equal(t, "[2 attached, not taken in]", got.Inbound[0].Text)
	require.Zero(t, got.Inbound[0].At, "Twilio says no time, and this process's clock may be wrong")
}

func TestCallbackHearsStop(t *testing.T) {
	t.Parallel()
	s := newSender(t, newProvider(t))
	for _, c := range []struct {
		body, kind  string
		stop, start bool
	}{
		{"Arrêt", "STOP", true, false},
		{"STOP", "STOP", true, false},
		{"Start", "START", false, true},
		{"STOP", "START", false, true},
		{"STOP", "HELP", false, false},
		{"stop", "", true, false},
		{"CANCEL", "", true, false},
		{"Quit.", "", true, false},
		{"yes", "", false, true},
		{"Unstop", "", false, true},
		{"Yes please", "", false, false},
		{"Please cancel Thursday", "", false, false},
		{"", "", false, false},
	} {
		form := url.Values{"MessageSid": {"SM1"}, "From": {"+447700900123"}, "To": {"+447700900999"}, "Body": {c.body}}
		if c.kind != "" {
			form.Set("OptOutType", c.kind)
		}
		got, err := s.Callback(sign("", form))
		require.NoError(t, err)
		require.Equal(t, []bool{c.stop, c.start}, []bool{got.Inbound[0].Stop, got.Inbound[0].Start}, "%+v", c)
	}
}

// A text by another of Twilio's channels is from the same number, whoever may read it, and a STOP is of that number.
func TestCallbackReadsNumbersOfEveryChannel(t *testing.T) {
	t.Parallel()
	s := newSender(t, newProvider(t))
	for _, from := range []string{"+447700900123", "rcs:+447700900123", "whatsapp:+447700900123", "447700900123"} {
		form := url.Values{
			"MessageSid": {"SM1"}, "From": {from}, "To": {"rcs:+447700900999"}, "Body": {"Hi"},
			"OptOutType": {"Stop"},
		}
		got, err := s.Callback(sign("", form))
		require.NoError(t, err)
		require.Equal(t, []string{"+447700900123", "+447700900999"}, []string{got.Inbound[0].From, got.Inbound[0].To}, from)
		require.True(t, got.Inbound[0].Stop)
	}
}

func TestSenderConforms(t *testing.T) {
	t.Parallel()
	adaptertest.Sender(t, func(t *testing.T) adaptertest.SenderHarness {
		p := newProvider(t)
		number := 0
		return adaptertest.SenderHarness{
			Sender: newSender(t, p), Medium: adapters.SMS, NeverAbsent: true, Secrets: []string{authToken},
			Arrange: func(_ *testing.T, message *adapters.Outgoing, outcome adaptertest.Outcome) bool {
				// The suite's words are always the same: by another number each, they can be told apart.
				number++
				message.To = "+4477009001" + string(rune('0'+number/10)) + string(rune('0'+number%10))
				return p.Arrange(outcome, map[adaptertest.Outcome]func(){
					adaptertest.WrongContact:     func() { p.refuse(http.StatusBadRequest, 21211) },
					adaptertest.Objected:         func() { p.refuse(http.StatusBadRequest, 21610) },
					adaptertest.WrongContent:     func() { p.refuse(http.StatusBadRequest, 21617) },
					adaptertest.RateLimited:      func() { p.refuse(http.StatusTooManyRequests, 20429) },
					adaptertest.RateLimitedUntil: func() { p.refuse(http.StatusTooManyRequests, 20429, "Retry-After", "30") },
					adaptertest.Misconfigured:    func() { p.refuse(http.StatusUnauthorized, 20003) },
				})
			},
			Carried: func(_ *testing.T, reference string) int { count, _ := p.carried(reference); return count },
			Text:    func(_ *testing.T, reference string) string { _, text := p.carried(reference); return text },
		}
	})
}

func TestCallbacksConform(t *testing.T) {
	t.Parallel()
	adaptertest.Callbacks(t, func(t *testing.T) adaptertest.CallbacksHarness {
		sender, err := twilio.New(config(newProvider(t)))
		require.NoError(t, err)
		return adaptertest.CallbacksHarness{
			Callbacks: sender, Secrets: []string{authToken}, NewProviderID: newSID,
			Receipt: func(_ *testing.T, receipt adapters.Receipt) (adapters.CallbackRequest, bool) {
				form := url.Values{
					"MessageSid": {receipt.ProviderID}, "MessageStatus": {string(receipt.Status)}, "AccountSid": {account},
				}
				if receipt.Status == adapters.Failed {
					form.Set("MessageStatus", "undelivered")
					form.Set("ErrorCode", map[error]string{
						adapters.ErrWrongContact: "30005", adapters.ErrNotSent: "30003", adapters.ErrWrongContent: "30007",
						adapters.ErrObjected: "21610",
					}[receipt.Reason])
				}
				return sign("reference="+receipt.Reference, form), true
			},
			Inbound: func(_ *testing.T, text adapters.InboundText) adapters.CallbackRequest {
				return sign("", url.Values{
					"MessageSid": {text.ProviderID}, "From": {text.From}, "To": {text.To}, "Body": {text.Text},
					"NumMedia": {"0"}, "SmsStatus": {"received"},
				})
			},
			Forged: func(_ *testing.T, genuine adapters.CallbackRequest) []adapters.CallbackRequest {
				return []adapters.CallbackRequest{
					post(genuine.RawQuery, string(genuine.Body)+"&A=b", genuine.Header.Get("X-Twilio-Signature")),
					post("reference=another", string(genuine.Body), genuine.Header.Get("X-Twilio-Signature")),
					post(genuine.RawQuery, string(genuine.Body), "AAAA"+genuine.Header.Get("X-Twilio-Signature")[4:]),
				}
			},
			Unreadable: func(*testing.T) adapters.CallbackRequest { return sign("", url.Values{"AccountSid": {account}}) },
		}
	})
}
