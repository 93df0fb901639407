package messenger

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// LiveEvent is one live update of an inbox. Kind "channel" carries the list row as it stands, "message" the message,
// "broadcast" a broadcast's progress, and "reset" asks the reader to fetch again what it shows. ID resumes a stream behind it.
type LiveEvent struct {
	ID, Kind  string
	Channel   *Channel
	Message   *Message
	Broadcast *Broadcast
}

// inbox names a staff member's inbox.
type inbox struct {
	organisation adapters.OrganisationID
	staff        adapters.StaffID
}

// numberedChange is a change and its place in this process's run of events.
type numberedChange struct {
	change
	epoch string
	n     int64
}

func (n numberedChange) inbox() inbox { return inbox{n.Organisation, n.Staff} }

func (n numberedChange) id() string { return fmt.Sprintf("%s-%d", n.epoch, n.n) }

func (n numberedChange) before() string { return fmt.Sprintf("%s-%d", n.epoch, n.n-1) }

// hub hands changes to the streams of this process, and remembers the latest for those that resume.
type hub struct {
	mu      sync.Mutex
	epoch   string
	n       int64
	ring    []change // the latest changes, the newest last
	streams map[inbox]map[*stream]struct{}
	polls   int
	touched map[inbox]int // the poll after which it was last told of its channels: a broadcast's progress says nothing of them
	recheck time.Duration // how often a stream's permission is asked for again
}

// stream is one subscriber, without a goroutine of its own. A reader too slow for its backlog loses it and is reset. All of it is
// guarded by the hub.
type stream struct {
	at     inbox
	held   []LiveEvent    // what came before it began
	events chan LiveEvent // nil until it begins
	check  *time.Timer
	unhook func() bool // from the end of its context
	ended  bool
}

func newHub() *hub {
	return &hub{epoch: newEpoch(), streams: map[inbox]map[*stream]struct{}{}, touched: map[inbox]int{}, recheck: permissionEvery}
}

// number gives changes their places and remembers them.
func (h *hub) number(batch []change) []numberedChange {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]numberedChange, len(batch))
	for i, c := range batch {
		h.n++
		list[i] = numberedChange{c, h.epoch, h.n}
		if c.ofChannels() {
			h.touched[list[i].inbox()] = h.polls
		}
	}
	h.ring = append(h.ring, batch...)
	if len(h.ring) > 2*remembered {
		h.ring = slices.Clone(h.ring[len(h.ring)-remembered:])
	}
	return list
}

func (h *hub) watched(at inbox) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.streams[at]) > 0
}

// beginPoll returns the number of a poll and the watched inboxes. It comes before their states are read.
func (h *hub) beginPoll() (poll int, watched []inbox) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.polls++
	return h.polls, slices.Collect(maps.Keys(h.streams))
}

func (h *hub) send(at inbox, events []LiveEvent) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams[at] {
		h.push(s, events)
	}
}

func (h *hub) push(s *stream, events []LiveEvent) {
	for _, event := range events {
		switch {
		case s.events == nil && len(s.held) < backlog:
			s.held = append(s.held, event)
			continue
		case s.events == nil:
			s.held = []LiveEvent{h.reset()}
			return
		}
		select {
		case s.events <- event:
		default:
			s.drain()
			s.events <- h.reset() // nobody else fills it
			return
		}
	}
}

// drain empties the backlog, while its reader may be reading.
func (s *stream) drain() {
	for {
		select {
		case <-s.events:
		default:
			return
		}
	}
}

func (h *hub) reset() LiveEvent {
	return LiveEvent{ID: numberedChange{epoch: h.epoch, n: h.n}.id(), Kind: "reset"}
}

// restart begins a new run of events: nobody can resume from before it, and every stream is told to fetch again.
func (h *hub) restart() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.epoch, h.n, h.ring = newEpoch(), 0, nil
	for _, streams := range h.streams {
		for s := range streams {
			h.push(s, []LiveEvent{h.reset()})
		}
	}
}

// compare resets the streams of inboxes that changed since an earlier poll saw them without a word, which may come
// later than what it tells of: all since that poll began counts.
func (h *hub) compare(poll int, seen, now map[inbox]string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for at, state := range now {
		if before, known := seen[at]; known && before != state && h.touched[at] < poll {
			for s := range h.streams[at] {
				h.push(s, []LiveEvent{h.reset()})
			}
		}
	}
	maps.DeleteFunc(h.touched, func(_ inbox, poll int) bool { return poll < h.polls })
}

// join adds a stream and returns the changes since lastID that it has missed; known is false when those can't be told.
func (h *hub) join(at inbox, lastID string) (s *stream, missed []numberedChange, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s = &stream{at: at}
	if h.streams[at] == nil {
		h.streams[at] = map[*stream]struct{}{}
	}
	h.streams[at][s] = struct{}{}
	if lastID == "" {
		return s, nil, true
	}
	epoch, n, ok := parseEventID(lastID)
	oldest := h.n - int64(len(h.ring))
	if !ok || epoch != h.epoch || n < oldest || n > h.n {
		return s, nil, false
	}
	for i, c := range h.ring[n-oldest:] {
		if (inbox{c.Organisation, c.Staff}) == at {
			missed = append(missed, numberedChange{c, h.epoch, n + int64(i) + 1})
		}
	}
	return s, missed, true
}

// begin gives a stream that joined its first events, and what has come since. It ends with ctx, or when allowed, asked again and again, says no.
func (h *hub) begin(ctx context.Context, s *stream, first []LiveEvent, allowed func() bool) <-chan LiveEvent {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.events = make(chan LiveEvent, max(backlog, len(first)))
	h.push(s, first)
	h.push(s, s.held)
	s.held = nil
	// Streams that begin together, as after a restart, don't ask together.
	s.check = time.AfterFunc(rand.N(h.recheck), func() { //nolint:gosec // no secret
		h.checkAgain(s)
		if !allowed() {
			h.leave(s)
		}
	})
	s.unhook = context.AfterFunc(ctx, func() { h.leave(s) })
	return s.events
}

func (h *hub) checkAgain(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !s.ended {
		s.check.Reset(h.recheck)
	}
}

// leave ends a stream, whose reader gets nothing more.
func (h *hub) leave(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	delete(h.streams[s.at], s)
	if len(h.streams[s.at]) == 0 {
		delete(h.streams, s.at)
	}
	if s.events == nil {
		return
	}
	s.check.Stop()
	s.unhook()
	s.drain()
	close(s.events)
}

// Subscribe streams what changes in an inbox: the asker's own when staff is empty, or a colleague's that they may open. It starts
// from now, or behind lastEventID with what has changed since, or with a reset when that is not known any more. Each event comes
// at least once. The channel is closed when ctx ends, or within 30 seconds of the asker losing the permission. Run must
// run in this process. Errors: CodeNotSignedIn, CodeNotFound.
func (m *Messenger) Subscribe(ctx context.Context, staff adapters.StaffID, lastEventID string) (<-chan LiveEvent, error) {
	member, err := m.current(ctx)
	if err != nil {
		return nil, err
	}
	at := inbox{member.Organisation, staff}
	if staff == "" {
		at.staff = member.ID
	}
	if err := m.mayOpen(ctx, member, at.staff); err != nil {
		return nil, err
	}
	s, missed, known := m.hub.join(at, lastEventID)
	first, err := m.missedEvents(ctx, missed, known)
	if err != nil {
		m.hub.leave(s)
		return nil, err
	}
	return m.hub.begin(ctx, s, first, func() bool {
		now, err := m.signedIn(ctx)
		return err == nil && now.ID == member.ID && now.Organisation == member.Organisation && m.mayOpen(ctx, now, at.staff) == nil
	}), nil
}

func (m *Messenger) missedEvents(ctx context.Context, missed []numberedChange, known bool) ([]LiveEvent, error) {
	if known && len(missed) == 0 {
		return nil, nil
	}
	if known && len(missed) <= backlog {
		loaded, err := m.load(ctx, missed)
		if events := slices.Concat(loaded...); err != nil || len(events) <= 2*backlog {
			return events, err
		}
	}
	m.hub.mu.Lock()
	defer m.hub.mu.Unlock()
	return []LiveEvent{m.hub.reset()}, nil
}
