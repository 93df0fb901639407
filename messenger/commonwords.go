package messenger

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

// commonWords are the words that most messages have, by PostgreSQL's statistics of all inboxes: a thousand at its default settings. They are
// read again now and then.
type commonWords struct {
	mu                   sync.Mutex
	read                 time.Time
	indexed              bool
	messages, perChannel float64
	words                []commonWord // in order
}

type commonWord struct {
	word  string
	share float64 // of messages
}

const (
	commonWordsFor = 10 * time.Minute
	// fewPostings is in how many messages of all inboxes a word may be for the index to be asked whatever the inbox's size.
	fewPostings = 20_000
	// inboxBuckets is over how many buckets messenger_inbox_bucket spreads the inboxes: the index is asked for a word in one.
	inboxBuckets = 16
	// What looking through one channel's messages costs, and one message that the index found with its channel, in entries of the index: 180, 36
	// and 0.3 microseconds, measured at ten million messages, ten to a channel, on a machine whose memory did not hold them all.
	postingsAChannel = 600
	postingsAMessage = 120
	// cheaperBy is by how much a walk has to promise to be cheaper: it may find fewer than the average inbox has.
	cheaperBy = 1.4
)

// searchIndexed says whether the index of words is there and done.
const searchIndexed = "exists (select from pg_index where indexrelid = to_regclass('messenger_messages_inbox_words') and indisvalid)"

// rarity is the term of a search that the fewest messages have, of all inboxes, roughly.
type rarity struct {
	term       int
	postings   float64 // messages; none for a word that is not common, and no end of them without an index of words
	share      float64 // of messages
	perChannel float64 // messages of a channel
}

// walk is how many channels of an inbox are to be looked through for a page of matches: none where the index is as cheap.
func (r rarity) walk(channels, page int) int {
	index := r.postings/inboxBuckets + postingsAMessage*r.share*r.perChannel*float64(channels)
	needed := min(float64(channels), float64(page)/(1-math.Pow(1-r.share, r.perChannel)))
	if cheaperBy*needed*postingsAChannel > index {
		return 0
	}
	return int(min(float64(channels), index/postingsAChannel))
}

// rarest finds the term that the fewest messages have. Without the index of words, whose extensions a host may refuse, any walk is shorter
// than a look into it.
func (c *commonWords) rarest(ctx context.Context, m *Messenger, s search) (rarity, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.config.Now().Sub(c.read).Abs() >= commonWordsFor {
		if err := c.refresh(ctx, m); err != nil {
			return rarity{}, err
		}
	}
	r := rarity{share: 1, postings: math.Inf(1), perChannel: c.perChannel}
	if !c.indexed {
		return r, nil
	}
	for i, t := range s.terms {
		for _, word := range t.words {
			if share := c.share(word); share*c.messages < r.postings {
				r.term, r.share, r.postings = i, share, share*c.messages
			}
		}
	}
	return r, nil
}

// share is of how many messages have words that begin so.
func (c *commonWords) share(beginning string) (share float64) {
	first, _ := slices.BinarySearchFunc(c.words, beginning, func(w commonWord, beginning string) int { return cmp.Compare(w.word, beginning) })
	for _, w := range c.words[first:] {
		if !strings.HasPrefix(w.word, beginning) {
			break
		}
		share += w.share
	}
	return min(share, 1)
}

func (c *commonWords) refresh(ctx context.Context, m *Messenger) error {
	var words []string
	var shares []float64
	err := m.config.Pool.QueryRow(ctx, "select "+searchIndexed+`, greatest(t.reltuples, 0)::float8,
			greatest(t.reltuples / greatest(c.reltuples, 1), 1)::float8, coalesce(s.most_common_elems::text::text[], '{}'), coalesce(s.most_common_elem_freqs::float8[], '{}')
		from pg_class t join pg_class c on c.oid = 'messenger_channels'::regclass left join pg_stats s on s.schemaname = current_schema() and s.tablename = t.relname and s.attname = 'words'
		where t.oid = 'messenger_messages'::regclass`).Scan(&c.indexed, &c.messages, &c.perChannel, &words, &shares)
	if err != nil {
		return err
	}
	c.words = c.words[:0]
	for i, word := range words { // the shares go on with the least and the greatest
		c.words = append(c.words, commonWord{word, shares[i]})
	}
	slices.SortFunc(c.words, func(a, b commonWord) int { return cmp.Compare(a.word, b.word) })
	c.read = m.config.Now()
	return nil
}
