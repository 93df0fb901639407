package messenger_test

import (
	"context"
	"fmt"
	"path"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// bells is an adapters.Events: each event comes at least once, so that a host drops repeats by event.ID.
type bells chan adapters.Event

// Happened is told of one event. An error means: tell me again.
func (b bells) Happened(ctx context.Context, event adapters.Event) error {
	select {
	case b <- event:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// The host's own notification centre hears of replies and failures. Events hold ids only: the host reads the rest.
func Example_events() {
	host := newExampleHost()
	defer host.stop()
	bell := make(bells, 1)
	host.Events = bell
	m := must(messenger.New(host.Config))
	host.start(m)
	ctx := memory.SignIn(context.Background(), "amira")
	must(m.Send(ctx, messenger.SendParams{
		Client: "c-1", Medium: adapters.Email, Subject: "Walking group", Body: "Shall we go on Tuesday?",
	}))
	host.wait()
	token := path.Base(host.outbox.Outbox()[0].Link)
	_, _, err := m.Reply(context.Background(), token, messenger.ReplyParams{Text: "Yes please!"})
	check(err)

	event := <-bell
	reply := must(m.Messages(memory.SignIn(context.Background(), event.Staff), event.Channel, messenger.PageParams{}))
	fmt.Println(event.Kind, event.Staff, event.Client, reply.Items[0].Body)
	// Output:
	// replied amira c-1 Yes please!
}
