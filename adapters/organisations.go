package adapters

import (
	"context"
	"time"

	"github.com/cmsmessenger/cmsmessenger/calendar"
)

// OrganisationID is the host's own id of an organisation (the tenant), passed through unread. At most 200 characters.
type OrganisationID string

// Organisation is a tenant: what Messenger asks of it.
type Organisation struct {
	ID       OrganisationID
	Name     string // "Riverside Social Prescribing"; who clients are told they write to
	Phone    string // for the reply page's 'how else to get in touch'; empty: not said
	TimeZone string // IANA name, for the times clients read; empty: Europe/London
	// PublicURL is the absolute URL under which the public pages are mounted, without a trailing slash, so that a reply
	// link is PublicURL + "/r/" + token: "https://nhs.example.org/m". Empty: Config's.
	PublicURL string
	// Words replaces words of the reply page and of the closing lines of messages, by key; see messenger.Words.
	Words map[string]string
	// Colour is of the band at the top of the reply page, "#1d5f5a": six hexadecimal digits, on which white words have a
	// contrast of 4.5 to 1 or more (WCAG 2.2, 1.4.3). Empty, or one that can't be: the page's own blue; the log says why.
	Colour string
	// Logo is a picture beside the name in that band: an SVG or a PNG of 6,000 bytes at most. It travels inside the page,
	// so that nobody else is told of a client's visit. Empty, or one that can't be: none; the log says why.
	Logo []byte

	// Calendar is when staff work, by the organisation's TimeZone: clients are told by when a reply is read, and nothing
	// is overdue by hours in which nobody works. Zero: Monday to Friday, 9 to 5, but for the bank holidays of England and
	// Wales. One that can't be (see calendar.Calendar.In) counts as zero; the log says why.
	Calendar calendar.Calendar
	// ReadWithin is the working time within which a client's reply is to be read; after it the reply is overdue, and
	// after twice that Fallback is told. Zero: DefaultReadWithin. Under zero counts as zero, over MaxReadWithin as
	// MaxReadWithin; the log says so.
	ReadWithin time.Duration
	// Fallback is who is told of a reply that nobody else reads, each once, in no order. Let them open and act in every
	// inbox (Staff.Inboxes): what they may not open they are not shown. Empty: nobody, and then whoever manages is told.
	Fallback []StaffID

	RepliesOff       bool // new channels start with replies switched off
	CheckDateOfBirth bool // the reply page opens the message being answered to who knows the date of birth

	OutboundNotFiled  bool // messages to clients are not written to the record
	RepliesNotFiled   bool // clients' replies are not written to the record
	OutboundHidden    bool // filed messages to clients may not be seen online by the client
	RepliesVisible    bool // filed replies may be seen online by the client
	RestrictedVisible bool // filed messages of restricted clients may be seen online, as the two above say
}

// DefaultReadWithin holds where an organisation says nothing: one working day of eight hours.
const DefaultReadWithin = 8 * time.Hour

// MaxReadWithin is the longest that Organisation.ReadWithin may be: 30 working days of eight hours.
const MaxReadWithin = 240 * time.Hour

// Organisations describes the host's tenants. Optional: see OneOrganisation.
type Organisations interface {
	// Get returns an organisation as it is now, or ErrNotFound.
	Get(ctx context.Context, organisation OrganisationID) (Organisation, error)
}

// OneOrganisation is Organisations for a host that has one: whatever id is asked for, it answers o under that id.
func OneOrganisation(o Organisation) Organisations { return oneOrganisation{o} }

type oneOrganisation struct{ organisation Organisation }

func (o oneOrganisation) Get(_ context.Context, id OrganisationID) (Organisation, error) {
	organisation := o.organisation
	organisation.ID = id
	return organisation, nil
}
