package main

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
)

// inboxOf is the first conversation of an inbox that this person may open, opened.
func (b browser) inboxOf(staff string) (opened apiChannel) {
	b.t.Helper()
	var inbox apiPage[apiChannel]
	b.api(http.StatusOK, http.MethodGet, "/inboxes/"+staff+"/channels", nil, &inbox)
	require.NotEmpty(b.t, inbox.Items)
	b.api(http.StatusOK, http.MethodGet, "/channels/"+inbox.Items[0].ID, nil, &opened)
	return opened
}

// leaversAreHandedOver: Hana has left, and her inbox has an unread reply. Fay, who manages, hands it over to Dev from
// the day's end by the keyboard alone, unread; then Gil leaves too. Dev has both before him, and the link goes on.
func leaversAreHandedOver(t *testing.T, s stage) {
	t.Helper()
	const words, gils = "My blood pressure is high again", "I can't make Monday"
	dev := s.staff(t, "dev")
	fay := s.openTroubled(t, browsertest.Look{}) // the console says that no handover has been before
	fay.signIn("fay")
	left := s.api(t, "fay").inboxOf("hana")
	require.Equal(t, "unread", left.Status)

	const inbox, dialog = `.messenger-overview-inbox[data-key="hana"]`, "messenger-handover "
	fay.visit("/messages?view=overview")
	fay.sees(`.messenger-answer[data-look="bad"]`, "that nobody looks after")
	fay.sees(inbox, "Owner has left", "1 unread conversation")
	fay.tabTo(inbox + ` [data-do="handover"]`)
	fay.key(kb.Enter)
	fay.focused(dialog + `[name="to"]`)
	fay.sees(dialog+`[name="to"]`, "Dev Patel")
	fay.key("Dev")
	fay.tabTo(dialog + `[data-do="hand"]`)
	fay.key(kb.Enter)
	fay.sees(dialog, "0 of 1 handed over. That is all.", "A reply has come that you have not read")
	require.Equal(t, "hana", s.api(t, "fay").inboxOf("hana").StaffID, "what is unread is refused")
	fay.key(kb.Escape)
	fay.seesNo(dialog + ".messenger-dialog:popover-open")

	fay.tabTo(inbox + ` [data-do="handover"]`)
	fay.key(kb.Enter)
	fay.focused(dialog + `[name="to"]`)
	fay.key("Dev")
	fay.tabTo(dialog + `[name="take"]`)
	fay.key(" ")
	fay.tabTo(dialog + `[data-do="hand"]`)
	fay.key(kb.Enter)
	fay.sees(dialog, "1 of 1 handed over. That is all.")
	dev.sees(`.messenger-row[data-status="unread"]`, words) // nobody reloads
	fay.key(kb.Escape)
	fay.seesNo(inbox, "1 unread conversation")

	fay.visit("/staff")
	fay.press(`details:has(form[action="/staff/gil/left"]) summary`)
	fay.choose("#to-gil", "dev")
	fay.press(`form[action="/staff/gil/left"] button`)
	dev.sees(`.messenger-row[data-status="unread"]`, gils)

	dev.pressRow(words)
	dev.sees(`.messenger-side .messenger-tag[data-status="open"]`)
	dev.press(`[data-do="history"]`)
	dev.sees(".messenger-entries", "Handed over Fay Okonkwo", "Client replied")
	now := s.api(t, "dev").channelOf(left.ClientID)
	require.Equal(t, []string{left.ID, left.ReplyLink, "dev"}, []string{now.ID, now.ReplyLink, now.StaffID})
	_, page := newBrowser(t, s.host).reply(left.ReplyLink, "Shall I come in?")
	require.Contains(t, page, "Reply sent")
	dev.sees(".messenger-messages", "Shall I come in?")
}

// doublesMerge: two clients turn out to be one person. Their conversations are one thread, in order of time, the links
// of both go on, and the address of the former one leads there.
func doublesMerge(t *testing.T, s stage) {
	t.Helper()
	api := s.api(t, "amira")
	former, kept := api.channelOf(doubleID), api.channelOf(personID)
	require.NotEqual(t, former.ID, kept.ID)
	amira := s.openTroubled(t, browsertest.Look{}) // the profile that is left hears of it and asks for who is no more
	amira.signIn("amira")
	amira.visit("/clients/" + doubleID)
	amira.press(`details:has(#into) summary`)
	amira.write("#into", personID)
	amira.press(`details:has(#into) button`)
	amira.until(`location.pathname === '/clients/`+personID+`'`, nil)
	amira.visit("/messages?channel=" + former.ID)
	amira.sees(".messenger-messages", "the sewing group starts on Friday.", "Lovely, thank you.", "Dear Maryam,")
	amira.until(`location.search.includes('`+kept.ID+`')`, nil)
	amira.press(`[data-do="history"]`)
	amira.sees(".messenger-entries", "Joined with another conversation")
	for _, link := range []string{former.ReplyLink, kept.ReplyLink} {
		reader := s.client(t)
		reader.visit(link)
		reader.write("#reply", "By "+link[len(link)-6:])
		reader.press(`button[value="send"]`)
		reader.sees("h1", "Reply sent")
		amira.sees(".messenger-messages", "By "+link[len(link)-6:])
	}
	amira.write(".messenger-search-box", "Maryam Yusuf")
	amira.until(`document.querySelectorAll('.messenger-row-link').length === 1`, nil)
	require.Equal(t, kept.ID, api.channelOf(personID).ID)
}

// discharged: 'Discharge' on the profile ends the link, and the toggle says why and since when. Switched on again, the
// conversation advises against it, at each opening, with the switch beside the advice.
func discharged(t *testing.T, s stage) {
	t.Helper()
	const client, advice = "c-1048", `.messenger-side [data-key="discharged"]`
	link := s.linkFor(t, client)
	amira := s.staff(t, "amira")
	amira.visit("/clients/" + client)
	amira.press(`details:has(#closing) summary`)
	amira.write("#closing", "All the best, {{first_name}}.")
	amira.press(`details:has(#closing) button`)
	amira.sees("dt", "Discharged")
	amira.seesNo("summary", "Discharge")

	reader := s.open(t)
	works := func() bool {
		status, _ := newBrowser(t, s.host).page(link)
		return status == http.StatusOK
	}
	thread := "/messages?channel=" + s.api(t, "amira").channelOf(client).ID
	amira.visit(thread)
	amira.sees(".messenger-messages", "All the best,")
	var today string
	reader.value(`new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'long', year: 'numeric'}).format(new Date())`,
		&today)
	amira.sees(".messenger-side", "Discharged", today+". The reply link does not work.")
	amira.sees(`.messenger-switch[aria-checked="false"]`, "Discharged")
	amira.seesNo(advice)
	require.False(t, works())

	amira.press(".messenger-switch")
	amira.sees(`.messenger-switch[aria-checked="true"]`, "Discharged")
	require.True(t, works())
	amira.visit(thread)
	amira.sees(advice, "The client was discharged", today, "Consider turning replies off.")
	amira.tabTo(advice + ` [data-do="replies"]`)
	amira.key(kb.Enter)
	amira.sees(`.messenger-switch[aria-checked="false"]`, "Discharged")
	amira.seesNo(advice)
	require.False(t, works())
}
