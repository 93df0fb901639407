package routing_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/adapters/routing"
)

var errLost = errors.New("connection lost")

// drops is a carrier that drops repeats and can't be asked, as NHS Notify.
type drops struct{ *memory.Sender }

func (drops) DropsRepeats() bool { return true }
func (drops) Find(context.Context, adapters.Outgoing) (adapters.Receipt, error) {
	return adapters.Receipt{}, adapters.ErrNotSent
}

// bundle is an order of three: one that drops repeats, one that can be asked and one that can do neither.
type bundle struct {
	app, notify, smtp *memory.Sender
	log               bytes.Buffer
}

func setup(t *testing.T) *bundle {
	t.Helper()
	return &bundle{app: memory.NewSender("app"), notify: memory.NewSender("notify"), smtp: memory.NewSender("smtp")}
}

func (b *bundle) sender(names ...string) *routing.Sender {
	all := map[string]routing.Step{
		"app":    {Name: "app", Sender: drops{b.app}, OnlyWithNHSNumber: true},
		"notify": {Name: "notify", Sender: b.notify},
		"smtp":   {Name: "smtp", Sender: b.smtp.Plain()},
	}
	var steps []routing.Step
	for _, name := range names {
		steps = append(steps, all[name])
	}
	return routing.New(func(context.Context, adapters.OrganisationID, adapters.Medium) ([]routing.Step, error) {
		return steps, nil
	}, slog.New(slog.NewTextHandler(&b.log, nil)))
}

func (b *bundle) carried(message adapters.Outgoing) int {
	return b.app.Carried(message.Reference) + b.notify.Carried(message.Reference) + b.smtp.Carried(message.Reference)
}

func newMessage() adapters.Outgoing {
	id := uuid.New()
	return adapters.Outgoing{
		MessageID: id, Reference: id.String(), Organisation: "riverside", Medium: adapters.SMS, To: "+447700900123",
		NHSNumber: "9990000018", Text: "Hello", FirstTried: time.Now(),
	}
}

func TestTheFirstThatTakesItIsTheOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	message := newMessage()
	receipt, err := b.sender("app", "notify").Send(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, "app", receipt.Via)
	require.Equal(t, 1, b.carried(message))
	require.Zero(t, b.notify.Calls())
	require.Empty(t, b.log.String())
}

func TestOnlyWhatWasSurelyNotTakenMovesOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err   error
		moves bool
	}{
		{adapters.ErrNotSent, true},
		{adapters.ErrConfiguration, true},
		{&adapters.RateLimitError{}, true},
		{adapters.ErrWrongContact, false},
		{adapters.ErrWrongContent, false},
		{errLost, false},
		{context.DeadlineExceeded, false},
	} {
		b := setup(t)
		b.notify.FailNext(c.err)
		message := newMessage()
		receipt, err := b.sender("notify", "smtp").Send(t.Context(), message)
		if c.moves {
			require.NoError(t, err)
			require.Equal(t, "smtp", receipt.Via)
			require.Contains(t, b.log.String(), "sender=notify")
			continue
		}
		require.ErrorIs(t, err, c.err)
		require.Zero(t, b.smtp.Calls(), "%v is not known to be unsent", c.err)
	}
}

// A message that nobody was handed yet follows the order, also where one of it drops repeats.
func TestAFirstTryFollowsTheOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	receipt, err := b.sender("notify", "app").Send(t.Context(), newMessage())
	require.NoError(t, err)
	require.Equal(t, "notify", receipt.Via)
}

// Who waits no more has no further sender tried.
func TestNoFurtherSenderIsTriedForNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	first := refusing{cancel}
	sender := routing.New(func(context.Context, adapters.OrganisationID, adapters.Medium) ([]routing.Step, error) {
		return []routing.Step{{Name: "first", Sender: first}, {Name: "smtp", Sender: b.smtp}}, nil
	}, nil)
	_, err := sender.Send(ctx, newMessage())
	require.ErrorIs(t, err, adapters.ErrNotSent)
	require.Zero(t, b.smtp.Calls())
}

// refusing sends nothing, and then nobody waits.
type refusing struct{ gone func() }

func (r refusing) Send(context.Context, adapters.Outgoing) (adapters.Receipt, error) {
	r.gone()
	return adapters.Receipt{}, adapters.ErrNotSent
}

func TestAClientWithoutANHSNumberIsPassedOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	message := newMessage()
	message.NHSNumber = ""
	receipt, err := b.sender("app", "notify").Send(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, "notify", receipt.Via)
	require.Zero(t, b.app.Calls())
	_, err = b.sender("app").Send(t.Context(), message)
	require.ErrorIs(t, err, adapters.ErrConfiguration)
}

func TestWhenNobodyTookItTheSoonestHopeIsSaid(t *testing.T) {
	t.Parallel()
	soon, late := time.Now().Add(time.Minute), time.Now().Add(time.Hour)
	limited := func(until time.Time) error { return &adapters.RateLimitError{Until: until} }
	for _, c := range []struct{ first, second, want error }{
		{adapters.ErrConfiguration, adapters.ErrConfiguration, adapters.ErrConfiguration},
		{adapters.ErrConfiguration, adapters.ErrNotSent, adapters.ErrNotSent},
		{limited(late), adapters.ErrNotSent, adapters.ErrNotSent},
		{limited(late), limited(soon), limited(soon)},
		{limited(late), limited(time.Time{}), limited(time.Time{})},
		{limited(time.Time{}), limited(late), limited(time.Time{})},
		{adapters.ErrConfiguration, limited(soon), limited(soon)},
	} {
		b := setup(t)
		b.notify.FailNext(c.first)
		b.smtp.FailNext(c.second)
		_, err := b.sender("notify", "smtp").Send(t.Context(), newMessage())
		var want, got *adapters.RateLimitError
		if errors.As(c.want, &want) {
			require.ErrorAs(t, err, &got)
			require.Equal(t, want.Until, got.Until)
			require.NotErrorIs(t, err, adapters.ErrConfiguration)
			continue
		}
		require.ErrorIs(t, err, c.want)
	}
}

// A limit of a day that one sender says holds up no message that another might take before: one that only lacks a
// number for this client, or whose fault is mended meanwhile.
func TestALimitOfOneIsNotTheOthers(t *testing.T) {
	t.Parallel()
	day := time.Now().Add(8 * time.Hour)
	limited := &adapters.RateLimitError{Until: day}
	for name, c := range map[string]struct {
		order  []string
		faults []error // of notify and smtp
		cut    bool
	}{
		"the other is passed over":   {[]string{"app", "notify"}, []error{limited}, true},
		"the other is misconfigured": {[]string{"notify", "smtp"}, []error{limited, adapters.ErrConfiguration}, true},
		"there is no other":          {[]string{"notify"}, []error{limited}, false},
		"both are limited":           {[]string{"notify", "smtp"}, []error{limited, limited}, false},
	} {
		b := setup(t)
		b.notify.FailNext(c.faults[0])
		if len(c.faults) > 1 {
			b.smtp.FailNext(c.faults[1])
		}
		message := newMessage()
		message.NHSNumber = ""
		_, err := b.sender(c.order...).Send(t.Context(), message)
		var got *adapters.RateLimitError
		require.ErrorAs(t, err, &got, name)
		require.Equal(t, c.cut, got.Until.Before(time.Now().Add(10*time.Minute)), name)
	}
}

func TestAnUnknownOutcomeIsClearedUpBeforeItIsSentElsewhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	message := newMessage()
	b.notify.LoseNext(errLost) // it took the message, and its answer was lost
	_, err := b.sender("notify", "smtp").Send(t.Context(), message)
	require.ErrorIs(t, err, errLost)

	// Another process goes on, with nothing but the order.
	message.Unclear = time.Now()
	receipt, err := b.sender("notify", "smtp").Find(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, "notify", receipt.Via)
	require.Equal(t, 1, b.carried(message))
}

func TestFindAsksAllAndIsNotSentOnlyWhenAllSaySo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		order       []string
		arrange     func(b *bundle, message adapters.Outgoing)
		found       string
		notSent     bool
		unsupported bool
	}{
		{"the second has it", []string{"app", "notify"}, func(b *bundle, m adapters.Outgoing) {
			_, _ = b.notify.Send(context.Background(), m)
		}, "notify", false, false},
		{"nobody has it", []string{"app", "notify"}, func(*bundle, adapters.Outgoing) {}, "", true, false},
		{"one can't tell now", []string{"app", "notify"}, func(b *bundle, _ adapters.Outgoing) {
			b.notify.FailNext(errLost)
		}, "", false, false},
		{"one can't be asked", []string{"notify", "smtp"}, func(*bundle, adapters.Outgoing) {}, "", false, true},
		{"one can't be asked, another can't tell yet", []string{"notify", "smtp"}, func(b *bundle, _ adapters.Outgoing) {
			b.notify.FailNext(errLost)
		}, "", false, false},
		{"one can't be asked, another has it", []string{"smtp", "notify"}, func(b *bundle, m adapters.Outgoing) {
			_, _ = b.notify.Send(context.Background(), m)
		}, "notify", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, message := setup(t), newMessage()
			c.arrange(b, message)
			receipt, err := b.sender(c.order...).Find(t.Context(), message)
			if c.found != "" {
				require.NoError(t, err)
				require.Equal(t, c.found, receipt.Via)
				return
			}
			require.Equal(t, c.notSent, errors.Is(err, adapters.ErrNotSent), "%v", err)
			require.Equal(t, c.unsupported, errors.Is(err, errors.ErrUnsupported), "%v", err)
		})
	}
}

// The one that drops repeats may have taken an attempt that Find could not see: whatever becomes of the others, nobody
// else may be handed the message.
func TestAfterAnUnknownOutcomeTheOneThatDropsRepeatsStandsInFirst(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"app", "notify"}, {"notify", "app"}} {
		b, message := setup(t), newMessage()
		if order[0] == "notify" {
			b.notify.FailNext(adapters.ErrNotSent)
		}
		b.app.LoseNext(errLost)
		_, err := b.sender(order...).Send(t.Context(), message)
		require.ErrorIs(t, err, errLost)

		message.Unclear = time.Now()
		_, err = b.sender(order...).Find(t.Context(), message)
		require.ErrorIs(t, err, adapters.ErrNotSent)
		b.app.FailNext(adapters.ErrNotSent) // down for once
		_, err = b.sender(order...).Send(t.Context(), message)
		require.ErrorIs(t, err, adapters.ErrNotSent)
		receipt, err := b.sender(order...).Send(t.Context(), message)
		require.NoError(t, err)
		require.Equal(t, "app", receipt.Via)
		require.Equal(t, 1, b.carried(message), "the client gets it once")
	}
}

func TestOneThatDropsRepeatsIsTheMost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.sender("app", "app").Send(t.Context(), newMessage())
	require.ErrorIs(t, err, adapters.ErrConfiguration)
	require.Zero(t, b.app.Calls())
}

func TestAnOrderThatIsNotKnownSendsNothing(t *testing.T) {
	t.Parallel()
	failing := routing.New(func(context.Context, adapters.OrganisationID, adapters.Medium) ([]routing.Step, error) {
		return nil, errLost
	}, nil)
	_, err := failing.Send(t.Context(), newMessage())
	require.ErrorIs(t, err, adapters.ErrNotSent)
	_, err = failing.Find(t.Context(), newMessage())
	require.Error(t, err)
	require.NotErrorIs(t, err, adapters.ErrNotSent)
	_, err = setup(t).sender().Find(t.Context(), newMessage())
	require.Error(t, err)
	require.NotErrorIs(t, err, adapters.ErrNotSent)
}

func TestSenderConforms(t *testing.T) {
	t.Parallel()
	for _, position := range []string{"first", "second"} {
		t.Run(position, func(t *testing.T) {
			t.Parallel()
			adaptertest.Sender(t, func(t *testing.T) adaptertest.SenderHarness { return harness(setup(t), position) })
		})
	}
}

// harness is a router of which one sender is arranged; as the second, it comes after one that never takes anything.
func harness(b *bundle, position string) adaptertest.SenderHarness {
	broken := memory.NewSender("broken")
	steps := []routing.Step{{Name: "notify", Sender: lists{b.notify, "notify"}}}
	if position == "second" {
		broken.FailAll(adapters.ErrConfiguration)
		steps = append([]routing.Step{{Name: "broken", Sender: neverHas{broken}}}, steps...)
	}
	release := func() {}
	return adaptertest.SenderHarness{
		Sender: routing.New(func(context.Context, adapters.OrganisationID, adapters.Medium) ([]routing.Step, error) {
			return steps, nil
		}, slog.New(slog.DiscardHandler)),
		Medium: adapters.SMS, DropsRepeats: true,
		Arrange: func(_ *testing.T, _ *adapters.Outgoing, outcome adaptertest.Outcome) bool {
			release()
			release = func() {}
			refusal, refuses := map[adaptertest.Outcome]error{
				adaptertest.WrongContact: adapters.ErrWrongContact, adaptertest.WrongContent: adapters.ErrWrongContent,
				adaptertest.Misconfigured: adapters.ErrConfiguration, adaptertest.RateLimited: &adapters.RateLimitError{},
				adaptertest.RateLimitedUntil: &adapters.RateLimitError{Until: time.Now().Add(time.Minute)},
				adaptertest.Down:             errLost, adaptertest.ServerError: errLost,
			}[outcome]
			switch {
			case refuses:
				b.notify.FailNext(refusal)
			case outcome == adaptertest.TimeoutBefore:
				release = b.notify.Hold()
			case outcome == adaptertest.DroppedAfter:
				b.notify.LoseNext(errLost)
			default:
				return outcome == adaptertest.Accepted
			}
			return true
		},
		Carried: func(_ *testing.T, reference string) int { return b.notify.Carried(reference) },
	}
}

// lists is a carrier that can be asked for all that it has.
type lists struct {
	*memory.Sender
	via string
}

func (l lists) List(
	ctx context.Context, _ adapters.OrganisationID, _ adapters.Medium, _ time.Time,
) (list []adapters.Receipt, asked []string, err error) {
	if _, err := l.Find(ctx, adapters.Outgoing{}); !errors.Is(err, adapters.ErrNotSent) {
		return nil, nil, err
	}
	for _, message := range l.Outbox() {
		list = append(list, adapters.Receipt{Reference: message.Reference, Via: l.via})
	}
	return list, []string{l.via}, nil
}

// What those of the order have that can be asked is one list, which says whom it is of; a step that fails leaves none.
func TestListJoinsThoseThatCanBeAsked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	app, notify := lists{b.app, "app"}, lists{b.notify, "notify"}
	list := func(senders ...adapters.Sender) ([]adapters.Receipt, []string, error) {
		var steps []routing.Step
		for _, sender := range senders {
			steps = append(steps, routing.Step{Name: "one", Sender: sender})
		}
		return routing.New(func(
			_ context.Context, _ adapters.OrganisationID, medium adapters.Medium,
		) ([]routing.Step, error) {
			require.Equal(t, adapters.SMS, medium)
			return steps, nil
		}, nil).List(t.Context(), "riverside", adapters.SMS, time.Now())
	}
	for _, sender := range []adapters.Sender{app, notify, b.smtp} {
		_, err := sender.Send(t.Context(), newMessage())
		require.NoError(t, err)
	}
	all, asked, err := list(app, b.smtp.Plain(), notify)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, []string{"app", "notify"}, asked)
	_, _, err = list(b.smtp.Plain(), routing.New(
		func(context.Context, adapters.OrganisationID, adapters.Medium) ([]routing.Step, error) {
			return nil, nil
		}, nil))
	require.ErrorIs(t, err, errors.ErrUnsupported)
	b.notify.FailNext(errLost)
	_, _, err = list(app, notify)
	require.ErrorIs(t, err, errLost)
}

// neverHas is a carrier that takes nothing and knows it.
type neverHas struct{ *memory.Sender }

func (neverHas) Find(context.Context, adapters.Outgoing) (adapters.Receipt, error) {
	return adapters.Receipt{}, adapters.ErrNotSent
}

func TestLimitIsTheStrictest(t *testing.T) {
	t.Parallel()
	long, short, none := memory.NewSender("long"), memory.NewSender("short"), memory.NewSender("none")
	long.SetLimit(adapters.Limit{Characters: 1600})
	short.SetLimit(adapters.Limit{Characters: 918, Replace: func(text string) string {
		return strings.ReplaceAll(text, "…", "...")
	}})
	for name, steps := range map[string][]routing.Step{
		"first":           {{Name: "a", Sender: short}, {Name: "b", Sender: long}},
		"none at the end": {{Name: "a", Sender: short}, {Name: "b", Sender: none}},
		"last": {
			{Name: "a", Sender: none}, {Name: "b", Sender: long}, {Name: "c", Sender: short, OnlyWithNHSNumber: true},
		},
	} {
		sender := routing.New(func(context.Context, adapters.OrganisationID, adapters.Medium) ([]routing.Step, error) {
			return steps, nil
		}, nil)
		limit, err := sender.Limit(t.Context(), "org-1", adapters.SMS)
		require.NoError(t, err, name)
		require.Equal(t, 918, limit.Characters, name)
		require.Equal(t, "...", limit.Sent("…"), name)
		require.False(t, limit.Elsewhere, "one sends to the client's own address")
	}
	long.SetLimit(adapters.Limit{Characters: 1600, Elsewhere: true})
	short.SetLimit(adapters.Limit{Characters: 918, Elsewhere: true})
	for _, steps := range [][]routing.Step{
		{{Name: "a", Sender: short}, {Name: "b", Sender: long}}, {{Name: "a", Sender: none}, {Name: "b", Sender: long}}, {},
	} {
		sender := routing.New(func(context.Context, adapters.OrganisationID, adapters.Medium) ([]routing.Step, error) {
			return steps, nil
		}, nil)
		limit, err := sender.Limit(t.Context(), "org-1", adapters.SMS)
		require.NoError(t, err)
		require.Equal(t, len(steps) > 0 && steps[0].Sender == adapters.Sender(short), limit.Elsewhere)
	}
	sender := routing.New(func(context.Context, adapters.OrganisationID, adapters.Medium) ([]routing.Step, error) {
		return nil, errors.New("away")
	}, nil)
	_, err := sender.Limit(t.Context(), "org-1", adapters.SMS)
	require.Error(t, err)
}

func TestABusySenderKeepsItsMessage(t *testing.T) {
	t.Parallel()
	first, second := memory.NewSender("first"), memory.NewSender("second")
	first.FailNext(adapters.ErrBusy, adapters.ErrNotSent)
	sender := routing.New(func(context.Context, adapters.OrganisationID, adapters.Medium) ([]routing.Step, error) {
		return []routing.Step{{Name: "first", Sender: first}, {Name: "second", Sender: second}}, nil
	}, slog.New(slog.DiscardHandler))
	_, err := sender.Send(t.Context(), adapters.Outgoing{Reference: "r-1"})
	require.ErrorIs(t, err, adapters.ErrBusy)
	require.Zero(t, second.Calls(), "it is well, and its turn comes in a moment")
	_, err = sender.Send(t.Context(), adapters.Outgoing{Reference: "r-1"})
	require.NoError(t, err)
	require.Equal(t, 1, second.Carried("r-1"))
}

// elsewhere is a carrier that sends to addresses of its own, as NHS Notify.
type elsewhere struct{ adapters.Sender }

func (elsewhere) Send(_ context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	if message.Guarded {
		return adapters.Receipt{}, adapters.ErrGuarded
	}
	return adapters.Receipt{}, errors.New("only what is guarded is sent here")
}

// A guarded client is left to a sender that keeps to the address; where there is none, that is said, unless another
// may yet take it.
func TestAGuardedClientIsPassedOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sender := func(after ...routing.Step) *routing.Sender {
		return routing.New(func(context.Context, adapters.OrganisationID, adapters.Medium) ([]routing.Step, error) {
			return append([]routing.Step{{Name: "elsewhere", Sender: elsewhere{}}}, after...), nil
		}, slog.New(slog.NewTextHandler(&b.log, nil)))
	}
	notify := routing.Step{Name: "notify", Sender: b.notify}
	receipt, err := sender(notify).Send(t.Context(), newGuarded())
	require.NoError(t, err)
	require.Equal(t, "notify", receipt.Via)
	require.Empty(t, b.log.String(), "it is no fault of the one passed over")
	_, err = sender().Send(t.Context(), newGuarded())
	require.ErrorIs(t, err, adapters.ErrGuarded)
	b.notify.FailNext(adapters.ErrConfiguration, &adapters.RateLimitError{})
	_, err = sender(notify).Send(t.Context(), newGuarded())
	require.ErrorIs(t, err, adapters.ErrConfiguration)
	var limited *adapters.RateLimitError
	_, err = sender(notify).Send(t.Context(), newGuarded())
	require.ErrorAs(t, err, &limited)
}

func newGuarded() adapters.Outgoing {
	message := newMessage()
	message.Guarded = true
	return message
}

// takes is a sender that says how long it needs, and what time it was given.
type takes struct {
	long  time.Duration
	given *time.Duration
}

func (s takes) Send(ctx context.Context, _ adapters.Outgoing) (adapters.Receipt, error) {
	until, _ := ctx.Deadline()
	*s.given = time.Until(until).Round(time.Minute)
	return adapters.Receipt{}, adapters.ErrNotSent
}

type slow struct{ takes }

func (s slow) Takes() time.Duration { return s.long }

// A slow sender has its time behind an order, as alone, and one that isn't a minute.
func TestASlowSenderHasItsTime(t *testing.T) {
	t.Parallel()
	var quick, brief, mail time.Duration
	sender := routing.New(func(context.Context, adapters.OrganisationID, adapters.Medium) ([]routing.Step, error) {
		return []routing.Step{
			{Name: "quick", Sender: takes{0, &quick}},
			{Name: "brief", Sender: slow{takes{time.Second, &brief}}},
			{Name: "mail", Sender: slow{takes{12 * time.Minute, &mail}}},
		}, nil
	}, slog.New(slog.DiscardHandler))
	var order adapters.Sender = sender
	bound, cancel := context.WithTimeout(t.Context(), order.(adapters.Slow).Takes())
	defer cancel()
	_, err := sender.Send(bound, newMessage())
	require.ErrorIs(t, err, adapters.ErrNotSent)
	require.Equal(t, []time.Duration{time.Minute, time.Minute, 12 * time.Minute}, []time.Duration{quick, brief, mail})
}
