package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
)

// templateToAList: Amira finds a template by its title, fills in its place, adds words of her own and sends it to a
// saved list. What she did not fill in goes to nobody; each of them gets it under their own name.
func templateToAList(t *testing.T, s stage) {
	t.Helper()
	api, amira := s.api(t, "amira"), s.staff(t, "amira")
	api.api(http.StatusCreated, http.MethodPost, "/templates", map[string]any{
		"scope": "own", "medium": "sms", "title": "The orchard walk", "body": "Hello {{first_name}}, we meet at ((place)).",
	}, nil)
	amira.press(`[data-do="new"]`)
	amira.press(`[name="list"][value="walkers"]`)
	amira.press(`.messenger-many [name="medium"][value="sms"]`)
	amira.write(`.messenger-many [name="body"]`, "/")
	amira.sees(`messenger-templates [role="option"]`, "The orchard walk")
	amira.Run(t, input.InsertText("orch"))
	amira.sees(`messenger-templates [role="status"]`, "1 template")
	amira.key(kb.Enter)
	amira.sees(`.messenger-many [name="body"]`, "Hello {{first_name}}, we meet at ((place)).")
	amira.press(`[data-do="check"]`)
	amira.sees(".messenger-many .messenger-error", "Fill in ((place)), or take it out")
	amira.Run(t, input.InsertText("the old mill")) // in place of what is selected
	amira.key(kb.End, input.ModifierCtrl)
	amira.Run(t, input.InsertText(" Bring a coat."))
	amira.press(`[data-do="check"]`)
	const words = "we meet at the old mill. Bring a coat."
	amira.sees(".messenger-who", "clients will get it", words)
	var count int
	amira.value(`parseInt(document.querySelector('.messenger-who .messenger-strong').textContent)`, &count)
	require.Greater(t, count, 5)
	amira.press(`messenger-new-message [data-do="send"]`)
	amira.sees(".messenger-who", "You have a minute to undo", fmt.Sprint(count)+" waiting")
	require.Eventually(t, func() bool { return len(delivered(api, words)) == count }, 3*time.Minute, time.Second)
	var walkers apiPage[struct {
		ID string `json:"id"`
	}]
	api.api(http.StatusOK, http.MethodGet, "/lists/walkers/clients?limit=100", nil, &walkers)
	names := map[string]string{} // by number
	for _, walker := range walkers.Items {
		var page struct {
			Client struct{ Name, Phone string }
		}
		api.api(http.StatusOK, http.MethodGet, "/clients/"+walker.ID, nil, &page)
		names[page.Client.Phone], _, _ = strings.Cut(page.Client.Name, " ")
	}
	for _, item := range delivered(api, words) {
		require.NotEmpty(t, names[item.To], "who has got it is on the list")
		require.Contains(t, item.Text, "Hello "+names[item.To]+", "+words)
	}
}

// clocksGoForward is the next Sunday on which London's clocks leave out the hour from one to two.
func clocksGoForward(t *testing.T) string {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	require.NoError(t, err)
	for day := time.Now().In(zone).AddDate(0, 0, 2); ; day = day.AddDate(0, 0, 1) {
		if time.Date(day.Year(), day.Month(), day.Day(), 1, 30, 0, 0, zone).Hour() != 1 {
			return day.Format(time.DateOnly)
		}
	}
}

// overTheClockChange: a draft is there the next day; the hour that the clocks leave out is told, with the next one that
// there is; what is scheduled is listed, is taken back into the box to be mended, and is scheduled again.
func overTheClockChange(t *testing.T, s stage) {
	t.Helper()
	const client = "c-1034"
	api, amira := s.api(t, "amira"), s.openTroubled(t, browsertest.Look{}) // the refused time stands on the console
	amira.signIn("amira")
	amira.Run(t, emulation.SetTimezoneOverride("Europe/London"))
	sunday := clocksGoForward(t)
	amira.writing(client, "Remember the clocks.")
	amira.sees(".messenger-draft", "Draft saved")
	amira.visit("/clients/" + client)
	amira.sees(`messenger-compose [name="body"]`, "Remember the clocks.")
	amira.press(`[data-do="later"]`)
	amira.putTime(sunday + "T01:30")
	amira.sees(".messenger-error", "The clocks go forward then, and this time does not exist.")
	amira.press(`[data-do="send"]`)
	amira.press(`[data-do="next-time"]`)
	amira.sees(`[name="when"]`, sunday+"T02:00")
	amira.press(`[data-do="send"]`)
	amira.sees("messenger-compose", "Will be sent", "2:00")
	sent := api.sentTo(client)
	require.Len(t, sent, 1)
	require.Equal(t, "scheduled", sent[0].Delivery.Status)

	amira.visit("/messages?show=scheduled&channel=" + api.channelOf(client).ID)
	amira.sees(".messenger-message", "Remember the clocks.", "2:00")
	amira.press(`.messenger-message [data-do="edit"]`)
	amira.sees(`.messenger-form [name="body"]`, "Remember the clocks.")
	amira.sees(`.messenger-form [name="when"]`, sunday+"T02:00")
	amira.press(`.messenger-form [name="body"]`)
	amira.key(kb.End, input.ModifierCtrl)
	amira.Run(t, input.InsertText(" Sleep well."))
	amira.press(`[data-do="send"]`)
	amira.sees(".messenger-message", "Remember the clocks. Sleep well.", "2:00")
	statuses := map[string]int{}
	for _, message := range api.sentTo(client) {
		statuses[message.Delivery.Status]++
	}
	require.Equal(t, map[string]int{"cancelled": 1, "scheduled": 1}, statuses)
	require.NotEmpty(t, amira.Complaints())
	for _, said := range amira.Complaints() {
		require.Contains(t, said, "422", "the refused time alone stands on the console")
	}
}
