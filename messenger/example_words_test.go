package messenger_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// An organisation says the closing lines and the reply page in its own words. Words lists every key with its
// English; the module has Welsh of its own.
func ExampleWords() {
	host := newExampleHost()
	defer host.stop()
	welsh := adapters.Organisation{Name: "Y Gogledd", Words: map[string]string{
		"lang": "cy", "email_reply": "I ateb, agorwch y ddolen hon:",
		"email_no_reply": "Peidiwch ag ateb yr e-bost hwn: ni chaiff ei ddarllen.", "reply_send": "Anfon ateb",
	}}
	host.Organisations = adapters.OneOrganisation(welsh)
	m := must(messenger.New(host.Config))
	host.start(m)
	must(m.Send(memory.SignIn(context.Background(), "amira"), messenger.SendParams{
		Client: "c-1", Medium: adapters.Email, Subject: "Grŵp cerdded", Body: "Awn ni ddydd Mawrth?",
	}))
	host.wait()

	email := host.outbox.Outbox()[0]
	fmt.Println(strings.ReplaceAll(email.Text, email.Link, "(link)"))
	words := messenger.Words(welsh)
	fmt.Println(words["reply_send"], "/", words["reply_label"])
	// Output:
	// Awn ni ddydd Mawrth?
	//
	// I ateb, agorwch y ddolen hon:
	// (link)
	//
	// Peidiwch ag ateb yr e-bost hwn: ni chaiff ei ddarllen.
	// Anfon ateb / Eich ateb
}
