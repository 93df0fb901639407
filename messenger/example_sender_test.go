package messenger_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// texts is an adapters.Sender. adaptertest.Sender says whether one keeps what the port promises.
type texts struct{ url string }

// Send tries once. What it can't tell from a message that was sent, a lost answer, is an error that it makes up itself:
// the outcome is then unknown, and Messenger does not send again.
func (t texts) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	body, err := json.Marshal(struct {
		To   string `json:"to"`
		Text string `json:"text"`
	}{message.To, message.Text})
	if err != nil {
		return adapters.Receipt{}, adapters.ErrWrongContent
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(body))
	if err != nil {
		return adapters.Receipt{}, adapters.ErrConfiguration
	}
	request.Header.Set("Idempotency-Key", message.Reference)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return adapters.Receipt{}, fmt.Errorf("texts: no answer: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // its status says it all
	switch {
	case response.StatusCode < 300:
		return adapters.Receipt{Via: "texts"}, nil
	case response.StatusCode == http.StatusUnprocessableEntity:
		return adapters.Receipt{}, adapters.ErrWrongContact
	case response.StatusCode == http.StatusTooManyRequests:
		return adapters.Receipt{}, &adapters.RateLimitError{}
	case response.StatusCode < 500:
		return adapters.Receipt{}, adapters.ErrConfiguration
	default:
		return adapters.Receipt{}, fmt.Errorf("texts: status %d", response.StatusCode)
	}
}

// A sender of one's own, over a gateway that takes JSON.
func Example_sender() {
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println(r.Header.Get("Idempotency-Key") != "", string(body))
		w.WriteHeader(http.StatusAccepted)
	}))
	defer gateway.Close()
	host := newExampleHost()
	defer host.stop()
	host.SMS = texts{gateway.URL}
	m := must(messenger.New(host.Config))
	host.start(m)

	ctx := memory.SignIn(context.Background(), "amira")
	must(m.Send(ctx, messenger.SendParams{
		Client: "c-1", Medium: adapters.SMS, Body: "We meet on Tuesday.", NoReplyLink: true,
	}))
	host.wait()
	// Output:
	// true {"to":"+447700900123","text":"We meet on Tuesday.\nDo not reply by text: it will not be read."}
}
