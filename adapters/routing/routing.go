package routing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Step is one sender in an order.
type Step struct {
	Name   string // for the operator's log: "govuknotify"
	Sender adapters.Sender
	// OnlyWithNHSNumber passes the step over for a client without an NHS number: NHS Notify sends by nothing else.
	OnlyWithNHSNumber bool
}

// Order says which senders an organisation has for a medium, in the order to try. It may be called from many
// goroutines, and must give the same senders for a message until its outcome is known. None is our configuration's
// fault; an error is passing trouble.
type Order func(ctx context.Context, organisation adapters.OrganisationID, medium adapters.Medium) ([]Step, error)

// RepeatsDropper is what a sender implements whose Find says ErrNotSent only because the provider drops repeats of a
// reference, as nhsnotify does. Its Send says ErrNotSent only when nothing was sent.
type RepeatsDropper interface{ DropsRepeats() bool }

// Sender is an adapters.Sender, Finder and Lister over several. It may be used by many goroutines, and keeps no
// state: any process may go on with what another began.
type Sender struct {
	order  Order
	logger *slog.Logger
}

// New returns a sender that follows order, and tells logger (default: slog.Default) when a sender is passed over
// because of an error.
func New(order Order, logger *slog.Logger) *Sender {
	if logger == nil {
		logger = slog.Default()
	}
	return &Sender{order: order, logger: logger}
}

// Send is adapters.Sender. It hands the message to the first sender of the order, and to the next only when the one
// before surely did not take it: ErrNotSent, ErrConfiguration, ErrGuarded or *RateLimitError. Every other error ends
// it. When nobody took it, the error is the one of these after which a repeat promises most. A limit holds for all
// messages of the organisation and medium: where the order has a sender beside those that are limited, it says a few
// minutes at most.
func (s *Sender) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	steps, err := s.steps(ctx, message)
	if err != nil {
		return adapters.Receipt{}, err
	}
	if dropper, ok := dropper(steps); ok && !message.Unclear.IsZero() {
		// It may have taken an earlier attempt: repeated there, the message goes out once, and nowhere else would it.
		steps = []Step{dropper}
	}
	var refusals []error
	for _, step := range steps {
		receipt, err := step.send(ctx, message)
		if err == nil {
			return receipt, nil
		}
		if !surelyNotTaken(err) {
			return adapters.Receipt{}, fmt.Errorf("routing: %s: %w", step.Name, err)
		}
		if errors.Is(err, adapters.ErrBusy) { // it is well: its turn comes in a moment
			return adapters.Receipt{}, fmt.Errorf("routing: %s: %w", step.Name, adapters.ErrBusy)
		}
		if !errors.Is(err, adapters.ErrGuarded) { // it is well, and not for this client
			s.logger.WarnContext(ctx, "messenger: a sender did not take a message", "sender", step.Name, "error", err)
		}
		refusals = append(refusals, err)
		if ctx.Err() != nil {
			break
		}
	}
	return adapters.Receipt{}, fmt.Errorf("routing: nobody took it: %w", s.sooner(ctx, message, best(refusals), refusals))
}

// What a Send may take: of all steps together, enough for a mail server that delivers before it answers, and of a step
// that is not adapters.Slow.
const (
	allTake   = 30 * time.Minute
	stepTakes = time.Minute
)

// Takes is adapters.Slow: half an hour, since the order may have such a sender as smtp. Each has the time that it says
// itself, or a minute.
func (*Sender) Takes() time.Duration { return allTake }

func (s Step) send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	takes := stepTakes
	if slow, ok := s.Sender.(adapters.Slow); ok {
		takes = max(slow.Takes(), stepTakes)
	}
	ctx, cancel := context.WithTimeout(ctx, takes)
	defer cancel()
	return s.Sender.Send(ctx, message) //nolint:wrapcheck // Send wraps
}

// otherAsked is how long a limit may hold up an order in which a sender might take what the limited ones don't: one
// that is passed over for this client alone, or whose fault is mended meanwhile.
const otherAsked = 5 * time.Minute

// sooner is best, with a limit cut short where it is not all senders' of the order.
func (s *Sender) sooner(ctx context.Context, message adapters.Outgoing, best error, refusals []error) error {
	var limited *adapters.RateLimitError
	if !errors.As(best, &limited) || time.Until(limited.Until) <= otherAsked {
		return best
	}
	all, err := s.order(ctx, message.Organisation, message.Medium)
	limits := 0
	for _, refusal := range refusals {
		if errors.As(refusal, new(*adapters.RateLimitError)) {
			limits++
		}
	}
	if err == nil && limits == len(all) {
		return best
	}
	return &adapters.RateLimitError{Until: time.Now().Add(otherAsked)} //nolint:forbidigo // soon, not a time of day
}

// Limit is adapters.Limited: that of the order's strictest sender, because any of them may be the one that carries it.
// It is Elsewhere where all are.
func (s *Sender) Limit(
	ctx context.Context, organisation adapters.OrganisationID, medium adapters.Medium,
) (adapters.Limit, error) {
	steps, err := s.order(ctx, organisation, medium)
	if err != nil {
		return adapters.Limit{}, errors.New("routing: limit: the order is not known")
	}
	var strictest adapters.Limit
	elsewhere := 0
	for _, step := range steps {
		limited, ok := step.Sender.(adapters.Limited)
		if !ok {
			continue
		}
		limit, err := limited.Limit(ctx, organisation, medium)
		if err != nil {
			return adapters.Limit{}, fmt.Errorf("routing: limit: %s: %w", step.Name, err)
		}
		if limit.Elsewhere {
			elsewhere++
		}
		if strictest.Characters == 0 || limit.Characters > 0 && limit.Characters < strictest.Characters {
			strictest = limit
		}
	}
	strictest.Elsewhere = elsewhere > 0 && elsewhere == len(steps)
	return strictest, nil
}

// Carriers is adapters.Carrying: those of all senders of the order that know theirs.
func (s *Sender) Carriers(
	ctx context.Context, organisation adapters.OrganisationID, medium adapters.Medium,
) (all []string, err error) {
	steps, err := s.order(ctx, organisation, medium)
	if err != nil {
		return nil, errors.New("routing: carriers: the order is not known")
	}
	for _, step := range steps {
		carrying, ok := step.Sender.(adapters.Carrying)
		if !ok {
			continue
		}
		some, err := carrying.Carriers(ctx, organisation, medium)
		if err != nil {
			return nil, fmt.Errorf("routing: carriers: %s: %w", step.Name, err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// Find is adapters.Finder. It asks every sender of the order, because any may have been tried, by this process or one
// that is gone. One that has the message answers for all. It is ErrNotSent only when all say so; with one that can't be
// asked at all it is errors.ErrUnsupported, unless another has it or can't tell yet.
func (s *Sender) Find(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	steps, err := s.steps(ctx, message)
	if err != nil {
		return adapters.Receipt{}, errors.New("routing: find: the order is not known")
	}
	var unsupported, unclear error
	for _, step := range steps {
		finder, ok := step.Sender.(adapters.Finder)
		if !ok {
			unsupported = fmt.Errorf("routing: find: %s can't be asked: %w", step.Name, errors.ErrUnsupported)
			continue
		}
		receipt, err := finder.Find(ctx, message)
		if err == nil {
			return receipt, nil
		}
		switch err = fmt.Errorf("routing: find: %s: %w", step.Name, err); {
		case errors.Is(err, errors.ErrUnsupported):
			unsupported = err
		case !errors.Is(err, adapters.ErrNotSent) && unclear == nil:
			unclear = err
		}
	}
	if err := cmp.Or(unclear, unsupported); err != nil {
		return adapters.Receipt{}, err
	}
	return adapters.Receipt{}, fmt.Errorf("routing: find: %w", adapters.ErrNotSent)
}

// List is adapters.Lister: what all senders of the order have that can be asked; the others are none of asked.
func (s *Sender) List(
	ctx context.Context, organisation adapters.OrganisationID, medium adapters.Medium, since time.Time,
) (list []adapters.Receipt, asked []string, err error) {
	steps, err := s.order(ctx, organisation, medium)
	if err != nil {
		return nil, nil, errors.New("routing: list: the order is not known")
	}
	for _, step := range steps {
		lister, ok := step.Sender.(adapters.Lister)
		if !ok {
			continue
		}
		some, of, err := lister.List(ctx, organisation, medium, since)
		if errors.Is(err, errors.ErrUnsupported) {
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("routing: list: %s: %w", step.Name, err)
		}
		list, asked = append(list, some...), append(asked, of...)
	}
	if len(asked) == 0 {
		return nil, nil, fmt.Errorf("routing: list: nobody can be asked: %w", errors.ErrUnsupported)
	}
	return list, asked, nil
}

// steps is the order for this message.
func (s *Sender) steps(ctx context.Context, message adapters.Outgoing) ([]Step, error) {
	all, err := s.order(ctx, message.Organisation, message.Medium)
	if err != nil {
		return nil, fmt.Errorf("routing: %w: the order is not known", adapters.ErrNotSent)
	}
	steps, droppers := make([]Step, 0, len(all)), 0
	for _, step := range all {
		if step.OnlyWithNHSNumber && message.NHSNumber == "" {
			continue
		}
		if dropsRepeats(step.Sender) {
			droppers++
		}
		steps = append(steps, step)
	}
	switch {
	case len(steps) == 0:
		return nil, fmt.Errorf("routing: %w: no sender for this organisation and medium", adapters.ErrConfiguration)
	case droppers > 1: // a message that one may have taken could not be told from one that the other may have
		return nil, fmt.Errorf("routing: %w: more than one sender that drops repeats", adapters.ErrConfiguration)
	}
	return steps, nil
}

func dropper(steps []Step) (Step, bool) {
	for _, step := range steps {
		if dropsRepeats(step.Sender) {
			return step, true
		}
	}
	return Step{}, false
}

func dropsRepeats(sender adapters.Sender) bool {
	d, ok := sender.(RepeatsDropper)
	return ok && d.DropsRepeats()
}

func surelyNotTaken(err error) bool {
	var limited *adapters.RateLimitError
	return errors.Is(err, adapters.ErrNotSent) || errors.Is(err, adapters.ErrConfiguration) ||
		errors.Is(err, adapters.ErrGuarded) || errors.As(err, &limited)
}

// best is the refusal that is soonest over: passing trouble, then the earliest end of a limit, then a fault of ours,
// and last what holds for as long as the client is guarded.
func best(refusals []error) error {
	var earliest *adapters.RateLimitError
	for _, err := range refusals {
		var limited *adapters.RateLimitError
		if errors.Is(err, adapters.ErrNotSent) {
			return adapters.ErrNotSent
		}
		if errors.As(err, &limited) && (earliest == nil || endsBefore(limited.Until, earliest.Until)) {
			earliest = limited
		}
	}
	switch {
	case earliest != nil:
		return earliest
	case slices.ContainsFunc(refusals, func(err error) bool { return errors.Is(err, adapters.ErrConfiguration) }):
		return adapters.ErrConfiguration
	default:
		return adapters.ErrGuarded
	}
}

// endsBefore takes a limit without an end for the shorter one: most are over in seconds.
func endsBefore(a, b time.Time) bool { return !b.IsZero() && (a.IsZero() || a.Before(b)) }
