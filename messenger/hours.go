package messenger

import (
	"fmt"
	"time"
	_ "time/tzdata" // an organisation's zone is known on machines without zone files too

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/calendar"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Zone is an organisation's time zone, for the times that clients read. A name that is not known is Europe/London.
func Zone(organisation adapters.Organisation) *time.Location {
	zone, err := time.LoadLocation(organisation.TimeZone)
	if err != nil || organisation.TimeZone == "" {
		zone, _ = time.LoadLocation("Europe/London") // part of the program: see time/tzdata
	}
	return zone
}

// ReadByWhen says who reads the replies of a channel, and by when one is read.
type ReadByWhen struct {
	StaffName string    // empty on the page of a restricted client: who writes to them is nobody's to know
	At        time.Time // the end of the working day in which the organisation's ReadWithin is over, in its zone
}

// WorkingHours are an organisation's, as they stand now.
type WorkingHours struct {
	Until time.Time // when the present ones end; zero outside them
	// NextSendAt is five minutes into the next ones: when a message goes out that is not to come outside them.
	NextSendAt time.Time
}

// whoReads is the name of who has the replies of a channel in front of them: whom the client is told of. This is the
// one place that says so. Nobody's is told where the owner is away or has left, and nobody covers.
func whoReads(channel rows.Channel, cover *Cover, absent bool) (name string) {
	switch {
	case cover != nil:
		return cover.Name
	case absent:
		return ""
	default:
		return channel.StaffName
	}
}

// hours are when an organisation works and within which working time it reads.
type hours struct {
	calendar.Hours
	readWithin time.Duration
}

// readBy is by when a reply that came at a time is read.
func (h hours) readBy(came time.Time) time.Time { return h.DayEnd(h.After(came, h.readWithin)) }

// at is the working hours as they stand at a time.
func (h hours) at(now time.Time) *WorkingHours {
	at := &WorkingHours{Until: h.Until(now)}
	next := now
	if !at.Until.IsZero() {
		next = at.Until
	}
	const settled = 5 * time.Minute // whoever comes in has sat down: an answer finds somebody
	at.NextSendAt = h.After(next, settled)
	return at
}

// hoursOf are an organisation's. What can't be counts as not said: a client's page does not fail for its host's
// calendar.
func (m *Messenger) hoursOf(organisation adapters.Organisation) hours {
	zone := Zone(organisation)
	found, err := organisation.Calendar.In(zone)
	if err != nil {
		m.sayOfHours(organisation.ID, err.Error())
		found, _ = calendar.Calendar{}.In(zone)
	}
	within := organisation.ReadWithin
	switch {
	case within < 0:
		m.sayOfHours(organisation.ID, "ReadWithin is under zero")
		within = adapters.DefaultReadWithin
	case within == 0:
		within = adapters.DefaultReadWithin
	case within > adapters.MaxReadWithin:
		m.sayOfHours(organisation.ID, "ReadWithin is over 240 hours")
		within = adapters.MaxReadWithin
	}
	return hours{found, within}
}

// sayOfHours logs once what is wrong with an organisation's hours.
func (m *Messenger) sayOfHours(organisation adapters.OrganisationID, fault string) {
	if _, said := m.hoursFaults.LoadOrStore(fmt.Sprint(organisation, " ", fault), true); !said {
		m.config.Logger.Warn("messenger: an organisation's working hours can't be: others hold",
			"organisation", string(organisation), "fault", fault)
	}
}
