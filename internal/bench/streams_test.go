package bench

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// An inbox is open in a few pages, and one in a tenth of all of them.
const (
	pages     = 4
	writtenTo = 20 // channels of each inbox
)

// streams is a process that serves live streams, and another that reads them all.
type streams struct {
	server, reader *process
	n              int
	send           func(ctx context.Context, to int) (id uuid.UUID, err error)
	receipts       chan receipt
}

// receipt is one message in one stream.
type receipt struct {
	id    uuid.UUID
	at    time.Time
	bytes int
}

// streamed is what one turn found.
type streamed struct {
	resident, inUse float64 // kB a stream
	few, many       sample  // of messages to inboxes with a few streams, and to that with many
	bytes           int     // of a message's events
}

// benchStreams opens STREAMS live streams (ten thousand by default), nine tenths of them in inboxes open in four pages,
// the others in one. It takes what each costs the server's process once it has had events, and the time from a commit
// to the event in the reader's process: at a hundred sends a second to the many inboxes, and at ten to the one. Ours
// and a bare hub take turns.
func (w *world) benchStreams(b *testing.B) []figure {
	b.Helper()
	n := 10_000
	if streams, err := strconv.Atoi(os.Getenv("STREAMS")); err == nil {
		n = streams
	}
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.Run(ctx)
	}()
	defer func() { stop(); <-done }()
	by := newWriters(1)[0]
	var random sync.Mutex
	send := func(ctx context.Context, to int) (uuid.UUID, error) {
		random.Lock()
		p := messenger.SendParams{
			Client: clientID(by.random.IntN(writtenTo)), Medium: adapters.Email, Subject: "Hello", Body: body(by.zipf, nil),
			Key: uuid.NewString(),
		}
		random.Unlock()
		sent, err := w.Send(as(ctx, staffID(to)), p)
		return sent.Message.ID, err
	}
	var ours, bare []streamed
	for range turns {
		ours = append(ours, w.measureStreams(b, "messenger", n, send))
		bare = append(bare, w.measureStreams(b, "bare hub", n, func(ctx context.Context, to int) (uuid.UUID, error) {
			id := uuid.New()
			event := fmt.Sprintf("event: message\ndata: {\"id\":\"%s\",\"body\":\"", id)
			event += strings.Repeat("x", max(0, ours[0].bytes-len(event)-4)) + "\"}\n\n"
			_, err := w.pool.Exec(ctx, "select pg_notify('bench_bare_hub', $1)", string(staffID(to))+" "+event)
			return id, err
		}))
	}
	few := besideBare("streams/4 an inbox", ours, bare, func(s streamed) sample { return s.few })
	many := besideBare("streams/a tenth in one", ours, bare, func(s streamed) sample { return s.many })
	resident := func(s streamed) float64 { return s.resident }
	few.KB, few.BareKB = middleOf(ours, resident), middleOf(bare, resident)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(few.KB, "kB/stream")
	b.ReportMetric(few.BareKB, "limit-kB/stream")
	b.ReportMetric(middleOf(ours, func(s streamed) float64 { return s.inUse }), "in-use-kB/stream")
	b.ReportMetric(middleOf(bare, func(s streamed) float64 { return s.inUse }), "limit-in-use-kB/stream")
	return []figure{few, many}
}

func middleOf(list []streamed, of func(streamed) float64) float64 {
	values := make([]float64, len(list))
	for i, s := range list {
		values[i] = of(s)
	}
	return median(values)
}

func besideBare(name string, ours, bare []streamed, of func(streamed) sample) figure {
	rate := func(s streamed) float64 { return of(s).rate }
	p50 := func(s streamed) float64 { return milliseconds(of(s).p50) }
	p99 := func(s streamed) float64 { return milliseconds(of(s).p99) }
	f := figure{
		Name: name, Limit: "a bare hub", Rate: middleOf(ours, rate), P50: middleOf(ours, p50), P99: middleOf(ours, p99),
		Bare: middleOf(bare, rate), BareP50: middleOf(bare, p50), BareP99: middleOf(bare, p99),
	}
	f.Ratio = f.Rate / f.Bare
	return f
}

func (w *world) measureStreams(
	b *testing.B, role string, n int, send func(context.Context, int) (uuid.UUID, error),
) streamed {
	b.Helper()
	w.settle(b)
	s := &streams{server: start(b, role, w.url), n: n, send: send, receipts: make(chan receipt, 1000)}
	defer s.server.end()
	s.reader = start(b, "reader", s.server.ask(b, "address"))
	s.open(b, 0, 100) // the first cost what none after them does
	before := s.memory(b)
	s.open(b, 100, n)
	go s.receive()
	defer s.reader.end()
	var got streamed
	inboxes := (n - n/10) / pages
	got.few, got.bytes = s.latency(b, 5*runTime(), 100, pages, func(i int) int { return i % inboxes })
	got.many, _ = s.latency(b, 2*runTime(), 10, n-inboxes*pages, func(int) int { return inboxes })
	after := s.memory(b)
	got.resident = (after[0] - before[0]) / float64(n-100) / 1024
	got.inUse = (after[1] - before[1]) / float64(n-100) / 1024
	return got
}

// open opens the streams from the first to before the last.
func (s *streams) open(b *testing.B, first, last int) {
	b.Helper()
	inboxes := (s.n - s.n/10) / pages
	for i := first; i < last; i++ {
		// Each person has as many pages: the one inbox is open in those of many colleagues.
		_, err := fmt.Fprintln(s.reader.in, staffID(i/pages), staffID(min(i/pages, inboxes)))
		require.NoError(b, err)
	}
	require.Equal(b, "open", s.reader.ask(b, ""))
}

func (s *streams) memory(b *testing.B) (m [2]float64) {
	b.Helper()
	_, err := fmt.Sscan(s.server.ask(b, "memory"), &m[0], &m[1])
	require.NoError(b, err)
	return m
}

func (s *streams) receive() {
	defer close(s.receipts)
	for s.reader.out.Scan() {
		var id string
		var at int64
		var bytes int
		if _, err := fmt.Sscan(s.reader.out.Text(), &id, &at, &bytes); err == nil {
			s.receipts <- receipt{uuid.MustParse(id), time.Unix(0, at), bytes}
		}
	}
}

// latency sends at a steady rate, and waits until each message has come in every stream of its inbox. It returns the
// times from the commit, and the middle number of bytes that a message came with.
func (s *streams) latency(b *testing.B, long time.Duration, rate, each int, to func(i int) int) (sample, int) {
	b.Helper()
	sent := make(chan receipt, int(long.Seconds())*rate)
	began := time.Now()
	go s.sendSteadily(b, cap(sent), time.Second/time.Duration(rate), to, sent)
	var got []receipt
	late := time.After(long + time.Minute)
	for len(got) < cap(sent)*each {
		select {
		case r := <-s.receipts:
			got = append(got, r)
		case <-late:
			b.Fatalf("%d of %d events came", len(got), cap(sent)*each)
		}
	}
	took := time.Since(began)
	committed := map[uuid.UUID]time.Time{}
	for range cap(sent) {
		r := <-sent
		committed[r.id] = r.at
	}
	var times []time.Duration
	var bytes []int
	for _, r := range got {
		times, bytes = append(times, max(0, r.at.Sub(committed[r.id]))), append(bytes, r.bytes)
	}
	result := sample{rate: float64(len(times)) / took.Seconds()}
	result.p50, result.p99 = percentiles(times)
	return result, median(bytes)
}

// sendSteadily waits for no send before the next.
func (s *streams) sendSteadily(b *testing.B, n int, every time.Duration, to func(i int) int, sent chan<- receipt) {
	b.Helper()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for i := range n {
		<-ticker.C
		go func() {
			id, err := s.send(b.Context(), to(i))
			if err != nil {
				b.Error(err)
			}
			sent <- receipt{id: id, at: time.Now()}
		}()
	}
}
