package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/wneessen/go-mail"

	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
)

// sink is a mail server that takes everything and keeps nothing, in a process of its own as any server: as much of SMTP
// as a client needs that never errs. The servers of the other tests check what they are sent, and are too slow to be a
// limit.
type sink struct {
	*process
	port int
}

func startSink(b *testing.B) *sink {
	b.Helper()
	s := &sink{process: start(b, "sink", "")}
	_, err := fmt.Sscan(s.ask(b, ""), &s.port, new(int), new(int))
	require.NoError(b, err)
	return s
}

// seen is how many messages were taken so far, over how many connections.
func (s *sink) seen(b *testing.B) (taken, connections int) {
	b.Helper()
	_, err := fmt.Sscan(s.ask(b, ""), new(int), &taken, &connections)
	require.NoError(b, err)
	return taken, connections
}

// counts is what a sink has seen.
type counts struct{ taken, connections atomic.Int64 }

// serveSink answers each line with its port and its counts.
func serveSink(context.Context, string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return err
	}
	var seen counts
	go func() {
		for {
			connected, err := listener.Accept()
			if err != nil {
				return
			}
			seen.connections.Add(1)
			go seen.serve(textproto.NewConn(connected))
		}
	}()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if _, err := fmt.Println(listener.Addr().(*net.TCPAddr).Port, seen.taken.Load(),
			seen.connections.Load()); err != nil {
			return err
		}
	}
	return listener.Close()
}

func (seen *counts) serve(c *textproto.Conn) {
	defer c.Close() //nolint:errcheck // only read
	answer := "220 sink.example.org ESMTP"
	for c.PrintfLine("%s", answer) == nil {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch verb {
		case "EHLO":
			answer = "250-sink.example.org\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES"
		case "DATA":
			if c.PrintfLine("354 Go on") != nil {
				return
			}
			if _, err := io.Copy(io.Discard, c.DotReader()); err != nil {
				return
			}
			seen.taken.Add(1)
			answer = "250 2.0.0 OK: queued"
		case "QUIT":
			_ = c.PrintfLine("221 2.0.0 Goodbye")
			return
		default:
			answer = "250 2.0.0 OK"
		}
	}
}

// sender is Messenger's own way to the sink, with its defaults.
func (s *sink) sender(b *testing.B) *smtp.Sender {
	b.Helper()
	sender, err := smtp.New(smtp.Config{
		Host: "127.0.0.1", Port: s.port, TLS: smtp.NoTLS, Domain: "north.example.org",
		From: smtp.Everyone(smtp.From{Address: "link-workers@north.example.org"}),
	})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, sender.Close()) })
	return sender
}

// alone is go-mail on one connection, kept for the whole turn: plain texts of the length of a broadcast's.
func (s *sink) alone(b *testing.B) sample {
	b.Helper()
	client, err := mail.NewClient("127.0.0.1", mail.WithPort(s.port), mail.WithTLSPolicy(mail.NoTLS),
		mail.WithHELO("north.example.org"))
	require.NoError(b, err)
	require.NoError(b, client.DialWithContext(context.WithoutCancel(b.Context())))
	by := newWriters(1)[0]
	turn := hammer(b, 1, func(int) error {
		message := mail.NewMsg()
		if err := message.From("link-workers@north.example.org"); err != nil {
			return err
		}
		if err := message.To("c1@example.org"); err != nil {
			return err
		}
		message.Subject("Hello")
		message.SetBodyString(mail.TypeTextPlain, body(by.zipf, nil))
		return client.Send(message)
	})
	require.NoError(b, client.Close())
	return turn
}
