package memory

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/inbound"
)

// Callbacks is a provider that calls back: Request makes its calls, and Callback reads them. It keeps no state.
type Callbacks struct {
	via string
	key []byte
}

// NewCallbacks returns the provider whose Sender is NewSender's with the same via. It signs its calls with key.
func NewCallbacks(via, key string) *Callbacks { return &Callbacks{via, []byte(key)} }

// String is a fixed word: the key is nobody's to see.
func (c *Callbacks) String() string { return "memory.Callbacks" }

// GoString is String.
func (c *Callbacks) GoString() string { return c.String() }

const signatureHeader = "X-Memory-Signature"

type callbackBody struct {
	Receipts []receiptBody
	Inbound  []adapters.InboundText
}

type receiptBody struct {
	Reference, ProviderID string
	Status                adapters.Status
	Reason                string
	At                    time.Time
	Contact               string
}

// Request is the provider's call that says these things. Reasons other than ErrWrongContact, ErrObjected,
// ErrWrongContent, ErrConfiguration and ErrNotSent are not told.
func (c *Callbacks) Request(receipts []adapters.Receipt, texts ...adapters.InboundText) adapters.CallbackRequest {
	body := callbackBody{Inbound: texts}
	for _, r := range receipts {
		told := receiptBody{Reference: r.Reference, ProviderID: r.ProviderID, Status: r.Status, At: r.At, Contact: r.Contact}
		for word, reason := range reasons() {
			if errors.Is(r.Reason, reason) {
				told.Reason = word
			}
		}
		body.Receipts = append(body.Receipts, told)
	}
	raw, err := json.Marshal(body)
	if err != nil { // times beyond year 9999 only
		raw = nil
	}
	return c.Sign(raw)
}

// Sign is a call of the provider's with this body, whatever it is.
func (c *Callbacks) Sign(body []byte) adapters.CallbackRequest {
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set(signatureHeader, hex.EncodeToString(c.sum(body)))
	return adapters.CallbackRequest{Method: http.MethodPost, Header: header, Body: body}
}

// Callback is adapters.Callbacks.
func (c *Callbacks) Callback(request adapters.CallbackRequest) (adapters.Callback, error) {
	signature, err := hex.DecodeString(request.Header.Get(signatureHeader))
	if err != nil || !hmac.Equal(signature, c.sum(request.Body)) {
		return adapters.Callback{}, adapters.ErrNotSignedIn
	}
	var body callbackBody
	if json.Unmarshal(request.Body, &body) != nil {
		return adapters.Callback{}, fmt.Errorf("memory: callback is not JSON of ours: %w", adapters.ErrWrongContent)
	}
	callback := adapters.Callback{Inbound: body.Inbound}
	for i, text := range callback.Inbound {
		callback.Inbound[i].From, callback.Inbound[i].To = inbound.Number(text.From), inbound.Number(text.To)
		callback.Inbound[i].Stop = text.Stop || inbound.AsksToStop(text.Text)
		callback.Inbound[i].Start = text.Start || inbound.AsksToStart(text.Text)
	}
	for _, told := range body.Receipts {
		callback.Receipts = append(callback.Receipts, adapters.Receipt{
			Reference: told.Reference, ProviderID: told.ProviderID, Via: c.via,
			Status: told.Status, Reason: reasons()[told.Reason], At: told.At, Contact: told.Contact,
		})
	}
	return callback, nil
}

func (c *Callbacks) sum(body []byte) []byte {
	mac := hmac.New(sha256.New, c.key)
	mac.Write(body)
	return mac.Sum(nil)
}

func reasons() map[string]error {
	return map[string]error{
		"wrong_contact": adapters.ErrWrongContact, "objected": adapters.ErrObjected,
		"wrong_content": adapters.ErrWrongContent, "not_sent": adapters.ErrNotSent,
		"configuration": adapters.ErrConfiguration,
	}
}
