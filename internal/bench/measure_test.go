package bench

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"
)

const turns = 3

// runTime is how long one turn lasts: BENCH_SECONDS, or 4 s.
func runTime() time.Duration {
	if n, err := strconv.Atoi(os.Getenv("BENCH_SECONDS")); err == nil {
		return time.Duration(n) * time.Second
	}
	return 4 * time.Second
}

// sample is one turn's result.
type sample struct {
	rate     float64 // a second
	p50, p99 time.Duration
}

// figure is a result beside its limit: medians of the turns.
type figure struct {
	Name    string  `json:"name"`
	Limit   string  `json:"limit"`
	Rate    float64 `json:"rate"`
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	Bare    float64 `json:"limit_rate"`
	BareP50 float64 `json:"limit_p50_ms"`
	BareP99 float64 `json:"limit_p99_ms"`
	Ratio   float64 `json:"ratio"`
	KB      float64 `json:"kb_a_stream,omitempty"`
	BareKB  float64 `json:"limit_kb_a_stream,omitempty"`
	Note    string  `json:"note,omitempty"`
}

func percentiles(times []time.Duration) (p50, p99 time.Duration) {
	if len(times) == 0 {
		return 0, 0
	}
	slices.Sort(times)
	return times[len(times)/2], times[len(times)*99/100]
}

func median[T cmp.Ordered](list []T) T {
	slices.Sort(list)
	return list[len(list)/2]
}

// settle lets no turn pay for what went before it.
func (w *world) settle(b *testing.B) {
	b.Helper()
	w.exec(b, "truncate river_job")
	w.exec(b, "checkpoint")
	syscall.Sync()
	require.Eventually(b, func() bool {
		var busy int
		err := w.pool.QueryRow(b.Context(),
			"select count(*) from pg_stat_activity where backend_type = 'autovacuum worker'").Scan(&busy)
		return err == nil && busy == 0
	}, 10*time.Minute, 100*time.Millisecond)
}

// beside measures ours and its limit by turns.
func (w *world) beside(b *testing.B, limit string, ours, bare func() sample) figure {
	b.Helper()
	var mine, theirs []sample
	for range turns {
		w.settle(b)
		theirs = append(theirs, bare())
		w.settle(b)
		mine = append(mine, ours())
	}
	middle := func(list []sample) (rate, p50, p99 float64) {
		var rates []float64
		var half, most []time.Duration
		for _, s := range list {
			rates, half, most = append(rates, s.rate), append(half, s.p50), append(most, s.p99)
		}
		return median(rates), milliseconds(median(half)), milliseconds(median(most))
	}
	f := figure{Limit: limit}
	f.Rate, f.P50, f.P99 = middle(mine)
	f.Bare, f.BareP50, f.BareP99 = middle(theirs)
	f.Ratio = f.Rate / f.Bare
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(f.Rate, "ours/s")
	b.ReportMetric(f.Bare, "limit/s")
	b.ReportMetric(f.Ratio, "ratio")
	b.ReportMetric(f.P99, "p99-ms")
	return f
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// hammer calls use from n goroutines for the length of a turn.
func hammer(b *testing.B, n int, use func(worker int) error) sample {
	b.Helper()
	var workers sync.WaitGroup
	times := make([][]time.Duration, n)
	errs := make([]error, n)
	began := time.Now()
	for i := range n {
		workers.Go(func() {
			for time.Since(began) < runTime() && errs[i] == nil {
				at := time.Now()
				errs[i] = use(i)
				times[i] = append(times[i], time.Since(at))
			}
		})
	}
	workers.Wait()
	took := time.Since(began)
	for _, err := range errs {
		require.NoError(b, err)
	}
	all := slices.Concat(times...)
	s := sample{rate: float64(len(all)) / took.Seconds()}
	s.p50, s.p99 = percentiles(all)
	return s
}

func printTable(figures []figure) {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "figure\tours/s\tp50 ms\tp99 ms\tlimit\tlimit/s\tp50 ms\tp99 ms\tratio\tnote")
	for _, f := range figures {
		_, _ = fmt.Fprintf(out, "%s\t%.0f\t%.2f\t%.2f\t%s\t%.0f\t%.2f\t%.2f\t%.2f\t%s\n",
			f.Name, f.Rate, f.P50, f.P99, f.Limit, f.Bare, f.BareP50, f.BareP99, f.Ratio, f.Note)
	}
	_ = out.Flush()
	for _, f := range figures {
		if f.KB != 0 {
			fmt.Printf("%s: %.1f kB a stream, %s: %.1f\n", f.Name, f.KB, f.Limit, f.BareKB)
		}
	}
}
