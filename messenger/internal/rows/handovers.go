package rows

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Handover is the handing over of an inbox.
type Handover struct {
	bun.BaseModel  `bun:"table:messenger_handovers,alias:h"`
	ID             uuid.UUID               `bun:"id,pk"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id"`
	StaffID        adapters.StaffID        `bun:"staff_id"` // whose it was
	ToStaffID      adapters.StaffID        `bun:"to_staff_id"`
	ByKind         string                  `bun:"by_kind"` // "staff" or "system"
	ByID           string                  `bun:"by_id"`
	ByName         string                  `bun:"by_name"`
	OnBehalfOf     adapters.StaffID        `bun:"on_behalf_of"`
	Note           string                  `bun:"note"`
	TakeUnread     bool                    `bun:"take_unread"`
	Total          int                     `bun:"total"`
	Moved          int                     `bun:"moved"`
	Refused        int                     `bun:"refused"`
	CreatedAt      time.Time               `bun:"created_at"`
	DoneAt         *time.Time              `bun:"done_at"`
}

// HandoverChannel is one channel of an inbox that is handed over.
type HandoverChannel struct {
	bun.BaseModel `bun:"table:messenger_handover_channels,alias:hc"`
	HandoverID    uuid.UUID `bun:"handover_id,pk"`
	N             int       `bun:"n,pk"` // from 0
	ChannelID     uuid.UUID `bun:"channel_id"`
	Why           *string   `bun:"why"` // why it was refused
}

// Leaver is a staff member who works for an organisation no more.
type Leaver struct {
	bun.BaseModel  `bun:"table:messenger_leavers,alias:l"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id,pk"`
	StaffID        adapters.StaffID        `bun:"staff_id,pk"`
	LeftAt         time.Time               `bun:"left_at"`
}
