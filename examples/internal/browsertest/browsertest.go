// Package browsertest drives a real browser for tests: Chromium as Debian packages it, without a window.
package browsertest

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// Browser is one Chromium, started for a test and ended with it.
type Browser struct{ ctx context.Context }

// Start starts Chromium until the test ends, with more options where the test needs them. It fails the test when there
// is none: it never skips.
func Start(tb testing.TB, more ...chromedp.ExecAllocatorOption) *Browser {
	tb.Helper()
	return start(tb, executable(tb), more...)
}

// StartShell is Start for pages that are looked at and never left by Back: with the shell of Chromium that Debian
// packages beside it, where there is one. It shows the same for half the work, and keeps no page to go back to.
func StartShell(tb testing.TB) *Browser {
	tb.Helper()
	// Not Debian's command, a script that the browser would outlive.
	if path, err := exec.LookPath("/usr/lib/chromium/chromium-headless-shell"); err == nil {
		return start(tb, path)
	}
	return Start(tb)
}

func start(tb testing.TB, path string, more ...chromedp.ExecAllocatorOption) *Browser {
	tb.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(time.Minute),
	)
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	tb.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	tb.Cleanup(cancel)
	require.NoError(tb, chromedp.Run(ctx), "start Chromium")
	return &Browser{ctx: ctx}
}

func executable(tb testing.TB) string {
	tb.Helper()
	for _, name := range []string{
		"chromium", "chromium-browser", "google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	require.FailNow(tb, "these tests need Chromium: apt-get install chromium")
	return ""
}

// Page is a tab in a browser context of its own: its cookies are nobody else's.
type Page struct {
	// Context is what chromedp's actions run with.
	Context context.Context

	browser *Browser
	alone   cdp.BrowserContextID
	look    Look

	mu    sync.Mutex
	said  []string
	asked []string
	hosts map[string]bool
}

// Open opens a blank tab that counts as focused, until the test ends or five minutes have passed.
func (b *Browser) Open(tb testing.TB, look Look) *Page {
	tb.Helper()
	if look.Width == 0 {
		look.Width, look.Height = 1280, 800
	}
	browser := cdp.WithExecutor(b.ctx, chromedp.FromContext(b.ctx).Browser)
	alone, err := target.CreateBrowserContext().Do(browser)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, target.DisposeBrowserContext(alone).Do(browser)) })
	return b.tab(tb, alone, look)
}

// Another opens a second tab beside the page, with the same cookies and the same look.
func (p *Page) Another(tb testing.TB) *Page {
	tb.Helper()
	return p.browser.tab(tb, p.alone, p.look)
}

func (b *Browser) tab(tb testing.TB, alone cdp.BrowserContextID, look Look) *Page {
	tb.Helper()
	browser := cdp.WithExecutor(b.ctx, chromedp.FromContext(b.ctx).Browser)
	// A context's first tab needs a window of its own in the headless mode that Chromium has now.
	tab, err := target.CreateTarget("about:blank").WithBrowserContextID(alone).WithNewWindow(true).Do(browser)
	require.NoError(tb, err)
	return b.attach(tb, tab, alone, look)
}

// Opens does what opens a window, and returns that.
func (p *Page) Opens(tb testing.TB, act func()) *Page {
	tb.Helper()
	opened := chromedp.WaitNewTarget(p.Context, func(info *target.Info) bool { return info.Type == "page" })
	act()
	select {
	case id := <-opened:
		return p.browser.attach(tb, id, p.alone, p.look)
	case <-time.After(time.Minute):
		require.FailNow(tb, "no window was opened")
		return nil
	}
}

func (b *Browser) attach(tb testing.TB, tab target.ID, alone cdp.BrowserContextID, look Look) *Page {
	tb.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(tab))
	tb.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 10*time.Minute)
	tb.Cleanup(cancel)
	page := &Page{Context: ctx, browser: b, alone: alone, look: look, hosts: map[string]bool{}}
	chromedp.ListenTarget(ctx, page.hear)
	page.Run(tb,
		log.Enable(), network.Enable(), runtime.Enable(),
		emulation.SetFocusEmulationEnabled(true),
		emulation.SetDeviceMetricsOverride(look.Width, look.Height, 1, look.Touch),
		emulation.SetTouchEmulationEnabled(look.Touch),
		look.media(),
	)
	return page
}

// Run runs actions and fails the test with the first error.
func (p *Page) Run(tb testing.TB, actions ...chromedp.Action) {
	tb.Helper()
	require.NoError(tb, chromedp.Run(p.Context, actions...))
}

// Complaints returns what the page's console has said as a warning or worse, refused requests and policy violations
// included.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.said...)
}

// Hosts returns the hosts, ports included, that the page has asked anything of.
func (p *Page) Hosts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	hosts := make([]string, 0, len(p.hosts))
	for host := range p.hosts {
		hosts = append(hosts, host)
	}
	return hosts
}

// Requests returns what the page has asked for since the last call, in order: "GET http://127.0.0.1:8080/messages".
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

func (p *Page) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning {
			p.said = append(p.said, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		p.said = append(p.said, e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
			p.said = append(p.said, fmt.Sprintf("console.%s: %s", e.Type, e.Args[0].Value))
		}
	case *network.EventRequestWillBeSent:
		p.asked = append(p.asked, e.Request.Method+" "+e.Request.URL)
		if _, rest, ok := strings.Cut(e.Request.URL, "://"); ok {
			host, _, _ := strings.Cut(rest, "/")
			p.hosts[host] = true
		}
	}
}
