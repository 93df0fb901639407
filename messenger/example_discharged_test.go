package messenger_test

import (
	"context"
	"fmt"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A client leaves a service: the host says so, and the links that they have stop working.
func ExampleMessenger_ClientDischarged() {
	host := newExampleHost()
	defer host.stop()
	m := must(messenger.New(host.Config))
	ctx := memory.SignIn(context.Background(), "amira")
	sent := must(m.Send(ctx, messenger.SendParams{
		Client: "c-1", Medium: adapters.Email, Subject: "Goodbye", Body: "It was good to meet you.",
	}))
	fmt.Println(must(m.Channel(ctx, sent.Channel.ID)).RepliesAllowed)

	// From the host's own code, with no one signed in. Without staff named it is all channels with the client.
	check(m.ClientDischarged(context.Background(), "north", "c-1", "amira"))
	channel := must(m.Channel(ctx, sent.Channel.ID))
	fmt.Println(channel.RepliesAllowed, channel.RepliesOff.Why)
	// Output:
	// true
	// false discharged
}
