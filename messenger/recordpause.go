package messenger

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

const (
	// A record that takes nothing is asked again after five seconds, and later after half as long as that has lasted.
	recordPauseLeast = 5 * time.Second
	recordPauseMost  = 10 * time.Minute
	// recordDownAfter is how many messages in a row fail, each its own, before the record counts as down for all: one that
	// the record can't digest holds up nobody else.
	recordDownAfter = 3
)

// records knows how the organisations' records have answered this process.
type records struct {
	mu       sync.Mutex
	failures map[adapters.OrganisationID]failuresInARow
	paused   map[adapters.OrganisationID]bool // a pause was met, and nothing taken since
}

type failuresInARow struct {
	n    int
	last uuid.UUID // of the messages that failed
}

// failed is why filing as a whole has to wait after a message was not taken; "" where it may be that message's affair.
// A call that was given up for its time is none of the record's failures: it may be well and slow.
func (s *records) failed(r stored, err error) WaitingWhy {
	if errors.Is(err, adapters.ErrConfiguration) {
		return WaitingNotSetUp
	}
	if errors.As(err, new(*adapters.RateLimitError)) {
		return WaitingRecordDown
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures == nil {
		s.failures = map[adapters.OrganisationID]failuresInARow{}
	}
	f := s.failures[r.OrganisationID]
	if f.last != r.ID {
		f.n++
	}
	f.last = r.ID
	s.failures[r.OrganisationID] = f
	if f.n < recordDownAfter {
		return ""
	}
	return WaitingRecordDown
}

// meets says that an organisation's record was found in a pause.
func (s *records) meets(r stored) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused == nil {
		s.paused = map[adapters.OrganisationID]bool{}
	}
	s.paused[r.OrganisationID] = true
}

// took says that the record took a message, and answers whether that ends a pause.
func (s *records) took(r stored) (endsPause bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	endsPause = s.paused[r.OrganisationID]
	delete(s.failures, r.OrganisationID)
	delete(s.paused, r.OrganisationID)
	return endsPause
}

func recordKey(r stored) pauseKey { return pauseKey{r.OrganisationID, recordPause} }

// unfiled is how long a message has waited to be filed.
func (m *Messenger) unfiled(r stored) time.Duration {
	since := r.CreatedAt
	if r.SentAt != nil {
		since = *r.SentAt
	}
	return m.clock.now().Sub(since)
}

// recordTakesNothing is how long a filing has still to wait for the record as a whole.
func (m *Messenger) recordTakesNothing(ctx context.Context, r stored) time.Duration {
	wait, why := m.pauses.left(ctx, m, recordKey(r))
	if wait <= 0 {
		return 0
	}
	m.records.meets(r)
	return m.filingHeldUp(ctx, r, why, wait)
}

// pauseRecord holds up an organisation's filing, until the record takes more where it says when.
func (m *Messenger) pauseRecord(ctx context.Context, r stored, why WaitingWhy, err error) {
	wait, most := recordPauseLeast, recordPauseMost
	if limited := new(adapters.RateLimitError); errors.As(err, &limited) && !limited.Until.IsZero() {
		wait = m.waitOf(err)
		most = max(most, wait)
	}
	wait = m.pauses.set(ctx, m, recordKey(r), pausing{why: why}, wait, most)
	m.records.meets(r)
	m.filingHeldUp(ctx, r, why, wait)
}

// filingHeldUp is how long the job of a filing sleeps before the end of a pause: see heldUp.
func (m *Messenger) filingHeldUp(ctx context.Context, r stored, why WaitingWhy, wait time.Duration) time.Duration {
	if left := waitShown - m.unfiled(r); left > 0 {
		wait = min(wait, left)
	} else {
		m.filingWaits(ctx, r, why, m.now(ctx).Add(wait))
	}
	//nolint:gosec // spreads load, guards nothing
	return wait + time.Duration(rand.Int64N(int64(time.Second+min(wait/4, spreadOver))))
}

// recordTook ends a pause once the record has taken a message, and has what waited filed.
func (m *Messenger) recordTook(ctx context.Context, r stored) {
	if !m.records.took(r) {
		return
	}
	m.endPause(ctx, recordKey(r))
}
