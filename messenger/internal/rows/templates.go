package rows

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Template is what staff write again and again. Its texts are its versions'.
type Template struct {
	bun.BaseModel  `bun:"table:messenger_templates,alias:t"`
	ID             uuid.UUID               `bun:"id,pk"`
	OrganisationID adapters.OrganisationID `bun:"organisation_id"`
	StaffID        *adapters.StaffID       `bun:"staff_id"` // whose own; nil: the organisation's
	Version        int                     `bun:"version"`  // the last
	CreatedAt      time.Time               `bun:"created_at"`
	ArchivedAt     *time.Time              `bun:"archived_at"`
	ArchivedBy     *adapters.StaffID       `bun:"archived_by"`
}

// TemplateVersion is a template as somebody wrote it.
type TemplateVersion struct {
	bun.BaseModel `bun:"table:messenger_template_versions,alias:v"`
	TemplateID    uuid.UUID        `bun:"template_id,pk"`
	Version       int              `bun:"version,pk"`
	Medium        adapters.Medium  `bun:"medium"`
	Title         string           `bun:"title"`
	TitleFolded   string           `bun:"title_folded"`
	Subject       string           `bun:"subject"`
	Body          string           `bun:"body"`
	Language      string           `bun:"language"`
	Private       bool             `bun:"private"`
	Expects       string           `bun:"expects"`
	ByID          adapters.StaffID `bun:"by_id"`
	ByName        string           `bun:"by_name"`
	At            time.Time        `bun:"at"`
}

// TemplateUse is how often a staff member has sent a template.
type TemplateUse struct {
	bun.BaseModel `bun:"table:messenger_template_uses,alias:tu"`
	TemplateID    uuid.UUID        `bun:"template_id,pk"`
	StaffID       adapters.StaffID `bun:"staff_id,pk"`
	Uses          int64            `bun:"uses"`
}
