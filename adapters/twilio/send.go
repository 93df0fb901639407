package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
)

// maxBody is the longest text that Twilio takes, in characters.
const maxBody = 1600

// referenceKey names our reference in the address that Twilio calls back.
const referenceKey = "reference"

type message struct {
	SID         string `json:"sid"`
	Status      string `json:"status"`
	ErrorCode   int    `json:"error_code"`
	Body        string `json:"body"`
	To          string `json:"to"`
	Direction   string `json:"direction"`
	DateCreated string `json:"date_created"`
}

// Carriers is adapters.Carrying.
func (s *Sender) Carriers(context.Context, adapters.OrganisationID, adapters.Medium) ([]string, error) {
	return []string{via}, nil
}

// Limit is adapters.Limited: 1,600 characters, of a text as it is.
func (s *Sender) Limit(_ context.Context, _ adapters.OrganisationID, medium adapters.Medium) (adapters.Limit, error) {
	if medium != adapters.SMS {
		return adapters.Limit{}, nil
	}
	return adapters.Limit{Characters: maxBody}, nil
}

// Send is adapters.Sender. Texts over 1,600 characters and empty ones are ErrWrongContent without asking Twilio.
func (s *Sender) Send(ctx context.Context, out adapters.Outgoing) (adapters.Receipt, error) {
	switch {
	case out.Medium != adapters.SMS:
		return adapters.Receipt{}, fmt.Errorf("twilio: %w: it carries texts only", adapters.ErrConfiguration)
	case strings.TrimSpace(out.Text) == "":
		return adapters.Receipt{}, fmt.Errorf("twilio: %w: empty", adapters.ErrWrongContent)
	case utf8.RuneCountInString(out.Text) > maxBody:
		return adapters.Receipt{}, fmt.Errorf("twilio: %w: longer than a text may be", adapters.ErrWrongContent)
	}
	form := url.Values{
		"To": {out.To}, "Body": {out.Text},
		"StatusCallback": {s.config.CallbackURL + "?" + url.Values{referenceKey: {out.Reference}}.Encode()},
	}
	if s.config.MessagingServiceSID != "" {
		form.Set("MessagingServiceSid", s.config.MessagingServiceSID)
	} else {
		form.Set("From", s.config.From)
	}
	answer, err := s.call(ctx, form, nil)
	if err != nil {
		return adapters.Receipt{}, fmt.Errorf("twilio: send: %w", httpcall.Sending(err))
	}
	if answer.Status != http.StatusCreated {
		return adapters.Receipt{}, fmt.Errorf("twilio: send: %w", refusal(answer, s.config.Now()))
	}
	var taken message
	if err := json.Unmarshal(answer.Body, &taken); err != nil || taken.SID == "" {
		return adapters.Receipt{}, errors.New("twilio: send: the answer can't be read")
	}
	return receipt(out.Reference, taken.SID, taken.Status, taken.ErrorCode), nil
}

// refusal reads an answer that is no 201: by its HTTP status, then by its code.
func refusal(answer httpcall.Answer, now time.Time) error {
	var fault struct {
		Code int `json:"code"`
	}
	_ = json.Unmarshal(answer.Body, &fault) // without a code the status decides
	switch status := answer.Status; {
	case status == http.StatusTooManyRequests, status == http.StatusBadRequest && slices.Contains(tooFast, fault.Code):
		return &adapters.RateLimitError{Until: httpcall.RetryAfter(answer.Header, now)}
	case status >= 500, status == http.StatusRequestTimeout, status < 300:
		return fmt.Errorf("status %d", status)
	case status == http.StatusBadRequest:
		return fmt.Errorf("%w: code %d", refusedFor(fault.Code), fault.Code)
	default:
		return fmt.Errorf("%w: status %d, code %d", adapters.ErrConfiguration, status, fault.Code)
	}
}

// tooFast is what Twilio calls a 400 though it passes by itself: the queue of the number, the rate, the day's messages.
var tooFast = []int{14107, 20429, 21611, 30001, 63038} //nolint:gochecknoglobals // a table

// refusedFor says whose fault a 400 is. https://www.twilio.com/docs/api/errors
func refusedFor(code int) error {
	switch code {
	case 21211, // not a telephone number
		21214, // can't be reached
		21217, // not a telephone number either
		21265, // a short code
		21266, // our own number
		21421, // not a telephone number either
		21614, // not a mobile number
		21635: // a landline
		return adapters.ErrWrongContact
	case 21610: // the client answered STOP
		return adapters.ErrObjected
	case 21602, // empty
		21605, 21617, 21658, // too long
		21619: // empty
		return adapters.ErrWrongContent
	default: // 21408 and 21612 (this sender can't reach that country), 2160x (the sender is not ours), …
		return adapters.ErrConfiguration
	}
}

// receipt reads a status. https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
func receipt(reference, sid, status string, code int) adapters.Receipt {
	r := adapters.Receipt{Reference: reference, ProviderID: sid, Via: via, Status: adapters.Sent}
	switch status {
	case "delivered", "read":
		r.Status = adapters.Delivered
	case "undelivered", "failed":
		r.Status, r.Reason = adapters.Failed, failedFor(code)
	case "canceled":
		r.Status, r.Reason = adapters.Failed, adapters.ErrNotSent
	}
	return r
}

// failedFor says why a message did not arrive. https://www.twilio.com/docs/api/errors
func failedFor(code int) error {
	switch code {
	case 30004, // blocked by the client or the network
		30005, // no such handset
		30006, // a landline, or a network that can't be reached
		21211, 21214, 21614, 21635:
		return adapters.ErrWrongContact
	case 21610: // the client answered STOP
		return adapters.ErrObjected
	case 30007: // filtered by the network
		return adapters.ErrWrongContent
	case 30002, // the account was suspended
		30018, 30024, 30032, 30033, 30034, 30040, 30042, // our number or name isn't registered or allowed
		21408, 21606, 21612:
		return adapters.ErrConfiguration
	default: // 30003 (switched off), 30008 (not known why), …
		return adapters.ErrNotSent
	}
}
