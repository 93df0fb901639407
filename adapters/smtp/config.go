package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// TLS is how the connection to the server is encrypted.
type TLS string

// The ways. The zero value is StartTLS.
const (
	StartTLS TLS = "starttls" // on port 587; a server that does not offer it gets nothing
	Implicit TLS = "implicit" // on port 465
	NoTLS    TLS = "none"     // to a loopback address only, for tests
)

// Config says which server carries the mail and whose mail it is. It never shows its password, however it is printed or
// logged.
type Config struct {
	Host string // required: the name on the server's certificate
	Port int    // default: 587, or 465 with Implicit
	TLS  TLS    // default: StartTLS

	// Username with either Password or Token signs in; all empty: the server takes our mail unasked. Token is called
	// for each new connection and returns an access token for XOAUTH2; it is to cache, and must be safe for concurrent
	// use.
	Username string
	Password string
	Token    func(ctx context.Context) (string, error)

	// From is required: it returns whom mail of an organisation comes from, and false for an organisation that may not
	// send. It does no I/O and is safe for concurrent use. See Everyone.
	From func(organisation adapters.OrganisationID) (From, bool)
	// Domain is ours, for Message-IDs and for EHLO: "riverside.example.org". Required.
	Domain string

	Connections           int           // how many at once, at most; default: 4
	MessagesPerConnection int           // how many messages one carries before it is closed; default: 100; 1 reuses none
	Idle                  time.Duration // how long an unused one is kept; default: 30 s
	// Timeout is how long one Send may take once it has its connection, whatever its context says; default: 15 minutes.
	// In it each step of the dialogue has what RFC 5321 4.5.3.2 gives it, up to the ten minutes that a server may take
	// to answer the final dot.
	Timeout time.Duration
	RootCAs *x509.CertPool // whose certificates are believed; default: the system's

	// HTML is the page beside the plain text, with your letterhead: a whole document. Default: the function HTML, of
	// the text and the link. The text has "\n" for each line end; what stands in it is a person's, so escape it, or let
	// the function HTML do so. A page without the message's link is not sent: adapters.ErrConfiguration. It does no I/O
	// and is safe for concurrent use.
	HTML func(message adapters.Outgoing) string
}

// From is whom mail comes from. The name that clients read is each message's own.
type From struct {
	Address string // required: "link-workers@riverside.example.org"
	Bounce  string // where bounces go, the envelope's sender; default: Address
	ReplyTo string // default: none, so that answers by email go to Address
}

// Everyone is a Config.From that is the same for every organisation.
func Everyone(from From) func(adapters.OrganisationID) (From, bool) {
	return func(adapters.OrganisationID) (From, bool) { return from, true }
}

// ParseURL reads a server from a URL: smtp://user:password@host:587 for STARTTLS, smtps://… for TLS from the first
// byte, and smtp://127.0.0.1:2525?tls=none for a test server. From and Domain are the caller's to set. Its errors do
// not repeat the URL.
func ParseURL(raw string) (Config, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Config{}, errors.New("smtp: the server's URL can't be read")
	}
	c := Config{Host: u.Hostname(), TLS: StartTLS}
	switch {
	case u.Scheme == "smtps":
		c.TLS = Implicit
	case u.Scheme != "smtp":
		return Config{}, errors.New("smtp: the server's URL must begin with smtp:// or smtps://")
	case u.Query().Get("tls") == string(NoTLS):
		c.TLS = NoTLS
	}
	if u.Port() != "" {
		if c.Port, err = strconv.Atoi(u.Port()); err != nil {
			return Config{}, errors.New("smtp: the port in the server's URL is not a number")
		}
	}
	c.Username = u.User.Username()
	c.Password, _ = u.User.Password()
	return c, nil
}

func (c Config) withDefaults() Config {
	if c.TLS == "" {
		c.TLS = StartTLS
	}
	if c.Port == 0 {
		c.Port = 587
		if c.TLS == Implicit {
			c.Port = 465
		}
	}
	if c.Connections == 0 {
		c.Connections = 4
	}
	if c.MessagesPerConnection == 0 {
		c.MessagesPerConnection = 100
	}
	if c.Idle == 0 {
		c.Idle = 30 * time.Second
	}
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Minute
	}
	return c
}

// validate names everything that is wrong at once.
func (c Config) validate() error {
	var wrong []error
	check := func(ok bool, what string) {
		if !ok {
			wrong = append(wrong, errors.New("smtp: Config."+what))
		}
	}
	check(c.Host != "", "Host is missing")
	check(c.Domain != "" && !strings.ContainsAny(c.Domain, " <>@\r\n"), "Domain is missing or not a domain")
	check(c.From != nil, "From is missing")
	check(c.Password == "" || c.Token == nil, "Password and Token exclude each other")
	check((c.Username == "") == (c.Password == "" && c.Token == nil), "Username goes with Password or Token")
	check(c.TLS == StartTLS || c.TLS == Implicit || c.TLS == NoTLS, "TLS is unknown")
	check(c.TLS != NoTLS || loopback(c.Host), "TLS: without TLS mail goes to this machine only")
	check(c.Port > 0 && c.Port < 1<<16, "Port is out of range")
	check(c.Connections > 0 && c.MessagesPerConnection > 0 && c.Idle > 0 && c.Timeout > 0,
		"Connections, MessagesPerConnection, Idle and Timeout are positive")
	return errors.Join(wrong...)
}

func (c Config) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12, RootCAs: c.RootCAs}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// valid is from with its defaults; an address that can't be one is our configuration's fault.
func (f From) valid() (From, bool) {
	if f.Bounce == "" {
		f.Bounce = f.Address
	}
	right := isAddress(f.Address) && isAddress(f.Bounce) && (f.ReplyTo == "" || isAddress(f.ReplyTo))
	return From{
		Address: withASCIIDomain(f.Address), Bounce: withASCIIDomain(f.Bounce), ReplyTo: withASCIIDomain(f.ReplyTo),
	}, right
}

// withASCIIDomain is an address whose domain is written as every server takes it: xn--… for letters beyond ASCII (RFC
// 5891). What is no such domain stays, for the server to refuse.
func withASCIIDomain(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 || ascii(address[at:]) {
		return address
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return address
	}
	return address[:at+1] + domain
}

// isAddress says whether address is a bare email address, with nothing around it.
func isAddress(address string) bool {
	parsed, err := mail.ParseAddress(address)
	return err == nil && parsed.Address == address && !strings.ContainsAny(address, "<> \r\n")
}

// Format prints the server, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.server()) }

// LogValue is the server.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.server()) }

func (c Config) server() string {
	return fmt.Sprintf("smtp server %s (%s)", net.JoinHostPort(c.Host, strconv.Itoa(c.Port)), c.TLS)
}
