package messenger

import (
	"context"
	"sync"
	"time"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// wordStatistics keeps what PostgreSQL's statistics know of the words of all inboxes, by which a search chooses its
// way.
type wordStatistics struct {
	mu    sync.Mutex
	read  time.Time
	known *search.Statistics
}

// wordStatisticsFor is how long they are kept: the words of all inboxes change slowly.
const wordStatisticsFor = 10 * time.Minute

// current returns the statistics. The first search after ten minutes reads them anew, and the others go by the old ones
// meanwhile: nobody waits for somebody else's query. Before they are known at all, each search reads them for itself.
func (w *wordStatistics) current(ctx context.Context, m *Messenger) (*search.Statistics, error) {
	w.mu.Lock()
	known, now := w.known, m.config.Now()
	due := known == nil || now.Sub(w.read).Abs() >= wordStatisticsFor
	if due {
		w.read = now
	}
	w.mu.Unlock()
	if !due {
		return known, nil
	}
	known, err := m.readWordStatistics(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.read = time.Time{} // the next search tries again
		return nil, err
	}
	w.known = known
	return known, nil
}

// searchIndexed says whether the index of words is there and done.
const searchIndexed = `exists (select from pg_index
	where indexrelid = to_regclass('messenger_messages_inbox_words') and indisvalid)`

func (m *Messenger) readWordStatistics(ctx context.Context) (*search.Statistics, error) {
	var indexed bool
	var messages, perChannel float64
	var words []string
	var shares []float64
	err := m.config.Pool.QueryRow(ctx, "select "+searchIndexed+`, greatest(t.reltuples, 0)::float8,
			greatest(t.reltuples / greatest(c.reltuples, 1), 1)::float8,
			coalesce(s.most_common_elems::text::text[], '{}'), coalesce(s.most_common_elem_freqs::float8[], '{}')
		from pg_class t join pg_class c on c.oid = 'messenger_channels'::regclass
			left join pg_stats s on s.schemaname = current_schema() and s.tablename = t.relname and s.attname = 'words'
		where t.oid = 'messenger_messages'::regclass`).Scan(&indexed, &messages, &perChannel, &words, &shares)
	if err != nil {
		return nil, err
	}
	return search.NewStatistics(indexed, messages, perChannel, words, shares), nil
}
