package web_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

type object = map[string]any

func (w *world) get(t *testing.T, who, path string) object {
	t.Helper()
	got := call(t, who, http.MethodGet, w.api(path), "")
	require.Equal(t, 200, got.status, got.body)
	var found object
	require.NoError(t, json.Unmarshal([]byte(got.body), &found))
	return found
}

func first(t *testing.T, page object) object {
	t.Helper()
	items, ok := page["items"].([]any)
	require.True(t, ok)
	require.NotEmpty(t, items)
	item, ok := items[0].(object)
	require.True(t, ok)
	return item
}

// requireShape holds an object to the contract's names: no other, and absent ones absent, not null.
func requireShape(t *testing.T, names string, found any) object {
	t.Helper()
	have, ok := found.(object)
	require.True(t, ok, "%v", found)
	require.ElementsMatch(t, strings.Fields(names), slices.Collect(maps.Keys(have)))
	for name, value := range have {
		require.NotNil(t, value, name)
	}
	return have
}

// Objects have the contract's names to the letter.
func TestShapes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	w.clients.Put(north, adapters.Client{
		ID: th.client, Name: "Grace Okafor", NHSNumber: "9990010005", DateOfBirth: "1984-02-29", Email: "grace@example.org",
		GP: adapters.GP{Name: "Riverside Surgery", ODSCode: "A12345"}, ProfileURL: "/clients/c-1",
	})
	channel := "/channels/" + th.channel.ID.String()

	me := requireShape(t, "staff organisation permissions record unread_count attention_count overdue_count awaiting_count unmatched_count covering closing", w.get(t, "chloe", "/me"))
	require.Equal(t, []any{"send_email"}, me["permissions"])
	requireShape(t, "id name", me["staff"])
	requireShape(t, "id name", me["organisation"])
	requireShape(t, "staff_id name unread open may_act", first(t, w.get(t, "amira", "/inboxes")))

	page := requireShape(t, "items counts", w.get(t, "amira", "/inboxes/amira/channels"))
	requireShape(t, "unread open done attention overdue scheduled awaiting", page["counts"])
	row := "id organisation_id staff_id client_id client_name status unread_count replies_allowed attention scheduled_count last_message created_at updated_at"
	found := requireShape(t, row, first(t, page))
	require.Equal(t, []any{}, found["attention"])
	require.Regexp(t, `^\d{4}-\d\d-\d\dT[0-9:.]+Z$`, found["created_at"])
	requireShape(t, "id direction medium preview at", found["last_message"])
	match := requireShape(t, row+" match", first(t, w.get(t, "amira", "/inboxes/amira/channels?q=thank")))["match"]
	requireShape(t, "field message_id excerpt", match)
	match = requireShape(t, row+" match", first(t, w.get(t, "amira", "/inboxes/amira/channels?q=okafor")))["match"]
	requireShape(t, "field excerpt", match)

	opened := requireShape(t, row+" client actions reply_link read_by_when working_hours", w.get(t, "amira", channel))
	client := requireShape(t, "id name nhs_number date_of_birth gp email restricted deceased profile_url needs", opened["client"])
	require.Equal(t, "999 001 0005", client["nhs_number"])
	requireShape(t, "name ods_code", client["gp"])
	actions := requireShape(t, "send_email send_sms", opened["actions"])
	requireShape(t, "allowed", actions["send_email"])
	require.Equal(t, object{"allowed": false, "why": "no_address"}, actions["send_sms"])
	require.Equal(t, "Amira Shah", requireShape(t, "staff_name at", opened["read_by_when"])["staff_name"])
	working, ok := opened["working_hours"].(object)
	require.True(t, ok)
	delete(working, "until") // within them only
	requireShape(t, "next_send_at", working)
	requireShape(t, row+" client actions read_by_when working_hours", w.get(t, "chloe", channel)) // who may only look gets no link

	messages, ok := w.get(t, "amira", channel+"/messages")["items"].([]any)
	require.True(t, ok)
	common := "id channel_id seq direction medium body author created_at delivery record purpose private attachments"
	reply := requireShape(t, common+" verified", messages[0])
	require.Equal(t, []any{}, reply["attachments"])
	require.Equal(t, "none", reply["verified"])
	requireShape(t, "kind id name", reply["author"])
	require.Equal(t, object{"status": "received", "attempts": 0.0}, reply["delivery"])
	requireShape(t, "status online_viewing", reply["record"])
	sent := requireShape(t, common+" subject", messages[1])
	requireShape(t, "status attempts to", sent["delivery"])
	require.Equal(t, 204, call(t, "amira", http.MethodPost, w.api(channel+"/read"), `{"up_to": "`+th.reply.ID.String()+`"}`).status)
	read := requireShape(t, common+" verified read", first(t, w.get(t, "amira", channel+"/messages?limit=1")))
	require.Equal(t, "amira", requireShape(t, "at by", read["read"])["by"])

	requireShape(t, "kind channel_id client_id client_name read unread_count attention last_message url", first(t, w.get(t, "amira", "/notifications")))
	requireShape(t, "unread total", w.get(t, "amira", "/notifications/count"))
	requireShape(t, "id at actor action", first(t, w.get(t, "amira", channel+"/history"))) // read
	requireShape(t, "client actions channel_id working_hours", w.get(t, "amira", "/clients/"+string(th.client)))
	require.Equal(t, 200, call(t, "amira", http.MethodPut, w.api("/clients/"+string(th.client)+"/draft"), `{"medium": "sms", "body": "Hel"}`).status)
	draft := requireShape(t, "client actions channel_id draft working_hours", w.get(t, "amira", "/clients/"+string(th.client)))["draft"]
	kept := object{"medium": "sms", "subject": "", "body": "Hel", "private": false}
	require.Equal(t, kept, withoutKey(t, draft), "what is in is out")
	requireShape(t, "id name nhs_number date_of_birth channel_id", first(t, w.get(t, "amira", "/clients?q=grace")))
	require.Equal(t, object{"items": []any{}}, w.get(t, "amira", "/clients?q=nobody"))
	require.Equal(t, object{"items": []any{}}, w.get(t, "amira", "/lists"))
	require.Equal(t, object{"items": []any{}}, w.get(t, "dev", "/notifications"))
	w.lists.Put(north, adapters.List{ID: "l 1", Name: "Walking group"}, th.client)
	require.Equal(t, object{"id": "l 1", "name": "Walking group", "size": 1.0}, first(t, w.get(t, "amira", "/lists")))
	requireShape(t, "id name nhs_number date_of_birth channel_id", first(t, w.get(t, "amira", "/lists/l%201/clients")))

	got := call(t, "amira", http.MethodPost, w.api(channel+"/messages/check"), `{"medium": "email", "subject": "Hello", "body": ""}`)
	var checked object
	require.NoError(t, json.Unmarshal([]byte(got.body), &checked))
	requireShape(t, "subject text characters texts limit too_long dear advice", checked)
	require.Equal(t, []any{[]any{}, []any{}}, []any{checked["dear"], checked["advice"]})

	got = call(t, "amira", http.MethodPost, w.api(channel+"/messages/check"), `{"medium": "email", "subject": "Hello", "body": "See http://example.org"}`)
	require.NoError(t, json.Unmarshal([]byte(got.body), &checked))
	advice, _ := checked["advice"].([]any)
	require.NotEmpty(t, advice)
	requireShape(t, "rule text source", advice[0])

	got = call(t, "amira", http.MethodPut, w.api(channel+"/replies"), `{"allowed": false}`)
	var off object
	require.NoError(t, json.Unmarshal([]byte(got.body), &off))
	requireShape(t, row+" client actions replies_off read_by_when working_hours", off)
	require.Equal(t, "staff", requireShape(t, "by at why", off["replies_off"])["why"])
}

// What goes out later has the contract's names, from the send to the draft that it becomes again.
func TestShapesOfLater(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	channel := "/channels/" + th.channel.ID.String()
	said := func(path, body string, status int) (answered object) {
		got := call(t, "amira", http.MethodPost, w.api(path), body)
		require.Equal(t, status, got.status, got.body)
		require.NoError(t, json.Unmarshal([]byte(got.body), &answered))
		return answered
	}
	tomorrow := time.Now().AddDate(0, 0, 1).UTC().Format("2006-01-02T15:04")
	body := func(at string) string {
		return `{"medium": "sms", "body": "Hello", "send_local": {"at": "` + at + `", "zone": "UTC"}, "unless": "replied"}`
	}
	w.clients.Put(north, adapters.Client{ID: th.client, Name: "Grace Okafor", Phone: "+447700900123"})
	message := said(channel+"/messages", body(tomorrow), 202)
	requireShape(t, "at zone", message["send_local"])
	require.Equal(t, "replied", message["unless"])
	row := first(t, w.get(t, "amira", "/inboxes/amira/channels?show=scheduled"))
	require.InDelta(t, 1, row["scheduled_count"], 0)

	draft := said("/messages/"+message["id"].(string)+"/edit", "", 200)
	want := object{"medium": "sms", "subject": "", "body": "Hello", "private": false, "send_local": object{"at": tomorrow, "zone": "UTC"}, "unless": "replied"}
	require.Equal(t, want, withoutKey(t, draft))
	require.Equal(t, want, withoutKey(t, w.get(t, "amira", channel)["draft"]))
	require.Equal(t, "already_sent", said("/messages/"+message["id"].(string)+"/edit", "", 409)["code"])
	require.Equal(t, "edited", first(t, w.get(t, "amira", channel+"/history"))["action"])
	require.Equal(t, "person", first(t, w.get(t, "amira", channel+"/messages"))["cancelled_because"])

	gap := lastSunday(time.Now().Year()+1, time.March)
	left := said(channel+"/messages", `{"medium": "sms", "body": "Hello", "send_local": {"at": "`+gap+`T01:30", "zone": "Europe/London"}}`, 422)
	require.Equal(t, []any{"time_does_not_exist", gap + "T02:00"}, []any{left["code"], left["next"]})
	require.Equal(t, []any{object{"location": "send_local.at", "message": left["detail"]}}, left["errors"])
	require.Equal(t, "invalid", said(channel+"/messages", body("2020-01-01T08:05"), 422)["code"])

	// a time that is given is never none: what was to go out later would go out at once
	empty := `"medium": "sms", "body": "Hello", "send_local": {"at": "", "zone": ""}`
	for path, body := range map[string]string{
		channel + "/messages": `{` + empty + `}`, channel + "/messages/check": `{` + empty + `}`,
		"/broadcasts": `{"client_ids": ["` + string(th.client) + `"], ` + empty + `}`,
	} {
		locations := said(path, body, 422)["errors"].([]any)
		require.Equal(t, "send_local.at", locations[0].(object)["location"], path)
	}
	never := `{"from": "2026-12-01T00:00:00Z", "until": "0001-01-01T00:00:00Z", "cover_staff_id": "ben"}`
	got := call(t, "amira", http.MethodPut, w.api("/inboxes/amira/absence"), never)
	require.Equal(t, http.StatusUnprocessableEntity, got.status, got.body)
	require.Contains(t, got.body, `"location":"until"`)
}

// lastSunday is the day on which clocks change in Europe.
func lastSunday(year int, month time.Month) string {
	day := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
	return day.AddDate(0, 0, -int(day.Weekday())).Format(time.DateOnly)
}

// What needs a person, and what is done about it, have the contract's names.
func TestShapesOfAttention(t *testing.T) {
	t.Parallel()
	w := setup(t)
	nothing := w.get(t, "amira", "/attention")
	require.Equal(t, object{}, requireShape(t, "items counts", nothing)["counts"], "nothing needs anybody, and it says so")
	th := w.newThread(t)
	w.exec(t, `update messenger_messages set delivery_status = 'failed', delivery_reason = 'wrong_contact',
		delivery_attention = 'delivery_failed' where id = $1`, th.sent.ID)
	text := th.newUnmatched(t)
	page := requireShape(t, "items counts", w.get(t, "amira", "/attention"))
	require.Equal(t, object{"delivery_failed": 1.0, "unmatched": 1.0}, page["counts"])
	unmatched := requireShape(t, "id reason since unmatched can", first(t, page))
	require.Equal(t, []any{text.String(), "unmatched", []any{"assign"}}, []any{unmatched["id"], unmatched["reason"], unmatched["can"]})
	requireShape(t, "id from to body at candidates may_assign", unmatched["unmatched"])
	failed := requireShape(t, "id reason since channel message can", first(t, w.get(t, "amira", "/attention?reason=delivery_failed")))
	require.Equal(t, []any{th.sent.ID.String(), []any{"retry", "resolve"}}, []any{failed["id"], failed["can"]})
	require.Equal(t, page["counts"], w.get(t, "amira", "/attention?reason=delivery_failed")["counts"], "of all reasons")
	one := w.get(t, "amira", "/attention?limit=1")
	require.Equal(t, page["counts"], one["counts"])
	next := requireShape(t, "items", w.get(t, "amira", fmt.Sprint("/attention?limit=1&cursor=", one["next"])))
	require.Len(t, next["items"], 1, "without counts")

	w.exec(t, `insert into messenger_pauses (organisation_id, medium, until, why, via)
		values ('north', 'sms', now() + interval '1 hour', 'provider_limit', 'twilio')`)
	paused := requireShape(t, "id reason since pause can", first(t, w.get(t, "amira", "/attention?reason=waiting")))
	requireShape(t, "of via why until count", paused["pause"])

	body := `{"ids": ["` + th.sent.ID.String() + `", "nobody", "` + th.reply.ID.String() + `"], "do": "resolve"}`
	got := call(t, "amira", http.MethodPost, w.api("/attention/act"), body)
	require.Equal(t, 200, got.status, got.body)
	require.JSONEq(t, `{"results": [{"id": "`+th.sent.ID.String()+`", "ok": true},
		{"id": "nobody", "ok": false, "code": "not_found"},
		{"id": "`+th.reply.ID.String()+`", "ok": false, "code": "nothing_to_do"}]}`, got.body)
	for n, status := range map[int]int{0: 422, 1: 200, 100: 200, 101: 422} {
		body := `{"ids": ["` + strings.Join(slices.Repeat([]string{"nobody"}, n), `", "`) + `"], "do": "retry"}`
		if n == 0 {
			body = `{"ids": [], "do": "retry"}`
		}
		got := call(t, "amira", http.MethodPost, w.api("/attention/act"), body)
		require.Equal(t, status, got.status, "%d: %s", n, got.body)
		if status == 422 {
			require.Contains(t, got.body, `"location":"ids"`)
			continue
		}
		require.Equal(t, n, strings.Count(got.body, `"not_found"`))
	}
	w.exec(t, `update messenger_messages set overdue_at = now(), overdue_told = 1, overdue_to = '{ben}' where id = $1`,
		th.reply.ID)
	overdue := requireShape(t, "kind channel_id client_id client_name read unread_count attention last_message url",
		first(t, w.get(t, "ben", "/notifications")))
	require.Equal(t, []any{"overdue", th.channel.ID.String(), false, 1.0},
		[]any{overdue["kind"], overdue["channel_id"], overdue["read"], overdue["unread_count"]})
	for path, status := range map[string]int{
		"?reason=boredom": 422, "?inbox=nobody": 404, "?broadcast=x": 404, "?broadcast=" + th.sent.ID.String(): 404, "?cursor=x": 422,
	} {
		require.Equal(t, status, call(t, "amira", http.MethodGet, w.api("/attention"+path), "").status, path)
	}
}

// Who failed of a broadcast is told as what needs a person is, and so is what came of trying again.
func TestShapesOfAFailedBroadcast(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th, broadcast := w.newThread(t), w.newBroadcast(t)
	w.exec(t, `update messenger_messages set delivery_status = 'failed', delivery_reason = 'wrong_contact',
		delivery_attention = 'delivery_failed', broadcast_id = $2 where id = $1`, th.sent.ID, broadcast)
	path := "/broadcasts/" + broadcast.String()
	page := requireShape(t, "items", w.get(t, "amira", path+"/failed"))
	failed := requireShape(t, "id reason since channel message can", first(t, page))
	require.Equal(t, []any{th.sent.ID.String(), "delivery_failed", []any{"retry", "resolve"}},
		[]any{failed["id"], failed["reason"], failed["can"]})
	got := call(t, "amira", http.MethodPost, w.api(path+"/retry"), "")
	require.Equal(t, 200, got.status, got.body)
	require.JSONEq(t, `{"results": [{"id": "`+th.sent.ID.String()+`", "ok": false, "code": "newer_messages"}]}`, got.body)
	w.exec(t, "delete from messenger_messages where id = $1", th.reply.ID)
	got = call(t, "amira", http.MethodPost, w.api(path+"/retry"), "")
	require.JSONEq(t, `{"results": [{"id": "`+th.sent.ID.String()+`", "ok": true}]}`, got.body)
	got = call(t, "amira", http.MethodPost, w.api(path+"/retry"), "")
	require.JSONEq(t, `{"results": []}`, got.body)
	for path, status := range map[string]int{path + "/failed?cursor=x": 422, "/broadcasts/x/failed": 404} {
		require.Equal(t, status, call(t, "amira", http.MethodGet, w.api(path), "").status, path)
	}
	require.Equal(t, 422, call(t, "amira", http.MethodPost, w.api(path+"/retry?cursor=x"), "").status)
	require.Equal(t, 404, call(t, "amira", http.MethodPost, w.api("/broadcasts/x/retry"), "").status)
}

// The overview has the contract's names, and none of what is said or of whom.
func TestShapesOfTheOverview(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.newThread(t)
	overview := requireShape(t, "safe inboxes unmatched waiting", w.get(t, "amira", "/overview"))
	require.Equal(t, []any{false, 0.0}, []any{overview["safe"], overview["unmatched"]})
	inboxes, ok := overview["inboxes"].([]any)
	require.True(t, ok)
	shape := "staff_id name state uncovered unread oldest_unread_at overdue attention awaiting scheduled"
	own := requireShape(t, shape, inboxes[0])
	require.Equal(t, []any{"amira", "here", 1.0}, []any{own["staff_id"], own["state"], own["unread"]})
	got := call(t, "ben", http.MethodGet, w.api("/overview"), "")
	require.Contains(t, got.body, "Amira Shah")
	require.NotContains(t, got.body, "Grace")
	overview = w.get(t, "dev", "/overview")
	require.Equal(t, true, overview["safe"], "it speaks of what is shown")
}

// A send says when somebody else's message is newer than what its asker has seen, and which.
func TestSendSeen(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	send := w.api("/channels/" + th.channel.ID.String() + "/messages")
	body := func(upTo string) string {
		return `{"medium": "sms", "body": "Hello", "seen_up_to": "` + upTo + `"}`
	}
	got := call(t, "amira", http.MethodPost, send, body(th.sent.ID.String()))
	require.Equal(t, "newer_messages", requireProblem(t, got))
	require.Contains(t, got.body, `"newer":["`+th.reply.ID.String()+`"]`)
	for _, unknown := range []string{"", "x", "00000000-0000-0000-0000-000000000000", w.newThread(t).sent.ID.String()} {
		require.Equal(t, "not_found", requireProblem(t, call(t, "amira", http.MethodPost, send, body(unknown))), unknown)
	}
	require.Equal(t, 202, call(t, "amira", http.MethodPost, send, body(th.reply.ID.String())).status)
}

// A retry says when something newer followed what its asker has seen.
func TestRetrySeen(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	w.exec(t, "update messenger_messages set delivery_status = 'failed', delivery_attention = 'delivery_failed' where id = $1", th.sent.ID)
	retry := w.api("/messages/" + th.sent.ID.String() + "/retry")
	got := call(t, "amira", http.MethodPost, retry, `{"seen_up_to": "`+th.sent.ID.String()+`"}`)
	require.Equal(t, "newer_messages", requireProblem(t, got))
	require.Contains(t, got.body, `"newer":["`+th.reply.ID.String()+`"]`)
	got = call(t, "amira", http.MethodPost, retry, `{"seen_up_to": "`+w.newThread(t).sent.ID.String()+`"}`)
	require.Equal(t, "not_found", requireProblem(t, got))
	require.Equal(t, 200, call(t, "amira", http.MethodPost, retry, "").status, "as before")
	require.Equal(t, "not_found", requireProblem(t, call(t, "amira", http.MethodPost, w.api("/messages/"+th.channel.ID.String()+"/retry"), "")))
}

// Pages follow one another without a gap.
func TestCursors(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var want, have []string
	for range 5 {
		want = append(want, w.newThread(t).channel.ID.String())
	}
	cursor := ""
	for range 3 {
		page := w.get(t, "amira", "/inboxes/amira/channels?limit=2&cursor="+cursor)
		require.Equal(t, cursor == "", page["counts"] != nil)
		items, _ := page["items"].([]any)
		for _, item := range items {
			row, _ := item.(object)
			id, _ := row["id"].(string)
			have = append(have, id)
		}
		cursor, _ = page["next"].(string)
	}
	require.Empty(t, cursor)
	slices.Reverse(have)
	require.Equal(t, want, have)
}

// A send answers what it made; the reply link goes out unless it is declined; a repeat is the first again.
func TestSend(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.newClient()
	later := time.Now().AddDate(0, 11, 0).Truncate(time.Second)
	east := later.In(time.FixedZone("east", 3600)).Format(time.RFC3339)
	for body, link := range map[string]bool{
		`{"medium": "sms", "body": "Hello"}`:                                                                                    true,
		`{"medium": "sms", "body": "Hello!", "reply_link": true}`:                                                               true,
		`{"medium": "sms", "body": "Hello!!", "reply_link": null}`:                                                              true,
		`{"medium": "sms", "body": "Goodbye", "reply_link": false}`:                                                             false,
		`{"medium": "sms", "body": "\ud83d\ude00 Zażółć \\u0000 {{first_name}}", "send_after": "` + east + `", "then": "done"}`: true,
	} {
		key := []string{"Idempotency-Key", strings.Map(func(r rune) rune {
			if r > ' ' && r < 0x7f {
				return r
			}
			return '_'
		}, body)}
		got := call(t, "amira", http.MethodPost, w.api("/clients/"+string(id)+"/messages"), body, key...)
		require.Equal(t, 202, got.status, got.body)
		var sent struct {
			Channel object
			Message object
		}
		require.NoError(t, json.Unmarshal([]byte(got.body), &sent))
		require.NotEmpty(t, sent.Channel["id"])
		var stored bool
		require.NoError(t, w.pool.QueryRow(t.Context(), "select reply_link from messenger_messages where id = $1", sent.Message["id"]).Scan(&stored))
		require.Equal(t, link, stored, body)
		if strings.Contains(body, "Zażółć") {
			require.Equal(t, "😀 Zażółć \\u0000 Grace", sent.Message["body"])
			require.Equal(t, later.UTC().Format(time.RFC3339), sent.Message["send_after"])
			require.Equal(t, "done", sent.Channel["status"])
		}
		again := call(t, "amira", http.MethodPost, w.api("/clients/"+string(id)+"/messages"), " "+body, key...)
		require.Equal(t, 202, again.status)
		require.Contains(t, again.body, sent.Message["id"])
		other := call(t, "amira", http.MethodPost, w.api("/clients/"+string(id)+"/messages"), `{"medium": "sms", "body": "Other"}`, key...)
		require.Equal(t, "idempotency_key_reused", requireProblem(t, other))
	}
}

// Our ids have one spelling.
func TestSpellingOfIDs(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.newThread(t).channel.ID.String()
	require.Equal(t, 200, call(t, "amira", http.MethodGet, w.api("/channels/"+id), "").status)
	for _, other := range []string{"{" + id + "}", "urn:uuid:" + id, strings.ReplaceAll(id, "-", ""), id + " "} {
		got := call(t, "amira", http.MethodGet, w.api("/channels/"+strings.ReplaceAll(other, " ", "%20")), "")
		require.Equal(t, "not_found", requireProblem(t, got), other)
	}
}

// withoutKey is a draft without the key that a send of it takes, which is another one each time that it is kept.
func withoutKey(t *testing.T, draft any) object {
	t.Helper()
	rest, ok := draft.(object)
	require.True(t, ok)
	require.Regexp(t, "^draft-[0-9a-f]{64}$", rest["key"])
	delete(rest, "key")
	return rest
}
