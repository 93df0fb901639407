package messenger

import (
	"context"
	"errors"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// ClientLists returns the host's saved client lists that the asker may use; none where the host has none.
func (m *Messenger) ClientLists(ctx context.Context) ([]adapters.List, error) {
	member, err := m.current(ctx)
	if err != nil || m.config.Lists == nil {
		return []adapters.List{}, err
	}
	bound, cancel := bounded(ctx)
	defer cancel()
	lists, err := m.config.Lists.All(bound, member.Organisation)
	if err != nil {
		return nil, m.unavailable(ctx, "lists", err)
	}
	return lists, nil
}

// ListMembers returns a page of the clients on a saved list that the asker may see. A list that is not there, or not
// for the asker, is CodeNotFound.
func (m *Messenger) ListMembers(ctx context.Context, list adapters.ListID, p PageParams) (Page[ClientRow], error) {
	member, err := m.current(ctx)
	if err != nil {
		return Page[ClientRow]{}, err
	}
	limit, err := p.limit()
	if err != nil {
		return Page[ClientRow]{}, err
	}
	from, _, err := parseCursor(p.Cursor, "list "+string(list))
	if err != nil {
		return Page[ClientRow]{}, err
	}
	ids, err := m.listMembers(ctx, member.Organisation, list)
	if err != nil {
		return Page[ClientRow]{}, err
	}
	start := int(min(max(from.N, 0), int64(len(ids))))
	end := min(start+limit, len(ids))
	found, err := m.directory(ctx, member.Organisation, ids[start:end]...)
	if err != nil {
		return Page[ClientRow]{}, m.unavailable(ctx, "clients", err)
	}
	clients := []adapters.Client{}
	for _, id := range ids[start:end] {
		if client, ok := found[id]; ok {
			clients = append(clients, client)
		}
	}
	rows, err := m.clientRows(ctx, member, clients)
	result := Page[ClientRow]{Items: rows}
	if end < len(ids) {
		result.Next = cursor{List: "list " + string(list), N: int64(end)}.String()
	}
	return result, err
}

func (m *Messenger) listMembers(
	ctx context.Context,
	organisation adapters.OrganisationID,
	list adapters.ListID,
) ([]adapters.ClientID, error) {
	if m.config.Lists == nil || !wellFormed(list) {
		return nil, notFound()
	}
	bound, cancel := bounded(ctx)
	defer cancel()
	ids, err := m.config.Lists.Members(bound, organisation, list)
	if errors.Is(err, adapters.ErrNotFound) {
		return nil, notFound()
	}
	if err != nil {
		return nil, m.unavailable(ctx, "lists", err)
	}
	return ids, nil
}
