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

// Find is adapters.Finder, as far as Twilio can be asked: it knows no reference of ours. One message to that number
// with those words, made while the attempt in question was running, is taken for it: only the same words, sent to the
// same number in the same three minutes by another decision, could be mistaken for it. Several, or none, is "cannot
// tell": Find never says ErrNotSent.
func (s *Sender) Find(ctx context.Context, out adapters.Outgoing) (adapters.Receipt, error) {
	// Without DateSent, which a message still in the queue does not have.
	answer, err := s.call(ctx, nil, url.Values{"To": {out.To}, "PageSize": {"1000"}})
	if err != nil {
		return adapters.Receipt{}, fmt.Errorf("twilio: find: %w", err)
	}
	if answer.Status != http.StatusOK {
		return adapters.Receipt{}, fmt.Errorf("twilio: find: status %d", answer.Status)
	}
	var page struct {
		Messages []message `json:"messages"`
	}
	if err := json.Unmarshal(answer.Body, &page); err != nil {
		return adapters.Receipt{}, errors.New("twilio: find: the answer can't be read")
	}
	began := out.Unclear
	if began.IsZero() {
		began = out.FirstTried
	}
	var found []message
	for _, m := range page.Messages {
		if m.isAttempt(out, began) {
			found = append(found, m)
		}
	}
	if len(found) != 1 {
		return adapters.Receipt{}, fmt.Errorf("twilio: find: can't tell from %d like it", len(found))
	}
	return receipt(out.Reference, found[0].SID, found[0].Status, found[0].ErrorCode), nil
}

func (m message) isAttempt(out adapters.Outgoing, began time.Time) bool {
	created, err := time.Parse(time.RFC1123Z, m.DateCreated)
	return err == nil && strings.HasPrefix(m.Direction, "outbound") && m.To == out.To &&
		strings.TrimSpace(m.Body) == strings.TrimSpace(out.Text) &&
		created.After(began.Add(-before)) && created.Before(began.Add(after))
}
