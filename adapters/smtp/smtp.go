package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"regexp"
	"time"

	"github.com/wneessen/go-mail"
	client "github.com/wneessen/go-mail/smtp"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// via is what carries the messages, as receipts say.
const via = "smtp"

// Sender is an adapters.Sender for email. Make one with New; it is safe for concurrent use.
type Sender struct {
	config *Config // a pointer, which fmt prints as an address inside another value
	pool   *pool
}

// New returns a Sender for one server. It names everything that is wrong with the configuration at once, and does not
// connect.
func New(config Config) (*Sender, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	return &Sender{config: &config, pool: newPool(config)}, nil
}

// Close closes the connections that are not in use; those in use are closed after their message. Sending goes on to
// work, with a new connection for each message.
func (s *Sender) Close() error {
	s.pool.close()
	return nil
}

// Format prints the server, whatever the verb: never credentials.
func (s *Sender) Format(f fmt.State, verb rune) { s.config.Format(f, verb) }

// Takes is adapters.Slow: Config.Timeout, and the wait for a connection.
func (s *Sender) Takes() time.Duration { return patience + s.config.Timeout }

// Send is adapters.Sender. When all connections stay in use it is adapters.ErrBusy after two seconds. A refusal by the
// server is one of its errors; a connection lost after the message's end was sent is not. The receipt says sent: the
// server took the message. Its ProviderID is the server's queue id, where it says one.
func (s *Sender) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	if err := check(message); err != nil {
		return adapters.Receipt{}, err
	}
	message.To = withASCIIDomain(message.To)
	from, ok := s.config.From(message.Organisation)
	if from, ok = validFrom(from, ok); !ok {
		return adapters.Receipt{},
			fmt.Errorf("smtp: no sender's address for this organisation: %w", adapters.ErrConfiguration)
	}
	if err := s.pool.enter(ctx); err != nil {
		return adapters.Receipt{}, err
	}
	defer s.pool.leave()
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	for {
		connection, reused, err := s.pool.get(ctx)
		if err != nil {
			return adapters.Receipt{}, err
		}
		answer, at, err := s.carry(ctx, connection, message, from)
		s.pool.put(connection)
		if reused && stale(at, err) {
			continue // the pool has dropped it; nothing was sent
		}
		if err != nil {
			return adapters.Receipt{}, explain(ctx, at, err)
		}
		return adapters.Receipt{
			Reference: message.Reference, ProviderID: queueID(answer), Via: via, Status: adapters.Sent,
		}, nil
	}
}

func validFrom(from From, ok bool) (From, bool) {
	if !ok {
		return From{}, false
	}
	return from.valid()
}

// stale says whether a connection that was kept had been given up by the server.
func stale(at stage, err error) bool {
	var reply *textproto.Error
	var known *adaptersError
	return at == naming && err != nil && !errors.As(err, &known) && (!errors.As(err, &reply) || reply.Code == 421)
}

// carry sends one message and returns the server's answer, or how far it came. A connection that can't be used again
// is marked.
func (s *Sender) carry(
	ctx context.Context, c *connection, message adapters.Outgoing, from From,
) (answer string, at stage, err error) {
	stop := c.obey(ctx)
	defer stop()
	c.carried++
	plainASCII := ascii(message.To) && ascii(from.Bounce)
	if utf8, _ := c.client.Extension("SMTPUTF8"); !plainASCII && !utf8 {
		return "", addressing,
			&adaptersError{fmt.Errorf("smtp: the server takes no address beyond ASCII: %w", beyondASCII(message.To))}
	}
	eightBit, _ := c.client.Extension("8BITMIME")
	mail, err := s.compose(message, from, eightBit)
	if err != nil {
		return "", naming, &adaptersError{err}
	}
	c.client.SkipSMTPUTF8(plainASCII)
	c.within(greetingTakes)
	if err := c.client.Mail("<" + from.Bounce + ">"); err != nil {
		c.broken = true
		return "", naming, err
	}
	c.within(greetingTakes)
	if err := c.client.Rcpt("<" + message.To + ">"); err != nil {
		c.broken = c.client.Reset() != nil
		return "", addressing, err
	}
	return c.write(mail)
}

// beyondASCII says whose address it is that the server does not take.
func beyondASCII(to string) error {
	if ascii(to) {
		return adapters.ErrConfiguration
	}
	return adapters.ErrWrongContact
}

// write sends the message itself. Only once its end is on the way may the server have taken it.
func (c *connection) write(mail *mail.Msg) (answer string, at stage, err error) {
	c.broken = true
	c.within(dataTakes)
	writer, err := c.client.Data()
	if err != nil {
		return "", beginning, err
	}
	c.within(writingTakes)
	if _, err := mail.WriteTo(writer); err != nil {
		return "", writing, err
	}
	c.within(endTakes)
	if err := writer.Close(); err != nil {
		var reply *textproto.Error
		c.broken = !errors.As(err, &reply) || reply.Code == 421
		return "", waiting, err
	}
	c.broken = false
	if closer, ok := writer.(*client.DataCloser); ok {
		answer = closer.ServerResponse()
	}
	return answer, waiting, nil
}

// queued is how Postfix and others name a message: nothing but their own id is taken from the answer.
var queued = regexp.MustCompile(`queued as ([0-9A-Za-z._-]{1,100})`)

func queueID(answer string) string {
	if found := queued.FindStringSubmatch(answer); found != nil {
		return found[1]
	}
	return ""
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] > '~' {
			return false
		}
	}
	return true
}

var _ io.Closer = (*Sender)(nil)

// Carriers is adapters.Carrying.
func (*Sender) Carriers(context.Context, adapters.OrganisationID, adapters.Medium) ([]string, error) {
	return []string{via}, nil
}
