package browsertest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
)

// site is a host over HTTP/1.1 that says nothing of caching, with elements on each page, and counts its streams.
type site struct {
	url string

	mu      sync.Mutex
	unread  int
	seen    map[string]int         // what each page was last told
	streams map[chan string]string // what each is told, and what it asked for
}

// elements of one page, of which one names the organisation and the others don't.
const elements = `<messenger-inbox organisation="north"></messenger-inbox>
	<messenger-unread></messenger-unread><messenger-notifications></messenger-notifications>`

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{unread: 1, seen: map[string]int{}, streams: map[chan string]string{}}
	mux := http.NewServeMux()
	mux.Handle("GET /ui/", http.StripPrefix("/ui/", http.FileServer(http.Dir(ui))))
	mux.Handle("GET /copy/", http.StripPrefix("/copy/", http.FileServer(http.Dir(ui))))
	mux.HandleFunc(
		"GET /favicon.ico",
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	)
	mux.HandleFunc("GET /page/{n}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>%s</title>%s%s
			<script type="module" src="%s/ui/messenger-elements.js"></script>`, r.PathValue("n"), based(r), elements, s.url)
	})
	mux.HandleFunc("GET /messenger/api/events", s.events)
	mux.HandleFunc("GET /messenger/api/", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		answer := map[string]any{
			"items":  []any{},
			"counts": map[string]int{"unread": 0, "open": 0, "done": 0, "attention": 0},
		}
		if strings.HasSuffix(r.URL.Path, "/me") {
			s.seen[strings.TrimPrefix(r.Referer(), s.url)] = s.unread
			answer = map[string]any{
				"staff": map[string]string{
					"id":   "amira",
					"name": "Amira",
				}, "organisation": map[string]string{"id": "north", "name": "North"},
				"unread_count": s.unread, "attention_count": 0, "permissions": []string{}, "closing": map[string]string{},
			}
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	s.url = server.URL
	return s
}

// based is the <base> that a page is asked for with.
func based(r *http.Request) string {
	if base := r.URL.Query().Get("base"); base != "" {
		return `<base href="` + base + `">`
	}
	return ""
}

func (s *site) events(w http.ResponseWriter, r *http.Request) {
	told := make(chan string, 10)
	s.mu.Lock()
	s.streams[told] = r.URL.RawQuery
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.streams, told)
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	_, _ = fmt.Fprint(w, ": hello\n\n")
	flush := http.NewResponseController(w).Flush
	_ = flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case event := <-told:
			_, _ = fmt.Fprint(w, event)
			_ = flush()
		}
	}
}

// now sets the number of unread channels and has every stream say that something changed.
func (s *site) now(unread int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unread = unread
	for told := range s.streams {
		told <- "event: reset\ndata: {}\n\n"
	}
}

func (s *site) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.streams)
}

// lastSeen is how many unread channels a page was last told of.
func (s *site) lastSeen(page string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[page]
}

// shows waits until a tab shows so many unread channels.
func shows(t *testing.T, tab *browsertest.Page, unread int) {
	t.Helper()
	tab.Poll(
		t,
		fmt.Sprintf(`document.querySelector('messenger-unread [aria-hidden]')?.textContent === '%d'`, unread),
		nil,
	)
}

// goTo opens one of the host's pages. One that is held up by the streams of others never answers.
func goTo(t *testing.T, tab *browsertest.Page, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.Context, 30*time.Second)
	defer cancel()
	require.NoError(t, chromedp.Run(ctx, chromedp.Navigate(address)), "%s", address)
}

// The host's own pages are never held up: a tab that was clicked through twelve of them holds one stream, is live, and
// is so after Back too, whether the browser kept the page or loads it anew.
func TestTwelvePages(t *testing.T) {
	t.Parallel()
	t.Run("kept", func(t *testing.T) {
		t.Parallel()
		twelvePages(t, browsertest.Start(t))
	})
	t.Run("loaded anew", func(t *testing.T) {
		t.Parallel()
		twelvePages(t, browsertest.Start(t, chromedp.Flag("disable-back-forward-cache", true)))
	})
}

func twelvePages(t *testing.T, browser *browsertest.Browser) {
	t.Helper()
	s := newSite(t)
	tab := browser.Open(t, browsertest.Look{})
	for i := range 12 {
		began := time.Now()
		goTo(t, tab, fmt.Sprintf("%s/page/%d", s.url, i))
		shows(t, tab, 1)
		t.Logf("page %d: %v", i, time.Since(began))
		require.Eventually(t, func() bool { return s.open() == 1 }, time.Minute, 20*time.Millisecond, "page %d", i)
	}
	tab.Run(t, chromedp.Navigate(s.url+"/page/20"), chromedp.WaitReady("messenger-unread *"))
	s.now(2)
	shows(t, tab, 2)
	tab.Run(t, chromedp.Evaluate(`history.back()`, nil))
	require.Eventually(
		t,
		func() bool { return s.lastSeen("/page/11") == 2 && s.open() == 1 },
		time.Minute,
		50*time.Millisecond,
		"back",
	)
	s.now(3)
	require.Eventually(
		t,
		func() bool { return s.lastSeen("/page/11") == 3 },
		time.Minute,
		50*time.Millisecond,
		"live after Back",
	)
	require.Empty(t, tab.Complaints())
}

// Ten tabs share one stream. Every page of the host's answers, all tabs are live, and are so again once the tab that
// held the stream is closed.
func TestTenTabs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := browsertest.Start(t).Open(t, browsertest.Look{})
	tabs := []*browsertest.Page{first}
	for len(tabs) < 10 {
		tabs = append(tabs, first.Another(t))
	}
	for i, tab := range tabs {
		goTo(t, tab, fmt.Sprintf("%s/page/%d", s.url, i))
		shows(t, tab, 1)
	}
	require.Equal(t, 1, s.open())
	s.now(2)
	for _, tab := range tabs {
		shows(t, tab, 2)
	}
	first.Run(t, chromedp.Navigate("about:blank"))
	require.Eventually(t, func() bool { return s.open() == 1 }, time.Minute, 20*time.Millisecond)
	s.now(3)
	for _, tab := range tabs[1:] {
		shows(t, tab, 3)
		require.Empty(t, tab.Complaints())
	}
}
