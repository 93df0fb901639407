package messenger_test

import (
	"context"
	"fmt"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A provider refuses an address. The message stands as failed, a person corrects the address and sends it again.
func ExampleMessenger_Retry() {
	host := newExampleHost()
	defer host.stop()
	m := must(messenger.New(host.Config))
	host.start(m)
	ctx := memory.SignIn(context.Background(), "amira")
	host.outbox.FailNext(adapters.ErrWrongContact)
	sent := must(m.Send(ctx, messenger.SendParams{
		Client: "c-1", Medium: adapters.Email, Subject: "Walking group", Body: "We meet on Tuesday.",
	}))
	host.wait()
	channel := must(m.Channel(ctx, sent.Channel.ID))
	message := must(m.Messages(ctx, channel.ID, messenger.PageParams{})).Items[0]
	fmt.Println(message.Delivery.Status, message.Delivery.Reason, channel.Attention)

	host.clients.Put("north", adapters.Client{ID: "c-1", Name: "Grace Okafor", Email: "okafor@example.org"})
	must(m.Retry(ctx, message.ID))
	host.wait()
	message = must(m.Messages(ctx, channel.ID, messenger.PageParams{})).Items[0]
	fmt.Println(message.Delivery.Status, message.Delivery.To, must(m.Channel(ctx, channel.ID)).Attention)
	// Output:
	// failed wrong_contact [delivery_failed]
	// sent o•••@example.org []
}
