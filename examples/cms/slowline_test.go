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
	// quietLoad is what the same page takes without a line between, on a machine that does nothing else.
	quietLoad = 300 * time.Millisecond
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

// line is what stands between a browser and its host, in milliseconds and bytes a second; nothing for the zero value.
type line struct{ latency, bytes int }

// Do is chromedp.Action.
func (l line) Do(ctx context.Context) error {
	bytes := l.bytes
	if bytes == 0 {
		bytes = -1
	}
	return cdp.Execute(ctx, "Network.emulateNetworkConditions", map[string]any{
		"offline": false, "latency": l.latency, "downloadThroughput": bytes, "uploadThroughput": bytes,
	}, nil)
}

// Over a line of 400 ms and 50 kB/s, with nothing kept from before, the shape of the page comes first and the rows
// within two and a half seconds; and nothing moves while it comes, the host's own bar included.
func TestOnASlowLine(t *testing.T) {
	t.Parallel()
	s := stage{startHost(t, migrationtest.Migrated(t), "").URL, browsertest.Start(t)}
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
			const tries = 5
			for try := 1; ; try++ {
				before, _ := page.loads(t, line{})
				rows, moved := page.loads(t, line{400, 50_000})
				after, _ := page.loads(t, line{})
				// A machine that is busy with something else adds to each step; without the line that is seen alone.
				busy := max(0, max(before, after)-quietLoad)
				bound := firstRows + 2*busy
				t.Logf("first rows %s, %s of this machine's own; at most %s", rows, busy, bound)
				if rows < bound && moved < mostShift {
					break
				}
				require.Less(t, try, tries, "%s, and %s is promised; %.4f moved", rows, firstRows, moved)
			}
		})
	}
}

// loads opens the Messages page over a line, with nothing kept from before, and returns when its first row was seen,
// and how much had moved by then.
func (s screen) loads(t *testing.T, over line) (rows time.Duration, moved float64) {
	t.Helper()
	s.visit("about:blank")
	s.Run(t, network.ClearBrowserCache(), over)
	s.visit("/messages")
	s.until(`window.rowsAt && document.querySelector('messenger-notifications button')`, nil)
	s.sees("nav messenger-unread", "")
	s.until(`!document.querySelector('.messenger-shell')`, nil)
	s.Await(t, `new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))`, nil)
	var got struct {
		Rows, Paint, Moved float64
		Shifts             []string
		Shaped             bool
	}
	s.value(`({rows: rowsAt, moved, shifts, shaped: Boolean(window.shaped),
		paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0})`, &got)
	t.Logf("first paint %.0f ms, first rows %.0f ms, moved %.4f %q", got.Paint, got.Rows, got.Moved, got.Shifts)
	if over.latency > 0 {
		require.True(t, got.Shaped, "the shape of the page is seen before its rows")
		require.Less(t, got.Paint, got.Rows)
	}
	return time.Duration(got.Rows) * time.Millisecond, got.Moved
}

// The first HTML has the shape of the page, and names all that the scripts will ask for, each by an address of its own.
func TestTheFirstHTML(t *testing.T) {
	t.Parallel()
	amira := signedIn(t, startHost(t, migrationtest.Migrated(t), "").URL, "amira")
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

// A line that goes down after the rows costs nothing: what is pressed waits, and opens once the line is back.
func TestWhatALineLostComesAgain(t *testing.T) {
	t.Parallel()
	s := stage{startHost(t, migrationtest.Migrated(t), "").URL, browsertest.Start(t)}
	page := s.openTroubled(t, browsertest.Look{})
	page.signIn("amira")
	//nolint:misspell // the name of a file: the screen's word, as in HTML
	for _, module := range []string{"conversation", "dialogs"} {
		page.visit("about:blank")
		lost := &network.BlockPattern{URLPattern: "*://*:*/m/ui/*/" + module + ".js*", Block: true}
		page.Run(t, network.ClearBrowserCache(),
			network.SetBlockedURLs().WithURLPatterns([]*network.BlockPattern{lost}))
		page.visit("/messages")
		page.sees(".messenger-row")
		page.value(`document.querySelector('.messenger-row-link').click()`, nil)
		if module == "conversation" {
			page.sees(".messenger-coming", "Loading")
		} else {
			page.press(`.messenger-thread [data-do="note"]`)
		}
		page.Run(t, network.SetBlockedURLs())
		page.sees(".messenger-thread .messenger-title")
		if module != "conversation" {
			page.sees(".messenger-note-form")
		}
	}
}
