package messenger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Stats is how much waits, over all organisations, and for how long. Times are UTC, by the database's clock.
type Stats struct {
	At time.Time
	// Queues has, by the queue's name, since when its oldest job could run that no worker has taken. One that is not in it
	// has nobody waiting.
	Queues map[string]time.Time
	// Unread counts clients' replies that nobody has read, and OldestUnread is when the oldest came; zero without any.
	Unread       int
	OldestUnread time.Time
	// Unwatched counts the overdue replies that nobody is left to be told of who may act there.
	Unwatched int
	// Differences counts what the newest comparisons with the providers found and no channel shows, and Unreconciled the
	// organisations that have no whole result of the last night.
	Differences, Unreconciled int
	// LastRuns has, by the job's kind, when the periodic jobs last ended well; one that is not in it has not for a day.
	LastRuns map[string]time.Time
	Pauses   []Pause // in force
	Streams  int     // open in this process
}

// Stats reads how much waits: for a page of an operator's, or a monitor without OpenTelemetry. It takes five seconds at
// the most. Anybody in the process may call it: no asker is looked at, and it names no person. With a MeterProvider the
// same numbers are metrics, read whenever it collects. Error: CodeUnavailable.
func (m *Messenger) Stats(ctx context.Context) (Stats, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	s, err := m.stats(ctx)
	if err != nil {
		return Stats{}, m.unavailable(ctx, "database", err)
	}
	return s, nil
}

func (m *Messenger) stats(ctx context.Context) (Stats, error) {
	s := Stats{At: m.now(ctx).UTC(), Queues: map[string]time.Time{}, Streams: m.hub.Streams()}
	waiting, err := m.jobs.Waiting(ctx, m.config.Pool)
	if err != nil {
		return s, fmt.Errorf("messenger: %w", err)
	}
	for _, queue := range waiting {
		s.Queues[queue.Queue] = queue.Since.UTC()
	}
	kinds := slices.Collect(maps.Keys(jobs.MayStayAway()))
	if s.LastRuns, err = m.jobs.LastRuns(ctx, m.config.Pool, kinds...); err != nil {
		return s, fmt.Errorf("messenger: %w", err)
	}
	type unread struct {
		Count, Unwatched int
		Oldest           *time.Time
	}
	replies, err := rows.One[unread](ctx, m.db(), rows.Raw(`select count(*)::int as count, min(created_at) as oldest,
		count(*) filter (where overdue_at is not null and overdue_nobody)::int as unwatched
		from messenger_messages where direction = 'inbound' and read_at is null`))
	if err != nil {
		return s, err
	}
	s.Unread, s.Unwatched, s.OldestUnread = replies.Count, replies.Unwatched, value(replies.Oldest).UTC()
	if replies.Oldest == nil {
		s.OldestUnread = time.Time{}
	}
	compared, err := m.nightly(ctx)
	if err != nil {
		return s, err
	}
	s.Differences, s.Unreconciled = compared.unseen, len(compared.failed)+len(compared.missing)
	s.Pauses, err = m.Pauses(ctx)
	return s, err
}

// neverRan gives a job without a run the time since which it could have run, as far as that is known: the latest
// migration, and no more than the day for which runs are kept. So a host that runs none of them is seen.
func (m *Messenger) neverRan(ctx context.Context, s *Stats) error {
	for job := range jobs.MayStayAway() {
		if _, ran := s.LastRuns[job.Kind()]; ran {
			continue
		}
		since, err := rows.One[time.Time](ctx, m.db(), rows.Raw("select max(migrated_at) from messenger_migrations"))
		if err != nil {
			return err
		}
		if kept := s.At.AddDate(0, 0, -1); since.Before(kept) {
			since = kept
		}
		s.LastRuns[job.Kind()] = since
	}
	return nil
}

// gauges has the meter read Stats whenever it collects, until stop is called. What cannot be read is not told.
func (m *Messenger) gauges() (stop func(), err error) {
	age := func(name, of string) (metric.Float64ObservableGauge, error) {
		return m.telemetry.meter.Float64ObservableGauge(name, metric.WithUnit("s"), metric.WithDescription(of))
	}
	queues, err1 := age("messenger.queue.age", "How long the oldest job of a queue has waited for a worker")
	oldest, err2 := age("messenger.unread.age", "How long the oldest reply has waited for somebody to read it")
	runs, err3 := age("messenger.periodic.age", "How long ago a periodic job last ended well, or could have begun to run")
	count := func(name, of string) (metric.Int64ObservableGauge, error) {
		return m.telemetry.meter.Int64ObservableGauge(name, metric.WithDescription(of))
	}
	unread, err4 := count("messenger.unread", "Replies that nobody has read")
	pauses, err5 := count("messenger.pauses", "Pauses of providers, records and directories in force")
	streams, err6 := count("messenger.streams", "Open streams of this process")
	unwatched, err7 := count("messenger.unwatched", "Overdue replies that nobody is left to be told of")
	differ, err8 := count("messenger.differences", "Differences with what providers have that no channel shows")
	undone, err9 := count("messenger.unreconciled", "Organisations without a whole comparison of the last night")
	for _, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8, err9} {
		if err != nil {
			return nil, fmt.Errorf("messenger: make the metrics: %w", err)
		}
	}
	registered, err := m.telemetry.meter.RegisterCallback(func(ctx context.Context, told metric.Observer) error {
		s, err := m.Stats(ctx)
		if err != nil {
			return err
		}
		since := func(at time.Time) float64 { return max(0, s.At.Sub(at).Seconds()) }
		for _, queue := range jobs.Queues() {
			seconds := 0.0
			if at, waits := s.Queues[queue]; waits {
				seconds = since(at)
			}
			told.ObserveFloat64(queues, seconds, metric.WithAttributes(attribute.String("messenger.queue", queue)))
		}
		if err := m.neverRan(ctx, &s); err != nil {
			return err
		}
		for kind, at := range s.LastRuns {
			told.ObserveFloat64(runs, since(at), metric.WithAttributes(attribute.String("messenger.job", kind)))
		}
		waited := 0.0
		if s.Unread > 0 {
			waited = since(s.OldestUnread)
		}
		told.ObserveFloat64(oldest, waited)
		told.ObserveInt64(unread, int64(s.Unread))
		told.ObserveInt64(unwatched, int64(s.Unwatched))
		told.ObserveInt64(differ, int64(s.Differences))
		told.ObserveInt64(undone, int64(s.Unreconciled))
		told.ObserveInt64(streams, int64(s.Streams))
		told.ObserveInt64(pauses, int64(len(s.Pauses)))
		return nil
	}, queues, oldest, runs, unread, unwatched, differ, undone, pauses, streams)
	if err != nil {
		return nil, fmt.Errorf("messenger: make the metrics: %w", err)
	}
	return func() { _ = registered.Unregister() }, nil
}
