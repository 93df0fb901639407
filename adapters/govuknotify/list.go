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
)

// mostPages bounds a List: 250 messages a page, more than Notify lets a service send in a week of days by default.
const mostPages = 1000

// List is adapters.Lister, over all messages of the service of a medium, of whatever organisation. Notify has them for
// as long as the service's retention says, three days at least: it refuses to say more than it has.
// https://docs.notifications.service.gov.uk/rest-api.html#get-the-status-of-multiple-messages
func (s *Sender) List(
	ctx context.Context, _ adapters.OrganisationID, medium adapters.Medium, since time.Time,
) (list []adapters.Receipt, asked []string, err error) {
	query := url.Values{"template_type": {string(medium)}}
	for range mostPages {
		page, err := s.page(ctx, query)
		if err != nil {
			return nil, nil, err
		}
		for _, n := range page {
			made, err := time.Parse(time.RFC3339, n.CreatedAt)
			if err != nil {
				return nil, nil, errors.New("govuknotify: list: a time can't be read")
			}
			if made.Before(since) {
				return list, []string{via}, nil
			}
			list = append(list, n.receipt())
		}
		if len(page) == 0 {
			return list, []string{via}, nil
		}
		query.Set("older_than", page[len(page)-1].ID)
	}
	return nil, nil, errors.New("govuknotify: list: there are too many")
}

// page is up to 250 messages, the newest first.
func (s *Sender) page(ctx context.Context, query url.Values) ([]notification, error) {
	answer, err := s.call(ctx, "/v2/notifications?"+query.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("govuknotify: list: %w", err)
	}
	var page struct {
		Notifications []notification `json:"notifications"`
	}
	if answer.Status != http.StatusOK {
		return nil, fmt.Errorf("govuknotify: list: status %d", answer.Status)
	}
	if json.Unmarshal(answer.Body, &page) != nil || page.Notifications == nil {
		return nil, errors.New("govuknotify: list: the answer can't be read")
	}
	return page.Notifications, nil
}
