package rows

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Note is what a staff member wrote in a thread for colleagues.
type Note struct {
	bun.BaseModel   `bun:"table:messenger_notes,alias:n"`
	ID              uuid.UUID               `bun:"id,pk"`
	OrganisationID  adapters.OrganisationID `bun:"organisation_id"`
	ChannelID       uuid.UUID               `bun:"channel_id"`
	Kind            string                  `bun:"kind"` // "note" or "call"
	Text            string                  `bun:"text"`
	AuthorID        adapters.StaffID        `bun:"author_id"`
	AuthorName      string                  `bun:"author_name"`
	At              time.Time               `bun:"at"`
	Filing          string                  `bun:"filing"`
	RecordReference string                  `bun:"record_reference"`
	RecordVersion   string                  `bun:"record_version"`
}
