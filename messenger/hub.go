package messenger

import (
	"context"
	"fmt"
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
	touched map[inbox]bool // told of something since the last poll
	recheck time.Duration  // how often a stream's permission is asked for again
}

// stream is one subscriber. A reader too slow for its backlog loses it and is reset.
type stream struct {
	events chan LiveEvent
	lost   bool // guarded by the hub
}

func newHub() *hub {
	return &hub{epoch: newEpoch(), streams: map[inbox]map[*stream]struct{}{}, touched: map[inbox]bool{}, recheck: permissionEvery}
}

// number gives changes their places and remembers them.
func (h *hub) number(batch []change) []numberedChange {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]numberedChange, len(batch))
	for i, c := range batch {
		h.n++
		list[i] = numberedChange{c, h.epoch, h.n}
		h.touched[list[i].inbox()] = true
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

func (h *hub) inboxes() []inbox {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]inbox, 0, len(h.streams))
	for at := range h.streams {
		list = append(list, at)
	}
	return list
}

func (h *hub) send(at inbox, events []LiveEvent) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams[at] {
		s.push(events)
	}
}

func (s *stream) push(events []LiveEvent) {
	for _, event := range events {
		if s.lost {
			return
		}
		select {
		case s.events <- event:
		default:
			s.lost = true
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
			s.push([]LiveEvent{h.reset()})
		}
	}
}

// compare resets the streams of inboxes that changed between two polls without a word.
func (h *hub) compare(seen, now map[inbox]string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for at, state := range now {
		if before, known := seen[at]; known && before != state && !h.touched[at] {
			for s := range h.streams[at] {
				s.push([]LiveEvent{h.reset()})
			}
		}
	}
	clear(h.touched)
}

// join adds a stream and returns the changes since lastID that it has missed; known is false when those can't be told.
func (h *hub) join(at inbox, lastID string) (s *stream, missed []numberedChange, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s = &stream{events: make(chan LiveEvent, backlog)}
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

func (h *hub) leave(at inbox, s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams[at], s)
	if len(h.streams[at]) == 0 {
		delete(h.streams, at)
	}
}

// recover empties the backlog of a stream that lost events and returns the reset that stands for them.
func (h *hub) recover(s *stream) (LiveEvent, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !s.lost {
		return LiveEvent{}, false
	}
	for len(s.events) > 0 {
		<-s.events
	}
	s.lost = false
	return h.reset(), true
}

// Subscribe streams what changes in an inbox: the asker's own when staff is empty, or a colleague's that they may open. It starts
// from now, or behind lastEventID with what has changed since, or with a reset when that is not known any more. Each event comes
// at least once. The channel is closed when ctx ends, or within 30 seconds of the asker losing the permission. Run must
// run in this process. Errors: CodeNotSignedIn, CodeNotFound.
func (m *Messenger) Subscribe(ctx context.Context, staff adapters.StaffID, lastEventID string) (<-chan LiveEvent, error) {
	member, err := m.asker(ctx)
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
		m.hub.leave(at, s)
		return nil, err
	}
	out := make(chan LiveEvent)
	go func() {
		defer close(out)
		defer m.hub.leave(at, s)
		m.forward(ctx, member, at, s, first, out)
	}()
	return out, nil
}

func (m *Messenger) missedEvents(ctx context.Context, missed []numberedChange, known bool) ([]LiveEvent, error) {
	if !known || len(missed) > backlog {
		m.hub.mu.Lock()
		defer m.hub.mu.Unlock()
		return []LiveEvent{m.hub.reset()}, nil
	}
	if len(missed) == 0 {
		return nil, nil
	}
	events, err := m.load(ctx, missed)
	return slices.Concat(events...), err
}

func (m *Messenger) forward(ctx context.Context, member adapters.Member, at inbox, s *stream, first []LiveEvent, out chan<- LiveEvent) {
	ticker := time.NewTicker(m.hub.recheck)
	defer ticker.Stop()
	give := func(event LiveEvent) bool {
		select {
		case out <- event:
			return true
		case <-ctx.Done():
			return false
		}
	}
	for _, event := range first {
		if !give(event) {
			return
		}
	}
	for {
		if reset, lost := m.hub.recover(s); lost && !give(reset) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case event := <-s.events:
			if !give(event) {
				return
			}
		case <-ticker.C:
			now, err := m.asker(ctx)
			if err != nil || now.ID != member.ID || now.Organisation != member.Organisation || m.mayOpen(ctx, now, at.staff) != nil {
				return
			}
		}
	}
}
