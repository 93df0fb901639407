package crash

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// outside is the provider and the record: they keep every call and drop nothing.
type outside struct {
	url string

	mu         sync.Mutex
	calls      []call
	moments    []*moment
	recordDown bool
}

// moment is a point at which somebody does something, once: when a call of this kind comes whose text holds word.
type moment struct {
	what, word string
	do         func()
	reached    chan struct{}
}

func newOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{}
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	o.url = server.URL
	return o
}

// at does something when a call comes, before it is answered. The channel is closed once it is done.
func (o *outside) at(what, word string, do func()) <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	m := &moment{what, word, do, make(chan struct{})}
	o.moments = append(o.moments, m)
	return m.reached
}

func (o *outside) setRecordDown(down bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.recordDown = down
}

func (o *outside) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var c call
	if json.NewDecoder(r.Body).Decode(&c) != nil {
		return // cut off while it was sent
	}
	status, do := o.take(c)
	if do != nil {
		do.do()
		close(do.reached)
	}
	w.WriteHeader(status)
}

func (o *outside) take(c call) (status int, do *moment) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, m := range o.moments {
		if m.what == c.What && strings.Contains(c.Text, m.word) {
			o.moments = append(o.moments[:i], o.moments[i+1:]...)
			do = m
			break
		}
	}
	if c.What == "filed" && o.recordDown {
		return http.StatusServiceUnavailable, do
	}
	if c.What == "asked" && o.count("sent", c.Key) == 0 {
		return http.StatusNotFound, do
	}
	o.calls = append(o.calls, c)
	return http.StatusOK, do
}

func (o *outside) count(what, key string) (n int) {
	for _, c := range o.calls {
		if c.What == what && c.Key == key {
			n++
		}
	}
	return n
}

// times counts the calls of a kind by key.
func (o *outside) times(what string) map[string]int {
	o.mu.Lock()
	defer o.mu.Unlock()
	times := map[string]int{}
	for _, c := range o.calls {
		if c.What == what {
			times[c.Key]++
		}
	}
	return times
}

// texts are what calls of a kind said under a key, each text once.
func (o *outside) texts(what, key string) map[string]bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	texts := map[string]bool{}
	for _, c := range o.calls {
		if c.What == what && c.Key == key {
			texts[c.Text] = true
		}
	}
	return texts
}
