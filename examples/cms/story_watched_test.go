package main

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// apiNeeded is a row of what needs a person.
type apiNeeded struct {
	ID      string      `json:"id"`
	Reason  string      `json:"reason"`
	Channel *apiChannel `json:"channel"`
	Can     []string    `json:"can"`
}

// neededIn is what a channel needs a person for, as this person may see it.
func (b browser) neededIn(channel, reason string) (found []apiNeeded) {
	b.t.Helper()
	var page apiPage[apiNeeded]
	b.api(http.StatusOK, http.MethodGet, "/attention?limit=100&reason="+reason, nil, &page)
	return slices.DeleteFunc(page.Items, func(n apiNeeded) bool { return n.Channel == nil || n.Channel.ID != channel })
}

// inFront is whether a channel is among this person's notifications, and as what.
func (b browser) inFront(channel string) (kind string) {
	b.t.Helper()
	var page apiPage[struct {
		Kind      string `json:"kind"`
		ChannelID string `json:"channel_id"`
	}]
	b.api(http.StatusOK, http.MethodGet, "/notifications?limit=100", nil, &page)
	for _, one := range page.Items {
		if one.ChannelID == channel {
			return one.Kind
		}
	}
	return ""
}

// soon waits for something to be so.
func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	require.Eventually(t, so, patience, 100*time.Millisecond, what)
}

// TestNobodyIsUnwatched tells over HTTP alone what becomes of a reply that its owner does not read: a cover has it
// before them, then it is overdue, is told to the cover and to the fallback, is handed over unread with its channel and
// with an inbox, and is joined with what the receiver has. The day's end says so, and is green once nothing is left.
func TestNobodyIsUnwatched(t *testing.T) {
	t.Parallel()
	host := startHost(t, migrationtest.Migrated(t), "", "-hours", "always", "-read-within", "4s")
	as := func(staff string) browser { return signedIn(t, host.URL, staff) }
	amira, ben, dev, fay, esther, client := as("amira"), as("ben"), as("dev"), as("fay"), as("esther"),
		newBrowser(t, host.URL)
	const person = "c-1033"
	var sent apiSent
	amira.api(http.StatusAccepted, http.MethodPost, "/clients/"+person+"/messages",
		object{"medium": "sms", "body": "How are you, {{first_name}}?"}, &sent)
	channel, link := sent.Channel.ID, amira.channelOf(person).ReplyLink

	told := ben.stream()
	amira.api(http.StatusOK, http.MethodPut, "/inboxes/amira/absence",
		object{"from": time.Now().Add(-time.Minute), "cover_staff_id": "ben", "note": "On leave"}, nil)
	_, page := client.page(link)
	require.Contains(t, page, "Ben Adeyemi", "the page says who reads")
	_, page = client.reply(link, "Is anybody there?")
	require.Contains(t, page, "Ben Adeyemi")
	awaitEvent(t, told, "channel", channel, `"covered_for":"amira"`)
	require.Equal(t, "reply", ben.inFront(channel))
	require.Empty(t, fay.inFront(channel))

	soon(t, "overdue", func() bool { return len(ben.neededIn(channel, "reply_overdue")) == 1 })
	require.Contains(t, ben.neededIn(channel, "reply_overdue")[0].Can, "cover")
	require.Empty(t, dev.neededIn(channel, "reply_overdue"), "who may not open the inbox")
	soon(t, "the fallback is told after twice as long", func() bool { return fay.inFront(channel) == "overdue" })
	inbox := overviewOf(ben, "amira")
	require.Equal(t, "away", inbox.State)
	require.Equal(t, "ben", inbox.Cover.StaffID)
	require.Positive(t, inbox.Overdue)

	amira.api(http.StatusNoContent, http.MethodDelete, "/inboxes/amira/absence", nil, nil)
	handover := object{"to": "dev", "note": "I am leaving.", "take_unread": false}
	path := "/channels/" + channel + "/handover"
	require.Equal(t, "unread_replies", amira.refused(http.StatusConflict, http.MethodPost, path, handover))
	handover["take_unread"] = true
	var given apiChannel
	amira.api(http.StatusOK, http.MethodPost, path, handover, &given)
	require.Equal(t, []string{channel, "dev", "unread"}, []string{given.ID, given.StaffID, given.Status})
	require.Equal(t, "not_found", amira.refused(http.StatusNotFound, http.MethodGet, "/channels/"+channel, nil))
	require.NotEmpty(t, dev.inFront(channel))

	var own apiSent
	ben.api(http.StatusAccepted, http.MethodPost, "/clients/"+person+"/messages",
		object{"medium": "sms", "body": "I am Ben."}, &own)
	handover["to"] = "ben"
	var begun struct{ ID string }
	fay.api(http.StatusAccepted, http.MethodPost, "/inboxes/dev/handover", handover, &begun)
	var done struct {
		ID, State    string
		Total, Moved int
		Refused      int `json:"refused_count"`
	}
	soon(t, "handed over", func() bool {
		fay.api(http.StatusOK, http.MethodGet, "/inboxes/dev/handover", nil, &done)
		return done.State == "done"
	})
	require.Equal(t, []any{begun.ID, done.Total, 0}, []any{done.ID, done.Moved, done.Refused})
	var joined apiChannel
	ben.api(http.StatusOK, http.MethodGet, "/channels/"+channel, nil, &joined)
	require.Equal(t, []string{own.Channel.ID, "unread"}, []string{joined.ID, joined.Status}, "the two are one")
	status, _ := client.reply(link, "Hello Ben.")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "Hello Ben.", ben.sentTo(person)[0].Body)
	require.Len(t, ben.sentTo(person), 4)

	greenAgain(t, esther)
}

// overviewOf is an inbox in this person's day's end.
func overviewOf(b browser, staff string) (found overviewInbox) {
	b.t.Helper()
	var overview apiOverview
	b.api(http.StatusOK, http.MethodGet, "/overview", nil, &overview)
	require.False(b.t, overview.Safe)
	for _, inbox := range overview.Inboxes {
		if inbox.StaffID == staff {
			return inbox
		}
	}
	require.Fail(b.t, "no such inbox")
	return found
}

// greenAgain deals with all that is in front of the only one of an organisation.
func greenAgain(t *testing.T, esther browser) {
	t.Helper()
	safe := func() bool {
		var overview apiOverview
		esther.api(http.StatusOK, http.MethodGet, "/overview", nil, &overview)
		return overview.Safe
	}
	soon(t, "seeded", func() bool { return len(esther.esthersUnread()) > 0 })
	require.False(t, safe())
	unread := esther.esthersUnread()
	for _, channel := range unread {
		esther.api(http.StatusNoContent, http.MethodPost, "/channels/"+channel.ID+"/read",
			object{"up_to": channel.LastMessage.ID}, nil)
	}
	soon(t, "dealt with", func() bool { // deliveries may fail still
		esther.dealtWith()
		return safe()
	})
	var opened apiChannel
	esther.api(http.StatusOK, http.MethodGet, "/channels/"+unread[0].ID, nil, &opened)
	status, _ := newBrowser(t, esther.base).reply(opened.ReplyLink, "And now?")
	require.Equal(t, http.StatusOK, status)
	require.False(t, safe())
	var acted struct {
		Results []struct {
			ID   string `json:"id"`
			OK   bool   `json:"ok"`
			Code string `json:"code"`
		} `json:"results"`
	}
	esther.api(http.StatusOK, http.MethodPost, "/attention/act",
		object{"ids": []string{unread[0].ID, "nonsense"}, "do": "retry"}, &acted)
	require.Len(t, acted.Results, 2)
	require.Equal(t, []string{"nothing_to_do", "not_found"}, []string{acted.Results[0].Code, acted.Results[1].Code},
		"each for itself, in the order asked")
}
