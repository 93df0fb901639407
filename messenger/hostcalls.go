package messenger

import (
	"context"
	"slices"

	"github.com/google/uuid"

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
			var err error
			channels, err = rows.List[rows.Channel](ctx, t, rows.All[rows.Channel]().
				Where("c.organisation_id = ? AND c.client_id = ?", rows.V(organisation), rows.V(id)).
				Where("c.client_name <> ?", rows.V(client.Name)).Order("c.id").For("NO KEY UPDATE"))
			if err != nil || len(channels) == 0 {
				return err
			}
			_, err = rows.Exec(ctx, t, rows.Update[rows.Channel]().
				Set("client_name = ?, client_name_folded = ?", rows.V(client.Name), rows.V(search.Fold(client.Name))).
				Where("organisation_id = ? AND client_id = ?", rows.V(organisation), rows.V(id)).
				Where("client_name <> ?", rows.V(client.Name)))
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
		ids, err := rows.List[uuid.UUID](ctx, t, rows.Select[rows.Channel]().Column("id").
			Where("c.organisation_id = ? AND c.client_id = ?", rows.V(organisation), rows.V(client)).
			Where("(cardinality(?::text[]) = 0 OR c.staff_id = any(?))", rows.V(textsOf(staff)), rows.V(textsOf(staff))).Order("c.id"))
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
