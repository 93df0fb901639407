package adapters

import "context"

// StaffID is the host's own id of a staff member, passed through unread. At most 200 characters of UTF-8 without NUL.
type StaffID string

// Member is a staff member: the signed-in one of a request, or a colleague.
type Member struct {
	ID           StaffID
	Name         string // as colleagues and clients read it
	Organisation OrganisationID
	// Media lists what the member may send: email, SMS or both.
	Media []Medium
	// SortsTexts says that the member reads the texts that no channel claims and says whose they are. Until a host gives
	// it to somebody of an organisation, whoever may send texts there does.
	SortsTexts bool
	// Manages says that the member sees to it that no inbox of the organisation is unwatched: may say of everybody when
	// they are away and who covers them, and hand over everybody's inbox. It opens no inbox.
	Manages bool
	// ManagesTemplates says that the member writes, changes and archives the organisation's templates. Everybody may use
	// them, and write some of their own.
	ManagesTemplates bool
	// Exports says that the member may export all that is kept of a client, over the channels of all staff.
	Exports bool
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
	// a person would want them, or only those named by only. A name that may not be opened, or of another organisation, is
	// left out. The inbox of who has left goes on standing for those who may act there, Organisation.Fallback among them.
	Inboxes(ctx context.Context, member Member, only ...StaffID) ([]Inbox, error)
}

// Colleagues says who else works in an organisation. It is asked as the system: a context may be without a person.
// Optional: without it nobody can be said to be away, and nothing can be handed over.
//
// Of all three methods: each member comes once, in no order, as Staff.Current gives them. Whoever has left, and
// whoever is of another organisation, is in none. What is not there is left out, which is no error.
type Colleagues interface {
	// Members returns the staff members who are named; without a name, nobody. Up to 1,000 are asked for at once.
	Members(ctx context.Context, organisation OrganisationID, ids ...StaffID) ([]Member, error)

	// WhoMayAct returns who may act in an inbox beside its owner: those to whom Staff.Inboxes gives it with MayAct.
	WhoMayAct(ctx context.Context, organisation OrganisationID, inbox StaffID) ([]Member, error)

	// Managers returns who Manages.
	Managers(ctx context.Context, organisation OrganisationID) ([]Member, error)
}
