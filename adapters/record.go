package adapters

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Direction is which way a message went.
type Direction string

// The directions.
const (
	Outbound Direction = "outbound" // to the client
	Inbound  Direction = "inbound"  // from the client
	Internal Direction = "internal" // nowhere: words of staff for staff, which no message is
)

// Author is who wrote, or who acted.
type Author struct {
	Kind string // "staff", "client" or "system"
	ID   string // the host's id of the staff member or client; empty for the system
	Name string // as it was at the time
}

// NoteKind is what staff wrote down for one another.
type NoteKind string

// The kinds.
const (
	Note NoteKind = "note"
	Call NoteKind = "call" // of a telephone call: rang, left no message
)

// Entry is one message for the clinical record or, where Direction is Internal, one note among staff, which has a Note
// and no Medium, Subject or Status, and is never for the client's online record.
type Entry struct {
	// Key is the message's or the note's id. A second Write under the same key must change nothing and return what the
	// first did.
	Key          uuid.UUID
	Channel      uuid.UUID
	Organisation OrganisationID
	Client       ClientID
	NHSNumber    string // ten digits, or empty when the directory has none
	Direction    Direction
	Medium       Medium
	Note         NoteKind // empty but with Internal
	Subject      string   // email only
	Text         string   // what was sent or received; a reply link stands as "[reply link]"
	Author       Author   // who wrote it
	FiledBy      Author   // the account it is written under: the system, or who released a held reply
	InReplyTo    uuid.UUID
	// Status is how far it came to the client: Sent or Failed, nothing else once it arrived; a reply is Delivered. In
	// Amend it may be Withdrawn.
	Status        Status
	Reason        string    // with Failed: a short fixed word
	Verified      string    // replies: "none" or "date_of_birth"
	OnlineViewing bool      // whether the client may see it in their online record
	At            time.Time // when it was sent or received, UTC
	DeliveredAt   time.Time // UTC; zero when it was not known as the entry was filed
}

// Filed is what the record says of an entry it holds.
type Filed struct {
	Reference string // what the record calls it
	Version   string // for Amend; empty where the record has none
}

// Record is the clinical record. Optional: without it nothing is filed, and messages say so.
type Record interface {
	// Write files the entry once. Errors: ErrWrongContent (the record will never take it) and ErrNotFound (the record does
	// not know the client) stop it at once and show it to a person. ErrConfiguration says that our account or the
	// record's address is at fault (401, 403, a 404 that is not about the client), and holds up all filing of the
	// organisation, as *RateLimitError does until its Until. Every other error is passing. After these Write is called
	// again with the same Key until it answers.
	Write(ctx context.Context, entry Entry) (Filed, error)

	// Amend replaces what stands under entry.Key, because the delivery took another turn after it was filed: it failed, or
	// a person sent a failed one again and it went out; or because a text was put into the wrong record, or a message was
	// taken back: Status is Withdrawn then, Subject empty, and Text a sentence that says so. That a message arrived
	// amends nothing. A record that can't amend
	// returns errors.ErrUnsupported, and the entry stays as it was. Other errors as for Write. Repeating it with the same
	// entry changes nothing.
	Amend(ctx context.Context, filed Filed, entry Entry) (Filed, error)
}

// RecordLister is an optional interface of a Record that can be asked which entries it has. Messenger compares them
// with what it filed, every night.
type RecordLister interface {
	// Entries returns those of an organisation's keys under which the record has an entry, in any order: one under which
	// two stand is there twice. An entry that was amended, withdrawn or marked as an error is one that the record has.
	// There are at most fifty keys. Nobody there who could be asked: errors.ErrUnsupported. An answer that is not whole is
	// an error: what is left out is in front of a person as lost.
	Entries(ctx context.Context, organisation OrganisationID, keys []uuid.UUID) ([]uuid.UUID, error)
}

// Event is something that happened in a channel, or a text that no channel claims. It holds ids only.
type Event struct {
	ID uuid.UUID // the same on every delivery of this event
	// "replied", "delivery_failed", "delivery_unknown", "record_failed", "record_held", "link_locked", "reply_flood";
	// "owner_left": a scheduled message was cancelled, since the channel's owner has left; "cannot_be_sent": a scheduled
	// one can't go out as it stands; "unmatched": a text waits for who sorts texts; "objected": a client's number wants no
	// more texts, "objection_lifted": it wants them again. Who shares the number has an event each. "overdue": nobody has
	// read this reply in time; once, and once more after twice as long.
	Kind         string
	Organisation OrganisationID
	Staff        StaffID // whose inbox; it and the next two are zero for unmatched
	Client       ClientID
	Channel      uuid.UUID
	// Message is zero for link_locked, reply_flood, objected and objection_lifted, and for record_failed where it was a
	// note that the record did not take; for unmatched it is the text's id.
	Message uuid.UUID
	At      time.Time // UTC
}

// Events is the host's own notification centre. Optional.
type Events interface {
	// Happened is told of every event at least once, in no promised order. An error is passing: it is told again.
	Happened(ctx context.Context, event Event) error
}
