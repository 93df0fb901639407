package calendar

import (
	"slices"
	"time"
)

// span is an interval of one day as moments.
type span struct{ from, until time.Time }

// on returns when a day is open, in order of time.
func (h Hours) on(date Date) []span {
	open, ok := h.exceptions[date]
	if !ok && !slices.Contains(BankHolidays(h.division, date.Year), date) {
		open = h.week[date.weekday()]
	}
	spans := make([]span, 0, len(open))
	for _, interval := range open {
		from, _ := date.At(interval.From, h.zone)
		until, _ := date.At(interval.Until, h.zone)
		if from.Before(until) { // not where the clock leaves the whole of it out
			spans = append(spans, span{from: from, until: until})
		}
	}
	return spans
}

// spansFrom yields what is open from t on, day by day, without what lies before t.
func (h Hours) spansFrom(t time.Time) func(yield func(span) bool) {
	return func(yield func(span) bool) {
		for date := DateOf(t.In(h.zone)); ; date = date.plus(1) {
			for _, s := range h.on(date) {
				if !s.until.After(t) {
					continue
				}
				if s.from.Before(t) {
					s.from = t.In(h.zone)
				}
				if !yield(s) {
					return
				}
			}
		}
	}
}

// Open says whether t is in working hours. The moment at which an interval ends is not.
func (h Hours) Open(t time.Time) bool { return h.Next(t).Equal(t) }

// Next is t in working hours, and else when they begin.
func (h Hours) Next(t time.Time) time.Time {
	for s := range h.spansFrom(t) {
		return s.from
	}
	panic("unreachable: In refuses a week without hours")
}

// Until is when the working hours that t is in end, however many intervals follow one another without a gap; where they
// have no end within a week, the end of the interval that is a week on; zero outside working hours.
func (h Hours) Until(t time.Time) time.Time {
	var until time.Time
	from := t
	for s := range h.spansFrom(t) {
		if !s.from.Equal(from) || until.Sub(t) > 7*day {
			break
		}
		from, until = s.until, s.until
	}
	return until
}

// After returns the moment by which somebody has worked for n since t. It is in working hours or the end of some; for
// n of 0 or less it is Next.
func (h Hours) After(t time.Time, n time.Duration) time.Time {
	for s := range h.spansFrom(t) {
		worked := s.until.Sub(s.from)
		if n <= worked {
			return s.from.Add(max(n, 0))
		}
		n -= worked
	}
	panic("unreachable: In refuses a week without hours")
}

// DayEnd is the end of the last working hours of the day that t falls on, and of the next working day where those are
// over or there are none. The end itself still counts as that day.
func (h Hours) DayEnd(t time.Time) time.Time {
	for date := DateOf(t.In(h.zone)); ; date = date.plus(1) {
		if spans := h.on(date); len(spans) > 0 && !spans[len(spans)-1].until.Before(t) {
			return spans[len(spans)-1].until
		}
	}
}
