package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
	client "github.com/wneessen/go-mail/smtp"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// pool keeps connections that have signed in, so that a broadcast does not sign in for each message.
type pool struct {
	config Config
	places chan struct{} // one for each connection that may be in use

	mu     sync.Mutex
	idle   []*connection // the one used last is last
	closed bool
}

// connection is one signed-in connection. It is used by one goroutine at a time.
type connection struct {
	network net.Conn
	client  *client.Client
	carried int  // messages so far
	broken  bool // not to be used again
	expiry  *time.Timer
}

func newPool(config Config) *pool {
	return &pool{config: config, places: make(chan struct{}, config.Connections)}
}

// patience is how long a message waits for a connection: about as long as one of a server that is well takes. A longer
// wait is the caller's, who may do something else meanwhile.
const patience = 2 * time.Second

// enter waits for a place, which must be left. Its error has its meaning.
func (p *pool) enter(ctx context.Context) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case p.places <- struct{}{}:
		return nil
	case <-timer.C:
		return fmt.Errorf("smtp: all %d connections are in use: %w", p.config.Connections, adapters.ErrBusy)
	case <-ctx.Done():
		return failure(connecting, ctx.Err())
	}
}

func (p *pool) leave() { <-p.places }

// get returns a connection for who has a place, which must be put back. Its error has its meaning.
func (p *pool) get(ctx context.Context) (c *connection, reused bool, err error) {
	if c := p.take(); c != nil {
		return c, true, nil
	}
	c, err = p.dial(ctx)
	return c, false, err
}

func (p *pool) take() *connection {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		c := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if c.expiry.Stop() {
			return c
		}
	}
	return nil
}

// put gives a connection back, to be kept if it is good.
func (p *pool) put(c *connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.broken || p.closed || c.carried >= p.config.MessagesPerConnection {
		go c.end()
		return
	}
	c.expiry = time.AfterFunc(p.config.Idle, func() { p.expire(c) })
	p.idle = append(p.idle, c)
}

func (p *pool) expire(c *connection) {
	p.mu.Lock()
	if i := slices.Index(p.idle, c); i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
	}
	p.mu.Unlock()
	c.end()
}

func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, c := range idle {
		if c.expiry.Stop() {
			c.end()
		}
	}
}

// end says goodbye, as far as the server still listens, and closes the connection.
func (c *connection) end() {
	defer time.AfterFunc(time.Second, func() { _ = c.network.Close() }).Stop()
	if !c.broken {
		_ = c.client.Quit()
	}
	_ = c.network.Close()
}

// obey closes the connection when ctx ends, which ends whatever waits for it. Once stop has returned it is left alone.
func (c *connection) obey(ctx context.Context) (stop func()) {
	off := context.AfterFunc(ctx, func() { _ = c.network.Close() })
	return func() {
		if !off() {
			c.broken = true
		}
	}
}

// What RFC 5321 4.5.3.2 has a client wait for, at least.
const (
	greetingTakes = 5 * time.Minute // signing in, naming and addressing likewise
	dataTakes     = 2 * time.Minute
	writingTakes  = 3 * time.Minute
	endTakes      = 10 * time.Minute // the server may deliver before it answers the final dot

	dialTakes = 30 * time.Second // our own: what has no connection by then is away
)

// within gives the next step of the dialogue its time.
func (c *connection) within(takes time.Duration) {
	_ = c.network.SetDeadline(time.Now().Add(takes)) //nolint:forbidigo // the network's own clock
}

// dial connects, encrypts and signs in. Its error has its meaning.
func (p *pool) dial(ctx context.Context) (*connection, error) {
	c := &connection{}
	stop := func() {}
	dialer, err := mail.NewClient(p.config.Host, p.options(func(
		dialCtx context.Context, network, address string,
	) (net.Conn, error) {
		connected, err := (&net.Dialer{Timeout: dialTakes}).DialContext(dialCtx, network, address)
		if err != nil {
			return nil, err
		}
		c.network = connected
		stop = c.obey(ctx)
		return encrypted(dialCtx, connected, p.config)
	})...)
	if err != nil {
		return nil, fmt.Errorf("smtp: the configuration is refused: %w", adapters.ErrConfiguration)
	}
	at, err := p.signIn(ctx, c, dialer)
	stop()
	if err == nil && !c.broken {
		return c, nil
	}
	if c.network != nil {
		_ = c.network.Close()
	}
	return nil, explain(ctx, at, err)
}

func (p *pool) options(dial mail.DialContextFunc) []mail.Option {
	options := []mail.Option{
		mail.WithPort(p.config.Port), mail.WithHELO(p.config.Domain), mail.WithTLSConfig(p.config.tlsConfig()),
		mail.WithTimeout(greetingTakes), mail.WithDialContextFunc(dial), mail.WithTLSPolicy(mail.NoTLS),
	}
	if p.config.TLS == StartTLS {
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	return options
}

func encrypted(ctx context.Context, connected net.Conn, config Config) (net.Conn, error) {
	if config.TLS != Implicit {
		return connected, nil
	}
	secure := tls.Client(connected, config.tlsConfig())
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secure, nil
}

func (p *pool) signIn(ctx context.Context, c *connection, dialer *mail.Client) (at stage, err error) {
	c.client, err = dialer.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if strings.Contains(err.Error(), "does not support STARTTLS") { // go-mail has no value for it
			err = errNoSTARTTLS
		}
		return connecting, err
	}
	c.client.SetDSNMailReturnOption(string(mail.DSNMailReturnHeadersOnly))
	c.client.SetDSNRcptNotifyOption(string(mail.DSNRcptNotifyFailure))
	if p.config.Username != "" {
		auth, err := p.auth(ctx, c.client)
		if err != nil {
			return signingIn, err
		}
		c.within(greetingTakes)
		if err := c.client.Auth(auth); err != nil {
			return signingIn, err
		}
	}
	return signingIn, nil
}

// auth chooses how to sign in, of what the server offers.
func (p *pool) auth(ctx context.Context, c *client.Client) (client.Auth, error) {
	_, offer := c.Extension("AUTH")
	offers := func(way string) bool { return slices.Contains(strings.Fields(strings.ToUpper(offer)), way) }
	switch {
	case p.config.Token != nil && offers("XOAUTH2"):
		token, err := p.config.Token(ctx)
		if err != nil {
			return nil, &adaptersError{fmt.Errorf("smtp: there is no token to sign in with: %w", tokenMeaning(err))}
		}
		return client.XOAuth2Auth(p.config.Username, token), nil
	case p.config.Token == nil && offers("PLAIN"):
		return client.PlainAuth("", p.config.Username, p.config.Password, p.config.Host, false), nil
	case p.config.Token == nil && offers("LOGIN"):
		return client.LoginAuth(p.config.Username, p.config.Password, p.config.Host, false), nil
	}
	return nil, errNoAuth
}

// tokenMeaning keeps what a token source says by the closed set, and none of its words.
func tokenMeaning(err error) error {
	if errors.Is(err, adapters.ErrConfiguration) {
		return adapters.ErrConfiguration
	}
	return adapters.ErrNotSent
}
