package browsertest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
)

// hands use a page as a person does, and count what they press.
type hands struct {
	*browsertest.Page
	t       *testing.T
	presses int
}

func (h *hands) click(selector string) {
	h.t.Helper()
	h.clickWith(selector)
}

// clickWith clicks while other keys are held.
func (h *hands) clickWith(selector string, held ...input.Modifier) {
	h.t.Helper()
	h.presses++
	h.waits(`document.querySelector(%q)?.checkVisibility()`, selector)
	var at [2]float64
	h.Run(h.t, chromedp.Evaluate(fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		e.scrollIntoView({ block: 'nearest' });
		const { x, y, width, height } = e.getBoundingClientRect();
		return [x + width / 2, y + height / 2];
	})()`, selector), &at))
	h.Run(h.t, chromedp.MouseClickXY(at[0], at[1], chromedp.ButtonModifiers(held...)))
}

func (h *hands) key(key string, modifiers ...input.Modifier) {
	h.t.Helper()
	h.presses++
	h.Run(h.t, chromedp.KeyEvent(key, chromedp.KeyModifiers(modifiers...)))
}

// waits until an expression is so.
func (h *hands) waits(expression string, values ...any) {
	h.t.Helper()
	expression = fmt.Sprintf(expression, values...)
	require.Eventually(h.t, func() bool { // also while the page goes elsewhere
		var so bool
		return chromedp.Run(h.Context, chromedp.Evaluate(`Boolean(`+expression+`)`, &so)) == nil && so
	}, time.Minute, 25*time.Millisecond, "waited for %s", expression)
}

// at opens the Messages page.
func (h *hands) at(address string) {
	h.t.Helper()
	h.Run(h.t, chromedp.Navigate(address))
	h.waits(`document.querySelector('.messenger-row')?.checkVisibility()`)
	h.presses = 0
}

const (
	title    = `document.querySelector('.messenger-title')?.textContent`
	statuses = `[...fake.channels.values()].filter((c) => c.staff_id === 'amira' && c.status === '%s').length`
	focused  = `document.activeElement`
)

// TestPresses counts what people press for what they do all day, with a real mouse and keyboard.
func TestPresses(t *testing.T) {
	t.Parallel()
	page := serve(t) + "/ui/tests/page.html"
	browser := browsertest.Start(t)
	for name, does := range map[string]func(*hands){
		"fourteen unread ones are read in fourteen":            func(h *hands) { readAll(h, page) },
		"fourteen short ones are done in fourteen":             func(h *hands) { doneAll(h, page) },
		"what somebody said is found and shown in two":         func(h *hands) { findWords(h, page) },
		"a reply in two, the words, and Ctrl and Enter":        func(h *hands) { replyInTwo(h, page) },
		"a reply by keyboard, and back to the row":             func(h *hands) { replyByKeyboard(h, page) },
		"from the end of a long thread back to its row":        func(h *hands) { backToTheRow(h, page) },
		"a colleague’s inbox, a tab and a search outlive Back": func(h *hands) { goAndComeBack(h, page) },
		"three are marked as done and opened again in six":     func(h *hands) { markSeveral(h, page) },
		"eight of a list of 24 get a text in twelve":           func(h *hands) { textSomeOfAList(h, page) },
	} {
		t.Run(name, func(t *testing.T) {
			h := &hands{Page: browser.Open(t, browsertest.Look{}), t: t}
			does(h)
			require.Empty(t, h.Complaints())
		})
	}
}

// readAll reads one after the other; each but the last is done by then.
func readAll(h *hands, page string) {
	h.at(page + "?with=triage")
	h.waits(`document.querySelector('[data-look="today_unread"]')`)
	h.click(`[data-look="today_unread"]`)
	for i := range 14 {
		h.waits(title+` === 'Client Number %d'`, i)
		h.waits(statuses+` === %d`, "unread", 13-i)
		h.waits(focused + `.matches('.messenger-title')`)
		h.waits(`!document.querySelector('.messenger-moved')`)
		if i < 13 {
			h.key("e")
		}
	}
	require.Equal(h.t, 14, h.presses)
	h.waits(statuses+` === 13`, "done")
	h.key("e")
	h.waits(statuses+` === 14`, "done")
}

// doneAll marks each from its row.
func doneAll(h *hands, page string) {
	h.at(page + "?with=triage")
	for i := range 14 {
		h.click(`.messenger-row[data-status="unread"] .messenger-quick`)
		h.waits(statuses+` === %d`, "done", i+1)
		h.waits(`document.querySelectorAll('.messenger-row[data-status="unread"]').length === %d`, 13-i)
	}
	require.Equal(h.t, 14, h.presses)
}

func findWords(h *hands, page string) {
	h.at(page + "?with=long")
	h.click(".messenger-search-box")
	h.Run(h.t, input.InsertText("40"))
	h.waits(`document.querySelectorAll('.messenger-row').length === 1 && document.querySelector('mark')`)
	h.click(".messenger-row-link")
	h.waits(`(() => {
		const found = document.querySelector('.messenger-message[data-found]')?.getBoundingClientRect();
		const pane = document.querySelector('.messenger-scroll').getBoundingClientRect();
		return found && found.top >= pane.top && found.top < pane.bottom;
	})()`)
	require.Equal(h.t, 2, h.presses)
	h.click(`[data-do="found-next"]`)
	h.click(`[data-do="found-previous"]`)
	h.waits(`CSS.highlights.get('messenger-found').size > 0`)
}

// replyInTwo opens an unread one and presses the way to answer it.
func replyInTwo(h *hands, page string) {
	h.at(page)
	h.click(`.messenger-row[data-key="ch-1"][data-status="unread"] .messenger-row-link`)
	h.waits(title + ` === 'Grace Okafor'`)
	h.click(`.messenger-side [data-medium="sms"]`)
	h.waits(focused + `.matches('messenger-compose [name="body"]')`)
	require.Equal(h.t, 2, h.presses)
	send := chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(input.ModifierCtrl))
	h.Run(h.t, input.InsertText("I have told them."), send)
	h.waits(`fake.of('ch-1').at(-1).body.includes('I have told them.')`)
	h.waits(`document.querySelector('[data-do="undo"]')?.checkVisibility()`)
}

// replyByKeyboard writes to the first unread one without a mouse.
func replyByKeyboard(h *hands, page string) {
	h.at(page)
	h.Run(h.t, chromedp.Evaluate(`document.querySelector('.messenger-list [data-do="new"]').focus()`, nil))
	h.key("j")
	h.key(kb.Enter)
	h.waits(title + ` === 'Grace Okafor'`)
	h.waits(focused + `.matches('.messenger-title')`)
	h.key("r")
	h.waits(focused + `.matches('messenger-compose input, messenger-compose textarea')`)
	h.Run(h.t, input.InsertText("The stick"), chromedp.KeyEvent(kb.Tab), input.InsertText("I have told them."))
	h.key(kb.Enter, input.ModifierCtrl)
	h.waits(`fake.of('ch-1').at(-1).body.includes('I have told them.')`)
	require.LessOrEqual(h.t, h.presses, 4)
	h.key(kb.Escape)
	h.waits(focused + `.closest('messenger-inbox')`)
}

// backToTheRow goes from everywhere in a thread of 500 back to its row in at most 14 presses of Shift and Tab.
func backToTheRow(h *hands, page string) {
	h.at(page + "?with=long&channel=ch-long")
	h.waits(`document.querySelector('.messenger-message')`)
	for _, from := range []string{
		".messenger-scroll", ".messenger-title", "messenger-compose textarea", "messenger-compose input",
	} {
		var there bool
		h.Run(h.t, chromedp.Evaluate(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e?.focus(); return Boolean(e); })()`, from), &there))
		if !there {
			continue
		}
		h.presses = 0
		for there = false; !there; {
			h.key(kb.Tab, input.ModifierShift)
			require.LessOrEqual(h.t, h.presses, 14, from)
			h.Run(h.t, chromedp.Evaluate(focused+`.matches('.messenger-row[data-current] .messenger-row-link')`, &there))
			var lost bool
			h.Run(h.t, chromedp.Evaluate(focused+` === document.body`, &lost))
			require.False(h.t, lost, "the focus is never on the body")
		}
	}
}

// goAndComeBack leaves the page for another, and comes back.
func goAndComeBack(h *hands, page string) {
	h.at(page + "?inbox=ben")
	h.waits(`document.querySelector('.messenger-row[data-key="ch-9"]')`)
	leave(h, page)
	h.waits(`document.querySelector('.messenger-row[data-key="ch-9"]')`)
	h.at(page)
	h.click(`[data-show="done"]`)
	h.waits(`document.querySelectorAll('.messenger-row').length === 3`)
	leave(h, page)
	h.waits(`document.querySelectorAll('.messenger-row').length === 3`)
	h.click(".messenger-search-box")
	h.Run(h.t, input.InsertText("papers"))
	h.waits(`document.querySelector('.messenger-row[data-key="ch-3"] mark') && history.state?.messengerSearch === 'papers'`)
	leave(h, page)
	h.waits(`document.querySelector('.messenger-row[data-key="ch-3"] mark')`)
	h.waits(`document.querySelector('.messenger-search-box').value === 'papers'`)
	h.click(`.messenger-row-link`)
	h.waits(`document.querySelector('.messenger-message[data-found]')`)
	leave(h, page)
	h.waits(`document.querySelector('.messenger-message[data-found]')`)
	h.Run(h.t, chromedp.Reload())
	h.waits(`document.querySelector('.messenger-message[data-found]')`)
	h.waits(`document.querySelector('.messenger-search-box').value === 'papers'`)
}

func leave(h *hands, page string) {
	h.t.Helper()
	h.Run(h.t, chromedp.Navigate(page+"?view=profile&client=c-1"), chromedp.Evaluate(`history.back()`, nil))
	h.waits(`document.querySelector('.messenger-row')?.checkVisibility()`)
}

func markSeveral(h *hands, page string) {
	h.at(page)
	h.click(`[data-do="select"]`)
	h.click(`.messenger-row[data-key="ch-3"] .messenger-tick`)
	h.clickWith(`.messenger-row[data-key="ch-4"] .messenger-tick`, input.ModifierShift)
	h.waits(`document.querySelector('[data-do="mark-all"]')?.textContent.includes('Mark 3 as done')`)
	h.click(`[data-do="mark-all"]`)
	h.waits(statuses+` === 6`, "done")
	h.waits(focused + `.matches('[data-do="mark-undo"]')`)
	h.key(kb.Enter)
	h.waits(statuses+` === 3`, "done")
	require.LessOrEqual(h.t, h.presses, 6)
}

// textSomeOfAList presses twelve times and types the words; then Ctrl and Enter twice, to look who gets it and to send.
func textSomeOfAList(h *hands, page string) {
	h.at(page + "?with=list")
	h.click(`[data-do="new"]`)
	h.click(`[data-do="choose"]`)
	h.waits(`document.querySelectorAll('[name="member"]').length === 24`)
	for i := range 8 {
		h.click(fmt.Sprintf(`[name="member"][value="c-l%d"]`, 3*i))
	}
	h.waits(`document.querySelectorAll('.messenger-chips [role="listitem"]').length === 8`)
	h.click(`.messenger-many [name="medium"][value="sms"]`)
	h.click(`.messenger-many [name="body"]`)
	send := chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(input.ModifierCtrl))
	h.Run(h.t, chromedp.KeyEvent("Lunch is at noon."), send)
	h.waits(`document.querySelector('messenger-new-message [data-do="send"]')`)
	require.Equal(h.t, 12, h.presses)
	h.Run(h.t, send)
	h.waits(`fake.asked.find((a) => a.path === '/broadcasts')?.body.client_ids.length === 8`)
}
