package messenger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// HeldText is an inbound text whose organisation Hook.Organisation did not know. It has nothing of the client's: To
// is the number that was written to.
type HeldText struct {
	ID   uuid.UUID
	Hook string // its name in Config.Hooks
	To   string
	At   time.Time // UTC, as the provider says
}

// HeldTexts returns the texts that no organisation is known for, the oldest first, a hundred at most. No staff see
// them. It is for operators: no asker is looked at.
func (m *Messenger) HeldTexts(ctx context.Context) ([]HeldText, error) {
	found, err := rows.List[rows.Unmatched](ctx, m.db(), rows.Limit(rows.All[rows.Unmatched]().
		Where("u.organisation_id IS NULL").OrderExpr("u.id"), 100))
	if err != nil {
		return nil, fmt.Errorf("messenger: read the held texts: %w", err)
	}
	list := make([]HeldText, len(found))
	for i, u := range found {
		list[i] = HeldText{u.ID, u.Hook, u.ToNumber, u.At.UTC()}
	}
	return list, nil
}

// ReleaseText gives a held text to an organisation, whose staff then see it as any other; a STOP is heeded from
// then on. It is for operators: no asker is looked at. Errors: CodeInvalid (no id of an organisation), CodeNotFound
// when no such text is held, as after a first call.
func (m *Messenger) ReleaseText(ctx context.Context, id uuid.UUID, organisation adapters.OrganisationID) error {
	if !wellFormed(organisation) {
		return invalid("organisation", "Name the organisation that the text is for.")
	}
	var came arrived
	err := m.inTx(ctx, func(ctx context.Context, t tx) error {
		text, err := rows.One[rows.Unmatched](ctx, t, rows.Update[rows.Unmatched]().
			Set("organisation_id = ?", rows.V(organisation)).
			Where("u.id = ? AND u.organisation_id IS NULL", rows.V(id)).Returning("*"))
		if errors.Is(err, pgx.ErrNoRows) {
			return notFound()
		}
		if err != nil {
			return err
		}
		if err := m.tellOfText(ctx, t, id); err != nil {
			return err
		}
		came = arrived{}
		return m.arrives(ctx, t, text, &came)
	})
	if err == nil {
		m.changes.arrived(came)
	}
	return err
}
