// Package webhook posts Messenger's events to another system, signed as Standard Webhooks wants it
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). It is an
// adapters.Events: put it into Config.Events.
//
// The body holds ids only, never a word of anybody's: docs/event.schema.json is its JSON schema. An event that the
// receiver does not answer with 2xx is posted again by River, with Messenger's back-off, until it is taken; each time
// under the same webhook-id, by which the receiver drops repeats. To replay what was taken, within the day that River
// keeps it, retry its job, of the kind messenger_tell_host: by River's JobRetry or on River's own page.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
)

// Config says where events go. It never shows its secrets, however it is printed.
type Config struct {
	URL string // required: https, or http to this machine
	// Secrets sign, each: "whsec_" and 24 to 64 random bytes in base64. Required. To rotate, put the new one beside the
	// old until the receiver knows it.
	Secrets []string
	Client  *http.Client     // optional: its transport is used; redirects are never followed
	Now     func() time.Time // required: messenger.Messenger's Now, or time.Now
}

// Format writes no secret, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "webhook.Config") }

// Events posts events. Make one with New; it is safe for concurrent use.
type Events struct{ config *events }

type events struct {
	url    string
	keys   [][]byte
	client *http.Client
	now    func() time.Time
}

// New returns an Events. It names everything that is wrong with the configuration at once, and connects to nobody.
func New(config Config) (*Events, error) {
	var faults []error
	if _, err := httpcall.SecureBaseURL(config.URL); err != nil {
		faults = append(faults, fmt.Errorf("URL %w", err))
	}
	if config.Now == nil {
		faults = append(faults, errors.New("no Now"))
	}
	if len(config.Secrets) == 0 {
		faults = append(faults, errors.New("no Secrets"))
	}
	var keys [][]byte
	for _, secret := range config.Secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil || len(key) < 24 || len(key) > 64 {
			faults = append(faults, errors.New("a secret is not whsec_ and 24 to 64 bytes in base64"))
			continue
		}
		keys = append(keys, key)
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("webhook: %w", errors.Join(faults...))
	}
	return &Events{&events{config.URL, keys, httpcall.Client(config.Client, 10*time.Second), config.Now}}, nil
}

// Format writes no secret, whatever the verb.
func (e *Events) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "webhook.Events") }

// Body is what is posted. What an event does not have is left out.
type Body struct {
	Type      string    `json:"type"` // "messenger.replied": adapters.Event's Kind
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`
}

// Data are the ids of an event.
type Data struct {
	Event        string `json:"event_id"`
	Organisation string `json:"organisation_id,omitempty"`
	Staff        string `json:"staff_id,omitempty"`
	Client       string `json:"client_id,omitempty"`
	Channel      string `json:"channel_id,omitempty"`
	Message      string `json:"message_id,omitempty"`
}

func bodyOf(event adapters.Event) Body {
	id := func(id fmt.Stringer, zero bool) string {
		if zero {
			return ""
		}
		return id.String()
	}
	return Body{"messenger." + event.Kind, event.At.UTC(), Data{
		Event: event.ID.String(), Organisation: string(event.Organisation), Staff: string(event.Staff),
		Client: string(event.Client), Channel: id(event.Channel, event.Channel == [16]byte{}),
		Message: id(event.Message, event.Message == [16]byte{}),
	}}
}

// Happened is adapters.Events: it posts one event, once. Any answer but 2xx is an error, and it is told again.
func (e *Events) Happened(ctx context.Context, event adapters.Event) error {
	body, err := json.Marshal(bodyOf(event))
	if err != nil {
		return fmt.Errorf("webhook: write an event: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.config.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("webhook: make a request")
	}
	id, at := event.ID.String(), strconv.FormatInt(e.config.now().Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Webhook-Id", id)
	request.Header.Set("Webhook-Timestamp", at)
	request.Header.Set("Webhook-Signature", e.sign(id, at, body))
	response, _, err := httpcall.Do(e.config.client, request, 64<<10)
	switch {
	case response == nil:
		return fmt.Errorf("webhook: post an event: %w", err)
	case response.StatusCode/100 != 2:
		return fmt.Errorf("webhook: the receiver answers %d", response.StatusCode)
	default:
		return nil // whatever its body is, and whether it came whole
	}
}

// sign is a signature by each secret.
func (e *Events) sign(id, at string, body []byte) string {
	signatures := make([]string, len(e.config.keys))
	for i, key := range e.config.keys {
		mac := hmac.New(sha256.New, key)
		_, _ = mac.Write([]byte(id + "." + at + ".")) // a hash never fails
		_, _ = mac.Write(body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(signatures, " ")
}
