package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
)

// stage is a host and a browser that the flows share; each flow writes to clients of its own.
type stage struct {
	host    string
	browser *browsertest.Browser
}

// screen is what one person sees, in a browser context of their own. It is used as they would: with mouse and keyboard.
type screen struct {
	*browsertest.Page
	t    *testing.T
	host string
}

// open opens a screen. At the flow's end its console must have said nothing, and no other host may have been asked.
func (s stage) open(t *testing.T) screen {
	t.Helper()
	page := s.openTroubled(t, browsertest.Look{})
	t.Cleanup(func() { require.Empty(t, page.Complaints()) })
	return page
}

// openTroubled is open for flows in which requests are made to fail, which the browser says on the console.
func (s stage) openTroubled(t *testing.T, look browsertest.Look) screen {
	t.Helper()
	page := screen{s.browser.Open(t, look), t, s.host}
	t.Cleanup(func() {
		for _, host := range page.Hosts() {
			require.Equal(t, strings.TrimPrefix(s.host, "http://"), host, "another host was asked")
		}
	})
	return page
}

// another opens a second tab of the same browser.
func (s screen) another() screen {
	s.t.Helper()
	return screen{s.Another(s.t), s.t, s.host}
}

// staff opens a screen and signs in on it.
func (s stage) staff(t *testing.T, id string) screen {
	t.Helper()
	page := s.open(t)
	page.signIn(id)
	return page
}

// client opens a screen on which no script runs.
func (s stage) client(t *testing.T) screen {
	t.Helper()
	page := s.open(t)
	without(t, page)
	return page
}

// without turns the page's own scripts off.
func without(t *testing.T, page screen) {
	t.Helper()
	page.Run(t, emulation.SetScriptExecutionDisabled(true))
}

func (s screen) signIn(id string) {
	s.t.Helper()
	s.visit("/sign-in")
	s.press(fmt.Sprintf(`button[value=%q]`, id))
	s.sees(".messenger-row", "")
}

// visit opens a path of the host, or a whole address.
func (s screen) visit(address string) {
	s.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = s.host + address
	}
	s.Run(s.t, chromedp.Navigate(address))
}

// until evaluates an expression again and again, across navigations, until it gives something truthy.
func (s screen) until(expression string, into any) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		var truthy bool
		if chromedp.Run(s.Context, chromedp.Evaluate(`Boolean(`+expression+`)`, &truthy)) != nil || !truthy {
			return false
		}
		return into == nil || chromedp.Run(s.Context, chromedp.Evaluate(expression, into)) == nil
	}, 2*patience, 25*time.Millisecond, "waited for %s", expression)
}

// look is an expression for the first element that a selector finds and that can be seen.
func look(selector string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)].find((e) => e.checkVisibility({visibilityProperty: true}))`,
		selector)
}

// sees waits until something that a selector finds is visible and holds all the words.
func (s screen) sees(selector string, words ...string) {
	s.t.Helper()
	s.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.checkVisibility() && %s.every((w) => (e.innerText + ' ' + (e.value ?? '')).replaceAll(/\s+/g, ' ').includes(w)))`, selector, list(words)), nil)
}

// seesNo waits until nothing that a selector finds is visible and holds all the words.
func (s screen) seesNo(selector string, words ...string) {
	s.t.Helper()
	s.until(fmt.Sprintf(`![...document.querySelectorAll(%q)].some((e) => e.checkVisibility() && %s.every((w) => e.innerText.includes(w)))`, selector, list(words)), nil)
}

func list(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = fmt.Sprintf("%q", word)
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// at scrolls to an element, given by an expression, and returns its middle, once a press there would reach it.
func (s screen) at(element string) (x, y float64) {
	s.t.Helper()
	var middle [2]float64
	s.until(fmt.Sprintf(`(() => {
		const e = %s;
		if (!e || e.disabled) return null;
		e.scrollIntoView({block: 'nearest'});
		const box = e.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
		const hit = document.elementFromPoint(x, y);
		return hit && (e.contains(hit) || hit.closest('label')?.control === e) ? [x, y] : null;
	})()`, element), &middle)
	return middle[0], middle[1]
}

// press clicks with the mouse.
func (s screen) press(selector string) {
	s.t.Helper()
	x, y := s.at(look(selector))
	s.Run(s.t, chromedp.MouseClickXY(x, y))
}

// pressTwice is a double click.
func (s screen) pressTwice(selector string) {
	s.t.Helper()
	x, y := s.at(look(selector))
	s.Run(s.t, chromedp.MouseClickXY(x, y), chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
}

// write clicks into a field and types.
func (s screen) write(selector, text string) {
	s.t.Helper()
	s.press(selector)
	s.Run(s.t, input.InsertText(text))
}

// key presses keys on the keyboard, wherever the focus is. As with a real one, a key types nothing where the page
// prevents its press: chromedp.KeyEvent types it all the same.
func (s screen) key(keys string, modifiers ...input.Modifier) {
	s.t.Helper()
	for _, key := range keys {
		for _, event := range kb.Encode(key) {
			if event.Type == input.KeyDown {
				event.Type = input.KeyRawDown
			}
			for _, modifier := range modifiers {
				event.Modifiers |= modifier
			}
			s.Run(s.t, event)
		}
	}
}

// tabTo presses Tab until the focus is on what a selector finds, as somebody without a mouse does.
func (s screen) tabTo(selector string) {
	s.t.Helper()
	for range 150 {
		var there bool
		s.Run(s.t, chromedp.KeyEvent(kb.Tab),
			chromedp.Evaluate(fmt.Sprintf(`Boolean(document.activeElement?.matches(%q))`, selector), &there))
		if there {
			return
		}
	}
	require.FailNow(s.t, "the keyboard does not reach it", selector)
}

// focused waits until the focus is on what a selector finds.
func (s screen) focused(selector string) {
	s.t.Helper()
	s.until(fmt.Sprintf(`document.activeElement?.matches(%q)`, selector), nil)
}

// choose picks an option of a select, by value.
func (s screen) choose(selector, value string) {
	s.t.Helper()
	s.until(fmt.Sprintf(`document.querySelector('%s option[value="%s"]')`, selector, value), nil)
	s.Run(s.t,
		chromedp.Evaluate(fmt.Sprintf(`{ const s = document.querySelector(%q); s.value = %q; s.dispatchEvent(new Event('change', {bubbles: true})); }`, selector, value), nil))
}

// value is what an expression gives now.
func (s screen) value(expression string, into any) {
	s.t.Helper()
	s.Run(s.t, chromedp.Evaluate(expression, into))
}

// api is the staff API as this person's programs would call it: the flows look at what happened with it, and never act.
func (s stage) api(t *testing.T, staff string) browser {
	t.Helper()
	return signedIn(t, s.host, staff)
}

// sentTo returns the messages of the channel of a client.
func (b browser) sentTo(client string) []apiMessage {
	b.t.Helper()
	var page struct {
		ChannelID string `json:"channel_id"`
	}
	b.api(http.StatusOK, http.MethodGet, "/clients/"+client, nil, &page)
	if page.ChannelID == "" {
		return nil
	}
	var messages apiPage[apiMessage]
	b.api(http.StatusOK, http.MethodGet, "/channels/"+page.ChannelID+"/messages", nil, &messages)
	return messages.Items
}

// channelOf returns the channel of a client.
func (b browser) channelOf(client string) (opened apiChannel) {
	b.t.Helper()
	var page struct {
		ChannelID string `json:"channel_id"`
	}
	b.api(http.StatusOK, http.MethodGet, "/clients/"+client, nil, &page)
	b.api(http.StatusOK, http.MethodGet, "/channels/"+page.ChannelID, nil, &opened)
	return opened
}
