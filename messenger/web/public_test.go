package web_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

// Who names no proxy believes no header: a flood can't call itself many, nor another's address.
func TestAForgedHeaderHidesNoFlood(t *testing.T) {
	t.Parallel()
	w := setup(t)
	url := serve(t, web.StaffHandler(w.Messenger), web.PublicHandler(w.Messenger))
	held := 0
	for i := range 1300 {
		if call(t, "", http.MethodGet, url+"/m/r/x", "", "X-Forwarded-For", fmt.Sprintf("81.99.%d.%d", i/250, i%250)).status == 429 {
			held++
		}
	}
	require.Positive(t, held)
}

// A link has something after it in a text, and some programs take that for a part of it. What is none of a token's signs is cut
// off; what could be one is not.
func TestALinkIsFoundWithItsNeighbour(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	for _, after := range []string{
		"", ".", ",", ")", ">", ";", "!", "**", "=20", "%F0%9F%99%82", "%2F", "%E2%80%8B", "%C2%A0", "%20and", "'", "%22", "%E3%80%82", ".%0A", "%3E%3E", "…",
	} {
		got := call(t, "", http.MethodGet, w.url+"/m/r/"+th.token+after, "")
		require.Equal(t, 200, got.status, after)
		got = call(t, "", http.MethodPost, w.url+"/m/r/"+th.token+after, "reply=Hello", "Content-Type", "application/x-www-form-urlencoded")
		require.Equal(t, 303, got.status, after)
	}
	for _, after := range []string{"/", "./", ")/", "/)"} { // a browser completes what looks like a folder
		got := call(t, "", http.MethodGet, w.url+"/m/r/"+th.token+after, "")
		require.Equal(t, 303, got.status, after)
		require.Equal(t, "../"+th.token, got.header.Get("Location"), after)
	}
	for _, other := range []string{th.token + "A", th.token + "-", th.token[:21], "." + th.token, th.token[:21] + "."} {
		require.Equal(t, 404, call(t, "", http.MethodGet, w.url+"/m/r/"+other, "").status, other)
	}
}

// slow is a body of which a byte comes each second, and whose end never does.
type slow struct{ ended <-chan struct{} }

func (s slow) Read(p []byte) (int, error) {
	select {
	case <-s.ended:
		return 0, io.EOF
	case <-time.After(time.Second):
		return copy(p, "x"), nil
	}
}

type echo struct{}

func (echo) Callback(request adapters.CallbackRequest) (adapters.Callback, error) {
	return adapters.Callback{Answer: fmt.Sprint(len(request.Body))}, nil
}

// Anybody may send to the public part. A name that is nobody's is answered before a body is read; a body has its size and ten
// seconds, whatever the host's server allows.
func TestPublicBodiesAreBounded(t *testing.T) {
	t.Parallel()
	w := setup(t, func(c *messenger.Config) {
		c.Hooks = map[string]messenger.Hook{"echo": {Callbacks: echo{}, Organisation: messenger.AllTextsFor(north)}}
	})
	th := w.newThread(t)
	large := strings.Repeat("x", 64<<10)
	require.Equal(t, "65536", call(t, "", http.MethodPost, w.url+"/m/hooks/echo", large).body)
	refused := call(t, "", http.MethodPost, w.url+"/m/hooks/echo", large+"x")
	require.Equal(t, 413, refused.status)
	require.NotContains(t, refused.body, "1 MiB", "it is less here")
	require.Equal(t, 404, call(t, "", http.MethodPost, w.url+"/m/hooks/nobody", large+"x").status)
	long, soon := 15*time.Second, 5*time.Second
	for _, want := range []struct {
		method, path string
		status       int
		within       time.Duration
	}{
		{http.MethodPost, "/m/hooks/nobody", 404, soon},
		{http.MethodPost, "/m/r/nobody", 404, soon},
		{http.MethodGet, "/m/r/nobody", 404, soon},
		{http.MethodGet, "/m/r/" + th.token, 200, soon},
		{http.MethodHead, "/m/r/" + th.token, 200, soon},
		{http.MethodGet, "/m/r/" + th.token + "/", 303, soon},
		{http.MethodGet, "/m/ui/messenger.js", 200, soon},
		{http.MethodPost, "/messenger/api/broadcasts", 401, soon},
		{http.MethodGet, "/messenger/api/me", 401, soon},
		{http.MethodPost, "/m/hooks/echo", 503, long},
		{http.MethodPost, "/m/r/" + th.token, 422, long},
	} {
		t.Run(want.method+" "+want.path, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			status, err := slowly(t.Context(), want.method, w.url+want.path)
			require.NoError(t, err)
			require.Equal(t, want.status, status)
			require.Less(t, time.Since(began), want.within)
		})
	}
}

// slowly sends a form whose end never comes, and returns the status that it is answered with.
func slowly(ctx context.Context, method, url string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, slow{ctx.Done()})
	if err != nil {
		return 0, err //nolint:wrapcheck // for the test alone
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answered, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return 0, err //nolint:wrapcheck // for the test alone
	}
	return answered.StatusCode, answered.Body.Close()
}

// Who sends little by little takes nobody's place: replies and callbacks are heard at once meanwhile.
func TestSlowBodiesHoldUpNobody(t *testing.T) {
	t.Parallel()
	w := setup(t, func(c *messenger.Config) {
		c.Hooks = map[string]messenger.Hook{"echo": {Callbacks: echo{}, Organisation: messenger.AllTextsFor(north)}}
	})
	th := w.newThread(t)
	var connecting sync.WaitGroup
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteHeaders: connecting.Done})
	for range 200 {
		for _, path := range []string{"/m/hooks/echo", "/m/r/" + th.token} {
			connecting.Add(1)
			go func() { _, _ = slowly(ctx, http.MethodPost, w.url+path) }() // answered, or cut off as the test ends
		}
	}
	connecting.Wait()
	for range 8 {
		began := time.Now()
		got := call(t, "", http.MethodPost, w.url+"/m/r/"+th.token, "reply=Hello",
			"Content-Type", "application/x-www-form-urlencoded")
		require.Equal(t, 303, got.status)
		require.Equal(t, "5", call(t, "", http.MethodPost, w.url+"/m/hooks/echo", "hello").body)
		require.Less(t, time.Since(began), 5*time.Second)
		time.Sleep(300 * time.Millisecond) //nolint:forbidigo // the others come meanwhile
	}
}
