package browsertest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

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

// Violations has axe-core look for what keeps people out (WCAG 2.2 AA and its own best practices) and returns what it
// found, one line each. The script is axe-core's, as testpeers has it.
func (p *Page) Violations(tb testing.TB, axe string) []string {
	tb.Helper()
	p.Run(tb, chromedp.Evaluate(axe+";null", nil))
	var found string
	p.Await(tb, `(async () => {
		const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
		const settings = { runOnly: { type: 'tag', values: tags }, preload: false }; // it would read imports as the page's
		const { violations } = await axe.run(document, settings);
		return JSON.stringify(violations.flatMap((v) => v.nodes.map((n) => v.id + ' ' + n.target + ': ' + n.failureSummary)));
	})()`, &found)
	var lines []string
	require.NoError(tb, json.Unmarshal([]byte(found), &lines))
	return lines
}

// Looks are the sizes and schemes in which every view is checked and pictured.
func Looks() map[string]Look {
	return map[string]Look{
		"light-1280": {},
		"dark-1280":  {Width: 1280, Height: 800, Dark: true},
		"light-360":  {Width: 360, Height: 740, Touch: true},
		"dark-360":   {Width: 360, Height: 740, Dark: true, Touch: true},
		"light-320":  {Width: 320, Height: 512}, // a desk at 400 %
		"dark-320":   {Width: 320, Height: 512, Dark: true},
	}
}
