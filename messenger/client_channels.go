package messenger

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// ClientChannel is one of a client's channels, without a word or name of anybody's.
type ClientChannel struct {
	ID         uuid.UUID        `json:"id"`
	Owner      adapters.StaffID `json:"owner"`
	Status     Status           `json:"status"`
	Messages   int              `json:"messages"`
	CreatedAt  time.Time        `json:"created_at"`           // UTC; so is LastAt
	LastAt     time.Time        `json:"last_at"`              // of its newest message
	JoinedInto uuid.UUID        `json:"joined_into,omitzero"` // the channel that has its messages since it was joined
}

// channelsOf are the ids of a client's channels, and of those that were joined with one of them, which may be of a
// client who turned out to be the same person.
func channelsOf(organisation adapters.OrganisationID, client adapters.ClientID) *rows.SelectQuery {
	const own = "c.organisation_id = ? AND c.client_id = ?"
	joined := rows.Select[rows.Channel]().ColumnExpr("j.id").Join("JOIN messenger_channels AS j ON j.moved_to = c.id").
		Where(own, rows.V(organisation), rows.V(client))
	return rows.Select[rows.Channel]().Column("id").Where(own, rows.V(organisation), rows.V(client)).Union(joined)
}

// ClientChannels returns all channels of a client, whoever owns them, also somebody who left, and those that were
// joined with them; the oldest first. It is for operators, as when a client asks what is kept of them: no asker is
// looked at. A client whom nobody knows has none.
// Error: CodeInvalid (an id that can be none of the host's).
func (m *Messenger) ClientChannels(
	ctx context.Context, organisation adapters.OrganisationID, client adapters.ClientID,
) ([]ClientChannel, error) {
	if !wellFormed(organisation) || !wellFormed(client) {
		return nil, invalid("client", "Name the organisation and the client.")
	}
	type counted struct {
		ID                uuid.UUID
		StaffID           adapters.StaffID
		Status            Status
		CreatedAt, LastAt time.Time
		MovedTo           *uuid.UUID
		Messages          int
	}
	found, err := rows.List[counted](ctx, m.db(), rows.Raw(`select c.id, c.staff_id, c.status, c.created_at, c.last_at,
		c.moved_to, (select count(*) from messenger_messages m where m.channel_id = c.id)::int as messages
		from messenger_channels c where c.id in (?) order by c.created_at, c.id`, channelsOf(organisation, client)))
	if err != nil {
		return nil, fmt.Errorf("messenger: read a client's channels: %w", err)
	}
	list := make([]ClientChannel, len(found))
	for i, c := range found {
		list[i] = ClientChannel{
			c.ID, c.StaffID, c.Status, c.Messages, c.CreatedAt.UTC(), c.LastAt.UTC(), value(c.MovedTo),
		}
	}
	return list, nil
}
