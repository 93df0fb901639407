package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// The bounds of the screen: what somebody on a bad line is promised, and how much may move under their finger.
const (
	firstRows = 2500 * time.Millisecond
	mostShift = 0.02
)

// watch is told to a page before its own scripts: when the first row can be seen, and how much has moved until now.
const watch = `
	window.moved = 0;
	window.shifts = [];
	new PerformanceObserver((seen) => {
		for (const e of seen.getEntries()) {
			if (e.hadRecentInput) continue;
			moved += e.value;
			shifts.push(e.value.toFixed(4) + ' ' + e.sources.map((s) => s.node?.className || s.node?.nodeName).join(', '));
		}
	}).observe({type: 'layout-shift', buffered: true});
	const look = () => {
		const shape = [...document.querySelectorAll('.messenger-shell-row')];
		if (shape[4]?.checkVisibility() && shape[4].offsetHeight === 56) window.shaped = true;
		if (document.querySelector('.messenger-row')?.checkVisibility()) window.rowsAt = performance.now();
		else requestAnimationFrame(look);
	};
	requestAnimationFrame(look);`

// slow is a line of 400 ms and 50 kB/s.
var slow = chromedp.ActionFunc(func(ctx context.Context) error {
	return cdp.Execute(ctx, "Network.emulateNetworkConditions", map[string]any{
		"offline": false, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000,
	}, nil)
})

// Over a line of 400 ms and 50 kB/s, with nothing kept from before, the shape of the page comes first and the rows
// within two and a half seconds; and nothing moves while it comes, the host's own bar included.
func TestOnASlowLine(t *testing.T) {
	t.Parallel()
	s := stage{startHost(t, migrationtest.Database(t), "").URL, browsertest.Start(t)}
	for name, look := range map[string]browsertest.Look{
		"1280": {}, "360": {Width: 360, Height: 740, Touch: true},
	} {
		t.Run(name, func(t *testing.T) {
			page := s.openTroubled(t, look)
			page.signIn("amira")
			page.Run(t, chromedp.ActionFunc(func(ctx context.Context) error {
				_, err := cdpage.AddScriptToEvaluateOnNewDocument(watch).Do(ctx)
				return err
			}))
			best := time.Hour
			for range 5 { // the promise is of the line: a machine that is busy with something else gets another chance
				page.visit("about:blank")
				page.Run(t, network.ClearBrowserCache(), slow)
				page.visit("/messages")
				page.until(`window.rowsAt && document.querySelector('messenger-notifications button')`, nil)
				page.sees("nav messenger-unread", "")
				page.until(`window.shaped && !document.querySelector('.messenger-shell')`, nil)
				page.Await(t, `new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))`, nil)
				var got struct {
					Rows, Paint, Moved float64
					Shifts             []string
				}
				page.value(`({rows: rowsAt, moved, shifts,
					paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0})`, &got)
				var came []string
				page.value(`performance.getEntriesByType('resource').map((r) => [r.name.split('/').slice(-2).join('/'),
					Math.round(r.startTime), Math.round(r.responseStart), Math.round(r.responseEnd), r.encodedBodySize].join(' '))`, &came)
				t.Logf("%s", strings.Join(came, "\n"))
				t.Logf("first paint %.0f ms, first rows %.0f ms, moved %.4f %q", got.Paint, got.Rows, got.Moved, got.Shifts)
				require.Less(t, got.Moved, mostShift, got.Shifts)
				require.Less(t, got.Paint, got.Rows-300, "the shape comes first")
				if best = min(best, time.Duration(got.Rows)*time.Millisecond); best < firstRows {
					break
				}
			}
			require.Less(t, best, firstRows)
		})
	}
}

// The first HTML has the shape of the page, and names all that the scripts will ask for; each has an address of its own.
func TestTheFirstHTML(t *testing.T) {
	t.Parallel()
	amira := signedIn(t, startHost(t, migrationtest.Database(t), "").URL, "amira")
	_, page := amira.page("/messages")
	inbox := submatch(page, `(?s)<messenger-inbox[^>]*>(.*?)</messenger-inbox>`)
	require.Equal(t, 5, strings.Count(inbox, "messenger-shell-row"))
	require.Contains(t, inbox, "messenger-shell-tabs")
	for _, link := range []string{
		`<link rel="stylesheet" href="(/m/ui/[0-9a-f]+/messenger\.css)">`,
		`<script type="module" async src="(/m/ui/[0-9a-f]+/begin\.js)"></script>`,
		`<link rel="modulepreload" href="(/m/ui/[0-9a-f]+/messenger-elements\.js)">`,
	} {
		address := submatch(page, link)
		require.NotEmpty(t, address, link)
		status, header, _ := amira.request(http.MethodGet, address, "", "", "Accept-Encoding", "gzip")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, "gzip", header.Get("Content-Encoding"), address)
		require.Contains(t, header.Get("Cache-Control"), "immutable")
	}
	require.Contains(t, page, `<script type="module" src="/m/ui/messenger.js"></script>`)
}
