package messenger_test

import (
	"context"
	"fmt"
	"path"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A client opens the link of a message and writes back. Package web serves the page; this is what it calls.
func ExampleMessenger_Reply() {
	host := newExampleHost()
	defer host.stop()
	m := must(messenger.New(host.Config))
	host.start(m)
	ctx := memory.SignIn(context.Background(), "amira")
	sent := must(m.Send(ctx, messenger.SendParams{
		Client: "c-1", Medium: adapters.Email, Subject: "Walking group", Body: "Shall we go on Tuesday?",
	}))
	host.wait()

	// The client's side: nobody is signed in, the link says it all.
	public := context.Background()
	token := path.Base(host.outbox.Outbox()[0].Link) // https://nhs.example.org/m/r/…
	page := must(m.ReplyPage(public, token, ""))
	fmt.Println("To:", page.StaffName)
	_, _, err := m.Reply(public, token, messenger.ReplyParams{Text: "Yes please!", FormKey: page.FormKey})
	check(err)

	// The staff member's side.
	channel := must(m.Channel(ctx, sent.Channel.ID))
	fmt.Println(channel.Status, channel.UnreadCount, channel.LastMessage.Text)
	check(m.Read(ctx, channel.ID, channel.LastMessage.ID, false)) // it has been on screen
	fmt.Println(must(m.Channel(ctx, sent.Channel.ID)).Status)
	// Output:
	// To: Amira Shah
	// unread 1 Yes please!
	// open
}
