package twilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's signature is HMAC-SHA1
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/inbound"
)

// Callback is adapters.Callbacks for Twilio's two kinds: a status of a message and a text received from a client.
// https://www.twilio.com/docs/usage/webhooks/webhooks-security
func (s *Sender) Callback(request adapters.CallbackRequest) (adapters.Callback, error) {
	form, err := url.ParseQuery(string(request.Body))
	// What can't be parsed can't be signed either.
	if err != nil || request.Method != http.MethodPost || !s.isSigned(request, form) {
		return adapters.Callback{}, fmt.Errorf("twilio: callback: %w", adapters.ErrNotSignedIn)
	}
	query, err := url.ParseQuery(request.RawQuery)
	sid, status := form.Get("MessageSid"), form.Get("MessageStatus")
	if err != nil || sid == "" {
		return adapters.Callback{}, fmt.Errorf("twilio: callback: %w", adapters.ErrWrongContent)
	}
	switch {
	case status != "" && status != "received" && status != "receiving":
		code, _ := strconv.Atoi(form.Get("ErrorCode")) // absent unless it failed
		return adapters.Callback{Receipts: []adapters.Receipt{receipt(query.Get(referenceKey), sid, status, code)}}, nil
	case form.Get("From") != "" && form.Has("Body"):
		stop, start := optedOut(form)
		return adapters.Callback{
			Inbound: []adapters.InboundText{{
				ProviderID: sid, From: numberOf(form.Get("From")), To: numberOf(form.Get("To")),
				Text: withMedia(form.Get("Body"), form.Get("NumMedia")),
				Stop: stop, Start: start,
			}},
			ContentType: "text/xml", Answer: "<Response/>", // no automatic reply
		}, nil
	}
	return adapters.Callback{}, fmt.Errorf("twilio: callback: %w: of no known kind", adapters.ErrWrongContent)
}

// numberOf is a number without the channel that a text came by, which Twilio writes before it: "rcs:+447700900123". It
// is the client's all the same, for who may read the text and for a STOP.
func numberOf(address string) string {
	if _, number, found := strings.Cut(address, ":+"); found {
		address = "+" + number
	}
	return inbound.Number(address)
}

// optedOut says whether Twilio sends the client nothing more after this text, or texts again. With Advanced Opt-Out it
// says so itself, in any language; without, it goes by these words.
// https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
func optedOut(form url.Values) (stop, start bool) {
	if kind := form.Get("OptOutType"); kind != "" {
		return strings.EqualFold(kind, "STOP"), strings.EqualFold(kind, "START")
	}
	text := form.Get("Body")
	return inbound.AsksToStop(text, "END", "QUIT", "REVOKE", "CANCEL"), inbound.AsksToStart(text, "YES")
}

// withMedia says that there were pictures, which are not taken in.
func withMedia(text, count string) string {
	if number, err := strconv.Atoi(count); err != nil || number == 0 {
		return text
	}
	return strings.TrimSpace(text + "\n\n[" + count + " attached, not taken in]")
}

func (s *Sender) isSigned(request adapters.CallbackRequest, form url.Values) bool {
	signature, err := base64.StdEncoding.DecodeString(request.Header.Get("X-Twilio-Signature"))
	if err != nil {
		return false
	}
	signed := false
	for _, address := range s.addresses(request.RawQuery) {
		mac := hmac.New(sha1.New, []byte(s.config.AuthToken))
		mac.Write([]byte(address + parameters(form)))
		signed = hmac.Equal(mac.Sum(nil), signature) || signed
	}
	return signed
}

// addresses is the public address as Twilio may have written it: with and without the scheme's own port.
func (s *Sender) addresses(query string) []string {
	u, err := url.Parse(s.config.CallbackURL)
	if err != nil {
		return nil
	}
	scheme, rest := u.Scheme+"://", strings.TrimPrefix(s.config.CallbackURL, u.Scheme+"://"+u.Host)
	if query != "" {
		rest += "?" + query
	}
	own := ":443"
	if u.Scheme == "http" {
		own = ":80"
	}
	if u.Port() != "" && ":"+u.Port() != own {
		return []string{scheme + u.Host + rest}
	}
	bare := strings.TrimSuffix(u.Host, own)
	return []string{scheme + bare + rest, scheme + bare + own + rest}
}

// parameters is every parameter by name, the name before each of its distinct values, nothing in between.
func parameters(form url.Values) string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	var text strings.Builder
	for _, name := range names {
		values := slices.Clone(form[name])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			text.WriteString(name + value)
		}
	}
	return text.String()
}
