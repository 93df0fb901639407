package browsertest_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
)

// TestTranscript prints a conversation: who it is with and all its messages, of any length, and nothing to press.
func TestTranscript(t *testing.T) {
	t.Parallel()
	page := browsertest.Start(t).Open(t, browsertest.Look{})
	page.Run(t, chromedp.Navigate(serve(t)+"/ui/tests/page.html?channel=ch-1"))
	page.Poll(t, `document.querySelectorAll('.messenger-message').length > 3`, nil)
	page.Poll(t, `document.querySelector('messenger-side button')`, nil)
	page.Run(t, emulation.SetEmulatedMedia().WithMedia("print"))
	var printed string
	page.Run(t, chromedp.Evaluate(`document.querySelector('messenger-inbox').innerText`, &printed))
	for _, words := range []string{"Grace Okafor", "999 000 0018", "29 Feb 1984", "Yes please, that would be lovely."} {
		require.Contains(t, printed, words)
	}
	for _, words := range []string{"Mark as done", "Send email", "Yusuf Demir", "Allow replies", "Try again"} {
		require.NotContains(t, printed, words)
	}
	var cut bool
	page.Run(t, chromedp.Evaluate(`(() => {
		const { scrollHeight, clientHeight } = document.querySelector('.messenger-scroll');
		return scrollHeight > clientHeight + 1;
	})()`, &cut))
	require.False(t, cut, "no message is left out")
}
