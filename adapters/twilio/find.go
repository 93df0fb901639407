package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// before and after say how far from the start of an attempt Twilio's record of it may be: clocks differ, and the
// request took its time.
const (
	before = time.Minute
	after  = 2 * time.Minute
)

// settled is how long after an attempt Twilio may come to show it: what waits there is not listed.
const settled = time.Hour

// pages is how many of Twilio's answers are read at most, of 500 messages each.
const pages = 20

// mostPages bounds a List, of 1,000 messages a page.
const mostPages = 500

// Find is adapters.Finder, as far as Twilio can be asked: it knows no reference of ours. One message to that number
// with those words, made while the attempt in question was running, is taken for it: only the same words, sent to the
// same number in the same three minutes by another decision, could be mistaken for it. Several, or none, is "cannot
// tell", and an hour after the attempt errors.ErrUnsupported: Find never says ErrNotSent. Twilio is asked for what was
// sent since the attempt, and looked through here, so that no address holds a client's number. A message that still
// waits at Twilio has not been sent: it is found later.
func (s *Sender) Find(ctx context.Context, out adapters.Outgoing) (adapters.Receipt, error) {
	began := out.Unclear
	if began.IsZero() {
		began = out.FirstTried
	}
	var found []message
	query := url.Values{"DateSent>": {began.Add(-before).UTC().Format(time.RFC3339)}, "PageSize": {"500"}}
	for page := 0; query != nil; page++ {
		if page == pages {
			return adapters.Receipt{}, s.cannotTell(began, "there are too many")
		}
		list, next, err := s.list(ctx, query)
		if err != nil {
			return adapters.Receipt{}, fmt.Errorf("twilio: find: %w", err)
		}
		for _, m := range list {
			if m.isAttempt(out, began) {
				found = append(found, m)
			}
		}
		query = next
	}
	if len(found) != 1 {
		return adapters.Receipt{}, s.cannotTell(began, "not one like it")
	}
	return receipt(out.Reference, found[0].SID, found[0].Status, found[0].ErrorCode), nil
}

// cannotTell is errors.ErrUnsupported once asking again promises nothing.
func (s *Sender) cannotTell(began time.Time, why string) error {
	if s.config.Now().Sub(began) > settled {
		return fmt.Errorf("twilio: find: can't tell, %s: %w", why, errors.ErrUnsupported)
	}
	return fmt.Errorf("twilio: find: can't tell yet, %s", why)
}

// List is adapters.Lister, over all messages of the account that were sent since then. Twilio knows no reference of
// ours: its receipts have its own ids alone. What still waits there has not been sent, and is not listed.
func (s *Sender) List(
	ctx context.Context, _ adapters.OrganisationID, _ adapters.Medium, since time.Time,
) (receipts []adapters.Receipt, asked []string, err error) {
	query := url.Values{"DateSent>": {since.UTC().Format(time.RFC3339)}, "PageSize": {"1000"}}
	for page := 0; query != nil; page++ {
		if page == mostPages {
			return nil, nil, errors.New("twilio: list: there are too many")
		}
		list, next, err := s.list(ctx, query)
		if err != nil {
			return nil, nil, fmt.Errorf("twilio: list: %w", err)
		}
		for _, m := range list {
			r := receipt("", m.SID, m.Status, m.ErrorCode)
			if at, err := time.Parse(time.RFC1123Z, m.DateCreated); err == nil {
				r.At = at.UTC()
			}
			receipts = append(receipts, r)
		}
		query = next
	}
	return receipts, []string{via}, nil
}

// list is one page of the account's messages, and the query of the next; nil: it is the last.
func (s *Sender) list(ctx context.Context, query url.Values) (list []message, next url.Values, err error) {
	answer, err := s.call(ctx, nil, query)
	if err != nil {
		return nil, nil, err
	}
	if answer.Status != http.StatusOK {
		return nil, nil, fmt.Errorf("status %d", answer.Status)
	}
	var page struct {
		Messages []message `json:"messages"`
		Next     string    `json:"next_page_uri"`
	}
	if err := json.Unmarshal(answer.Body, &page); err != nil {
		return nil, nil, errors.New("the answer can't be read")
	}
	if page.Next == "" {
		return page.Messages, nil, nil
	}
	// Of the address only the query is taken: it is always this account that is asked.
	_, rest, _ := strings.Cut(page.Next, "?")
	if next, err = url.ParseQuery(rest); err != nil || len(next) == 0 {
		return nil, nil, errors.New("the next page can't be asked for")
	}
	return page.Messages, next, nil
}

func (m message) isAttempt(out adapters.Outgoing, began time.Time) bool {
	created, err := time.Parse(time.RFC1123Z, m.DateCreated)
	return err == nil && strings.HasPrefix(m.Direction, "outbound") && m.To == out.To &&
		strings.TrimSpace(m.Body) == strings.TrimSpace(out.Text) &&
		created.After(began.Add(-before)) && created.Before(began.Add(after))
}
