package web_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

func joanna() adapters.Client {
	return adapters.Client{
		ID: "c-1903", Name: "Joanna Marsh", FirstName: "Joanna", DateOfBirth: "1988-03-04", Phone: "07700 900403",
		Needs: []string{"large print"}, Language: "cy",
		SafeContact: &adapters.SafeContact{
			Media: []adapters.Medium{adapters.SMS}, NoWords: true, NeutralSender: true, Note: "Never ring.",
			WhoElse: "Her brother", ReviewedAt: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC),
			Hours: []adapters.SafeHours{{Days: []time.Weekday{time.Tuesday}, From: 10 * time.Hour, Until: 12 * time.Hour}},
		},
	}
}

// The card, the needs and the language stand with the client, by the contract's names.
func TestSafeContactIsShown(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.clients.Put(north, joanna())
	client := requireShape(t, "id name date_of_birth phone restricted deceased safe_contact needs language",
		w.get(t, "amira", "/clients/c-1903")["client"])
	require.Equal(t, []any{"large print"}, client["needs"])
	require.Equal(t, "cy", client["language"])
	require.Equal(t, object{
		"media": []any{"sms"}, "hours": []any{object{"days": []any{"tue"}, "from": "10:00", "to": "12:00"}},
		"neutral_sender": true, "no_words": true, "shared_phone": false, "who_else_reads": "Her brother",
		"note": "Never ring.", "reviewed_at": "2026-10-01T09:00:00Z",
	}, client["safe_contact"])
}

// A page names nobody to whom it must not be named, in the title to nobody at all, is in the client's language, and can
// be left in one press.
func TestThePageOfWhomNobodyMayBeNamed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	grace := joanna()
	grace.ID, grace.SafeContact.Hours = th.client, nil
	w.clients.Put(north, grace)
	w.changed(t, func(o *adapters.Organisation) { o.Colour = "#7c2855" })
	address := w.url + "/m/r/" + th.token
	page := call(t, "", http.MethodGet, address, "")
	requirePageHeaders(t, page)
	location := post(t, address, map[string]string{"reply": "Diolch"}).header.Get("Location")
	receipt := call(t, "", http.MethodGet, address+location, "")
	require.Contains(t, receipt.body, "Ateb wedi’i anfon")
	wrong := post(t, address, map[string]string{"reply": ""})
	require.Contains(t, wrong.body, "<title>Gwall: Eich ateb</title>")
	for _, body := range []string{page.body, receipt.body, wrong.body} {
		require.Contains(t, body, `<html lang="cy"`)
		require.Contains(t, body, `href="https://www.bbc.co.uk/weather" rel="nofollow noreferrer">Gadael y dudalen hon</a>`)
		for _, name := range []string{"North", "Amira", "Shah", "01632", "7c2855", "Grace", "Joanna"} {
			require.NotContains(t, body, name)
		}
	}
	require.Contains(t, page.body, "y gwasanaeth hwn")

	gone := call(t, "", http.MethodGet, w.url+"/m/r/nothing", "")
	require.Contains(t, gone.body, `rel="nofollow noreferrer">Exit this page</a>`)
}
