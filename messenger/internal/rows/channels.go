package rows

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Status is where a channel stands in its owner's work.
type Status string

// The statuses of a channel.
const (
	Unread Status = "unread"
	Open   Status = "open"
	Done   Status = "done"
)

// Channel is what rules need of a channel. WholeChannel has the other columns, which lists and indexes need.
type Channel struct {
	bun.BaseModel  `bun:"table:messenger_channels,alias:c"`
	ID             uuid.UUID               `bun:"id,pk"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id"`
	StaffID        adapters.StaffID        `bun:"staff_id"`
	StaffName      string                  `bun:"staff_name"`
	ClientID       adapters.ClientID       `bun:"client_id"`
	ClientName     string                  `bun:"client_name"`
	Status         Status                  `bun:"status"`
	LastSeq        int64                   `bun:"last_seq"`
	LastReplySeq   int64                   `bun:"last_reply_seq"`
	RepliesOffWhy  *string                 `bun:"replies_off_why"`
	RepliesOffBy   string                  `bun:"replies_off_by"`
	RepliesOffAt   *time.Time              `bun:"replies_off_at"`
	LinkNonce      []byte                  `bun:"link_nonce"`
	LinkKeyID      string                  `bun:"link_key_id"`
	LinkLookup     []byte                  `bun:"link_lookup"`
	LinkSeq        int64                   `bun:"link_seq"` // replies after it came by the present link
	WrongDates     int                     `bun:"wrong_dates"`
	LockedUntil    *time.Time              `bun:"locked_until"`
	CreatedAt      time.Time               `bun:"created_at"`
}

// WholeChannel is every column of a channel: what an insert writes.
type WholeChannel struct {
	Channel          `bun:",extend"`
	ClientNameFolded string              `bun:"client_name_folded"`
	LastAt           time.Time           `bun:"last_at"`
	LastReplyAt      *time.Time          `bun:"last_reply_at"`
	DoneSeq          int64               `bun:"done_seq"`
	LinkLocked       bool                `bun:"link_locked"`
	WrongDatesEver   int                 `bun:"wrong_dates_ever"`
	ReplyFlood       bool                `bun:"reply_flood"`
	MovedTo          *uuid.UUID          `bun:"moved_to"`
	UpdatedAt        time.Time           `bun:"updated_at"`
	UnreadCount      int                 `bun:"unread_count"`
	LastMessageID    *uuid.UUID          `bun:"last_message_id"`
	LastDirection    *adapters.Direction `bun:"last_direction"`
	LastMedium       *adapters.Medium    `bun:"last_medium"`
	LastPreview      *string             `bun:"last_preview"`
	LastCreatedAt    *time.Time          `bun:"last_created_at"`
	LastSendAfter    *time.Time          `bun:"last_send_after"`
	AttentionSince   *time.Time          `bun:"attention_since"` // when its link last came to need a person
}

// History is a line of a channel's history, to which lines are only ever added. Chain is the line's tag when it is
// written: a trigger gives the line its number, and the hash that is kept. A line from before lines were
// sealed has none.
type History struct {
	bun.BaseModel  `bun:"table:messenger_history,alias:h"`
	ID             uuid.UUID               `bun:"id,pk"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id"`
	ChannelID      uuid.UUID               `bun:"channel_id"`
	At             time.Time               `bun:"at"`
	ActorKind      string                  `bun:"actor_kind"`
	ActorID        string                  `bun:"actor_id"`
	ActorName      string                  `bun:"actor_name"`
	OnBehalfOf     adapters.StaffID        `bun:"on_behalf_of"`
	Action         string                  `bun:"action"`
	MessageID      *uuid.UUID              `bun:"message_id"`
	Note           string                  `bun:"note"`
	Seq            *int64                  `bun:"seq"`
	Chain          []byte                  `bun:"chain"`
	KeyID          *string                 `bun:"key_id"`
}

// HistoryHead is where the chain of a channel's history ends. A trigger writes it.
type HistoryHead struct {
	bun.BaseModel `bun:"table:messenger_history_heads,alias:k"`
	ChannelID     uuid.UUID `bun:"channel_id,pk"`
	Seq           int64     `bun:"seq"`
	Chain         []byte    `bun:"chain"`
}

// InboxHistoryHead is where the chain of an inbox's own history ends. A trigger writes it.
type InboxHistoryHead struct {
	bun.BaseModel  `bun:"table:messenger_inbox_history_heads,alias:k"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id,pk"`
	StaffID        adapters.StaffID        `bun:"staff_id,pk"`
	Seq            int64                   `bun:"seq"`
	Chain          []byte                  `bun:"chain"`
}

// InboxHistory is a line of an inbox's own history, to which lines are only ever added: of the inbox as a whole. It is
// sealed as History is.
type InboxHistory struct {
	bun.BaseModel  `bun:"table:messenger_inbox_history,alias:h"`
	ID             uuid.UUID               `bun:"id,pk"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id"`
	StaffID        adapters.StaffID        `bun:"staff_id"`
	At             time.Time               `bun:"at"`
	ActorKind      string                  `bun:"actor_kind"`
	ActorID        string                  `bun:"actor_id"`
	ActorName      string                  `bun:"actor_name"`
	OnBehalfOf     adapters.StaffID        `bun:"on_behalf_of"`
	Action         string                  `bun:"action"`
	Seq            *int64                  `bun:"seq"`
	Chain          []byte                  `bun:"chain"`
	KeyID          *string                 `bun:"key_id"`
	ClientID       adapters.ClientID       `bun:"client_id"`
	Note           string                  `bun:"note"`
}

// Inbox is how many channels of a staff member stand where. Triggers write it.
type Inbox struct {
	bun.BaseModel  `bun:"table:messenger_inboxes,alias:i"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id,pk"`
	StaffID        adapters.StaffID        `bun:"staff_id,pk"`
	Unread         int                     `bun:"unread"`
	Open           int                     `bun:"open"`
	Done           int                     `bun:"done"`
}

// Draft is a staff member's unsent text for a client.
type Draft struct {
	bun.BaseModel  `bun:"table:messenger_drafts,alias:d"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id,pk"`
	StaffID        adapters.StaffID        `bun:"staff_id,pk"`
	ClientID       adapters.ClientID       `bun:"client_id,pk"`
	Medium         adapters.Medium         `bun:"medium"`
	Subject        string                  `bun:"subject"`
	Body           string                  `bun:"body"`
	SendLocal      string                  `bun:"send_local"` // as a message's
	SendZone       string                  `bun:"send_zone"`
	Unless         string                  `bun:"unless"`
	UpdatedAt      time.Time               `bun:"updated_at"`
	Private        bool                    `bun:"private"`
	TemplateID     *uuid.UUID              `bun:"template_id"` // that it was begun with
	Expects        string                  `bun:"expects"`
	ExpectBy       string                  `bun:"expect_by"`
}
