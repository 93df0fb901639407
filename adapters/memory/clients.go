package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Clients is a client directory. Make one with NewClients.
type Clients struct {
	Script
	// MaySee says whether the asker, whose context it is, may see this client; nil: everybody of the organisation may.
	// Set it before use.
	MaySee func(ctx context.Context, organisation adapters.OrganisationID, client adapters.Client) bool

	mu   sync.RWMutex
	byID map[adapters.OrganisationID]map[adapters.ClientID]adapters.Client
}

// NewClients returns an empty directory.
func NewClients() *Clients {
	return &Clients{byID: map[adapters.OrganisationID]map[adapters.ClientID]adapters.Client{}}
}

// Put adds clients to an organisation; one with a known id is replaced.
func (c *Clients) Put(organisation adapters.OrganisationID, clients ...adapters.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID[organisation] == nil {
		c.byID[organisation] = map[adapters.ClientID]adapters.Client{}
	}
	for _, client := range clients {
		c.byID[organisation][client.ID] = copied(client)
	}
}

// Remove takes a client out; one that is not there stays away.
func (c *Clients) Remove(organisation adapters.OrganisationID, id adapters.ClientID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.byID[organisation], id)
}

// Get is adapters.Clients.
func (c *Clients) Get(
	ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
) (map[adapters.ClientID]adapters.Client, error) {
	if err := c.step(ctx); err != nil {
		return nil, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	found := make(map[adapters.ClientID]adapters.Client, len(ids))
	for _, id := range ids {
		if client, ok := c.byID[organisation][id]; ok && c.maySee(ctx, organisation, client) {
			found[id] = copied(client)
		}
	}
	return found, nil
}

// Search is adapters.Clients. A query of digits, spaces and dashes is looked for in NHS numbers too. The order is by
// name, then id.
func (c *Clients) Search(
	ctx context.Context, organisation adapters.OrganisationID, query string, limit int,
) ([]adapters.Client, error) {
	if err := c.step(ctx); err != nil {
		return nil, err
	}
	words := strings.Fields(strings.ToLower(query))
	digits := nhsDigits(query)
	c.mu.RLock()
	defer c.mu.RUnlock()
	found := []adapters.Client{}
	for _, client := range c.byID[organisation] {
		byNumber := digits != "" && strings.HasPrefix(client.NHSNumber, digits)
		if (byNumber || containsAll(client.Name, words)) && c.maySee(ctx, organisation, client) {
			found = append(found, copied(client))
		}
	}
	slices.SortFunc(found, func(a, b adapters.Client) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return found[:min(limit, len(found))], nil
}

func (c *Clients) maySee(ctx context.Context, organisation adapters.OrganisationID, client adapters.Client) bool {
	return c.MaySee == nil || c.MaySee(ctx, organisation, client)
}

func containsAll(name string, words []string) bool {
	name = strings.ToLower(name)
	for _, word := range words {
		if !strings.Contains(name, word) {
			return false
		}
	}
	return len(words) > 0
}

// nhsDigits is the beginning of an NHS number that a person typed, or empty when query is something else.
func nhsDigits(query string) string {
	digits := strings.NewReplacer(" ", "", "-", "").Replace(query)
	if strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return digits
}

func copied(client adapters.Client) adapters.Client {
	client.Objects, client.Needs = slices.Clone(client.Objects), slices.Clone(client.Needs)
	client.SafeContact = client.SafeContact.Clone()
	return client
}
