package nhsnotify_test

import (
	"fmt"
	"os"

	"github.com/cmsmessenger/cmsmessenger/adapters/nhsnotify"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func Example() {
	privateKey, err := os.ReadFile("/run/secrets/nhs-private-key.pem")
	if err != nil {
		fmt.Println("no private key")
		return
	}
	notify, err := nhsnotify.New(nhsnotify.Config{
		APIKey:        os.Getenv("NHS_API_KEY"),
		KeyID:         "live-1",
		PrivateKey:    privateKey,
		ApplicationID: os.Getenv("NHS_APPLICATION_ID"),
		SMS:           nhsnotify.AppThenSMSAfter4Hours,
		Email:         nhsnotify.Email,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	config := messenger.Config{
		SMS: notify, Email: notify,
		Hooks: map[string]messenger.Hook{
			"nhsnotify": {Callbacks: notify, Organisation: messenger.AllTextsFor("riverside")},
		},
	}
	fmt.Println(len(config.Hooks))
}
