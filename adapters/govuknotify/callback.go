package govuknotify

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/inbound"
)

// Callback is adapters.Callbacks for Notify's two kinds: a delivery receipt and a text received from a client.
// https://docs.notifications.service.gov.uk/rest-api.html#callbacks
func (s *Sender) Callback(request adapters.CallbackRequest) (adapters.Callback, error) {
	if request.Method != http.MethodPost || !s.isNotify(request.Header.Get("Authorization")) {
		return adapters.Callback{}, fmt.Errorf("govuknotify: callback: %w", adapters.ErrNotSignedIn)
	}
	var body struct {
		notification
		SourceNumber      string `json:"source_number"`
		DestinationNumber string `json:"destination_number"`
		Message           string `json:"message"`
		DateReceived      string `json:"date_received"`
	}
	if err := json.Unmarshal(request.Body, &body); err != nil || body.ID == "" {
		return adapters.Callback{}, fmt.Errorf("govuknotify: callback: %w", adapters.ErrWrongContent)
	}
	switch {
	case body.Status != "":
		return adapters.Callback{Receipts: []adapters.Receipt{body.receipt()}}, nil
	case body.SourceNumber != "":
		text := adapters.InboundText{
			ProviderID: body.ID, From: inbound.Number(body.SourceNumber), To: inbound.Number(body.DestinationNumber),
			Text: body.Message,
			Stop: inbound.AsksToStop(body.Message), Start: inbound.AsksToStart(body.Message),
		}
		if at, err := time.Parse(time.RFC3339, body.DateReceived); err == nil {
			text.At = at.UTC()
		}
		return adapters.Callback{Inbound: []adapters.InboundText{text}}, nil
	}
	return adapters.Callback{}, fmt.Errorf("govuknotify: callback: %w: of no known kind", adapters.ErrWrongContent)
}

// isNotify compares digests, so that neither a token nor its length shows in the time it takes.
func (s *Sender) isNotify(header string) bool {
	token, ok := strings.CutPrefix(header, "Bearer ")
	got, known := sha256.Sum256([]byte(token)), 0
	for _, one := range append([]string{s.config.CallbackToken}, s.config.EarlierCallbackTokens...) {
		want := sha256.Sum256([]byte(one))
		known |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	return known == 1 && ok && token != ""
}
