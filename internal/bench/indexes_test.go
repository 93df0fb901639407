package bench

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// BenchmarkIndexes measures what keeping an index costs a send, by turns of a hundred in one run, at SIZE messages (a
// million) and as many lines of history: the server is told to leave it alone in every other turn.
func BenchmarkIndexes(b *testing.B) {
	const blocks, sends = 40, 100
	w := newWorld(b, shape{wanted(), wanted() / 5})
	owners, by := w.owners(), newWriters(1)[0]
	keep := func(index string, kept bool) {
		w.exec(b, "update pg_index set indisready = $2 where indexrelid = $1::text::regclass", index, kept)
	}
	for _, index := range []string{"messenger_history_in_order", "messenger_messages_under_way"} {
		b.Run(index, func(b *testing.B) {
			var ratios []float64
			var all, less []time.Duration
			for range b.N {
				for range blocks {
					keep(index, true)
					with := w.timesOf(b, owners, by, sends)
					keep(index, false)
					without := w.timesOf(b, owners, by, sends)
					all, less = append(all, with), append(less, without)
					ratios = append(ratios, float64(with)/float64(without))
				}
				keep(index, true)
				w.exec(b, "reindex index "+index)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(median(all).Microseconds()), "with-µs")
			b.ReportMetric(float64(median(less).Microseconds()), "without-µs")
			reportMore(b, ratios)
		})
	}
}

// reportMore reports the middle and the quartiles of some ratios, as how much more the first side is.
func reportMore(b *testing.B, ratios []float64) {
	b.Helper()
	slices.Sort(ratios)
	b.ReportMetric(100*(ratios[len(ratios)/2]-1), "%more")
	b.ReportMetric(100*(ratios[len(ratios)/4]-1), "%more-q1")
	b.ReportMetric(100*(ratios[3*len(ratios)/4]-1), "%more-q3")
}

// BenchmarkVerify measures VerifyHistory over SIZE sealed lines (a million).
func BenchmarkVerify(b *testing.B) {
	w := newWorld(b, shape{wanted(), wanted() / 5})
	var lines int
	sealed := "select count(*) from messenger_history where seq is not null"
	require.NoError(b, w.pool.QueryRow(b.Context(), sealed).Scan(&lines))
	for lines < wanted() {
		id := w.broadcast(b)
		for made, before := 0, -1; made < recipients(); made, _ = w.progress(b, id) {
			require.Greater(b, made, before, "a run that made none would be repeated for ever")
			before = made
			_ = w.Jobs().FanOut(b.Context(), id, 1) // an error says that the run is over, and the next goes on
		}
		require.NoError(b, w.pool.QueryRow(b.Context(), sealed).Scan(&lines))
		b.Logf("%d lines", lines)
	}
	w.exec(b, "vacuum analyze messenger_history") //nolint:misspell // SQL
	for b.Loop() {                                // unlike b.N it fills the tables once
		began := time.Now()
		v, err := w.VerifyHistory(b.Context(), messenger.VerifyParams{SealedSince: began})
		require.NoError(b, err)
		require.Empty(b, v.Breaks)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(time.Since(began).Seconds(), "s")
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		b.ReportMetric(float64(memory.HeapSys)/(1<<20), "heap-MB") // the most that it had
		b.ReportMetric(float64(v.Lines), "lines")
		b.ReportMetric(float64(v.Unsealed), "unsealed")
	}
}
