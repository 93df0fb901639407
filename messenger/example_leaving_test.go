package messenger_test

import (
	"context"
	"fmt"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A colleague works here no more: what stands in their inbox goes to another, unread replies included.
func ExampleMessenger_StaffLeft() {
	host := newExampleHost()
	defer host.stop()
	staff := memory.NewStaff()
	for id, name := range map[adapters.StaffID]string{"amira": "Amira Shah", "ben": "Ben Adeyemi"} {
		staff.Add(adapters.Member{ID: id, Name: name, Organisation: "north", Media: []adapters.Medium{adapters.Email}})
	}
	host.Staff, host.Colleagues = staff, staff
	m := must(messenger.New(host.Config))
	host.start(m)
	must(m.Send(memory.SignIn(context.Background(), "amira"), messenger.SendParams{
		Client: "c-1", Medium: adapters.Email, Subject: "Walking group", Body: "We meet on Tuesday.",
	}))
	host.wait()

	// From the host's own code, with no one signed in. Without a colleague at the end the organisation's Fallback covers.
	check(m.StaffLeft(context.Background(), "north", "amira", "ben"))
	host.wait()
	inbox := must(m.Inbox(memory.SignIn(context.Background(), "ben"), messenger.InboxParams{Staff: "ben"}))
	fmt.Println(inbox.Items[0].ClientName, inbox.Items[0].Staff)
	// Output:
	// Grace Okafor ben
}

// Two clients turn out to be one person: their two threads become one, in order of time.
func ExampleMessenger_ClientMerged() {
	host := newExampleHost()
	defer host.stop()
	host.clients.Put("north", adapters.Client{ID: "c-9", Name: "G. Okafor", Phone: "07700 900123"})
	m := must(messenger.New(host.Config))
	ctx := memory.SignIn(context.Background(), "amira")
	double := must(m.Send(ctx, messenger.SendParams{Client: "c-9", Medium: adapters.SMS, Body: "We meet on Tuesday."}))
	must(m.Send(ctx, messenger.SendParams{Client: "c-1", Medium: adapters.SMS, Body: "And on Friday."}))

	host.clients.Remove("north", "c-9") // the directory comes first
	check(m.ClientMerged(context.Background(), "north", "c-9", "c-1"))
	channel := must(m.Channel(ctx, double.Channel.ID)) // the former thread's id answers as the joined one
	for _, message := range must(m.Messages(ctx, channel.ID, messenger.PageParams{})).Items {
		fmt.Println(channel.ClientName+":", message.Body)
	}
	// Output:
	// Grace Okafor: And on Friday.
	// Grace Okafor: We meet on Tuesday.
}
