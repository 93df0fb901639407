package messenger_test

import (
	"context"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A host names everything that it owes in one literal; New says all that is missing at once.
func ExampleNew() {
	_, err := messenger.New(messenger.Config{PublicURL: "https://nhs.example.org/m"})
	fmt.Println(err)
	// Output:
	// messenger: Pool is missing; Clients is missing; Staff is missing; Email or SMS is missing; LinkKeys is missing
}

// From a host's adapters to a message in the client's mailbox and in the record.
func ExampleMessenger_Send() {
	pool, done := examplePool()
	defer done()
	clients, staff := memory.NewClients(), memory.NewStaff()
	outbox, record := memory.NewSender("memory"), memory.NewRecord()
	clients.Put("north", adapters.Client{ID: "c-1", Name: "Grace Okafor", FirstName: "Grace", Email: "grace@example.org"})
	staff.Add(adapters.Member{
		ID: "amira", Name: "Amira Shah", Organisation: "north", Media: []adapters.Medium{adapters.Email},
	})

	m, err := messenger.New(messenger.Config{
		Pool: pool, Clients: clients, Staff: staff, Email: outbox, Record: record, PublicURL: "https://nhs.example.org/m",
		LinkKeys: []messenger.LinkKey{{ID: "2026", Key: []byte("32 bytes from the secret store, please")}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, m.Jobs())
	client, err := river.NewClient(riverpgxv5.New(pool), jobs.Configure(&river.Config{Workers: workers, Logger: quiet()}, m.Jobs()))
	if err != nil {
		fmt.Println(err)
		return
	}
	filed, stop := client.Subscribe(river.EventKindJobCompleted)
	defer stop()
	ctx := memory.SignIn(context.Background(), "amira") // a host's sign-in does this for every request
	if err := client.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = client.Stop(ctx) }()

	sent, err := m.Send(ctx, messenger.SendParams{
		Client: "c-1", Medium: adapters.Email, Subject: "Walking group", Body: "Dear {{first_name}}, shall we go on Tuesday?",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sent.Message.Body)
	for range 2 { // delivered, filed
		<-filed
	}
	message, err := m.Messages(ctx, sent.Channel.ID, messenger.PageParams{})
	fmt.Println(message.Items[0].Delivery.Status, message.Items[0].Delivery.To, message.Items[0].Record.Status, err)
	// Output:
	// Dear Grace, shall we go on Tuesday?
	// sent g•••@example.org saved <nil>
}
