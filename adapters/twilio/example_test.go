package twilio_test

import (
	"fmt"

	"github.com/cmsmessenger/cmsmessenger/adapters/twilio"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func Example() {
	sms, err := twilio.New(twilio.Config{
		AccountSID:  "AC00000000000000000000000000000001",
		AuthToken:   "the account's token",
		From:        "+447700900999",
		CallbackURL: "https://nhs.example.org/m/hooks/twilio",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	config := messenger.Config{
		SMS: sms, Hooks: map[string]messenger.Hook{
			"twilio": {Callbacks: sms, Organisation: messenger.AllTextsFor("riverside")},
		},
	}
	fmt.Println(len(config.Hooks), sms)
	// Output: 1 twilio.Sender{…}
}
