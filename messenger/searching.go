package messenger

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// searchWait is how long a search waits for a place.
const searchWait = 2 * time.Second

// searchTime has the database itself end a search's statement, for this transaction alone: one that only its asker gave
// up would go on there.
func searchTime() rows.Query { return rows.Raw("select set_config('statement_timeout', '3s', true)") }

// searches has the places for the searches of inboxes that a process asks the database for at once: a quarter of the
// pool's connections, so that dear ones hold up nobody who does not search, and one a person, so that a person's hold
// up nobody else's.
type searches struct {
	places chan struct{}

	mu     sync.Mutex
	people map[live.Person]*searcher
}

// searcher is somebody who searches at the moment.
type searcher struct {
	place chan struct{}
	asks  int // searches that have the place or wait for it
}

func newSearches(connections int32) *searches {
	return &searches{places: make(chan struct{}, max(1, connections/4)), people: map[live.Person]*searcher{}}
}

// enter is a person's own place, which leave forgets once none of their searches asks for it.
func (s *searches) enter(by live.Person) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.people[by] == nil {
		s.people[by] = &searcher{place: make(chan struct{}, 1)}
	}
	s.people[by].asks++
	return s.people[by].place
}

func (s *searches) leave(by live.Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.people[by].asks--; s.people[by].asks == 0 {
		delete(s.people, by)
	}
}

// searching does a person's search at their place and one of all. Errors of its own: CodeUnavailable, where no place
// became free or the database cut it off.
func (m *Messenger) searching(ctx context.Context, member adapters.Member, search func(context.Context) error) error {
	by := live.Person{Organisation: member.Organisation, Staff: member.ID}
	own := m.searches.enter(by)
	defer m.searches.leave(by)
	waiting, cancel := context.WithTimeout(ctx, searchWait)
	defer cancel()
	select {
	case own <- struct{}{}:
		defer func() { <-own }()
	case <-waiting.Done():
		return fail(CodeUnavailable, "Your last search is not done yet. Try again in a minute.")
	}
	select {
	case m.searches.places <- struct{}{}:
		defer func() { <-m.searches.places }()
	case <-waiting.Done():
		return fail(CodeUnavailable, "Many people search at the moment. Try again in a minute.")
	}
	bound, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	err := search(bound)
	if wasCutOff(err) && ctx.Err() == nil {
		return fail(CodeUnavailable, "This search took too long. Search for fewer or longer words, or try again in a minute.")
	}
	return err
}

// wasCutOff says whether a statement ended because its time was over.
func wasCutOff(err error) bool {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return said.Code == "57014" // query_canceled: https://www.postgresql.org/docs/current/errcodes-appendix.html
	}
	return errors.Is(err, context.DeadlineExceeded)
}

// listFound reads the channels that a search finds.
func (m *Messenger) listFound(ctx context.Context, query rows.Query) (found []rows.Listed, err error) {
	batch := &rows.Batch{}
	batch.Exec(searchTime())
	rows.Queue(batch, query, func(list []rows.Listed) error {
		found = list
		return nil
	})
	return found, batch.Send(ctx, m.db())
}
