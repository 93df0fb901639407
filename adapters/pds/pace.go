package pds

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// pace spaces calls evenly, so that no second has more of them than it may.
type pace struct {
	every time.Duration
	now   func() time.Time

	mu   sync.Mutex
	next time.Time
}

func newPace(every time.Duration, now func() time.Time) *pace { return &pace{every: every, now: now} }

// wait returns when it is the caller's turn, or with the context's error. A turn that was given up stays empty.
func (p *pace) wait(ctx context.Context) error {
	p.mu.Lock()
	now := p.now()
	turn := p.next
	if turn.Before(now) {
		turn = now
	}
	p.next = turn.Add(p.every)
	p.mu.Unlock()

	timer := time.NewTimer(turn.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a turn: %w", ctx.Err())
	}
}
