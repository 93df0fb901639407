package messenger_test

import (
	"context"
	"fmt"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A stream of what happens in an inbox. Package web gives it to browsers; a host's own code can have it too.
func ExampleMessenger_Subscribe() {
	host := newExampleHost()
	defer host.stop()
	m := must(messenger.New(host.Config))
	host.start(m) // m.Run among it, which feeds the streams
	ctx, leave := context.WithCancel(memory.SignIn(context.Background(), "amira"))
	events := must(m.Subscribe(ctx, "amira", ""))

	must(m.Send(ctx, messenger.SendParams{
		Client: "c-1", Medium: adapters.SMS, Body: "Shall we go on Tuesday?",
	}))
	for event := range events { // each comes at least once
		if event.Kind == "message" && event.Message.Delivery.Status == messenger.DeliverySent {
			fmt.Println("sent:", event.Message.Body)
			break
		}
	}
	leave() // closes the stream
	// Output:
	// sent: Shall we go on Tuesday?
}
