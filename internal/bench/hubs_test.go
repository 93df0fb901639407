package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

// The environment makes this test binary one of the processes that a measurement needs beside its own, and tells it an
// address or a database's URL.
const (
	roleKey     = "BENCH_ROLE"
	argumentKey = "BENCH_ARGUMENT"
)

func TestMain(m *testing.M) {
	role, ok := map[string]func(ctx context.Context, argument string) error{
		"messenger": serveMessenger, "bare hub": serveBareHub, "reader": readStreams, "sink": serveSink,
	}[os.Getenv(roleKey)]
	if !ok {
		os.Exit(m.Run())
	}
	if err := role(context.Background(), os.Getenv(argumentKey)); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// process is this binary in another role; it ends when its input does.
type process struct {
	in  io.WriteCloser
	out *bufio.Scanner
	end func()
}

func start(b *testing.B, role, argument string) *process {
	b.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), roleKey+"="+role, argumentKey+"="+argument)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	require.NoError(b, err)
	out, err := command.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, command.Start())
	end := sync.OnceFunc(func() {
		_ = in.Close()
		_ = command.Wait()
	})
	b.Cleanup(end)
	return &process{in, bufio.NewScanner(out), end}
}

// ask writes a line and reads one.
func (p *process) ask(b *testing.B, line string) string {
	b.Helper()
	_, err := fmt.Fprintln(p.in, line)
	require.NoError(b, err)
	require.True(b, p.out.Scan(), p.out.Err())
	return p.out.Text()
}

// serveStreams answers "memory" with the memory that it holds, resident and of it heap and stacks in use, in bytes, and
// anything else with its address.
func serveStreams(handler http.Handler) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return err
	}
	server := &http.Server{Handler: signedInByHeader(handler), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		answer := listener.Addr().String()
		if lines.Text() == "memory" {
			if answer, err = memory(); err != nil {
				return err
			}
		}
		if _, err := fmt.Println(answer); err != nil {
			return err
		}
	}
	return server.Close()
}

func memory() (string, error) {
	debug.FreeOSMemory() // after a collection of its own
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "", err
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	_, rest, _ := strings.Cut(string(raw), "VmRSS:")
	var resident int
	_, err = fmt.Sscan(rest, &resident)
	return fmt.Sprint(resident*1024, m.HeapInuse+m.StackInuse), err
}

// serveMessenger serves the staff API over the database at url.
func serveMessenger(ctx context.Context, url string) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	m, err := messenger.New(settings(pool, &carrier{}))
	if err != nil {
		return err
	}
	go func() { slog.Error("live updates ended", "error", m.Run(ctx)) }()
	return serveStreams(web.StaffHandler(m))
}

// bareHub is the limit of live updates: net/http and a channel a stream, told by NOTIFY whose stream gets which bytes.
type bareHub struct {
	mu      sync.Mutex
	streams map[adapters.StaffID][]chan string
}

func serveBareHub(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "listen bench_bare_hub"); err != nil {
		return err
	}
	hub := &bareHub{streams: map[adapters.StaffID][]chan string{}}
	go func() { slog.Error("bare hub ended", "error", hub.listen(ctx, conn)) }()
	return serveStreams(hub)
}

func (h *bareHub) listen(ctx context.Context, conn *pgx.Conn) error {
	for {
		notification, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		who, event, _ := strings.Cut(notification.Payload, " ")
		h.mu.Lock()
		for _, stream := range h.streams[adapters.StaffID(who)] {
			stream <- event
		}
		h.mu.Unlock()
	}
}

func (h *bareHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	events := make(chan string, 32)
	who := adapters.StaffID(r.FormValue("inbox"))
	h.mu.Lock()
	h.streams[who] = append(h.streams[who], events)
	h.mu.Unlock()
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	for err := out.Flush(); err == nil; err = out.Flush() {
		select {
		case <-r.Context().Done():
			return
		case event := <-events:
			_, _ = io.WriteString(w, event)
		}
	}
}

// readStreams opens a stream for each line, which names a staff member and an inbox, until an empty one, and says when
// they are open. From then on it says of each message in each stream: its id, when it was read in nanoseconds of the
// Unix time, and the bytes since the message before.
func readStreams(_ context.Context, address string) error {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if lines.Text() == "" {
			fmt.Println("open")
			continue
		}
		conn, err := net.Dial("tcp", address) //nolint:noctx // at once
		if err != nil {
			return err
		}
		who, inbox, _ := strings.Cut(lines.Text(), " ")
		if _, err := fmt.Fprintf(conn, "GET /events?inbox=%s HTTP/1.1\r\nHost: x\r\nX-Staff: %s\r\n\r\n", inbox,
			who); err != nil {
			return err
		}
		reader := bufio.NewReader(conn)
		if status, err := reader.ReadString('\n'); err != nil || !strings.Contains(status, " 200 ") {
			return fmt.Errorf("a stream begins with %q: %w", status, err)
		}
		go readStream(reader)
	}
	return nil
}

func readStream(reader *bufio.Reader) {
	message, bytes := false, 0
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		bytes += len(line)
		if strings.HasPrefix(line, "event: ") {
			message = line == "event: message\n"
		}
		if !message || !strings.HasPrefix(line, "data: ") {
			continue
		}
		at := time.Now().UnixNano()
		_, rest, _ := strings.Cut(line, `"id":"`)
		id, _, _ := strings.Cut(rest, `"`)
		_, _ = fmt.Println(id, at, bytes)
		message, bytes = false, 0
	}
}
