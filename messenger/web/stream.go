package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

const (
	streamID = "stream-events"
	// heartbeat keeps proxies from closing a quiet stream, and tells a browser that the server is there: the elements
	// say that it is not when nothing has come for twelve seconds.
	heartbeat = 5 * time.Second
	// stuck is how long a reader may take nothing before its stream ends. The stream stays alive under a server's
	// WriteTimeout.
	stuck = 30 * time.Second
)

// streamed documents what a stream holds.
func streamed(a *staffAPI) *huma.Response {
	schemas := a.OpenAPI().Components.Schemas
	return &huma.Response{
		Description: "A stream of events.",
		Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{
			Description: "Each event's data: of channel a channel's row, of message a message, " +
				"of broadcast a broadcast, of unmatched a count, of present and of gone who has a channel open, or no more, " +
				"of reset and of beat (every five seconds) an empty object.",
			AnyOf: []*huma.Schema{
				schemas.Schema(reflect.TypeFor[messengerChannel](), true, ""),
				schemas.Schema(reflect.TypeFor[messengerMessage](), true, ""),
				schemas.Schema(reflect.TypeFor[messengerBroadcast](), true, ""),
				schemas.Schema(reflect.TypeFor[messengerUnmatchedCount](), true, ""),
				schemas.Schema(reflect.TypeFor[messengerPresent](), true, ""),
				schemas.Schema(reflect.TypeFor[messengerReset](), true, ""),
			},
		}}},
	}
}

type messengerReset struct{}

// messengerUnmatchedCount is how many texts wait for a person.
type messengerUnmatchedCount struct {
	Count int `json:"count" doc:"Counted up to 1,000."`
}

type eventsInput struct {
	Inboxes     []adapters.StaffID `query:"inbox,explode" maxItems:"10" doc:"Whose, by staff id; absent: the asker's own."`
	LastEventID string             `header:"Last-Event-ID" maxLength:"200" doc:"The id of the last event that was read."`
}

// GET /events
func (a *staffAPI) events(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	for _, id := range in.Inboxes {
		if utf8.RuneCountInString(string(id)) > messenger.MaxHostID {
			return nil, invalid("inbox", "An inbox is named by a staff id, of 200 characters at most.")
		}
	}
	if len(in.Inboxes) == 0 {
		in.Inboxes = []adapters.StaffID{""}
	}
	subscribe := func(last string) (<-chan messenger.LiveEvent, error) {
		return a.m.Subscribe(ctx, in.Inboxes[0], last, in.Inboxes[1:]...)
	}
	last := cmp.Or(in.LastEventID, a.m.LiveID()) // before the stream begins: what comes in between comes twice
	events, err := subscribe(in.LastEventID)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		// Huma's frames would make every stream's stack 16 kB instead of 8.
		ctx.(*request).rest = func() { stream(ctx, last, events, subscribe, a.encoded.of) }
	}}, nil
}

// stream writes events until the reader goes; last is the id that they begin behind, and a beat has that of the latest.
// Where the events end it subscribes again behind the latest, to what the asker may see by then, and has the page fetch
// again what it shows; where they may see nothing, it ends.
func stream(
	ctx huma.Context, last string, events <-chan messenger.LiveEvent,
	subscribe func(last string) (<-chan messenger.LiveEvent, error), encode func(messenger.LiveEvent) []byte,
) {
	ctx.SetHeader("Content-Type", "text/event-stream")
	ctx.SetHeader("X-Accel-Buffering", "no")
	ctx.SetStatus(http.StatusOK)
	out := ctx.BodyWriter()
	// Streams that begin together, as after a restart, don't beat together.
	timer := time.NewTimer(rand.N(heartbeat)) //nolint:gosec // no secret
	defer timer.Stop()
	err := write(out, []byte(": hello\n\n"))
	for err == nil {
		select {
		case <-timer.C:
			timer.Reset(heartbeat)
			err = write(out, wireEvent(messenger.LiveEvent{ID: last, Kind: "beat"}))
		case event, open := <-events:
			if !open {
				if events, err = subscribe(last); err != nil {
					return
				}
				err = write(out, encode(messenger.LiveEvent{ID: last, Kind: "reset"}))
				continue
			}
			last = event.ID
			pieces := [][]byte{encode(event)}
			for waiting := true; waiting; {
				select {
				case event, open = <-events:
					if waiting = open; open {
						last = event.ID
						pieces = append(pieces, encode(event))
					}
				default:
					waiting = false
				}
			}
			err = write(out, pieces...)
		}
	}
}

// write sends pieces at once, and together.
func write(out io.Writer, pieces ...[]byte) error {
	w, direct := out.(http.ResponseWriter)
	if direct {
		// A writer without deadlines has none to extend.
		//nolint:forbidigo // a socket's deadline is wall-clock time
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(stuck))
	}
	for _, piece := range pieces {
		if _, err := out.Write(piece); err != nil {
			return fmt.Errorf("write an event: %w", err)
		}
	}
	if !direct {
		return nil
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		return fmt.Errorf("flush an event: %w", err)
	}
	return nil
}

// encoded remembers the latest events as they were written: each goes to many streams, and is encoded for the first.
type encoded struct {
	mu     sync.RWMutex
	latest [64]struct {
		event messenger.LiveEvent
		text  []byte
	}
	next int
}

func (e *encoded) of(event messenger.LiveEvent) []byte {
	if text := e.known(event); text != nil {
		return text
	}
	text := wireEvent(event)
	e.mu.Lock()
	defer e.mu.Unlock()
	one := &e.latest[e.next%len(e.latest)]
	e.next++
	one.event, one.text = event, text
	return text
}

func (e *encoded) known(event messenger.LiveEvent) []byte {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for i := range e.latest {
		one := &e.latest[(e.next+len(e.latest)-1-i)%len(e.latest)] // the newest first
		if one.event == event {
			return one.text
		}
	}
	return nil
}

func wireEvent(event messenger.LiveEvent) []byte {
	var data any = messengerReset{}
	switch {
	case event.Channel != nil:
		data = wireChannel(*event.Channel)
	case event.Message != nil:
		data = wireMessage(*event.Message)
	case event.Broadcast != nil:
		data = wireBroadcast(*event.Broadcast)
	case event.Unmatched != nil:
		data = messengerUnmatchedCount{*event.Unmatched}
	case event.Present != nil:
		data = wirePresent(*event.Present)
	}
	text, _ := json.Marshal(data) // plain structs of text, numbers and times
	return fmt.Appendf(nil, "id: %s\nevent: %s\ndata: %s\n\n", event.ID, event.Kind, text)
}
