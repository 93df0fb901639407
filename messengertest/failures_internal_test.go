package messengertest

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// What can't be done fails the test and says what: in a process of its own, since it fails there.
func TestFailuresAreNamed(t *testing.T) {
	t.Parallel()
	const variable = "MESSENGERTEST_FAILS"
	//nolint:thelper // tests, each in a process of its own
	failing := map[string]struct {
		says string
		do   func(t *testing.T)
	}{
		"a send that is refused": {"messengertest: Send", func(t *testing.T) {
			New(t).Send(messenger.SendParams{Client: "nobody", Medium: adapters.Email, Body: "Hello"})
		}},
		"a carrier that hangs": {"there are still due: messenger_deliver ×1", func(t *testing.T) {
			host := New(t)
			host.patience = 2 * time.Second
			release := host.Email.Hold()
			t.Cleanup(release)
			host.Send(Email("Hello"))
			host.Settle()
		}},
		"a configuration": {"LinkKeys is missing", func(t *testing.T) {
			New(t, func(c *messenger.Config) { c.LinkKeys = nil })
		}},
	}
	if name := os.Getenv(variable); name != "" {
		failing[name].do(t)
		return
	}
	for name, test := range failing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFailuresAreNamed$", "-test.timeout=2m")
			child.Env = append(os.Environ(), variable+"="+name)
			output, err := child.CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(output), test.says)
			require.NotContains(t, string(output), "panic:")
		})
	}
}
