package messenger

import (
	"regexp"
	"slices"
	"time"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// LocalTime is a time as a clock on a wall shows it, and where the clock hangs: it stays right when clocks change. Of a
// time that comes twice, when they go back, it is the first.
type LocalTime struct {
	At   string // "2026-12-01T08:05"
	Zone string // of IANA's time zones: "Europe/London"
}

// Unless is what keeps a message from going out later. Callers must bear values that they do not know.
type Unless string

// UnlessReplied has a reply of the client's in the channel cancel it, with CancelledByReply.
const UnlessReplied Unless = "replied"

const localForm = "2006-01-02T15:04"

// zoneForm leaves out what a machine may have beside IANA's zones: its own ("localtime"), and others' copies
// ("posix/…", "right/…").
var zoneForm = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$`)

// read is the clock's time, as if it were UTC, and the zone.
func (l LocalTime) read() (wall time.Time, zone *time.Location, err error) {
	if wall, err = time.Parse(localForm, l.At); err != nil || wall.Format(localForm) != l.At {
		return wall, nil, invalid("send_local.at", "Give the time as 2026-12-01T08:05, without a zone.")
	}
	if zoneForm.MatchString(l.Zone) && l.Zone != "Local" {
		zone, err = time.LoadLocation(l.Zone)
	}
	if zone == nil || err != nil {
		return wall, nil, invalid("send_local.zone", `Name a time zone, such as "Europe/London".`)
	}
	return wall, zone, nil
}

// when is the moment that is meant, and whether that time comes twice. Errors: CodeInvalid, CodeTimeDoesNotExist.
func (l LocalTime) when() (at time.Time, doubled bool, err error) {
	wall, zone, err := l.read()
	if err != nil {
		return time.Time{}, false, err
	}
	about := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, zone)
	start, end := about.ZoneBounds()
	var found []time.Time
	for _, near := range []time.Time{about, start.Add(-time.Second), end} { // one of each offset that can be meant
		_, offset := near.In(zone).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		if at.In(zone).Format(localForm) == l.At && !slices.ContainsFunc(found, at.Equal) {
			found = append(found, at)
		}
	}
	if len(found) > 0 {
		return slices.MinFunc(found, time.Time.Compare), len(found) > 1, nil
	}
	next := end // about may be on either side of the gap
	if !wall.Before(onWall(start.Add(-time.Second).In(zone))) && wall.Before(onWall(start.In(zone))) {
		next = start
	}
	return time.Time{}, false, timeDoesNotExist(next.In(zone).Format(localForm))
}

// onWall is a time as its zone's clocks show it, as if it were UTC.
func onWall(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.Add(time.Duration(offset) * time.Second)
}

// checkLater refuses what can be refused of when a message goes out without knowing the time.
func (p SendParams) checkLater() error {
	switch {
	case p.Unless != "" && p.Unless != UnlessReplied:
		return invalid("unless", `Unless is "replied".`)
	case p.SendLocal == LocalTime{}:
		return nil
	case !p.SendAfter.IsZero():
		return invalid("send_local", "Give either a local time or a time in UTC, not both.")
	}
	_, _, err := p.SendLocal.when()
	return err
}

// due is when a message is to go out: zero for at once.
func (p SendParams) due() time.Time {
	if p.SendLocal == (LocalTime{}) {
		return p.SendAfter
	}
	at, _, _ := p.SendLocal.when() // it was checked
	return at.UTC()
}

// checkDue refuses when a message is to go out as things stand now. A repeat under the same key comes before it: what
// was asked for in time is not refused later.
func (p SendParams) checkDue(now time.Time) error {
	due := p.due()
	switch {
	case p.SendLocal != (LocalTime{}) && !due.After(now):
		return invalid("send_local", "This time is over. Choose one that is to come.")
	case due.After(now.AddDate(1, 0, 0)):
		return invalid("send_local", "Choose a time within a year from now.")
	case p.Unless != "" && !due.After(now):
		return invalid("unless", "Say when it is to go out: at once no reply can come first.")
	}
	return nil
}

// dueOf is when a scheduled message goes out. Where a zone's rules have changed since it was written, the time on its
// clocks holds; where it waits for safe hours, those.
func dueOf(message rows.Message) time.Time {
	due := value(message.SendAfter)
	if at, _, err := (LocalTime{message.SendLocal, message.SendZone}).when(); err == nil {
		due = at.UTC()
	}
	if WaitingWhy(message.DeliveryWaiting) == WaitingSafeHours && value(message.DeliveryWaitingUntil).After(due) {
		return *message.DeliveryWaitingUntil
	}
	return due
}

// localOf is a moment as a clock of the zone shows it, in whole minutes.
func localOf(at time.Time, zone *time.Location) LocalTime {
	return LocalTime{at.In(zone).Format(localForm), zone.String()}
}

// isLater says that a message was to go out at a time of its own, not only to be undone for a moment.
func isLater(after, written time.Time) bool { return after.Sub(written) > time.Minute }
