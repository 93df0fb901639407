package nhsnotify

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

type item struct {
	Type       string `json:"type"`
	Attributes struct {
		MessageID                string `json:"messageId"`
		MessageReference         string `json:"messageReference"`
		MessageStatus            string `json:"messageStatus"`
		MessageFailureReasonCode string `json:"messageFailureReasonCode"`
		Channel                  string `json:"channel"`
		ChannelStatus            string `json:"channelStatus"`
		Timestamp                string `json:"timestamp"`
		Metadata                 []struct {
			ID        string `json:"id"`
			Source    string `json:"source"`
			Version   string `json:"version"`
			QueriedAt string `json:"queriedAt"`
		} `json:"metadata"`
	} `json:"attributes"`
}

// Callback is adapters.Callbacks. One request may speak of several messages; kinds that are not known are passed over.
func (s *Sender) Callback(request adapters.CallbackRequest) (adapters.Callback, error) {
	if request.Method != http.MethodPost || !s.isNotify(request) {
		return adapters.Callback{}, fmt.Errorf("nhsnotify: callback: %w", adapters.ErrNotSignedIn)
	}
	var body struct {
		Data []item `json:"data"`
	}
	if err := json.Unmarshal(request.Body, &body); err != nil || len(body.Data) == 0 {
		return adapters.Callback{}, fmt.Errorf("nhsnotify: callback: %w", adapters.ErrWrongContent)
	}
	var callback adapters.Callback
	for _, one := range body.Data {
		if one.Attributes.MessageReference == "" && one.Attributes.MessageID == "" {
			continue
		}
		if one.Type == "MessageStatus" || one.Type == "ChannelStatus" {
			callback.Receipts = append(callback.Receipts, one.receipt())
		}
	}
	return callback, nil
}

// isNotify checks the API key and the signature, both in constant time and always both.
func (s *Sender) isNotify(request adapters.CallbackRequest) bool {
	got, want := sha256.Sum256([]byte(request.Header.Get("X-Api-Key"))), sha256.Sum256([]byte(s.config.APIKey))
	mac := hmac.New(sha256.New, []byte(s.config.ApplicationID+"."+s.config.APIKey))
	mac.Write(request.Body)
	signature, err := hex.DecodeString(request.Header.Get("X-Hmac-Sha256-Signature"))
	signed := hmac.Equal(mac.Sum(nil), signature)
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1 && signed && err == nil && s.config.ApplicationID != ""
}

func (i item) receipt() adapters.Receipt {
	a := i.Attributes
	receipt := adapters.Receipt{Reference: a.MessageReference, ProviderID: a.MessageID, Via: via, Status: adapters.Sent}
	receipt.Contact = i.contact()
	switch {
	case i.Type == "MessageStatus" && a.MessageStatus == "failed":
		receipt.Status, receipt.Reason = adapters.Failed, failedFor(a.MessageFailureReasonCode)
	case i.Type == "MessageStatus" && a.MessageStatus == "delivered",
		// A channel that failed says nothing yet: the plan may have another.
		i.Type == "ChannelStatus" && a.ChannelStatus == "delivered":
		receipt.Status = adapters.Delivered
	}
	if at, err := time.Parse(time.RFC3339, a.Timestamp); err == nil {
		receipt.At = at.UTC()
	}
	return receipt
}

// contact is which contact detail was used: a channel's callback has the id that its source gives it, a message's the
// version of the person's record there as it was asked (PDS's change number), and when.
func (i item) contact() string {
	for _, one := range i.Attributes.Metadata {
		switch channel := i.Attributes.Channel; {
		case !isIdentifier(one.Source):
		case i.Type == "ChannelStatus" && isIdentifier(channel) && isIdentifier(one.ID):
			return channel + ", " + one.Source + " contact " + one.ID
		case i.Type == "MessageStatus" && isIdentifier(one.Version):
			if at, err := time.Parse(time.RFC3339, one.QueriedAt); err == nil {
				return one.Source + " version " + one.Version + " of " + at.UTC().Format(time.RFC3339)
			}
			return one.Source + " version " + one.Version
		}
	}
	return ""
}

// isIdentifier says whether a text may be kept as a name or an id: it can be no address, and no telephone number.
func isIdentifier(text string) bool {
	const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	digits := len(text) > 0 && strings.Trim(text, "0123456789-") == ""
	return text != "" && len(text) <= 64 && strings.Trim(text, signs) == "" && (!digits || len(text) <= 8)
}

// failedFor tells what PDS has wrong of the client (a contact detail is missing, the NHS number is not found, the
// client has left), which a person must see to there, from a supplier that could not deliver.
func failedFor(code string) error {
	if strings.Contains(code, "_PDSV_") {
		return adapters.ErrWrongContact
	}
	return adapters.ErrNotSent
}
