package calendar

import (
	"fmt"
	"time"
)

// Date is a day without a time or a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day that t falls on in its own zone.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// String is the day as "2026-12-25" (ISO 8601).
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// midnight is the day's beginning in UTC, where every day has 24 hours: for arithmetic alone.
func (d Date) midnight() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

func (d Date) plus(days int) Date { return DateOf(d.midnight().AddDate(0, 0, days)) }

func (d Date) weekday() time.Weekday { return d.midnight().Weekday() }

func (d Date) isWeekend() bool { return d.weekday() == time.Saturday || d.weekday() == time.Sunday }

func (d Date) before(other Date) bool { return d.midnight().Before(other.midnight()) }

// Weekday is the day's of the week.
func (d Date) Weekday() time.Weekday { return d.weekday() }

// Next is the day after.
func (d Date) Next() Date { return d.plus(1) }

// At returns the moment at which a clock on the wall in the zone shows the time since midnight on the day. Of a time
// that the clock shows twice it is the first; of one that it leaves out, the first moment after, and false.
func (d Date) At(sinceMidnight time.Duration, zone *time.Location) (time.Time, bool) {
	wall := d.midnight().Add(sinceMidnight)
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	// A zone changes at most once within a day of a moment: what holds a day before and a day after are its two offsets.
	before, after := offset(wall.Add(-24*time.Hour)), offset(wall.Add(24*time.Hour))
	for _, shift := range []time.Duration{max(before, after), min(before, after)} {
		if t := wall.Add(-shift); offset(t) == shift {
			return t.In(zone), true
		}
	}
	// Left out: the clock goes from before to after, and shows nothing of what lies between.
	t := wall.Add(-after)
	for offset(t) != after {
		t = t.Add(time.Minute)
	}
	return t.Truncate(time.Minute).In(zone), false
}
