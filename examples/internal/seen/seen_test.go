package seen

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messengertest"
)

// seeing is a host all of whose logs, spans and metrics are kept.
type seeing struct {
	*messengertest.Host
	t       *testing.T
	traces  *sdktrace.TracerProvider
	spans   *tracetest.SpanRecorder
	metrics *sdkmetric.ManualReader
	log     *log
}

// log is a buffer for many goroutines.
type log struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (l *log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(line)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}

func newSeeing(t *testing.T, changes ...func(*messenger.Config)) *seeing {
	t.Helper()
	s := &seeing{t: t, spans: tracetest.NewSpanRecorder(), metrics: sdkmetric.NewManualReader(), log: &log{}}
	s.traces = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(s.spans))
	s.Host = messengertest.New(t, append(changes, func(c *messenger.Config) {
		c.TracerProvider, c.MeterProvider = s.traces, sdkmetric.NewMeterProvider(sdkmetric.WithReader(s.metrics))
		c.Logger = slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		config := c.Pool.Config()
		config.ConnConfig.Tracer = otelpgx.NewTracer(otelpgx.WithTracerProvider(s.traces))
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		require.NoError(t, err)
		t.Cleanup(pool.Close)
		c.Pool = pool
	})...)
	return s
}

// collected are the metrics, by name.
func (s *seeing) collected() map[string]metricdata.Aggregation {
	s.t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(s.t, s.metrics.Collect(s.t.Context(), &all))
	found := map[string]metricdata.Aggregation{}
	for _, scope := range all.ScopeMetrics {
		for _, one := range scope.Metrics {
			found[one.Name] = one.Data
		}
	}
	return found
}

// counts are a counter's, by its attributes as "email/sent/".
func counts(data metricdata.Aggregation) map[string]int64 {
	found := map[string]int64{}
	for _, point := range data.(metricdata.Sum[int64]).DataPoints {
		var words []string
		for _, attribute := range point.Attributes.ToSlice() {
			words = append(words, attribute.Value.AsString())
		}
		found[strings.Join(words, "/")] += point.Value
	}
	return found
}

// One trace goes from the host's request over the jobs to the provider and the record, for each message its own, though
// their claims and outcomes are written together.
func TestOneTraceFromRequestToRecord(t *testing.T) {
	t.Parallel()
	s := newSeeing(t)
	host := s.traces.Tracer("host")
	requests := map[string]string{} // by message: its request's trace
	for i := range 8 {
		ctx, request := host.Start(s.As(messengertest.Amira), "POST /messages")
		sent, err := s.Messenger.Send(ctx, messengertest.Email(fmt.Sprintf("Message %d", i)))
		require.NoError(t, err)
		request.End()
		requests[sent.Message.ID.String()] = request.SpanContext().TraceID().String()
	}
	s.Settle()
	found := map[string]map[string]string{} // by the span's name and message: its trace
	parents := map[string]string{}
	named := map[string]string{}
	for _, span := range s.spans.Ended() {
		named[span.SpanContext().SpanID().String()] = span.Name()
	}
	for _, span := range s.spans.Ended() {
		parents[span.Name()] = named[span.Parent().SpanID().String()]
		for _, attribute := range span.Attributes() {
			if attribute.Key == "messenger.message.id" {
				if found[span.Name()] == nil {
					found[span.Name()] = map[string]string{}
				}
				found[span.Name()][attribute.Value.AsString()] = span.SpanContext().TraceID().String()
			}
		}
	}
	for _, name := range []string{"messenger send", "email send", "record file"} {
		require.Equal(t, requests, found[name], name)
	}
	for name, parent := range map[string]string{
		"messenger send": "POST /messages", "messenger_deliver": "messenger send", "email send": "messenger_deliver",
		"messenger_write_record": "messenger_deliver", "record file": "messenger_write_record",
	} {
		require.Equal(t, parent, parents[name], name)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := newSeeing(t)
	running, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(running) }()
	sent := s.Send(messengertest.Email("Hello"))
	s.SMS.FailNext(refusal)
	s.Send(messengertest.SMS("Hello"))
	before := s.collected()
	waits := before["messenger.queue.age"].(metricdata.Gauge[float64]).DataPoints
	for _, hours := range []float64{0, 3, 24} { // since the tables were made; none has run
		_, err := s.Config.Pool.Exec(t.Context(),
			"update messenger_migrations set migrated_at = now() - $1 * interval '1 hour'", min(hours*2, hours+12))
		require.NoError(t, err)
		ages := s.collected()["messenger.periodic.age"].(metricdata.Gauge[float64]).DataPoints
		require.Len(t, ages, 3)
		for _, age := range ages {
			require.InDelta(t, min(hours*2, hours+12, 24)*3600, age.Value, 600)
		}
	}
	require.Zero(t, value(before, "messenger.pauses"))
	require.Zero(t, value(before, "messenger.streams"))
	s.Settle()
	s.Reply(sent.Channel, "Thank you.")
	s.Record.FailNext(adapters.ErrWrongContent)
	s.Settle()

	found := s.collected()
	require.Equal(t, map[string]int64{"sent/email/": 1, "failed/sms/wrong_contact": 1},
		counts(found["messenger.deliveries"]))
	require.Equal(t, map[string]int64{"saved/": 1, "failed/record_refused": 1}, counts(found["messenger.filings"]))
	calls := map[string]uint64{}
	for _, point := range found["messenger.port.duration"].(metricdata.Histogram[float64]).DataPoints {
		port, _ := point.Attributes.Value("messenger.port")
		outcome, _ := point.Attributes.Value("messenger.outcome")
		calls[port.AsString()+" "+outcome.AsString()] = point.Count
		require.Positive(t, point.Sum)
	}
	require.Equal(t, map[string]uint64{"email taken": 1, "sms refused": 1, "record taken": 1, "record refused": 1}, calls)
	require.EqualValues(t, 1, value(found, "messenger.unread"))
	require.Positive(t, found["messenger.unread.age"].(metricdata.Gauge[float64]).DataPoints[0].Value)
	require.Len(t, waits, 5)
	require.Positive(t, ageOf(waits, "messenger_deliver"))
	require.Zero(t, ageOf(found["messenger.queue.age"].(metricdata.Gauge[float64]).DataPoints, "messenger_deliver"))
	require.Contains(t, found, "messenger.unwatched")
	s.requirePause(t)
	s.requireRuns(t)
	s.requireStream(t)

	stats, err := s.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, stats.Unread)
	require.NotContains(t, stats.Queues, "messenger_deliver")
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.NotContains(t, s.collected(), "messenger.unread", "nothing is read once Run has ended")
}

// value is what a gauge without attributes stands at.
func value(found map[string]metricdata.Aggregation, name string) int64 {
	return found[name].(metricdata.Gauge[int64]).DataPoints[0].Value
}

// requirePause has a provider say that it takes no more for an hour.
func (s *seeing) requirePause(t *testing.T) {
	t.Helper()
	s.SMS.FailNext(&adapters.RateLimitError{Until: time.Now().Add(time.Hour)})
	s.Send(messengertest.SMS("Hello again"))
	s.Settle()
	require.EqualValues(t, 1, value(s.collected(), "messenger.pauses"))
}

// requireRuns has each periodic job run, and an hour go by.
func (s *seeing) requireRuns(t *testing.T) {
	t.Helper()
	queue, err := river.NewClient(riverpgxv5.New(s.Config.Pool), &river.Config{})
	require.NoError(t, err)
	for _, job := range []river.JobArgs{jobs.TellOverdue{}, jobs.RecheckScheduled{}, jobs.Reconcile{}} {
		_, err := queue.Insert(t.Context(), job, nil)
		require.NoError(t, err)
	}
	s.Settle()
	long := "update river_job set finalized_at = finalized_at - interval '1 hour'" //nolint:misspell // River's own column
	_, err = s.Config.Pool.Exec(t.Context(), long)
	require.NoError(t, err)
	found := map[string]bool{}
	for _, point := range s.collected()["messenger.periodic.age"].(metricdata.Gauge[float64]).DataPoints {
		kind, _ := point.Attributes.Value("messenger.job")
		found[kind.AsString()] = point.Value >= 3600 && point.Value < 4000
	}
	require.Equal(t, map[string]bool{
		"messenger_tell_overdue": true, "messenger_recheck_scheduled": true, "messenger_reconcile": true,
	}, found)
}

// requireStream opens a stream and closes it.
func (s *seeing) requireStream(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(s.staff())
	defer server.Close()
	ctx, closeStream := context.WithCancel(t.Context())
	defer closeStream()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/events", http.NoBody)
	require.NoError(t, err)
	stream, err := server.Client().Do(request)
	require.NoError(t, err)
	defer func() { _ = stream.Body.Close() }()
	open := func(n int64) func() bool {
		return func() bool { return value(s.collected(), "messenger.streams") == n }
	}
	require.Eventually(t, open(1), time.Minute, 20*time.Millisecond)
	closeStream()
	require.Eventually(t, open(0), time.Minute, 20*time.Millisecond)
}

func ageOf(points []metricdata.DataPoint[float64], queue string) float64 {
	for _, point := range points {
		if name, _ := point.Attributes.Value(attribute.Key("messenger.queue")); name.AsString() == queue {
			return point.Value
		}
	}
	return -1
}

// told is all that Messenger has told anybody: its log, its spans, its metrics and its jobs.
func (s *seeing) told() string {
	s.t.Helper()
	var told strings.Builder
	told.WriteString(s.log.String())
	spans, err := json.Marshal(tracetest.SpanStubsFromReadOnlySpans(s.spans.Ended()))
	require.NoError(s.t, err)
	told.Write(spans)
	for _, span := range s.spans.Ended() {
		_, _ = fmt.Fprintf(&told, "%+v %+v %+v\n", span.Attributes(), span.Events(), span.Status())
	}
	for name, data := range s.collected() {
		_, _ = fmt.Fprintf(&told, "%s %+v\n", name, data)
	}
	rows, err := s.Config.Pool.Query(s.t.Context(), "select to_jsonb(j)::text from river_job j")
	require.NoError(s.t, err)
	defer rows.Close()
	for rows.Next() {
		var job string
		require.NoError(s.t, rows.Scan(&job))
		told.WriteString(job + "\n")
	}
	require.NoError(s.t, rows.Err())
	return told.String()
}
