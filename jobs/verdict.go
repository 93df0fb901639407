package jobs

import (
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Timeout bounds one run of a job, but of those that read all that a provider has.
const Timeout = 20 * time.Second

// reconcileTimeout bounds those: a provider's list comes page by page.
const reconcileTimeout = 10 * time.Minute

// maxBackoff is the longest pause between two runs.
const maxBackoff = 10 * time.Minute

type afterError struct{ pause time.Duration }

func (*afterError) Error() string { return "to be tried again later" }

// After is the error of a Handler that is to be called again after pause, without counting this call as an attempt.
func After(pause time.Duration) error { return &afterError{max(pause, 0)} }

// verdict is what an error of a Handler's means to River.
func verdict(err error) error {
	var after *afterError
	if errors.As(err, &after) {
		return river.JobSnooze(after.pause)
	}
	return err
}

// Backoff is how long a job waits at least after its attempt-th run failed: 1, 2, 4, … seconds, ten minutes at most.
func Backoff(attempt int) time.Duration {
	if attempt < 10 {
		return time.Second << max(attempt-1, 0)
	}
	return maxBackoff
}

// retries is what River's client goes by where no worker says when a job comes again, since there is none.
type retries struct {
	river.DefaultClientRetryPolicy

	clock clock
}

func (r retries) NextRetry(job *rivertype.JobRow) time.Time {
	if strings.HasPrefix(job.Kind, "messenger_") {
		return nextRetry(r.clock.Now(), job.Attempt)
	}
	return r.DefaultClientRetryPolicy.NextRetry(job)
}

// nextRetry is a little later than Backoff by chance, so that what failed together does not come back together.
func nextRetry(now time.Time, attempt int) time.Time {
	pause := Backoff(attempt)
	pause += time.Duration(rand.Int64N(int64(pause / 4))) //nolint:gosec // spreads load, guards nothing
	return now.Add(pause)
}
