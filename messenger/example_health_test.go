package messenger_test

import (
	"context"
	"fmt"
	"time"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// What a host's own health page, or a monitor, asks once a minute.
func ExampleMessenger_Health() {
	host := newExampleHost()
	defer host.stop()
	m := must(messenger.New(host.Config))
	host.start(m)
	health := m.Health(context.Background())
	for range 100 { // the process is only just up: it listens within moments
		if health.OK {
			break
		}
		time.Sleep(50 * time.Millisecond)
		health = m.Health(context.Background())
	}
	for _, check := range health.Checks {
		fmt.Println(check.Name, check.OK)
	}
	// Output:
	// database true
	// listener true
	// migrations true
	// clock true
	// jobs true
	// periodic true
	// pauses true
	// texts true
	// replies true
	// reconciled true
}
