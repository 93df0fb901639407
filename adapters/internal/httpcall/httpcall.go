// Package httpcall is what every adapter that calls a system over HTTP does the same way: one client, bounded answers,
// and errors that hold no address.
package httpcall

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// ErrNoConnection says that no connection came about: nothing of the request has left this machine.
var ErrNoConnection = errors.New("no connection")

// Client returns a client for one adapter to share: certificates checked, TLS 1.2 at least, a limit on a whole call,
// and no redirect followed, because it would carry the credentials and a client's details to wherever it points. With a
// client of the host's, base, its transport, cookies and timeout stay, and redirects are switched off in a copy.
func Client(base *http.Client, timeout time.Duration) *http.Client {
	client := &http.Client{Timeout: timeout}
	if base != nil {
		shared := *base
		client = &shared
	}
	if client.Transport == nil {
		client.Transport = transport()
	}
	if client.Timeout == 0 {
		client.Timeout = timeout
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

func transport() http.RoundTripper {
	shared, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // a host replaced it, for tracing say
		return http.DefaultTransport
	}
	own := shared.Clone()
	own.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	own.MaxIdleConnsPerHost = 16
	// A connection that died unseen would be used until the operating system gives it up, in a quarter of an hour.
	own.HTTP2 = &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second}
	return own
}

// BaseURL reads a setting that holds an absolute http or https address and returns it without trailing slashes. It
// refuses a query, a fragment and credentials: the error repeats none of it.
func BaseURL(text string) (string, error) {
	base, err := url.Parse(text)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return "", errors.New("not an absolute http or https address")
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return "", errors.New("an address with credentials, a query or a fragment")
	}
	return strings.TrimRight(text, "/"), nil
}

// SecureBaseURL is BaseURL for a service that is given a secret: https, or http to this machine.
func SecureBaseURL(text string) (string, error) {
	base, err := BaseURL(text)
	if err != nil {
		return "", err
	}
	if u, err := url.Parse(base); err == nil && u.Scheme != "https" && !isThisMachine(u.Hostname()) {
		return "", errors.New("not an https address")
	}
	return base, nil
}

func isThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Do makes one call and reads at most limit bytes of its answer, whose body it closes. A longer answer is an error. No
// error holds the request's address, which may name a client. One that is ErrNoConnection says that nothing was sent.
func Do(client *http.Client, request *http.Request, limit int64) (*http.Response, []byte, error) {
	// A transport of the host's may not tell: only one that asks for a connection and never gets it has sent nothing.
	var asked, connected atomic.Bool
	request = request.WithContext(httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	response, err := client.Do(request)
	if err != nil && asked.Load() && !connected.Load() {
		return nil, nil, fmt.Errorf("call: %w: %w", ErrNoConnection, withoutAddress(err))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("call: %w", withoutAddress(err))
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return response, nil, fmt.Errorf("read the answer: %w", withoutAddress(err))
	}
	if int64(len(body)) > limit {
		return response, nil, fmt.Errorf("the answer is longer than %d bytes", limit)
	}
	return response, body, nil
}

func withoutAddress(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// TimeOf is when an answer was given, by the clock of who gave it; where it does not say, now.
func TimeOf(header http.Header, now time.Time) time.Time {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		return date
	}
	return now
}

// RetryAfter reads the header of that name, seconds or a date, and returns when to try again; zero when it does not
// say. At most a day is believed. A date is counted from the answer's own, so that two clocks that differ do no harm.
func RetryAfter(header http.Header, now time.Time) time.Time {
	text := strings.TrimSpace(header.Get("Retry-After"))
	until, err := http.ParseTime(text)
	if err != nil {
		seconds, err := strconv.ParseInt(text, 10, 32)
		if err != nil || seconds <= 0 {
			return time.Time{}
		}
		until = now.Add(time.Duration(seconds) * time.Second)
	} else {
		until = now.Add(until.Sub(TimeOf(header, now)))
	}
	if longest := now.Add(24 * time.Hour); until.After(longest) {
		return longest
	}
	return until
}

// Answer is a whole answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Ask is Do for who needs the answer as one value.
func Ask(client *http.Client, request *http.Request, limit int64) (Answer, error) {
	response, body, err := Do(client, request, limit) //nolint:bodyclose // Do has closed it
	if err != nil {
		return Answer{}, err
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// Sending is what an error of Do means to a Sender: ErrNotSent when no connection came about, and otherwise what it is,
// an unknown outcome. It is not for a Finder, to whom ErrNotSent means something else.
func Sending(err error) error {
	if errors.Is(err, ErrNoConnection) {
		return fmt.Errorf("%w: %w", adapters.ErrNotSent, err)
	}
	return err
}
