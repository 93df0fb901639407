package messenger

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// searchWait is how long a search waits for a place.
const searchWait = 2 * time.Second

// searchTime has the database itself end a search's statement, for this transaction alone: one that only its asker gave
// up would go on there.
func searchTime() rows.Query { return rows.Raw("select set_config('statement_timeout', '3s', true)") }

// searchPlaces is how many searches of an inbox a process asks the database for at once: a quarter of the pool's
// connections, so that dear ones hold up nobody who does not search.
func searchPlaces(connections int32) chan struct{} { return make(chan struct{}, max(1, connections/4)) }

// searching does a search at one of the places for them. Errors of its own: CodeUnavailable, where no place became free
// or the database cut it off.
func (m *Messenger) searching(ctx context.Context, search func(context.Context) error) error {
	waiting, cancel := context.WithTimeout(ctx, searchWait)
	defer cancel()
	select {
	case m.searches <- struct{}{}:
		defer func() { <-m.searches }()
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
