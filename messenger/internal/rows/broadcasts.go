package rows

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Broadcast is one message to many clients.
type Broadcast struct {
	bun.BaseModel   `bun:"table:messenger_broadcasts,alias:b"`
	ID              uuid.UUID               `bun:"id,pk"`
	OrganisationID  adapters.OrganisationID `bun:"organisation_id"`
	StaffID         adapters.StaffID        `bun:"staff_id"`
	StaffName       string                  `bun:"staff_name"`
	Medium          adapters.Medium         `bun:"medium"`
	Subject         string                  `bun:"subject"`
	Body            string                  `bun:"body"`
	ReplyLink       bool                    `bun:"reply_link"`
	ThenStatus      Status                  `bun:"then_status"`
	SendAfter       *time.Time              `bun:"send_after"`
	Total           int                     `bun:"total"`
	FannedOut       int                     `bun:"fanned_out"`
	IdempotencyKey  *string                 `bun:"idempotency_key"`
	IdempotencyHash []byte                  `bun:"idempotency_hash"`
	CreatedAt       time.Time               `bun:"created_at"`
	CancelledAt     *time.Time              `bun:"cancelled_at"`
	CancelledByID   string                  `bun:"cancelled_by_id"`
	CancelledByName string                  `bun:"cancelled_by_name"`
	// PrivateSubject and PrivateBody are the words of private messages, with the places as they were written. Subject and
	// Body are then a notice.
	PrivateSubject  *string    `bun:"private_subject"`
	PrivateBody     *string    `bun:"private_body"`
	TemplateID      *uuid.UUID `bun:"template_id"` // that it was written with
	TemplateVersion *int       `bun:"template_version"`
	Expects         string     `bun:"expects"`
	ExpectBy        string     `bun:"expect_by"`
	// SendLocal and SendZone are SendAfter as it was meant: the time on a clock, and where that hangs. Empty for none.
	SendLocal string `bun:"send_local"`
	SendZone  string `bun:"send_zone"`
}

// BroadcastRecipient is one whom a broadcast goes to. Why says why they get nothing; nil: they do.
type BroadcastRecipient struct {
	bun.BaseModel `bun:"table:messenger_broadcast_recipients,alias:r"`
	BroadcastID   uuid.UUID         `bun:"broadcast_id,pk"`
	N             int32             `bun:"n,pk"`
	ClientID      adapters.ClientID `bun:"client_id"`
	Why           *string           `bun:"why"`
}

// BroadcastCount is a part of what became of a broadcast's messages: the sum of its shards is the whole. A trigger
// writes it.
type BroadcastCount struct {
	bun.BaseModel `bun:"table:messenger_broadcast_counts,alias:n"`
	BroadcastID   uuid.UUID `bun:"broadcast_id,pk"`
	Shard         int       `bun:"shard,pk"`
	Skipped       int       `bun:"skipped"`
	Sent          int       `bun:"sent"`
	Failed        int       `bun:"failed"`
	Cancelled     int       `bun:"cancelled"`
}

// MadeOnce is what a staff member made under an Idempotency-Key, of what is no message and no broadcast.
type MadeOnce struct {
	bun.BaseModel  `bun:"table:messenger_made_once,alias:o"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id,pk"`
	StaffID        adapters.StaffID        `bun:"staff_id,pk"`
	Key            string                  `bun:"key,pk"`
	Hash           []byte                  `bun:"hash"`
	MadeID         uuid.UUID               `bun:"made_id"`
	At             time.Time               `bun:"at"`
}

// Reconciliation is what a comparison with the providers found. Result is a signed JSON object.
type Reconciliation struct {
	bun.BaseModel  `bun:"table:messenger_reconciliations,alias:c"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id,pk"`
	At             time.Time               `bun:"at,pk"`
	Result         string                  `bun:"result"`
}
