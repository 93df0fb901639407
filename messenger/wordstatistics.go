package messenger

import (
	"context"
	"sync"
	"time"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
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
	known, now := w.known, m.ownNow()
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

func (m *Messenger) readWordStatistics(ctx context.Context) (*search.Statistics, error) {
	type statistics struct {
		Indexed    bool // the index of words is there and done
		Messages   float64
		PerChannel float64
		Words      []string
		Shares     []float64
	}
	s, err := rows.One[statistics](ctx, m.db(), rows.File("word_statistics", nil))
	if err != nil {
		return nil, err
	}
	return search.NewStatistics(s.Indexed, s.Messages, s.PerChannel, s.Words, s.Shares), nil
}
