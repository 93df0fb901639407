package jobs

import (
	"context"
	"time"
)

// clock has River put off and take up jobs by the database's clock. River writes most times by it anyway, but when a
// job comes again, and which are due, by the clock of the process. What it takes for tests is the one way to give it
// another: rivertype.TimeGenerator.
type clock struct{ h Handler }

// Now keeps the reading of the process's monotonic clock, by which River measures how long something takes.
func (c clock) Now() time.Time {
	own := time.Now() //nolint:forbidigo // what is put right here
	return own.Add(c.h.Now(context.Background()).Sub(own))
}

// NowOrNil leaves to the database what it writes by its own clock.
func (clock) NowOrNil() *time.Time { return nil }
