package browsertest_test

import (
	"net/http"
	"net/http/httptest"
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
		w.Header().Set("Cache-Control", "max-age=3600") // hundreds of pages of a test ask for the same modules
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

// states are the names of all that the elements show: states.js has them.
func states(t *testing.T, page *browsertest.Page, address string) (names []string) {
	t.Helper()
	page.Run(t, chromedp.Navigate(address+"/ui/tests/gallery.html"))
	page.Await(t, `import('./states.js').then(({ states }) => Object.keys(states))`, &names)
	require.Greater(t, len(names), 30)
	return names
}

// screenshots is a folder at the root, which git ignores.
const screenshots = "../../../screenshots"

// TestViews shows every element in every state, size and scheme, and has axe-core look for what keeps people out.
func TestViews(t *testing.T) {
	t.Parallel()
	axe := testpeer.Output(t, "", "axe.mjs")
	address, browser := serve(t), browsertest.StartShell(t)
	for name, look := range browsertest.Looks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := browser.Open(t, look)
			for _, state := range states(t, page, address) {
				t.Run(state, func(t *testing.T) {
					show(t, page, address, state)
					var mixed []string
					page.Await(t, `import('./directions.js').then(({ mixed }) => mixed(fake))`, &mixed)
					require.Empty(t, mixed, "people's words among ours with no direction of their own")
					var reds []string
					page.Await(t, `import('./reds.js').then(({ reds }) => reds())`, &reds)
					require.Empty(t, reds, "one red, and only for what has failed or needs somebody")
					require.Empty(t, page.Check(t, axe, screenshots, state))
					require.Empty(t, page.Complaints())
				})
			}
		})
	}
}

func show(t *testing.T, page *browsertest.Page, address, state string) {
	t.Helper()
	// Elements that hold something unsent would have the browser ask before it leaves them, and the same address again is
	// a reload, which brings a search back.
	page.Run(t, chromedp.Evaluate(`document.querySelector('main')?.replaceChildren(); history.replaceState(null, '')`, nil),
		chromedp.Navigate(address+"/ui/tests/page.html?state="+state))
	page.Poll(t, "window.messengerShown", nil)
}

// TestLongWords shows every state with names, addresses and texts that have no space to break at: nothing is wider
// than its place, and all that can be pressed is in sight. No rule of the sheets changes between 320 and 360.
func TestLongWords(t *testing.T) {
	t.Parallel()
	address, browser := serve(t), browsertest.StartShell(t)
	looks := browsertest.Looks()
	for _, width := range []string{"1280", "320"} {
		t.Run(width, func(t *testing.T) {
			page := browser.Open(t, looks[width])
			for _, state := range states(t, page, address) {
				show(t, page, address, state+"&with=stretched")
				var found []string
				page.Await(t, `import('./stretched.js').then(({ sideways }) => sideways())`, &found)
				if len(found) > 0 {
					t.Errorf("%s: %q", state, found)
				}
			}
		})
	}
}

// TestReach shows every state at 400 % on a screen of 1280 by 1024: whatever can be pressed is in sight and under
// nothing once it is scrolled to.
func TestReach(t *testing.T) {
	t.Parallel()
	address, browser := serve(t), browsertest.StartShell(t)
	page := browser.Open(t, browsertest.Look{Width: 320, Height: 256})
	for _, state := range states(t, page, address) {
		show(t, page, address, state)
		var found []string
		page.Await(t, `import('./reach.js').then(({ outOfReach }) => outOfReach())`, &found)
		if len(found) > 0 {
			t.Errorf("%s: %q", state, found)
		}
	}
}

// TestWelsh shows every state in Welsh, and finds no word on the page that is neither Welsh nor people's own. Dates are
// British, since the browser has no Welsh ones.
func TestWelsh(t *testing.T) {
	t.Parallel()
	address, browser := serve(t), browsertest.StartShell(t)
	page := browser.Open(t, browsertest.Look{})
	names := states(t, page, address)
	left := func(state string) (words []string) {
		show(t, page, address, state)
		page.Await(t, `import('./speaks.js').then(({ notWelsh }) => notWelsh(fake))`, &words)
		return words
	}
	require.NotEmpty(t, left("inbox"), "in English")
	for _, state := range names {
		if words := left(state + "&lang=cy"); len(words) > 0 {
			t.Errorf("%s: %q", state, words)
		}
	}
}

// TestGallery shows the gallery: a frame for each state, each as it is by itself, and all of it can be used by
// everybody.
func TestGallery(t *testing.T) {
	t.Parallel()
	axe := testpeer.Output(t, "", "axe.mjs")
	address, browser := serve(t), browsertest.StartShell(t)
	for name, look := range browsertest.Looks() {
		t.Run(name, func(t *testing.T) {
			page := browser.Open(t, look)
			names := states(t, page, address)
			var shown []string
			page.Await(t, `Promise.resolve([...document.querySelectorAll('figure')].map((f) => f.id))`, &shown)
			require.Equal(t, names, shown)
			frame := `document.querySelector('iframe').contentWindow`
			page.Poll(t, frame+`.messengerShown && !!`+frame+`.document.querySelector('.messenger-row')`, nil)
			page.Run(t, chromedp.Evaluate(`{ const width = document.querySelector('[name="width"]'); width.value = '360';
				width.dispatchEvent(new Event('change', { bubbles: true })) }`, nil))
			page.Poll(t, frame+`.messengerShown && `+frame+`.innerWidth === 360`, nil)
			page.Picture(t, filepath.Join(screenshots, "light-"+name, "gallery"))
			page.Run(t, chromedp.Evaluate(`document.querySelectorAll('iframe').forEach((f) => f.remove())`, nil)) // TestViews looks at each
			require.Empty(t, page.Check(t, axe, screenshots, "gallery-alone"))
			require.Empty(t, page.Complaints())
		})
	}
}

// TestForcedColours shows the Messages page in the system's own colours and leaves a picture: what colour alone would
// have told has to be told by a border or a shape that such a system keeps.
func TestForcedColours(t *testing.T) {
	t.Parallel()
	address, browser := serve(t), browsertest.StartShell(t)
	page := browser.Open(t, browsertest.Look{Forced: true})
	show(t, page, address, "thread")
	page.Poll(t, `document.querySelector('.messenger-row[data-current]')`, nil)
	page.Picture(t, filepath.Join(screenshots, "forced-1280", "thread"))
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
