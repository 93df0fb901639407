package browsertest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// Poll evaluates an expression until it gives something truthy, and decodes that into into unless it is nil. After
// four minutes the test fails.
func (p *Page) Poll(tb testing.TB, expression string, into any) {
	tb.Helper()
	require.NoError(tb, chromedp.Run(p.Context, chromedp.Poll(expression, into,
		chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(4*time.Minute))),
		"waited for %s", expression)
}

// Await evaluates an expression, waits for the promise that it gives, and decodes what that resolves to into into
// unless it is nil.
func (p *Page) Await(tb testing.TB, expression string, into any) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(p.Context, time.Minute)
	defer cancel()
	require.NoError(tb, chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		return chromedp.Evaluate(expression, into, func(e *runtime.EvaluateParams) *runtime.EvaluateParams {
			return e.WithAwaitPromise(true)
		}).Do(ctx)
	})))
}

// Look is how a page is seen. The zero value is a desktop of 1280 by 800 in light colours.
type Look struct {
	Width, Height int64
	Touch         bool
	Forced        bool // colours are the system's: high contrast
	dark          bool
}

// Looks are the sizes in which every view is looked at.
func Looks() map[string]Look {
	return map[string]Look{
		"1280": {Width: 1280, Height: 800},
		"360":  {Width: 360, Height: 740, Touch: true},
		"320":  {Width: 320, Height: 512}, // a desk at 400 %
	}
}

func (l Look) media() chromedp.Action {
	scheme, forced := "light", "none"
	if l.dark {
		scheme = "dark"
	}
	if l.Forced {
		forced = "active"
	}
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, //nolint:misspell // the standard's word
		{Name: "forced-colors", Value: forced},        //nolint:misspell // the standard's word
	})
}

// Check has axe-core look for what keeps people out (WCAG 2.2 AA and its own best practices), first in light colours
// and then, for what colours alone tell, in dark ones. It returns what was found, one line each, and leaves pictures
// in folder: light-1280/inbox.png and dark-1280/inbox.png. The script is axe-core's, as testpeers has it.
func (p *Page) Check(tb testing.TB, axe, folder, name string) (found []string) {
	tb.Helper()
	width := strconv.FormatInt(p.look.Width, 10)
	tags := []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"}
	p.Picture(tb, filepath.Join(folder, "light-"+width, name))
	p.Run(tb, chromedp.Evaluate(axe+";null", nil))
	found = p.violations(tb, map[string]any{"type": "tag", "values": tags})
	dark := p.look
	dark.dark = true
	p.Run(tb, dark.media())
	p.Await(tb, `(async () => {
		for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
		await Promise.all(document.getAnimations().filter((a) => a instanceof CSSTransition).map((a) => a.finished));
	})()`, nil)
	p.Picture(tb, filepath.Join(folder, "dark-"+width, name))
	found = append(found, p.violations(tb, map[string]any{
		"type": "rule", "values": []string{"color-contrast", "link-in-text-block"}, //nolint:misspell // the rule's name
	})...)
	p.Run(tb, p.look.media())
	return found
}

func (p *Page) violations(tb testing.TB, only map[string]any) (found []string) {
	tb.Helper()
	rules, err := json.Marshal(only)
	require.NoError(tb, err)
	p.Await(tb, `(async () => {
		const settings = { runOnly: `+string(rules)+`, preload: false }; // it would read imports as the page's
		const { violations } = await axe.run(document, settings);
		return violations.flatMap((v) => v.nodes.map((n) => v.id + ' ' + n.target + ': ' + n.failureSummary));
	})()`, &found)
	return found
}

// Picture takes a picture of the page and writes it to a file, which is given without its .png.
func (p *Page) Picture(tb testing.TB, file string) {
	tb.Helper()
	var picture []byte
	p.Run(tb, chromedp.CaptureScreenshot(&picture))
	require.NoError(tb, os.MkdirAll(filepath.Dir(file), 0o750))
	require.NoError(tb, os.WriteFile(file+".png", picture, 0o600))
}
