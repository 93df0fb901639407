package govuknotify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
)

// What Notify takes. https://docs.notifications.service.gov.uk/rest-api.html (limits: the table of 400 errors)
const (
	maxSMS   = 918       // UTF-16 units of what is sent
	maxEmail = 2_000_000 // bytes
)

type sending struct {
	PhoneNumber     string            `json:"phone_number,omitempty"`
	EmailAddress    string            `json:"email_address,omitempty"`
	TemplateID      string            `json:"template_id"`
	Personalisation map[string]string `json:"personalisation"`
	Reference       string            `json:"reference"`
	SMSSender       string            `json:"sms_sender_id,omitempty"`
	EmailReplyTo    string            `json:"email_reply_to_id,omitempty"`
	Sanitise        []string          `json:"sanitise_content_for,omitempty"`
}

// Carriers is adapters.Carrying.
func (s *Sender) Carriers(context.Context, adapters.OrganisationID, adapters.Medium) ([]string, error) {
	return []string{via}, nil
}

// Limit is adapters.Limited: 918 UTF-16 units for a text message, once Notify has replaced what it replaces.
func (s *Sender) Limit(_ context.Context, _ adapters.OrganisationID, medium adapters.Medium) (adapters.Limit, error) {
	if medium != adapters.SMS {
		return adapters.Limit{}, nil // an email may have two megabytes, far above what a message may
	}
	return adapters.Limit{Characters: maxSMS, Replace: replaced}, nil
}

// replaced is a text message as Notify sends it: signs that a phone's alphabet does not have written otherwise, unseen
// ones taken out, no more than one empty line in a row, nothing at the ends.
// https://www.notifications.service.gov.uk/pricing/text-messages (symbols); the server's sanitise_text.py has them all.
func replaced(text string) string {
	text = replacements.Replace(text)
	return strings.TrimSpace(emptyLines.ReplaceAllString(text, "\n\n"))
}

var emptyLines = regexp.MustCompile(`\n{3,}`)

var replacements = strings.NewReplacer( //nolint:gochecknoglobals // a table
	"\u2011", "-", "–", "-", "—", "-", "−", "-", "…", "...",
	"‘", "'", "’", "'", "‚", "'", "“", `"`, "”", `"`, "„", `"`,
	"\u180e", "", "\u200b", "", "\u200c", "", "\u2060", "", "\ufeff", "", "\u2028", "", "\u2029", "",
	"\u00a0", " ", "\u202f", " ", "\t", " ",
)

// Send is adapters.Sender. Texts over 918 UTF-16 units, emails over 2,000,000 bytes and empty ones are ErrWrongContent
// without asking Notify.
func (s *Sender) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	path, request, err := s.sending(message)
	if err != nil {
		return adapters.Receipt{}, err
	}
	answer, err := s.call(ctx, path, request)
	if err != nil {
		return adapters.Receipt{}, fmt.Errorf("govuknotify: send: %w", httpcall.Sending(err))
	}
	if answer.Status != http.StatusCreated {
		return adapters.Receipt{}, fmt.Errorf("govuknotify: send: %w", refusal(answer, s.config.Now()))
	}
	var taken struct {
		ID      string `json:"id"`
		Content struct {
			Body string `json:"body"`
		} `json:"content"`
	}
	if err := json.Unmarshal(answer.Body, &taken); err != nil || taken.ID == "" {
		return adapters.Receipt{}, fmt.Errorf("govuknotify: send: the answer can't be read")
	}
	return adapters.Receipt{
		Reference: message.Reference, ProviderID: taken.ID, Via: via,
		Text: s.changed(message, taken.Content.Body), Status: adapters.Sent,
	}, nil
}

func (s *Sender) sending(message adapters.Outgoing) (string, sending, error) {
	text := strings.TrimSpace(message.Text)
	request := sending{Reference: message.Reference}
	switch {
	case text == "":
		return "", request, fmt.Errorf("govuknotify: %w: empty", adapters.ErrWrongContent)
	case message.Medium == adapters.SMS && s.config.SMSTemplate != "":
		if (adapters.Limit{Characters: maxSMS, Replace: replaced}).TooLong(message.Text) {
			return "", request, fmt.Errorf("govuknotify: %w: longer than a text may be", adapters.ErrWrongContent)
		}
		request.PhoneNumber, request.TemplateID, request.SMSSender = message.To, s.config.SMSTemplate, s.config.SMSSender
		request.Personalisation = map[string]string{"body": message.Text}
		return "/v2/notifications/sms", request, nil
	case message.Medium == adapters.Email && s.config.EmailTemplate != "":
		if len(message.Text)+len(message.Subject) > maxEmail {
			return "", request, fmt.Errorf("govuknotify: %w: longer than an email may be", adapters.ErrWrongContent)
		}
		before, after := message.WithoutLink()
		request.EmailAddress = message.To
		request.TemplateID, request.EmailReplyTo = s.config.EmailTemplate, s.config.EmailReplyTo
		request.Personalisation = map[string]string{
			"subject": message.Subject, "body": before, "reply_link": message.Link, "after": after,
		}
		if !s.config.AllowMarkdown {
			request.Sanitise = []string{"body", "after"}
		}
		return "/v2/notifications/email", request, nil
	}
	return "", request, fmt.Errorf("govuknotify: %w: no template for this medium", adapters.ErrConfiguration)
}

// escape is how Notify's sanitising marks a sign that would be Markdown; a reader never sees it.
var escape = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")

// changed is the text that Notify says it sends, unless it is the message's own.
func (s *Sender) changed(message adapters.Outgoing, sent string) string {
	sent = strings.ReplaceAll(sent, "\r\n", "\n") // so stand the line ends of a template
	if message.Medium == adapters.Email && !s.config.AllowMarkdown && sent != message.Text {
		sent = escape.ReplaceAllString(sent, "$1")
	}
	if sent == message.Text {
		return ""
	}
	return sent
}

// refusal reads an answer that is no 201: by its HTTP status first, because the documents and the server disagree about
// the kinds. Of its message, which may repeat what it was sent, it takes only whether it is about the text.
// https://docs.notifications.service.gov.uk/rest-api.html#error-handling
func refusal(answer httpcall.Answer, now time.Time) error {
	status := answer.Status
	kind, message := faultOf(answer.Body)
	switch {
	case status == http.StatusBadRequest && kind == "BadRequestError" && aboutTheText(message):
		return fmt.Errorf("%w: status 400", adapters.ErrWrongContent)
	case status == http.StatusBadRequest && kind == "BadRequestError":
		return fmt.Errorf("%w: Notify says %s", adapters.ErrConfiguration, kind)
	case status == http.StatusBadRequest && slices.Contains(aboutTheAddress, kind): // we sent every other field
		return fmt.Errorf("%w: status 400", adapters.ErrWrongContact)
	case status == http.StatusRequestEntityTooLarge:
		return fmt.Errorf("%w: status 413", adapters.ErrWrongContent)
	case status == http.StatusTooManyRequests && forToday(message): // the day's allowance
		theirs := httpcall.TimeOf(answer.Header, now).UTC()
		midnight := theirs.Truncate(24 * time.Hour).Add(24 * time.Hour)
		return &adapters.RateLimitError{Until: now.Add(midnight.Sub(theirs))}
	case status == http.StatusTooManyRequests:
		return &adapters.RateLimitError{Until: httpcall.RetryAfter(answer.Header, now)}
	case status >= 500, status == http.StatusRequestTimeout, status < 300:
		return fmt.Errorf("status %d", status)
	}
	return fmt.Errorf("%w: status %d", adapters.ErrConfiguration, status)
}

var aboutTheAddress = []string{ //nolint:gochecknoglobals // a table
	"ValidationError", "InvalidPhoneError", "InvalidEmailError", "InvalidRecipientError",
}

// forToday says whether a 429 is for the day: its kind does not tell, the documents give both limits the same.
func forToday(message string) bool { return strings.Contains(strings.ToLower(message), "today") }

// aboutTheText says whether a 400 is for the text: too long, by characters or bytes, or nothing.
func aboutTheText(message string) bool {
	for _, words := range []string{
		"too long", "longer than", "character count", "character limit", "is empty", "empty message",
	} {
		if strings.Contains(strings.ToLower(message), words) {
			return true
		}
	}
	return false
}

func faultOf(body []byte) (kind, message string) {
	var answer struct {
		Errors []struct {
			Error   string `json:"error"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &answer) != nil || len(answer.Errors) == 0 {
		return "", ""
	}
	return answer.Errors[0].Error, answer.Errors[0].Message
}
