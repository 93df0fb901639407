package hosttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/google/uuid"
)

// Person uses a host as people do: who gets no answer tries again, with the same form.
type Person struct {
	Host  func() *Host  // the web process as it stands now
	Tries time.Duration // how long somebody goes on trying
}

// Insist repeats a request until it is answered with the status wanted, and returns the answer. A refusal below 500 is
// an error at once.
func (p Person) Insist(
	ctx context.Context, want int, method, path, contentType, body string, headers ...string,
) (string, error) {
	late := time.Now().Add(p.Tries)
	for {
		status, answer, err := p.Host().Request(ctx, method, path, contentType, body, headers...)
		if err == nil && status == want {
			return answer, nil
		}
		if err == nil && status < 500 {
			return "", fmt.Errorf("%s answers %d", method, status)
		}
		if time.Now().After(late) {
			return "", errors.Join(fmt.Errorf("no answer in time, the last was %d", status), err)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Sent is what the API says of a message that it accepted.
type Sent struct {
	Channel struct{ ID string }
	Message struct{ ID string }
}

// Send sends a client a message, as often as it takes, and returns what was accepted.
func (p Person) Send(ctx context.Context, client, medium, body string) (accepted Sent, err error) {
	message := map[string]string{"medium": medium, "body": body}
	if medium == "email" {
		message["subject"] = "Hello"
	}
	answer, err := p.post(ctx, "/messenger/api/clients/"+client+"/messages", message)
	if err != nil {
		return Sent{}, err
	}
	return accepted, json.Unmarshal([]byte(answer), &accepted)
}

// Broadcast sends clients a message each, as often as it takes, and returns the id of the broadcast.
func (p Person) Broadcast(ctx context.Context, medium, body string, clients []string) (id string, err error) {
	message := map[string]any{"medium": medium, "body": body, "client_ids": clients}
	if medium == "email" {
		message["subject"] = "To all"
	}
	answer, err := p.post(ctx, "/messenger/api/broadcasts", message)
	if err != nil {
		return "", err
	}
	var accepted struct{ ID string }
	return accepted.ID, json.Unmarshal([]byte(answer), &accepted)
}

// post has what is posted accepted, once.
func (p Person) post(ctx context.Context, path string, what any) (string, error) {
	body, err := json.Marshal(what)
	if err != nil {
		return "", fmt.Errorf("write a message: %w", err)
	}
	return p.Insist(ctx, http.StatusAccepted, http.MethodPost, path, "application/json", string(body),
		"Idempotency-Key", uuid.NewString())
}

// ReplyForm opens a channel's reply page and returns its path and its form, filled in.
func (p Person) ReplyForm(ctx context.Context, channel, text string) (path, form string, err error) {
	opened, err := p.Insist(ctx, http.StatusOK, http.MethodGet, "/messenger/api/channels/"+channel, "", "")
	if err != nil {
		return "", "", err
	}
	var c struct {
		ReplyLink string `json:"reply_link"`
	}
	if err := json.Unmarshal([]byte(opened), &c); err != nil {
		return "", "", fmt.Errorf("read a channel: %w", err)
	}
	link, err := url.Parse(c.ReplyLink)
	if err != nil {
		return "", "", fmt.Errorf("read a link: %w", err)
	}
	page, err := p.Insist(ctx, http.StatusOK, http.MethodGet, link.Path, "", "")
	if err != nil {
		return "", "", err
	}
	values := url.Values{}
	for _, input := range regexp.MustCompile(`<input[^>]*type="hidden"[^>]*>`).FindAllString(page, -1) {
		values.Set(group(input, `name="([^"]*)"`), group(input, `value="([^"]*)"`))
	}
	values.Set(group(page, `<textarea[^>]*\bname="([^"]+)"`), text)
	return link.Path, values.Encode(), nil
}

func group(text, pattern string) string {
	if found := regexp.MustCompile(pattern).FindStringSubmatch(text); found != nil {
		return html.UnescapeString(found[1])
	}
	return ""
}

// Reply writes on a channel's reply page and presses Send until the receipt comes.
func (p Person) Reply(ctx context.Context, channel, text string) error {
	path, form, err := p.ReplyForm(ctx, channel, text)
	if err != nil {
		return err
	}
	_, err = p.Insist(ctx, http.StatusSeeOther, http.MethodPost, path, "application/x-www-form-urlencoded", form)
	return err
}
