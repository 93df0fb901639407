package adapters

import "context"

// StaffID is the host's own id of a staff member, passed through unread. At most 200 bytes of UTF-8 without NUL.
type StaffID string

// OrganisationID is the host's own id of an organisation (the tenant), passed through unread. At most 200 bytes.
type OrganisationID string

// Member is the signed-in staff member of a request.
type Member struct {
	ID           StaffID
	Name         string // as colleagues and clients read it
	Organisation OrganisationID
	// Media lists what the member may send: email, SMS or both.
	Media []Medium
}

// Inbox is a colleague's inbox that a member may open.
type Inbox struct {
	Staff  StaffID
	Name   string // the colleague's name
	MayAct bool   // may also send, change and read on the colleague's behalf
}

// Staff says who is asking and what they may do. Required.
type Staff interface {
	// Current returns the signed-in staff member whom the host's own sign-in put into the request's context, or
	// ErrNotSignedIn. It is asked for every request, and every 30 seconds of a stream: it says what holds now.
	Current(ctx context.Context) (Member, error)

	// Inboxes returns the colleagues' inboxes that the member may open, never the member's own: all of them, in the order
	// a person would want them, or only those named by only. A name that may not be opened, or of another organisation, is left out.
	Inboxes(ctx context.Context, member Member, only ...StaffID) ([]Inbox, error)
}

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

	RepliesOff       bool // new channels start with replies switched off
	CheckDateOfBirth bool // the reply page opens the message being answered to who knows the date of birth

	OutboundNotFiled  bool // messages to clients are not written to the record
	RepliesNotFiled   bool // clients' replies are not written to the record
	OutboundHidden    bool // filed messages to clients may not be seen online by the client
	RepliesVisible    bool // filed replies may be seen online by the client
	RestrictedVisible bool // filed messages of restricted clients may be seen online, as the two above say
}

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
