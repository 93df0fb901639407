package adapters

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/google/uuid"
)

// Medium is how a message travels. Callers must bear values they do not know.
type Medium string

// The media. Web is a client's reply through the link; nothing is sent by it.
const (
	Email Medium = "email"
	SMS   Medium = "sms"
	Web   Medium = "web"
)

// Outgoing is one email or text message on its way to a client.
type Outgoing struct {
	// MessageID is the message's own id, and Reference the name of this decision to send it: what the provider is told
	// and can be asked for. Reference is MessageID's text until a person sends a failed message again, then with a
	// suffix ("…-2"). Every attempt of one decision carries the same Reference: a carrier that drops repeats drops by it.
	// It is visible ASCII, at most 64 bytes, and holds nothing personal.
	MessageID    uuid.UUID
	Reference    string
	Organisation OrganisationID
	Medium       Medium
	To           string // an email address, or a UK mobile number in E.164: "+447700900123"
	// Guarded says that the client has a safe-contact card or is restricted: the message may reach them at To alone, by
	// Medium and now. A carrier that sends by other addresses, media or later refuses it with ErrGuarded.
	Guarded    bool
	NHSNumber  string // ten digits, or empty
	SenderName string // whom the client reads it is from; without control characters
	Subject    string // email only; without control characters
	Language   string // of the closing lines and of a private message's notice, a tag of BCP 47: "cy"; or empty
	// Text is the whole plain text, UTF-8 with LF line ends, closing lines and reply link included.
	Text string
	// Follows are the References of the first and the last email of the same channel that went out, in this order; one
	// where they are the same, none for a first email or a text. A carrier of email says so (RFC 5322, 3.6.4), so that a
	// client's program shows them together.
	Follows []string
	// Link is the reply link as it stands in Text, or empty. It must not be logged or stored.
	Link string
	// FirstTried is when the first attempt of this decision began (UTC).
	FirstTried time.Time
	// Unclear is when the latest attempt began whose outcome was not known (UTC); zero when every earlier attempt surely
	// sent nothing. Find is asked about that attempt. In Send it says that an earlier attempt may have been taken by a
	// provider that drops repeats: nobody else may be handed the message.
	Unclear time.Time
}

// WithoutLink is Text cut around the reply link, for a provider that takes the link apart; after is empty without one.
func (o Outgoing) WithoutLink() (before, after string) {
	if o.Link == "" {
		return o.Text, ""
	}
	before, after, _ = strings.Cut(o.Text, o.Link)
	return before, after
}

// Status is how far a provider says a message has come.
type Status string

// The statuses of a Receipt. The zero value is Sent.
const (
	Sent      Status = "sent"      // taken by the provider
	Delivered Status = "delivered" // reached the client's mailbox or phone
	Failed    Status = "failed"    // will not reach the client
	// Withdrawn is an Entry's alone, in Record.Amend: it never was this client's, and its Text is a sentence that says so.
	Withdrawn Status = "withdrawn"
)

// Receipt is what a provider says of one message.
type Receipt struct {
	Reference  string // ours: the message's Outgoing.Reference. Needed from Callbacks only
	ProviderID string // what the provider calls the message; at most 200 bytes, nothing personal
	Via        string // which system carried it, a short fixed word: "smtp"
	Text       string // the text really sent, when the provider changed it and says so
	Status     Status // zero: Sent
	// Reason goes with Failed: ErrWrongContact, ErrObjected, ErrWrongContent, ErrConfiguration when our account is at
	// fault, or ErrNotSent when a person may well send it again.
	Reason error
	At     time.Time // when the provider says so (UTC); zero: now
	// Contact is what a carrier that reaches clients by contact details of its own (Limit.Elsewhere) says of the one that
	// it took, for the channel's history: by what, and the ids and versions of its source, at most 200 bytes. Never a
	// contact detail itself. From Callbacks only.
	Contact string
	// AskAgain is after how long Find is asked what became of a message that was taken, when no callback has told by then;
	// zero: never. For providers whose callbacks can get lost.
	AskAgain time.Duration
}

// Sender carries email or text messages. One at least is required.
type Sender interface {
	// Send hands one message to the provider and returns once the provider has taken it. It tries once: Messenger
	// does the repeating.
	//
	// Errors: ErrWrongContact, ErrObjected, ErrGuarded, ErrWrongContent, ErrConfiguration, ErrNotSent, ErrBusy and
	// *RateLimitError say that nothing was sent. Of these *RateLimitError alone is about more than this message, and lets
	// the others wait. Any other error, a timeout included, is an unknown outcome: Messenger never sends again before a
	// Finder said that it may, and without one the message stands as unknown and a person decides.
	Send(ctx context.Context, message Outgoing) (Receipt, error)
}

// Slow is an optional interface of a Sender that may need more than a minute for one message.
type Slow interface {
	// Takes is how long one Send may take at most, whatever it waits for. It is always the same.
	Takes() time.Duration
}

// Limited is an optional interface of a Sender whose carrier takes no text longer than so much, or sends other
// characters than it is given.
type Limited interface {
	// Limit is what holds for an organisation's messages of a medium; for several carriers in turn, that of the strictest.
	// It is asked at every check and send, so it calls nobody.
	Limit(ctx context.Context, organisation OrganisationID, medium Medium) (Limit, error)
}

// Limit is how long a text may be, and what becomes of its characters. The zero value is none.
type Limit struct {
	Characters int                      // at most, in UTF-16 units of what Replace returns; zero: as many as one likes
	Replace    func(text string) string // a whole Outgoing.Text as the carrier sends it; nil: as it is
	// Elsewhere says that the carrier sends to contact details of its own alone, and so takes nothing that is
	// Outgoing.Guarded: whoever writes is told so before they send.
	Elsewhere bool
}

// Sent is a whole text, reply link and closing lines included, as the carrier sends it.
func (l Limit) Sent(text string) string {
	if l.Replace == nil {
		return text
	}
	return l.Replace(text)
}

// TooLong says whether the carrier would refuse a whole text for its length.
func (l Limit) TooLong(text string) bool {
	return l.Characters > 0 && len(utf16.Encode([]rune(l.Sent(text)))) > l.Characters
}

// Carrying is an optional interface of a Sender that knows beforehand which systems may carry a message. A callback of
// a message that nobody knows yet who carried is believed from one of these alone.
type Carrying interface {
	// Carriers are the words that Receipt.Via may have for an organisation's messages of a medium. It calls nobody.
	Carriers(ctx context.Context, organisation OrganisationID, medium Medium) ([]string, error)
}

// Finder is an optional interface of a Sender whose provider can be asked what became of a message, or drops repeats
// of a reference.
type Finder interface {
	// Find looks for the message by its Reference. Found: its Receipt. Surely not there, or dropped if repeated: an error
	// that is ErrNotSent, and it is sent again. Nobody there who could be asked: errors.ErrUnsupported, and the message
	// stands as it does without a Finder. Anything else: cannot tell, and Find is tried again later.
	Find(ctx context.Context, message Outgoing) (Receipt, error)
}

// Lister is an optional interface of a Sender whose provider can be asked for all that it has.
type Lister interface {
	// List returns the receipts of an organisation's messages of a medium that the provider was given since a time, each
	// with its Reference or, where the provider knows none, with Via and ProviderID alone; in any order; those of other
	// organisations too where they have one account. asked are the systems that it has them of, as Receipt.Via names
	// them, those that have nothing too: what any other carried is not called forgotten. Nobody there who could be asked:
	// errors.ErrUnsupported. A list that is not whole is an error.
	List(
		ctx context.Context, organisation OrganisationID, medium Medium, since time.Time,
	) (list []Receipt, asked []string, err error)
}

// Callbacks is an optional interface of a Sender whose provider calls back. Messenger serves it at /m/hooks/{name},
// name being the key in Config.Hooks.
type Callbacks interface {
	// Callback verifies one request by the provider's own signature over the raw body, in constant time, and reads it.
	// It does no I/O. A request that is not the provider's is ErrNotSignedIn, one that can't be read ErrWrongContent.
	Callback(request CallbackRequest) (Callback, error)
}

// CallbackRequest is what a provider sent, unread.
type CallbackRequest struct {
	Method   string
	RawQuery string
	Header   http.Header
	Body     []byte // at most 64 KiB
}

// Callback is what a provider said, and what it wants to be answered.
type Callback struct {
	Receipts []Receipt
	Inbound  []InboundText
	// ContentType and Answer are the body of the 200 answer; both empty for none.
	ContentType, Answer string
}

// InboundText is a text message from outside. It is never matched to a client by its number: a person does that.
type InboundText struct {
	ProviderID string // unique at the provider; a repeat is dropped by it
	// From and To are telephone numbers in E.164 ("+447700900123"), however the provider writes them; a short code or a
	// name stays as it is. To is the number that was written to.
	From, To string
	Text     string
	At       time.Time // when the provider says that it came; zero where it says no time
	// Stop says that the client asks to be sent nothing more: the provider says so, or Text is "STOP", or "Please stop
	// texting me", and nothing else. Start says likewise that they want to be sent texts again: "START". The provider's
	// word goes before the text's.
	Stop, Start bool
}
