package messenger_test

import (
	"context"
	"fmt"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A message that waits for its time can still be stopped. This is Undo in the elements, too: they send ten seconds
// ahead.
func ExampleMessenger_Cancel() {
	host := newExampleHost()
	defer host.stop()
	m := must(messenger.New(host.Config))
	host.start(m)
	ctx := memory.SignIn(context.Background(), "amira")
	sent := must(m.Send(ctx, messenger.SendParams{
		Client: "c-1", Medium: adapters.Email, Subject: "Walking group", Body: "We meet on Tuesday.",
		SendAfter: time.Now().Add(time.Hour),
	}))

	cancelled := must(m.Cancel(ctx, sent.Message.ID))
	fmt.Println(cancelled.Delivery.Status, len(host.outbox.Outbox()))
	_, err := m.Cancel(ctx, sent.Message.ID)
	fmt.Println(messenger.CodeOf(err))
	// Output:
	// cancelled 0
	// already_sent
}
