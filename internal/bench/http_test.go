package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

// serve puts a handler behind a sign-in that believes a header, and returns its address and a client for eight callers.
func serve(b *testing.B, handler http.Handler) (address string, client *http.Client) {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(as(r.Context(), adapters.StaffID(r.Header.Get("X-Staff")))))
	}))
	b.Cleanup(server.Close)
	return server.URL, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: eight}}
}

func call(client *http.Client, r *http.Request, s int) error {
	r.Header.Set("X-Staff", string(staffID(s)))
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // only read
	said, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 300 {
		return fmt.Errorf("%d: %s", response.StatusCode, said)
	}
	return err
}

func get(ctx context.Context, client *http.Client, address string, s int) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return call(client, r, s)
}

// plainRow is what one handler with one select of 50 rows answers.
type plainRow struct {
	ID         uuid.UUID `json:"id"`
	ClientName string    `json:"client_name"`
	Status     string    `json:"status"`
	LastAt     time.Time `json:"last_at"`
}

type plainPage struct{ Body struct{ Items []plainRow } }

// plainHandler is the limit of a page over HTTP: Huma and a select of 50 rows by an index.
func (w *world) plainHandler() http.Handler {
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("limit", "1"))
	huma.Get(api, "/{staff}", func(ctx context.Context, in *struct {
		Staff string `path:"staff"`
	},
	) (*plainPage, error) {
		rows, err := w.pool.Query(ctx, `select id, client_name, status, last_at from messenger_channels where organisation_id = $1
			and staff_id = $2 and moved_to is null order by status desc, last_at desc, id desc limit 50`, organisation, in.Staff)
		if err != nil {
			return nil, err
		}
		page := &plainPage{}
		page.Body.Items, err = pgx.CollectRows(rows, pgx.RowToStructByPos[plainRow])
		return page, err
	})
	return mux
}

func (w *world) besidePlain(b *testing.B, read func(address string, client *http.Client) error) figure {
	b.Helper()
	first, last := w.someInbox(clusterSize)
	address, client := serve(b, web.StaffHandler(w.Messenger))
	plain, plainClient := serve(b, w.plainHandler())
	return w.beside(b, "Huma, one select of 50", func() sample {
		return hammer(b, eight, func(int) error { return read(address, client) })
	}, func() sample {
		return hammer(b, eight, func(int) error {
			return get(b.Context(), plainClient, plain+"/"+string(staffID(between(first, last))), first)
		})
	})
}

func (w *world) benchInboxHTTP(b *testing.B) figure {
	b.Helper()
	first, last := w.someInbox(clusterSize)
	return w.besidePlain(b, func(address string, client *http.Client) error {
		s := between(first, last)
		return get(b.Context(), client, fmt.Sprintf("%s/inboxes/%s/channels", address, staffID(s)), s)
	})
}

func (w *world) benchThreadHTTP(b *testing.B) figure {
	b.Helper()
	owners := w.owners()
	return w.besidePlain(b, func(address string, client *http.Client) error {
		c := rand.IntN(w.data.channels)
		return get(b.Context(), client, fmt.Sprintf("%s/channels/%s/messages", address, channelID(c)), int(owners[c]))
	})
}

// benchSendHTTP is a send over HTTP beside the service's.
func (w *world) benchSendHTTP(b *testing.B) figure {
	b.Helper()
	owners, writers := w.owners(), newWriters(eight)
	address, client := serve(b, web.StaffHandler(w.Messenger))
	return w.beside(b, "the service's send", func() sample {
		return hammer(b, eight, func(i int) error {
			c := writers[i].random.IntN(w.data.channels)
			raw, err := json.Marshal(map[string]any{"medium": "email", "subject": "Hello", "body": body(writers[i].zipf, nil)})
			if err != nil {
				return err
			}
			r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, fmt.Sprintf("%s/channels/%s/messages", address, channelID(c)),
				bytes.NewReader(raw))
			if err != nil {
				return err
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", uuid.NewString())
			return call(client, r, int(owners[c]))
		})
	}, func() sample {
		return hammer(b, eight, func(i int) error {
			_, _, err := w.send(b.Context(), w.Messenger, owners, writers[i])
			return err
		})
	})
}

// benchStreams opens STREAMS live streams (a thousand by default) and takes what each costs in memory, the client's end
// included, and the time from a commit to the event in one of them.
func (w *world) benchStreams(b *testing.B) {
	b.Helper()
	n := 1000
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
	address, _ := serve(b, web.StaffHandler(w.Messenger))
	before := memory()
	var readers []*bufio.Reader
	for s := range n {
		conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
		require.NoError(b, err)
		b.Cleanup(func() { _ = conn.Close() })
		_, err = fmt.Fprintf(conn, "GET /events HTTP/1.1\r\nHost: x\r\nX-Staff: %s\r\n\r\n", staffID(s%len(w.data.inboxes)))
		require.NoError(b, err)
		reader := bufio.NewReaderSize(conn, 16)
		line, err := reader.ReadString('\n')
		require.NoError(b, err)
		require.Contains(b, line, "200")
		readers = append(readers, reader)
	}
	each := float64(memory()-before) / float64(n) / 1024
	p50, p99 := w.liveLatency(ctx, b, readers[0])
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(each, "kB/stream")
	b.ReportMetric(milliseconds(p50), "p50-ms")
	b.ReportMetric(milliseconds(p99), "p99-ms")
}

// liveLatency sends in the first inbox and waits for the message's event, a hundred times.
func (w *world) liveLatency(ctx context.Context, b *testing.B, stream *bufio.Reader) (p50, p99 time.Duration) {
	b.Helper()
	owners, by := w.owners(), newWriters(1)[0]
	var own []int
	for c, owner := range owners {
		if owner == 0 {
			own = append(own, c)
		}
	}
	var times []time.Duration
	for i := range 100 {
		p := w.params(own[i%len(own)], by)
		sent, err := w.Send(as(ctx, staffID(0)), p)
		require.NoError(b, err)
		began := time.Now()
		for {
			line, err := stream.ReadString('\n')
			require.NoError(b, err)
			if strings.HasPrefix(line, "data:") && strings.Contains(line, sent.Message.ID.String()) {
				break
			}
		}
		times = append(times, time.Since(began))
	}
	return percentiles(times)
}

func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
