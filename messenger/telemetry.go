package messenger

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// scope is what OpenTelemetry knows Messenger by.
const scope = "github.com/cmsmessenger/cmsmessenger/messenger"

// telemetry is what Messenger tells OpenTelemetry, by its API alone: who listens is the host's. It names messages and
// organisations by their ids, and says words of closed sets. No error's text is told.
type telemetry struct {
	tracer     trace.Tracer
	meter      metric.Meter
	calls      metric.Float64Histogram
	deliveries metric.Int64Counter
	filings    metric.Int64Counter
}

func newTelemetry(config Config) (telemetry, error) {
	tracers, meters := config.TracerProvider, config.MeterProvider
	if tracers == nil {
		tracers = otel.GetTracerProvider()
	}
	if meters == nil {
		meters = otel.GetMeterProvider()
	}
	t := telemetry{tracer: tracers.Tracer(scope), meter: meters.Meter(scope)}
	var errs [3]error
	t.calls, errs[0] = t.meter.Float64Histogram("messenger.port.duration", metric.WithUnit("s"),
		metric.WithDescription("How long a provider or the record took to answer"),
		metric.WithExplicitBucketBoundaries(.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60))
	t.deliveries, errs[1] = t.meter.Int64Counter("messenger.deliveries",
		metric.WithDescription("Messages whose delivery ended, or took another turn"))
	t.filings, errs[2] = t.meter.Int64Counter("messenger.filings",
		metric.WithDescription("Messages and notes that the record took, or that it will not take"))
	if err := errors.Join(errs[:]...); err != nil {
		return telemetry{}, fmt.Errorf("messenger: make the metrics: %w", err)
	}
	return t, nil
}

const (
	ofMessage      = attribute.Key("messenger.message.id")
	ofOrganisation = attribute.Key("messenger.organisation.id")
	ofAttempt      = attribute.Key("messenger.attempt")
	asPort         = attribute.Key("messenger.port")
	asOutcome      = attribute.Key("messenger.outcome")
	asReason       = attribute.Key("messenger.reason")
)

// begin begins a span of something that somebody asks Messenger for.
func (t telemetry) begin(ctx context.Context, name string) (context.Context, func(error)) {
	ctx, span := t.tracer.Start(ctx, name)
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, string(CodeOf(err)))
		}
		span.End()
	}
}

// Watch is jobs.Watcher: each run of a job is a span, in the trace of whoever ordered the job.
func (m worker) Watch(ctx context.Context, kind string, attempt int) (context.Context, func(error)) {
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(ofAttempt.Int(attempt)),
	}
	if around, has := jobs.Around(ctx); has {
		options = append(options, trace.WithLinks(around))
	}
	ctx, span := m.telemetry.tracer.Start(ctx, kind, options...)
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, "to be tried again")
		}
		span.End()
	}
}

// call begins a call of a provider or of the record; ended is told what came of it.
func (m *Messenger) call(
	ctx context.Context, port, what string, message rows.Message,
) (called context.Context, ended func(error)) {
	began := m.ownNow()
	ctx, span := m.telemetry.tracer.Start(ctx, port+" "+what, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(ofMessage.String(message.ID.String()), ofOrganisation.String(string(message.OrganisationID))))
	return ctx, func(err error) {
		outcome := asOutcome.String(outcomeOf(err))
		m.telemetry.calls.Record(ctx, m.ownNow().Sub(began).Seconds(),
			metric.WithAttributes(asPort.String(port), asOutcome.String(outcomeOf(err))))
		span.SetAttributes(outcome)
		if err != nil {
			span.SetStatus(codes.Error, outcomeOf(err))
		}
		span.End()
	}
}

// outcomeOf is an answer of a port, by the closed set.
func outcomeOf(err error) string {
	var limited *adapters.RateLimitError
	switch {
	case err == nil:
		return "taken"
	case errors.As(err, &limited):
		return "limited"
	case errors.Is(err, adapters.ErrBusy):
		return "busy"
	case errors.Is(err, adapters.ErrNotSent):
		return "not_sent"
	case errors.Is(err, adapters.ErrConfiguration):
		return "configuration"
	case errors.Is(err, adapters.ErrWrongContact), errors.Is(err, adapters.ErrWrongContent),
		errors.Is(err, adapters.ErrObjected), errors.Is(err, adapters.ErrGuarded), errors.Is(err, adapters.ErrNotFound):
		return "refused"
	case errors.Is(err, errors.ErrUnsupported):
		return "unsupported"
	default:
		return "no_answer"
	}
}

// delivered counts a delivery that ended.
func (t telemetry) delivered(ctx context.Context, medium adapters.Medium, status DeliveryStatus, reason string) {
	t.deliveries.Add(ctx, 1, metric.WithAttributes(
		asPort.String(string(medium)), asOutcome.String(string(status)), asReason.String(reason)))
}

// filed counts a filing that ended.
func (t telemetry) filed(ctx context.Context, status RecordStatus, reason string) {
	t.filings.Add(ctx, 1, metric.WithAttributes(asOutcome.String(string(status)), asReason.String(reason)))
}

// sending says which message a span is about.
func sending(ctx context.Context, id uuid.UUID) {
	if id != uuid.Nil {
		trace.SpanFromContext(ctx).SetAttributes(ofMessage.String(id.String()))
	}
}
