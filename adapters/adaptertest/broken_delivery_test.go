package adaptertest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
)

type senderFunc func(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error)

func (f senderFunc) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	return f(ctx, message)
}

// lenient says that it has a limit, and takes everything.
type lenient struct{ *memory.Sender }

func (lenient) Limit(context.Context, adapters.OrganisationID, adapters.Medium) (adapters.Limit, error) {
	return adapters.Limit{Characters: 500}, nil
}

// listing says that it has whatever list is.
type listing struct {
	*memory.Sender
	list func(m *memory.Sender) ([]adapters.Receipt, []string, error)
}

func (l listing) List(
	context.Context, adapters.OrganisationID, adapters.Medium, time.Time,
) ([]adapters.Receipt, []string, error) {
	return l.list(l.Sender)
}

func brokenLister(
	name, says string, list func(m *memory.Sender) ([]adapters.Receipt, []string, error),
) broken {
	return broken{"Sender " + name, says, func(t *testing.T) {
		adaptertest.Sender(t, senderOf(true, func(m *memory.Sender) adapters.Sender { return listing{m, list} }))
	}}
}

func listed(m *memory.Sender) (list []adapters.Receipt) {
	for _, message := range m.Outbox() {
		list = append(list, adapters.Receipt{Reference: message.Reference, Via: "memory"})
	}
	return list
}

func brokenSender(name, says string, drops bool, send func(m *memory.Sender) senderFunc) broken {
	return broken{"Sender " + name, says, func(t *testing.T) {
		adaptertest.Sender(t, senderOf(drops, func(m *memory.Sender) adapters.Sender { return send(m) }))
	}}
}

// failing is the plain sender with its errors changed.
func failing(name, says string, change func(message adapters.Outgoing, err error) error) broken {
	return brokenSender(name, says, false, func(m *memory.Sender) senderFunc {
		return func(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
			receipt, err := m.Plain().Send(ctx, message)
			if err != nil {
				err = change(message, err)
			}
			return receipt, err
		}
	})
}

func brokenSenders() []broken {
	var limit *adapters.RateLimitError
	return []broken{
		brokenSender("sends twice", "hand one message to the provider, once", false, func(m *memory.Sender) senderFunc {
			return func(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
				_, _ = m.Plain().Send(ctx, message)
				return m.Plain().Send(ctx, message)
			}
		}),
		brokenSender("repeats what it should drop", "drops by Reference", true,
			func(m *memory.Sender) senderFunc { return m.Plain().Send }),
		brokenSender("drops by message", "another Reference is another decision", true, func(m *memory.Sender) senderFunc {
			return func(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
				message.Reference = message.MessageID.String()
				return m.Send(ctx, message)
			}
		}),
		failing("calls a timeout a refusal",
			"a timeout included, is an unknown outcome", func(_ adapters.Outgoing, err error) error {
				if errors.Is(err, context.DeadlineExceeded) {
					return adapters.ErrWrongContact
				}
				return err
			}),
		failing("calls a lost answer not sent",
			"is an unknown outcome and none of the closed set", func(_ adapters.Outgoing, err error) error {
				if errors.Is(err, errLost) {
					return adapters.ErrNotSent
				}
				return err
			}),
		failing("calls a timeout a limited rate", "not a limited rate", func(_ adapters.Outgoing, err error) error {
			if errors.Is(err, context.DeadlineExceeded) {
				return &adapters.RateLimitError{}
			}
			return err
		}),
		failing("echoes the address in an error", "errors never hold a name",
			func(message adapters.Outgoing, err error) error {
				return fmt.Errorf("to %s: %w", message.To, err)
			}),
		failing("echoes the link in an error", "errors never hold a name", func(message adapters.Outgoing, err error) error {
			return fmt.Errorf("%s: %w", message.Link, err)
		}),
		{"Sender takes what it may not send elsewhere", "refuses what is Guarded", func(t *testing.T) {
			adaptertest.Sender(t, func(t *testing.T) adaptertest.SenderHarness {
				h := senderOf(true, func(m *memory.Sender) adapters.Sender { return m })(t)
				h.Elsewhere = true
				return h
			})
		}},
		failing("blames the address of who objected", "objected is this error", func(_ adapters.Outgoing, err error) error {
			if errors.Is(err, adapters.ErrObjected) {
				return adapters.ErrWrongContact
			}
			return err
		}),
		brokenLister("lists nothing", "what was taken is listed",
			func(*memory.Sender) ([]adapters.Receipt, []string, error) { return nil, []string{"memory"}, nil }),
		brokenLister("does not say who was asked", "asked are the systems that were",
			func(m *memory.Sender) ([]adapters.Receipt, []string, error) { return listed(m), nil, nil }),
		brokenLister("lists half without an error", "a list that is not whole is an error",
			func(m *memory.Sender) ([]adapters.Receipt, []string, error) {
				return listed(m), []string{"memory"}, nil
			}),
		{"Sender says a limit that it has not", "where the limit is 500", func(t *testing.T) {
			adaptertest.Sender(t, senderOf(true, func(m *memory.Sender) adapters.Sender { return lenient{m} }))
		}},
		failing("calls a wrong contact not sent", "wrong contact is this error", func(_ adapters.Outgoing, err error) error {
			if errors.Is(err, adapters.ErrWrongContact) {
				return adapters.ErrNotSent
			}
			return err
		}),
		failing("means two things by one error",
			"one thing of the closed set only", func(_ adapters.Outgoing, err error) error {
				if errors.Is(err, adapters.ErrConfiguration) {
					return fmt.Errorf("%w: %w", err, adapters.ErrNotSent)
				}
				return err
			}),
		failing("forgets until when", "Until is what the provider said", func(_ adapters.Outgoing, err error) error {
			if errors.As(err, &limit) {
				return &adapters.RateLimitError{}
			}
			return err
		}),
		failing("makes up until when", "Until is what the provider said", func(_ adapters.Outgoing, err error) error {
			if errors.As(err, &limit) {
				return &adapters.RateLimitError{Until: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
			}
			return err
		}),
		failing("calls a lost answer sent", "may not be called sent", func(_ adapters.Outgoing, err error) error {
			if errors.Is(err, errLost) || errors.Is(err, context.DeadlineExceeded) {
				return nil
			}
			return err
		}),
		brokenSender("ignores its context", "a call returns when its context ends", false, func(m *memory.Sender) senderFunc {
			return func(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
				return m.Plain().Send(context.WithoutCancel(ctx), message)
			}
		}),
		brokenSender("leaves a goroutine behind", "Send left a goroutine each time", false,
			func(m *memory.Sender) senderFunc {
				return func(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
					return leaky(ctx, func(ctx context.Context) (adapters.Receipt, error) { return m.Plain().Send(ctx, message) })
				}
			}),
		{"Sender whose harness blocks", "the harness must not block: Arrange did not return", func(t *testing.T) {
			adaptertest.Sender(t, func(t *testing.T) adaptertest.SenderHarness {
				harness := senderOf(false, (*memory.Sender).Plain)(t)
				arrange := harness.Arrange
				harness.Arrange = func(t *testing.T, message *adapters.Outgoing, outcome adaptertest.Outcome) bool {
					if outcome == adaptertest.Objected {
						select {}
					}
					return arrange(t, message, outcome)
				}
				return harness
			})
		}},
		brokenSender("breaks the link over lines", "link whole, on one line", false, func(m *memory.Sender) senderFunc {
			return func(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
				message.Text = strings.ReplaceAll(message.Text, message.Link, message.Link[:40]+"=\n"+message.Link[40:])
				return m.Plain().Send(ctx, message)
			}
		}),
		brokenSender("does not say what carried it", "Via says which system", false, func(m *memory.Sender) senderFunc {
			return func(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
				receipt, err := m.Plain().Send(ctx, message)
				receipt.Via = ""
				return receipt, err
			}
		}),
		brokenSender("is not safe for concurrent use", "each message is carried once", false,
			func(m *memory.Sender) senderFunc {
				var last shared[adapters.Outgoing]
				return func(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
					return m.Plain().Send(ctx, last.mixUp(message))
				}
			}),
		{"Sender prints its password", "a secret in the Sender printed", func(t *testing.T) {
			adaptertest.Sender(t,
				senderOf(false, func(m *memory.Sender) adapters.Sender { return talkative{m.Plain(), secret} }))
		}},
	}
}

type talkative struct {
	adapters.Sender
	password string
}

// askable is a sender that can be asked and repeats what it is given again.
type askable struct {
	adapters.Sender
	find senderFunc
}

func (a askable) Find(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	return a.find(ctx, message)
}

func brokenFinders() []broken {
	with := func(name, says string, change func(
		message *adapters.Outgoing, receipt adapters.Receipt, err error,
	) (adapters.Receipt, error),
	) broken {
		return broken{"Finder " + name, says, func(t *testing.T) {
			adaptertest.Sender(t, senderOf(false, func(m *memory.Sender) adapters.Sender {
				return askable{m.Plain(), func(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
					receipt, err := m.Find(ctx, message)
					return change(&message, receipt, err)
				}}
			}))
		}}
	}
	return []broken{
		with("found for not found", "surely not there is ErrNotSent", func(
			message *adapters.Outgoing, receipt adapters.Receipt, err error,
		) (adapters.Receipt, error) {
			if errors.Is(err, adapters.ErrNotSent) {
				return adapters.Receipt{Reference: message.Reference, Via: "memory"}, nil
			}
			return receipt, err
		}),
		with("not there for found", "is found by its Reference", func(
			*adapters.Outgoing, adapters.Receipt, error,
		) (adapters.Receipt, error) {
			return adapters.Receipt{}, adapters.ErrNotSent
		}),
		with("not there for cannot tell", "is not 'surely not there'", func(
			_ *adapters.Outgoing, receipt adapters.Receipt, err error,
		) (adapters.Receipt, error) {
			if err != nil {
				err = adapters.ErrNotSent
			}
			return receipt, err
		}),
		with("found for cannot tell", "so nothing was found", func(
			_ *adapters.Outgoing, receipt adapters.Receipt, err error,
		) (adapters.Receipt, error) {
			if err != nil && !errors.Is(err, adapters.ErrNotSent) {
				return adapters.Receipt{}, nil
			}
			return receipt, err
		}),
		with("cannot tell for not there", "surely not there is ErrNotSent", func(
			_ *adapters.Outgoing, receipt adapters.Receipt, err error,
		) (adapters.Receipt, error) {
			if errors.Is(err, adapters.ErrNotSent) {
				err = errLost
			}
			return receipt, err
		}),
		with("echoes the address", "errors never hold a name", func(
			message *adapters.Outgoing, receipt adapters.Receipt, err error,
		) (adapters.Receipt, error) {
			if err != nil {
				err = fmt.Errorf("asking for %s: %w", message.To, err)
			}
			return receipt, err
		}),
		with("another message's receipt", "found is its receipt", func(
			_ *adapters.Outgoing, receipt adapters.Receipt, err error,
		) (adapters.Receipt, error) {
			if err == nil {
				receipt.ProviderID = "another"
			}
			return receipt, err
		}),
	}
}

type callbacksFunc func(request adapters.CallbackRequest) (adapters.Callback, error)

func (f callbacksFunc) Callback(request adapters.CallbackRequest) (adapters.Callback, error) {
	return f(request)
}

func brokenCallbacks() []broken {
	with := func(name, says string, callback func(m *memory.Callbacks) callbacksFunc) broken {
		return broken{"Callbacks " + name, says, func(t *testing.T) {
			adaptertest.Callbacks(t, callbacksOf(func(m *memory.Callbacks) adapters.Callbacks { return callback(m) }))
		}}
	}
	receipts := func(change func(*adapters.Receipt)) func(m *memory.Callbacks) callbacksFunc {
		return func(m *memory.Callbacks) callbacksFunc {
			return func(request adapters.CallbackRequest) (adapters.Callback, error) {
				callback, err := m.Callback(request)
				for i := range callback.Receipts {
					change(&callback.Receipts[i])
				}
				return callback, err
			}
		}
	}
	return []broken{
		with("takes forgeries", "not the provider's is ErrNotSignedIn", func(m *memory.Callbacks) callbacksFunc {
			return func(request adapters.CallbackRequest) (adapters.Callback, error) {
				return m.Callback(m.Sign(request.Body))
			}
		}),
		with("takes the unsigned", "not the provider's is ErrNotSignedIn", func(m *memory.Callbacks) callbacksFunc {
			return func(request adapters.CallbackRequest) (adapters.Callback, error) {
				if len(request.Header) <= 1 {
					return adapters.Callback{}, nil
				}
				return m.Callback(request)
			}
		}),
		with("does not hear STOP", "STOP and nothing else is Stop", func(m *memory.Callbacks) callbacksFunc {
			return func(request adapters.CallbackRequest) (adapters.Callback, error) {
				callback, err := m.Callback(request)
				for i := range callback.Inbound {
					callback.Inbound[i].Stop = false
				}
				return callback, err
			}
		}),
		with("does not hear START", "START and nothing else is Start", func(m *memory.Callbacks) callbacksFunc {
			return func(request adapters.CallbackRequest) (adapters.Callback, error) {
				callback, err := m.Callback(request)
				for i := range callback.Inbound {
					callback.Inbound[i].Start = false
				}
				return callback, err
			}
		}),
		with("keeps the provider's way of numbers", "To is in E.164", func(m *memory.Callbacks) callbacksFunc {
			return func(request adapters.CallbackRequest) (adapters.Callback, error) {
				callback, err := m.Callback(request)
				for i := range callback.Inbound {
					callback.Inbound[i].To = strings.TrimPrefix(callback.Inbound[i].To, "+")
				}
				return callback, err
			}
		}),
		with("forgets the reason", "Failed has ErrWrongContact", receipts(func(r *adapters.Receipt) { r.Reason = nil })),
		with("one reason for all", "Failed has ErrWrongContact", receipts(func(r *adapters.Receipt) {
			if r.Status == adapters.Failed {
				r.Reason = adapters.ErrWrongContact
			}
		})),
		with("failed for delivered", "how far the provider says",
			receipts(func(r *adapters.Receipt) { r.Status = adapters.Failed })),
		with("names no message", "either Reference or ProviderID is set",
			receipts(func(r *adapters.Receipt) { r.Reference, r.ProviderID = "", "" })),
		with("reads a request once", "a repeated request reads the same", func(m *memory.Callbacks) callbacksFunc {
			var seen sync.Map
			return func(request adapters.CallbackRequest) (adapters.Callback, error) {
				callback, err := m.Callback(request)
				if _, again := seen.LoadOrStore(string(request.Body), true); again && len(callback.Receipts) > 0 {
					callback.Receipts[0].Via = "seen"
				}
				return callback, err
			}
		}),
		with("takes the unreadable", "can't be read is ErrWrongContent", func(m *memory.Callbacks) callbacksFunc {
			return func(request adapters.CallbackRequest) (adapters.Callback, error) {
				callback, err := m.Callback(request)
				if errors.Is(err, adapters.ErrWrongContent) {
					return adapters.Callback{}, nil
				}
				return callback, err
			}
		}),
		with("shows its key", "a secret in an error", func(m *memory.Callbacks) callbacksFunc {
			return func(request adapters.CallbackRequest) (adapters.Callback, error) {
				callback, err := m.Callback(request)
				if err != nil {
					err = fmt.Errorf("with key %s: %w", secret, err)
				}
				return callback, err
			}
		}),
	}
}
