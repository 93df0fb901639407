package messenger_test

import (
	"context"
	"fmt"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// One message to many: a preview says who would get it, and who would not and why, before anything goes out.
func ExampleMessenger_SendBroadcast() {
	host := newExampleHost()
	defer host.stop()
	host.clients.Put("north",
		adapters.Client{ID: "c-2", Name: "Tomasz Nowak", FirstName: "Tomasz", Email: "tomasz@example.org"},
		adapters.Client{ID: "c-3", Name: "Mei Lin", FirstName: "Mei"}, // without an address
	)
	m := must(messenger.New(host.Config))
	host.start(m)
	ctx := memory.SignIn(context.Background(), "amira")

	params := messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "Walking group", Body: "Dear {{first_name}}, we meet on Tuesday.",
		Clients: []adapters.ClientID{"c-1", "c-2", "c-3"},
	}
	preview := must(m.PreviewBroadcast(ctx, params))
	fmt.Println(preview.Total, "people, of whom", preview.SkippedCount, "get nothing:")
	for _, skipped := range preview.Skipped {
		fmt.Println(skipped.Client, skipped.Why)
	}
	broadcast := must(m.SendBroadcast(ctx, params))
	host.wait()
	broadcast = must(m.Broadcast(ctx, broadcast.ID))
	fmt.Println(broadcast.State, broadcast.Sent, "of", broadcast.Total)
	// Output:
	// 3 people, of whom 1 get nothing:
	// c-3 no_address
	// sent 2 of 3
}
