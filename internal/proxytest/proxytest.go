// Package proxytest stands between a test's clients and a server, and has connections die as networks have them die.
// Only tests import it.
package proxytest

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Proxy carries TCP connections to a server until the test ends. Its methods may be called by any goroutine.
type Proxy struct {
	listener net.Listener

	mu     sync.Mutex
	target string
	open   []*link
	closed bool
	silent bool
}

// link is one connection and its other half at the server.
type link struct {
	ends    [2]net.Conn
	stalled atomic.Bool
}

// Start listens on a free port of 127.0.0.1 and carries to target, "host:port".
func Start(tb testing.TB, target string) *Proxy {
	tb.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0") //nolint:noctx // it ends with the test
	require.NoError(tb, err)
	p := &Proxy{listener: listener, target: target}
	var served sync.WaitGroup
	served.Go(func() { p.serve(&served) })
	tb.Cleanup(func() {
		p.close()
		served.Wait()
	})
	return p
}

// Port is where the proxy listens on 127.0.0.1.
func (p *Proxy) Port() uint16 {
	return uint16(p.listener.Addr().(*net.TCPAddr).Port)
}

// MoveTo has the connections to come carried to another server.
func (p *Proxy) MoveTo(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

// Target is where connections to come are carried.
func (p *Proxy) Target() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.target
}

// Stall has every open connection carry nothing any more, either way, and stay open: as one that a firewall has
// forgotten. New connections are carried. It returns how many there were.
func (p *Proxy) Stall() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	stalled := 0
	for _, l := range p.open {
		if l.stalled.CompareAndSwap(false, true) {
			stalled++
		}
	}
	return stalled
}

// Silence is Stall for the connections to come too: as a machine that lost its power.
func (p *Proxy) Silence() {
	p.mu.Lock()
	p.silent = true
	p.mu.Unlock()
	p.Stall()
}

// Cut closes every open connection, both ways, at once.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.open {
		l.close()
	}
}

func (l *link) close() {
	_ = l.ends[0].Close()
	_ = l.ends[1].Close()
}

func (p *Proxy) serve(served *sync.WaitGroup) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.DialTimeout("tcp", p.Target(), 10*time.Second) //nolint:noctx // it has a time-out
		if err != nil {
			_ = client.Close()
			continue
		}
		l := &link{ends: [2]net.Conn{client, server}}
		if !p.add(l) {
			l.close()
			return
		}
		served.Go(func() { l.carry(client, server) })
		served.Go(func() { l.carry(server, client) })
	}
}

func (p *Proxy) add(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = append(p.open, l)
	l.stalled.Store(p.silent)
	return !p.closed
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.listener.Close()
	p.Cut()
}

// carry copies one way until an end closes; what comes over a stalled link is read and thrown away.
func (l *link) carry(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !l.stalled.Load() {
			_, _ = to.Write(buffer[:n])
		}
		if err != nil {
			if !l.stalled.Load() {
				l.close()
			}
			return
		}
	}
}
