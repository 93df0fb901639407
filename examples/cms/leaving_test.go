package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

type apiOverview struct {
	Safe    bool
	Inboxes []overviewInbox
}

type overviewInbox struct {
	StaffID string `json:"staff_id"`
	State   string
	Unread  int
	Overdue int
	Cover   *struct {
		StaffID string `json:"staff_id"`
	}
}

// TestWhoIsNotThere looks at the seeded people who are away or have left, and has another leave.
func TestWhoIsNotThere(t *testing.T) {
	t.Parallel()
	host := startHost(t, migrationtest.Migrated(t), "")
	nobody := newBrowser(t, host.URL)
	status, page := nobody.form("/sign-in", url.Values{"staff": {"hana"}})
	require.Equal(t, http.StatusUnprocessableEntity, status, "who left can't sign in")
	require.NotContains(t, page, "Hana")

	fay, ben := signedIn(t, host.URL, "fay"), signedIn(t, host.URL, "ben")
	state := func(staff string) (string, int, string) {
		var overview apiOverview
		fay.api(http.StatusOK, http.MethodGet, "/overview", nil, &overview)
		require.False(t, overview.Safe)
		for _, inbox := range overview.Inboxes {
			if inbox.StaffID == staff && inbox.Cover != nil {
				return inbox.State, inbox.Unread, inbox.Cover.StaffID
			}
		}
		return "", 0, ""
	}
	requireState := func(staff, want string, unread int, cover string) {
		t.Helper()
		got, n, covers := state(staff)
		require.Equal(t, []any{want, unread, cover}, []any{got, n, covers}, staff)
	}
	requireState("gil", "away", 1, "ben")
	requireState("hana", "left", 1, "fay")
	for browser, covers := range map[browser]string{ben: "gil", fay: "hana"} {
		var me struct {
			Covering []struct {
				StaffID string `json:"staff_id"`
			}
		}
		browser.api(http.StatusOK, http.MethodGet, "/me", nil, &me)
		require.Len(t, me.Covering, 1)
		require.Equal(t, covers, me.Covering[0].StaffID)
	}
	var needed apiPage[struct {
		Reason  string
		Message apiMessage
		Can     []string
	}]
	require.Eventually(t, func() bool {
		fay.api(http.StatusOK, http.MethodGet, "/attention?reason=owner_left", nil, &needed)
		return len(needed.Items) == 1
	}, patience, 100*time.Millisecond)
	require.Equal(t, []string{"resolve"}, needed.Items[0].Can)

	for path, to := range map[string]string{
		"/staff/fay/left": "", "/staff/nobody/left": "", "/staff/esther/left": "", "/staff/hana/left": "",
		"/staff/dev/left": "dev", "/staff/amira/left": "esther", "/staff/ben/left": "hana",
	} {
		status, _ := fay.form(path, url.Values{"to": {to}})
		require.Equal(t, http.StatusUnprocessableEntity, status, path)
	}
	status, _ = ben.form("/staff/dev/left", nil)
	require.Equal(t, http.StatusForbidden, status, "who does not manage")
	dev := signedIn(t, host.URL, "dev")
	status, _ = fay.form("/staff/dev/left", url.Values{"to": {"amira"}})
	require.Equal(t, http.StatusSeeOther, status)
	status, _ = dev.page("/messages")
	require.Equal(t, http.StatusSeeOther, status, "the session has ended")
	status, _ = nobody.form("/sign-in", url.Values{"staff": {"dev"}})
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Eventually(t, func() bool {
		var handed struct{ State string }
		fay.api(http.StatusOK, http.MethodGet, "/inboxes/dev/handover", nil, &handed)
		return handed.State == "done"
	}, patience, 100*time.Millisecond)
}

// TestClientsLeaveAndMerge discharges a client with a last message, and has two doubles become one.
func TestClientsLeaveAndMerge(t *testing.T) {
	t.Parallel()
	host := startHost(t, migrationtest.Migrated(t), "")
	amira, esther := signedIn(t, host.URL, "amira"), signedIn(t, host.URL, "esther")
	status, _ := amira.form("/clients/c-1007/discharge", url.Values{"closing": {"Goodbye, and all the best."}})
	require.Equal(t, http.StatusSeeOther, status)
	_, page := amira.page("/clients/c-1007")
	require.Contains(t, page, "Discharged")
	require.Eventually(t, func() bool {
		var sent []sentItem
		(&story{T: t}).json(amira, "/outbox.json", &sent)
		return slices.ContainsFunc(sent, func(s sentItem) bool {
			return strings.Contains(s.Text, "Goodbye, and all the best.") && !strings.Contains(s.Text, "/m/r/")
		})
	}, patience, 100*time.Millisecond, "the last message goes out, without a link")
	var channels apiPage[apiChannel]
	amira.api(http.StatusOK, http.MethodGet, "/inboxes/amira/channels?limit=100", nil, &channels)
	for _, channel := range channels.Items {
		if channel.ClientID == "c-1007" {
			require.Equal(t, "unread", channel.Status, "an unread reply stays unread")
			require.False(t, channel.RepliesAllowed)
		}
	}
	status, _ = amira.form("/clients/c-1007/discharge", url.Values{"closing": {"Goodbye again."}})
	require.Equal(t, http.StatusSeeOther, status, "a second time changes nothing")
	status, _ = esther.form("/clients/c-1007/discharge", nil)
	require.Equal(t, http.StatusNotFound, status)

	for _, into := range []string{"", doubleID, "nobody", "c-1121"} {
		status, _ := amira.form("/clients/"+doubleID+"/merge", url.Values{"into": {into}})
		require.Equal(t, http.StatusUnprocessableEntity, status, into)
	}
	for range 2 {
		status, _ := amira.form("/clients/"+doubleID+"/merge", url.Values{"into": {personID}})
		require.Equal(t, http.StatusSeeOther, status)
	}
	status, _ = amira.page("/clients/" + doubleID)
	require.Equal(t, http.StatusNotFound, status)
	amira.api(http.StatusNotFound, http.MethodGet, "/clients/"+doubleID, nil, nil)
	var found apiPage[apiClientRow]
	amira.api(http.StatusOK, http.MethodGet, "/clients?q=Maryam", nil, &found)
	for _, client := range found.Items {
		require.NotEqual(t, doubleID, client.ID)
	}
	var inbox apiPage[apiChannel]
	amira.api(http.StatusOK, http.MethodGet, "/inboxes/amira/channels?q=Maryam+Yusuf", nil, &inbox)
	require.Len(t, inbox.Items, 1, "the two are one")
	status, _ = amira.form("/clients/"+doubleID+"/merge", url.Values{"into": {"c-1001"}})
	require.Equal(t, http.StatusNotFound, status, "who is gone")
}

// TestALastMessageIsSafeOrNone refuses a last message that the client's card has no place for before they are
// discharged, with why, and sends one by the way that is safe.
func TestALastMessageIsSafeOrNone(t *testing.T) {
	t.Parallel()
	database := migrationtest.Database(t)
	host := startHost(t, database, "")
	amira := signedIn(t, host.URL, "amira")
	card := func(client string, card adapters.SafeContact) {
		kept, err := json.Marshal(card)
		require.NoError(t, err)
		db, err := pgx.Connect(t.Context(), database)
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close(t.Context())) }()
		_, err = db.Exec(t.Context(), "update cms_clients set safe_contact = $2 where id = $1", client, kept)
		require.NoError(t, err)
	}
	discharge := func(client, closing string) (int, string) {
		return amira.form("/clients/"+client+"/discharge", url.Values{"closing": {closing}})
	}
	const goodbye = "Goodbye, and all the best for the allotment."
	for client, why := range map[string]string{
		safeID: "behind the link, which goes off", needsID: "not safe to write to this",
	} {
		if client == needsID {
			later := time.Now().AddDate(0, 0, 3).Weekday()
			card(client, adapters.SafeContact{Hours: []adapters.SafeHours{
				{Days: []time.Weekday{later}, From: 10 * time.Hour, Until: 12 * time.Hour},
			}})
		}
		_, page := amira.page("/clients/" + client)
		if client == safeID {
			require.NotContains(t, page, `id="closing"`, "what can't be sent is not asked for")
			require.Contains(t, page, "No closing message can be written to this client.")
		} else {
			require.Contains(t, page, `id="closing"`)
		}
		status, page := discharge(client, goodbye)
		require.Equal(t, http.StatusUnprocessableEntity, status)
		require.Contains(t, page, why)
		_, page = amira.page("/clients/" + client)
		require.NotContains(t, page, "<dt>Discharged</dt>", "nothing is done")
		status, _ = discharge(client, "")
		require.Equal(t, http.StatusSeeOther, status)
	}
	card(birthlessID, adapters.SafeContact{Media: []adapters.Medium{adapters.SMS}})
	status, _ := discharge(birthlessID, goodbye)
	require.Equal(t, http.StatusSeeOther, status)
	require.Eventually(t, func() bool {
		var sent []sentItem
		(&story{T: t}).json(amira, "/outbox.json", &sent)
		goes := slices.DeleteFunc(sent, func(s sentItem) bool { return !strings.Contains(s.Text, goodbye) })
		return len(goes) == 1 && goes[0].Medium == "sms"
	}, patience, 100*time.Millisecond, "by text, and nothing of those that were refused")
}
