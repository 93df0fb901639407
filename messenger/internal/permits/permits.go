// Package permits gives permits for calls of other sides that may be slow: providers, records, the host's own ports. A
// door is one of them as one organisation uses it.
//
// At each door as many calls are under way at once as the other side bears, which its answers say (limit). A queue's
// places are shared: a port has at most three times as many of them as are free, so that whatever hangs, there is a
// place for the next. Who has no permit is told when to come back (line), and holds no place meanwhile; only where
// permits are given back many times a second does it wait for the next one.
//
// All is kept in one process: each finds out by itself what is left for it.
package permits

import (
	"context"
	"slices"
	"sync"
	"time"
)

// patience is how long a call waits in its place when it can expect a permit by then: going round through the
// database would take as long. A broadcast's waits in any case, so that a hundred thousand don't go round at once.
const patience = 100 * time.Millisecond

// Door is who is called, and for whom.
type Door struct{ Port, Organisation string }

// Queue is where a call comes from: its name, how many of its jobs run at once, and whether it gives way to others.
type Queue struct {
	Name   string
	Places int // zero: it came by no queue, to which it could go back, and has a permit at once
	Bulk   bool
}

// News is what came of a call, as far as it tells how the other side is.
type News int

// The news.
const (
	None     News = iota // it tells nothing: not called, stopped, or refused for its own sake
	Answered             // it took it
	Failed               // it takes nothing for now, or did not answer
	Full                 // the way to it has no place for more
)

// Permits are those of one process. The zero value is ready for use, by many goroutines.
type Permits struct {
	mu      sync.Mutex
	doors   map[Door]*door
	held    map[place]int
	waiting []*waiter // in the order they came
}

// place is whose places of a queue are counted: a port's, or all, which is "".
type place struct{ queue, port string }

type door struct {
	limit
	under        int
	news         time.Time // when the other side was last heard of, or first called
	lines, bulks line
}

type waiter struct {
	at    Door
	from  Queue
	given chan *Permit
}

// Permit is for one call. Leave gives it back.
type Permit struct {
	permits *Permits
	at      Door
	from    Queue
	began   time.Time
	left    bool
}

// Enter returns a permit, which must be given back, or when to come back for one. A context that ends is a reason to
// come back.
func (p *Permits) Enter(ctx context.Context, at Door, from Queue) (*Permit, time.Duration) {
	permit, w, back := p.ask(at, from)
	if w == nil {
		return permit, back
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case permit := <-w.given:
		return permit, 0
	case <-timer.C:
	case <-ctx.Done():
	}
	return p.giveUp(w)
}

// ask returns a permit, or what waits for one, or when to come back.
func (p *Permits) ask(at Door, from Queue) (*Permit, *waiter, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now() //nolint:forbidigo // how long an answer takes is this machine's to measure
	d := p.door(at)
	ahead := 0
	for _, w := range p.waiting {
		if w.at == at && (from.Bulk || !w.from.Bulk) {
			ahead++
		}
	}
	if ahead == 0 && p.may(d, at, from, now) {
		return p.give(d, at, from, now), nil, 0
	}
	if !from.Bulk && d.gap(now)*time.Duration(ahead+1) > patience {
		return nil, nil, d.turn(from, now)
	}
	w := &waiter{at: at, from: from, given: make(chan *Permit, 1)}
	p.waiting = append(p.waiting, w)
	return nil, w, 0
}

func (p *Permits) giveUp(w *waiter) (*Permit, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.waiting, w)
	if i < 0 { // it was given one at that moment
		return <-w.given, 0
	}
	p.waiting = slices.Delete(p.waiting, i, i+1)
	now := time.Now() //nolint:forbidigo // as above
	d := p.door(w.at)
	return nil, d.turn(w.from, now)
}

func (p *Permits) door(at Door) *door {
	d := p.doors[at]
	if d == nil {
		d = &door{limit: newLimit()}
		if p.doors == nil {
			p.doors, p.held = map[Door]*door{}, map[place]int{}
		}
		p.doors[at] = d
	}
	return d
}

// swiftFor is how long a silence may last before the other side is not taken for a slow one that bears more.
const swiftFor = 10 * time.Second

// turn is when to come back. While the limit may grow quickly, many more have to be there when it does.
func (d *door) turn(from Queue, now time.Time) time.Duration {
	gap := d.gap(now)
	if d.swift && d.under >= d.whole() && now.Sub(d.news) < swiftFor {
		gap = 0
	}
	if from.Bulk {
		return d.bulks.turn(now, gap)
	}
	return d.lines.turn(now, gap)
}

// gap is after how long a permit is given back, as it goes at present: no sooner than the silence has lasted.
func (d *door) gap(now time.Time) time.Duration {
	return max(d.took/time.Duration(max(1, min(d.under, d.whole()))), now.Sub(d.news))
}

// may says whether a call may begin: the other side bears it, and its queue has a place for it.
func (p *Permits) may(d *door, at Door, from Queue, now time.Time) bool {
	if from.Places == 0 {
		return true
	}
	under := d.under
	if from.Bulk && d.lines.expected(now) { // somebody who looks on is on the way back
		under++
	}
	if under >= d.whole() {
		d.round.wanted = true
		return false
	}
	free := from.Places - p.held[place{from.Name, ""}]
	return p.held[place{from.Name, at.Port}] < 3*free
}

func (p *Permits) give(d *door, at Door, from Queue, now time.Time) *Permit {
	if d.under == 0 {
		d.news = now
	}
	d.under++
	p.count(at, from, 1)
	return &Permit{permits: p, at: at, from: from}
}

func (p *Permits) count(at Door, from Queue, n int) {
	p.held[place{from.Name, ""}] += n
	p.held[place{from.Name, at.Port}] += n
}

// Begin says that the call begins: what went before is none of the other side's time.
func (p *Permit) Begin() { p.began = time.Now() } //nolint:forbidigo // as above

// Leave gives the permit back, with what came of the call. A second time changes nothing.
func (p *Permit) Leave(came News) {
	p.permits.mu.Lock()
	defer p.permits.mu.Unlock()
	if p.left {
		return
	}
	p.left = true
	p.permits.leave(p, came, time.Now()) //nolint:forbidigo // as above
}

func (p *Permits) leave(permit *Permit, came News, now time.Time) {
	d := p.door(permit.at)
	d.under--
	p.count(permit.at, permit.from, -1)
	switch came {
	case Answered:
		d.news = now
		d.answered(permit.began, now)
	case Failed:
		d.news = now
		d.failed(permit.began, now)
	case Full:
		d.full(d.under, now)
	case None:
	}
	for {
		i := p.nextWaiting(now)
		if i < 0 {
			return
		}
		w := p.waiting[i]
		p.waiting = slices.Delete(p.waiting, i, i+1)
		w.given <- p.give(p.door(w.at), w.at, w.from, now)
	}
}

// nextWaiting is who has the next permit: of those who look on if there is one.
func (p *Permits) nextWaiting(now time.Time) int {
	for _, bulk := range []bool{false, true} {
		for i, w := range p.waiting {
			if w.from.Bulk == bulk && p.may(p.door(w.at), w.at, w.from, now) {
				return i
			}
		}
	}
	return -1
}
