package permits

import "time"

const (
	// soon is within how long River brings a job back to the moment; a longer wait ends at its next look, up to five
	// seconds later.
	soon = 4500 * time.Millisecond
	// soonApart and laterApart are the shortest times between two that come back: the database is asked for each.
	soonApart  = 20 * time.Millisecond
	laterApart = 20 * time.Millisecond
	// soonLeast is after how long somebody comes in any case, to find what has become quicker, unless the silence is long.
	soonLeast = 250 * time.Millisecond
	// longest is within how long everybody is back: by then the other side may be quick again. longestSilent is how long
	// the first of those is away at most, however long nothing has been heard.
	longest       = 5 * time.Minute
	longestSilent = 15 * time.Second
)

// line is when those come back who had no permit: soon three times as many as will find one, since a permit that
// nobody takes is lost. The others look in later, for that may change.
type line struct{ soon, later time.Time }

// turn is when the next one is to come back, if one comes every gap.
func (l *line) turn(now time.Time, gap time.Duration) time.Duration {
	next := latest(l.soon, now).Add(min(max(gap/3, soonApart), max(gap/10, soonLeast)))
	if next.Sub(now) <= soon {
		l.soon = next
		return next.Sub(now)
	}
	first := now.Add(max(soon, min(gap/4, longestSilent)))
	next = latest(l.later, first).Add(laterApart)
	if next.Sub(now) > longest {
		next = first
	}
	l.later = next
	return next.Sub(now)
}

// expected says whether somebody was told to come about now.
func (l *line) expected(now time.Time) bool { return now.Sub(l.soon) < time.Second }

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
