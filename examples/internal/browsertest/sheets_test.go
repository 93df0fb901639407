package browsertest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
)

// sheets serves the elements, and stylesheets of hosts: as they are, and in a layer that comes before ours.
func sheets(t *testing.T, texts map[string]string) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /ui/", http.StripPrefix("/ui/", http.FileServer(http.Dir(ui))))
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /sheets/{name}/{place}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		if name := r.PathValue("name"); r.PathValue("place") == "layer" {
			_, _ = fmt.Fprintf(w, "@layer host, messenger;\n@import '/sheets/%s/first' layer(host);\n", name)
		} else {
			_, _ = w.Write([]byte(texts[name]))
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// measure are functions in the page: what a view looks like, how it differs from what it was, and what can't be read.
const measure = `
	const controls = 'button, a, input, select, textarea, label, mark, svg';
	const styles = ['display', 'color', 'backgroundColor', 'fontSize', 'fontWeight', 'fontStyle', 'fontFamily',
		'textTransform', 'textDecorationLine', 'letterSpacing', 'paddingTop', 'paddingLeft', 'marginTop', 'marginLeft',
		'borderTopWidth', 'borderLeftWidth', 'borderTopColor', 'listStyleType', 'position', 'overflowY', 'opacity'];
	// What stands in a line with controls, or holds nothing else, goes by their size.
	const bound = (e) => [...e.children].length && [...e.children].every((c) => c.matches(controls)) ||
		[...e.parentElement.children].some((c) => c.matches(controls));
	document.hasFocus = () => false; // nothing is read while it is looked at
	globalThis.inbox = document.querySelector('messenger-inbox');
	document.documentElement.style.fontSize = '16px';
	inbox.style.setProperty('--messenger-font', 'Arial');
	inbox.style.setProperty('--messenger-height', '780px');
	Object.assign(inbox.style, { position: 'absolute', inset: '0 auto auto 0', width: '1280px' });
	globalThis.look = (whole) => [...inbox.querySelectorAll('*')].filter((e) => e.checkVisibility()).map((e) => {
		const { left, width, height } = e.getBoundingClientRect();
		const row = e.matches('.messenger-row-link');
		const own = whole && !e.closest('svg') || row || e.matches('.messenger-row') || !e.closest(controls) && !bound(e);
		const style = own && !row ? styles.map((s) => getComputedStyle(e)[s]) : [];
		const tall = own && (e.matches('.messenger-row, .messenger-row-link') || !e.querySelector(controls)) ? [height] : [];
		return { name: e.localName + '.' + e.className, style, size: own ? [left, width, ...tall] : [] };
	});
	globalThis.differences = (bare, now) => bare.length !== now.length ? ['other elements'] : bare.flatMap((b, i) => [
		...b.style.flatMap((v, s) => v === now[i].style[s] ? [] : [b.name + ' ' + styles[s] + ' ' + v + ': ' + now[i].style[s]]),
		...b.size.flatMap((v, s) => Math.abs(v - now[i].size[s]) <= 2 ? [] :
			[b.name + ' ' + ['left', 'width', 'height'][s] + ' ' + v + ': ' + now[i].size[s]]),
	]);
	const parts = (colour) => {
		const canvas = new OffscreenCanvas(1, 1).getContext('2d');
		canvas.fillStyle = colour;
		canvas.fillRect(0, 0, 1, 1);
		return [...canvas.getImageData(0, 0, 1, 1).data];
	};
	const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = (e) => {
		for (; e; e = e.parentElement) {
			const colour = parts(getComputedStyle(e).backgroundColor);
			if (colour[3] > 128) return colour;
		}
		return [255, 255, 255, 255];
	};
	globalThis.unreadable = () => {
		const walker = document.createTreeWalker(inbox, NodeFilter.SHOW_TEXT);
		const found = [];
		for (let node = walker.nextNode(); node; node = walker.nextNode()) {
			const e = node.parentElement;
			if (!node.nodeValue.trim() || !e.checkVisibility() || e.closest('.messenger-sr, option, :disabled')) continue;
			const [a, b] = [light(parts(getComputedStyle(e).getPropertyValue('color'))), light(ground(e))];
			const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
			if (contrast >= 4.5) continue;
			const words = node.nodeValue.trim().slice(0, 30);
			found.push(e.closest('[class]').className + ' ‘' + words + '’ ' + contrast.toFixed(1));
		}
		return found;
	};
	globalThis.shown = async (href, first) => {
		const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
		const loaded = new Promise((resolve, reject) => { link.onload = resolve; link.onerror = reject; });
		document.head[first ? 'prepend' : 'append'](link);
		await loaded;
		await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
		await Promise.all(document.getAnimations().map((a) => a.finished));
		return link;
	};
	null`

// The elements look the same in a host whose stylesheet has a rule for every element of HTML, and in hosts with a
// framework's: whether it comes before ours, after, or in an earlier layer. What a host says of buttons, links and
// fields is taken, but not from an earlier layer, and all can be read.
func TestHostsStylesheets(t *testing.T) {
	t.Parallel()
	classic, err := os.ReadFile(filepath.Join(ui, "tests", "classic.css"))
	require.NoError(t, err)
	address := sheets(t, map[string]string{
		"classic":   string(classic),
		"pico":      testpeer.Output(t, "", "sheet.mjs", "pico"),
		"bootstrap": testpeer.Output(t, "", "sheet.mjs", "bootstrap"),
	})
	page := browsertest.StartShell(t).Open(t, browsertest.Look{})
	folder := filepath.Join("../../../screenshots", "sheets")
	require.NoError(t, os.MkdirAll(folder, 0o750))
	for _, state := range []string{"colleague", "not-delivered", "email", "attention", "new-many"} {
		show(t, page, address, state)
		// What opens over the page comes last, but for what comes once it is opened.
		page.Poll(t, `[...document.querySelectorAll('messenger-inbox > *')].every((e) => !e.localName.includes('-') ||
			e.matches('messenger-template-desk, messenger-broadcasts, messenger-texts') || e.childElementCount > 0)`, nil)
		page.Run(t, chromedp.Evaluate(measure, nil))
		var small []string
		page.Await(t, `(async () => {
			const [bare, root] = [look(true), document.documentElement.style];
			root.fontSize = '62.5%';
			await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
			const found = differences(bare, look(true));
			root.fontSize = '16px';
			return found;
		})()`, &small)
		require.Empty(t, small, "%s where 1rem is 10 pixels", state)
		for _, name := range []string{"classic", "pico", "bootstrap"} {
			for _, place := range []string{"first", "last", "layer"} {
				var found []string
				page.Await(t, fmt.Sprintf(`(async () => {
					const bare = look(%t);
					globalThis.link = await shown('/sheets/%s/%s', %t);
					return [...differences(bare, look(%[1]t)), ...unreadable()];
				})()`, place == "layer", name, place, place != "last"), &found)
				if place == "last" {
					var picture []byte
					page.Run(t, chromedp.CaptureScreenshot(&picture))
					require.NoError(t, os.WriteFile(filepath.Join(folder, name+"-"+state+".png"), picture, 0o600))
				}
				page.Run(t, chromedp.Evaluate(`link.remove()`, nil))
				require.Empty(t, found, "%s %s %s", state, name, place)
			}
		}
	}
	require.Empty(t, page.Complaints())
}
