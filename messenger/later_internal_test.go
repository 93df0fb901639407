package messenger

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A clock's time is the moment that is meant, on either side of a change and in any zone; what a change leaves out is
// refused with the next minute that there is, and what comes twice is the first.
func TestLocalTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at, zone, want string // in UTC; with a trailing 2 where it comes twice
		next           string // where it does not exist
	}{
		{at: "2026-12-01T08:05", zone: "Europe/London", want: "2026-12-01T08:05"},
		{at: "2027-03-27T08:05", zone: "Europe/London", want: "2027-03-27T08:05"},
		{at: "2027-03-28T00:59", zone: "Europe/London", want: "2027-03-28T00:59"},
		{at: "2027-03-28T01:00", zone: "Europe/London", next: "2027-03-28T02:00"},
		{at: "2027-03-28T01:59", zone: "Europe/London", next: "2027-03-28T02:00"},
		{at: "2027-03-28T02:00", zone: "Europe/London", want: "2027-03-28T01:00"},
		{at: "2027-03-28T08:05", zone: "Europe/London", want: "2027-03-28T07:05"},
		{at: "2027-10-31T00:59", zone: "Europe/London", want: "2027-10-30T23:59"},
		{at: "2027-10-31T01:00", zone: "Europe/London", want: "2027-10-31T00:00 twice"},
		{at: "2027-10-31T01:59", zone: "Europe/London", want: "2027-10-31T00:59 twice"},
		{at: "2027-10-31T02:00", zone: "Europe/London", want: "2027-10-31T02:00"},
		{at: "2027-03-14T02:30", zone: "America/New_York", next: "2027-03-14T03:00"},
		{at: "2027-11-07T01:30", zone: "America/New_York", want: "2027-11-07T05:30 twice"},
		{at: "2027-10-03T02:15", zone: "Australia/Lord_Howe", next: "2027-10-03T02:30"},
		{at: "2027-04-04T01:45", zone: "Australia/Lord_Howe", want: "2027-04-03T14:45 twice"},
		{at: "2011-12-30T12:00", zone: "Pacific/Apia", next: "2011-12-31T00:00"},
		{at: "2027-06-01T12:00", zone: "Asia/Kolkata", want: "2027-06-01T06:30"},
		{at: "2027-06-01T12:00", zone: "UTC", want: "2027-06-01T12:00"},
	} {
		at, twice, err := LocalTime{c.at, c.zone}.when()
		if c.next != "" {
			var told *Error
			require.ErrorAs(t, err, &told, c.at)
			require.Equal(t, []string{string(CodeTimeDoesNotExist), "send_local.at", c.next}, []string{string(told.Code), told.Field, told.Next}, c.at)
			continue
		}
		require.NoError(t, err, c.at)
		got := at.UTC().Format(localForm)
		if twice {
			got += " twice"
		}
		require.Equal(t, c.want, got, c.at+" "+c.zone)
	}
}

// A time is written in one way only, and a zone is one of IANA's: not the machine's own, and no offset.
func TestLocalTimeIsRefused(t *testing.T) {
	t.Parallel()
	for field, list := range map[string][]LocalTime{
		"send_local.at": {
			{"", "Europe/London"},
			{"2026-12-01", "Europe/London"},
			{"2026-12-01T08:05:00", "Europe/London"},
			{"2026-12-01T08:05Z", "Europe/London"},
			{"2026-12-01T8:05", "Europe/London"},
			{"2026-02-30T08:05", "Europe/London"},
			{"2026-12-01T24:00", "Europe/London"},
			{"2026-12-01 08:05", "Europe/London"},
			{"tomorrow", "Nowhere"},
		},
		"send_local.zone": {
			{"2026-12-01T08:05", ""},
			{"2026-12-01T08:05", "Local"},
			{"2026-12-01T08:05", "+01:00"},
			{"2026-12-01T08:05", "localtime"},
			{"2026-12-01T08:05", "Europe/Lundon"},
			{"2026-12-01T08:05", "posix/Europe/London"},
			{"2026-12-01T08:05", "../Europe/London"},
			{"2026-12-01T08:05", "Europe/London\x00"},
		},
	} {
		for _, local := range list {
			_, _, err := local.when()
			var told *Error
			require.ErrorAs(t, err, &told, local)
			require.Equal(t, CodeInvalid, told.Code, local)
			require.Equal(t, field, told.Field, local)
		}
	}
}

// Every minute of a year and more, in zones of all kinds: a moment's own time on the clocks leads back to it, or to the
// same time before.
func FuzzLocalTime(f *testing.F) {
	for _, zone := range []string{"Europe/London", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "Asia/Kathmandu"} {
		f.Add(int64(1806285600), zone)
	}
	f.Fuzz(func(t *testing.T, seconds int64, name string) {
		zone, err := time.LoadLocation(name)
		if err != nil || !zoneForm.MatchString(name) || name == "Local" || seconds < 0 || seconds > 1<<33 {
			return // no zone, or no time, of ours
		}
		moment := time.Unix(seconds/60*60, 0)
		local := localOf(moment, zone)
		at, twice, err := local.when()
		var told *Error
		if errors.As(err, &told) {
			t.Fatalf("%v of %s: %v", local, moment, err)
		}
		if !at.Equal(moment) && (!twice || !at.Before(moment)) && moment.In(zone).Second() == 0 {
			t.Fatalf("%v: %s became %s", local, moment, at)
		}
	})
}
