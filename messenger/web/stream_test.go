package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

type event struct{ id, kind, data string }

// listen opens a stream and returns its events as they come; the channel closes when the stream ends.
func listen(ctx context.Context, tb testing.TB, url, who, lastID string) (<-chan event, http.Header) {
	tb.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(tb, err)
	request.Header.Set("X-Staff", who)
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	response, err := client().Do(request) //nolint:bodyclose // closed with the stream
	require.NoError(tb, err)
	require.Equal(tb, 200, response.StatusCode)
	events := make(chan event, 100)
	go func() {
		defer close(events)
		defer func() { _ = response.Body.Close() }()
		var next event
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				next.id = value
			case "event":
				next.kind = value
			case "data":
				next.data = value
			case "":
				if next != (event{}) && (next.kind != "beat" || next.id == "") && lines.Text() == "" {
					events <- next
				}
				next = event{}
			}
		}
	}()
	return events, response.Header
}

// await is the next event of a kind whose data has words.
func await(tb testing.TB, events <-chan event, kind, words string) event {
	tb.Helper()
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	for {
		select {
		case got, open := <-events:
			require.True(tb, open, "the stream ended")
			require.NotEmpty(tb, got.id)
			require.True(tb, json.Valid([]byte(got.data)), got.data)
			if got.kind == kind && strings.Contains(got.data, words) {
				return got
			}
		case <-limit.C:
			require.FailNow(tb, "no such event", "%s %s", kind, words)
		}
	}
}

// live opens a stream, runs live updates until the test ends, and returns once they are heard.
func (w *world) live(t *testing.T, path, who string) (<-chan event, http.Header) {
	t.Helper()
	events, header := listen(t.Context(), t, w.api(path), who, "")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
	await(t, events, "reset", "{}")
	return events, header
}

// A reply appears in every open page, with the channel's row and the message as lists have them.
func TestEvents(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	own, header := w.live(t, "/events", "amira")
	require.Equal(t, "text/event-stream", header.Get("Content-Type"))
	require.Equal(t, "no-store", header.Get("Cache-Control"))
	require.Equal(t, "no", header.Get("X-Accel-Buffering"))
	colleague, _ := listen(t.Context(), t, w.api("/events?inbox=amira"), "chloe", "")
	other, _ := listen(t.Context(), t, w.api("/events"), "esther", "")

	_, _, err := w.Reply(t.Context(), th.token, messenger.ReplyParams{Text: "A second reply\nin two lines"})
	require.NoError(t, err)
	for _, events := range []<-chan event{own, colleague} {
		row := await(t, events, "channel", th.channel.ID.String())
		require.Contains(t, row.data, `"attention":[`)
		require.Contains(t, row.data, `"status":"unread"`)
	}
	own, _ = listen(t.Context(), t, w.api("/events"), "amira", "no id of ours")
	reset := await(t, own, "reset", "{}")
	_, _, err = w.Reply(t.Context(), th.token, messenger.ReplyParams{Text: "A third reply"})
	require.NoError(t, err)
	message := await(t, own, "message", "A third reply")
	require.Contains(t, message.data, `"attachments":[]`)
	require.NotEqual(t, reset.id, message.id)

	// resumed where it was left, with what changed since
	_, _, err = w.Reply(t.Context(), th.token, messenger.ReplyParams{Text: "A fourth reply"})
	require.NoError(t, err)
	resumed, _ := listen(t.Context(), t, w.api("/events"), "amira", message.id)
	await(t, resumed, "message", "A fourth reply")
	for len(other) > 0 {
		got := <-other // 'fetch again' may come to anybody, when the database was not listened to for a moment
		require.Equal(t, event{got.id, "reset", "{}"}, got, "nothing crosses organisations")
	}
}

// One stream has the events of several inboxes, and resumes for all of them; ten at most, each by its own permission.
func TestEventsOfSeveralInboxes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	both, _ := w.live(t, "/events?inbox=ben&inbox=amira&inbox=amira", "ben")
	own, err := w.Send(memory.SignIn(t.Context(), "ben"), messenger.SendParams{
		Client: th.client, Medium: adapters.Email, Subject: "Own", Body: "Of Ben's",
	})
	require.NoError(t, err)
	sent := await(t, both, "message", own.Message.ID.String())
	_, _, err = w.Reply(t.Context(), th.token, messenger.ReplyParams{Text: "Of Amira's"})
	require.NoError(t, err)
	await(t, both, "channel", th.channel.ID.String())
	await(t, both, "message", "Of Amira's")

	resumed, _ := listen(t.Context(), t, w.api("/events?inbox=amira&inbox=ben"), "ben", sent.id)
	await(t, resumed, "message", "Of Amira's")

	ten := "/events?inbox=ben" + strings.Repeat("&inbox=amira", 9)
	tenth, _ := listen(t.Context(), t, w.api(ten), "ben", "")
	_, _, err = w.Reply(t.Context(), th.token, messenger.ReplyParams{Text: "Of Amira's again"})
	require.NoError(t, err)
	await(t, tenth, "message", "Of Amira's again")
	for path, code := range map[string]string{
		ten + "&inbox=amira":                        "invalid",
		"/events?inbox=amira&inbox=dev":             "not_found",
		"/events?inbox=ben&inbox=" + marker:         "not_found",
		"/events?inbox=" + strings.Repeat("a", 201): "invalid",
		"/events?inbox=" + strings.Repeat("ø", 200): "not_found", // characters, not bytes
		"/events?inbox=amira&inbox=amira%2Cdev":     "not_found",
	} {
		got := call(t, "ben", http.MethodGet, w.api(path), "")
		require.Equal(t, code, requireProblem(t, got), path)
		requireSilent(t, path, got.body)
	}
}

// A stream whose permission ends is ended; one that is not there is a problem, not a stream.
func TestEventsOfNobody(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, inbox := range []string{"dev", "esther", marker} {
		got := call(t, "amira", http.MethodGet, w.api("/events?inbox="+inbox), "")
		require.Equal(t, "not_found", requireProblem(t, got))
		requireSilent(t, inbox, got.body)
	}
}

// The eleventh stream of a person is refused, whatever it watches, until one of theirs ends.
func TestTheEleventhStream(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	_, _ = listen(ctx, t, w.api("/events"), "ben", "")
	first, end := context.WithCancel(ctx)
	events, _ := listen(first, t, w.api("/events"), "ben", "")
	for range 8 {
		listen(ctx, t, w.api("/events?inbox=amira"), "ben", "")
	}
	for _, query := range []string{"", "?inbox=amira", "?inbox=ben"} {
		got := call(t, "ben", http.MethodGet, w.api("/events"+query), "")
		require.Equal(t, http.StatusTooManyRequests, got.status)
		require.Equal(t, "too_many_requests", requireProblem(t, got))
	}
	listen(ctx, t, w.api("/events"), "amira", "")
	end()
	for range events {
		continue
	}
	require.Eventually(t, func() bool { // the server hears of the end a moment later
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.api("/events"), nil)
		if err != nil {
			return false
		}
		request.Header.Set("X-Staff", "ben")
		response, err := client().Do(request)
		if err != nil {
			return false
		}
		t.Cleanup(func() { _ = response.Body.Close() })
		return response.StatusCode == http.StatusOK
	}, time.Minute, 20*time.Millisecond)
}

// Nothing of a stream has a goroutine of its own, and its stack is without Huma's frames, which would double it.
func TestAStreamIsCheap(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for i := range 20 { // ten a person
		listen(ctx, t, w.api("/events"), []string{"amira", "ben"}[i%2], "")
	}
	stacks := make([]byte, 8<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var serving int
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(stack, "messenger/web.stream(") {
			serving++
			require.NotContains(t, stack, "huma/v2.Register")
		}
		require.NotContains(t, stack, "created by github.com/cmsmessenger/cmsmessenger/messenger.(*Messenger).Subscribe")
	}
	require.GreaterOrEqual(t, serving, 20)
}

// A server that stops does not wait for open streams: they end with Run, and Shutdown returns within a second. Run may
// have just begun.
func TestShutdownWaitsForNoStream(t *testing.T) {
	t.Parallel()
	for name, early := range map[string]bool{"": false, "as Run begins": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			server := httptest.NewServer(signIn(web.StaffHandler(w.Messenger)))
			defer server.Close()
			defer server.CloseClientConnections()
			streams := []<-chan event{}
			open, leave := context.WithTimeout(t.Context(), 20*time.Second)
			defer leave()
			for _, who := range []string{"amira", "ben"} {
				events, _ := listen(open, t, server.URL+"/events", who, "")
				streams = append(streams, events)
			}
			if early {
				stop()
			}
			ended := make(chan error, 1)
			go func() { ended <- w.Run(ctx) }()
			if !early {
				w.newThread(t)
				await(t, streams[0], "message", "") // it runs
				stop()
			}
			require.ErrorIs(t, <-ended, context.Canceled)
			for _, events := range streams {
				for range events { // until it ends
				}
			}
			require.NoError(t, open.Err(), "they end by themselves")
			within, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			require.NoError(t, server.Config.Shutdown(within))
		})
	}
}
