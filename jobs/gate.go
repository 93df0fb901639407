package jobs

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// bulkBesides is how many of a broadcast's jobs run in one process while single messages are under way in it.
	bulkBesides = 2
	// gateWait is the longest that one waits for that, well within a job's time: a provider that hangs must not hold up the others.
	gateWait = time.Second
)

// gate lets a broadcast's jobs run as many at once as there are workers while nothing else is under way, and few beside single messages:
// those are somebody's who looks on, and share the processors and the database with them.
type gate struct {
	single atomic.Int64
	few    chan struct{}
}

func newGate() *gate { return &gate{few: make(chan struct{}, bulkBesides)} }

// enter waits for a job's turn and returns what ends it.
func (g *gate) enter(ctx context.Context, queue string) (leave func(), err error) {
	switch queue {
	case QueueDeliver, QueueRecord:
		g.single.Add(1)
		return func() { g.single.Add(-1) }, nil
	case QueueBulk, QueueBulkRecord:
		if g.single.Load() == 0 {
			return func() {}, nil
		}
		timer := time.NewTimer(gateWait)
		defer timer.Stop()
		select {
		case g.few <- struct{}{}:
			return func() { <-g.few }, nil
		case <-timer.C:
			return func() {}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	default:
		return func() {}, nil
	}
}
