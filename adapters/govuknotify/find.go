package govuknotify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/httpcall"
)

const (
	// settle is how long after an attempt began Notify may still be storing it: its server gives up after 30 seconds.
	settle = time.Minute
	// retention is the shortest time that a service can keep its messages.
	retention = 3 * 24 * time.Hour
)

type notification struct {
	ID          string `json:"id"`
	Reference   string `json:"reference"`
	Status      string `json:"status"`
	Body        string `json:"body"`
	CompletedAt string `json:"completed_at"`
	SentAt      string `json:"sent_at"`
	CreatedAt   string `json:"created_at"`
}

// Find is adapters.Finder. A message that Notify does not have is ErrNotSent from a minute to three days after the
// attempt in question; sooner it may still be on its way, later Notify may have forgotten it:
// errors.ErrUnsupported.
func (s *Sender) Find(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	query := url.Values{"reference": {message.Reference}}
	answer, err := s.call(ctx, "/v2/notifications?"+query.Encode(), nil)
	if err != nil {
		return adapters.Receipt{}, fmt.Errorf("govuknotify: find: %w", err)
	}
	var page struct {
		Notifications []notification `json:"notifications"`
	}
	if answer.Status != http.StatusOK {
		return adapters.Receipt{}, fmt.Errorf("govuknotify: find: status %d", answer.Status)
	}
	if json.Unmarshal(answer.Body, &page) != nil || page.Notifications == nil {
		return adapters.Receipt{}, errors.New("govuknotify: find: the answer can't be read")
	}
	var found *adapters.Receipt
	for _, n := range page.Notifications {
		if n.Reference != message.Reference {
			continue
		}
		receipt := n.receipt()
		receipt.Text = s.changed(message, n.Body)
		// Should there be two, one that went well tells more of what the client has.
		if found == nil || found.Status == adapters.Failed || receipt.Status == adapters.Delivered {
			found = &receipt
		}
	}
	if found != nil {
		return *found, nil
	}
	return adapters.Receipt{}, absent(message, httpcall.TimeOf(answer.Header, s.config.Now()))
}

// absent says what it means that Notify has not got a message by now.
func absent(message adapters.Outgoing, now time.Time) error {
	since := message.Unclear
	if since.IsZero() {
		since = message.FirstTried
	}
	switch age := now.Sub(since); {
	case age < settle:
		return errors.New("govuknotify: find: not there yet")
	case age > retention:
		return fmt.Errorf("govuknotify: find: not there any more, if ever: %w", errors.ErrUnsupported)
	}
	return fmt.Errorf("govuknotify: find: %w", adapters.ErrNotSent)
}

// receipt reads a status. https://docs.notifications.service.gov.uk/rest-api.html#get-message-status
func (n notification) receipt() adapters.Receipt {
	receipt := adapters.Receipt{Reference: n.Reference, ProviderID: n.ID, Via: via, Status: adapters.Sent}
	switch n.Status {
	case "delivered":
		receipt.Status = adapters.Delivered
	case "permanent-failure":
		receipt.Status, receipt.Reason = adapters.Failed, adapters.ErrWrongContact
	case "temporary-failure", "technical-failure":
		receipt.Status, receipt.Reason = adapters.Failed, adapters.ErrNotSent
	}
	for _, text := range []string{n.CompletedAt, n.SentAt, n.CreatedAt} {
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			receipt.At = at.UTC()
			break
		}
	}
	return receipt
}
