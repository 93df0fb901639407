// Package live feeds open pages: it hears of each change from all processes over one database, has a Reader read what
// changed, and hands it to the streams that watch the inbox. It knows no rule and no permission.
package live

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

const (
	permissionEvery = 30 * time.Second
	remembered      = 10_000
	backlog         = 32

	// MostStreams is how many streams one person may have open in a process, over all their sessions and tabs.
	MostStreams = 10
)

var (
	// ErrTooManyStreams refuses a person's stream beyond MostStreams.
	ErrTooManyStreams = errors.New("live: this person has too many streams")
	// ErrStopped refuses streams in a process whose Run has ended.
	ErrStopped = errors.New("live: this process stops")
)

// Person is who reads a stream.
type Person struct {
	Organisation adapters.OrganisationID
	Staff        adapters.StaffID
}

// Config is what a hub works with.
type Config struct {
	Direct *pgxpool.Pool // how to connect for LISTEN
	Logger *slog.Logger
	Now    func() time.Time
}

// Reader asks the database for a hub. E is an event as a stream gets it.
type Reader[E any] interface {
	// Notify hands payloads to the listeners of all processes.
	Notify(ctx context.Context, payloads []string) error
	// Load reads what changed, as it is now: the events of each change, in the order of the list.
	Load(ctx context.Context, list []Numbered) ([][]E, error)
	// States is a word for each inbox that differs once something in it changed.
	States(ctx context.Context, watched []Inbox) (map[Inbox]string, error)
	// Reset is the event that asks a page to fetch again what it shows.
	Reset(id string) E
}

// Hub hands changes to the streams of this process, and remembers the latest for those that resume.
type Hub[E any] struct {
	config  Config
	reader  Reader[E]
	pending *pending

	mu      sync.Mutex
	epoch   string
	n       int64
	ring    []Change // the latest changes, the newest last
	streams map[Inbox]map[*stream[E]]struct{}
	open    map[Person]int // streams
	polls   int
	// the poll after which it was last told of its channels: a broadcast's progress says nothing of them
	touched map[Inbox]int
	present map[uuid.UUID][]heard // by channel, who has it open
	recheck time.Duration         // how often a stream's permission is asked for again

	hearing bool      // changes of other processes
	since   time.Time // when hearing became so; zero before Run
	stopped bool      // Run has ended
}

// stream is one subscriber, without a goroutine of its own. A reader too slow for its backlog loses it and is reset.
// All of it is guarded by the hub.
type stream[E any] struct {
	by     Person
	at     []Inbox
	held   []E    // what came before it began
	events chan E // nil until it begins
	check  *time.Timer
	again  bool        // its permission is to be asked for as soon as it begins
	unhook func() bool // from the end of its context
	ended  bool
}

// New makes a hub that reads by reader.
func New[E any](config Config, reader Reader[E]) *Hub[E] {
	return &Hub[E]{
		config: config, reader: reader, pending: newPending(), epoch: newEpoch(),
		streams: map[Inbox]map[*stream[E]]struct{}{},
		open:    map[Person]int{}, touched: map[Inbox]int{}, present: map[uuid.UUID][]heard{}, recheck: permissionEvery,
	}
}

// RecheckEvery sets how often a stream's permission is asked for again: 30 seconds unless a test says otherwise.
func (h *Hub[E]) RecheckEvery(d time.Duration) { h.recheck = d }

// Changed says what a transaction has changed. It is called after the commit, and does not wait until Run has ended:
// then nobody else tells it, and the process may end next.
func (h *Hub[E]) Changed(c Change) {
	h.pending.add(c)
	h.mu.Lock()
	stopped := h.stopped
	h.mu.Unlock()
	if stopped {
		h.tellLast()
	}
}

// Hearing says whether changes of other processes are heard, and since when that is so. The time is zero before Run.
func (h *Hub[E]) Hearing() (ok bool, since time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hearing, h.since
}

// Streams is how many are open in this process.
func (h *Hub[E]) Streams() (count int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, open := range h.open {
		count += open
	}
	return count
}

// setHearing says whether it was otherwise before.
func (h *Hub[E]) setHearing(ok bool) (changed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hearing == ok && !h.since.IsZero() {
		return false
	}
	h.hearing, h.since = ok, h.config.Now()
	return true
}

// number gives changes their places and remembers them. Who is present has the place of the change before.
func (h *Hub[E]) number(batch []Change) []Numbered {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]Numbered, 0, len(batch))
	for _, c := range batch {
		if c.Present != nil {
			for _, one := range h.arrived(c) {
				list = append(list, Numbered{one, h.epoch, h.n})
			}
			continue
		}
		h.n++
		n := Numbered{c, h.epoch, h.n}
		if c.ofChannels() {
			h.touched[n.Inbox()] = h.polls
		}
		list, h.ring = append(list, n), append(h.ring, c)
	}
	if len(h.ring) > 2*remembered {
		h.ring = slices.Clone(h.ring[len(h.ring)-remembered:])
	}
	return list
}

func (h *Hub[E]) watched(at Inbox) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.streams[at]) > 0
}

// beginPoll returns the number of a poll and the watched inboxes. It comes before their states are read.
func (h *Hub[E]) beginPoll() (poll int, watched []Inbox) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.polls++
	h.forget()
	return h.polls, slices.Collect(maps.Keys(h.streams))
}

func (h *Hub[E]) send(at Inbox, events []E) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams[at] {
		h.push(s, events)
	}
}

func (h *Hub[E]) push(s *stream[E], events []E) {
	for _, event := range events {
		switch {
		case s.events == nil && len(s.held) < backlog:
			s.held = append(s.held, event)
			continue
		case s.events == nil:
			s.held = []E{h.reset()}
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
func (s *stream[E]) drain() {
	for {
		select {
		case <-s.events:
		default:
			return
		}
	}
}

// Position is the place of the last change: a stream that begins behind it misses none after.
func (h *Hub[E]) Position() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Numbered{epoch: h.epoch, n: h.n}.ID()
}

func (h *Hub[E]) reset() E { return h.reader.Reset(Numbered{epoch: h.epoch, n: h.n}.ID()) }

// restart begins a new run of events: nobody can resume from before it, and every stream is told to fetch again.
func (h *Hub[E]) restart() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.epoch, h.n, h.ring = newEpoch(), 0, nil
	for _, streams := range h.streams {
		for s := range streams {
			h.push(s, []E{h.reset()})
		}
	}
}

// compare resets the streams of inboxes that changed since an earlier poll saw them without a word, which may come
// later than what it tells of: all since that poll began counts.
func (h *Hub[E]) compare(poll int, seen, now map[Inbox]string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for at, state := range now {
		if before, known := seen[at]; known && before != state && h.touched[at] < poll {
			for s := range h.streams[at] {
				h.push(s, []E{h.reset()})
			}
		}
	}
	maps.DeleteFunc(h.touched, func(_ Inbox, poll int) bool { return poll < h.polls })
}

// mayJoin says why by may have no further stream here.
func (h *Hub[E]) mayJoin(by Person) error {
	switch {
	case h.stopped:
		return ErrStopped
	case h.open[by] == MostStreams:
		return ErrTooManyStreams
	}
	return nil
}

// join adds a stream of one inbox or several and returns the changes since lastID that it has missed; known is false
// when those can't be told.
func (h *Hub[E]) join(by Person, at []Inbox, lastID string) (s *stream[E], missed []Numbered, known bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.mayJoin(by); err != nil {
		return nil, nil, false, err
	}
	h.open[by]++
	s = &stream[E]{by: by, at: at}
	for _, inbox := range at {
		if h.streams[inbox] == nil {
			h.streams[inbox] = map[*stream[E]]struct{}{}
		}
		h.streams[inbox][s] = struct{}{}
	}
	if lastID == "" {
		return s, nil, true, nil
	}
	epoch, n, ok := parseEventID(lastID)
	oldest := h.n - int64(len(h.ring))
	if !ok || epoch != h.epoch || n < oldest || n > h.n {
		return s, nil, false, nil
	}
	for i, c := range h.ring[n-oldest:] {
		if slices.Contains(at, Inbox{c.Organisation, c.Staff}) {
			missed = append(missed, Numbered{c, h.epoch, n + int64(i) + 1})
		}
	}
	return s, missed, true, nil
}

// begin gives a stream that joined its first events, and what has come since. It ends with ctx, or when allowed, asked
// again and again, says no.
func (h *Hub[E]) begin(ctx context.Context, s *stream[E], missed []E, allowed func() bool) <-chan E {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.events = make(chan E, max(backlog, len(missed)))
	if s.ended { // Run did, while the stream's first events were read
		close(s.events)
		return s.events
	}
	h.push(s, missed)
	h.push(s, s.held)
	s.held = nil
	// Streams that begin together, as after a restart, don't ask together.
	first := mathrand.N(h.recheck) //nolint:gosec // no secret
	if s.again {
		first = 0
	}
	s.check = time.AfterFunc(first, func() {
		h.checkAgain(s)
		if !allowed() {
			h.leave(s)
		}
	})
	s.unhook = context.AfterFunc(ctx, func() { h.leave(s) })
	return s.events
}

// askAgain has the streams of an inbox asked at once whether they are still allowed.
func (h *Hub[E]) askAgain(at Inbox) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams[at] {
		if s.events == nil {
			s.again = true
			continue
		}
		s.check.Reset(0)
	}
}

func (h *Hub[E]) checkAgain(s *stream[E]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !s.ended {
		s.check.Reset(h.recheck)
	}
}

// leave ends a stream, whose reader gets nothing more.
func (h *Hub[E]) leave(s *stream[E]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	if h.open[s.by]--; h.open[s.by] == 0 {
		delete(h.open, s.by)
		time.AfterFunc(returns, func() { h.left(s.by) })
	}
	for _, inbox := range s.at {
		delete(h.streams[inbox], s)
		if len(h.streams[inbox]) == 0 {
			delete(h.streams, inbox)
		}
	}
	if s.events == nil {
		return
	}
	s.check.Stop()
	s.unhook()
	s.drain()
	close(s.events)
}

// Stop ends every stream, and lets none begin before Run does again.
func (h *Hub[E]) Stop() {
	h.mu.Lock()
	h.stopped = true
	var all []*stream[E]
	for _, streams := range h.streams {
		all = slices.AppendSeq(all, maps.Keys(streams))
	}
	h.mu.Unlock()
	for _, s := range all {
		h.leave(s)
	}
}

// Subscribe is one stream, for by, of the events of one inbox or several: from now, or behind lastID with what has
// changed since, or with a reset when that is not known any more. Each event comes at least once. The channel is closed
// when ctx or Run ends, or when allowed, which is asked every 30 seconds and behind a change of Cover, says no. Errors:
// ErrTooManyStreams, ErrStopped, and the Reader's.
func (h *Hub[E]) Subscribe(
	ctx context.Context,
	by Person,
	at []Inbox,
	lastID string,
	allowed func() bool,
) (<-chan E, error) {
	s, missed, known, err := h.join(by, at, lastID)
	if err != nil {
		return nil, err
	}
	first, err := h.missedEvents(ctx, missed, known)
	if err != nil {
		h.leave(s)
		return nil, err
	}
	return h.begin(ctx, s, first, allowed), nil
}

func (h *Hub[E]) missedEvents(ctx context.Context, missed []Numbered, known bool) ([]E, error) {
	if known && len(missed) == 0 {
		return nil, nil
	}
	if known && len(missed) <= backlog {
		loaded, err := h.reader.Load(ctx, missed)
		if events := slices.Concat(loaded...); err != nil || len(events) <= 2*backlog {
			return events, err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return []E{h.reset()}, nil
}

// newEpoch names one unbroken run of event numbers.
func newEpoch() string {
	raw := make([]byte, 8)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(raw)
}

func parseEventID(id string) (epoch string, n int64, ok bool) {
	epoch, number, ok := strings.Cut(id, "-")
	n, err := strconv.ParseInt(number, 10, 64)
	return epoch, n, ok && err == nil
}
