// Package calendar tells when an organisation works: its hours a weekday, bank holidays and days of its own. It is
// pure: no clock, no database, no state. Times are given and returned as moments; "9 o'clock" is what a clock on the
// wall in the organisation's zone shows, on days of 23 and 25 hours too.
package calendar

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Calendar is when an organisation works. The zero value is Monday to Friday, 9 to 5, but for the bank holidays of
// England and Wales.
type Calendar struct {
	// Week has the hours of each weekday; a weekday that it lacks is closed. Nil: Monday to Friday, 9:00 to 17:00.
	Week map[time.Weekday][]Interval
	// Division says whose bank holidays are closed; empty: England and Wales.
	Division Division
	// Exceptions replace the hours of a day, a bank holiday's too. The last one for a day holds.
	Exceptions []Exception
}

// Interval is from and until when somebody works, as time since midnight by the clock on the wall: 9 * time.Hour is 9
// o'clock. A night is two, until 24 hours and from 0.
type Interval struct{ From, Until time.Duration }

// Exception is a day with hours of its own; without any it is closed.
type Exception struct {
	Date Date
	Open []Interval
	Note string // why, for staff: "Team day"
}

// day is the longest that an Interval may reach.
const day = 24 * time.Hour

var errCalendar = errors.New("calendar")

// Hours is a Calendar in a zone, checked. It is safe for use by several goroutines.
type Hours struct {
	week       map[time.Weekday][]Interval
	division   Division
	exceptions map[Date][]Interval
	zone       *time.Location
}

// In returns the hours of a calendar in a zone. An error says what is wrong: an interval that ends before it begins or
// passes midnight, two that overlap, an unknown division, a week without any hours, or an exception on a day that is
// none, as 30 February.
func (c Calendar) In(zone *time.Location) (Hours, error) {
	h := Hours{week: c.Week, division: c.Division, exceptions: map[Date][]Interval{}, zone: zone}
	if h.week == nil {
		h.week = map[time.Weekday][]Interval{}
		for weekday := time.Monday; weekday <= time.Friday; weekday++ {
			h.week[weekday] = []Interval{{From: 9 * time.Hour, Until: 17 * time.Hour}}
		}
	}
	switch h.division {
	case "", EnglandAndWales, Scotland, NorthernIreland, NoBankHolidays:
	default:
		return Hours{}, fmt.Errorf("%w: no division %q: england-and-wales, scotland, northern-ireland or none",
			errCalendar, h.division)
	}
	hours := false
	week := make(map[time.Weekday][]Interval, len(h.week))
	for weekday, open := range h.week {
		sorted, err := inOrder(open)
		if err != nil {
			return Hours{}, fmt.Errorf("%w: %s: %w", errCalendar, weekday, err)
		}
		week[weekday] = sorted
		hours = hours || len(sorted) > 0
	}
	if !hours {
		return Hours{}, fmt.Errorf("%w: a week without any hours: nobody would ever read", errCalendar)
	}
	h.week = week
	for _, exception := range c.Exceptions {
		sorted, err := inOrder(exception.Open)
		if err != nil {
			return Hours{}, fmt.Errorf("%w: %s: %w", errCalendar, exception.Date, err)
		}
		if DateOf(exception.Date.midnight()) != exception.Date {
			return Hours{}, fmt.Errorf("%w: %s: there is no such day", errCalendar, exception.Date)
		}
		h.exceptions[exception.Date] = sorted
	}
	return h, nil
}

func inOrder(open []Interval) ([]Interval, error) {
	sorted := slices.SortedFunc(slices.Values(open), func(a, b Interval) int { return int(a.From - b.From) })
	for i, interval := range sorted {
		switch {
		case interval.From < 0, interval.Until > day:
			return nil, errors.New("hours lie between 0 and 24")
		case interval.Until <= interval.From:
			return nil, errors.New("hours end after they begin; a night is two intervals")
		case i > 0 && interval.From < sorted[i-1].Until:
			return nil, errors.New("two intervals overlap")
		}
	}
	return sorted, nil
}
