package rows

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// DeliveryStatus is how far a message has come on its way to the client.
type DeliveryStatus string

// The delivery statuses. Package messenger says what each means.
const (
	DeliveryScheduled DeliveryStatus = "scheduled"
	DeliveryQueued    DeliveryStatus = "queued"
	DeliverySending   DeliveryStatus = "sending"
	DeliverySent      DeliveryStatus = "sent"
	DeliveryDelivered DeliveryStatus = "delivered"
	DeliveryUnknown   DeliveryStatus = "unknown"
	DeliveryFailed    DeliveryStatus = "failed"
	DeliveryCancelled DeliveryStatus = "cancelled"
	DeliveryReceived  DeliveryStatus = "received"
)

// RecordStatus is how far a message has come on its way to the clinical record.
type RecordStatus string

// The record statuses. Package messenger says what each means.
const (
	RecordPending     RecordStatus = "pending"
	RecordSaved       RecordStatus = "saved"
	RecordAmended     RecordStatus = "amended"
	RecordHeld        RecordStatus = "held"
	RecordFailed      RecordStatus = "failed"
	RecordNotRequired RecordStatus = "not_required"
)

// Attention is why a message or its channel needs a person.
type Attention string

// Message is a message with all that its delivery and its filing need. WholeMessage has the other columns.
type Message struct {
	bun.BaseModel  `bun:"table:messenger_messages,alias:m"`
	ID             uuid.UUID               `bun:"id,pk"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id"`
	ChannelID      uuid.UUID               `bun:"channel_id"`
	Seq            int64                   `bun:"seq"`
	Direction      adapters.Direction      `bun:"direction"`
	Medium         adapters.Medium         `bun:"medium"`
	Subject        string                  `bun:"subject"`
	Body           string                  `bun:"body"`
	Purpose        string                  `bun:"purpose"`
	AuthorKind     string                  `bun:"author_kind"`
	AuthorID       string                  `bun:"author_id"`
	AuthorName     string                  `bun:"author_name"`
	CreatedAt      time.Time               `bun:"created_at"`
	SendAfter      *time.Time              `bun:"send_after"`
	SendLocal      string                  `bun:"send_local"` // the time that was meant, on the clocks of SendZone
	SendZone       string                  `bun:"send_zone"`
	Unless         string                  `bun:"unless"`
	ReplyLink      bool                    `bun:"reply_link"`
	OverrideReason string                  `bun:"override_reason"` // of a restricted client's
	// SafeLifted says that whoever sent it went beyond the client's safe-contact card, with a reason.
	SafeLifted bool `bun:"safe_lifted"`
	Neutral    bool `bun:"neutral"` // it was written to somebody to whom nobody may be named

	ToAddress            string         `bun:"to_address"`
	DeliveryStatus       DeliveryStatus `bun:"delivery_status"`
	DeliveryReason       string         `bun:"delivery_reason"`
	DeliveryAttention    *Attention     `bun:"delivery_attention"`
	DeliveryWaiting      string         `bun:"delivery_waiting"` // why it waits, while its attention says so
	DeliveryWaitingUntil *time.Time     `bun:"delivery_waiting_until"`
	Sends                int            `bun:"sends"`
	Attempts             int            `bun:"attempts"`
	AttemptID            *uuid.UUID     `bun:"attempt_id"`
	// Busy is how many seconds the present attempt's lease still has, by the database's clock: see Messages.
	Busy         *float64   `bun:"busy,scanonly"`
	FirstTriedAt *time.Time `bun:"first_tried_at"`
	UnclearAt    *time.Time `bun:"unclear_at"`
	Via          string     `bun:"via"`
	SentText     *string    `bun:"sent_text"`
	SentAt       *time.Time `bun:"sent_at"`
	DeliveredAt  *time.Time `bun:"delivered_at"`

	RecordStatus       RecordStatus `bun:"record_status"`
	RecordReason       string       `bun:"record_reason"`
	RecordAttention    *Attention   `bun:"record_attention"`
	RecordWaiting      string       `bun:"record_waiting"` // as DeliveryWaiting
	RecordWaitingUntil *time.Time   `bun:"record_waiting_until"`
	RecordReference    string       `bun:"record_reference"`
	RecordVersion      string       `bun:"record_version"`
	RecordFiledStatus  string       `bun:"record_filed_status"`
	RecordSavedAt      *time.Time   `bun:"record_saved_at"`
	RecordByID         string       `bun:"record_by_id"`
	RecordByName       string       `bun:"record_by_name"`
	OnlineViewing      bool         `bun:"online_viewing"`
	// Filing is how many seconds nobody else may file it, by the database's clock: see Messages.
	Filing *float64 `bun:"filing,scanonly"`

	Verified  string           `bun:"verified"`
	InReplyTo *uuid.UUID       `bun:"in_reply_to"`
	ReadAt    *time.Time       `bun:"read_at"`
	ReadBy    adapters.StaffID `bun:"read_by"`

	BroadcastID *uuid.UUID `bun:"broadcast_id"`

	// UnassignedAt is when a text was taken out of its channel again: it is nobody's message any more.
	UnassignedAt *time.Time `bun:"unassigned_at"`

	CancelledBecause string `bun:"cancelled_because"` // of one that was cancelled; empty for a person's

	// PrivateSubject and PrivateBody are the words of a private message: Subject and Body are the notice that goes out.
	PrivateSubject  *string    `bun:"private_subject"`
	PrivateBody     *string    `bun:"private_body"`
	OpenedAt        *time.Time `bun:"opened_at"` // when the client first had them on their page
	WithdrawnAt     *time.Time `bun:"withdrawn_at"`
	WithdrawnBy     *string    `bun:"withdrawn_by"`
	WithdrawnReason *string    `bun:"withdrawn_reason"`

	TemplateID      *uuid.UUID `bun:"template_id"` // that it was written with
	TemplateVersion *int       `bun:"template_version"`

	Expects      *string    `bun:"expects"`   // "acknowledgement" or "reply"; nil: nothing
	ExpectBy     *string    `bun:"expect_by"` // "2026-12-04", in the organisation's zone
	Awaiting     *string    `bun:"awaiting"`  // "waiting", "answered", "acknowledged" or "stopped"
	AwaitingDue  *time.Time `bun:"awaiting_due"`
	Acknowledged *time.Time `bun:"acknowledged_at"`
	Reminds      *uuid.UUID `bun:"reminds"`     // of a reminder: the message that it reminds of
	ReminderID   *uuid.UUID `bun:"reminder_id"` // of what was reminded of
	// AwaitingOverdue says that the day is over, by the database's clock: see Messages.
	AwaitingOverdue bool `bun:"awaiting_overdue,scanonly"`
}

// Private says whether a message's words stay behind the link.
func (m Message) Private() bool { return m.PrivateBody != nil }

// Words are what was written, whether it goes out or stays behind the link.
func (m Message) Words() (subject, body string) {
	if !m.Private() {
		return m.Subject, m.Body
	}
	if m.PrivateSubject != nil {
		subject = *m.PrivateSubject
	}
	return subject, *m.PrivateBody
}

// WholeMessage is every column of a message: what an insert writes.
type WholeMessage struct {
	Message          `bun:",extend"`
	StaffID          adapters.StaffID `bun:"staff_id"`
	Words            []string         `bun:"words,type:tsvector"` // never read: the search has them
	IdempotencyKey   *string          `bun:"idempotency_key"`
	IdempotencyHash  []byte           `bun:"idempotency_hash"`
	FormKey          *string          `bun:"form_key"`
	AttemptAt        *time.Time       `bun:"attempt_at"`
	AttemptUntil     *time.Time       `bun:"attempt_until"`
	FilingUntil      *time.Time       `bun:"filing_until"`
	ProviderID       string           `bun:"provider_id"`
	BroadcastCounted *string          `bun:"broadcast_counted"`
	AttentionSince   *time.Time       `bun:"attention_since"` // nil: since it was written, if it needs a person
	RecheckedAt      *time.Time       `bun:"rechecked_at"`    // when it was asked whether it can go out
	OverdueAt        *time.Time       `bun:"overdue_at"`
	OverdueTold      int              `bun:"overdue_told"`
	OverdueTo        []string         `bun:"overdue_to,type:text[]"`
	OverdueNobody    bool             `bun:"overdue_nobody"`
	AwaitingBy       *uuid.UUID       `bun:"awaiting_by"` // the reply that was waited for
}

// Messages begins a select of messages.
func Messages() *SelectQuery {
	return All[Message]().ColumnExpr("extract(epoch from m.attempt_until - now())::float8 AS busy").
		ColumnExpr("extract(epoch from m.filing_until - now())::float8 AS filing").
		ColumnExpr("coalesce(m.awaiting_due <= now() AND m.delivery_status IN ('sent', 'delivered', 'unknown'), false) " +
			"AS awaiting_overdue")
}

// Shown begins a select of the messages that a thread shows: those of Messages but the texts that were taken out again,
// as long as the record needs nobody for them.
func Shown() *SelectQuery { return Messages().Where(shown) }

// CountShown begins a count of them.
func CountShown() *SelectQuery { return Select[Message]().ColumnExpr("count(*)").Where(shown) }

const shown = "(m.unassigned_at IS NULL OR m.record_attention IS NOT NULL)"

// Unmatched is an inbound text that waits for a person to say whose it is.
type Unmatched struct {
	bun.BaseModel  `bun:"table:messenger_unmatched,alias:u"`
	ID             uuid.UUID                `bun:"id,pk"`
	OrganisationID *adapters.OrganisationID `bun:"organisation_id"` // nil: held until an operator says whose it is
	Hook           string                   `bun:"hook"`
	ProviderID     string                   `bun:"provider_id"`
	FromNumber     string                   `bun:"from_number"`
	ToNumber       string                   `bun:"to_number"`
	Body           string                   `bun:"body"`
	At             time.Time                `bun:"at"`
	ReceivedAt     time.Time                `bun:"received_at"`
	AssignedAt     *time.Time               `bun:"assigned_at"`
	AssignedBy     string                   `bun:"assigned_by"`
	MessageID      *uuid.UUID               `bun:"message_id"`
	Asks           string                   `bun:"asks"` // "stop" or "start": what it says of texts
}

// Objection is what the holder of a number last said of texts: no more of them where it objects, else again.
type Objection struct {
	bun.BaseModel  `bun:"table:messenger_objections,alias:o"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id,pk"`
	Number         string                  `bun:"number,pk"`
	Objects        bool                    `bun:"objects"`
	At             time.Time               `bun:"at"`
}

// TextSorter is a staff member who, when last seen, sorted texts or might have.
type TextSorter struct {
	bun.BaseModel  `bun:"table:messenger_text_sorters,alias:s"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id,pk"`
	StaffID        adapters.StaffID        `bun:"staff_id,pk"`
	Given          bool                    `bun:"given"` // by the host; else they may send texts
	SeenAt         time.Time               `bun:"seen_at"`
}

// Absence is when a staff member is away, and who covers.
type Absence struct {
	bun.BaseModel  `bun:"table:messenger_absences,alias:a"`
	ID             uuid.UUID               `bun:"id,pk"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id"`
	StaffID        adapters.StaffID        `bun:"staff_id"`
	StartsAt       time.Time               `bun:"starts_at"`
	EndsAt         *time.Time              `bun:"ends_at"`
	CoverStaffID   adapters.StaffID        `bun:"cover_staff_id"`
	CoverName      string                  `bun:"cover_name"`
	Note           string                  `bun:"note"`
	BackID         *uuid.UUID              `bun:"back_id"`
	EndedAt        *time.Time              `bun:"ended_at"`
}

// Pause is until when a provider, the record or the directory takes nothing more of an organisation's.
type Pause struct {
	bun.BaseModel  `bun:"table:messenger_pauses,alias:p"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id,pk"`
	Medium         adapters.Medium         `bun:"medium,pk"` // "record" and "directory" for theirs
	Until          time.Time               `bun:"until"`
	Why            string                  `bun:"why"`
	Since          time.Time               `bun:"since"`
	Via            string                  `bun:"via"`
}
