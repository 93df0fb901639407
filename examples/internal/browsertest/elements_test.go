package browsertest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
)

const ui = "../../../messenger/web/ui"

// serve serves the elements and their tests as a host would: on one origin, under the strictest policy that they
// promise to work under.
func serve(tb testing.TB) string {
	tb.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /vectors/",
		http.StripPrefix("/vectors/", http.FileServer(http.Dir("../../../internal/segments/testdata"))))
	mux.Handle("GET /ui/", http.StripPrefix("/ui/", http.FileServer(http.Dir(ui))))
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		mux.ServeHTTP(w, r)
	}))
	tb.Cleanup(server.Close)
	return server.URL
}

// TestElements runs each *_test.html of the elements in the browser.
func TestElements(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(ui, "tests", "*_test.html"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	address, browser := serve(t), browsertest.Start(t)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), "_test.html")
		t.Run(name, func(t *testing.T) {
			page := browser.Open(t, browsertest.Look{})
			page.Run(t, chromedp.Navigate(address+"/ui/tests/"+filepath.Base(file)))
			var results struct {
				Count    int `json:"count"`
				Failures []struct{ Name, Error string }
			}
			page.Poll(t, "window.messengerTests", &results)
			for _, failure := range results.Failures {
				t.Errorf("%s: %s", failure.Name, failure.Error)
			}
			require.Positive(t, results.Count)
			require.Empty(t, page.Complaints())
			require.Equal(t, []string{strings.TrimPrefix(address, "http://")}, page.Hosts(), "no other host is asked")
			var said spoken
			page.Run(t, chromedp.Evaluate(`window.messengerLog ?? {calls: [], events: []}`, &said))
			requireContract(t, said)
		})
	}
}

// view is something that people see, and how to get there.
type view struct {
	name, address string
	ready         string // a selector
	steps         []string
}

// views are all that the elements show.
func views() []view {
	inbox := func(name, query, ready string, steps ...string) view {
		return view{name, "/ui/tests/page.html" + query, ready, steps}
	}
	press := func(selector string) string {
		return fmt.Sprintf(`(await until(() => document.querySelector(%q))).click()`, selector)
	}
	put := func(selector, text string) string {
		return fmt.Sprintf(`{ const f = await until(() => document.querySelector(%q)); f.value = %q; f.dispatchEvent(new InputEvent('input', {bubbles: true})) }`, selector, text)
	}
	write := press(".messenger-side [data-medium='email'], messenger-compose [data-medium='email']")
	text := press(".messenger-side [data-medium='sms'], messenger-compose [data-medium='sms']")
	return []view{
		inbox("inbox", "", ".messenger-row"),
		inbox("thread", "?channel=ch-1", ".messenger-message"),
		inbox("not-delivered", "?channel=ch-2", ".messenger-message"),
		inbox("held", "?channel=ch-3", ".messenger-message"),
		inbox("not-in-the-record", "?channel=ch-4", ".messenger-message"),
		inbox("restricted", "?channel=ch-6", ".messenger-message", write, press("[data-do='send']")),
		inbox("died", "?channel=ch-7", ".messenger-message"),
		inbox("colleague", "?channel=ch-9", ".messenger-message", press("[data-do='history']")),
		inbox("side", "?channel=ch-1", ".messenger-message", press(".messenger-to-side"), press("[data-do='history']"),
			press("[data-do='renew']")),
		inbox("email", "?channel=ch-1", ".messenger-message", write, put("[name='subject']", "The bus"),
			put("[name='body']", "Hello {{first_name}}, it is booked."), press("[data-do='preview']")),
		inbox("sms", "?channel=ch-1", ".messenger-message", text, put("[name='body']", "It’s booked"),
			press("[data-do='later']")),
		inbox("undo", "?channel=ch-1", ".messenger-message", text, put("[name='body']", "Booked."),
			press("[data-do='send']")),
		inbox("dealt-with", "?channel=ch-2", ".messenger-message", press("[data-do='resolve']"),
			press(".messenger-ask [value='save']")),
		inbox("search", "", ".messenger-row", put(".messenger-search-box", "wednes"),
			`await until(() => document.querySelector('mark'))`),
		inbox("nothing-found", "", ".messenger-row", put(".messenger-search-box", "zzz"),
			`await until(() => document.querySelector('.messenger-empty'))`),
		inbox("attention", "", ".messenger-row", press("[data-show='attention']")),
		inbox("empty", "?with=empty", ".messenger-empty"),
		inbox("error", "?with=error", "[role='alert']"),
		inbox("many", "?with=many", ".messenger-row"),
		inbox("long", "?with=long&channel=ch-long", ".messenger-message"),
		inbox("lost", "?channel=ch-1", ".messenger-message", `fake.down = true; fake.sources[0].fail(true)`,
			`await until(() => document.querySelector('.messenger-lost').textContent)`),
		inbox("new", "", ".messenger-row", press("[data-do='new']"), put("input[id$='-find']", "o"),
			`await until(() => document.querySelector('.messenger-found'))`),
		inbox("new-many", "", ".messenger-row", press("[data-do='new']"), press("[name='list']"),
			put(".messenger-many [name='subject']", "Lunch"), put(".messenger-many [name='body']",
				"Hello {{first_name}}"), press("[data-do='check']"), `await until(() => document.querySelector('.messenger-who'))`),
		inbox("new-later", "", ".messenger-row", press("[data-do='new']"), press("[name='list']"),
			press(".messenger-many [data-do='later']"), press("[data-do='check']"), `await until(() => document.querySelector('.messenger-many .messenger-error'))`),
		inbox("bell", "", ".messenger-row", press(".messenger-bell"),
			`await until(() => document.querySelector('.messenger-bell-item'))`),
		inbox("profile", "?view=profile&client=c-4", ".messenger-ways"),
		inbox("profile-not-configured", "?view=profile&client=c-10", ".messenger-why"),
		inbox("profile-form", "?view=profile&client=c-1", ".messenger-ways", write),
	}
}

// TestViews shows every view in every look, has axe-core look for what keeps people out (WCAG 2.2 AA), and leaves a
// picture in the folder screenshots at the root, which git ignores.
func TestViews(t *testing.T) {
	t.Parallel()
	axe := testpeer.Output(t, "", "axe.mjs")
	address, browser := serve(t), browsertest.Start(t)
	for name, look := range browsertest.Looks() {
		folder := filepath.Join("../../../screenshots", name)
		require.NoError(t, os.MkdirAll(folder, 0o750))
		t.Run(name, func(t *testing.T) {
			page := browser.Open(t, look)
			for _, v := range views() {
				t.Run(v.name, func(t *testing.T) {
					show(t, page, address, v)
					var picture []byte
					page.Run(t, chromedp.CaptureScreenshot(&picture))
					require.NoError(t, os.WriteFile(filepath.Join(folder, v.name+".png"), picture, 0o600))
					require.Empty(t, page.Violations(t, axe))
					require.Empty(t, page.Complaints())
				})
			}
		})
	}
}

func show(t *testing.T, page *browsertest.Page, address string, v view) {
	t.Helper()
	// Elements that hold something unsent would have the browser ask before it leaves them, and the same address again is
	// a reload, which brings a search back.
	page.Run(t, chromedp.Evaluate(`document.querySelector('main')?.replaceChildren(); history.replaceState(null, '')`, nil),
		chromedp.Navigate(address+v.address), chromedp.WaitReady(v.ready, chromedp.ByQuery))
	script := `(async () => {
		const until = async (look) => { const end = performance.now() + 30_000; for (;;) { const found = look(); if (found) return found; if (performance.now() > end) throw new Error('never came: ' + look); await new Promise(requestAnimationFrame); } };
		await until(() => getComputedStyle(document.querySelector('.messenger-count, .messenger-ways, .messenger-row, .messenger-panes')).boxSizing === 'border-box');
		` + strings.Join(v.steps, ";\n") + `
		for (let i = 0; i < 10; i++) await new Promise(requestAnimationFrame);
		await Promise.all(document.getAnimations().map((a) => a.finished));
	})()`
	page.Await(t, script, nil)
}

// TestForcedColours shows the Messages page in the system's own colours and leaves pictures: what colour alone would
// have told has to be told by a border or a shape that such a system keeps.
func TestForcedColours(t *testing.T) {
	t.Parallel()
	address, browser := serve(t), browsertest.Start(t)
	folder := filepath.Join("../../../screenshots", "forced-1280")
	require.NoError(t, os.MkdirAll(folder, 0o750))
	page := browser.Open(t, browsertest.Look{Forced: true})
	for _, v := range views() {
		if !strings.HasPrefix(v.address, "/ui/tests/page.html") || strings.Contains(v.address, "with=") {
			continue
		}
		show(t, page, address, v)
		var picture []byte
		page.Run(t, chromedp.CaptureScreenshot(&picture))
		require.NoError(t, os.WriteFile(filepath.Join(folder, v.name+".png"), picture, 0o600))
	}
	show(t, page, address, view{
		address: "/ui/tests/page.html?channel=ch-1", ready: ".messenger-message",
		steps: []string{`await until(() => document.querySelector('.messenger-row[data-current]'))`},
	})
	for what, same := range map[string]string{
		"the row that is open":   `edge('.messenger-row[data-current] > .messenger-row-link', 'borderInlineStartColor') === edge('.messenger-row:not([data-current]) > .messenger-row-link', 'borderInlineStartColor')`,
		"what the list shows":    `edge('.messenger-show[aria-pressed="true"]', 'borderBlockEndColor') === edge('.messenger-show[aria-pressed="false"]', 'borderBlockEndColor')`,
		"the other rows' edge":   `edge('.messenger-row:not([data-current]) > .messenger-row-link', 'borderInlineStartColor') !== edge('body', 'backgroundColor')`,
		"a bubble's edge":        `edge('.messenger-bubble', 'borderBlockStartStyle') === 'none'`,
		"a status label's edge":  `edge('.messenger-tag', 'borderBlockStartStyle') === 'none'`,
		"the switch's own shape": `edge('.messenger-switch-track > span', 'backgroundColor') === edge('.messenger-switch-track', 'backgroundColor')`,
	} {
		var lost bool
		page.Run(t,
			chromedp.Evaluate(`{ const edge = (s, p) => getComputedStyle(document.querySelector(s))[p]; `+same+` }`, &lost))
		require.False(t, lost, what)
	}
}

// TestTypes has the TypeScript compiler check the JSDoc types of the elements.
func TestTypes(t *testing.T) {
	t.Parallel()
	folder, err := filepath.Abs(ui)
	require.NoError(t, err)
	require.Empty(t, testpeer.Output(t, "", "types.mjs", filepath.Join(folder, "tsconfig.json")))
}
