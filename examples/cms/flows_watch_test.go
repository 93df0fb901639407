package main

import (
	"fmt"
	"net/http"
	"strings"
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

// safeToGoHome: red for what is unread and for a row of each reason that can be brought about here. All of it is dealt
// with from the screen, the API only looks; then it is green, and red again by itself.
func safeToGoHome(t *testing.T, s stage) {
	t.Helper()
	api := s.api(t, "esther")
	link := troubleFor(t, api)
	esther := s.staff(t, "esther")
	esther.press(`[data-do="overview"]`)
	esther.focused(".messenger-overview-title")
	esther.sees(`.messenger-answer[data-look="bad"]`, "Not yet", "unread conversation", "attention")
	for left := len(api.esthersUnread()); left > 0; left-- {
		esther.press(`.messenger-overview-inbox [data-show="open"]`)
		esther.press(`.messenger-row[data-status="unread"] .messenger-row-link`)
		esther.sees(".messenger-message[data-unread]")
		soon(t, "read", func() bool { return len(api.esthersUnread()) < left })
		esther.press(`[data-do="overview"]`)
	}
	did := esther.dealsWithAll()
	for _, reason := range []string{"Reply link locked", "Held from the record"} {
		require.Contains(t, strings.Join(did, "\n"), reason, "nothing of that reason was there")
	}
	esther.sees(`.messenger-answer[data-look="good"]`, "Yes. Nothing here has to be seen today.")
	_, _ = newBrowser(t, s.host).reply(link, "And on Monday?")
	esther.sees(`.messenger-answer[data-look="bad"]`, "Not yet: 1 unread conversation") // nobody reloads
}

// troubleFor brings about what somebody has to see: a reply that nobody proved, and a link that wrong dates have
// locked. It returns the other link.
func troubleFor(t *testing.T, api browser) (link string) {
	t.Helper()
	var links []string
	for _, client := range []string{"c-1131", "c-1133"} {
		api.api(http.StatusAccepted, http.MethodPost, "/clients/"+client+"/messages",
			object{"medium": "email", "subject": "Friday", "body": "How are you, {{first_name}}?"}, nil)
		links = append(links, linkOf(t, api, client))
	}
	reader := newBrowser(t, api.base)
	_, page := reader.page(links[0])
	for range 5 {
		values := fieldsOf(page)
		for name, value := range map[string]string{"action": "show", "day": "1", "month": "1", "year": "1901"} {
			values.Set(name, value)
		}
		_, page = reader.form(links[0], values)
	}
	_, _ = reader.reply(links[1], "Is anybody there on Friday?")
	return links[1]
}

// dealsWithAll does, row by row, what each offers, and returns what the rows said.
func (s screen) dealsWithAll() (did []string) {
	s.t.Helper()
	const rows = `[...document.querySelectorAll('.messenger-needed:not(:has(.messenger-needed-came))')]`
	s.sees(".messenger-needed")
	for {
		var row struct{ Key, Words string }
		s.value(`(() => { const [e] = `+rows+`; return e ? {Key: e.dataset.key, Words: e.innerText} : {Key: ''} })()`, &row)
		if row.Key == "" {
			return did
		}
		did = append(did, row.Words)
		at := fmt.Sprintf(`.messenger-needed[data-key=%q] `, row.Key)
		what := "resolve"
		if strings.HasPrefix(row.Key, "record_held ") {
			what = "file" // it is them
		}
		// By its key: what was done to the row before comes at some moment, and moves those below it.
		s.value(fmt.Sprintf(`document.querySelector(%q).focus()`, at+fmt.Sprintf(`[data-what=%q]`, what)), nil)
		s.key(kb.Enter)
		if what == "resolve" {
			s.write(".messenger-ask textarea", "Phoned.")
			s.press(`.messenger-ask [value="save"]`)
		}
		s.sees(at + ".messenger-needed-came")
	}
}

// esthersUnread are the channels of her inbox with an unread reply.
func (b browser) esthersUnread() (unread []apiChannel) {
	b.t.Helper()
	var inbox apiPage[apiChannel]
	b.api(http.StatusOK, http.MethodGet, "/inboxes/esther/channels?limit=100", nil, &inbox)
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
