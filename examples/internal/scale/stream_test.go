package scale

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"
)

// browser is somebody with the inbox open at one web process.
type browser struct {
	web int

	mu       sync.Mutex
	statuses map[string]string // of messages, by id
	progress []broadcast
	again    int // how often it was told to fetch again
}

// open opens a browser; its stream has begun when it returns.
func (s *system) open(web int) *browser {
	s.t.Helper()
	b := &browser{web: web, statuses: map[string]string{}}
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.host(web).URL+"/messenger/api/events", nil)
	require.NoError(s.t, err)
	answer, err := http.DefaultClient.Do(request) //nolint:bodyclose // closed when the test ends
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, answer.StatusCode)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.read(bufio.NewScanner(answer.Body))
	}()
	s.t.Cleanup(func() {
		cancel()
		<-ended
		_ = answer.Body.Close()
	})
	return b
}

func (b *browser) read(lines *bufio.Scanner) {
	lines.Buffer(nil, 1<<20)
	kind := ""
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			kind = name
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			b.take(kind, []byte(data))
		}
	}
}

func (b *browser) take(kind string, data []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch kind {
	case "message":
		var m message
		if json.Unmarshal(data, &m) == nil {
			b.statuses[m.ID] = m.Delivery.Status
		}
	case "broadcast":
		var now broadcast
		if json.Unmarshal(data, &now) == nil {
			b.progress = append(b.progress, now)
		}
	case "reset":
		b.again++
	}
}

// shows tells whether the stream has brought the message as it is.
func (b *browser) shows(m message, status string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.statuses[m.ID] == status
}

// told is what the stream has said of a broadcast so far.
func (b *browser) told() []broadcast {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]broadcast{}, b.progress...)
}

func (b *browser) resets() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.again
}
