package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// operation is how one operation of the OpenAPI document is called with valid input, and what each person is answered.
type operation struct {
	path, body string
	// before makes a thread ready for it: something has to have failed before it can be tried again.
	before string
	// want is the status for the owner, a colleague who may look, one who may act, one who may do neither, and somebody of
	// another organisation. Nobody is always answered 401.
	want [5]int
}

// operations has every operation by its id. {channel}, {sent}, {reply} and {client} are a new thread's.
func operations() map[string]operation {
	everybody := [5]int{200, 200, 200, 200, 200}
	looking := [5]int{200, 200, 200, 404, 404}
	acting := [5]int{200, 403, 200, 404, 404}
	colleagues := [5]int{200, 200, 200, 200, 404}
	senders := [5]int{200, 404, 404, 404, 404}
	accepted := [5]int{202, 403, 202, 404, 404}
	failed := "update messenger_messages set delivery_status = 'failed', delivery_reason = 'wrong_contact', " +
		"delivery_attention = 'delivery_failed' where id = $1"
	hidden := "update messenger_messages set private_subject = subject, private_body = body where id = $1"
	scheduled := "update messenger_messages set delivery_status = 'scheduled', send_after = now() + interval '1 " +
		"day' where id = $1"
	asking := "update messenger_messages set expects = 'reply', expect_by = '2099-01-01', awaiting = 'waiting', " +
		"delivery_status = 'sent' where id = $1"
	unfiled := "update messenger_messages set record_status = 'failed', record_reason = 'record_refused' where id = $1"
	// one more of the owner's absences in some minute of the 2040s, so that none that is ended at the same time is missed
	away := `insert into messenger_absences (id, organisation_id, staff_id, starts_at, ends_at, back_id, ` +
		`cover_staff_id, cover_name, note)
		select gen_random_uuid(), organisation_id, staff_id, at, at + interval '1 minute', gen_random_uuid(), 'ben',
			'Ben Hughes', 'On leave'
		from messenger_messages,
			lateral (select timestamptz '2040-01-01' + random() * interval '3000 days' as at) w where id = $1`
	handedOver := `insert into messenger_handovers (id, organisation_id, staff_id, to_staff_id, by_kind, by_id, ` +
		`by_name, on_behalf_of,
			note, take_unread, total, created_at, done_at)
		select $1, 'north', 'amira', 'ivy', 'staff', 'amira', 'Amira Shah', '', '', false, 0, now(),
			now() on conflict do nothing`
	template := `insert into messenger_templates (id, organisation_id, staff_id, version, created_at) values ($1, ` +
		`'north', 'amira', 1, now())`
	written := `{"scope": "own", "medium": "email", "title": "Welcome", "subject": "Hello", "body": "Dear ` +
		`{{first_name}}", "language": "cy", "private": true, "expects": "reply"}`
	return map[string]operation{
		"messenger-me":            {path: "/me", want: everybody},
		"messenger-list-inboxes":  {path: "/inboxes", want: everybody},
		"messenger-list-channels": {path: "/inboxes/amira/channels?show=open&q=Grace&limit=10", want: looking},
		"messenger-search-inbox": {
			path: "/inboxes/amira/channels/search",
			body: `{"q": "Grace", "show": "open", "limit": 10}`, want: looking,
		},
		"messenger-find-clients":       {path: "/clients/search", body: `{"q": "Grace", "limit": 10}`, want: everybody},
		"messenger-list-inbox-history": {path: "/inboxes/amira/history?limit=10", want: looking},
		"messenger-list-covers":        {path: "/inboxes/amira/covers", want: acting},
		"messenger-get-absence":        {path: "/inboxes/amira/absence", before: away, want: acting},
		"messenger-set-absence": {
			path: "/inboxes/amira/absence",
			body: `{"from": "2030-01-01T09:00:00Z", "until": "2030-01-02T09:00:00Z", "cover_staff_id": "ben", "note": ` +
				`"On leave"}`, want: acting,
		},
		"messenger-end-absence": {
			path: "/inboxes/amira/absence", before: away, want: [5]int{204, 403, 204, 404, 404},
		},
		"messenger-hand-over-channel": {
			path: "/channels/{channel}/handover",
			body: `{"to": "ivy", "note": "I am leaving.", "take_unread": true}`, want: [5]int{200, 403, 200, 403, 404},
		},
		"messenger-get-inbox-handover": {
			path: "/inboxes/amira/handover", before: handedOver, want: [5]int{200, 403, 200, 403, 404},
		},
		"messenger-hand-over-inbox": {
			path: "/inboxes/amira/handover",
			body: `{"to": "ivy", "note": "I am leaving.", "take_unread": true}`, want: [5]int{202, 403, 202, 403, 404},
		},
		"messenger-list-notes": {path: "/channels/{channel}/notes?since=2026-01-01T00:00:00Z", want: looking},
		"messenger-add-note": {
			path: "/channels/{channel}/notes",
			body: `{"kind": "call", "text": "Rang, left no message.", "file": true}`, want: [5]int{201, 403, 201, 404, 404},
		},
		"messenger-get-channel":   {path: "/channels/{channel}", want: looking},
		"messenger-list-messages": {path: "/channels/{channel}/messages?limit=1", want: looking},
		"messenger-say-present": {
			path: "/channels/{channel}/presence", body: `{"writing": true}`, want: [5]int{204, 204, 204, 404, 404},
		},
		"messenger-say-gone": {path: "/channels/{channel}/presence", want: [5]int{204, 204, 204, 404, 404}},
		"messenger-read-channel": {
			path: "/channels/{channel}/read",
			body: `{"up_to": "{reply}", "on_behalf": true}`, want: [5]int{204, 403, 204, 404, 404},
		},
		"messenger-set-channel-status": {
			path: "/channels/{channel}/status",
			body: `{"status": "done", "up_to": "{reply}"}`, want: acting,
		},
		"messenger-set-replies":      {path: "/channels/{channel}/replies", body: `{"allowed": false}`, want: acting},
		"messenger-renew-reply-link": {path: "/channels/{channel}/reply-link", want: acting},
		"messenger-send-message": {
			path: "/channels/{channel}/messages",
			body: `{"medium": "email", "subject": "Hello", "body": "How are you?", "reply_link": true, "then": "open"}`,
			want: accepted,
		},
		"messenger-send-message-to-client": {
			path: "/clients/{client}/messages",
			body: `{"medium": "email", "subject": "Hello", "body": "How are you?"}`, want: [5]int{202, 202, 202, 202, 404},
		},
		"messenger-check-message": {
			path: "/channels/{channel}/messages/check",
			body: `{"medium": "email", "subject": "Hello", "body": ""}`, want: acting,
		},
		"messenger-check-message-to-client": {
			path: "/clients/{client}/messages/check",
			body: `{"medium": "email", "subject": "Hello", "body": "How are you?"}`, want: colleagues,
		},
		"messenger-cancel-message": {path: "/messages/{sent}/cancel", want: acting},
		"messenger-edit-message":   {path: "/messages/{sent}/edit", before: scheduled, want: acting},
		"messenger-retry-message": {
			path: "/messages/{sent}/retry", body: `{"seen_up_to": "{reply}"}`,
			before: failed, want: acting,
		},
		"messenger-record-message": {path: "/messages/{sent}/record", before: unfiled, want: acting},
		"messenger-remind-message": {path: "/messages/{sent}/remind", before: asking, want: accepted},
		"messenger-stop-waiting": {
			path: "/messages/{sent}/stop-waiting", body: `{"note": "She rang."}`,
			before: asking, want: acting,
		},
		"messenger-withdraw-message": {
			path: "/messages/{sent}/withdraw",
			body: `{"reason": "wrong_words", "note": "Sent too soon."}`, before: hidden, want: acting,
		},
		"messenger-resolve-message": {
			path: "/messages/{sent}/resolve",
			body: `{"of": "delivery", "note": "Rang instead."}`, before: failed, want: acting,
		},
		"messenger-get-client": {path: "/clients/{client}", want: colleagues},
		"messenger-export-client": {
			path: "/clients/{client}/export?format=json&for=client", want: [5]int{403, 403, 403, 403, 404},
		},
		"messenger-save-draft": {
			path: "/clients/{client}/draft",
			body: `{"medium": "sms", "subject": "", "body": "Hello"}`, want: colleagues,
		},
		"messenger-delete-draft":    {path: "/clients/{client}/draft", want: [5]int{204, 204, 204, 204, 404}},
		"messenger-search-clients":  {path: "/clients?q=Grace&limit=10", want: everybody},
		"messenger-list-templates":  {path: "/templates?q=welcome&medium=email&limit=10", want: everybody},
		"messenger-create-template": {path: "/templates", body: written, want: [5]int{201, 201, 201, 201, 201}},
		"messenger-update-template": {
			path: "/templates/{sent}", body: written, before: template, want: [5]int{200, 404, 404, 404, 404},
		},
		"messenger-archive-template": {
			path: "/templates/{sent}", before: template, want: [5]int{204, 404, 404, 404, 404},
		},
		"messenger-list-lists":        {path: "/lists", want: everybody},
		"messenger-list-list-clients": {path: "/lists/l-1/clients?limit=10", want: colleagues},
		"messenger-send-broadcast": {
			path: "/broadcasts",
			body: `{"medium": "email", "subject": "Hello", "body": "How are you?", "client_ids": ["{client}"]}`,
			want: [5]int{202, 202, 202, 202, 202},
		},
		"messenger-preview-broadcast": {
			path: "/broadcasts/preview",
			body: `{"medium": "email", "subject": "Hello", "body": "How are you?", "client_ids": ["{client}"]}`,
			want: everybody,
		},
		"messenger-list-broadcasts":        {path: "/broadcasts?limit=10", want: everybody},
		"messenger-get-broadcast":          {path: "/broadcasts/{broadcast}", want: looking},
		"messenger-list-broadcast-skipped": {path: "/broadcasts/{broadcast}/skipped?limit=10", want: looking},
		"messenger-list-broadcast-failed":  {path: "/broadcasts/{broadcast}/failed?limit=10", want: senders},
		"messenger-retry-broadcast":        {path: "/broadcasts/{broadcast}/retry", want: senders},
		"messenger-cancel-broadcast":       {path: "/broadcasts/{broadcast}/cancel", want: acting},
		"messenger-list-attention":         {path: "/attention?limit=10", before: failed, want: everybody},
		"messenger-act-on-attention": {
			path: "/attention/act",
			body: `{"ids": ["{sent}"], "do": "resolve", "note": "Rang instead."}`, before: failed, want: everybody,
		},
		"messenger-get-overview":   {path: "/overview", want: everybody},
		"messenger-list-unmatched": {path: "/unmatched?limit=10", want: everybody},
		"messenger-assign-unmatched": {
			path: "/unmatched/{claimed}/assign",
			body: `{"channel_id": "{channel}", "reason": "She rang."}`, want: [5]int{200, 404, 200, 404, 404},
		},
		"messenger-unassign-unmatched": {
			path: "/unmatched/{assigned}/unassign", body: `{"reason": "A mistake."}`,
			want: acting,
		},
		"messenger-list-notifications":  {path: "/notifications?limit=10", want: everybody},
		"messenger-count-notifications": {path: "/notifications/count", want: everybody},
		"messenger-list-history":        {path: "/channels/{channel}/history?limit=10", want: looking},
		"messenger-stream-events":       {path: "/events?inbox=amira", want: looking},
	}
}

// document is what the tests read of the OpenAPI document.
type document struct {
	OpenAPI    string                                       `json:"openapi"`
	Paths      map[string]map[string]documented             `json:"paths"`
	Components struct{ Schemas map[string]json.RawMessage } `json:"components"`
}

type documented struct {
	OperationID string `json:"operationId"`
	Summary     string `json:"summary"`
	Description string `json:"description"`
	Parameters  []struct {
		Name        string         `json:"name"`
		In          string         `json:"in"`
		Description string         `json:"description"`
		Schema      map[string]any `json:"schema"`
	} `json:"parameters"`
	RequestBody *struct {
		Content map[string]struct {
			Schema struct {
				Ref string `json:"$ref"`
			} `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
	Responses map[string]struct {
		Description string         `json:"description"`
		Content     map[string]any `json:"content"`
	} `json:"responses"`
	method string
}

func (w *world) document(tb testing.TB) (doc document, byID map[string]documented) {
	tb.Helper()
	got := call(tb, "", http.MethodGet, w.api("/openapi.json"), "")
	require.Equal(tb, http.StatusOK, got.status)
	require.NoError(tb, json.Unmarshal([]byte(got.body), &doc))
	byID = map[string]documented{}
	for _, methods := range doc.Paths {
		for method, op := range methods {
			op.method = strings.ToUpper(method)
			byID[op.OperationID] = op
		}
	}
	return doc, byID
}

// ready makes a thread and returns the operation's path and body for it.
func (w *world) ready(tb testing.TB, op operation) (path, body string) {
	tb.Helper()
	return w.readyFor(tb, op, w.newThread(tb))
}

// readyFor is ready with a thread that is there.
func (w *world) readyFor(tb testing.TB, op operation, th thread) (path, body string) {
	tb.Helper()
	if op.before != "" {
		w.exec(tb, op.before, th.sent.ID)
	}
	names := strings.NewReplacer("{channel}", th.channel.ID.String(), "{sent}", th.sent.ID.String(),
		"{reply}", th.reply.ID.String(), "{client}", string(th.client), "{broadcast}", w.named(tb, op, "{broadcast}",
			w.newBroadcast),
		"{claimed}", w.named(tb, op, "{claimed}", th.newUnmatched), "{assigned}", w.named(tb, op, "{assigned}",
			th.newAssigned))
	return names.Replace(op.path), names.Replace(op.body)
}

// named makes a thing when an operation's path names it.
func (w *world) named(tb testing.TB, op operation, name string, make func(testing.TB) uuid.UUID) string {
	tb.Helper()
	if !strings.Contains(op.path, name) {
		return ""
	}
	return make(tb).String()
}

// newBroadcast is amira's, still queued.
func (w *world) newBroadcast(tb testing.TB) uuid.UUID {
	tb.Helper()
	broadcast, err := w.SendBroadcast(memory.SignIn(context.Background(), "amira"), messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "Hello", Body: "How are you?", Clients: []adapters.ClientID{w.newClient()},
	})
	require.NoError(tb, err)
	return broadcast.ID
}

// newUnmatched is a text to north that nobody has assigned, from a number that was texted from this thread alone.
func (th thread) newUnmatched(tb testing.TB) uuid.UUID {
	tb.Helper()
	number := fmt.Sprintf("+447700%06d", 900100+th.w.numbers.Add(1))
	th.w.exec(tb, "update messenger_messages set medium = 'sms', to_address = $1 where id = $2", number, th.sent.ID)
	id := uuid.Must(uuid.NewV7())
	th.w.exec(tb,
		`insert into messenger_unmatched (id, organisation_id, hook, provider_id, from_number, to_number, body, at, `+
			`received_at)
		values ($1, 'north', 'texts', $2, $3, '+447700900999', 'It is me', now(), now())`, id, id.String(), number)
	return id
}

// newAssigned is such a text that amira has put into the thread.
func (th thread) newAssigned(tb testing.TB) uuid.UUID {
	tb.Helper()
	id := th.newUnmatched(tb)
	_, err := th.w.Assign(memory.SignIn(context.Background(), "amira"), id, messenger.AssignParams{Channel: th.channel.ID})
	require.NoError(tb, err)
	return id
}

// Who may do what, at every operation that there is: one without a row here fails.
func TestEveryOperationAsEverybody(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.lists.Put(north, adapters.List{ID: "l-1", Name: "Walking group"}, w.newClient())
	doc, documented := w.document(t)
	rows := operations()
	for id := range documented {
		require.Contains(t, rows, id, "an operation without a row")
	}
	people := []string{"amira", "chloe", "ben", "dev", "esther"}
	for id, row := range rows {
		require.Contains(t, documented, id, "a row without an operation")
		method := documented[id].method
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			for i, who := range people {
				path, body := w.ready(t, row)
				got := call(t, who, method, w.api(path), body)
				require.Equal(t, row.want[i], got.status, "%s: %s", who, got.body)
				if got.status >= 400 {
					requireProblem(t, got)
				}
				if row.want[i] == http.StatusNotFound || row.want[i] == http.StatusForbidden {
					require.NotContains(t, got.body, "Grace")
				}
			}
			if row.body != "" {
				w.requireNullsAreAbsent(t, row, documented[id], doc, row.want[0])
			}
			path, body := w.ready(t, row)
			got := call(t, "", method, w.api(path), body)
			require.Equal(t, http.StatusUnauthorized, got.status)
			require.Equal(t, "not_signed_in", requireProblem(t, got))
		})
	}
}

// requireNullsAreAbsent calls an operation as the owner with null for each optional property that its row leaves out,
// which is answered as the row is; and with null for those that it has, which is answered as without them.
func (w *world) requireNullsAreAbsent(t *testing.T, row operation, op documented, doc document, want int) {
	t.Helper()
	var schema struct {
		Required   []string
		Properties map[string]json.RawMessage
	}
	name := strings.TrimPrefix(op.RequestBody.Content["application/json"].Schema.Ref, "#/components/schemas/")
	require.NoError(t, json.Unmarshal(doc.Components.Schemas[name], &schema))
	answered := func(change func(given object, name string)) answer {
		path, body := w.ready(t, row)
		var given object
		require.NoError(t, json.Unmarshal([]byte(body), &given))
		for name := range schema.Properties {
			if !slices.Contains(schema.Required, name) {
				change(given, name)
			}
		}
		changed, err := json.Marshal(given)
		require.NoError(t, err)
		return call(t, "amira", op.method, w.api(path), string(changed))
	}
	got := answered(func(given object, name string) {
		if _, has := given[name]; !has {
			given[name] = nil
		}
	})
	require.Equal(t, want, got.status, "null: %s", got.body)
	without := answered(func(given object, name string) { delete(given, name) })
	null := answered(func(given object, name string) { given[name] = nil })
	require.Equal(t, without.status, null.status, "null: %s", null.body)
}

// asHidden is what each person is answered where the directory hides the thread's client from everybody but the owner.
func (op operation) asHidden() [5]int {
	want := op.want
	if op.path == "/attention/act" { // its results say it, each for itself
		return want
	}
	for _, name := range []string{"{channel}", "{sent}", "{assigned}", "{client}"} {
		if strings.Contains(op.path, name) || name != "{client}" && strings.Contains(op.body, name) {
			want = [5]int{want[0], 404, 404, 404, 404}
		}
	}
	return want
}

// The same table over a directory that hides the client from all but the owner: to everybody else nothing of them is
// there, at any operation.
func TestEveryOperationWithAHiddenClient(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.clients.MaySee = func(ctx context.Context, _ adapters.OrganisationID, client adapters.Client) bool {
		member, err := w.staff.Current(ctx)
		return err != nil || member.ID == "amira" || !strings.HasPrefix(client.Name, "Grace Okafor")
	}
	w.lists.Put(north, adapters.List{ID: "l-1", Name: "Walking group"}, w.newClient())
	w.newThread(t)
	_, documented := w.document(t)
	for id, row := range operations() {
		method, want := documented[id].method, row.asHidden()
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			for i, who := range []string{"amira", "chloe", "ben", "dev", "esther"} {
				th := w.newThread(t)
				path, body := w.readyFor(t, row, th)
				got := call(t, who, method, w.api(path), body)
				require.Equal(t, want[i], got.status, "%s: %s", who, got.body)
				if who == "amira" {
					continue
				}
				require.NotContains(t, got.body, "Grace", who)
				require.NotContains(t, got.body, th.channel.ID.String(), who)
				if !strings.Contains(body, string(th.client)) { // whom the asker names
					require.NotContains(t, got.body, `"`+string(th.client)+`"`, who)
				}
			}
		})
	}
}

// A client who has become restricted since they were written to: no answer of any operation has anything of their
// address or number, for anybody, and their page names nobody but the organisation.
func TestEveryOperationWithARestrictedClient(t *testing.T) {
	t.Parallel()
	w := setup(t)
	texted := w.newThread(t)
	_, err := w.Send(memory.SignIn(t.Context(), "amira"), messenger.SendParams{
		Channel: texted.channel.ID, Medium: adapters.SMS, Body: "How are you?",
	})
	require.NoError(t, err)
	_, documented := w.document(t)
	for id, row := range operations() {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			for _, who := range []string{"amira", "chloe", "ben", "dev", "esther", ""} {
				th := w.newThread(t)
				w.restrict(t, th.client)
				path, body := w.readyFor(t, row, th)
				got := call(t, who, documented[id].method, w.api(path), body)
				require.Less(t, got.status, 500, got.body)
				require.NotContains(t, got.body, "@example.org", who)
				for _, number := range []string{"77009001", "7700 9001"} { // every client's; staff's end in 999
					require.NotContains(t, got.body, number, who)
				}
				if !strings.Contains(id,
					"unmatched") && id != "messenger-list-attention" {
					// who may act in the client's channel sorts by the last three digits
					require.NotContains(t, got.body, "•", who)
				}
			}
		})
	}
	w.restrict(t, texted.client)
	for _, path := range []string{"/messages", "", "/history"} {
		got := call(t, "amira", http.MethodGet, w.api("/channels/"+texted.channel.ID.String()+path), "")
		require.Equal(t, http.StatusOK, got.status)
		require.NotContains(t, got.body, "•")
		require.NotContains(t, got.body, "900123")
	}
	page := call(t, "", http.MethodGet, w.url+"/m/r/"+texted.token, "")
	require.Equal(t, http.StatusOK, page.status)
	require.NotContains(t, page.body, "Amira")
	require.Contains(t, page.body, "North Social Prescribing")
}

// restrict has the directory say that a client is restricted.
func (w *world) restrict(tb testing.TB, id adapters.ClientID) {
	tb.Helper()
	found, err := w.clients.Get(context.Background(), north, []adapters.ClientID{id})
	require.NoError(tb, err)
	client := found[id]
	client.Restricted = true
	w.clients.Put(north, client)
}

// requireProblem is the code of a problem document.
func requireProblem(tb testing.TB, got answer) string {
	tb.Helper()
	require.Equal(tb, "application/problem+json", got.header.Get("Content-Type"), got.body)
	require.Equal(tb, "no-store", got.header.Get("Cache-Control"))
	var problem struct {
		Title, Detail, Code string
		Status              int
	}
	require.NoError(tb, json.Unmarshal([]byte(got.body), &problem), got.body)
	require.Equal(tb, got.status, problem.Status)
	require.NotEmpty(tb, problem.Title)
	require.NotEmpty(tb, problem.Detail)
	require.Contains(tb, statuses(), problem.Code)
	require.Equal(tb, statuses()[problem.Code], got.status)
	return problem.Code
}

// statuses is the contract's closed list of codes.
func statuses() map[string]int {
	return map[string]int{
		"not_signed_in": 401, "forbidden": 403, "cross_site": 403, "not_found": 404, "method_not_allowed": 405,
		"unsupported_media_type": 415, "nothing_to_do": 409, "unread_replies": 409, "confirmation_required": 409,
		"safe_contact":         409,
		"organisation_changed": 409, "already_sent": 409, "newer_messages": 409, "too_large": 413, "invalid": 422,
		"no_proof": 422, "no_address": 422, "objected": 422,
		"restricted": 422, "deceased": 422, "not_configured": 422, "unknown_placeholder": 422, "too_long": 422,
		"template_place_unfilled": 422, "time_does_not_exist": 422, "receiver_cannot_send": 422,
		"idempotency_key_reused": 422,
		"too_many_requests":      429, "internal": 500, "unavailable": 503, "outcome_unknown": 503,
	}
}

// Every operation is described in full.
func TestDocument(t *testing.T) {
	t.Parallel()
	w := setup(t)
	doc, byID := w.document(t)
	require.True(t, strings.HasPrefix(doc.OpenAPI, "3.1"))
	for name := range doc.Components.Schemas {
		if name != "ErrorModel" && name != "ErrorDetail" { // Huma's own, in every API
			require.True(t, strings.HasPrefix(name, "Messenger"), name)
		}
	}
	var problem struct {
		Properties struct {
			Code struct{ Enum []string } `json:"code"`
		}
	}
	require.NoError(t, json.Unmarshal(doc.Components.Schemas["MessengerProblem"], &problem))
	closed := []string{}
	for code := range statuses() {
		closed = append(closed, code)
	}
	require.ElementsMatch(t, closed, problem.Properties.Code.Enum)
	guide, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	for code, status := range statuses() {
		require.Regexp(t, fmt.Sprintf(`(?m)^//\t%d %s `, status, code), string(guide))
		require.Regexp(t, fmt.Sprintf("%d `[^0-9]*\\b%s`", status, code), string(readme))
	}

	for id, op := range byID {
		require.True(t, strings.HasPrefix(id, "messenger-"), id)
		require.NotEmpty(t, op.Summary, id)
		require.NotEmpty(t, op.Description, id)
		for _, parameter := range op.Parameters {
			require.NotEmpty(t, parameter.Description, "%s: %s", id, parameter.Name)
			if parameter.Name == "limit" {
				require.EqualValues(t, 1, parameter.Schema["minimum"])
				require.EqualValues(t, 100, parameter.Schema["maximum"])
				require.EqualValues(t, 50, parameter.Schema["default"])
			}
		}
		for _, status := range []string{"401", "409", "413", "415", "422", "500", "503"} {
			require.Contains(t, op.Responses, status, id)
		}
		for status, response := range op.Responses {
			if status < "400" {
				continue
			}
			require.Contains(t, response.Content, "application/problem+json", id)
			for code := range strings.SplitSeq(response.Description, ", ") {
				require.Equal(t, status, fmt.Sprint(statuses()[code]), "%s: %s", id, code)
			}
		}
		if op.method != http.MethodGet {
			require.Contains(t, op.Responses["403"].Description, "cross_site", id)
		}
	}
}
