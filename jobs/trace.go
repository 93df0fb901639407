package jobs

import (
	"context"
	"encoding/json"

	"github.com/riverqueue/river"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Trace is whose doing a job is, as OpenTelemetry's traces name it (https://www.w3.org/TR/trace-context/, traceparent):
// ids and nothing else. It travels in the job's metadata. The zero value is nobody's.
type Trace string

// TraceOf is what is being traced in a context. Baggage and trace state, in which anybody may have put anything, are
// left behind.
func TraceOf(ctx context.Context) Trace {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return Trace(carrier[traceParent])
}

// Untraced is a context for what is done for many together.
func Untraced(ctx context.Context) context.Context {
	return trace.ContextWithSpanContext(ctx, trace.SpanContext{})
}

const traceParent = "traceparent"

// metadata is what River keeps of a trace with a job.
type metadata struct {
	Trace Trace `json:"messenger_trace,omitempty"`
}

func (t Trace) metadata() []byte {
	if t == "" {
		return nil
	}
	written, _ := json.Marshal(metadata{t}) // a string can be written
	return written
}

// traced has a job go on with the trace of whoever ordered it. A span that somebody else has begun for the job, as
// otelriver's does, is linked by Watch.
func traced(ctx context.Context, kept []byte) context.Context {
	var m metadata
	if json.Unmarshal(kept, &m) != nil || m.Trace == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{traceParent: string(m.Trace)})
}

// Watcher is an optional interface of a Handler that looks on at each run of a job: ended is told how it ended, nil
// also where the job is to come again later by After.
type Watcher interface {
	Watch(ctx context.Context, kind string, attempt int) (watched context.Context, ended func(error))
}

// watch has whoever looks on know of a run.
func watch[T Args](ctx context.Context, h Handler, job *river.Job[T]) (context.Context, func(error)) {
	w, looksOn := h.(Watcher)
	if !looksOn {
		return ctx, func(error) {}
	}
	around := trace.LinkFromContext(ctx)
	return w.Watch(withLink(traced(ctx, job.Metadata), around), job.Args.Kind(), job.Attempt)
}

type linkKey struct{}

func withLink(ctx context.Context, link trace.Link) context.Context {
	return context.WithValue(ctx, linkKey{}, link)
}

// Around is the span in which River runs the job whose context this is, where a middleware of the host's has begun one.
func Around(ctx context.Context) (link trace.Link, has bool) {
	link, _ = ctx.Value(linkKey{}).(trace.Link)
	return link, link.SpanContext.IsValid()
}
