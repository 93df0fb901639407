package bench

import (
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations"
)

// firstWithRows is the first migration that is made over rows: those before it make the tables.
const firstWithRows = "20261101000008"

// sendOfBefore is a send by the columns that every version has: its channel, the message and its history.
const sendOfBefore = `with c as (
	update messenger_channels set last_seq = last_seq + 1, last_at = now(), updated_at = now() where id = $1
	returning id, organisation_id, staff_id, last_seq
), m as (
	insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, body, words,
		author_kind, author_id, author_name, created_at, delivery_status, record_status)
	select gen_random_uuid(), organisation_id, staff_id, id, last_seq, 'outbound', 'email', 'Of an earlier version',
		to_tsvector('simple', 'of an earlier version'), 'staff', staff_id, '', now(), 'sent', 'not_required' from c
	returning id, organisation_id, channel_id, author_id
)
insert into messenger_history
	(id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name, action, message_id)
select gen_random_uuid(), organisation_id, channel_id, now(), 'staff', author_id, '', 'sent', id from m`

// benchMigrations is the longest time in which no send is accepted while every migration since the first version is
// made over the rows that there are, with eight senders, beside the same without migrations.
func (w *world) benchMigrations(b *testing.B) figure {
	b.Helper()
	w.settle(b)
	w.takeBack(b)
	var over atomic.Bool
	time.AfterFunc(runTime(), func() { over.Store(true) })
	_, bare := w.sendAsBefore(b, &over)
	over.Store(false)
	began := time.Now()
	up := make(chan error, 1)
	go func() {
		up <- migrations.Up(b.Context(), w.pool)
		over.Store(true)
	}()
	sent, longest := w.sendAsBefore(b, &over)
	require.NoError(b, <-up)
	took := time.Since(began)
	f := figure{
		Limit: "no migrations", Rate: float64(sent) / took.Seconds(),
		P99: milliseconds(longest), BareP99: milliseconds(bare), Ratio: milliseconds(longest) / milliseconds(bare),
	}
	f.Note = "migrations ran " + took.Round(time.Second/10).String() + "; p99 is the longest time without a send accepted"
	b.ReportMetric(f.P99, "longest-ms")
	b.ReportMetric(f.BareP99, "longest-alone-ms")
	b.ReportMetric(took.Seconds(), "migrations-s")
	return f
}

// takeBack undoes the migrations since the first version, and the indexes of the search.
func (w *world) takeBack(b *testing.B) {
	b.Helper()
	files, err := fs.Glob(migrations.FS, "*.down.sql")
	require.NoError(b, err)
	slices.Sort(files)
	slices.Reverse(files)
	for _, file := range files {
		if file < firstWithRows {
			break
		}
		text, err := fs.ReadFile(migrations.FS, file)
		require.NoError(b, err)
		for part := range strings.SplitSeq(string(text), "--bun:split") {
			w.exec(b, part)
		}
	}
	w.exec(b, "drop index if exists messenger_messages_inbox_words, messenger_channels_name")
	w.exec(b, "delete from messenger_migrations where name >= '"+firstWithRows+"'")
}

// sendAsBefore has eight senders send until it is over, and answers how many sends were accepted, and the longest time
// in which none was.
func (w *world) sendAsBefore(b *testing.B, over *atomic.Bool) (sent int64, longest time.Duration) {
	b.Helper()
	var mu sync.Mutex
	last := time.Now()
	var senders sync.WaitGroup
	for range eight {
		senders.Go(func() {
			for !over.Load() {
				_, err := w.pool.Exec(b.Context(), sendOfBefore, channelID(rand.IntN(w.data.channels)))
				if err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				longest, last = max(longest, time.Since(last)), time.Now()
				sent++
				mu.Unlock()
			}
		})
	}
	senders.Wait()
	return sent, longest
}
