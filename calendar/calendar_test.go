package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/calendar"
)

// The days that https://www.gov.uk/bank-holidays.json published for 2024 to 2028, but for 15 June 2026 in Scotland:
// proclaimed for that year alone, it is an exception of who keeps it.
func TestBankHolidays(t *testing.T) {
	t.Parallel()
	for division, want := range map[calendar.Division]string{
		calendar.EnglandAndWales: `
		2024-01-01 2024-03-29 2024-04-01 2024-05-06 2024-05-27 2024-08-26 2024-12-25 2024-12-26
		2025-01-01 2025-04-18 2025-04-21 2025-05-05 2025-05-26 2025-08-25 2025-12-25 2025-12-26
		2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28
		2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-27 2027-12-28
		2028-01-03 2028-04-14 2028-04-17 2028-05-01 2028-05-29 2028-08-28 2028-12-25 2028-12-26`,
		calendar.Scotland: `
		2024-01-01 2024-01-02 2024-03-29 2024-05-06 2024-05-27 2024-08-05 2024-12-02 2024-12-25 2024-12-26
		2025-01-01 2025-01-02 2025-04-18 2025-05-05 2025-05-26 2025-08-04 2025-12-01 2025-12-25 2025-12-26
		2026-01-01 2026-01-02 2026-04-03 2026-05-04 2026-05-25 2026-06-15 2026-08-03 2026-11-30 2026-12-25 2026-12-28
		2027-01-01 2027-01-04 2027-03-26 2027-05-03 2027-05-31 2027-08-02 2027-11-30 2027-12-27 2027-12-28
		2028-01-03 2028-01-04 2028-04-14 2028-05-01 2028-05-29 2028-08-07 2028-11-30 2028-12-25 2028-12-26`,
		calendar.NorthernIreland: `
		2024-01-01 2024-03-18 2024-03-29 2024-04-01 2024-05-06 2024-05-27 2024-07-12 2024-08-26 2024-12-25 2024-12-26
		2025-01-01 2025-03-17 2025-04-18 2025-04-21 2025-05-05 2025-05-26 2025-07-14 2025-08-25 2025-12-25 2025-12-26
		2026-01-01 2026-03-17 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-07-13 2026-08-31 2026-12-25 2026-12-28
		2027-01-01 2027-03-17 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-07-12 2027-08-30 2027-12-27 2027-12-28
		2028-01-03 2028-03-17 2028-04-14 2028-04-17 2028-05-01 2028-05-29 2028-07-12 2028-08-28 2028-12-25 2028-12-26`,
	} {
		t.Run(string(division), func(t *testing.T) {
			t.Parallel()
			var days []string
			for year := 2024; year <= 2028; year++ {
				for _, date := range calendar.BankHolidays(division, year) {
					days = append(days, date.String())
				}
			}
			require.Equal(t, strings.Fields(want), days)
		})
	}
}

// Both days of a pair on a weekend, or its first alone: 2021 and 2022 as GOV.UK published them.
func TestSubstituteDays(t *testing.T) {
	t.Parallel()
	for year, want := range map[int]string{
		2021: "2021-01-01 2021-01-04", 2022: "2022-01-03 2022-01-04", 2023: "2023-01-02 2023-01-03",
	} {
		days := calendar.BankHolidays(calendar.Scotland, year)
		require.Equal(t, want, fmt.Sprint(days[0], " ", days[1]))
	}
	days := calendar.BankHolidays(calendar.EnglandAndWales, 2022)
	require.Equal(t, "2022-12-26 2022-12-27", fmt.Sprint(days[len(days)-2], " ", days[len(days)-1]))
}

func TestAfter(t *testing.T) {
	t.Parallel()
	clinic := map[time.Weekday][]calendar.Interval{
		time.Tuesday: {{From: 13 * time.Hour, Until: 15 * time.Hour}, {From: 10 * time.Hour, Until: 12 * time.Hour}},
	}
	closed := func(from string, days int) (exceptions []calendar.Exception) {
		date := moment(t, from+" 12:00")
		for range days {
			exceptions = append(exceptions, calendar.Exception{Date: calendar.DateOf(date), Note: "Closed"})
			date = date.AddDate(0, 0, 1)
		}
		return exceptions
	}
	office, scottish := calendar.Calendar{}, calendar.Calendar{Division: calendar.Scotland}
	tuesdays, always, nightly := week(clinic), week(nights(0, 24)), week(nights(1, 2))
	twice := append(saturday(10, 12), saturday(8, 9)...)
	weeks := closed("2026-12-01", 21)
	with := func(exceptions []calendar.Exception) calendar.Calendar {
		return calendar.Calendar{Exceptions: exceptions}
	}
	for name, c := range map[string]struct {
		calendar calendar.Calendar
		from     string
		worked   time.Duration
		want     string
	}{
		"within a day":                   {office, "2026-12-01 09:30", 2 * time.Hour, "2026-12-01 11:30"},
		"to the very end of a day":       {office, "2026-12-01 09:00", 8 * time.Hour, "2026-12-01 17:00"},
		"into the next day":              {office, "2026-12-01 16:00", 8 * time.Hour, "2026-12-02 16:00"},
		"over a weekend":                 {office, "2026-12-04 16:30", time.Hour, "2026-12-07 09:30"},
		"from the night":                 {office, "2026-12-01 03:00", time.Hour, "2026-12-01 10:00"},
		"nothing, in the night":          {office, "2026-12-01 03:00", 0, "2026-12-01 09:00"},
		"less than nothing":              {office, "2026-12-01 12:00", -time.Hour, "2026-12-01 12:00"},
		"at the moment of closing":       {office, "2026-12-01 17:00", time.Minute, "2026-12-02 09:01"},
		"over Christmas":                 {office, "2026-12-24 16:00", 2 * time.Hour, "2026-12-29 10:00"},
		"over New Year":                  {office, "2026-12-31 16:00", 2 * time.Hour, "2027-01-04 10:00"},
		"over New Year in Scotland":      {scottish, "2026-12-31 16:00", 2 * time.Hour, "2027-01-05 10:00"},
		"two intervals in any order":     {tuesdays, "2026-12-01 11:00", 2 * time.Hour, "2026-12-01 14:00"},
		"from a week to the next":        {tuesdays, "2026-12-01 14:00", 3 * time.Hour, "2026-12-08 12:00"},
		"over closed weeks":              {with(weeks), "2026-11-30 16:00", 2 * time.Hour, "2026-12-22 10:00"},
		"round the clock past midnight":  {always, "2026-12-01 23:00", 2 * time.Hour, "2026-12-02 01:00"},
		"round the clock, 23 hours":      {always, "2027-03-28 00:00", 23 * time.Hour, "2027-03-29 00:00"},
		"round the clock, 25 hours":      {always, "2026-10-25 00:00", 25 * time.Hour, "2026-10-26 00:00"},
		"an exception opens a Saturday":  {with(saturday(10, 12)), "2026-12-04 17:00", time.Hour, "2026-12-05 11:00"},
		"the last exception of a day":    {with(twice), "2026-12-04 17:00", time.Hour, "2026-12-05 09:00"},
		"an exception opens a holiday":   {with(boxingDay()), "2026-12-24 17:00", time.Hour, "2026-12-28 10:00"},
		"a year of hours":                {office, "2026-12-01 09:00", 253 * 8 * time.Hour, "2027-11-30 17:00"},
		"an hour that the clock shows 2": {nightly, "2026-10-24 12:00", time.Hour, "2026-10-25 01:00"},
		"an hour that the clock lacks":   {nightly, "2026-03-28 12:00", time.Hour, "2026-03-30 02:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hours, err := c.calendar.In(london(t))
			require.NoError(t, err)
			require.Equal(t, c.want, hours.After(moment(t, c.from), c.worked).Format("2006-01-02 15:04"))
		})
	}
}

func TestOpenAndDayEnd(t *testing.T) {
	t.Parallel()
	hours, err := calendar.Calendar{}.In(london(t))
	require.NoError(t, err)
	for at, want := range map[string]bool{
		"2026-12-01 08:59": false, "2026-12-01 09:00": true, "2026-12-01 16:59": true, "2026-12-01 17:00": false,
		"2026-12-05 12:00": false, "2026-12-25 12:00": false,
	} {
		require.Equal(t, want, hours.Open(moment(t, at)), at)
	}
	for at, want := range map[string]string{
		"2026-12-01 07:00": "2026-12-01 17:00", "2026-12-01 12:00": "2026-12-01 17:00",
		"2026-12-01 17:00": "2026-12-01 17:00", "2026-12-01 17:01": "2026-12-02 17:00",
		"2026-12-24 18:00": "2026-12-29 17:00", "2026-07-01 18:00": "2026-07-02 17:00",
	} {
		require.Equal(t, want, hours.DayEnd(moment(t, at)).Format("2006-01-02 15:04"), at)
	}
}

// Hours end where a gap begins: at a break, not at midnight and not where one interval follows another.
func TestUntil(t *testing.T) {
	t.Parallel()
	broken := week(map[time.Weekday][]calendar.Interval{time.Tuesday: {
		{From: 9 * time.Hour, Until: 11 * time.Hour},
		{From: 11 * time.Hour, Until: 12 * time.Hour},
		{From: 13 * time.Hour, Until: 17 * time.Hour},
	}})
	nightly := week(map[time.Weekday][]calendar.Interval{
		time.Monday: {{From: 20 * time.Hour, Until: 24 * time.Hour}}, time.Tuesday: {{From: 0, Until: 8 * time.Hour}},
	})
	for _, c := range []struct {
		calendar calendar.Calendar
		at, want string
	}{
		{calendar.Calendar{}, "2026-12-01 12:00", "2026-12-01 17:00"},
		{broken, "2026-12-01 09:00", "2026-12-01 12:00"},
		{broken, "2026-12-01 14:00", "2026-12-01 17:00"},
		{nightly, "2026-11-30 21:00", "2026-12-01 08:00"},
		{week(nights(0, 24)), "2026-12-01 12:00", "2026-12-09 00:00"},
		{week(nights(0, 24)), "2026-12-01 00:00", "2026-12-09 00:00"},
	} {
		hours, err := c.calendar.In(london(t))
		require.NoError(t, err)
		require.Equal(t, c.want, hours.Until(moment(t, c.at)).Format("2006-01-02 15:04"), c.at)
	}
	hours, err := broken.In(london(t))
	require.NoError(t, err)
	for _, at := range []string{"2026-12-01 08:59", "2026-12-01 12:00", "2026-12-01 12:30", "2026-12-02 10:00"} {
		require.True(t, hours.Until(moment(t, at)).IsZero(), at)
	}
}

func TestACalendarThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	monday := func(open ...calendar.Interval) calendar.Calendar {
		return week(map[time.Weekday][]calendar.Interval{time.Monday: open})
	}
	nine, eleven := calendar.Interval{From: 9 * time.Hour, Until: 12 * time.Hour},
		calendar.Interval{From: 11 * time.Hour, Until: 13 * time.Hour}
	for says, c := range map[string]calendar.Calendar{
		"after they begin": monday(calendar.Interval{From: 17 * time.Hour, Until: 9 * time.Hour}),
		"0 and 24":         monday(calendar.Interval{From: 17 * time.Hour, Until: 25 * time.Hour}),
		"overlap":          monday(nine, eleven),
		"without any":      monday(),
		"wales":            {Division: "wales"},
		"2026-12-05":       {Exceptions: saturday(12, 10)},
		"2026-02-30: there is no such day": {
			Exceptions: []calendar.Exception{{Date: calendar.Date{Year: 2026, Month: time.February, Day: 30}}},
		},
		"0000-00-00: there is no such day": {Exceptions: []calendar.Exception{{Note: "Team day"}}},
	} {
		_, err := c.In(london(t))
		require.ErrorContains(t, err, says)
	}
	_, err := calendar.Calendar{Week: map[time.Weekday][]calendar.Interval{}}.In(london(t))
	require.Error(t, err, "empty is not the default")
	noon := 12 * time.Hour
	_, err = monday(calendar.Interval{From: noon, Until: noon}).In(london(t))
	require.ErrorContains(t, err, "after they begin", "no time at all")
	_, err = monday(nine, calendar.Interval{From: noon, Until: 13 * time.Hour}).In(london(t))
	require.NoError(t, err, "one may begin as the other ends")
}

// What the clock leaves out is the first moment that it shows again; what it shows twice is the first.
func TestDateAt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, date, want string
		at               time.Duration
		shown            bool
	}{
		{"Europe/London", "2027-03-28", "2027-03-28T02:00:00+01:00", 90 * time.Minute, false},
		{"Europe/London", "2027-03-28", "2027-03-28T00:59:00Z", 59 * time.Minute, true},
		{"Europe/London", "2027-03-28", "2027-03-28T02:00:00+01:00", 2 * time.Hour, true},
		{"Europe/London", "2026-10-25", "2026-10-25T01:30:00+01:00", 90 * time.Minute, true},
		{"Europe/London", "2026-10-25", "2026-10-25T02:00:00Z", 2 * time.Hour, true},
		{"Europe/London", "2026-12-31", "2027-01-01T00:00:00Z", 24 * time.Hour, true},
		{"America/New_York", "2026-03-08", "2026-03-08T03:00:00-04:00", 150 * time.Minute, false},
		{"Australia/Lord_Howe", "2026-10-04", "2026-10-04T02:30:00+11:00", 135 * time.Minute, false},
		{"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00", 12 * time.Hour, false},
	} {
		zone, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		date, err := time.Parse(time.DateOnly, c.date)
		require.NoError(t, err)
		at, shown := calendar.DateOf(date).At(c.at, zone)
		require.Equal(t, c.want, at.Format(time.RFC3339), "%s %s", c.zone, c.at)
		require.Equal(t, c.shown, shown)
	}
}

// Whatever the hours: later is never earlier, more is never sooner, the end lies in working hours, and what was worked
// until then is what was asked for.
func FuzzAfter(f *testing.F) {
	f.Add(int64(1_790_000_000), int64(3600), int64(60), uint8(9), uint8(8), uint8(1), false)
	f.Add(int64(1_806_195_600), int64(90_000), int64(7200), uint8(0), uint8(24), uint8(2), true) // a night of 23 hours
	f.Fuzz(func(t *testing.T, from, worked, later int64, opens, lasts, division uint8, lunch bool) {
		start := time.Unix(1_700_000_000+abs(from)%600_000_000, 0)
		n, gap := time.Duration(abs(worked)%2_000_000)*time.Second, time.Duration(abs(later)%2_000_000)*time.Second
		first := time.Duration(opens%24) * time.Hour
		open := []calendar.Interval{{From: first, Until: min(first+time.Duration(lasts%24+1)*time.Hour, 24*time.Hour)}}
		if half := (open[0].Until - open[0].From) / 2; lunch && half >= time.Hour {
			morning := calendar.Interval{From: first, Until: first + half - 30*time.Minute}
			open = []calendar.Interval{morning, {From: first + half, Until: open[0].Until}}
		}
		c := calendar.Calendar{
			Week:     map[time.Weekday][]calendar.Interval{time.Monday: open, time.Thursday: open, time.Sunday: open},
			Division: []calendar.Division{calendar.EnglandAndWales, calendar.Scotland, calendar.NorthernIreland}[division%3],
		}
		hours, err := c.In(london(t))
		require.NoError(t, err)
		end := hours.After(start, n)
		require.False(t, end.Before(start))
		require.False(t, hours.After(start.Add(gap), n).Before(end), "later is never earlier")
		require.False(t, hours.After(start, n+gap).Before(end), "more is never sooner")
		require.True(t, hours.Open(end) || hours.Open(end.Add(-time.Nanosecond)), "never in closed time: %s", end)
		half := hours.After(start, n/2)
		require.True(t, half.Equal(end) || hours.After(half, n-n/2).Equal(end), "in two parts")
	})
}

func abs(n int64) int64 {
	if n < 0 {
		return -(n + 1)
	}
	return n
}

func london(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	require.NoError(t, err)
	return zone
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, london(t))
	require.NoError(t, err)
	return at
}

func saturday(from, until int) []calendar.Exception {
	return []calendar.Exception{{
		Date: calendar.Date{Year: 2026, Month: time.December, Day: 5}, Note: "Winter fair",
		Open: []calendar.Interval{{From: time.Duration(from) * time.Hour, Until: time.Duration(until) * time.Hour}},
	}}
}

func boxingDay() []calendar.Exception {
	return []calendar.Exception{{
		Date: calendar.Date{Year: 2026, Month: time.December, Day: 28},
		Open: []calendar.Interval{{From: 9 * time.Hour, Until: 12 * time.Hour}},
	}}
}

func week(hours map[time.Weekday][]calendar.Interval) calendar.Calendar {
	return calendar.Calendar{Week: hours}
}

func nights(from, until int) map[time.Weekday][]calendar.Interval {
	week := map[time.Weekday][]calendar.Interval{}
	for weekday := range 7 {
		week[time.Weekday(weekday)] = []calendar.Interval{
			{From: time.Duration(from) * time.Hour, Until: time.Duration(until) * time.Hour},
		}
	}
	return week
}
