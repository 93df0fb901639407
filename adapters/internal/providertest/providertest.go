// Package providertest is what the tests of the senders have in common: a message to send, what errors and credentials
// must be, and for fake HTTP providers a server whose next answers can be lost, late or refused, before or after the
// fake has taken the request.
package providertest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
)

// Server serves a fake provider. Make it with New.
type Server struct {
	URL string
	// Client reaches the server by a new connection for each call, so that the server can be down for one.
	Client *http.Client

	provider http.Handler

	mu   sync.Mutex
	next []http.HandlerFunc
	down int
	last *http.Request
}

// New starts a server over provider, which may be called from many goroutines. It ends with the test.
func New(t *testing.T, provider http.Handler) *Server {
	t.Helper()
	s := &Server{provider: provider}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	s.URL = server.URL
	s.Client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: s.dial}}
	return s
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.last = r.Clone(context.WithoutCancel(r.Context()))
	handler := s.provider.ServeHTTP
	if len(s.next) > 0 {
		handler, s.next = s.next[0], s.next[1:]
	}
	s.mu.Unlock()
	handler(w, r)
}

func (s *Server) dial(ctx context.Context, network, address string) (net.Conn, error) {
	s.mu.Lock()
	down := s.down > 0
	if down {
		s.down--
	}
	s.mu.Unlock()
	if down {
		return nil, errors.New("nothing listens")
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// Next lets handler answer the next request in the provider's place.
func (s *Server) Next(handler http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = append(s.next, handler)
}

// Answer lets the next request be answered so, without the provider. Header holds names and values in turn.
func (s *Server) Answer(status int, body string, header ...string) {
	s.Next(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// Arrange lets the next request end in this outcome: as own says, which is how the provider itself refuses, and else as
// a server brings it about. It returns false for outcomes that neither does.
func (s *Server) Arrange(outcome adaptertest.Outcome, own map[adaptertest.Outcome]func()) bool {
	if refuse := own[outcome]; refuse != nil {
		refuse()
		return true
	}
	arrange := map[adaptertest.Outcome]func(){
		adaptertest.Accepted:    func() {},
		adaptertest.ServerError: func() { s.Answer(http.StatusServiceUnavailable, "") },
		adaptertest.Down: func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.down++
		},
		adaptertest.TimeoutBefore: func() {
			s.Next(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // a server sees that its client is gone once it has read the request
				<-r.Context().Done()
			})
		},
		adaptertest.TimeoutAfter: func() {
			s.Next(func(_ http.ResponseWriter, r *http.Request) {
				s.provider.ServeHTTP(httptest.NewRecorder(), r)
				<-r.Context().Done()
			})
		},
		adaptertest.DroppedAfter: func() {
			s.Next(func(_ http.ResponseWriter, r *http.Request) {
				s.provider.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			})
		},
	}[outcome]
	if arrange != nil {
		arrange()
	}
	return arrange != nil
}

// Last is the latest request that arrived, without its body; nil before the first.
func (s *Server) Last() *http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}
