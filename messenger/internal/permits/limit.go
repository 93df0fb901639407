package permits

import "time"

const (
	// first is how many calls are under way at once before the other side has answered any: few, for it may work off one
	// after the other.
	first = 6
	// most is beyond what one process needs.
	most = 100
	// leastSlack and mostSlack bound how much longer an answer may take than it takes alone before that is called slow: as
	// long again.
	leastSlack = time.Second
	mostSlack  = 10 * time.Second
)

// limit is how many calls of one other side may be under way at once, found out by its answers. It goes by rounds, of
// as many answers as calls may be under way. After a round in which somebody would have had a permit more there are
// more, unless the answers take much longer than they need alone: then calls wait for one another over there, and there
// are fewer. There are fewer, too, after a round in which a quarter was refused or not answered.
//
// The ways of TCP Vegas and of Netflix's concurrency-limits, but for three things: calls here may take seconds, so that
// each round counts; answers of one provider differ by nature, so that a round's mean decides and not its lowest; and a
// provider may become slow by itself, which fewer calls do not mend.
type limit struct {
	at    float64       // how many, at present
	alone time.Duration // what an answer takes when no call waits for another; zero: not known
	took  time.Duration // what answers take now, smoothed
	swift bool          // nothing has shown yet that it bears no more: grow quickly
	was   crowded       // what the last round looked like, if there have been fewer since
	round round
}

// crowded is a round whose answers took too long.
type crowded struct {
	at   float64
	late time.Duration
}

// round is what the calls begun since then have come to.
type round struct {
	began   time.Time
	size    int
	wanted  bool // somebody had no permit
	failed  int
	answers []time.Duration
}

func newLimit() limit { return limit{at: first, swift: true, round: round{size: first}} }

// whole is how many calls may be under way.
func (l *limit) whole() int { return max(1, int(l.at)) }

// answered says that a call begun then was answered now.
func (l *limit) answered(began, now time.Time) {
	took := now.Sub(began)
	if l.took == 0 {
		l.took = took
	}
	l.took += (took - l.took) / 8
	if l.counts(began) {
		l.round.answers = append(l.round.answers, took)
		l.judge(now)
	}
}

// failed says that a call begun then was refused for now, or had no answer.
func (l *limit) failed(began, now time.Time) {
	if l.counts(began) {
		l.round.failed++
		l.judge(now)
	}
}

// full says that the other side has no place for more than others calls.
func (l *limit) full(others int, now time.Time) {
	if fewer := max(1, float64(others)); fewer < l.at {
		l.at, l.swift = fewer, false
		l.next(now)
	}
}

// counts says whether a call belongs to the round: one begun before it tells of how many there were then.
func (l *limit) counts(began time.Time) bool { return !began.Before(l.round.began) }

func (l *limit) next(now time.Time) { l.round = round{began: now, size: max(first, l.whole())} }

// judge ends a round that has come to enough.
func (l *limit) judge(now time.Time) {
	r := &l.round
	switch {
	case r.failed*4 >= r.size:
		l.at = max(1, l.at*fewer)
		l.swift = l.at == 1 // it was away, or is about to be: once it is back, nothing is known of it
		l.was = crowded{}
	case len(r.answers)+r.failed < r.size:
		return
	default:
		l.judgeAnswers(r)
	}
	l.next(now)
}

// fewer is by how much there are fewer: it leaves enough where the answers took twice their time.
const fewer = 0.6

func (l *limit) judgeAnswers(r *round) {
	lowest, highest, late := r.measure()
	if l.alone == 0 {
		l.alone = lowest
	}
	slow := r.wanted && late > l.alone+min(max(l.alone, leastSlack), mostSlack)
	switch {
	case !slow:
		l.alone -= max(0, l.alone-late) / 8 // one quick round is no proof
		l.was = crowded{}
		if r.wanted {
			l.more(highest <= lowest*5/4 && late <= l.alone*5/4)
		}
	case l.was.at > 0 && late > l.was.late*8/10: // fewer made it no quicker: it is slow by itself
		l.alone, l.at, l.was = late, l.was.at, crowded{}
	case l.at == 1:
		l.alone = late
	default:
		l.was = crowded{l.at, late}
		l.at, l.swift = max(1, l.at*fewer), false
	}
}

// more makes the limit greater: fourfold while all answers take the same and it never was too great, unless so many
// could come near to the minute that a call is given.
func (l *limit) more(even bool) {
	l.swift = l.swift && even && l.alone < mostSlack
	if l.swift {
		l.at = min(4*l.at, most)
		return
	}
	l.at = min(max(l.at+1, l.at*5/4), most)
}

// measure returns the shortest and the longest answer, and the mean of the later half: in the earlier a line may have
// been forming yet.
func (r *round) measure() (lowest, highest, late time.Duration) {
	lowest = r.answers[0]
	half := r.answers[len(r.answers)/2:]
	for _, took := range r.answers {
		lowest, highest = min(lowest, took), max(highest, took)
	}
	for _, took := range half {
		late += took
	}
	return lowest, highest, late / time.Duration(len(half))
}
