package bench

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// BenchmarkSealing measures what a send costs with its line of history sealed beside one without, in one run: by turns
// of a hundred, since what else the machine does changes from second to second.
func BenchmarkSealing(b *testing.B) {
	const blocks, sends = 40, 100
	w := newWorld(b, shape{20_000, 4_000})
	owners, by := w.owners(), newWriters(1)[0]
	var ratios []float64
	var sealed, bare []time.Duration
	for range b.N {
		for range blocks {
			with, without := w.sendTimes(b, "enable", owners, by, sends), w.sendTimes(b, "disable", owners, by, sends)
			sealed, bare = append(sealed, with), append(bare, without)
			ratios = append(ratios, float64(with)/float64(without))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(w.triggerTime(b), "trigger-µs")
	b.ReportMetric(float64(median(sealed).Microseconds()), "sealed-µs")
	b.ReportMetric(float64(median(bare).Microseconds()), "bare-µs")
	reportMore(b, ratios)
}

// sendTimes is the median of some sends, with their lines sealed or not.
func (w *world) sendTimes(b *testing.B, sealing string, owners []int32, by writer, n int) time.Duration {
	b.Helper()
	w.exec(b, "alter table messenger_history "+sealing+" trigger messenger_history_chain")
	return w.timesOf(b, owners, by, n)
}

// timesOf is the median of some sends, one after the other.
func (w *world) timesOf(b *testing.B, owners []int32, by writer, n int) time.Duration {
	b.Helper()
	times := make([]time.Duration, 0, n)
	for i := range n + 10 { // the first find their plans
		at := time.Now()
		_, _, err := w.send(b.Context(), w.Messenger, owners, by)
		require.NoError(b, err)
		if i >= 10 {
			times = append(times, time.Since(at))
		}
	}
	return median(times)
}

var triggerRow = regexp.MustCompile(`Trigger messenger_history_chain: time=([\d.]+) calls=(\d+)`)

// triggerTime is what PostgreSQL says that sealing takes, a line.
func (w *world) triggerTime(b *testing.B) float64 {
	b.Helper()
	w.exec(b, "alter table messenger_history enable trigger messenger_history_chain")
	var times []float64
	for range 5 {
		//nolint:misspell // SQL has its own spelling
		found, err := w.pool.Query(b.Context(), `explain (analyze) insert into messenger_history (id, organisation_id,
				channel_id, at, actor_kind, actor_id, actor_name, action, chain, key_id)
			select gen_random_uuid(), organisation_id, id, now(), 'staff', 's1', 'Staff', 'sent', sha256(uuid_send(id)), 'k1'
			from messenger_channels`)
		require.NoError(b, err)
		rows, err := pgx.CollectRows(found, pgx.RowTo[string])
		require.NoError(b, err)
		match := triggerRow.FindStringSubmatch(strings.Join(rows, "\n"))
		require.NotNil(b, match)
		milliseconds, err := strconv.ParseFloat(match[1], 64)
		require.NoError(b, err)
		calls, err := strconv.ParseFloat(match[2], 64)
		require.NoError(b, err)
		times = append(times, 1000*milliseconds/calls)
	}
	return median(times)
}
