package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
)

// writing opens the profile of a client and types an SMS.
func (s screen) writing(client, text string) {
	s.t.Helper()
	s.visit("/clients/" + client)
	s.press(`messenger-compose [data-medium="sms"]`)
	s.write(`[name="body"]`, text)
}

func typedOutlivesReload(t *testing.T, s stage) {
	t.Helper()
	amira := s.staff(t, "amira")
	const client, text = "c-1033", "Half a sentence that I have"
	amira.writing(client, text)
	amira.sees(".messenger-draft", "Draft saved")
	amira.Run(t, chromedp.Reload())
	amira.sees(`[name="body"]`, text)
	amira.write(`[name="body"]`, " not fin")
	amira.visit("/clients") // at once: what was typed last is still on its way
	amira.visit("/clients/" + client)
	amira.until(`document.querySelector('[name="body"]')?.value.includes('not fin')`, nil)
	require.Empty(t, s.api(t, "amira").sentTo(client))
	s.staff(t, "ben").seesNo(".messenger-row", text)
}

func typedOutlivesError(t *testing.T, s stage) {
	t.Helper()
	amira, api := s.openTroubled(t, browsertest.Look{}), s.api(t, "amira")
	amira.signIn("amira")
	const client, text = "c-1034", "This has to arrive once."
	amira.writing(client, text)
	amira.sees(".messenger-draft", "Draft saved")
	refused := amira.refuse("*/messages", http.StatusServiceUnavailable, `{"status":503,"code":"unavailable"}`)
	amira.press(`[data-do="send"]`)
	amira.sees(`[role="alert"]`, "Messages are not available at the moment. Try again in a minute.")
	amira.sees(`[name="body"]`, text)
	require.EqualValues(t, 1, refused())
	refused = amira.refuse("*/messages", 0, "")
	amira.press(`[data-do="send"]`)
	amira.sees(`[role="alert"]`, "We could not reach the server. Your message is still here.")
	amira.sees(`[name="body"]`, text)
	require.EqualValues(t, 1, refused())
	require.Empty(t, api.sentTo(client))
	amira.press(`[data-do="send"]`)
	amira.sees(".messenger-undo", "Undo")
	require.Len(t, api.sentTo(client), 1)
}

// refuse answers POST requests to addresses of a pattern in the server's stead; status 0 is a lost connection. What it
// returns ends that and tells how many there were.
func (s screen) refuse(pattern string, status int64, problem string) func() int32 {
	s.t.Helper()
	var refused atomic.Int32
	listening, stop := context.WithCancel(s.Context)
	answer := func(paused *fetch.EventRequestPaused) chromedp.ActionFunc {
		return func(ctx context.Context) error {
			if paused.Request.Method != http.MethodPost {
				return fetch.ContinueRequest(paused.RequestID).Do(ctx)
			}
			refused.Add(1)
			if status == 0 {
				return fetch.FailRequest(paused.RequestID, network.ErrorReasonInternetDisconnected).Do(ctx)
			}
			return fetch.FulfillRequest(paused.RequestID, status).WithBody(base64.StdEncoding.EncodeToString([]byte(problem))).
				WithResponseHeaders([]*fetch.HeaderEntry{{Name: "Content-Type", Value: "application/problem+json"}}).Do(ctx)
		}
	}
	chromedp.ListenTarget(listening, func(event any) {
		if paused, ok := event.(*fetch.EventRequestPaused); ok {
			go func() { _ = chromedp.Run(s.Context, answer(paused)) }() // a listener must not wait
		}
	})
	s.Run(s.t, fetch.Enable().WithPatterns([]*fetch.RequestPattern{{URLPattern: pattern}}))
	return func() int32 {
		s.Run(s.t, fetch.Disable())
		stop()
		return refused.Load()
	}
}

// signOutElsewhere ends the session in another tab, which is returned and shows who may sign in.
func (s screen) signOutElsewhere() screen {
	s.t.Helper()
	other := s.another()
	other.visit("/clients")
	other.press(`form[action="/sign-out"] button`)
	other.sees(`button[value="amira"]`)
	return other
}

func typedOutlivesSession(t *testing.T, s stage) {
	t.Helper()
	amira, api := s.openTroubled(t, browsertest.Look{}), s.api(t, "amira")
	amira.signIn("amira")
	const client, text = "c-1035", "Written before the session ended"
	amira.writing(client, text)
	second := amira.signOutElsewhere()
	amira.press(`[data-do="send"]`)
	amira.sees("#signed-out", "You have been signed out.")
	amira.sees(`[role="alert"]`, "Sign in again in another tab")
	amira.sees(`[name="body"]`, text)
	require.Empty(t, api.sentTo(client))
	second.signIn("amira")
	amira.press(`[data-do="send"]`)
	amira.sees(".messenger-undo", "Undo")
	sent := api.sentTo(client)
	require.Len(t, sent, 1)
	require.Equal(t, text, sent[0].Body)
}

// signInAgain in a window of its own: the page is never left, what was typed meanwhile is there, and goes out.
func signInAgain(t *testing.T, s stage) {
	t.Helper()
	amira, api := s.openTroubled(t, browsertest.Look{}), s.api(t, "amira")
	amira.signIn("amira")
	const client, begun, more = "c-1044", "Written before the session ended", " and after it."
	amira.writing(client, begun)
	amira.sees(".messenger-draft", "Draft saved")
	amira.value(`window.neverLeft = true`, nil)
	amira.signOutElsewhere()
	amira.write(`[name="body"]`, more)
	amira.sees("#signed-out", "You have been signed out.")
	amira.sees(".messenger-draft", "Draft not saved")

	amira.value(`{ const { open } = window; window.open = (...how) => (window.own = open(...how)) }`, nil)
	own := screen{amira.Opens(t, func() { amira.press("#signed-out button") }), t, s.host}
	own.press(`button[value="amira"]`)
	amira.until(`window.own.closed`, nil)
	amira.seesNo("#signed-out")
	amira.seesNo(`[role="alert"]`)
	amira.sees(".messenger-draft", "Draft saved")
	amira.until(`window.neverLeft && location.pathname === '/clients/`+client+`'`, nil)
	amira.sees(`[name="body"]`, begun+more)
	amira.press(`[data-do="send"]`)
	amira.sees(".messenger-undo", "Undo")
	sent := api.sentTo(client)
	require.Len(t, sent, 1)
	require.Equal(t, begun+more, sent[0].Body)
}

// signInAsAnother in that window gives them a page of their own: what was typed is its author's.
func signInAsAnother(t *testing.T, s stage) {
	t.Helper()
	amira := s.openTroubled(t, browsertest.Look{})
	amira.signIn("amira")
	amira.writing("c-1044", "Only for who wrote it")
	amira.sees(".messenger-draft", "Draft saved")
	amira.signOutElsewhere()
	amira.press(`[data-do="send"]`)
	amira.sees("#signed-out", "You have been signed out.")
	own := screen{amira.Opens(t, func() { amira.press("#signed-out button") }), t, s.host}
	own.press(`button[value="ben"]`)
	amira.until(`document.body.dataset.staff === 'ben' && document.querySelector('[name="body"]')?.value === ''`, nil)
	amira.seesNo("#signed-out")
}

func doubleClickSendsOnce(t *testing.T, s stage) {
	t.Helper()
	amira, api := s.staff(t, "amira"), s.api(t, "amira")
	const client = "c-1036"
	amira.writing(client, "Once, please.")
	amira.pressTwice(`[data-do="send"]`)
	amira.sees("messenger-compose", "Sending in")
	require.Len(t, api.sentTo(client), 1)
	amira.visit("/messages?channel=" + api.channelOf(client).ID)
	amira.sees(".messenger-message", "Once, please.", "Cancel this message")
	require.Len(t, api.sentTo(client), 1)
}

func undoInTime(t *testing.T, s stage) {
	t.Helper()
	amira, api := s.staff(t, "amira"), s.api(t, "amira")
	const client, text = "c-1037", "I did not mean this."
	amira.writing(client, text)
	amira.press(`[data-do="send"]`)
	amira.press(`[data-do="undo"]`)
	amira.sees(`[name="body"]`, text)
	sent := api.sentTo(client)
	require.Len(t, sent, 1)
	require.Equal(t, "cancelled", sent[0].Delivery.Status)
	require.Empty(t, delivered(api, text))
	amira.sees(".messenger-draft", "Draft saved")
}

// monthsAhead is nine in the morning, a day some months ahead, as the field for a time has it.
func monthsAhead() string { return time.Now().AddDate(0, 5, 0).Format(time.DateOnly) + "T09:00" }

// putTime fills in the time to send at.
func (s screen) putTime(local string) {
	s.t.Helper()
	s.sees(`[name="when"]`)
	s.value(`{
		const f = document.querySelector('[name="when"]');
		f.value = '`+local+`';
		f.dispatchEvent(new Event('input', {bubbles: true}));
		f.dispatchEvent(new Event('change', {bubbles: true}));
	}`, nil)
}

func laterAndDone(t *testing.T, s stage) {
	t.Helper()
	amira, api := s.staff(t, "amira"), s.api(t, "amira")
	amira.writing("c-1041", "On Monday morning.")
	amira.press(`[data-do="later"]`)
	amira.press(`[data-do="send"]`)
	amira.sees(".messenger-error", "Enter a date and time in the future")
	amira.putTime(monthsAhead())
	amira.press(`[data-do="send"]`)
	amira.sees("messenger-compose", "Will be sent", "9:00")
	require.Equal(t, "scheduled", api.sentTo("c-1041")[0].Delivery.Status)

	amira.writing("c-1042", "All is settled, then.")
	amira.press(`[data-do="send-done"]`)
	amira.sees(".messenger-undo", "Undo")
	require.Equal(t, "done", api.channelOf("c-1042").Status)
}

func listLater(t *testing.T, s stage) {
	t.Helper()
	amira := s.staff(t, "amira")
	const text = "The walk on the second of March starts at ten."
	amira.press(`[data-do="new"]`)
	amira.press(`[name="list"][value="walkers"]`)
	amira.press(`.messenger-many [name="medium"][value="sms"]`)
	amira.write(`.messenger-many [name="body"]`, text)
	amira.press(`.messenger-many [data-do="later"]`)
	amira.press(`[data-do="check"]`)
	amira.sees(".messenger-error", "Enter a date and time in the future")
	amira.putTime(monthsAhead())
	amira.press(`[data-do="check"]`)
	amira.sees(`messenger-new-message [data-do="send"]`, "Schedule for")
	amira.press(`messenger-new-message [data-do="send"]`)
	amira.sees(".messenger-who", "Will be sent", "9:00", "waiting")
	amira.press(`messenger-new-message [data-do="close"]`)
	amira.press(`[data-do="several"]`)
	amira.sees(".messenger-broadcast", text, "Will be sent", "9:00")
	amira.press(`.messenger-broadcast [data-do="stop"]`)
	amira.sees(".messenger-broadcast", text, "Cancelled")
	require.Empty(t, delivered(s.api(t, "amira"), text))
}

// received counts what comes over the network, as it travels, headers included.
func (s screen) received() *atomic.Int64 {
	var bytes atomic.Int64
	chromedp.ListenTarget(s.Context, func(event any) {
		if done, ok := event.(*network.EventLoadingFinished); ok {
			bytes.Add(int64(done.EncodedDataLength))
		}
	})
	return &bytes
}

// linkFor makes a client's channel and returns its reply link.
func (s stage) linkFor(t *testing.T, client string) string {
	t.Helper()
	api := s.api(t, "amira")
	api.api(http.StatusAccepted, http.MethodPost, "/clients/"+client+"/messages",
		map[string]any{"medium": "sms", "body": "How are you, {{first_name}}?"}, nil)
	return linkOf(t, api, client)
}

// backAfterTheReceipt shows the form again, maybe with what was typed; sending it again files no second reply.
func backAfterTheReceipt(t *testing.T, s stage) {
	t.Helper()
	const client, text = "c-1045", "Please ring me on Monday."
	link, api := s.linkFor(t, client), s.api(t, "amira")
	reader := s.client(t)
	reader.visit(link)
	replies := func() (bodies []string) {
		for _, message := range api.sentTo(client) {
			if message.Direction == "inbound" {
				bodies = append(bodies, message.Body)
			}
		}
		return bodies
	}
	reader.write("#reply", text)
	reader.press(`button[value="send"]`)
	reader.sees("h1", "Reply sent")
	reader.sees("main", "You can close this page.")
	for range 2 {
		reader.Run(t, chromedp.NavigateBack())
		reader.sees("#reply")
		var kept string
		reader.value(`document.querySelector('#reply').value`, &kept)
		t.Logf("the form that was gone back to has %q", kept)
		if kept == "" {
			reader.write("#reply", text)
		}
		reader.press(`button[value="send"]`)
		reader.sees("h1", "Reply sent")
	}
	require.Equal(t, []string{text}, replies())
	reader.press(`main a[href="?"]`) // 'Send another reply'
	reader.write("#reply", "And another thing.")
	reader.press(`button[value="send"]`)
	reader.sees("h1", "Reply sent")
	require.Equal(t, []string{"And another thing.", text}, replies())
}

func replyPageWithoutScripts(t *testing.T, s stage) {
	t.Helper()
	const client = "c-1043"
	link, api := s.linkFor(t, client), s.api(t, "amira")
	page := s.openTroubled(t, browsertest.Look{Width: 360, Height: 740, Touch: true})
	without(t, page)
	bytes := page.received()
	page.visit(link)
	page.sees("body", "111", "999", "Amira Shah")
	page.press(`button[value="send"]`)
	page.sees(".nhsuk-error-summary", "Enter your reply")
	long := strings.Repeat("I have so much to say. ", 250)
	page.write("#reply", long)
	page.press(`button[value="send"]`)
	page.sees(".nhsuk-error-summary", "5,000 characters")
	page.until(fmt.Sprintf(`document.querySelector('#reply').value.length > %d`, len(long)-10), nil) // kept
	page.value(`document.querySelector('#reply').value = ''`, nil)
	page.write("#reply", "I am well, thank you. Dziękuję 🙏")
	page.pressTwice(`button[value="send"]`)
	page.sees("h1", "Reply sent")
	page.Run(t, chromedp.Reload())
	page.sees("h1", "Reply sent")
	replies := 0
	for _, message := range api.sentTo(client) {
		if message.Direction == "inbound" {
			replies++
			require.Equal(t, "I am well, thank you. Dziękuję 🙏", message.Body)
		}
	}
	require.Equal(t, 1, replies)
	require.Less(t, bytes.Load(), int64(5*20_000), "five pages")

	first := s.client(t)
	alone := first.received()
	first.visit(link)
	first.sees("#reply")
	require.Eventually(t, func() bool { return alone.Load() > 2000 }, patience, 20*time.Millisecond)
	require.Less(t, alone.Load(), int64(20_000), "page and styles together")
}

func linkThatDoesNotWork(t *testing.T, s stage) {
	t.Helper()
	replaced := s.linkFor(t, "c-1044")
	off := s.linkFor(t, "c-1045")
	api := s.api(t, "amira")
	api.api(http.StatusOK, http.MethodPost, "/channels/"+api.channelOf("c-1044").ID+"/reply-link", nil, nil)
	api.api(http.StatusOK, http.MethodPut,
		"/channels/"+api.channelOf("c-1045").ID+"/replies", map[string]any{"allowed": false}, nil)
	unknown := s.host + "/m/r/AAAAAAAAAAAAAAAAAAAAAA"
	said := map[string]bool{}
	page := s.openTroubled(t, browsertest.Look{})
	without(t, page)
	for _, address := range []string{replaced, off, unknown} {
		page.visit(address)
		page.sees("h1", "This page is not available")
		var whole string
		page.value(`document.documentElement.outerHTML`, &whole)
		said[whole] = true
	}
	require.Len(t, said, 1, "each says the same")

	locked := s.linkFor(t, "c-1046")
	page.visit(locked)
	for range 5 {
		page.write("#day", "1")
		page.write("#month", "1")
		page.write("#year", "1901")
		page.value(`document.documentElement.id = 'before'`, nil)
		page.press(`button[value="show"]`)
		page.until(`document.readyState === 'complete' && document.documentElement.id !== 'before'`, nil)
		page.value(`document.querySelectorAll('#day, #month, #year').forEach((f) => { f.value = '' })`, nil)
	}
	page.visit(locked)
	page.sees("body", "The message cannot be shown at the moment. You can still send your reply.")
	page.write("#reply", "Still here.")
	page.press(`button[value="send"]`)
	page.sees("h1", "Reply sent")
}
