package adapters

import "context"

// StaffID is the host's own id of a staff member, passed through unread. At most 200 bytes of UTF-8 without NUL.
type StaffID string

// Member is the signed-in staff member of a request.
type Member struct {
	ID           StaffID
	Name         string // as colleagues and clients read it
	Organisation OrganisationID
	// Media lists what the member may send: email, SMS or both.
	Media []Medium
	// SortsTexts says that the member reads the texts that no channel claims and says whose they are. Until a host gives
	// it to somebody of an organisation, whoever may send texts there does.
	SortsTexts bool
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
	// left out.
	Inboxes(ctx context.Context, member Member, only ...StaffID) ([]Inbox, error)
}
