package messenger

import (
	"context"
	"database/sql"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// ClientsChanged says that these clients of an organisation have a new name or new contact details. A host calls it
// when its directory has changed: the names in inboxes follow. Contact details need nothing: each send asks for them. A
// second call changes nothing. Error: CodeUnavailable, where the directory does not answer.
func (m *Messenger) ClientsChanged(
	ctx context.Context,
	organisation adapters.OrganisationID,
	ids ...adapters.ClientID,
) error {
	for some := range slices.Chunk(ids, directoryPage) {
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

func (m *Messenger) renamed(
	ctx context.Context, organisation adapters.OrganisationID, found map[adapters.ClientID]adapters.Client,
) error {
	for id, client := range found {
		var channels []rows.Channel
		err := m.inTx(ctx, func(ctx context.Context, t tx) error {
			// in the order in which ClientDischarged takes them, so that the two wait for one another and never for ever
			var err error
			channels, err = lockThoseLeft(ctx, t, rows.Select[rows.Channel]().Column("id").
				Where("c.organisation_id = ? AND c.client_id = ?", rows.V(organisation), rows.V(id)).
				Where("c.client_name <> ?", rows.V(client.Name)))
			if err != nil || len(channels) == 0 {
				return err
			}
			_, err = rows.Exec(ctx, t, rows.Update[rows.Channel]().
				Set("client_name = ?, client_name_folded = ?", rows.V(client.Name), rows.V(search.Fold(client.Name))).
				Where("organisation_id = ? AND client_id = ?", rows.V(organisation), rows.V(id)).
				Where("client_name <> ? AND moved_to IS NULL", rows.V(client.Name)))
			return err
		})
		if err != nil {
			return err
		}
		m.changes.addAll(channels)
	}
	return nil
}

// ClientDischarged says that a client has left a service: the reply links of these staff members' channels with them go
// off, with that reason, at once, what is scheduled there is cancelled, and nothing is waited for any more; with no
// staff named, in all of the organisation's. A link that staff had switched off is off with that reason too. All of it
// stands in the history. What is unread stays unread, and messages may be sent afterwards. A second call changes
// nothing.
func (m *Messenger) ClientDischarged(
	ctx context.Context, organisation adapters.OrganisationID, client adapters.ClientID, staff ...adapters.StaffID,
) error {
	var changed []channelChange
	err := m.inTx(ctx, func(ctx context.Context, t tx) (err error) {
		changed, err = discharge(ctx, t, organisation, client, staff)
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range changed {
		m.changes.add(c.Channel, c.messages...)
	}
	return nil
}

// channelChange is a channel that changed, and which of its messages did.
type channelChange struct {
	rows.Channel
	messages []uuid.UUID
}

// discharge switches off the replies of a client's channels, ends what is scheduled and awaited in them, and returns
// what changed.
func discharge(
	ctx context.Context, t tx, organisation adapters.OrganisationID, client adapters.ClientID, staff []adapters.StaffID,
) (changed []channelChange, err error) {
	channels, err := lockThoseLeft(ctx, t, rows.Select[rows.Channel]().Column("id").
		Where("c.organisation_id = ? AND c.client_id = ?", rows.V(organisation), rows.V(client)).
		Where("(cardinality(?::text[]) = 0 OR c.staff_id = any(?))", rows.V(textsOf(staff)), rows.V(textsOf(staff))))
	if err != nil {
		return nil, err
	}
	// all at once, since workers take several in one order: what is scheduled is changed before what is waited for
	if err := holdWaiting(ctx, t, channelIDs(channels)...); err != nil {
		return nil, err
	}
	cancelled, err := cancelScheduled(ctx, t, CancelledByDischarge, channels...)
	if err != nil {
		return nil, err
	}
	stopped, err := stopAwaiting(ctx, t, channels...)
	if err != nil {
		return nil, err
	}
	for _, channel := range channels {
		already := value(channel.RepliesOffWhy) == string(OffByDischarge)
		if !already {
			entry := logEntry{channel: channel, actor: adapters.Author{Kind: "system"}, note: string(OffByDischarge)}
			if err := switchOff(ctx, t, OffByDischarge, entry); err != nil {
				return nil, err
			}
		}
		messages := append(cancelled[channel.ID], stopped[channel.ID]...)
		if !already || len(messages) > 0 {
			changed = append(changed, channelChange{channel, messages})
		}
	}
	return changed, nil
}

// ClientDischargedTx is ClientDischarged in a transaction that the host has begun and goes on with: the links go off
// and the messages are cancelled when it commits, and stay when it rolls back. As SendTx it works in a savepoint of a
// transaction of Messenger's own database.
func (m *Messenger) ClientDischargedTx(
	ctx context.Context,
	hostTx pgx.Tx,
	organisation adapters.OrganisationID,
	client adapters.ClientID,
	staff ...adapters.StaffID,
) error {
	return m.inHostTx(ctx, hostTx, func(t tx) error {
		changed, err := discharge(ctx, t, organisation, client, staff)
		if err != nil {
			return err
		}
		return t.notify(ctx, column(changed, func(c channelChange) live.Change {
			return live.Change{Organisation: c.OrganisationID, Staff: c.StaffID, Channel: c.ID, Messages: c.messages}
		})...)
	})
}

// ClientDischargedSQL is ClientDischargedTx for a host that lives on database/sql or bun: see SendSQL.
func (m *Messenger) ClientDischargedSQL(
	ctx context.Context,
	tx *sql.Tx,
	organisation adapters.OrganisationID,
	client adapters.ClientID,
	staff ...adapters.StaffID,
) error {
	return beneath(ctx, tx, func(ctx context.Context, tx pgx.Tx) error {
		return m.ClientDischargedTx(ctx, tx, organisation, client, staff...)
	})
}

// ClientsChangedTx is ClientsChanged for a transaction that the host has begun and goes on with: only when that commits
// does the directory have the new names, so that a job asks it then. When it rolls back nothing is asked.
func (m *Messenger) ClientsChangedTx(
	ctx context.Context, hostTx pgx.Tx, organisation adapters.OrganisationID, ids ...adapters.ClientID,
) error {
	return m.inHostTx(ctx, hostTx, func(t tx) error {
		for some := range slices.Chunk(ids, directoryPage) {
			err := t.enqueue(ctx, jobs.RenameClients{Organisation: string(organisation), Clients: textsOf(some)})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// ClientsChangedSQL is ClientsChangedTx for a host that lives on database/sql or bun: see SendSQL.
func (m *Messenger) ClientsChangedSQL(
	ctx context.Context, tx *sql.Tx, organisation adapters.OrganisationID, ids ...adapters.ClientID,
) error {
	return beneath(ctx, tx, func(ctx context.Context, tx pgx.Tx) error {
		return m.ClientsChangedTx(ctx, tx, organisation, ids...)
	})
}

// RenameClients is a job: it does what ClientsChanged does, once the transaction that said so has committed.
func (m worker) RenameClients(ctx context.Context, change jobs.RenameClients, _ int) error {
	ids := make([]adapters.ClientID, len(change.Clients))
	for i, id := range change.Clients {
		ids[i] = adapters.ClientID(id)
	}
	return m.ClientsChanged(ctx, adapters.OrganisationID(change.Organisation), ids...)
}
