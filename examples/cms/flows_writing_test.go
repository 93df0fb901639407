package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// TestFlowsOfWriting drives what staff write with, as TestFlows does.
func TestFlowsOfWriting(t *testing.T) {
	t.Parallel()
	s := stage{startHost(t, migrationtest.Migrated(t), "").URL, browsertest.Start(t)}
	for _, flow := range []struct {
		name string
		run  func(*testing.T, stage)
	}{
		{"bad news, privately", badNewsPrivately},
		{"a message waits for safe hours", waitsForSafeHours},
		{"a note that no client sees", noteNobodySees},
		{"a template goes to a list", templateToAList},
		{"a week over the clock change", overTheClockChange},
	} {
		t.Run(flow.name, func(t *testing.T) { flow.run(t, s) })
	}
}

// badNewsPrivately: what goes out says nothing; the client reads it with their date of birth, and Amira sees that.
func badNewsPrivately(t *testing.T, s stage) {
	t.Helper()
	const client, words = "c-1031", "Your scan shows something that we must talk about."
	api, amira := s.api(t, "amira"), s.staff(t, "amira")
	amira.visit("/clients/" + client)
	amira.press(`messenger-compose [data-medium="sms"]`)
	amira.write(`[name="body"]`, words)
	amira.press(`[name="private"]`)
	amira.press(`[data-do="preview"]`)
	amira.sees(".messenger-previewed", "Private message from")
	amira.seesNo(".messenger-previewed", "scan")
	amira.press(`[data-do="send"]`)
	amira.sees(".messenger-undo", "Undo")
	link := linkOf(t, api, client)
	require.NotContains(t, inOutbox(t, api, api.sentTo(client)[0].ID).Text, "scan")

	var page struct {
		Client struct {
			Born string `json:"date_of_birth"`
		} `json:"client"`
	}
	api.api(http.StatusOK, http.MethodGet, "/clients/"+client, nil, &page)
	born := strings.Split(page.Client.Born, "-")
	reader := s.client(t)
	reader.visit(link)
	reader.seesNo("body", "scan")
	for i, name := range []string{"year", "month", "day"} {
		reader.write(`[name="`+name+`"]`, born[i])
	}
	reader.press(`button[value="show"]`)
	reader.sees("body", words)
	amira.visit("/messages?channel=" + api.channelOf(client).ID)
	amira.sees(".messenger-message", words, "Opened")
}

// waitsForSafeHours: Joanna may be texted on Tuesdays between ten and twelve, and her message says nothing. It waits in
// sight of everybody, unless it is that time now.
func waitsForSafeHours(t *testing.T, s stage) {
	t.Helper()
	api, amira := s.api(t, "amira"), s.staff(t, "amira")
	amira.visit("/clients/" + safeID)
	amira.press(`messenger-compose [data-medium="sms"]`)
	amira.sees(`[data-key="safe"]`, "Text messages only.", "Only Tuesday 10:00 to 12:00.", "Every message is private.")
	amira.write(`[name="body"]`, "The place at the refuge is yours.")
	amira.press(`[data-do="preview"]`)
	amira.sees(".messenger-previewed", "You have a private message.")
	amira.seesNo(".messenger-previewed", "refuge")
	amira.press(`[data-do="send"]`)
	amira.sees(".messenger-undo", "Undo")
	zone, err := time.LoadLocation("Europe/London")
	require.NoError(t, err)
	now := time.Now().In(zone)
	if now.Weekday() == time.Tuesday && now.Hour() >= 10 && now.Hour() < 12 {
		require.NotContains(t, inOutbox(t, api, api.sentTo(safeID)[0].ID).Text, "refuge")
		return
	}
	amira.visit("/messages?channel=" + api.channelOf(safeID).ID)
	amira.sees(".messenger-message", "The place at the refuge is yours.")
	amira.sees(".messenger-message", "It is not safe to reach the client before then.")
	require.Equal(t, "scheduled", api.sentTo(safeID)[0].Delivery.Status)
	amira.press(`.messenger-message [data-do="cancel"]`)
	cancelled := func() bool { return api.sentTo(safeID)[0].Delivery.Status == "cancelled" }
	require.Eventually(t, cancelled, patience, 50*time.Millisecond)
}

// noteNobodySees: what Amira notes is before Ben at once, and neither on the client's page, in what goes out nor in the
// record.
func noteNobodySees(t *testing.T, s stage) {
	t.Helper()
	const client, words = "c-1033", "Rang. The daughter sounded worried about money."
	link := s.linkFor(t, client)
	api, amira, ben := s.api(t, "amira"), s.staff(t, "amira"), s.staff(t, "ben")
	channel := "/messages?channel=" + api.channelOf(client).ID
	amira.visit(channel)
	ben.visit(channel)
	amira.press(`messenger-thread [data-do="note"]`)
	ben.sees(".messenger-others", "Amira Shah is here.")
	amira.write(`messenger-thread [name="note"]`, words)
	ben.sees(".messenger-others", "Amira Shah is writing.")
	amira.press(`[data-do="save-note"]`)
	amira.sees(".messenger-messages", words, "Note for colleagues only")
	ben.sees(".messenger-messages", words, "Note for colleagues only")

	reader := s.client(t)
	reader.visit(link)
	reader.sees("h1", "")
	reader.seesNo("body", "daughter")
	reader.write("#reply", "Thank you")
	reader.press(`button[value="send"]`)
	reader.sees("h1", "Reply sent")
	reader.seesNo("body", "daughter")
	const filed = "The bus stops at the door." // once it is there, so would be what was noted before it
	api.api(http.StatusCreated, http.MethodPost, "/channels/"+api.channelOf(client).ID+"/notes",
		map[string]any{"kind": "note", "text": filed, "file": true}, nil)
	require.Eventually(t, func() bool {
		_, page := api.page("/record.json")
		return strings.Contains(page, filed)
	}, 2*patience, 100*time.Millisecond)
	for _, path := range []string{"/outbox.json", "/record.json"} {
		status, page := api.page(path)
		require.Equal(t, http.StatusOK, status)
		require.NotContains(t, page, "daughter", path)
	}
}
