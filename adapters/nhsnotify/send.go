package nhsnotify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
)

// What NHS Notify takes, in characters. https://digital.nhs.uk/developer/api-catalogue/nhs-notify (Message character
// limits)
const (
	maxSMS   = 918
	maxEmail = 100_000
	maxApp   = 5_000
)

type created struct {
	Data struct {
		Type       string     `json:"type"`
		ID         string     `json:"id,omitempty"`
		Attributes attributes `json:"attributes"`
	} `json:"data"`
}

type attributes struct {
	RoutingPlanID    Plan              `json:"routingPlanId"`
	MessageReference string            `json:"messageReference"`
	Recipient        map[string]string `json:"recipient"`
	Originator       map[string]string `json:"originator,omitempty"`
	Personalisation  map[string]string `json:"personalisation"`
}

// Carriers is adapters.Carrying.
func (s *Sender) Carriers(context.Context, adapters.OrganisationID, adapters.Medium) ([]string, error) {
	return []string{via}, nil
}

// Limit is adapters.Limited: that of the medium's plan, the shortest of its channels'. NHS Notify sends to the contact
// details that the NHS has.
func (s *Sender) Limit(_ context.Context, _ adapters.OrganisationID, medium adapters.Medium) (adapters.Limit, error) {
	return adapters.Limit{Characters: s.plan(medium).limit(), Elsewhere: true}, nil
}

func (s *Sender) plan(medium adapters.Medium) Plan {
	return map[adapters.Medium]Plan{adapters.SMS: s.config.SMS, adapters.Email: s.config.Email}[medium]
}

func (p Plan) limit() int {
	switch p {
	case App, AppThenEmailAfter24Hours, AppThenEmailAfter4Hours:
		return maxApp
	case Email:
		return maxEmail
	case SMS, AppThenSMSAfter24Hours, AppThenSMSAfter4Hours:
		return maxSMS
	}
	return 0
}

// Send is adapters.Sender. A repeat of a reference that NHS Notify drops is accepted, without a ProviderID. Texts that
// are too long for the plan and empty ones are ErrWrongContent, a client without an NHS number ErrWrongContact,
// and a guarded message ErrGuarded, without asking.
func (s *Sender) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	request, err := s.request(message)
	if err != nil {
		return adapters.Receipt{}, err
	}
	answer, err := s.post(ctx, message, request)
	if err != nil {
		return adapters.Receipt{}, fmt.Errorf("nhsnotify: send: %w", err)
	}
	receipt := adapters.Receipt{Reference: message.Reference, Via: via, Status: adapters.Sent}
	if answer.Status == http.StatusCreated {
		var taken created
		if json.Unmarshal(answer.Body, &taken) != nil || taken.Data.ID == "" {
			return adapters.Receipt{}, errors.New("nhsnotify: send: the answer can't be read")
		}
		receipt.ProviderID = taken.Data.ID
		return receipt, nil
	}
	faults := readFaults(answer.Body)
	if answer.Status == http.StatusUnprocessableEntity && faults.has("CM_DUPLICATE_REQUEST") {
		return receipt, nil
	}
	return adapters.Receipt{}, fmt.Errorf("nhsnotify: send: %w", refusal(answer, faults, s.config.Now()))
}

// Find is adapters.Finder: NHS Notify can't be asked by reference, but drops a repeat of one, so it always says
// ErrNotSent.
func (s *Sender) Find(context.Context, adapters.Outgoing) (adapters.Receipt, error) {
	return adapters.Receipt{}, fmt.Errorf("nhsnotify: a repeat is dropped: %w", adapters.ErrNotSent)
}

// DropsRepeats tells package routing that Find's ErrNotSent is not "not there": an earlier attempt may have been taken,
// and nobody else may be handed the message.
func (s *Sender) DropsRepeats() bool { return true }

func (s *Sender) request(message adapters.Outgoing) ([]byte, error) {
	plan := s.plan(message.Medium)
	length := utf8.RuneCountInString(message.Text)
	var personalisation map[string]string
	switch plan {
	case App:
		personalisation = map[string]string{"body": message.Text}
	case Email:
		personalisation = map[string]string{"email_subject": message.Subject, "email_body": message.Text}
	case SMS:
		personalisation = map[string]string{"sms_body": message.Text}
	case AppThenEmailAfter24Hours, AppThenEmailAfter4Hours:
		personalisation = map[string]string{
			"nhsapp_body": message.Text, "email_subject": message.Subject, "email_body": message.Text,
		}
	case AppThenSMSAfter24Hours, AppThenSMSAfter4Hours:
		personalisation = map[string]string{"nhsapp_body": message.Text, "sms_body": message.Text}
	default:
		return nil, fmt.Errorf("nhsnotify: %w: no plan for this medium", adapters.ErrConfiguration)
	}
	switch {
	case strings.TrimSpace(message.Text) == "":
		return nil, fmt.Errorf("nhsnotify: %w: empty", adapters.ErrWrongContent)
	case length > plan.limit():
		return nil, fmt.Errorf("nhsnotify: %w: longer than %d characters", adapters.ErrWrongContent, plan.limit())
	case message.Guarded: // PDS's address, the App, or hours later: not what was checked to be safe
		return nil, fmt.Errorf("nhsnotify: %w", adapters.ErrGuarded)
	case message.NHSNumber == "":
		return nil, fmt.Errorf("nhsnotify: %w: no NHS number", adapters.ErrWrongContact)
	}
	var request created
	request.Data.Type = "Message"
	request.Data.Attributes = attributes{
		RoutingPlanID: plan, MessageReference: message.Reference, Personalisation: personalisation,
		Recipient: map[string]string{"nhsNumber": message.NHSNumber},
	}
	if s.config.ODSCode != "" {
		request.Data.Attributes.Originator = map[string]string{"odsCode": s.config.ODSCode}
	}
	encoded, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("nhsnotify: %w: the request can't be written", adapters.ErrWrongContent)
	}
	return encoded, nil
}

// post hands the message over once. A token that is refused was looked at before the message, so another is fetched for
// it.
func (s *Sender) post(ctx context.Context, message adapters.Outgoing, body []byte) (httpcall.Answer, error) {
	for renewed := false; ; renewed = true {
		token, err := s.tokens.Token(ctx)
		if err != nil {
			return httpcall.Answer{}, err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.BaseURL+"/v1/messages",
			bytes.NewReader(body))
		if err != nil {
			return httpcall.Answer{}, fmt.Errorf("%w: address", adapters.ErrConfiguration)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		request.Header.Set("Content-Type", "application/vnd.api+json")
		request.Header.Set("Accept", "application/vnd.api+json")
		request.Header.Set("X-Correlation-ID", message.MessageID.String())
		request.Header.Set("User-Agent", "messenger")
		answer, err := httpcall.Ask(s.config.Client, request, maxAnswer)
		if err != nil {
			return httpcall.Answer{}, httpcall.Sending(err)
		}
		if answer.Status != http.StatusUnauthorized || renewed {
			return answer, nil
		}
		s.tokens.Forget(token)
	}
}

type fault struct {
	Code   string `json:"code"`
	Source struct {
		Pointer string `json:"pointer"`
	} `json:"source"`
}

type faults []fault

func readFaults(body []byte) faults {
	var answer struct {
		Errors faults `json:"errors"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return nil // the status decides
	}
	return answer.Errors
}

func (f faults) has(code string) bool {
	return slices.ContainsFunc(f, func(one fault) bool { return one.Code == code })
}

func (f faults) at(pointer string) bool {
	return slices.ContainsFunc(f, func(one fault) bool { return strings.HasPrefix(one.Source.Pointer, pointer) })
}

// refusal reads an answer that is no acceptance: by its HTTP status, then by its codes.
func refusal(answer httpcall.Answer, faults faults, now time.Time) error {
	switch status := answer.Status; {
	case status == http.StatusBadRequest:
		return fmt.Errorf("%w: status 400", faults.blame())
	case status == http.StatusTooManyRequests:
		return &adapters.RateLimitError{Until: httpcall.RetryAfter(answer.Header, now)}
	case faults.has("CM_MISSING_ROUTING_PLAN_TEMPLATE"), faults.has("CM_ROUTING_PLAN_DUPLICATE_TEMPLATES"):
		return fmt.Errorf("%w: status %d", adapters.ErrConfiguration, status)
	case status >= 500, status < 300, status == http.StatusRequestTimeout,
		status == http.StatusTooEarly: // an earlier request with this reference is still being worked on
		return fmt.Errorf("status %d", status)
	default:
		return fmt.Errorf("%w: status %d", adapters.ErrConfiguration, status)
	}
}

// blame says whose fault a 400 is.
func (f faults) blame() error {
	const data = "/data/attributes/"
	switch {
	case f.has("CM_ODS_CODE_REQUIRED"), f.has("CM_CANNOT_SET_ODS_CODE"), f.has("CM_CANNOT_SET_CONTACT_DETAILS"):
		return adapters.ErrConfiguration
	case f.has("CM_INVALID_NHS_NUMBER"), f.at(data + "recipient"):
		return adapters.ErrWrongContact
	case f.at(data + "personalisation"):
		return adapters.ErrWrongContent
	}
	return adapters.ErrConfiguration
}
