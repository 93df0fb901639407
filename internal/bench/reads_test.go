package bench

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// someInbox is a staff member picked by chance among those with as many channels.
func (w *world) someInbox(size int) (first, last int) {
	first, last = -1, -1
	for s, n := range w.data.inboxes {
		if n == size && first < 0 {
			first = s
		}
		if n == size {
			last = s
		}
	}
	return first, last
}

func between(first, last int) int { return first + rand.IntN(last-first+1) }

func (w *world) benchInbox(b *testing.B) figure {
	b.Helper()
	first, last := w.someInbox(clusterSize)
	read := func(m *messenger.Messenger, s int) error {
		page, err := m.Inbox(as(b.Context(), staffID(s)), messenger.InboxParams{Staff: staffID(s)})
		if err == nil && len(page.Items) != 50 {
			return fmt.Errorf("a page of %d", len(page.Items))
		}
		return err
	}
	seen := w.watch(b, func(m *messenger.Messenger) { require.NoError(b, read(m, first)) })
	head := fmt.Sprintf("\\set staff random(%d, %d)\n", first, last)
	script := w.script(b, head, seen, places{string(staffID(first)): "'s' || cast(:staff as int)"})
	return w.beside(b, "own SQL, pgbench", func() sample {
		return hammer(b, eight, func(int) error { return read(w.Messenger, between(first, last)) })
	}, func() sample { return w.bare(b, eight, script) })
}

func (w *world) benchThread(b *testing.B) figure {
	b.Helper()
	owners := w.owners()
	read := func(m *messenger.Messenger, c int) error {
		_, err := m.Messages(as(b.Context(), staffID(int(owners[c]))), channelID(c), messenger.PageParams{})
		return err
	}
	seen := w.watch(b, func(m *messenger.Messenger) { require.NoError(b, read(m, 1)) })
	head := fmt.Sprintf("\\set channel random(0, %d)\n", w.data.channels-1)
	script := w.script(b, head, seen, places{channelID(1).String(): anyChannel})
	return w.beside(b, "own SQL, pgbench", func() sample {
		return hammer(b, eight, func(int) error { return read(w.Messenger, rand.IntN(w.data.channels)) })
	}, func() sample { return w.bare(b, eight, script) })
}

// benchSearch searches inboxes of 500 channels for a word in a thousandth of all messages.
func (w *world) benchSearch(b *testing.B) figure {
	b.Helper()
	first, last := w.someInbox(clusterSize)
	words := w.data.words["medium"][:4]
	read := func(m *messenger.Messenger, s int, word string) error {
		_, err := m.Inbox(as(b.Context(), staffID(s)), messenger.InboxParams{Staff: staffID(s), Query: word})
		return err
	}
	scripts := make([]string, len(words))
	for i, word := range words {
		seen := w.watch(b, func(m *messenger.Messenger) { require.NoError(b, read(m, first, word)) })
		head := fmt.Sprintf("\\set staff random(%d, %d)\n", first, last)
		scripts[i] = w.script(b, head, seen, places{string(staffID(first)): "'s' || cast(:staff as int)"})
	}
	return w.beside(b, "own SQL, pgbench", func() sample {
		return hammer(b, eight, func(int) error {
			return read(w.Messenger, between(first, last), words[rand.IntN(len(words))])
		})
	}, func() sample { return w.bare(b, eight, scripts...) })
}
