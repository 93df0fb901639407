package messenger

import (
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// DeliveryStatus is how far a message has come on its way to the client.
type DeliveryStatus = rows.DeliveryStatus

// The delivery statuses. Received is a client's reply's only one.
const (
	DeliveryScheduled DeliveryStatus = "scheduled" // waits for its time
	DeliveryQueued    DeliveryStatus = "queued"    // waits for a worker, or for the next try
	DeliverySending   DeliveryStatus = "sending"   // an attempt is under way, or being looked up
	DeliverySent      DeliveryStatus = "sent"      // taken by the provider
	DeliveryDelivered DeliveryStatus = "delivered" // reached the client, says the provider
	DeliveryUnknown   DeliveryStatus = "unknown"   // may or may not have been sent: a person decides
	DeliveryFailed    DeliveryStatus = "failed"    // was not sent, or did not arrive; Reason says why
	DeliveryCancelled DeliveryStatus = "cancelled" // stopped in time; CancelledBecause says why
	DeliveryReceived  DeliveryStatus = "received"  // a client's reply
)

// RecordStatus is how far a message has come on its way to the clinical record.
type RecordStatus = rows.RecordStatus

// The record statuses.
const (
	RecordPending     RecordStatus = "pending"
	RecordSaved       RecordStatus = "saved"
	RecordAmended     RecordStatus = "amended" // saved, then corrected after its delivery failed
	RecordHeld        RecordStatus = "held"    // a reply nobody proved: staff say that it is them
	RecordFailed      RecordStatus = "failed"
	RecordNotRequired RecordStatus = "not_required"
)

// Reasons a delivery failed, is unknown or waits. Callers must bear values they do not know.
const (
	ReasonWrongContact   = "wrong_contact"   // the provider refused the address or number
	ReasonWrongContent   = "wrong_content"   // the provider refused the text
	ReasonConfiguration  = "configuration"   // our account at the provider is at fault
	ReasonNotSent        = "not_sent"        // the provider could not be reached until the last try
	ReasonRejected       = "not_delivered"   // the provider took it and could not deliver it
	ReasonNoAnswer       = "no_answer"       // the provider's answer never came and it can't be asked
	ReasonForgotten      = "forgotten"       // it went out, and the provider says that it does not have it
	ReasonAddressChanged = "address_changed" // the client's address is no longer the one shown when it was written
	ReasonNoAddress      = "no_address"
	ReasonObjected       = "objected"
	ReasonRestricted     = "restricted"
	ReasonDeceased       = "deceased"
	ReasonClientNotFound = "client_not_found" // the host's directory no longer has the client
	ReasonDirectoryDown  = "directory_unavailable"
	ReasonNotConfigured  = "not_configured"
	ReasonNoProof        = "no_proof"    // private, and the directory has no date of birth any more
	ReasonRepliesOff     = "replies_off" // private, and nobody can open its link

	ReasonSafeContact = "safe_contact" // the client's card has no place any more for it, or for words in it

	ReasonWithdrawn = "withdrawn" // it was taken back before it was filed, or before it surely went out

	ReasonRecordRefused     = "record_refused"     // the record will never take it
	ReasonRecordNoClient    = "record_no_client"   // the record does not know the client
	ReasonRecordUnavailable = "record_unavailable" // the record did not answer until the last try
	ReasonRecordLost        = "record_lost"        // it was filed, and the record does not have it
	ReasonRecordTwice       = "record_twice"       // the record has more than one entry of it
	ReasonNotAmended        = "not_amended"        // a text was put into the wrong record, which can't take it out again
	ReasonUnverified        = "unverified"         // nobody proved that the client wrote it
	ReasonDeliveryUnknown   = "delivery_unknown"   // filed once it is known to have been sent
	ReasonNeverSent         = "never_sent"         // nothing to file
)

// Message is one email or text message to the client, or one reply.
type Message struct {
	ID            uuid.UUID
	Channel       uuid.UUID
	Seq           int64 // its place in the channel, from 1; given under the channel's row lock
	Direction     adapters.Direction
	Medium        adapters.Medium
	Subject, Body string // what was written; the reply link is never part of it
	// the text that the provider really sent, where it said so and it differs; "[reply link]" for a link
	SentText    string
	Author      adapters.Author
	CreatedAt   time.Time
	SendAfter   time.Time // zero: at once
	SendLocal   LocalTime // the same as it was meant, where it was given so
	Unless      Unless    // what keeps it from going out then; empty: nothing
	SentAt      time.Time
	DeliveredAt time.Time
	Delivery    Delivery
	Record      RecordState
	Verified    string    // replies: "none" or "date_of_birth"
	InReplyTo   uuid.UUID // replies: the message being answered; zero for none
	ReadAt      time.Time // replies: when the owner had it on screen, or a colleague on their behalf
	ReadBy      adapters.StaffID
	Purpose     string    // "care"
	Private     bool      // its words stay behind the link
	OpenedAt    time.Time // private ones: when the client first had the words on their page; zero: not yet
	Withdrawn   *Withdrawn
	Awaiting    *Awaiting // what it asks of its client; nil: nothing
	Reminds     uuid.UUID // the message that it is a reminder of; zero: none
	// CancelledBecause is why a message was cancelled; empty for all others.
	CancelledBecause CancelledBecause
	Template         TemplateVersion // that it was written with
}

// Delivery is how a message fares on its way to the client.
type Delivery struct {
	Status   DeliveryStatus
	Reason   string
	Attempts int
	Via      string // which system carried it
	To       string // where it went, masked: "g•••@example.org"
	// Attention says that a person has to see to it: until a retry succeeds, or somebody says that they dealt with it.
	Attention bool
	Waiting   *Waiting // nil: it does not, or not for ten minutes yet
}

// RecordState is how a message fares on its way to the clinical record.
type RecordState struct {
	Status        RecordStatus
	Reason        string
	Reference     string // what the record calls it
	SavedAt       time.Time
	OnlineViewing bool
	Attention     bool     // as Delivery's
	Waiting       *Waiting // likewise
}

// SendParams is one message to send. Exactly one of Channel and Client is set.
type SendParams struct {
	Channel uuid.UUID
	Client  adapters.ClientID // the actor's own channel with this client, made when there is none
	Medium  adapters.Medium
	// Subject is an email's, 1 to 200 characters without control characters; an SMS has none. Body is 1 to 50,000
	// characters for an email, 1 to 918 UTF-16 units for an SMS (GOV.UK Notify's limit). Both are kept to the letter, CRLF
	// becoming LF. {{first_name}}, {{staff_name}} and {{organisation}} are filled in, in Body {{reply_link}} too; any
	// other {{word}} is CodeUnknownPlaceholder.
	Subject, Body string
	NoReplyLink   bool      // leave the reply link out, unless {{reply_link}} stands in Body
	SendAfter     time.Time // not before this time, within a year; zero or past: at once
	// SendLocal is SendAfter as a clock's time, which must not be over and has to exist; not beside SendAfter.
	SendLocal LocalTime `json:",omitzero"` // left out, so that keys of before keep their digest
	// Unless has what comes before then cancel the message; it needs a later time.
	Unless Unless `json:",omitzero"`
	Then   Status // Open or Done: the channel's status afterwards; empty: as it was
	// Override is why a restricted client must be written to, or one in a way or at a time that their card leaves out. It
	// never lifts the card's NoWords and NeutralSender, nor for a restricted client its Hours.
	Override string
	// Expects is what is asked of the client, by the day ExpectBy ("2026-12-04", in the organisation's zone, not over when
	// the message goes out, within a year): both or neither.
	Expects  Expectation `json:",omitempty"`
	ExpectBy string      `json:",omitempty"`
	lifted   bool        // beyond the card's media, by a reason that was given before
	reminds  uuid.UUID   // of a reminder: the message that it reminds of
	again    bool        // of a message that there is: nobody is asked for Override
	// Private has the words stay behind the link, for who knows the client's date of birth; the client is sent a notice.
	// A message to a restricted client, or to one whose card has NoWords, is private whatever it says. Body is then up to
	// 50,000 characters by either medium.
	Private bool `json:",omitempty"` // left out, so that keys of before keep their digest
	// SeenUpTo is the last message of the channel that the asker has seen: where a later one, not their own, stands there,
	// it is CodeNewerMessages and nothing is sent. Zero asks for no such check. A repeat under the same Key asks for none.
	SeenUpTo uuid.UUID `json:",omitzero"`
	// Key makes a repeat safe: 1 to 255 visible ASCII characters, per organisation and staff member, kept for ever.
	// A Draft has one of its own, for whoever sends it.
	Key string
	// Template is what it was written with: nothing in brackets round one name may then be left in Subject and Body. Zero:
	// no template.
	Template uuid.UUID `json:",omitzero"` // requests from before there were templates keep their digest
	// Actor is who sends. Nil: the signed-in staff member of the context. A host's own code sets it for what it sends
	// itself, and is trusted with it.
	Actor *adapters.Member
}

// ResolveParams says what a person dealt with otherwise: Of is "delivery" or "record", Note up to 1,000 characters.
type ResolveParams struct{ Of, Note string }
