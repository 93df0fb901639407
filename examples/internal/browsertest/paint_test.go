package browsertest_test

import (
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
