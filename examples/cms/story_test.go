package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// outside is what the story sees and does where the host ends.
type outside struct {
	emailed func(t *testing.T, messageID string) sentItem // what the client got by email
	// what the record holds of a message; nil: as the host's own page says
	filed func(t *testing.T, messageID string) []recordItem
	// corrected and registered make systems outside agree with what staff are about to enter in the host. May be nil.
	corrected  func(t *testing.T, client, email, phone string)
	registered func(t *testing.T, client string)
}

// story is one run of the demonstration, told over HTTP alone. Its parts follow on each other.
type story struct {
	*testing.T
	host            *hosttest.Host
	amira, ben, dev browser
	chloe, esther   browser
	client          browser
	outside
	person        apiClientRow // whom amira writes to
	channel       string
	first         apiMessage
	events        <-chan event
	link, eventID string
}

func (s *story) opened(as browser, channel string) (c apiChannel) {
	s.Helper()
	as.api(http.StatusOK, http.MethodGet, "/channels/"+channel, nil, &c)
	return c
}

// newest is a channel's newest message.
func (s *story) newest(channel string) apiMessage {
	s.Helper()
	var page apiPage[apiMessage]
	s.amira.api(http.StatusOK, http.MethodGet, "/channels/"+channel+"/messages?limit=1", nil, &page)
	require.NotEmpty(s, page.Items)
	return page.Items[0]
}

func (s *story) message(channel, id string) (found apiMessage) {
	s.Helper()
	var page apiPage[apiMessage]
	s.amira.api(http.StatusOK, http.MethodGet, "/channels/"+channel+"/messages", nil, &page)
	for _, message := range page.Items {
		if message.ID == id {
			return message
		}
	}
	require.Fail(s, "no such message in the thread")
	return found
}

// until waits for a message to come as far as the test says.
func (s *story) until(channel, id string, far func(apiMessage) bool) (last apiMessage) {
	s.Helper()
	require.Eventually(s, func() bool { last = s.message(channel, id); return far(last) }, patience, 30*time.Millisecond)
	return last
}

func (s *story) entries(id string) (entries []recordItem) {
	s.Helper()
	if s.filed != nil {
		return s.filed(s.T, id)
	}
	var all []recordItem
	s.json(s.amira, "/record.json", &all)
	for _, entry := range all {
		if entry.MessageID.String() == id {
			entries = append(entries, entry)
		}
	}
	return entries
}

// withoutChannel is a client whom amira has not written to, with an address for the medium and nothing in the way of
// it.
func (s *story) withoutChannel(medium string) apiClientRow {
	s.Helper()
	var rows apiPage[apiClientRow]
	for _, letter := range []string{"a", "e", "o", "i"} {
		s.amira.api(http.StatusOK, http.MethodGet, "/clients?limit=100&q="+letter, nil, &rows)
		for _, row := range rows.Items {
			var page struct {
				Actions map[string]struct{ Allowed bool }
				Client  struct{ Email, Phone string }
			}
			s.amira.api(http.StatusOK, http.MethodGet, "/clients/"+row.ID, nil, &page)
			if row.ChannelID == "" && page.Actions["send_"+medium].Allowed && page.Client.Email != "" &&
				page.Client.Phone != "" {
				return row
			}
		}
	}
	require.Fail(s, "no client without a channel")
	return apiClientRow{}
}

func TestStory(t *testing.T) {
	t.Parallel()
	host := startHost(t, migrationtest.Migrated(t), "")
	tellStory(t, host, outside{emailed: func(t *testing.T, messageID string) sentItem {
		t.Helper()
		return inOutbox(t, signedIn(t, host.URL, "amira"), messageID)
	}})
}

// inOutbox waits for a message in the outbox.
func inOutbox(t *testing.T, as browser, messageID string) (found sentItem) {
	t.Helper()
	s := &story{T: t}
	require.Eventually(t, func() bool {
		var items []sentItem
		s.json(as, "/outbox.json", &items)
		for _, item := range items {
			if item.MessageID.String() == messageID {
				found = item
			}
		}
		return found.Attempts > 0
	}, patience, 50*time.Millisecond)
	return found
}

func tellStory(t *testing.T, host *hosttest.Host, world outside) {
	t.Helper()
	s := &story{
		T: t, host: host, outside: world, client: newBrowser(t, host.URL),
		amira: signedIn(t, host.URL, "amira"), ben: signedIn(t, host.URL, "ben"), chloe: signedIn(t, host.URL, "chloe"),
		dev: signedIn(t, host.URL, "dev"), esther: signedIn(t, host.URL, "esther"),
	}
	s.events = s.amira.stream()
	for _, part := range []struct {
		name string
		tell func(*story)
	}{
		{"first message from the profile, delivered and filed", (*story).firstMessage},
		{"the client replies: unread, notified, filed", (*story).clientReplies},
		{"read, then done", (*story).readAndDone},
		{"the client replies again: done is refused until it is read", (*story).repliesAgain},
		{"search", (*story).search},
		{"a colleague looks, and acts on behalf", (*story).colleagues},
		{"replies off and on, and a new link", (*story).replyLink},
		{"text messages", (*story).texts},
		{"a scheduled message is cancelled", (*story).cancel},
		{"retry after a corrected address, resolve, file again", (*story).failures},
		{"history", (*story).history},
		{"cursors over several pages", (*story).pages},
		{"another organisation sees nothing", (*story).otherOrganisation},
	} {
		if !t.Run(part.name, func(t *testing.T) {
			told := *s
			told.T = t
			for _, b := range []*browser{&told.amira, &told.ben, &told.chloe, &told.dev, &told.esther, &told.client} {
				b.t = t
			}
			part.tell(&told)
			s.person, s.channel, s.first, s.link, s.eventID = told.person, told.channel, told.first, told.link, told.eventID
		}) {
			return
		}
	}
}

func (s *story) json(as browser, path string, items any) {
	s.Helper()
	status, body := as.page(path)
	require.Equal(s, http.StatusOK, status)
	requireJSON(s.T, body, items)
}

func (s *story) firstMessage() {
	status, page := s.amira.page("/messages")
	require.Equal(s, http.StatusOK, status)
	require.Contains(s, page, "<messenger-inbox")
	s.person = s.withoutChannel("email")
	status, page = s.amira.page("/clients/" + s.person.ID)
	require.Equal(s, http.StatusOK, status)
	require.Contains(s, page, `client="`+s.person.ID+`"`)

	body := object{
		"medium": "email", "subject": "Croeso – żółw 🐢",
		"body": "Dear {{first_name}},\r\n\r\nhow are you? Ünï\n\n{{staff_name}}",
	}
	key := uuid.NewString()
	var sent, again apiSent
	s.amira.api(http.StatusAccepted, http.MethodPost, "/clients/"+s.person.ID+"/messages", body, &sent,
		"Idempotency-Key", key)
	s.amira.api(http.StatusAccepted, http.MethodPost, "/clients/"+s.person.ID+"/messages", body, &again,
		"Idempotency-Key", key)
	require.Equal(s, sent.Message.ID, again.Message.ID, "a repeat sends nothing")
	require.Equal(s, "open", sent.Channel.Status)
	s.channel, s.first = sent.Channel.ID, sent.Message

	first := s.until(s.channel, s.first.ID, func(m apiMessage) bool { return m.Record.Status == "saved" })
	require.Equal(s, "sent", first.Delivery.Status)
	require.NotContains(s, first.Body, "{{")
	require.NotContains(s, first.Body, "\r")
	got := s.emailed(s.T, s.first.ID)
	require.Equal(s, "Croeso – żółw 🐢", got.Subject)
	require.Contains(s, got.Text, "how are you? Ünï")
	require.Contains(s, got.Text, "Amira Shah")
	s.link = linkIn(s.T, got.Text)
	require.NotContains(s, first.Body, s.link, "the link is never part of what is stored")
	require.Equal(s, 1, inOutbox(s.T, s.amira, s.first.ID).Attempts)

	entries := s.entries(s.first.ID)
	require.Len(s, entries, 1)
	require.Equal(s, s.person.ID, entries[0].ClientID)
	require.Equal(s, "outbound", entries[0].Direction)
	require.NotContains(s, entries[0].Text, "/m/r/", "nor of what is filed")
}

// linkIn is the reply link, whole and on one line.
func linkIn(t *testing.T, text string) string {
	t.Helper()
	link := regexp.MustCompile(`(?m)https?://\S+/m/r/[A-Za-z0-9_-]+`).FindString(text)
	require.NotEmpty(t, link, "no reply link in the message")
	return link
}

func (s *story) clientReplies() {
	status, page := s.client.page(s.link)
	require.Equal(s, http.StatusOK, status)
	require.NotContains(s, page, s.person.Name, "the page does not say whose it is")
	for _, number := range []string{"111", "999"} {
		require.Contains(s, page, number)
	}
	status, page = s.client.reply(s.link, "Diolch! I am well.\nCan we talk about the choir?")
	require.Equal(s, http.StatusOK, status, "%s", page)

	s.eventID = awaitEvent(s.T, s.events, "channel", s.channel, `"unread"`).id
	require.NotEmpty(s, s.eventID)
	opened := s.opened(s.amira, s.channel)
	require.Equal(s, "unread", opened.Status)
	require.Equal(s, 1, opened.UnreadCount)
	reply := s.newest(s.channel)
	require.Equal(s, "inbound", reply.Direction)
	require.Equal(s, "web", reply.Medium)
	require.Equal(s, "Diolch! I am well.\nCan we talk about the choir?", reply.Body)
	require.Nil(s, reply.Read)
	s.until(s.channel, reply.ID, func(m apiMessage) bool { return m.Record.Status == "saved" })
	entries := s.entries(reply.ID)
	require.Len(s, entries, 1)
	require.Equal(s, "inbound", entries[0].Direction)
	require.Equal(s, "client", entries[0].Author.Kind)

	notification := s.notification()
	require.NotNil(s, notification)
	require.False(s, notification.Read)
	require.Equal(s, reply.ID, notification.LastMessage.ID)
	require.Contains(s, notification.URL, "/messages?channel="+s.channel)
}

func (s *story) notification() *apiNotification {
	s.Helper()
	var page apiPage[apiNotification]
	s.amira.api(http.StatusOK, http.MethodGet, "/notifications?limit=100", nil, &page)
	for i := range page.Items {
		if page.Items[i].ChannelID == s.channel {
			return &page.Items[i]
		}
	}
	return nil
}

func (s *story) readAndDone() {
	reply := s.newest(s.channel)
	s.amira.api(http.StatusNoContent, http.MethodPost, "/channels/"+s.channel+"/read", object{"up_to": reply.ID}, nil)
	require.Equal(s, "open", s.opened(s.amira, s.channel).Status)
	require.NotNil(s, s.notification(), "read, but not yet complete")
	require.True(s, s.notification().Read)
	var row apiChannel
	s.amira.api(http.StatusOK, http.MethodPut, "/channels/"+s.channel+"/status",
		object{"status": "done", "up_to": reply.ID}, &row)
	require.Equal(s, "done", row.Status)
	require.Nil(s, s.notification())
	awaitEvent(s.T, s.events, "channel", s.channel, `"done"`)

	resumed := <-s.amira.stream("Last-Event-ID", s.eventID)
	require.Contains(s, []string{"channel", "message", "reset"}, resumed.kind,
		"what changed since, or that everything may have")
}

func (s *story) repliesAgain() {
	before := s.newest(s.channel)
	status, _ := s.client.reply(s.link, "One more thing: is it free?")
	require.Equal(s, http.StatusOK, status)
	require.Equal(s, "unread", s.opened(s.amira, s.channel).Status)
	require.Equal(s, "unread_replies",
		s.amira.refused(http.StatusConflict, http.MethodPut, "/channels/"+s.channel+"/status",
			object{"status": "done", "up_to": before.ID}))
	last := s.newest(s.channel)
	s.amira.api(http.StatusOK, http.MethodPut, "/channels/"+s.channel+"/status",
		object{"status": "done", "up_to": last.ID}, nil)
	s.amira.api(http.StatusOK, http.MethodPut, "/channels/"+s.channel+"/status", object{"status": "open"}, nil)
	require.Equal(s, "open", s.opened(s.amira, s.channel).Status)

	status, page := s.client.reply(s.link, "   ")
	require.Equal(s, http.StatusUnprocessableEntity, status)
	require.Contains(s, page, "<textarea")
}

func (s *story) search() {
	var page apiPage[apiChannel]
	s.amira.api(http.StatusOK, http.MethodGet, "/inboxes/amira/channels?q="+url.QueryEscape("choir dioL"), nil, &page)
	require.Len(s, page.Items, 1)
	require.Equal(s, s.channel, page.Items[0].ID)
	require.NotNil(s, page.Items[0].Match)
	require.Equal(s, "message", page.Items[0].Match.Field)
	s.amira.api(http.StatusOK, http.MethodGet,
		"/inboxes/amira/channels?q="+url.QueryEscape(strings.ToUpper(s.person.Name)), nil, &page)
	found := false
	for _, item := range page.Items {
		found = found || item.ID == s.channel
	}
	require.True(s, found, "found by name")
	s.amira.api(http.StatusOK, http.MethodGet, "/inboxes/amira/channels?q=nobody-wrote-this", nil, &page)
	require.Empty(s, page.Items)
}

// pages reads the long thread to its beginning, every message once.
func (s *story) pages() {
	var found apiPage[apiChannel]
	s.amira.api(http.StatusOK, http.MethodGet, "/inboxes/amira/channels?q=Grace+Okafor", nil, &found)
	require.NotEmpty(s, found.Items)
	next, seq, pages := "", threadLength+1, 0
	for {
		var page apiPage[apiMessage]
		s.amira.api(http.StatusOK, http.MethodGet,
			"/channels/"+found.Items[0].ID+"/messages?limit=70&cursor="+url.QueryEscape(next), nil, &page)
		for _, message := range page.Items {
			seq--
			require.Equal(s, seq, message.Seq, "newest first, none missing and none twice")
		}
		pages++
		if next = page.Next; next == "" {
			break
		}
	}
	require.Equal(s, 1, seq)
	require.Equal(s, 8, pages)
	require.Equal(s, "invalid", s.amira.refused(http.StatusUnprocessableEntity, http.MethodGet,
		"/channels/"+s.channel+"/messages?cursor=nonsense", nil))
}
