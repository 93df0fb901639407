package messenger_test

import (
	"context"
	"fmt"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// The host's directory has a new name: the host says so, and the inboxes follow.
func ExampleMessenger_ClientsChanged() {
	host := newExampleHost()
	defer host.stop()
	m := must(messenger.New(host.Config))
	ctx := memory.SignIn(context.Background(), "amira")
	must(m.Send(ctx, messenger.SendParams{
		Client: "c-1", Medium: adapters.Email, Subject: "Hello", Body: "How are you?",
	}))

	host.clients.Put("north", adapters.Client{ID: "c-1", Name: "Grace Bello", Email: "grace@example.org"})
	check(m.ClientsChanged(context.Background(), "north", "c-1"))
	inbox := must(m.Inbox(ctx, messenger.InboxParams{Staff: "amira"}))
	fmt.Println(inbox.Items[0].ClientName)
	// Output:
	// Grace Bello
}
