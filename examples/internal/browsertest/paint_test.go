package browsertest_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
)

// BenchmarkInbox200 records how long after the navigation began somebody sees an inbox of 200 channels: scripts, styles
// and data from this machine, painted. The aim is 300 ms after the data.
func BenchmarkInbox200(b *testing.B) {
	tab := browsertest.Start(b).Open(b, browsertest.Look{})
	address, total := serve(b)+"/ui/tests/page.html?state=many", 0.0
	for b.Loop() {
		var painted float64
		tab.Run(b, chromedp.Navigate(address))
		tab.Await(b, `new Promise((seen) => {
			const look = () => document.querySelector('.messenger-row')?.checkVisibility() ? requestAnimationFrame(() => seen(performance.now())) : requestAnimationFrame(look);
			look();
		})`, &painted)
		total += painted
	}
	b.ReportMetric(total/float64(b.N), "ms-to-paint")
}

// BenchmarkTyping500 records what a letter costs in a thread of 500 messages that are all loaded, and beside it in a
// page that has a field and nothing else, in turns: how long after the key its frame was painted (median and most), and
// how long the page's main thread was busy for it. The aim is 33 ms, two frames, on a machine that does nothing else.
func BenchmarkTyping500(b *testing.B) {
	browser := browsertest.Start(b)
	ours, bare := browser.Open(b, browsertest.Look{}), browser.Open(b, browsertest.Look{})
	ours.Run(b, chromedp.Navigate(serve(b)+"/ui/tests/page.html?state=long"))
	ours.Poll(b, `window.messengerShown`, nil)
	ours.Poll(b, `(() => {
		document.querySelector('.messenger-scroll').scrollTop = 0;
		return document.querySelectorAll('.messenger-message').length === 500;
	})()`, nil)
	ours.Run(b, chromedp.Click(`messenger-compose [data-medium="sms"]`, chromedp.ByQuery),
		chromedp.WaitVisible(`.messenger-form [name="body"]`, chromedp.ByQuery))
	bare.Run(b, chromedp.Evaluate(`document.body.append(document.createElement('textarea'))`, nil))
	var with, alone letters
	for b.Loop() {
		alone.typed(b, bare, "textarea")
		with.typed(b, ours, `.messenger-form [name="body"]`)
	}
	with.report(b, "")
	alone.report(b, "bare-")
}

// letters are what has been typed: how long each took, in milliseconds.
type letters struct {
	frames []float64 // from the key to when its frame was painted
	busy   float64   // of the main thread, for all
}

func (l *letters) report(b *testing.B, of string) {
	b.Helper()
	slices.Sort(l.frames)
	b.ReportMetric(l.frames[len(l.frames)/2], of+"ms-median")
	b.ReportMetric(l.frames[len(l.frames)-1], of+"ms-most")
	b.ReportMetric(l.busy/float64(len(l.frames)), of+"ms-busy")
}

// typed types a hundred letters into a field of a tab that is in front: in another, frames come when the browser
// likes. Each letter waits for the frame of the one before, so that none waits for a key that is on its way.
func (l *letters) typed(b *testing.B, tab *browsertest.Page, field string) {
	b.Helper()
	tab.Run(b, page.BringToFront(), chromedp.Focus(field, chromedp.ByQuery), performance.Enable(),
		chromedp.Evaluate(`globalThis.heard?.abort(); globalThis.waits = []; globalThis.heard = new AbortController();
			document.addEventListener('keydown', ({ timeStamp }) => requestAnimationFrame(() => {
				const { port1, port2 } = new MessageChannel();
				port1.onmessage = () => waits.push(performance.now() - timeStamp);
				port2.postMessage('');
			}), { capture: true, signal: heard.signal });
			globalThis.painted = async (n) => { while (waits.length < n) await new Promise(requestAnimationFrame); }`, nil))
	before := busy(b, tab)
	for n := range 100 {
		tab.Run(b, chromedp.KeyEvent("a"))
		tab.Await(b, fmt.Sprintf(`painted(%d)`, n+1), nil)
	}
	l.busy += busy(b, tab) - before
	var waits []float64
	tab.Run(b, chromedp.Evaluate(`waits`, &waits))
	l.frames = append(l.frames, waits...)
}

// busy is for how many milliseconds a tab's main thread has been, all in all.
func busy(b *testing.B, tab *browsertest.Page) (ms float64) {
	b.Helper()
	tab.Run(b, chromedp.ActionFunc(func(ctx context.Context) error {
		metrics, err := performance.GetMetrics().Do(ctx)
		for _, m := range metrics {
			if m.Name == "TaskDuration" {
				ms = m.Value * 1000
			}
		}
		return err
	}))
	require.Positive(b, ms)
	return ms
}
