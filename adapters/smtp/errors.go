package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"time"

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

// isEarly says whether the server had not been told a recipient.
func (s stage) isEarly() bool { return s == connecting || s == signingIn || s == naming }

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
		return refusal(at, reply, time.Now()) //nolint:forbidigo // a server says no time of its own
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
