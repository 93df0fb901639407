package smtp_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
)

// scripted is a mail server that says what a test has it say, and takes as long as the test has it take.
type scripted struct {
	mu         sync.Mutex
	answers    map[string]string // by command, "." for the message: what it says instead of taking it
	pause      map[string]time.Duration
	extensions []string
	heard      []string // every command
	taken      []string // every message
	port       int
}

func startScripted(tb testing.TB, extensions ...string) *scripted {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	s := &scripted{extensions: extensions, port: listener.Addr().(*net.TCPAddr).Port}
	var served sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	served.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, connection)
			mu.Unlock()
			served.Go(func() { s.serve(connection) })
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		for _, connection := range open {
			_ = connection.Close()
		}
		mu.Unlock()
		served.Wait()
	})
	return s
}

// says lets the server answer a command so from now on.
func (s *scripted) says(answers map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = answers
}

// takes lets the server wait before it answers a command.
func (s *scripted) takes(pause map[string]time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pause = pause
}

func (s *scripted) commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.heard...)
}

func (s *scripted) messages() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.taken...)
}

func (s *scripted) config(tb testing.TB) smtp.Config {
	tb.Helper()
	return (&server{TLS: smtp.NoTLS, port: s.port}).config(tb)
}

func (s *scripted) serve(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	lines := bufio.NewReader(connection)
	if !s.answer(connection, "", "220 mail.example.org") {
		return
	}
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.mu.Lock()
		s.heard = append(s.heard, line)
		s.mu.Unlock()
		command, _, _ := strings.Cut(line, " ")
		good := map[string]string{"EHLO": s.hello(), "DATA": "354 go on", "QUIT": "221 bye"}[command]
		if good == "" {
			good = "250 2.0.0 ok"
		}
		if !s.answer(connection, command, good) {
			return
		}
		if command == "DATA" && s.said("DATA") == "" && !s.message(connection, lines) {
			return
		}
	}
}

func (s *scripted) hello() string {
	lines := append([]string{"mail.example.org"}, s.extensions...)
	var answer []string
	for i, line := range lines {
		between := "-"
		if i == len(lines)-1 {
			between = " "
		}
		answer = append(answer, "250"+between+line)
	}
	return strings.Join(answer, "\r\n")
}

func (s *scripted) message(connection net.Conn, lines *bufio.Reader) bool {
	var text strings.Builder
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		text.WriteString(line)
	}
	s.mu.Lock()
	if s.answers["."] == "" {
		s.taken = append(s.taken, text.String())
	}
	s.mu.Unlock()
	return s.answer(connection, ".", "250 2.0.0 Ok: queued as A1")
}

func (s *scripted) said(command string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answers[command]
}

func (s *scripted) answer(connection net.Conn, command, good string) bool {
	s.mu.Lock()
	pause := s.pause[command]
	if other := s.answers[command]; other != "" {
		good = other
	}
	s.mu.Unlock()
	if pause > 0 {
		<-time.After(pause)
	}
	_, err := fmt.Fprintf(connection, "%s\r\n", good)
	return err == nil && !strings.HasPrefix(good, "221") && !strings.HasPrefix(good, "421")
}
