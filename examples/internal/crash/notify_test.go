package crash

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

const (
	notifyKey      = "test-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"
	notifyTemplate = "9d751e0e-f929-4891-82a1-a3e1c3c18ee3"
)

// notify is GOV.UK Notify as far as it matters here: it keeps what it took, sends twice what it is given twice, and can
// be asked by reference. What it does with a message stands in the message.
type notify struct {
	url string

	mu     sync.Mutex
	events []notifyEvent
	limit  time.Duration // the next message is refused for so long
}

// notifyEvent is one thing that happened at Notify, in order.
type notifyEvent struct {
	at              time.Time
	what, reference string // "took", "lost" before it was taken, "limited", "found" or "absent"
	process         string
}

func newNotify(t *testing.T) *notify {
	t.Helper()
	n := &notify{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{process}/v2/notifications/email", n.take)
	mux.HandleFunc("GET /{process}/v2/notifications", n.find)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	n.url = server.URL
	return n
}

func (n *notify) note(r *http.Request, what, reference string) {
	n.events = append(n.events, notifyEvent{time.Now(), what, reference, r.PathValue("process")})
}

func (n *notify) take(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Reference       string
		Personalisation map[string]string
	}
	if json.NewDecoder(r.Body).Decode(&request) != nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	body := request.Personalisation["body"]
	first := n.count("", request.Reference) == 0
	switch {
	case n.limit > 0:
		n.note(r, "limited", request.Reference)
		w.Header().Set("Retry-After", fmt.Sprint(int(n.limit.Seconds())))
		n.limit = 0
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(`{"status_code":429,"errors":[{"error":"RateLimitError","message":"slow down"}]}`))
		return
	case first && strings.Contains(body, "lost before"):
		n.note(r, "lost", request.Reference)
		panic(http.ErrAbortHandler)
	}
	n.note(r, "took", request.Reference)
	if first && strings.Contains(body, "lost after") {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"id":%q,"content":{}}`, uuid.NewString())
}

func (n *notify) find(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	reference := r.URL.Query().Get("reference")
	if n.count("took", reference) == 0 {
		n.note(r, "absent", reference)
		_, _ = w.Write([]byte(`{"notifications":[]}`))
		return
	}
	n.note(r, "found", reference)
	_, _ = fmt.Fprintf(w, `{"notifications":[{"id":%q,"reference":%q,"status":"sending"}]}`, uuid.NewString(), reference)
}

// count is how often something happened to a message; an empty what is anything.
func (n *notify) count(what, reference string) (count int) {
	for _, e := range n.events {
		if e.reference == reference && (what == "" || e.what == what) {
			count++
		}
	}
	return count
}

// story is what happened to a message, in order.
func (n *notify) story(reference string) (what []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, e := range n.events {
		if e.reference == reference {
			what = append(what, e.what)
		}
	}
	return what
}

// since returns the attempts to hand a message over after a time, and how many each process made.
func (n *notify) since(at time.Time) (processes map[string]int, attempts []notifyEvent) {
	n.mu.Lock()
	defer n.mu.Unlock()
	processes = map[string]int{}
	for _, e := range n.events {
		if e.at.After(at) && (e.what == "took" || e.what == "lost" || e.what == "limited") {
			attempts = append(attempts, e)
			processes[e.process]++
		}
	}
	return processes, attempts
}

// TestTwoWorkersAndALostAnswer runs two worker processes over one database, and a GOV.UK Notify that takes a message
// and drops the connection, or drops it before: every message goes out once, and none is sent again before Notify was
// asked for it.
func TestTwoWorkersAndALostAnswer(t *testing.T) {
	t.Parallel()
	provider := newNotify(t)
	s := newSystem(t, govukNotify, "CRASH_NOTIFY="+provider.url)
	s.launch("worker")
	began := time.Now()
	channels, wanted := map[string]bool{}, map[string]string{}
	send := func(i int, how string) {
		accepted := s.mustSend(i%clientCount, fmt.Sprintf("Message %d, %s.", i, how))
		channels[accepted.Channel.ID], wanted[accepted.Message.ID] = true, how
	}
	const before, after, well = "lost before it was taken", "lost after it was taken", "all well"
	send(0, before)
	for i := 1; i <= 200; i++ {
		send(i, []string{after, well}[i%2])
		if processes, _ := provider.since(began); i >= 20 && len(processes) == 2 {
			break // both are at work
		}
	}
	processes, _ := provider.since(began)
	require.Len(t, processes, 2, "both workers take part")
	var list []string
	for channel := range channels {
		list = append(list, channel)
	}
	all := s.settle(list...)
	require.Len(t, all, len(wanted))
	for id, how := range wanted {
		require.Equal(t, "sent", all[id].Delivery.Status, how)
		require.Equal(t, "saved", all[id].Record.Status, how)
		story := provider.story(id)
		switch how {
		case well:
			require.Equal(t, []string{"took"}, story)
		case after:
			require.Equal(t, []string{"took", "found"}, story, "found by reference, and not sent again")
		case before:
			require.Equal(t, "lost", story[0])
			require.Equal(t, []string{"absent", "took"}, story[len(story)-2:],
				"sent again only when Notify surely does not have it")
			require.NotContains(t, story, "found")
		}
		require.Equal(t, 1, strings.Count(strings.Join(story, " "), "took"), "nothing twice")
	}
}

// TestTwoWorkersAndALimit lets Notify refuse one message for some seconds: neither process tries another one in that
// time, and all go out afterwards.
func TestTwoWorkersAndALimit(t *testing.T) {
	t.Parallel()
	const limit, grace = 8 * time.Second, 3 * time.Second // each process reads the others' limits once a second
	provider := newNotify(t)
	s := newSystem(t, govukNotify, "CRASH_NOTIFY="+provider.url)
	s.launch("worker")
	provider.mu.Lock()
	provider.limit = limit
	provider.mu.Unlock()
	channel := s.mustSend(0, "The first one.").Channel.ID
	require.Eventually(t, func() bool {
		_, attempts := provider.since(time.Time{})
		return len(attempts) > 0
	}, settled, 5*time.Millisecond)
	_, attempts := provider.since(time.Time{})
	refused := attempts[0]
	require.Equal(t, "limited", refused.what)
	channels, sent := map[string]bool{channel: true}, 1
	for i := 0; time.Since(refused.at) < limit-time.Second; i++ {
		channels[s.mustSend(i%clientCount, fmt.Sprintf("Message %d.", i)).Channel.ID] = true
		sent++
		<-time.After(50 * time.Millisecond)
	}
	var list []string
	for channel := range channels {
		list = append(list, channel)
	}
	all := s.settle(list...)
	require.Len(t, all, sent)
	early := 0
	_, attempts = provider.since(refused.at)
	for _, e := range attempts {
		require.Equal(t, "took", e.what, "once the limit was over")
		require.False(t, e.at.After(refused.at.Add(grace)) && e.at.Before(refused.at.Add(limit)),
			"%v after the refusal", e.at.Sub(refused.at))
		if e.at.Before(refused.at.Add(limit)) {
			early++
		}
	}
	require.Len(t, attempts, sent, "each once, and a limit is no failed attempt")
	processes, _ := provider.since(refused.at.Add(limit))
	require.Len(t, processes, 2, "both processes waited, and both went on")
	t.Logf("%d messages, %d of them within %v of the refusal", sent, early, grace)
}
