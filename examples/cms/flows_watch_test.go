package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
)

// awayCoveredAndBack: Amira names Ben; a reply is before him at once, the page tells its client so; he reads and
// answers it for her; back again, she sees what happened.
func awayCoveredAndBack(t *testing.T, s stage) {
	t.Helper()
	const client, words = "c-1047", "Who is there while you are away?"
	link := s.linkFor(t, client)
	amira := s.openTroubled(t, browsertest.Look{}) // the console says that no absence stands yet
	amira.signIn("amira")
	ben := s.staff(t, "ben")
	amira.press(`messenger-list [data-do="away"]`)
	amira.choose(`messenger-absence [name="cover"]`, "ben")
	amira.write(`messenger-absence [name="note"]`, "On leave")
	amira.press(`messenger-absence [data-do="save"]`)
	amira.seesNo(".messenger-dialog:popover-open")
	ben.sees(".messenger-covering", "You cover Amira Shah")

	reader := s.client(t)
	reader.visit(link)
	reader.sees("body", "Ben Adeyemi")
	reader.write("#reply", words)
	reader.press(`button[value="send"]`)
	pressed := time.Now()
	reader.sees("h1", "Reply sent")
	ben.sees(".messenger-row", "for Amira Shah", words)
	t.Logf("the cover saw it after %s; the aim is a second", time.Since(pressed).Round(time.Millisecond))
	ben.press(".messenger-bell")
	ben.sees(".messenger-bell-item", "for Amira Shah", words)
	ben.key(kb.Escape)
	ben.pressRow(words)
	ben.sees(".messenger-side", "Ben Adeyemi reads the replies here while the owner is away.")
	ben.press(`.messenger-thread [data-do="read-for"]`)
	ben.seesNo(".messenger-list .messenger-row", words) // read for her, it is hers again
	ben.press(`.messenger-side [data-medium="email"]`)
	ben.write(`messenger-thread [name="subject"]`, "Your question")
	ben.write(`messenger-thread [name="body"]`, "I am, until she is back.")
	ben.press(`messenger-thread [data-do="send"]`)
	ben.sees(".messenger-undo", "Undo")

	amira.press(`messenger-list [data-do="away"]`)
	amira.press(`messenger-absence [data-do="end"]`)
	ben.seesNo(`[data-key="covering amira"]`)
	amira.visit("/messages?channel=" + s.api(t, "amira").channelOf(client).ID)
	amira.press(`[data-do="history"]`)
	amira.sees(".messenger-entries", "Replies read Ben Adeyemi for Amira Shah", "Client replied")
	amira.sees(".messenger-messages", "I am, until she is back.")
	amira.press(`messenger-list [data-do="away"]`)
	amira.press(`messenger-absence [data-do="past"]`)
	amira.sees("messenger-absence .messenger-entries", "Back Amira Shah", "Away, with a cover Amira Shah")
}

// safeToGoHome: red for a reason, which is dealt with from there, then green; and red again by itself.
func safeToGoHome(t *testing.T, s stage) {
	t.Helper()
	api := s.api(t, "esther")
	var inbox apiPage[apiChannel]
	api.api(http.StatusOK, http.MethodGet, "/inboxes/esther/channels?limit=100", nil, &inbox)
	require.NotEmpty(t, inbox.Items)
	var link string
	for _, channel := range inbox.Items {
		var opened apiChannel
		api.api(http.StatusOK, http.MethodGet, "/channels/"+channel.ID, nil, &opened)
		link = opened.ReplyLink
		api.api(http.StatusOK, http.MethodPut, "/channels/"+channel.ID+"/status",
			object{"status": "done", "up_to": channel.LastMessage.ID}, nil)
		if link != "" {
			break
		}
	}
	require.NotEmpty(t, link)
	_, _ = newBrowser(t, s.host).reply(link, "Is anybody there on Friday?")

	esther := s.staff(t, "esther")
	esther.press(`[data-do="overview"]`)
	esther.focused(".messenger-overview-title")
	esther.sees(`.messenger-answer[data-look="bad"]`, "Not yet", "unread conversation")
	esther.press(`.messenger-overview-inbox [data-show="open"]`)
	esther.pressRow("Is anybody there on Friday?")
	esther.sees(`.messenger-side .messenger-tag[data-status="open"]`) // read
	for _, channel := range api.unreadOf("esther") {
		api.api(http.StatusOK, http.MethodPut, "/channels/"+channel.ID+"/status",
			object{"status": "done", "up_to": channel.LastMessage.ID}, nil)
	}
	api.dealtWith()
	esther.press(`[data-do="overview"]`)
	esther.sees(`.messenger-answer[data-look="good"]`, "Yes. Nothing here has to be seen today.")
	_, _ = newBrowser(t, s.host).reply(link, "And on Monday?")
	esther.sees(`.messenger-answer[data-look="bad"]`, "Not yet: 1 unread conversation") // nobody reloads
}

// unreadOf are the channels of an inbox with an unread reply.
func (b browser) unreadOf(staff string) (unread []apiChannel) {
	b.t.Helper()
	var inbox apiPage[apiChannel]
	b.api(http.StatusOK, http.MethodGet, "/inboxes/"+staff+"/channels?limit=100", nil, &inbox)
	for _, channel := range inbox.Items {
		if channel.Status == "unread" {
			unread = append(unread, channel)
		}
	}
	return unread
}

// dealtWith says of all that needs this person that it was dealt with.
func (b browser) dealtWith() {
	b.t.Helper()
	var needed apiPage[struct {
		ID  string   `json:"id"`
		Can []string `json:"can"`
	}]
	b.api(http.StatusOK, http.MethodGet, "/attention?limit=100", nil, &needed)
	ids := []string{}
	for _, one := range needed.Items {
		ids = append(ids, one.ID)
	}
	if len(ids) > 0 {
		b.api(http.StatusOK, http.MethodPost, "/attention/act", object{"ids": ids, "do": "resolve", "note": "Phoned."}, nil)
	}
}
