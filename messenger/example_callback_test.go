package messenger_test

import (
	"context"
	"fmt"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A provider says later what became of a message. Package web serves /m/hooks/{name} with this call.
func ExampleMessenger_Callback() {
	host := newExampleHost()
	defer host.stop()
	provider := memory.NewCallbacks("memory", "the key that the provider signs with") // or twilio.New(…), govuknotify.New(…)
	host.Hooks = map[string]messenger.Hook{"texts": {Callbacks: provider, Organisation: messenger.AllTextsFor("north")}}
	m := must(messenger.New(host.Config))
	host.start(m)
	ctx := memory.SignIn(context.Background(), "amira")
	sent := must(m.Send(ctx, messenger.SendParams{
		Client: "c-1", Medium: adapters.SMS, Body: "Shall we go on Tuesday?",
	}))
	host.wait()

	genuine := provider.Request([]adapters.Receipt{
		{Reference: sent.Message.ID.String(), ProviderID: "memory-" + sent.Message.ID.String(), Status: adapters.Delivered},
	})
	must(m.Callback(context.Background(), "texts", genuine))
	host.wait() // a job applies it
	message := must(m.Messages(ctx, sent.Channel.ID, messenger.PageParams{})).Items[0]
	fmt.Println(message.Delivery.Status)

	forged := memory.NewCallbacks("memory", "a guess").Request(nil)
	_, err := m.Callback(context.Background(), "texts", forged)
	fmt.Println(messenger.CodeOf(err))
	// Output:
	// delivered
	// forbidden
}
