package docs_test

import (
	"testing"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
)

func TestClients(t *testing.T) {
	t.Parallel()
	adaptertest.Clients(t, func(*testing.T) adaptertest.ClientsHarness {
		clients := memory.NewClients() // yours, over tables of the test's own
		return adaptertest.ClientsHarness{
			Clients: clients, Organisation: "org-1", Other: "org-2",
			Put: func(_ *testing.T, organisation adapters.OrganisationID, put ...adapters.Client) []adapters.Client {
				clients.Put(organisation, put...)
				return put
			},
			Queries: clients.Calls, Stall: clients.Hold,
		}
	})
}
