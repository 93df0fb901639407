package messenger

import (
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Status is where a channel stands in its owner's work.
type Status = rows.Status

// The statuses of a channel.
const (
	Unread Status = "unread" // the client wrote something that the owner has not had on screen
	Open   Status = "open"   // all read, more to do
	Done   Status = "done"   // all read, nothing to do
)

// Attention is why a channel needs a person beyond its status.
type Attention = rows.Attention

// The reasons. Each ends when a retry succeeds or a person dealt with it.
const (
	AttentionDeliveryFailed  Attention = "delivery_failed"
	AttentionDeliveryUnknown Attention = "delivery_unknown"
	AttentionRecordFailed    Attention = "record_failed"
	AttentionRecordHeld      Attention = "record_held"
	// a reply has been unread for longer than Organisation.ReadWithin; ends once it is read
	AttentionReplyOverdue Attention = "reply_overdue"
	// a message asked for an answer, and the day by which it was expected is over
	AttentionAnswerOverdue Attention = "answer_overdue"
	// a message has waited for more than ten minutes to be sent or filed; ends once it is
	AttentionWaiting Attention = "waiting"
	// five wrong dates of birth; ends with a new link or when a person changes the status
	AttentionLinkLocked Attention = "link_locked"
	// more replies by one link than it takes an hour; ends with a new link or when a person changes the status
	AttentionReplyFlood Attention = "reply_flood"
	// a message that was to go out later was cancelled because whose channel it was has left; ends when a person says so
	AttentionOwnerLeft Attention = "owner_left"
	// a message that is to go out later can't as things stand, found the working day before; ends once it is mended
	AttentionCannotBeSent Attention = "cannot_be_sent"
	// a client's text that no channel claims: never of a channel
	AttentionUnmatched Attention = "unmatched"
)

// Channel is the one thread between a staff member and a client, as it stands in a list.
type Channel struct {
	ID             uuid.UUID
	Organisation   adapters.OrganisationID
	Staff          adapters.StaffID // the owner
	Client         adapters.ClientID
	ClientName     string
	Status         Status
	UnreadCount    int
	RepliesAllowed bool
	Attention      []Attention
	Awaiting       *Awaiting // what is waited for first; nil: nothing
	OverdueSince   time.Time // when its oldest overdue reply became so; zero where none is
	ScheduledCount int       // messages that are to go out later
	LastMessage    *Preview  // nil only for a channel without a message
	Match          *Match    // only in a search
	// CoveredFor is the owner, where the asker sees the channel in their own list or stream because they cover.
	CoveredFor adapters.StaffID
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Preview is the newest message of a channel in a few words.
type Preview struct {
	ID        uuid.UUID
	Direction adapters.Direction
	Medium    adapters.Medium
	Subject   string // of an email
	Text      string // its first 140 characters
	At        time.Time
	SendAfter time.Time // when it goes out, of one that was scheduled; zero for all others
}

// Match is why a search found a channel.
type Match struct {
	Field   string    // "name", "message" or "nhs_number"
	Message uuid.UUID // zero for a name
	Excerpt string
}

// OpenedChannel is a channel with all that its page shows beside the thread.
type OpenedChannel struct {
	Channel
	Person     Person
	Actions    Actions
	ReplyLink  string // absolute; empty while replies are off, and for those who may look but not act
	RepliesOff *RepliesOff
	// Draft is the asker's own, when the channel is opened; nil without one, and for those who may look but not act.
	Draft *Draft
	Cover *Cover // who covers while the owner is away; nil without anybody
	// ReadByWhen is what the client is told of who reads a reply that comes now, with the reader's name whoever the
	// client. It and Hours are nil while the host does not say what the organisation is.
	ReadByWhen *ReadByWhen
	Hours      *WorkingHours
	// Discharged is when ClientDischarged last switched the link off here, or in what was joined with it; somebody may
	// have switched it on again since. Zero where it never did.
	Discharged time.Time
	// WrongDates is how many wrong dates of birth were given behind the link in its life, while that needs a person.
	WrongDates int
}

// RepliesOffWhy is why replies are off.
type RepliesOffWhy string

// The reasons.
const (
	OffByStaff      RepliesOffWhy = "staff"      // a staff member switched them off
	OffByDischarge  RepliesOffWhy = "discharged" // the client was discharged
	OffByLockedLink RepliesOffWhy = "locked"     // the link was locked
)

// RepliesOff says who switched replies off, and why.
type RepliesOff struct {
	By  string // the name of who did; empty for the system
	At  time.Time
	Why RepliesOffWhy
}

// Person is a client as staff may see them now.
type Person struct {
	ID          adapters.ClientID
	Name        string
	NHSNumber   string // "999 000 0018"; empty when not known or not valid
	DateOfBirth string // "1984-02-29"
	GP          adapters.GP
	Email       string // empty when not recorded or restricted
	Phone       string // E.164; likewise
	Restricted  bool
	Deceased    bool
	ProfileURL  string
	// SafeContact is how it is safe to write to them; nil: nothing is said of it. Needs and Language: see adapters.Client.
	SafeContact *adapters.SafeContact
	Needs       []string
	Language    string
}

// Actions says what the asker can do for a client now.
type Actions struct{ SendEmail, SendSMS Action }

// Why is why a client can't be written to. Callers must bear values that they do not know.
type Why string

// The reasons. The last three are a broadcast's skipped recipients' alone.
const (
	WhyNoAddress     Why = "no_address"
	WhyNoPermission  Why = "no_permission"  // the asker may not use this medium, or not act here
	WhyNotConfigured Why = "not_configured" // the host has no sender for this medium
	WhyObjected      Why = "objected"
	WhyRestricted    Why = "restricted" // can be overridden with a reason; not in a broadcast
	WhyDeceased      Why = "deceased"
	WhyNoProof       Why = "no_proof" // the message is private, and the directory has no date of birth
	// not this way, by the client's safe-contact card: can be overridden with a reason; not in a broadcast
	WhySafeContact Why = "safe_contact"
	WhyRepliesOff  Why = "replies_off" // the message is private, and the channel's link opens nothing
	WhyNotFound    Why = "not_found"   // the directory does not have the client, or not for the asker
	WhyInvalid     Why = "invalid"     // the text is too long once the client's name is filled in
)

// Action is allowed, or Why says why not.
type Action struct {
	Allowed bool
	Why     Why
}

// ClientPage is what a compose form needs to know of a client.
type ClientPage struct {
	Person  Person
	Actions Actions
	Channel uuid.UUID // the asker's own with this client; zero without
	Draft   *Draft
	Hours   *WorkingHours // nil while the host does not say what the organisation is
}

// ClientRow is a possible recipient.
type ClientRow struct {
	ID          adapters.ClientID
	Name        string
	NHSNumber   string // "999 000 0018"
	DateOfBirth string
	Channel     uuid.UUID // the asker's own with this client; zero without
}

// Draft is a staff member's own unsent text for one client.
type Draft struct {
	Medium        adapters.Medium
	Subject, Body string
	Private       bool      // it is to be a private message
	SendLocal     LocalTime // when it is to go out; it may be over, or not exist
	Unless        Unless
	// Template is what it was begun with, for Send; zero: none. One that the asker may not use, or that is archived, is
	// neither kept nor returned.
	Template uuid.UUID
	Expects  Expectation
	ExpectBy string // as in SendParams; neither is checked before it is sent
	// Key is for a Send of it, as its Key: from however many windows it is sent, it goes out once. It is another one each
	// time that the draft is kept. SaveDraft takes none.
	Key string
}

// Page is one page of a list; Next is the cursor of the following one, empty on the last.
type Page[T any] struct {
	Items []T
	Next  string
}

// PageParams asks for a page: Cursor as a former page's Next gave it (empty: the first), Limit from 1 to 100 (zero:
// 50).
type PageParams struct {
	Cursor string
	Limit  int
}

// InboxPage is one page of an inbox.
type InboxPage struct {
	Page[Channel]
	Counts *Counts // on the first page only
}

// Counts counts an inbox's channels by status, and up to 1,000 each those that need attention, those with an overdue
// reply, which do too, and those with a message that is to go out later.
type Counts struct{ Unread, Open, Done, Attention, Overdue, Scheduled, Awaiting int }

// InboxSummary is an inbox that the asker may open.
type InboxSummary struct {
	Staff        adapters.StaffID
	Name         string
	Unread, Open int
	MayAct       bool
}

// Me is the asker.
type Me struct {
	Member           adapters.Member // Media are those that the host has a sender for
	OrganisationName string
	UnreadCount      int // channels in the asker's own inbox, and in those that they cover
	AttentionCount   int // channels of the asker's own inbox, up to 1,000, and what is overdue in those that they cover
	AwaitingCount    int // channels of the asker's own inbox that wait for an answer, up to 1,000
	OverdueCount     int // channels, likewise; of the asker's own inbox up to 1,000
	// UnmatchedCount counts texts that wait for a person, up to 1,000: to who sorts texts all of the organisation's, to
	// others those that a channel claims of their own, or of whom they cover.
	UnmatchedCount int
	Covering       []Covering
	SortsTexts     bool // reads the texts that no channel claims
	Record         bool // the host has a clinical record
	// Closing are the words that close messages, for a preview: email_reply, email_no_reply, sms_reply and sms_no_reply,
	// as in Words.
	Closing map[string]string
}
