package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// TestFlows drives the demonstration in a real browser as people do: staff, their colleagues and clients, each in a
// browser context of their own. Clients without a channel are c-1031 and on; the names say whose flow it is.
func TestFlows(t *testing.T) {
	t.Parallel()
	s := stage{startHost(t, migrationtest.Migrated(t), "", "-reply-check", "dob").URL, browsertest.Start(t)}
	for _, flow := range []struct {
		name string
		run  func(*testing.T, stage)
	}{
		{"the story", theStory},
		{"the story by keyboard alone", theStoryByKeyboard},
		{"the three places that change a status", threePlaces},
		{"why a button is missing", whyNoButton},
		{"up through 500 messages", upThroughTheThread},
		{"what was typed outlives a reload", typedOutlivesReload},
		{"what was typed outlives an error", typedOutlivesError},
		{"what was typed outlives the session", typedOutlivesSession},
		{"signing in again in a window of its own", signInAgain},
		{"somebody else signs in in that window", signInAsAnother},
		{"a double click sends once", doubleClickSendsOnce},
		{"undo within ten seconds", undoInTime},
		{"later, and done", laterAndDone},
		{"opening a channel asks twice", openingAsksTwice},
		{"what was said is found", whatWasSaidIsFound},
		{"a list gets one message each", listGetsOneEach},
		{"a list later, and not at all", listLater},
		{"the reply page without scripts", replyPageWithoutScripts},
		{"back after the receipt", backAfterTheReceipt},
		{"a link that does not work", linkThatDoesNotWork},
		{"away, covered and back", awayCoveredAndBack},
		{"safe to go home", safeToGoHome},
		{"leavers are handed over", leaversAreHandedOver},
		{"doubles merge", doublesMerge},
		{"discharged", discharged},
	} {
		t.Run(flow.name, func(t *testing.T) { flow.run(t, s) })
	}
}

// linkOf waits until a client has a message from the demonstration's outbox, and returns the reply link in it.
func linkOf(t *testing.T, staff browser, client string) string {
	t.Helper()
	var link string
	require.Eventually(t, func() bool {
		messages := staff.sentTo(client)
		if len(messages) == 0 || (messages[0].Delivery.Status != "sent" && messages[0].Delivery.Status != "delivered") {
			return false
		}
		link = staff.channelOf(client).ReplyLink
		return true
	}, 2*patience, 100*time.Millisecond)
	return link
}

func theStory(t *testing.T, s stage) {
	t.Helper()
	amira, ben := s.staff(t, "amira"), s.staff(t, "ben")
	const client = "c-1031"
	ben.choose(".messenger-inbox-choice", "amira")
	ben.sees(".messenger-list", "You are in Amira Shah’s inbox")

	amira.press(`nav a[href="/clients"]`)
	amira.write("#q", "9990000")
	amira.visit("/clients/" + client)
	amira.press(`messenger-compose [data-medium="sms"]`)
	amira.write(`[name="body"]`, "Hello {{first_name}}, would Thursday at two suit you?")
	amira.press(`[data-do="preview"]`)
	amira.sees(".messenger-previewed", "would Thursday at two suit you?", "To reply: ", "Do not reply by text")
	amira.press(`[data-do="send"]`)
	amira.sees(".messenger-undo", "Undo")
	ben.sees(`.messenger-row[data-status="open"]`, "would Thursday at two suit you?")
	amira.press(`nav a[href="/messages"]`)
	amira.sees(".messenger-row", "would Thursday at two suit you?")

	link := linkOf(t, s.api(t, "amira"), client)
	reader := s.client(t)
	reader.visit(link)
	reader.write("#reply", "Yes, Thursday is good. Diolch!")
	reader.press(`button[value="send"]`)
	reader.sees("h1", "Reply sent")
	for _, person := range []screen{amira, ben} { // nobody reloads
		person.sees(`.messenger-row[data-status="unread"]`, "Yes, Thursday is good. Diolch!", "Unread")
	}
	amira.sees("nav messenger-unread", "")

	amira.pressRow("Yes, Thursday is good")
	amira.sees(".messenger-message", "Yes, Thursday is good. Diolch!")
	ben.sees(`.messenger-row[data-status="open"]`, "Yes, Thursday is good. Diolch!") // she has read it
	amira.press(`.messenger-side [data-do="status"]`)
	pressed := time.Now()
	ben.sees(`.messenger-row[data-status="done"]`, "Yes, Thursday is good. Diolch!")
	t.Logf("a colleague saw it after %s; the aim is a second", time.Since(pressed).Round(time.Millisecond))
	amira.sees(`.messenger-row[data-status="done"]`, "Yes, Thursday is good. Diolch!")
	amira.pressRow("Yes, Thursday is good") // the next unread one has opened
	amira.sees(`.messenger-side .messenger-tag[data-status="done"]`, "Done")
	amira.sees(`.messenger-message[data-direction="inbound"]`, "Not in the clinical record yet")
	amira.press(`.messenger-message[data-direction="inbound"] [data-do="file"]`) // 'It is them'
	amira.sees(`.messenger-message[data-direction="inbound"]`, "Saved to the clinical record")

	ben.pressRow("Yes, Thursday is good")
	ben.press(`.messenger-side [data-do="status"]`)
	amira.sees(`.messenger-side .messenger-tag[data-status="open"]`, "Open")
	amira.press(`[data-do="history"]`)
	amira.sees(".messenger-entries", "Marked as open", "Ben Adeyemi for Amira Shah")
}

// pressRow opens the channel whose row holds the words.
func (s screen) pressRow(words string) {
	s.t.Helper()
	x, y := s.at(fmt.Sprintf(
		`[...document.querySelectorAll('.messenger-row-link')].find((e) => e.checkVisibility() && e.innerText.includes(%q))`,
		words))
	s.Run(s.t, chromedp.MouseClickXY(x, y))
}

func theStoryByKeyboard(t *testing.T, s stage) {
	t.Helper()
	amira := s.open(t)
	const client = "c-1032"
	amira.visit("/sign-in")
	amira.tabTo(`button[value="amira"]`)
	amira.key(kb.Enter)
	amira.sees(".messenger-row", "")
	amira.tabTo(`[data-do="new"]`)
	amira.key(kb.Enter)
	amira.focused(`input[id$="-find"]`)
	var name string
	api := s.api(t, "amira")
	var found struct{ Client struct{ Name string } }
	api.api(http.StatusOK, http.MethodGet, "/clients/"+client, nil, &found)
	name = found.Client.Name
	amira.Run(t, input.InsertText(name))
	amira.sees(".messenger-found button", name)
	amira.key(kb.ArrowDown)
	amira.key(kb.Enter)
	amira.sees(`messenger-new-message messenger-compose [data-medium="email"]`)
	amira.tabTo(`messenger-new-message messenger-compose [data-medium="email"]`)
	amira.key(kb.Enter)
	amira.focused(`[name="subject"]`)
	amira.key("The bus")
	amira.key(kb.Tab)
	amira.focused(`[name="body"]`)
	amira.key("It stops at your door.")
	amira.key(kb.Enter, input.ModifierCtrl)
	amira.focused(`[data-do="undo"]`)
	amira.key(kb.Escape)
	amira.seesNo(".messenger-dialog:popover-open")

	client1 := s.client(t)
	client1.visit(linkOf(t, api, client))
	client1.tabTo("#reply")
	client1.Run(t, input.InsertText("Thank you, I will take it."))
	client1.tabTo(`button[value="send"]`)
	client1.key(kb.Enter)
	client1.sees("h1", "Reply sent")

	amira.sees(`.messenger-row[data-status="unread"]`, "Thank you, I will take it.")
	amira.visit("/messages")
	amira.sees(".messenger-row", "Thank you, I will take it.")
	amira.tabTo(".messenger-row-link")
	for range 20 {
		var there bool
		amira.value(`document.activeElement.innerText.includes('Thank you, I will take it.')`, &there)
		if there {
			break
		}
		amira.key(kb.ArrowDown)
	}
	amira.key(kb.Enter)
	amira.focused(".messenger-title")
	amira.sees(`.messenger-side .messenger-tag[data-status="open"]`) // read
	amira.tabTo(`.messenger-side [data-do="status"]`)
	amira.key(kb.Enter)
	amira.sees(`.messenger-row[data-status="done"]`, "Thank you, I will take it.")
	require.Equal(t, "done", api.channelOf(client).Status)
}

func threePlaces(t *testing.T, s stage) {
	t.Helper()
	amira, api := s.staff(t, "amira"), s.api(t, "amira")
	const row = `.messenger-row:has([data-id="%s"])`
	const client = "c-1007" // seeded unread, with two replies
	channel := api.channelOf(client)
	require.Equal(t, "unread", channel.Status)
	of := fmt.Sprintf(row, channel.ID)

	amira.press(of + ` .messenger-row-link`)
	amira.sees(of + `[data-status="open"]`)
	amira.press(".messenger-bell")
	amira.press(fmt.Sprintf(`.messenger-bell-item [data-do="complete"][data-id=%q]`, channel.ID))
	amira.sees(of + `[data-status="done"]`)
	amira.seesNo(fmt.Sprintf(`.messenger-bell-item [data-id=%q]`, channel.ID))
	require.Equal(t, "done", api.channelOf(client).Status)
	amira.key(kb.Escape)

	amira.press(`.messenger-side [data-do="status"]`)
	amira.sees(of + `[data-status="open"]`)
	require.Equal(t, "open", api.channelOf(client).Status)

	x, y := amira.at(look(of + ` .messenger-row-link`))
	amira.Run(t, chromedp.MouseEvent(input.MouseMoved, x, y)) // the button shows itself to the pointer
	amira.press(of + ` [data-do="quick"]`)
	amira.sees(of + `[data-status="done"]`)
	require.Equal(t, "done", api.channelOf(client).Status)
}

func whyNoButton(t *testing.T, s stage) {
	t.Helper()
	amira, chloe := s.staff(t, "amira"), s.staff(t, "chloe")
	for client, why := range map[string]struct{ button, words string }{
		"c-1009": {"email", "No email address is recorded for this client."},
		"c-1010": {"sms", "No mobile number is recorded for this client."},
		"c-1006": {"sms", "The client does not want text messages."},
		"c-1005": {"email", "The client has died."},
	} {
		amira.visit("/clients/" + client)
		amira.sees(".messenger-why", why.words)
		amira.seesNo(fmt.Sprintf(`.messenger-actions [data-medium=%q]`, why.button))
	}
	amira.visit("/clients/c-1004")
	amira.sees(".messenger-why", "This client’s record is restricted: you need to give a reason.")
	amira.press(`messenger-compose [data-medium="email"]`)
	amira.sees(".messenger-form", "Why do you need to contact this client?")

	chloe.visit("/clients/c-1031")
	chloe.sees(".messenger-why", "You do not have access to text messaging.")
	chloe.seesNo(`.messenger-actions [data-medium="sms"]`)
	chloe.visit("/messages?channel=" + s.api(t, "amira").channelOf("c-1008").ID)
	chloe.sees(".messenger-side", "You may look at this conversation, but not act in it.")
	chloe.seesNo(`.messenger-side [data-do="status"], .messenger-side [data-do="write"], .messenger-quick`)
}

func upThroughTheThread(t *testing.T, s stage) {
	t.Helper()
	amira := s.staff(t, "amira")
	amira.visit("/messages?channel=" + s.api(t, "amira").channelOf(graceID).ID)
	amira.sees(".messenger-message", "week")
	var seen struct {
		Messages, Pages int
		Jump            float64
	}
	// A message stays where it is on the screen, to the pixel, in each frame while older ones come in above it.
	amira.Await(t, `(async () => {
		const scroll = document.querySelector('.messenger-scroll');
		const all = () => scroll.querySelectorAll('.messenger-message');
		const frame = () => new Promise(requestAnimationFrame);
		let jump = 0, pages = 0;
		for (let moves = 0; moves < 400 && !scroll.textContent.includes('Start of the conversation'); moves++) {
			scroll.scrollTop = Math.max(0, scroll.scrollTop - 600);
			await frame();
			if (scroll.scrollTop >= 400) continue;
			const before = all().length, kept = all()[2], top = kept.getBoundingClientRect().top;
			const end = performance.now() + 20000;
			while (all().length === before && performance.now() < end) {
				await frame();
				jump = Math.max(jump, Math.abs(kept.getBoundingClientRect().top - top));
			}
			for (let i = 0; i < 5; i++) {
				await frame();
				jump = Math.max(jump, Math.abs(kept.getBoundingClientRect().top - top));
			}
			pages++;
		}
		return {messages: all().length, pages, jump};
	})()`, &seen)
	require.Equal(t, threadLength, seen.Messages)
	require.GreaterOrEqual(t, seen.Pages, 8)
	require.LessOrEqual(t, seen.Jump, 1.0, "pixels")
}

// asksInOrder is told to a page before its own scripts: what it asks for, and 'open' where changes begin to be heard.
const asksInOrder = `
	window.asks = [];
	const asking = window.fetch;
	window.fetch = (to, ...more) => {
		asks.push(new URL(to, location.href).pathname);
		return asking(to, ...more);
	};
	window.EventSource = class extends EventSource {
		constructor(to) {
			super(to);
			asks.push(new URL(to, location.href).pathname);
			this.addEventListener('open', () => asks.push('open'));
		}
	};`

func openingAsksTwice(t *testing.T, s stage) {
	t.Helper()
	chloe, api := s.open(t), s.api(t, "chloe") // nothing happens in her inbox meanwhile
	chloe.Run(t, chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := cdpage.AddScriptToEvaluateOnNewDocument(asksInOrder).Do(ctx)
		return err
	}))
	chloe.signIn("chloe")
	base := "GET " + s.host + "/messenger/api"
	chloe.sees("messenger-unread", "")
	const list = "/messenger/api/inboxes/chloe/channels"
	// What was answered before changes are heard is asked for again then, the counts always, and nothing else twice.
	chloe.until(`asks.includes('open') && asks.slice(asks.indexOf('open')).includes('/messenger/api/me') &&
		asks.filter((a) => a === '`+list+`').length > asks.slice(0, asks.indexOf('open')).includes('`+list+`')`, nil)
	chloe.Requests()

	channel := api.channelOf("c-1022").ID // nothing to read
	chloe.press(fmt.Sprintf(`.messenger-row-link[data-id=%q]`, channel))
	chloe.sees(".messenger-side", "Status")
	chloe.sees(".messenger-message", "please have a look at the plan")
	chloe.press(`[data-do="history"]`)
	chloe.sees(".messenger-entries", "Message sent") // what was asked twice would have been asked by now
	var asked []string
	for _, request := range chloe.Requests() {
		if strings.Contains(request, "/messenger/api/") {
			asked = append(asked, request)
		}
	}
	opened := base + "/channels/" + channel
	require.ElementsMatch(t, []string{
		opened, opened + "/messages?limit=50", opened + "/notes", opened + "/history?limit=20",
		strings.Replace(opened, "GET", "POST", 1) + "/presence",
	}, asked)
	chloe.value(`asks`, &asked)
	count := func(what string, asked []string) (count int) {
		for _, one := range asked {
			if one == what {
				count++
			}
		}
		return count
	}
	again := count(list, asked[:slices.Index(asked, "open")])
	require.Equal(t, 1+again, count(list, asked), "%q", asked)
	require.Equal(t, 2, count("/messenger/api/me", asked), "%q", asked)
	require.Equal(t, 1, count("/messenger/api/events", asked), "one stream for all elements of a page: %q", asked)
}

// whatWasSaidIsFound by the beginnings of words, whatever else is typed, and the list comes back.
func whatWasSaidIsFound(t *testing.T, s stage) {
	t.Helper()
	s.api(t, "amira").api(http.StatusAccepted, http.MethodPost, "/clients/c-1038/messages",
		map[string]any{"medium": "sms", "body": "Bring wellingtons to the café’s allotment."}, nil)
	amira := s.staff(t, "amira")
	amira.write(".messenger-search-box", "allot WELLING cafe")
	amira.until(`document.querySelectorAll('.messenger-row-link').length === 1`, nil)
	amira.sees(".messenger-row-link", "In a message: Bring wellingtons to the café’s allotment.")
	amira.press(".messenger-row-link")
	amira.sees(".messenger-message", "Bring wellingtons to the café’s allotment.")
	amira.write(".messenger-search-box", ` zzz':*&!`)
	amira.sees(".messenger-empty", "Nothing found for", "zzz")
	amira.press(`[data-do="clear"]`)
	amira.seesNo(".messenger-empty")
	amira.sees(".messenger-row-link", "Bring wellingtons")
}

func listGetsOneEach(t *testing.T, s stage) {
	t.Helper()
	amira := s.staff(t, "amira")
	amira.press(`[data-do="new"]`)
	amira.press(`[name="list"][value="walkers"]`)
	amira.press(`.messenger-many [name="medium"][value="sms"]`)
	amira.write(`.messenger-many [name="body"]`, "Hello {{first_name}}, the walk starts at eleven today.")
	amira.press(`[data-do="check"]`)
	amira.sees(".messenger-who", "clients will get it", "text messages in all", "As ",
		"the walk starts at eleven today.", "Do not reply by text")
	var count int
	amira.value(`parseInt(document.querySelector('.messenger-who .messenger-strong').textContent)`, &count)
	require.Greater(t, count, 5)
	api := s.api(t, "amira")
	before := len(delivered(api, "the walk starts at eleven today."))
	require.Zero(t, before, "a preview sends nothing")
	amira.pressTwice(`messenger-new-message [data-do="send"]`)
	amira.sees(".messenger-who", "You have a minute to undo", fmt.Sprint(count)+" waiting")
	amira.sees(`messenger-new-message [data-do="undo"]`)
	require.Empty(t, delivered(api, "the walk starts at eleven today."), "nobody has got it yet")
	require.Eventually(t, func() bool { return len(delivered(api, "the walk starts at eleven today.")) == count },
		3*time.Minute, time.Second)
	amira.sees(".messenger-who", "All messages have been dealt with.", fmt.Sprint(count)+" sent")
	require.Len(t, delivered(api, "the walk starts at eleven today."), count)
}

// delivered returns what was delivered that holds the words.
func delivered(as browser, words string) (found []sentItem) {
	as.t.Helper()
	status, page := as.page("/outbox.json")
	require.Equal(as.t, http.StatusOK, status)
	var items []sentItem
	require.NoError(as.t, json.Unmarshal([]byte(page), &items))
	for _, item := range items {
		if strings.Contains(item.Text, words) {
			found = append(found, item)
		}
	}
	return found
}
