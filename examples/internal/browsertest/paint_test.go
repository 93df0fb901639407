package browsertest_test

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
)

// BenchmarkInbox200 records how long after the navigation began somebody sees an inbox of 200 channels: scripts, styles
// and data from this machine, painted. The aim is 300 ms after the data.
func BenchmarkInbox200(b *testing.B) {
	page := browsertest.Start(b).Open(b, browsertest.Look{})
	address, total := serve(b)+"/ui/tests/page.html?state=many", 0.0
	for b.Loop() {
		var painted float64
		page.Run(b, chromedp.Navigate(address))
		page.Await(b, `new Promise((seen) => {
			const look = () => document.querySelector('.messenger-row')?.checkVisibility() ? requestAnimationFrame(() => seen(performance.now())) : requestAnimationFrame(look);
			look();
		})`, &painted)
		total += painted
	}
	b.ReportMetric(total/float64(b.N), "ms-to-paint")
}

// BenchmarkTyping500 records how long after a key the frame with its letter comes, in a thread of 500 messages that are
// all loaded: the median and the most of a hundred letters. The aim is 33 ms, two frames, on a machine that does
// nothing else; the same in a page that has a field and nothing else says what this machine takes of it.
func BenchmarkTyping500(b *testing.B) {
	browser := browsertest.Start(b)
	page, bare := browser.Open(b, browsertest.Look{}), browser.Open(b, browsertest.Look{})
	page.Run(b, chromedp.Navigate(serve(b)+"/ui/tests/page.html?state=long"))
	page.Poll(b, `window.messengerShown`, nil)
	page.Poll(b, `(() => {
		document.querySelector('.messenger-scroll').scrollTop = 0;
		return document.querySelectorAll('.messenger-message').length === 500;
	})()`, nil)
	page.Run(b, chromedp.Click(`messenger-compose [data-medium="sms"]`, chromedp.ByQuery),
		chromedp.WaitVisible(`.messenger-form [name="body"]`, chromedp.ByQuery))
	bare.Run(b, chromedp.Evaluate(`document.body.append(document.createElement('textarea'))`, nil))
	var ours, alone []float64
	for b.Loop() {
		alone = append(alone, typed(b, bare, "textarea")...)
		ours = append(ours, typed(b, page, `.messenger-form [name="body"]`)...)
	}
	slices.Sort(ours)
	slices.Sort(alone)
	b.ReportMetric(ours[len(ours)/2], "ms-median")
	b.ReportMetric(ours[len(ours)-1], "ms-most")
	b.ReportMetric(alone[len(alone)/2], "bare-ms-median")
	b.ReportMetric(alone[len(alone)-1], "bare-ms-most")
}

// typed types a hundred letters into a field, and returns how long after each key its frame was there, in milliseconds.
func typed(b *testing.B, page *browsertest.Page, field string) (waits []float64) {
	b.Helper()
	page.Run(b, chromedp.Focus(field, chromedp.ByQuery), chromedp.Evaluate(`globalThis.heard?.abort();
		globalThis.waits = []; globalThis.heard = new AbortController();
		document.addEventListener('keydown', ({ timeStamp }) =>
			requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel();
				port1.onmessage = () => waits.push(performance.now() - timeStamp); port2.postMessage(''); }),
			{ capture: true, signal: heard.signal })`, nil))
	for range 100 {
		page.Run(b, chromedp.KeyEvent("a"))
	}
	page.Poll(b, `waits.length >= 100`, nil)
	page.Run(b, chromedp.Evaluate(`waits`, &waits))
	return waits
}
