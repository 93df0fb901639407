package govuknotify_test

import (
	"fmt"

	"github.com/cmsmessenger/cmsmessenger/adapters/govuknotify"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func Example() {
	notify, err := govuknotify.New(govuknotify.Config{
		APIKey:        "demo-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0",
		SMSTemplate:   "f33517ff-2a88-4f6e-b855-c550268ce08a",
		EmailTemplate: "9d751e0e-f929-4891-82a1-a3e1c3c18ee3",
		CallbackToken: "a-token-of-your-choice",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	config := messenger.Config{
		SMS: notify, Email: notify,
		Hooks: map[string]messenger.Hook{
			"govuknotify": {Callbacks: notify, Organisation: messenger.AllTextsFor("riverside")},
		},
	}
	fmt.Println(len(config.Hooks), notify)
	// Output: 1 govuknotify.Sender{…}
}
