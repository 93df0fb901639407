package routing_test

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/adapters/routing"
)

func Example() {
	provider, standby := memory.NewSender("provider"), memory.NewSender("standby") // in earnest: govuknotify, smtp, …
	orders := map[adapters.OrganisationID]map[adapters.Medium][]routing.Step{
		"riverside": {adapters.Email: {{Name: "provider", Sender: provider}, {Name: "standby", Sender: standby}}},
	}
	sender := routing.New(func(
		_ context.Context, organisation adapters.OrganisationID, medium adapters.Medium,
	) ([]routing.Step, error) {
		return orders[organisation][medium], nil
	}, nil)

	provider.FailNext(adapters.ErrNotSent) // it is down
	receipt, err := sender.Send(context.Background(), adapters.Outgoing{
		Reference: uuid.NewString(), Organisation: "riverside", Medium: adapters.Email, To: "grace@example.org",
		Text: "Hello",
	})
	fmt.Println(receipt.Via, err)
	// Output: standby <nil>
}
