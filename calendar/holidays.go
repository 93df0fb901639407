package calendar

import "time"

// Division is a part of the United Kingdom with bank holidays of its own.
type Division string

// The three divisions, as https://www.gov.uk/bank-holidays names them.
const (
	EnglandAndWales Division = "england-and-wales"
	Scotland        Division = "scotland"
	NorthernIreland Division = "northern-ireland"
)

// NoBankHolidays is the division of a service that works on bank holidays too.
const NoBankHolidays Division = "none"

// BankHolidays returns the days of a year on which the division has a bank holiday, in order of time, substitute days
// instead of those that fall on a weekend. They go by rule (Banking and Financial Dealings Act 1971, schedule 1, and
// the days proclaimed each year since). A day that is proclaimed once, as for a coronation, is an Exception; the one of
// 2024 to 2028 that is known yet, Scotland's of 15 June 2026, is here. An empty division is England and Wales;
// NoBankHolidays has none.
func BankHolidays(division Division, year int) []Date {
	easter := easterSunday(year)
	newYear, second := Date{year, time.January, 1}, Date{year, time.January, 2}
	christmas, boxing := Date{year, time.December, 25}, Date{year, time.December, 26}
	mays := []Date{nthMonday(year, time.May, 1), lastMonday(year, time.May)}
	var days []Date
	switch division {
	case NoBankHolidays:
		return nil
	case Scotland:
		days = append(days, ofTwo(newYear), ofTwo(second))
		if days[1].before(days[0]) {
			days[0], days[1] = days[1], days[0]
		}
		days = append(days, easter.plus(-2))
		days = append(days, mays...)
		if year == 2026 {
			days = append(days, Date{2026, time.June, 15}) // proclaimed on 3 February 2026, for the World Cup
		}
		days = append(days, nthMonday(year, time.August, 1), ofOne(Date{year, time.November, 30}))
	case NorthernIreland:
		days = append(days, ofOne(newYear), ofOne(Date{year, time.March, 17}), easter.plus(-2), easter.plus(1))
		days = append(days, mays...)
		days = append(days, ofOne(Date{year, time.July, 12}), lastMonday(year, time.August))
	case EnglandAndWales, "":
		days = append(days, ofOne(newYear), easter.plus(-2), easter.plus(1))
		days = append(days, mays...)
		days = append(days, lastMonday(year, time.August))
	}
	first, last := ofTwo(christmas), ofTwo(boxing)
	if last.before(first) {
		first, last = last, first
	}
	return append(days, first, last)
}

// ofOne is the day on which a holiday that stands alone is kept: the Monday after a weekend.
func ofOne(day Date) Date {
	for day.isWeekend() {
		day = day.plus(1)
	}
	return day
}

// ofTwo is the day on which one of two holidays in a row is kept: two days later when it falls on a weekend, since the
// day between belongs to the other.
func ofTwo(day Date) Date {
	if day.isWeekend() {
		return day.plus(2)
	}
	return day
}

// nthMonday is a month's first Monday for 1, its second for 2.
func nthMonday(year int, month time.Month, n int) Date {
	first := Date{year, month, 1}
	return first.plus(int(time.Monday-first.weekday()+7)%7 + 7*(n-1))
}

func lastMonday(year int, month time.Month) Date {
	last := Date{year, month + 1, 0}.plus(0)
	return last.plus(-int(last.weekday()-time.Monday+7) % 7)
}

// easterSunday is Easter of the Gregorian calendar: Meeus, Astronomical Algorithms, chapter 8.
func easterSunday(year int) Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return Date{year, time.Month(n / 31), n%31 + 1}
}
