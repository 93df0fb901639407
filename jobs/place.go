package jobs

import (
	"context"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Place is where a job runs: its queue, and how many of that run at once in this process. The zero value is a call that
// came by no queue.
type Place struct {
	Queue string
	Of    int
}

type placeKey struct{}

// PlaceOf is where the job runs whose context this is.
func PlaceOf(ctx context.Context) Place {
	place, _ := ctx.Value(placeKey{}).(Place)
	return place
}

// tellPlaces has each job know its place. config is read when a job runs: a host may change its queues until then.
func tellPlaces(config *river.Config) rivertype.Plugin {
	return river.WorkerMiddlewareFunc(func(
		ctx context.Context, job *rivertype.JobRow, work func(context.Context) error,
	) error {
		return work(context.WithValue(ctx, placeKey{}, Place{job.Queue, config.Queues[job.Queue].MaxWorkers}))
	})
}

// Bulk says whether the place is a broadcast's.
func (p Place) Bulk() bool { return p.Queue == QueueBulk || p.Queue == QueueBulkRecord }
