package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/cmsmessenger/cmsmessenger/internal/panics"
)

// Handler does the work: (*messenger.Messenger).Jobs gives it. Each method may be called again for work that is done
// already, also at the same time; attempt counts the calls of one job from 1.
//
// nil ends the job. An error from After runs it again then; any other error runs it again after a back-off.
type Handler interface {
	Deliver(ctx context.Context, message uuid.UUID, attempt int) error
	WriteRecord(ctx context.Context, message uuid.UUID, attempt int) error
	AmendRecord(ctx context.Context, message uuid.UUID, attempt int) error
	FileNote(ctx context.Context, note uuid.UUID, attempt int) error
	TellHost(ctx context.Context, event TellHost, attempt int) error
	ApplyReceipt(ctx context.Context, receipt ApplyReceipt, attempt int) error
	AskReceipt(ctx context.Context, message uuid.UUID, attempt int) error
	FanOut(ctx context.Context, broadcast uuid.UUID, attempt int) error
	HandOver(ctx context.Context, handover uuid.UUID, attempt int) error
	StaffLeft(ctx context.Context, left StaffLeft, attempt int) error
	RenameClients(ctx context.Context, change RenameClients, attempt int) error
	TellOverdue(ctx context.Context, attempt int) error
	RecheckScheduled(ctx context.Context, attempt int) error
	Reconcile(ctx context.Context, organisation string, attempt int) error

	// Now is the present by the database's clock, as far as the process knows it.
	Now(ctx context.Context) time.Time
}

// AddWorkers registers Messenger's workers. It panics when they are registered already, as river.AddWorker does.
func AddWorkers(workers *river.Workers, h Handler) {
	g := newGate()
	river.AddWorker(workers, work(h, g, func(ctx context.Context, job *river.Job[Deliver]) error {
		return h.Deliver(ctx, job.Args.Message, job.Attempt)
	}))
	river.AddWorker(workers, work(h, g, func(ctx context.Context, job *river.Job[WriteRecord]) error {
		return h.WriteRecord(ctx, job.Args.Message, job.Attempt)
	}))
	river.AddWorker(workers, work(h, g, func(ctx context.Context, job *river.Job[AmendRecord]) error {
		return h.AmendRecord(ctx, job.Args.Message, job.Attempt)
	}))
	river.AddWorker(workers, work(h, g, func(ctx context.Context, job *river.Job[FileNote]) error {
		return h.FileNote(ctx, job.Args.Note, job.Attempt)
	}))
	river.AddWorker(workers, work(h, g, func(ctx context.Context, job *river.Job[TellHost]) error {
		return h.TellHost(ctx, job.Args, job.Attempt)
	}))
	river.AddWorker(workers, work(h, g, func(ctx context.Context, job *river.Job[ApplyReceipt]) error {
		return h.ApplyReceipt(ctx, job.Args, job.Attempt)
	}))
	river.AddWorker(workers, work(h, g, func(ctx context.Context, job *river.Job[AskReceipt]) error {
		return h.AskReceipt(ctx, job.Args.Message, job.Attempt)
	}))
	river.AddWorker(workers, work(h, nil, func(ctx context.Context, job *river.Job[FanOut]) error {
		return h.FanOut(ctx, job.Args.Broadcast, job.Attempt)
	}))
	river.AddWorker(workers, work(h, nil, func(ctx context.Context, job *river.Job[HandOver]) error {
		return h.HandOver(ctx, job.Args.Handover, job.Attempt)
	}))
	river.AddWorker(workers, work(h, nil, func(ctx context.Context, job *river.Job[StaffLeft]) error {
		return h.StaffLeft(ctx, job.Args, job.Attempt)
	}))
	river.AddWorker(workers, work(h, g, func(ctx context.Context, job *river.Job[RenameClients]) error {
		return h.RenameClients(ctx, job.Args, job.Attempt)
	}))
	river.AddWorker(workers, work(h, g, func(ctx context.Context, job *river.Job[TellOverdue]) error {
		return h.TellOverdue(ctx, job.Attempt)
	}))
	river.AddWorker(workers, work(h, g, func(ctx context.Context, job *river.Job[RecheckScheduled]) error {
		return h.RecheckScheduled(ctx, job.Attempt)
	}))
	reconcile := work(h, g, func(ctx context.Context, job *river.Job[Reconcile]) error {
		return h.Reconcile(ctx, job.Args.Organisation, job.Attempt)
	})
	reconcile.timeout = reconcileTimeout
	river.AddWorker(workers, reconcile)
}

type worker[T Args] struct {
	river.WorkerDefaults[T]
	h    Handler
	gate *gate // nil: the job goes by no gate
	work func(context.Context, *river.Job[T]) error

	timeout time.Duration
}

func work[T Args](h Handler, g *gate, fn func(context.Context, *river.Job[T]) error) *worker[T] {
	return &worker[T]{h: h, gate: g, work: fn, timeout: Timeout}
}

func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	if w.gate != nil {
		leave, err := w.gate.enter(ctx, job.Queue, job.Attempt)
		if err != nil {
			return err
		}
		defer leave()
	}
	ctx, ended := watch(ctx, w.h, job)
	_, err := panics.Try(func() (struct{}, error) { return struct{}{}, verdict(w.work(ctx, job)) }) // River would keep it
	if snooze := (*river.JobSnoozeError)(nil); errors.As(err, &snooze) {
		ended(nil)
	} else {
		ended(err)
	}
	return err
}

func (w *worker[T]) NextRetry(job *river.Job[T]) time.Time {
	return nextRetry(clock{w.h}.Now(), job.Attempt)
}

func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.timeout }
