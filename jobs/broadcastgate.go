package jobs

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// bulkBesides is how many of a broadcast's jobs run in one process while single messages are under way in it.
	bulkBesides = 2
	// gateHeld is the longest that a single message makes them wait: one that takes more hangs at its provider, and nobody
	// waits for the slow.
	gateHeld = time.Second
	// gateWait is the longest that one waits for that, well within a job's time: a provider that hangs must not hold up
	// the others.
	gateWait = time.Second
)

// gate lets a broadcast's jobs run as many at once as there are workers while no single message is under way, and few
// beside the first try of one: that is somebody's who looks on, and shares the processors and the database with them.
// Filings and later tries hold nobody up: a record or a provider that is slow or down would slow every broadcast of
// every organisation.
type gate struct {
	single atomic.Int64
	few    chan struct{}
}

func newGate() *gate { return &gate{few: make(chan struct{}, bulkBesides)} }

// enter waits for a job's turn and returns what ends it.
func (g *gate) enter(ctx context.Context, queue string, attempt int) (leave func(), err error) {
	switch queue {
	case QueueDeliver:
		if attempt > 1 {
			return func() {}, nil
		}
		g.single.Add(1)
		over := sync.OnceFunc(func() { g.single.Add(-1) })
		held := time.AfterFunc(gateHeld, over)
		return func() {
			held.Stop()
			over()
		}, nil
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
