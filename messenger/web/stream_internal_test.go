package web

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// pipes is a network without a machine: each connection is a pipe, whose deadlines go by the bubble's time.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (pipes) Close() error   { return nil }
func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

// Headers go out at once, and a quiet stream says now and then that it lives, past a server's write timeout; it ends
// with its events.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		events, network := make(chan messenger.LiveEvent), make(pipes)
		server := &http.Server{
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				stream(humago.NewContext(nil, r, w), "e-0", events, noMore, new(encoded).of)
			}),
			ReadHeaderTimeout: time.Second, WriteTimeout: heartbeat + heartbeat/2,
		}
		served := make(chan error, 1)
		go func() { served <- server.Serve(network) }()
		here, there := net.Pipe()
		network <- there
		began := time.Now()
		_, err := io.WriteString(here, "GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n")
		require.NoError(t, err)
		response, err := http.ReadResponse(bufio.NewReader(here), nil)
		require.NoError(t, err)
		defer func() { _ = response.Body.Close() }()
		require.Equal(t, began, time.Now(), "at once")
		lines := bufio.NewScanner(response.Body)
		for range 2 + 4*10 { // ten beats, well past the timeout
			require.True(t, lines.Scan())
			require.Regexp(t, `^(: hello|id: e-0|event: beat|data: \{\})?$`, lines.Text())
		}
		require.Greater(t, time.Since(began), 8*heartbeat)
		close(events)
		for lines.Scan() {
			require.Regexp(t, `^(: hello|id: e-0|event: beat|data: \{\})?$`, lines.Text())
		}
		require.NoError(t, lines.Err())
		close(network)
		require.ErrorIs(t, <-served, net.ErrClosed)
	})
}

// Each of many streams gets the same event; what follows must not be taken for it.
func TestAnEventIsEncodedForTheFirstOfItsStreams(t *testing.T) {
	t.Parallel()
	var all encoded
	events := make([]messenger.LiveEvent, 3*len(all.latest))
	for i := range events {
		events[i] = messenger.LiveEvent{ID: "e-1", Kind: "message", Message: &messenger.Message{Body: strconv.Itoa(i)}}
		text := all.of(events[i])
		require.Contains(t, string(text), `"body":"`+strconv.Itoa(i)+`"`)
		require.Same(t, &text[0], &all.of(events[i])[0])
	}
	require.Contains(t, string(all.of(events[0])), `"body":"0"`, "forgotten since")
	require.Equal(t, "id: e-2\nevent: reset\ndata: {}\n\n", string(all.of(messenger.LiveEvent{ID: "e-2", Kind: "reset"})))
}

// beats are the times at which a stream was written to.
type beats struct {
	http.ResponseWriter
	times   []time.Time
	flushed int
}

func (*beats) Header() http.Header { return http.Header{} }
func (*beats) WriteHeader(int)     {}
func (b *beats) Flush()            { b.flushed++ }

func (b *beats) Write(piece []byte) (int, error) {
	b.times = append(b.times, time.Now())
	return len(piece), nil
}

func TestStreamsBeatAtTimesOfTheirOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const streams = 200
		began := time.Now()
		events := make(chan messenger.LiveEvent)
		all := make([]*beats, streams)
		var ended sync.WaitGroup
		for i := range all {
			all[i] = &beats{}
			ended.Go(func() {
				stream(humago.NewContext(nil, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), all[i]), "e-0", events, noMore, new(encoded).of)
			})
		}
		time.Sleep(10*heartbeat - time.Nanosecond) //nolint:forbidigo // the bubble's time
		close(events)
		ended.Wait()
		seconds := map[time.Duration]int{}
		for _, a := range all {
			require.Len(t, a.times, 11)
			require.Equal(t, began, a.times[0], "at once")
			for i, at := range a.times[1:] {
				require.Equal(t, a.times[1].Add(time.Duration(i)*heartbeat), at)
			}
			seconds[a.times[1].Sub(began).Truncate(time.Second)]++
		}
		for second, n := range seconds {
			require.Less(t, n, 2*streams/5, "at %s", second)
		}
	})
}

func TestEventsThatWaitGoOutTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		events := make(chan messenger.LiveEvent, 3)
		for range cap(events) {
			events <- messenger.LiveEvent{ID: "e-1", Kind: "reset"}
		}
		out := &beats{}
		go stream(humago.NewContext(nil, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), out), "e-0", events, noMore, new(encoded).of)
		synctest.Wait()
		require.Len(t, out.times, 1+3)
		require.Equal(t, 1+1, out.flushed)
		close(events)
	})
}

// noMore is a subscription of somebody who may see nothing any more.
func noMore(string) (<-chan messenger.LiveEvent, error) {
	return nil, errors.New("not signed in")
}

// Where the events end, the stream goes on with those of a new subscription, and ends once there is none.
func TestAStreamSubscribesAgain(t *testing.T) {
	t.Parallel()
	ended, second := make(chan messenger.LiveEvent), make(chan messenger.LiveEvent, 1)
	close(ended)
	second <- messenger.LiveEvent{ID: "2", Kind: "reset"}
	close(second)
	var asked []string
	out := httptest.NewRecorder()
	stream(humago.NewContext(nil, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), out), "1", ended,
		func(last string) (<-chan messenger.LiveEvent, error) {
			if asked = append(asked, last); len(asked) > 1 {
				return noMore(last)
			}
			return second, nil
		}, new(encoded).of)
	require.Equal(t, []string{"1", "2"}, asked)
	require.Contains(t, out.Body.String(), "id: 1\nevent: reset", "the page fetches again what it shows")
	require.Contains(t, out.Body.String(), "id: 2\nevent: reset")
}
