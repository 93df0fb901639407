package messenger

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// ClientsChanged says that these clients of an organisation have a new name or new contact details. A host calls it when its directory
// changes: the names in inboxes follow. Contact details need nothing: each send asks for them. A second call changes nothing.
func (m *Messenger) ClientsChanged(ctx context.Context, organisation adapters.OrganisationID, ids ...adapters.ClientID) error {
	for some := range slices.Chunk(ids, 1000) {
		found, err := m.directory(ctx, organisation, some...)
		if err != nil {
			return m.unavailable(ctx, "clients", err)
		}
		if err := m.renamed(ctx, organisation, found); err != nil {
			return err
		}
	}
	return nil
}

func (m *Messenger) renamed(ctx context.Context, organisation adapters.OrganisationID, found map[adapters.ClientID]adapters.Client) error {
	for id, client := range found {
		var channels []rows.Channel
		err := m.inTx(ctx, func(ctx context.Context, t tx) error {
			// in the order in which ClientDischarged takes them, so that the two wait for one another and never for ever
			found, err := t.Query(ctx, "select "+channelColumns+` from messenger_channels c
				where c.organisation_id = $1 and c.client_id = $2 and c.client_name <> $3 order by c.id for no key update`,
				organisation, id, client.Name)
			if err != nil {
				return err
			}
			if channels, err = pgx.CollectRows(found, pgx.RowToStructByPos[rows.Channel]); err != nil || len(channels) == 0 {
				return err
			}
			_, err = t.Exec(ctx, `update messenger_channels set client_name = $3, client_name_folded = $4
				where organisation_id = $1 and client_id = $2 and client_name <> $3`, organisation, id, client.Name, search.Fold(client.Name))
			return err
		})
		if err != nil {
			return err
		}
		for _, channel := range channels {
			m.changes.add(channel)
		}
	}
	return nil
}

// ClientDischarged says that a client has left a service: the reply links of these staff members' channels with them go
// off, with that reason, at once; with no staff named, all of the organisation's. A second call changes nothing.
func (m *Messenger) ClientDischarged(ctx context.Context, organisation adapters.OrganisationID, client adapters.ClientID, staff ...adapters.StaffID) error {
	var channels []rows.Channel
	err := m.inTx(ctx, func(ctx context.Context, t tx) error {
		rows, err := t.Query(ctx, `select c.id from messenger_channels c where c.organisation_id = $1 and c.client_id = $2
			and (cardinality($3::text[]) = 0 or c.staff_id = any($3)) order by c.id`, organisation, client, textsOf(staff))
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return err
		}
		for _, id := range ids {
			channel, err := lockChannel(ctx, t, id)
			if err != nil {
				return err
			}
			if channel.RepliesOffWhy != nil {
				continue
			}
			if err := switchOff(ctx, t, OffByDischarge, logEntry{channel: channel, actor: adapters.Author{Kind: "system"}}); err != nil {
				return err
			}
			channels = append(channels, channel)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, channel := range channels {
		m.changes.add(channel)
	}
	return nil
}
