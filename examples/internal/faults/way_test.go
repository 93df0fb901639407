package faults

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"
)

// trouble is what becomes of a call on its way. Of those that are cut short, half reach the other side before.
type trouble string

const (
	well    trouble = "well"
	away    trouble = "away"    // nobody is there
	hangs   trouble = "hangs"   // no answer comes
	garbage trouble = "garbage" // the answer is a page of something else, and says that all is well
	resets  trouble = "resets"  // the connection is reset in the middle of the answer
	slow    trouble = "slow"    // well, but two at a time, each after a second
)

// way leads to a peer.
type way struct {
	url    string
	peer   http.Handler
	places chan struct{}

	mu     sync.Mutex
	now    trouble
	lifted chan struct{} // closed when the trouble ends
	chance *rand.Rand
	met    int            // calls that met trouble
	missed map[string]int // those that met nobody, by the message they were of
}

// ofMessage is how a call says of which message it is: Notify's by its reference, the record's by what is not to exist.
var ofMessage = regexp.MustCompile(`(?:"reference":"|reference=|%7C)([0-9a-f-]{36})`)

func newWay(t *testing.T, peer http.Handler, seed uint64) *way {
	t.Helper()
	w := &way{
		peer: peer, now: well, lifted: make(chan struct{}), places: make(chan struct{}, 2), missed: map[string]int{},
		chance: rand.New(rand.NewPCG(seed, 1)),
	}
	server := httptest.NewServer(w)
	t.Cleanup(func() {
		w.set(well)
		server.Close()
	})
	w.url = server.URL
	return w
}

// set has the calls to come meet another trouble, and lets go of those that hang.
func (w *way) set(now trouble) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
	close(w.lifted)
	w.lifted = make(chan struct{})
}

func (w *way) troubled() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.met
}

// nobody counts a call that met nobody.
func (w *way) nobody(r *http.Request) {
	body, _ := io.ReadAll(r.Body) // what came of it
	of := ofMessage.FindStringSubmatch(r.URL.RawQuery + r.Header.Get("If-None-Exist") + string(body))
	w.mu.Lock()
	defer w.mu.Unlock()
	if of != nil {
		w.missed[of[1]]++
	}
}

// tries is how often the message that met nobody most often did.
func (w *way) tries() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Max(append(slices.Collect(maps.Values(w.missed)), 0))
}

func (w *way) next() (now trouble, reaches bool, lifted <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now != well {
		w.met++
	}
	return w.now, w.chance.IntN(2) == 0, w.lifted
}

func (w *way) ServeHTTP(answer http.ResponseWriter, r *http.Request) {
	now, reaches, lifted := w.next()
	switch now {
	case well:
		w.peer.ServeHTTP(answer, r)
		return
	case slow:
		w.places <- struct{}{}
		<-time.After(time.Second)
		<-w.places
		w.peer.ServeHTTP(answer, r) // whether somebody still waits or not
		return
	case away:
		w.nobody(r)
		panic(http.ErrAbortHandler)
	case hangs, garbage, resets:
	}
	said := httptest.NewRecorder()
	if reaches {
		w.peer.ServeHTTP(said, r)
	}
	switch now {
	case hangs:
		select {
		case <-lifted:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	case garbage:
		answer.WriteHeader(http.StatusCreated)
		_, _ = answer.Write([]byte("<html><body>Welcome to the network of Riverside"))
	case well, away, resets, slow:
		answer.Header().Set("Content-Length", fmt.Sprint(said.Body.Len()+100))
		answer.WriteHeader(said.Code)
		_, _ = answer.Write(said.Body.Bytes())
		panic(http.ErrAbortHandler)
	}
}
