package bench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// run is what BenchmarkScale found at one size.
type run struct {
	Messages int      `json:"messages"`
	Channels int      `json:"channels"`
	Settings string   `json:"settings"` // the server's, beside the defaults
	Figures  []figure `json:"figures"`
}

// BenchmarkScale measures at SIZE messages (a million by default) in a tenth as many channels, or CHANNELS, and writes
// what it finds to results/SIZE.json and, over all sizes measured so far, to the chart results/cost.svg.
func BenchmarkScale(b *testing.B) {
	messages := wanted()
	channels := messages / 10
	if n, err := strconv.Atoi(os.Getenv("CHANNELS")); err == nil {
		channels = n
	}
	w := newWorld(b, shape{messages, channels})
	found := run{Messages: messages, Channels: channels, Settings: os.Getenv("BENCH_SETTINGS")}
	add := func(name string, measure func(b *testing.B) figure) {
		b.Run(name, func(b *testing.B) {
			var f figure
			for range b.N {
				f = measure(b)
			}
			f.Name = name
			found.Figures = append(found.Figures, f)
		})
	}
	// what reads comes first: the others leave rows behind
	add("inbox-page/8", w.benchInbox)
	add("thread-page/8", w.benchThread)
	add("inbox-page-http/8", w.benchInboxHTTP)
	add("inbox-page-http-all-fields/8", w.benchInboxHTTPFull)
	add("thread-page-http/8", w.benchThreadHTTP)
	for _, size := range []int{500, 4_000, 25_000} {
		for _, class := range []string{"rare", "medium", "common", "very common"} {
			if first, _ := w.someInbox(size); first < 0 || len(w.data.words[class]) == 0 {
				continue
			}
			add(fmt.Sprintf("search/%s/%d", class, size), func(b *testing.B) figure {
				b.Helper()
				return w.benchCell(b, class, size)
			})
		}
	}
	w.exec(b, dropDesignB) // nothing is sent with both
	for _, senders := range []int{1, eight} {
		add(fmt.Sprintf("send/%d", senders), func(b *testing.B) figure {
			b.Helper()
			return w.benchSend(b, senders)
		})
	}
	add("send-http/8", w.benchSendHTTP)
	b.Run("streams", func(b *testing.B) { found.Figures = append(found.Figures, w.benchStreams(b)...) })
	add("deliver-and-file/8", w.benchDeliver)
	add("deliver-and-file-river", w.benchThroughRiver)
	add("broadcast-smtp", func(b *testing.B) figure {
		b.Helper()
		return w.benchBroadcast(b, false)
	})
	add("broadcast-smtp-filed", func(b *testing.B) figure {
		b.Helper()
		return w.benchBroadcast(b, true)
	})
	add("commit-to-provider", w.benchLatency)
	add("fan-out", w.benchFanOut)
	add("send-while-broadcasting/8", w.benchSendWhileBroadcasting)
	add("commit-to-provider-while-broadcasting", w.benchLatencyWhileBroadcasting)
	add("overdue-nothing-due", w.benchOverdue)
	add("send-while-handing-over/8", w.benchSendWhileHandingOver)
	add("fan-out-while-handing-over", w.benchFanOutWhileHandingOver)
	add("migrations-while-sending/8", w.benchMigrations)
	printTable(found.Figures)
	raw, err := json.MarshalIndent(found, "", "\t")
	require.NoError(b, err)
	require.NoError(b, os.MkdirAll("results", 0o755))
	require.NoError(b, os.WriteFile(filepath.Join("results", strconv.Itoa(messages)+".json"), append(raw, '\n'), 0o600))
	drawCost(b, "results")
}

const (
	makeDesignB = "create index if not exists bench_design_b on messenger_messages using gin (staff_id, words)"
	dropDesignB = "drop index if exists bench_design_b"
)

// designB is the bare search of performance.md, section 3, with its own index, asked for words from their start as the
// contract has it: the words alone, without names, excerpts or what a list shows.
const designB = `\set staff random(%d, %d)
select c.id, c.client_name, c.last_at from messenger_channels c
where c.organisation_id = 'north' and c.staff_id = 's' || cast(:staff as int) and c.moved_to is null
	and exists (select 1 from messenger_messages w where w.channel_id = c.id and w.staff_id = 's' || cast(:staff as int)
	and w.words @@ '%s'::tsquery)
order by c.status desc, c.last_at desc, c.id desc limit 50;
`

// benchCell searches inboxes of one size for words of one class, names included, one search at a time. The ratio is
// that of the medians.
func (w *world) benchCell(b *testing.B, class string, size int) figure {
	b.Helper()
	w.exec(b, makeDesignB)
	first, last := w.someInbox(size)
	words := w.data.words[class][:min(4, len(w.data.words[class]))]
	scripts := func(suffix string) []string {
		list := make([]string, len(words))
		for i, word := range words {
			list[i] = fmt.Sprintf(designB, first, last, word+suffix)
		}
		return list
	}
	f := w.beside(b, "design B, pgbench", func() sample {
		return hammer(b, 1, func(int) error {
			s := between(first, last)
			_, err := w.Inbox(as(b.Context(), staffID(s)),
				messenger.InboxParams{Staff: staffID(s), Query: words[rand.IntN(len(words))]})
			return err
		})
	}, func() sample { return w.bareOf(b, "simple", 1, scripts(":*")...) })
	f.Ratio = f.P50 / f.BareP50
	f.Note = fmt.Sprintf("the limit for whole words alone, which the contract does not have: p50 %.2f ms",
		milliseconds(w.bareOf(b, "simple", 1, scripts("")...).p50))
	b.ReportMetric(f.Ratio, "ratio")
	return f
}
