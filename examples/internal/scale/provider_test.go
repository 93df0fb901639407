package scale

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// provider keeps every message it is given and drops nothing.
type provider struct {
	url string

	mu      sync.Mutex
	times   map[string]int    // by reference
	texts   map[string]string // likewise
	workers map[string]int    // by process
	taken   int
	gate    chan struct{} // answers wait for it
	until   time.Time     // it takes nothing before
	refused int
	after   map[int]func() // what happens once so many were taken
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{times: map[string]int{}, texts: map[string]string{}, workers: map[string]int{}, after: map[int]func(){}}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// shut keeps every answer back until the gate is opened.
func (p *provider) shut() (open func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	gate := make(chan struct{})
	p.gate = gate
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.gate = nil
		close(gate)
	})
}

// once does something, on its own, when n more have been taken.
func (p *provider) once(n int, do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.after[p.taken+n] = do
}

// pause takes nothing for a while.
func (p *provider) pause(seconds int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until = time.Now().Add(time.Duration(seconds) * time.Second)
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var c call
	if json.NewDecoder(r.Body).Decode(&c) != nil {
		return // cut off while it was sent
	}
	status, gate := p.take(w, c)
	if gate != nil {
		select {
		case <-gate:
		case <-r.Context().Done():
		}
	}
	w.WriteHeader(status)
}

func (p *provider) take(w http.ResponseWriter, c call) (status int, gate chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch left := time.Until(p.until); {
	case c.Asking && p.times[c.Reference] == 0:
		return http.StatusNotFound, nil
	case c.Asking:
		return http.StatusOK, nil
	case left > 0:
		p.refused++
		w.Header().Set("Retry-After", strconv.Itoa(int(left/time.Second)+1))
		return http.StatusTooManyRequests, nil
	}
	p.times[c.Reference]++
	p.texts[c.Reference] = c.Text
	p.workers[c.Worker]++
	p.taken++
	if do := p.after[p.taken]; do != nil {
		go do()
	}
	return http.StatusOK, p.gate
}

// got is how many messages hold word, and how many of them came more than once.
func (p *provider) got(word string) (messages, repeated int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for reference, text := range p.texts {
		if strings.Contains(text, word) {
			messages++
			if p.times[reference] > 1 {
				repeated++
			}
		}
	}
	return messages, repeated
}

func (p *provider) shares() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.workers)
}

func (p *provider) refusals() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused
}
