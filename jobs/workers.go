package jobs

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// Handler does the work: (*messenger.Messenger).Jobs gives it. Each method may be called again for work that is done
// already, also at the same time; attempt counts the calls of one job from 1.
//
// nil ends the job. An error from After runs it again then; any other error runs it again after a back-off.
type Handler interface {
	Deliver(ctx context.Context, message uuid.UUID, attempt int) error
	WriteRecord(ctx context.Context, message uuid.UUID, attempt int) error
	AmendRecord(ctx context.Context, message uuid.UUID, attempt int) error
	TellHost(ctx context.Context, event TellHost, attempt int) error
	ApplyReceipt(ctx context.Context, receipt ApplyReceipt, attempt int) error
	AskReceipt(ctx context.Context, message uuid.UUID, attempt int) error
	FanOut(ctx context.Context, broadcast uuid.UUID, attempt int) error
}

// AddWorkers registers Messenger's workers. It panics when they are registered already, as river.AddWorker does.
func AddWorkers(workers *river.Workers, h Handler) {
	g := newGate()
	river.AddWorker(workers, work(g, func(ctx context.Context, job *river.Job[Deliver]) error {
		return h.Deliver(ctx, job.Args.Message, job.Attempt)
	}))
	river.AddWorker(workers, work(g, func(ctx context.Context, job *river.Job[WriteRecord]) error {
		return h.WriteRecord(ctx, job.Args.Message, job.Attempt)
	}))
	river.AddWorker(workers, work(g, func(ctx context.Context, job *river.Job[AmendRecord]) error {
		return h.AmendRecord(ctx, job.Args.Message, job.Attempt)
	}))
	river.AddWorker(workers, work(g, func(ctx context.Context, job *river.Job[TellHost]) error {
		return h.TellHost(ctx, job.Args, job.Attempt)
	}))
	river.AddWorker(workers, work(g, func(ctx context.Context, job *river.Job[ApplyReceipt]) error {
		return h.ApplyReceipt(ctx, job.Args, job.Attempt)
	}))
	river.AddWorker(workers, work(g, func(ctx context.Context, job *river.Job[AskReceipt]) error {
		return h.AskReceipt(ctx, job.Args.Message, job.Attempt)
	}))
	river.AddWorker(workers, work(nil, func(ctx context.Context, job *river.Job[FanOut]) error {
		return h.FanOut(ctx, job.Args.Broadcast, job.Attempt)
	}))
}

type worker[T Args] struct {
	river.WorkerDefaults[T]
	gate *gate // nil: the job goes by no gate
	work func(context.Context, *river.Job[T]) error
}

func work[T Args](g *gate, fn func(context.Context, *river.Job[T]) error) *worker[T] {
	return &worker[T]{gate: g, work: fn}
}

func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	if w.gate != nil {
		leave, err := w.gate.enter(ctx, job.Queue, job.Attempt)
		if err != nil {
			return err
		}
		defer leave()
	}
	return verdict(w.work(ctx, job))
}

func (w *worker[T]) NextRetry(job *river.Job[T]) time.Time { return nextRetry(job.Attempt) }

func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return Timeout }

// cooldown is the shortest time between two looks at a queue, and between two words to its workers.
const cooldown = 20 * time.Millisecond

// bulkCooldown is shorter: measured, a broadcast by SMTP went out at 2,100 messages a second with it, and at 1,900 with cooldown.
const bulkCooldown = 10 * time.Millisecond

// poll is how long a message can wait for its delivery when the word of it came just too soon after another's.
const poll = 200 * time.Millisecond

// Configure adds to a host's River settings what Messenger's jobs need, and returns config: the queues, each unless
// config has it already, and RescueStuckJobsAfter when it is zero. A queue starts at most MaxWorkers / FetchCooldown jobs a second
// (https://riverqueue.com/docs, and measured): 20 ms keeps a single message quick.
//
// A process killed while it works leaves its jobs marked as running; River finds them after RescueStuckJobsAfter, an hour by
// default. 30 s is safe for jobs whose timeout is known to River to be shorter; River leaves longer ones alone by their own timeout.
func Configure(config *river.Config) *river.Config {
	if config.Queues == nil {
		config.Queues = map[string]river.QueueConfig{}
	}
	for name, workers := range map[string]int{QueueDeliver: 50, QueueRecord: 50, QueueEvents: 10, QueueBulk: 50, QueueBulkRecord: 50} {
		if _, set := config.Queues[name]; !set {
			queue := river.QueueConfig{MaxWorkers: workers, FetchCooldown: cooldown}
			switch name {
			case QueueDeliver:
				queue.FetchPollInterval = poll // somebody looks on; the other queues have River's second
			case QueueBulk:
				queue.FetchCooldown = bulkCooldown
			}
			config.Queues[name] = queue
		}
	}
	if config.JobTimeout == 0 {
		config.JobTimeout = Timeout
	}
	if config.RescueStuckJobsAfter == 0 && config.JobTimeout <= 30*time.Second {
		config.RescueStuckJobsAfter = 30 * time.Second
	}
	return config
}
