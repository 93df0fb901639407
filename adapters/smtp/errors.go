package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"regexp"
	"strings"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// stage is how far a dialogue with the server had come when it failed.
type stage string

const (
	connecting stage = "connecting"
	signingIn  stage = "signing in"
	naming     stage = "naming the sender" // MAIL FROM
	addressing stage = "naming the recipient"
	beginning  stage = "beginning the message" // DATA
	writing    stage = "writing the message"   // its end has not been sent, so no server may take it
	waiting    stage = "waiting for the answer to the message"
)

// adaptersError is one that has its meaning already.
type adaptersError struct{ error }

// explain gives the error of a stage its meaning, knowing that a connection is also lost because ctx has ended.
func explain(ctx context.Context, at stage, err error) error {
	var known *adaptersError
	var reply *textproto.Error
	switch {
	case errors.As(err, &known):
		return known.error
	case ctx.Err() != nil && !errors.As(err, &reply):
		err = ctx.Err()
	}
	return failure(at, err)
}

// failure gives an error of a stage its meaning. The text of a server's answer is never kept: it may repeat the
// address.
func failure(at stage, err error) error {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return refusal(at, reply)
	}
	switch {
	case at == waiting:
		return fmt.Errorf("smtp: no answer to the message, its outcome is unknown: %w", cause(err))
	case (at == connecting || at == signingIn) && ours(err):
		return fmt.Errorf("smtp: %s failed (%w): %w", at, cause(err), adapters.ErrConfiguration)
	default:
		return fmt.Errorf("smtp: %s failed (%w): %w", at, cause(err), adapters.ErrNotSent)
	}
}

// cause is an error that may be shown: one of the network's or the context's own.
func cause(err error) error {
	var network *net.OpError
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &dns):
		return errors.New("the server's name was not resolved")
	case errors.As(err, &network):
		return network.Err
	case ours(err):
		return errors.New("TLS was refused or its certificate is not good")
	}
	return errors.New("connection lost")
}

// errNoSTARTTLS and errNoAuth say that the server does not offer what our configuration asks for.
var (
	errNoSTARTTLS = errors.New("smtp: the server does not offer STARTTLS")
	errNoAuth     = errors.New("smtp: the server does not offer our way of signing in")
)

// ours says whether an error before the first message means that our configuration, or the server's certificate, is at
// fault.
func ours(err error) bool {
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var dns *net.DNSError
	return errors.Is(err, errNoSTARTTLS) || errors.Is(err, errNoAuth) ||
		errors.As(err, &certificate) || errors.As(err, &authority) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.As(err, &dns) && dns.IsNotFound
}

// enhanced is a status code of RFC 3463 at the beginning of an answer.
var enhanced = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})(\s|$)`)

// refusal is what a server's own answer means.
func refusal(at stage, reply *textproto.Error) error {
	status := ""
	if found := enhanced.FindStringSubmatch(reply.Msg); found != nil {
		status = found[1]
	}
	meaning := meaningOf(at, reply.Code, status, strings.ToLower(reply.Msg))
	return fmt.Errorf("smtp: the server refused when %s (%d %s): %w", at, reply.Code, status, meaning)
}

func meaningOf(at stage, code int, status, text string) error {
	switch {
	case code < 500 && limits(status, text):
		return &adapters.RateLimitError{}
	case code < 500:
		return adapters.ErrNotSent // greylisting, a full disk, a busy server: RFC 5321 4.2.1, nothing was taken
	case at == connecting || at == signingIn || code == 530:
		return adapters.ErrConfiguration
	case status == "5.2.2":
		return adapters.ErrNotSent // the mailbox is full: the address is right
	case code == 552 || code == 523 || status == "5.3.4":
		return adapters.ErrWrongContent // too large
	case at == naming || code >= 500 && code <= 504 && code != 501 || sendAsDenied(status):
		return adapters.ErrConfiguration
	case at == addressing && strings.HasPrefix(status, "5.7."):
		return adapters.ErrConfiguration // relaying denied, or our sender is not allowed: the address may be right
	case at == addressing || strings.HasPrefix(status, "5.1."):
		return adapters.ErrWrongContact
	default:
		return adapters.ErrWrongContent
	}
}

// limits says whether a passing refusal is about how much or how fast we send. RFC 3463 has no code for it alone: these
// are what Exchange (4.3.2), Gmail (4.7.28) and others say.
func limits(status, text string) bool {
	if status == "4.3.2" || status == "4.7.28" || status == "4.7.500" {
		return true
	}
	for _, words := range []string{"rate limit", "too many", "throttl", "too fast"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}

// sendAsDenied says whether the answer to a message is about us: our account may not send as From (Exchange 5.7.60,
// 5.2.252), or our domain fails SPF, DKIM or reverse DNS (RFC 7372: 5.7.20 to 5.7.27).
func sendAsDenied(status string) bool {
	return status == "5.7.60" || status == "5.2.252" || len(status) == 6 && status >= "5.7.20" && status <= "5.7.27"
}
