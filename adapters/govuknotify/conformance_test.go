package govuknotify_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/govuknotify"
)

func TestSenderConforms(t *testing.T) {
	t.Parallel()
	for _, medium := range []adapters.Medium{adapters.SMS, adapters.Email} {
		t.Run(string(medium), func(t *testing.T) {
			t.Parallel()
			adaptertest.Sender(t, func(t *testing.T) adaptertest.SenderHarness { return senderHarness(t, medium) })
		})
	}
}

func senderHarness(t *testing.T, medium adapters.Medium) adaptertest.SenderHarness {
	t.Helper()
	server := newNotify(t)
	c := config(server)
	// Some minutes on, so that what is not there is surely not there.
	server.clock = func() time.Time { return time.Now().UTC().Add(5 * time.Minute) }
	c.Now = server.clock
	sender, err := govuknotify.New(c)
	require.NoError(t, err)
	return adaptertest.SenderHarness{
		Sender: sender, Medium: medium, Secrets: []string{secret, callbackToken},
		Arrange: func(_ *testing.T, message *adapters.Outgoing, outcome adaptertest.Outcome) bool {
			return server.Arrange(outcome, map[adaptertest.Outcome]func(){
				adaptertest.WrongContact:     func() { server.refuse(http.StatusBadRequest, "ValidationError") },
				adaptertest.WrongContent:     func() { message.Text = strings.Repeat("x", 2_000_001) },
				adaptertest.RateLimited:      func() { server.refuse(http.StatusTooManyRequests, "RateLimitError") },
				adaptertest.RateLimitedUntil: func() { server.refuse(http.StatusTooManyRequests, "TooManyRequestsError") },
				adaptertest.Misconfigured:    func() { server.refuse(http.StatusForbidden, "AuthError") },
			})
		},
		Carried: func(_ *testing.T, reference string) int { count, _ := server.carried(reference); return count },
		Text:    func(_ *testing.T, reference string) string { _, text := server.carried(reference); return text },
	}
}

func TestCallbacksConform(t *testing.T) {
	t.Parallel()
	adaptertest.Callbacks(t, func(t *testing.T) adaptertest.CallbacksHarness {
		return adaptertest.CallbacksHarness{
			Callbacks: newSender(t, newNotify(t)), Secrets: []string{secret, callbackToken},
			Receipt: receiptRequest,
			Inbound: func(t *testing.T, text adapters.InboundText) adapters.CallbackRequest {
				return jsonCallback(t, map[string]any{
					"id": text.ProviderID, "source_number": strings.TrimPrefix(text.From, "+"),
					"destination_number": strings.Replace(text.To, "+44", "0", 1),
					"message":            text.Text, "date_received": text.At.Format(time.RFC3339Nano),
				})
			},
			Forged: func(_ *testing.T, genuine adapters.CallbackRequest) []adapters.CallbackRequest {
				return []adapters.CallbackRequest{callback("another-token", genuine.Body), callback("", genuine.Body)}
			},
			Unreadable: func(*testing.T) adapters.CallbackRequest { return callback(callbackToken, []byte("{")) },
		}
	})
}

func receiptRequest(t *testing.T, receipt adapters.Receipt) (adapters.CallbackRequest, bool) {
	t.Helper()
	status := "delivered"
	switch {
	case receipt.Status == adapters.Sent, errors.Is(receipt.Reason, adapters.ErrWrongContent),
		errors.Is(receipt.Reason, adapters.ErrObjected):
		return adapters.CallbackRequest{}, false
	case errors.Is(receipt.Reason, adapters.ErrWrongContact):
		status = "permanent-failure"
	case receipt.Status == adapters.Failed:
		status = "temporary-failure"
	}
	return jsonCallback(t, map[string]any{
		"id": receipt.ProviderID, "reference": receipt.Reference, "to": "07700900123", "status": status,
		"completed_at": receipt.At.Format(time.RFC3339Nano), "notification_type": "sms",
	}), true
}

func jsonCallback(t *testing.T, body map[string]any) adapters.CallbackRequest {
	t.Helper()
	encoded, err := json.Marshal(body)
	require.NoError(t, err)
	return callback(callbackToken, encoded)
}
