package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// TestPeople holds the invented people against what the contract says of them.
func TestPeople(t *testing.T) {
	t.Parallel()
	people := clientRows()
	require.Len(t, people, 200)
	for _, p := range partRows() {
		require.True(t, validNHSNumber(p.NHSNumber))
		require.NotContains(t, []string{p.Email, p.Phone}, "")
	}
	phones, numbers, kinds := map[string]int{}, map[string]bool{}, map[string]int{}
	for _, p := range people {
		require.True(t, strings.HasPrefix(p.NHSNumber, "999"))
		require.True(t, validNHSNumber(p.NHSNumber), "modulus 11")
		require.False(t, numbers[p.NHSNumber])
		numbers[p.NHSNumber] = true
		require.NotEmpty(t, p.GP.ODSCode)
		_, err := time.Parse(time.DateOnly, p.DateOfBirth)
		require.NoError(t, err)
		if p.Email != "" {
			require.Regexp(t, `@(refused\.)?example\.(org|com)$`, p.Email)
		}
		if p.Phone != "" {
			require.Regexp(t, `^07700 900\d{3}$`, p.Phone)
			phones[p.Phone]++
		}
		for kind, is := range map[string]bool{
			"restricted": p.Restricted, "deceased": p.Deceased, "objects": len(p.Objects) > 0, "no email": p.Email == "",
			"no phone": p.Phone == "", "shared phone": phones[p.Phone] == 2,
		} {
			if is {
				kinds[kind]++
			}
		}
	}
	for _, kind := range []string{"restricted", "deceased", "objects", "no email", "no phone", "shared phone"} {
		require.Positive(t, kinds[kind], kind)
	}
	require.Equal(t, adapters.ClientID(graceID), people[0].ID)
	require.Equal(t, "9990000018", people[0].NHSNumber)
}

// validNHSNumber is modulus 11 written another way than the numbers are made: all ten digits weighed come to a multiple
// of 11.
func validNHSNumber(number string) bool {
	sum := 0
	for i, digit := range number {
		sum += int(digit-'0') * (10 - i)
	}
	return len(number) == 10 && sum%11 == 0
}

// TestSeed looks at a new host as the contract describes it, and at the same one started again.
func TestSeed(t *testing.T) {
	t.Parallel()
	database := migrationtest.Database(t)
	host := startHost(t, database, "")
	requireSeeded(t, host)
	var before, after []sentItem
	(&story{T: t}).json(signedIn(t, host.URL, "amira"), "/outbox.json", &before)
	require.Equal(t, 0, host.Terminate())

	host = startHost(t, database, "")
	requireSeeded(t, host)
	(&story{T: t}).json(signedIn(t, host.URL, "amira"), "/outbox.json", &after)
	require.Equal(t, before, after, "a second start seeds nothing")
}

func requireSeeded(t *testing.T, host *hosttest.Host) {
	t.Helper()
	amira := signedIn(t, host.URL, "amira")
	var inbox apiPage[apiChannel]
	amira.api(http.StatusOK, http.MethodGet, "/inboxes/amira/channels?limit=100", nil, &inbox)
	statuses, attention := map[string]int{}, map[string]int{}
	for _, channel := range inbox.Items {
		statuses[channel.Status]++
		for _, why := range channel.Attention {
			attention[why]++
		}
	}
	for _, status := range []string{"unread", "open", "done"} {
		require.Positive(t, statuses[status], status)
	}
	require.Equal(t, map[string]int{"delivery_failed": 1, "record_failed": 1}, attention)
	for staff, organisation := range map[string]string{
		"amira": "north", "ben": "north", "chloe": "north", "dev": "north", "esther": "south",
	} {
		requireEnoughClients(t, signedIn(t, host.URL, staff), organisation)
	}
	requireTemplates(t, amira)
	var me struct{ Permissions []string }
	signedIn(t, host.URL, "fay").api(http.StatusOK, http.MethodGet, "/me", nil, &me)
	require.Contains(t, me.Permissions, "manages_templates")
	amira.api(http.StatusOK, http.MethodGet, "/me", nil, &me)
	require.NotContains(t, me.Permissions, "manages_templates")
}

// requireTemplates finds one with a placeholder, one that is private and one for email with a subject, each once.
func requireTemplates(t *testing.T, as browser) {
	t.Helper()
	var templates apiPage[struct {
		Title, Medium, Subject, Body string
		Private                      bool
	}]
	as.api(http.StatusOK, http.MethodGet, "/templates", nil, &templates)
	titles, kinds := map[string]bool{}, map[string]bool{}
	for _, one := range templates.Items {
		require.False(t, titles[one.Title], one.Title)
		titles[one.Title] = true
		kinds["filled in"] = kinds["filled in"] || strings.Contains(one.Body, "{{first_name}}")
		kinds["private"] = kinds["private"] || one.Private
		kinds["email"] = kinds["email"] || one.Medium == "email" && one.Subject != ""
	}
	require.GreaterOrEqual(t, len(titles), 3)
	require.Equal(t, map[string]bool{"filled in": true, "private": true, "email": true}, kinds)
}

// requireEnoughClients counts the clients to whom a staff member has not written.
func requireEnoughClients(t *testing.T, as browser, organisation string) {
	t.Helper()
	var me struct {
		Organisation struct{ ID string } `json:"organisation"`
	}
	as.api(http.StatusOK, http.MethodGet, "/me", nil, &me)
	require.Equal(t, organisation, me.Organisation.ID)
	var rows apiPage[apiClientRow]
	as.api(http.StatusOK, http.MethodGet, "/clients?limit=100&q=a", nil, &rows)
	var without, email, phone int
	for _, row := range rows.Items {
		var page struct {
			ChannelID string `json:"channel_id"`
			Client    struct {
				Email, Phone string
				Restricted   bool
				NHSNumber    string `json:"nhs_number"`
				DateOfBirth  string `json:"date_of_birth"`
			}
		}
		as.api(http.StatusOK, http.MethodGet, "/clients/"+row.ID, nil, &page)
		if page.ChannelID != "" || page.Client.Restricted || strings.HasPrefix(row.ID, "c-19") { // who show something
			continue
		}
		without++
		require.NotEmpty(t, page.Client.NHSNumber)
		require.NotEmpty(t, page.Client.DateOfBirth)
		if page.Client.Email != "" {
			email++
		}
		if page.Client.Phone != "" {
			phone++
		}
	}
	require.GreaterOrEqual(t, without, 20)
	require.GreaterOrEqual(t, email, 15)
	require.GreaterOrEqual(t, phone, 5)
	requireListWithEmail(t, as)
}

func requireListWithEmail(t *testing.T, as browser) {
	t.Helper()
	var lists apiPage[struct{ ID string }]
	as.api(http.StatusOK, http.MethodGet, "/lists", nil, &lists)
	for _, list := range lists.Items {
		var members apiPage[apiClientRow]
		as.api(http.StatusOK, http.MethodGet, "/lists/"+list.ID+"/clients", nil, &members)
		for _, member := range members.Items {
			var page struct{ Client struct{ Email string } }
			as.api(http.StatusOK, http.MethodGet, "/clients/"+member.ID, nil, &page)
			if page.Client.Email != "" {
				return
			}
		}
	}
	require.Fail(t, "no saved list with somebody who has an email")
}

// TestSeedInterrupted kills hosts while they seed, and finds everything once in the end.
func TestSeedInterrupted(t *testing.T) {
	t.Parallel()
	database := migrationtest.Database(t)
	for _, after := range []time.Duration{0, 300 * time.Millisecond, 900 * time.Millisecond} {
		host := launchHost(t, database, "")
		select {
		case <-time.After(after):
		case <-host.Exited():
		}
		host.Kill()
	}
	host := startHost(t, database, "")
	amira := signedIn(t, host.URL, "amira")
	var found apiPage[apiChannel]
	amira.api(http.StatusOK, http.MethodGet, "/inboxes/amira/channels?q=Grace+Okafor", nil, &found)
	require.Len(t, found.Items, 1)
	var newest apiPage[apiMessage]
	amira.api(http.StatusOK, http.MethodGet, "/channels/"+found.Items[0].ID+"/messages?limit=1", nil, &newest)
	require.Equal(t, threadLength, newest.Items[0].Seq)
}

// TestPrivateDatabase kills a host with a database of its own, and then stops it: the data stay.
func TestPrivateDatabase(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	host := startHost(t, "", "", "-data", folder)
	var page apiSent
	for i, stop := range []func(){host.Kill, nil} {
		amira := signedIn(t, host.URL, "amira")
		body := object{"medium": "email", "subject": "Hello", "body": fmt.Sprintf("Number %d", i)}
		amira.api(http.StatusAccepted, http.MethodPost, "/clients/c-1051/messages", body, &page)
		if stop != nil {
			stop()
			host = startHost(t, "", "", "-data", folder)
		}
	}
	var messages apiPage[apiMessage]
	signedIn(t, host.URL, "amira").api(http.StatusOK, http.MethodGet, "/channels/"+page.Channel.ID+"/messages", nil,
		&messages)
	require.Len(t, messages.Items, 2, "killed, and goes on with the same data")
	require.Equal(t, 0, host.Terminate(), "%s", host.Log)
}

// TestRoles runs the web and the worker as two processes on one database.
func TestRoles(t *testing.T) {
	t.Parallel()
	database := migrationtest.Database(t)
	worker := startHost(t, database, "", "-role", "worker")
	web := startHost(t, database, "", "-role", "web")
	requireSeeded(t, web)
	amira := signedIn(t, web.URL, "amira")
	events := amira.stream()
	var sent apiSent
	amira.api(http.StatusAccepted, http.MethodPost, "/clients/c-1052/messages",
		object{"medium": "email", "subject": "Hello", "body": "Hello"}, &sent)
	got := inOutbox(t, amira, sent.Message.ID)
	require.True(t, strings.HasPrefix(linkIn(t, got.Text), web.URL+"/m/r/"), "the worker writes the web's address")
	awaitEvent(t, events, "message", sent.Message.ID, `"saved"`)
	require.Equal(t, 0, worker.Terminate())

	amira.api(http.StatusAccepted, http.MethodPost, "/clients/c-1052/messages",
		object{"medium": "email", "subject": "Hello", "body": "Hello"}, &sent)
	require.Equal(t, "queued", sent.Message.Delivery.Status)
	startHost(t, database, "", "-role", "worker")
	inOutbox(t, amira, sent.Message.ID)
}

// TestReplyCheck turns the date-of-birth check on.
func TestReplyCheck(t *testing.T) {
	t.Parallel()
	host := startHost(t, migrationtest.Migrated(t), "", "-reply-check", "dob")
	amira, client := signedIn(t, host.URL, "amira"), newBrowser(t, host.URL)
	var sent apiSent
	amira.api(http.StatusAccepted, http.MethodPost, "/clients/c-1053/messages",
		object{"medium": "email", "subject": "Hello", "body": "A private word"}, &sent)
	link := linkIn(t, inOutbox(t, amira, sent.Message.ID).Text)
	_, page := client.page(link)
	for _, input := range []string{`name="day"`, `name="month"`, `name="year"`} {
		require.Contains(t, page, input)
	}
	require.NotContains(t, page, "A private word")
	status, _ := client.reply(link, "Nobody proved this.")
	require.Equal(t, http.StatusOK, status, "writing is never locked")
	var thread apiPage[apiMessage]
	amira.api(http.StatusOK, http.MethodGet, "/channels/"+sent.Channel.ID+"/messages", nil, &thread)
	require.Equal(t, "none", thread.Items[0].Verified)
	require.Equal(t, "held", thread.Items[0].Record.Status)
	amira.api(http.StatusOK, http.MethodPost, "/messages/"+thread.Items[0].ID+"/record", nil, nil)
	require.Eventually(t, func() bool {
		amira.api(http.StatusOK, http.MethodGet, "/channels/"+sent.Channel.ID+"/messages", nil, &thread)
		return thread.Items[0].Record.Status == "saved"
	}, patience, 30*time.Millisecond)
}
