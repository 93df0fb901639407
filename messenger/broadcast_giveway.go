package messenger

import (
	"sync/atomic"
	"time"
)

// pace is when a person's own message was last sent, or first tried to be delivered, in this process. Later tries don't
// count: those of a provider that is down would slow a fan-out for hours.
type pace struct{ single atomic.Int64 }

const (
	singleLately = time.Second
	// restShare and longestRest are how long a fan-out rests between two batches while single messages are about. Measured
	// on two processors, which the database shared: without a rest those took twice their time. What of a fan-out slows
	// them was not measured.
	restShare   = 4
	longestRest = 5 * time.Second
)

func (p *pace) note(now time.Time) { p.single.Store(now.UnixNano()) }

// rest is how long a fan-out gives way after a batch that took so long.
func (p *pace) rest(now time.Time, took time.Duration) time.Duration {
	if now.Sub(time.Unix(0, p.single.Load())) > singleLately {
		return 0
	}
	return min(restShare*took, longestRest)
}
