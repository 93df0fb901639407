package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// view is something that people see in the demonstration, and how they get there.
type view struct {
	name, address string
	ready, words  string   // a selector, and words in what it finds
	press         []string // selectors; after a '?' one that not every size has
	then          string   // a selector: what the last press brings
}

// dischargedID is whom the test of the views discharges.
const dischargedID = "c-1013"

// staffViews are what staff see; threads are the addresses of amira's channels by client.
func staffViews(thread func(client string) string) []view {
	return []view{
		{"clients", "/clients", "table", "Grace", nil, ""},
		{"clients-none", "/clients?q=zzz", "main", "Nobody by that name", nil, ""},
		{
			"client", "/clients/c-1001", "messenger-compose", "Send email",
			[]string{`messenger-compose [data-medium="email"]`, `[data-do="preview"]`},
			"",
		},
		{
			"client-sms", "/clients/c-1051", "messenger-compose", "Send SMS",
			[]string{`messenger-compose [data-medium="sms"]`},
			"",
		},
		{
			"client-restricted", "/clients/c-1004", "messenger-compose", "restricted",
			[]string{`messenger-compose [data-medium="email"]`},
			"",
		},
		{"client-deceased", "/clients/c-1005", "messenger-compose", "died", nil, ""},
		{"messages", "/messages", ".messenger-row", "Unread", nil, ""},
		{"messages-thread", thread("c-1007"), ".messenger-message", "thank you", nil, ""},
		{"messages-long", thread(graceID), ".messenger-message", "week", nil, ""},
		{"messages-failed", thread(refusedID), ".messenger-message", "Try again", nil, ""},
		{
			"messages-new", "/messages", ".messenger-row", "Unread",
			[]string{`[data-do="new"]`, `[name="list"][value="winter"]`},
			"",
		},
		{"messages-bell", "/messages", ".messenger-row", "Unread", []string{".messenger-bell"}, ""},
		{"overview", "/messages?view=overview", ".messenger-answer", "Not yet", nil, ".messenger-needed"},
		{
			"absence", "/messages", ".messenger-row", "Unread",
			[]string{`messenger-list [data-do="away"]`},
			`messenger-absence [name="cover"]`,
		},
		{
			"handover", thread("c-1007"), ".messenger-message", "thank you",
			[]string{"?.messenger-to-side", `.messenger-side [data-do="handover"]`},
			`messenger-handover [name="to"]`,
		},
		{"merged", thread(personID), ".messenger-message", "sewing group", nil, ""},
		{
			"discharged", thread(dischargedID), ".messenger-message", "found a group",
			[]string{"?.messenger-to-side"},
			`.messenger-switch[aria-checked="false"]`,
		},
		{
			"messages-writing", thread("c-1007"), ".messenger-message", "thank you", // outside the hours: 'Send tomorrow'
			[]string{"?.messenger-to-side", `.messenger-side [data-medium="email"]`},
			`messenger-thread [data-do="send"]`,
		},
		{"outbox", "/outbox", "main", "Outbox", nil, ""},
		{"record", "/record", "main", "Clinical record", nil, ""},
		{"not-here", "/clients/c-0", "main", "no such page", nil, ""},
	}
}

// clientViews are what a client sees, whose reply link it is.
func clientViews(link, host string) []view {
	return []view{
		{"reply", link, "#reply", "", nil, ""},
		{"reply-refused", link, "#reply", "", []string{`button[value="send"]`}, ".nhsuk-error-summary"},
		{"reply-gone", host + "/m/r/AAAAAAAAAAAAAAAAAAAAAA", "h1", "not available", nil, ""},
	}
}

// TestViews has axe-core look at every page of the demonstration, light and dark, at a desk, on a phone and at 400 %,
// under its own strict policy, and leaves pictures in the folder screenshots at the root, which git ignores.
func TestViews(t *testing.T) {
	t.Parallel()
	axe := testpeer.Output(t, "", "axe.mjs")
	s := stage{startHost(t, migrationtest.Migrated(t), "", "-reply-check", "dob").URL, browsertest.Start(t)}
	_, header, _ := newBrowser(t, s.host).request(http.MethodGet, "/sign-in", "", "")
	require.Contains(t, header.Get("Content-Security-Policy"), "default-src 'self';")
	require.NotContains(t, header.Get("Content-Security-Policy"), "unsafe")
	amira := s.api(t, "amira")
	thread := func(client string) string { return "/messages?channel=" + amira.channelOf(client).ID }
	link := amira.channelOf("c-1014").ReplyLink
	for act, values := range map[string]url.Values{
		doubleID + "/merge": {"into": {personID}}, dischargedID + "/discharge": nil,
	} {
		status, _ := amira.form("/clients/"+act, values)
		require.Equal(t, http.StatusSeeOther, status, act)
	}
	for name, look := range browsertest.Looks() {
		t.Run(name, func(t *testing.T) {
			desk := s.openTroubled(t, look)
			desk.visit("/sign-in")
			desk.check(axe, "sign-in")
			desk.signIn("amira")
			for _, v := range staffViews(thread) {
				desk.show(t, v, axe)
			}
			phone := s.openTroubled(t, look)
			for _, v := range clientViews(link, s.host) {
				phone.show(t, v, axe)
			}
			phone.t = t
			phone.visit(link)
			phone.write("#reply", "Thank you, all is well.")
			phone.press(`button[value="send"]`)
			phone.sees("h1", "Reply sent")
			phone.check(axe, "reply-sent")
		})
	}
}

// show goes to a view and checks it.
func (s screen) show(t *testing.T, v view, axe string) {
	t.Helper()
	t.Run(v.name, func(t *testing.T) {
		s.t = t
		s.visit(v.address)
		s.sees(v.ready, v.words)
		for _, selector := range v.press {
			selector, maybe := strings.CutPrefix(selector, "?")
			var there bool
			s.value(`Boolean(`+look(selector)+`)`, &there)
			if there || !maybe {
				s.press(selector)
			}
		}
		if v.then != "" {
			s.sees(v.then)
		}
		s.check(axe, v.name)
	})
}

// check looks at what the screen shows once it has come to rest.
func (s screen) check(axe, name string) {
	s.t.Helper()
	s.until(`document.readyState === 'complete' && !document.querySelector('.messenger-entries, .messenger-bell-list')?.innerText.includes('Loading')`, nil)
	require.Empty(s.t, s.Check(s.t, axe, "../../screenshots", "cms-"+name))
	var wide bool
	s.value(`document.documentElement.scrollWidth > innerWidth`, &wide)
	require.False(s.t, wide, "nothing sticks out sideways")
	for _, said := range s.Complaints() {
		require.Regexp(s.t, `Failed to load resource: .* (404|422) .* \S+/(clients/c-0|m/r/|inboxes/amira/absence)`, said,
			"only what has to be refused, which the browser mentions")
	}
}
