// Package slowtest has other sides for tests that are well, and slow: they answer so many calls at once, each after a
// while, in the order they came, and work off those too whose callers have gone.
package slowtest

import (
	"bufio"
	"context"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Side is any other side. Make one with New.
type Side struct {
	places chan struct{}
	takes  time.Duration

	mu      sync.Mutex
	calls   int
	givenUp int
}

// New returns a side that answers atOnce calls at once, each after takes.
func New(atOnce int, takes time.Duration) *Side {
	return &Side{places: make(chan struct{}, atOnce), takes: takes}
}

// Call waits for an answer, or for ctx. A call that is given up is worked off all the same.
func (s *Side) Call(ctx context.Context) error {
	done := make(chan struct{})
	s.count(&s.calls)
	go func() {
		s.places <- struct{}{}
		<-time.After(s.takes)
		<-s.places
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.count(&s.givenUp)
		return ctx.Err()
	}
}

func (s *Side) count(n *int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*n++
}

// Calls is how many calls there were, and how many of them were given up.
func (s *Side) Calls() (all, givenUp int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls, s.givenUp
}

// MailServer takes mail slowly, over as many connections as come: the answer to each message's end takes a while.
type MailServer struct {
	Port  int
	takes time.Duration

	mu    sync.Mutex
	taken map[string]int // by Message-ID
}

// Mail starts a mail server on 127.0.0.1, without TLS, until the test ends.
func Mail(tb testing.TB, takes time.Duration) *MailServer {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	require.NoError(tb, err)
	s := &MailServer{Port: listener.Addr().(*net.TCPAddr).Port, takes: takes, taken: map[string]int{}}
	var serving sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	serving.Go(func() {
		for {
			connected, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[connected] = true
			mu.Unlock()
			serving.Go(func() { s.serve(textproto.NewConn(connected)) })
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		for connected := range open {
			_ = connected.Close()
		}
		mu.Unlock()
		serving.Wait()
	})
	return s
}

// Taken is how many messages were taken, and how many of them more than once.
func (s *MailServer) Taken() (all, twice int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, times := range s.taken {
		if times > 1 {
			twice++
		}
	}
	return len(s.taken), twice
}

func (s *MailServer) serve(c *textproto.Conn) {
	defer c.Close() //nolint:errcheck // only read
	answer := "220 slow.example.org ESMTP"
	for c.PrintfLine("%s", answer) == nil {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch verb {
		case "EHLO":
			answer = "250-slow.example.org\r\n250 8BITMIME"
		case "DATA":
			if c.PrintfLine("354 Go on") != nil || s.take(c) != nil {
				return
			}
			answer = "250 2.0.0 OK"
		case "QUIT":
			_ = c.PrintfLine("221 2.0.0 Goodbye")
			return
		default:
			answer = "250 2.0.0 OK"
		}
	}
}

// take reads a message and answers for it after a while: from its end on it is taken.
func (s *MailServer) take(c *textproto.Conn) error {
	lines, id := bufio.NewScanner(c.DotReader()), ""
	for lines.Scan() {
		if found, ok := strings.CutPrefix(strings.ToLower(lines.Text()), "message-id: "); ok && id == "" {
			id = found
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	s.taken[id]++
	s.mu.Unlock()
	<-time.After(s.takes)
	return nil
}
