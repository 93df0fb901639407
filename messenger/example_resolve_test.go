package messenger_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A connection breaks after the message was handed over, and the carrier can't be asked: nobody knows whether it went
// out. Nothing is sent twice by itself; a person asks the client and says so.
func ExampleMessenger_Resolve() {
	host := newExampleHost()
	defer host.stop()
	host.Email = host.outbox.Plain() // as a plain mail server: drops no repeats and can't be asked
	host.outbox.LoseNext(errors.New("connection reset"))
	m := must(messenger.New(host.Config))
	host.start(m)
	ctx := memory.SignIn(context.Background(), "amira")
	sent := must(m.Send(ctx, messenger.SendParams{
		Client: "c-1", Medium: adapters.Email, Subject: "Walking group", Body: "We meet on Tuesday.",
	}))
	host.wait()
	message := must(m.Messages(ctx, sent.Channel.ID, messenger.PageParams{})).Items[0]
	fmt.Println(message.Delivery.Status, message.Delivery.Reason, message.Delivery.Attention)

	message = must(m.Resolve(ctx, message.ID, messenger.ResolveParams{Of: "delivery", Note: "She has it: I called her."}))
	fmt.Println(message.Delivery.Status, message.Delivery.Reason, message.Delivery.Attention)
	// Output:
	// unknown no_answer true
	// unknown no_answer false
}
