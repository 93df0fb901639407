package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// hooked is the demonstration host over three providers.
type hooked struct {
	*story
	providers *threeProviders
	provider  browser // whoever calls a hook
}

func newHooked(t *testing.T) *hooked {
	t.Helper()
	providers := newThreeProviders(t)
	host := startHostIn(t, providers.environment(t), []string{
		notifyToken, twilioToken, nhsAPIKey, notifyAPIKey[len(notifyAPIKey)-36:], "PRIVATE KEY", "7700900",
		"by twilio", "by Twilio", "@example.",
	})
	return &hooked{
		story:     &story{T: t, host: host, amira: signedIn(t, host.URL, "amira"), esther: signedIn(t, host.URL, "esther")},
		providers: providers, provider: newBrowser(t, host.URL),
	}
}

func (h *hooked) text(client, body string) apiSent {
	h.Helper()
	var sent apiSent
	h.amira.api(http.StatusAccepted, http.MethodPost, "/clients/"+client+"/messages",
		object{"medium": "sms", "body": body}, &sent)
	return sent
}

func (h *hooked) call(provider string, c carried, status, suffix string) int {
	h.Helper()
	return h.provider.hook(receiptCall(h.T, h.host, provider, c, status, suffix))
}

// TestReceipts sends by each provider in the order of routing, and lets each call back before its answer is stored,
// late, twice, out of order, forged, and for a message that nobody knows.
func TestReceipts(t *testing.T) {
	t.Parallel()
	h := newHooked(t)
	failed := map[string]string{"nhsnotify": "failed", "govuknotify": "permanent-failure", "twilio": "undelivered"}
	for i, provider := range []string{"nhsnotify", "govuknotify", "twilio"} {
		client := fmt.Sprintf("c-%d", 1031+i)
		name := "by " + provider
		is := func(status string) func(apiMessage) bool {
			return func(m apiMessage) bool { return m.Delivery.Status == status }
		}

		// Before the 201: what the provider says is applied once its answer has been written down.
		answered := make(chan int, 1)
		h.providers.mu.Lock()
		h.providers.early = func(from string, c carried) { answered <- h.call(from, c, "delivered", "") }
		h.providers.mu.Unlock()
		early := h.text(client, "An early one 😀 "+name+".")
		require.Equal(t, http.StatusOK, <-answered)
		h.until(early.Channel.ID, early.Message.ID, func(m apiMessage) bool {
			return m.Delivery.Status == "delivered" && m.Record.Status == "saved"
		})
		if provider == "govuknotify" {
			require.Contains(t, h.entries(early.Message.ID)[0].Text, "An early one ? ",
				"filed as it was really sent, though the receipt was quicker")
		}

		// Late, forged first, twice, and then the opposite.
		sent := h.text(client, "A late one "+name+".")
		h.until(sent.Channel.ID, sent.Message.ID, is("sent"))
		taken := h.providers.took(t, provider, "A late one "+name)
		require.Equal(t, sent.Message.ID, taken.reference)
		require.Equal(t, http.StatusForbidden, h.call(provider, taken, "delivered", "x"), "forged")
		unknown := taken
		unknown.reference = uuid.NewString()
		require.Equal(t, http.StatusOK, h.call(provider, unknown, "delivered", ""),
			"an unknown message is no reason to call again")
		require.Equal(t, "sent", h.message(sent.Channel.ID, sent.Message.ID).Delivery.Status)
		for _, status := range []string{"delivered", "delivered", "sending"} {
			require.Equal(t, http.StatusOK, h.call(provider, taken, status, ""))
		}
		h.until(sent.Channel.ID, sent.Message.ID, is("delivered"))
		require.Equal(t, http.StatusOK, h.call(provider, taken, failed[provider], ""))

		// Failed, and delivered afterwards: the first word that ends it stands. A receipt after another is applied after it.
		lost := h.text(client, "A lost one "+name+".")
		h.until(lost.Channel.ID, lost.Message.ID, is("sent"))
		taken = h.providers.took(t, provider, "A lost one "+name)
		require.Equal(t, http.StatusOK, h.call(provider, taken, failed[provider], ""))
		h.until(lost.Channel.ID, lost.Message.ID, is("failed"))
		require.Contains(t, h.opened(h.amira, lost.Channel.ID).Attention, "delivery_failed")
		require.Equal(t, http.StatusOK, h.call(provider, taken, "delivered", ""))
		again := h.text(client, "A last one "+name+".")
		h.until(again.Channel.ID, again.Message.ID, is("sent"))
		require.Equal(t, "failed", h.message(lost.Channel.ID, lost.Message.ID).Delivery.Status)
		require.Equal(t, "delivered", h.message(sent.Channel.ID, sent.Message.ID).Delivery.Status, "only forwards")
	}
	require.Equal(t, http.StatusNotFound, h.provider.hook(call{name: "nobody", body: "{}"}))
}

type apiUnmatched struct {
	ID, From, Body string
	Candidates     []struct {
		ChannelID string `json:"channel_id"`
		ClientID  string `json:"client_id"`
	}
}

// TestInboundTexts lets clients answer by text: a person says whose each one is, and nothing is done before.
func TestInboundTexts(t *testing.T) {
	t.Parallel()
	h := newHooked(t)
	// A couple with one telephone: its number proves nothing.
	one, other := h.text("c-1007", "Hello, by twilio."), h.text("c-1008", "Hello, by govuknotify.")
	for _, sent := range []apiSent{one, other} {
		h.until(sent.Channel.ID, sent.Message.ID, func(m apiMessage) bool { return m.Record.Status == "saved" })
	}
	number := h.providers.took(t, "twilio", "Hello, by twilio.").to
	before := h.opened(h.amira, one.Channel.ID)

	notify := func(id, text, token string) call {
		return call{"govuknotify", "application/json", "", fmt.Sprintf(`{"id":%q,"source_number":%q,"destination_number":"07700900998",
			"message":%q,"date_received":"2026-03-04T15:20:00.000000Z"}`, id, strings.TrimPrefix(number, "+"), text), []string{"Authorization", "Bearer " + token}}
	}
	texted := url.Values{"MessageSid": {"SM1"}, "From": {number}, "To": {"+447700900998"}, "Body": {"Yes, by Twilio"}}
	require.Equal(t, http.StatusForbidden, h.provider.hook(notify("n-0", "Forged", notifyToken+"x")))
	require.Equal(t, http.StatusForbidden, h.provider.hook(twilioCall(h.host, "", texted, "x")))
	for range 2 { // a repeat is the same text
		require.Equal(t, http.StatusOK, h.provider.hook(notify("n-1", "Yes, by Notify", notifyToken)))
		require.Equal(t, http.StatusOK, h.provider.hook(twilioCall(h.host, "", texted, "")))
	}
	var waiting apiPage[apiUnmatched]
	h.amira.api(http.StatusOK, http.MethodGet, "/unmatched", nil, &waiting)
	require.Len(t, waiting.Items, 2, "both, once, and nothing forged")
	for _, text := range waiting.Items {
		require.Equal(t, number, text.From)
		clients := []string{}
		for _, candidate := range text.Candidates {
			clients = append(clients, candidate.ClientID)
		}
		require.Subset(t, clients, []string{"c-1007", "c-1008"}, "everybody who was texted at that number")
	}
	after := h.opened(h.amira, one.Channel.ID)
	require.Equal(t, before.LastMessage.ID, after.LastMessage.ID, "nothing is assigned by number")
	require.Equal(t, before.UnreadCount, after.UnreadCount)
	var elsewhere apiPage[apiUnmatched]
	h.esther.api(http.StatusOK, http.MethodGet, "/unmatched", nil, &elsewhere)
	require.Empty(t, elsewhere.Items, "another organisation's texts")
	require.Equal(t, "not_found", h.esther.refused(http.StatusNotFound, http.MethodPost,
		"/unmatched/"+waiting.Items[0].ID+"/assign", object{"client_id": "c-1121"}))

	for i, to := range []apiSent{one, other} {
		text, unread := waiting.Items[i], h.opened(h.amira, to.Channel.ID).UnreadCount
		var message apiMessage
		h.amira.api(http.StatusOK, http.MethodPost, "/unmatched/"+text.ID+"/assign", object{"channel_id": to.Channel.ID},
			&message)
		require.Equal(t, text.Body, message.Body)
		opened := h.opened(h.amira, to.Channel.ID)
		require.Equal(t, "unread", opened.Status)
		require.Equal(t, unread+1, opened.UnreadCount)
		h.until(to.Channel.ID, message.ID, func(m apiMessage) bool { return m.Record.Status == "saved" })
		filed := h.entries(message.ID)
		require.Len(t, filed, 1)
		require.Equal(t, to.Channel.ClientID, filed[0].ClientID)
		require.Equal(t, "nothing_to_do", h.amira.refused(http.StatusConflict, http.MethodPost,
			"/unmatched/"+text.ID+"/assign", object{"channel_id": to.Channel.ID}))
	}
	h.amira.api(http.StatusOK, http.MethodGet, "/unmatched", nil, &waiting)
	require.Empty(t, waiting.Items)
}

// The accounts with the providers are Northgate's: nothing of Southbank's goes by them, so that no answer to it comes
// to Northgate's staff.
func TestProvidersCarryOneOrganisationsMessages(t *testing.T) {
	t.Parallel()
	h := newHooked(t)
	var sent apiSent
	h.esther.api(http.StatusAccepted, http.MethodPost, "/clients/"+h.texted(h.esther)+"/messages",
		object{"medium": "sms", "body": "How are you, by twilio?"}, &sent)
	var last apiMessage
	require.Eventually(t, func() bool {
		var page apiPage[apiMessage]
		h.esther.api(http.StatusOK, http.MethodGet, "/channels/"+sent.Channel.ID+"/messages?limit=1", nil, &page)
		last = page.Items[0]
		return last.Delivery.Status == "sent" || last.Delivery.Status == "delivered"
	}, patience, 30*time.Millisecond)
	h.providers.mu.Lock()
	defer h.providers.mu.Unlock()
	for provider, taken := range h.providers.taken {
		for _, c := range taken {
			require.NotEqual(t, sent.Message.ID, c.reference, provider)
		}
	}
	require.Equal(t, 1, inOutbox(t, h.esther, sent.Message.ID).Attempts)
}

// texted is a client whom the asker may text.
func (h *hooked) texted(as browser) string {
	h.Helper()
	var clients apiPage[apiClientRow]
	as.api(http.StatusOK, http.MethodGet, "/clients?q=a&limit=100", nil, &clients)
	for _, client := range clients.Items {
		var page struct {
			Actions struct {
				SendSMS struct{ Allowed bool } `json:"send_sms"`
			}
		}
		as.api(http.StatusOK, http.MethodGet, "/clients/"+client.ID, nil, &page)
		if page.Actions.SendSMS.Allowed {
			return client.ID
		}
	}
	require.Fail(h, "nobody can be texted")
	return ""
}
