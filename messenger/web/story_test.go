package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// ask has Amira ask for something that is answered with this status.
func (w *world) ask(t *testing.T, status int, method, path string, body object) (answered object) {
	t.Helper()
	var said []byte
	if body != nil {
		var err error
		said, err = json.Marshal(body)
		require.NoError(t, err)
	}
	got := call(t, "amira", method, w.api(path), string(said))
	require.Equal(t, status, got.status, got.body)
	require.NoError(t, json.Unmarshal([]byte(got.body), &answered))
	return answered
}

// lastSaid is the newest message of a client of Amira's.
func (w *world) lastSaid(t *testing.T, client adapters.ClientID) object {
	t.Helper()
	channel := w.get(t, "amira", "/clients/"+string(client))["channel_id"]
	return first(t, w.get(t, "amira", fmt.Sprintf("/channels/%s/messages", channel)))
}

func idOf(t *testing.T, message object) uuid.UUID {
	t.Helper()
	id, err := uuid.Parse(fmt.Sprint(message["id"]))
	require.NoError(t, err)
	return id
}

// A template is filled in, changed and sent to a list: what nobody filled in is refused, each of the list gets the
// words as they were changed, with their own name, and each message says which version it was written with.
func TestATemplateGoesToAList(t *testing.T) {
	t.Parallel()
	mail := memory.NewSender("email")
	w := setup(t, func(c *messenger.Config) { c.Email = mail })
	grace, tomasz, mei := w.newClient(), w.newClient(), w.newClient()
	w.clients.Put(north, adapters.Client{
		ID: tomasz, Name: "Tomasz Nowak", FirstName: "Tomasz", NHSNumber: "9990000026", Email: "tomasz@example.org",
	}, adapters.Client{ID: mei, Name: "Mei Chen", NHSNumber: "9990000034"})
	w.lists.Put(north, adapters.List{ID: "walks", Name: "Walking group"}, grace, tomasz, mei)
	template := object{
		"scope": "own", "medium": "email", "title": "The walk", "subject": "The walk on ((day))",
		"body": "Dear {{first_name}}, we meet at ((place)).",
	}
	id := w.ask(t, 201, http.MethodPost, "/templates", template)["id"]
	message := object{
		"medium": "email", "subject": template["subject"], "body": template["body"], "template_id": id,
		"list_ids": []string{"walks"},
	}
	for _, path := range []string{"/broadcasts/preview", "/broadcasts"} {
		require.Equal(t, "template_place_unfilled", w.ask(t, 422, http.MethodPost, path, message)["code"])
	}
	message["subject"] = "The walk on Tuesday"
	message["body"] = "Dear {{first_name}}, we meet at the church. Bring a coat."
	preview := w.ask(t, 200, http.MethodPost, "/broadcasts/preview", message)
	require.Equal(t, []any{3.0, 1.0}, []any{preview["total"], preview["skipped_count"]})
	require.Equal(t, []any{object{"client_id": string(mei), "why": "no_address"}}, preview["skipped"])

	broadcast := idOf(t, w.ask(t, 202, http.MethodPost, "/broadcasts", message))
	template["body"] = "Dear {{first_name}}, there is no walk."
	require.InDelta(t, 2, w.ask(t, 200, http.MethodPut, fmt.Sprintf("/templates/%s", id), template)["version"], 0)
	for err := jobs.After(0); err != nil; {
		if err = w.Jobs().FanOut(t.Context(), broadcast, 1); err != nil {
			require.EqualError(t, err, jobs.After(0).Error())
		}
	}
	for client, name := range map[adapters.ClientID]string{grace: "Grace", tomasz: "Tomasz"} {
		said := w.lastSaid(t, client)
		require.Equal(t, object{"id": id, "version": 1.0}, said["template"], "as it was when it was sent")
		before := len(mail.Outbox())
		require.NoError(t, w.Jobs().Deliver(t.Context(), idOf(t, said), 1))
		require.Len(t, mail.Outbox(), before+1)
		out := mail.Outbox()[before]
		require.Equal(t, "The walk on Tuesday", out.Subject)
		require.Contains(t, out.Text, "Dear "+name+", we meet at the church. Bring a coat.")
	}
	require.InDelta(t, 1, first(t, w.get(t, "amira", "/templates"))["used"], 0, "a broadcast is one")
	require.NotContains(t, w.get(t, "amira", "/clients/"+string(mei)), "channel_id")
}

// A week of drafts, schedules and edits over the change of 28 March 2027. What is meant for five past eight goes out at
// five past eight by the clocks of that day, what can't be is refused with the next time, and nothing goes out twice,
// early, or after it was taken back.
func TestAWeekOverTheClockChange(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 3, 22, 9, 0, 0, 0, time.UTC) // a Monday
	mail := memory.NewSender("email")
	w := setup(t, func(c *messenger.Config) { c.Email, c.Now = mail, func() time.Time { return now } })
	th := w.newThread(t)
	require.NoError(t, w.Jobs().Deliver(t.Context(), th.sent.ID, 1))
	sends, draft := "/channels/"+th.channel.ID.String()+"/messages", "/clients/"+string(th.client)+"/draft"
	later := func(words, at string) object {
		return object{
			"medium": "email", "subject": "Your week", "body": words,
			"send_local": object{"at": at, "zone": "Europe/London"},
		}
	}
	scheduled := func(words, at, goes string) uuid.UUID {
		t.Helper()
		message := w.ask(t, 202, http.MethodPost, sends, later(words, at))
		require.Equal(t, goes, message["send_after"])
		return idOf(t, message)
	}
	early := func(id uuid.UUID, at time.Time) {
		t.Helper()
		before := len(mail.Outbox())
		now = at.Add(-time.Second)
		require.Error(t, w.Jobs().Deliver(t.Context(), id, 1), "it waits")
		require.Len(t, mail.Outbox(), before)
		now = at
	}
	goesOut := func(id uuid.UUID, at time.Time, words string) {
		t.Helper()
		early(id, at)
		before := len(mail.Outbox())
		for range 2 {
			require.NoError(t, w.Jobs().Deliver(t.Context(), id, 1))
			require.Len(t, mail.Outbox(), before+1)
		}
		require.Contains(t, mail.Outbox()[before].Text, words)
	}

	w.ask(t, 200, http.MethodPut, draft, object{"medium": "email", "subject": "Your week", "body": "On Saturday"})
	now = now.AddDate(0, 0, 1)
	begun, ok := w.get(t, "amira", "/clients/"+string(th.client))["draft"].(object)
	require.True(t, ok)
	require.Equal(t, "On Saturday", begun["body"], "what Monday began is there on Tuesday")
	saturday := scheduled("On Saturday", "2027-03-27T08:05", "2027-03-27T08:05:00Z")
	require.NotContains(t, w.get(t, "amira", "/clients/"+string(th.client)), "draft", "sent, it is no draft")
	left := w.ask(t, 422, http.MethodPost, sends, later("At night", "2027-03-28T01:30"))
	require.Equal(t, []any{"time_does_not_exist", "2027-03-28T02:00"}, []any{left["code"], left["next"]})
	night := scheduled("At night", "2027-03-28T02:00", "2027-03-28T01:00:00Z")
	monday := scheduled("On Monday", "2027-03-29T08:05", "2027-03-29T07:05:00Z")
	unless := later("Only if you did not write", "2027-03-29T09:00")
	unless["unless"] = "replied"
	waits := idOf(t, w.ask(t, 202, http.MethodPost, sends, unless))
	list := first(t, w.get(t, "amira", "/inboxes/amira/channels?show=scheduled"))
	require.InDelta(t, 4, list["scheduled_count"], 0)

	now = now.AddDate(0, 0, 2)
	back := w.ask(t, 200, http.MethodPost, "/messages/"+monday.String()+"/edit", nil)
	require.Equal(t, object{"at": "2027-03-29T08:05", "zone": "Europe/London"}, back["send_local"])
	require.Equal(t, "On Monday", back["body"])
	require.Equal(t, "already_sent", w.ask(t, 409, http.MethodPost, "/messages/"+monday.String()+"/edit", nil)["code"])
	mended := scheduled("On Monday, at nine", "2027-03-29T09:05", "2027-03-29T08:05:00Z")

	goesOut(saturday, time.Date(2027, 3, 27, 8, 5, 0, 0, time.UTC), "On Saturday")
	goesOut(night, time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC), "At night")
	_, _, err := w.Reply(t.Context(), th.token, messenger.ReplyParams{Text: "Thank you, I am well."})
	require.NoError(t, err)
	list = first(t, w.get(t, "amira", "/inboxes/amira/channels?show=scheduled"))
	require.InDelta(t, 1, list["scheduled_count"], 0, "an answer has taken one off the list at once")
	now = time.Date(2027, 3, 29, 8, 0, 0, 0, time.UTC) // nine in London
	before := len(mail.Outbox())
	for _, id := range []uuid.UUID{monday, waits} {
		require.NoError(t, w.Jobs().Deliver(t.Context(), id, 1))
	}
	require.Len(t, mail.Outbox(), before, "taken back, and answered before")
	goesOut(mended, time.Date(2027, 3, 29, 8, 5, 0, 0, time.UTC), "On Monday, at nine")
	why := map[string]any{}
	items, ok := w.get(t, "amira", sends)["items"].([]any)
	require.True(t, ok)
	for _, one := range items {
		message, ok := one.(object)
		require.True(t, ok)
		why[fmt.Sprint(message["id"])] = message["cancelled_because"]
	}
	require.Equal(t, []any{"person", "replied"}, []any{why[monday.String()], why[waits.String()]})
}
