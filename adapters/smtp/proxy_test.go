package smtp_test

import (
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// proxy stands before a server and can cut its connections.
type proxy struct {
	port int
	mu   sync.Mutex
	all  map[net.Conn]bool
}

func listen(t *testing.T, to int) *proxy {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{port: listener.Addr().(*net.TCPAddr).Port, all: map[net.Conn]bool{}}
	t.Cleanup(func() {
		_ = listener.Close()
		p.cut()
	})
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(to)))
			if err != nil {
				_ = client.Close()
				continue
			}
			p.keep(client, true)
			go p.pump(client, server)
			go p.pump(server, client)
		}
	}()
	return p
}

func (p *proxy) pump(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
	_ = from.Close()
	p.keep(from, false)
	p.keep(to, false)
}

func (p *proxy) keep(connection net.Conn, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if open {
		p.all[connection] = true
		return
	}
	delete(p.all, connection)
}

// cut closes every connection.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for connection := range p.all {
		_ = connection.Close()
	}
}

// open is how many connections there are.
func (p *proxy) open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.all)
}
