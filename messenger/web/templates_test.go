package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// What the operations of templates answer, and what a message with one is answered by.
func TestTemplateShapes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	channel, client := "/channels/"+th.channel.ID.String(), string(th.client)
	decoded := func(got answer, status int) (answered object) {
		require.Equal(t, status, got.status, got.body)
		require.NoError(t, json.Unmarshal([]byte(got.body), &answered))
		return answered
	}
	require.Equal(t, object{"items": []any{}}, w.get(t, "amira", "/templates"))
	least := decoded(call(t, "amira", http.MethodPost, w.api("/templates"), `{"scope": "own", "medium": "sms", "title": "Short", "body": "Hello"}`), 201)
	requireShape(t, "id scope medium title subject body language private expects version used", least)
	id, ok := least["id"].(string)
	require.True(t, ok)
	whole := `{"scope": "own", "medium": "email", "title": "Welcome", "subject": "Hello", "body": "Dear {{first_name}}", "language": "cy", "private": true, "expects": "reply"}`
	made := decoded(call(t, "amira", http.MethodPut, w.api("/templates/"+id), whole), 200)
	require.Equal(t, object{
		"id": least["id"], "scope": "own", "medium": "email", "title": "Welcome", "subject": "Hello", "body": "Dear {{first_name}}",
		"language": "cy", "private": true, "expects": "reply", "version": 2.0, "used": 0.0,
	}, made)
	require.Equal(t, made, first(t, w.get(t, "amira", "/templates?q=WELC&medium=email")))
	require.Empty(t, w.get(t, "amira", "/templates?q=welcome&medium=sms")["items"])

	with := func(body string) string {
		return `{"medium": "email", "subject": "Hello", "body": "` + body + `", "template_id": "` + id + `"}`
	}
	sent := decoded(call(t, "amira", http.MethodPost, w.api(channel+"/messages"), with("Hello")), 202)
	require.Equal(t, object{"id": least["id"], "version": 2.0}, sent["template"])
	require.Equal(t, object{"id": least["id"], "version": 2.0}, first(t, w.get(t, "amira", channel+"/messages"))["template"])
	require.InDelta(t, 1, first(t, w.get(t, "amira", "/templates"))["used"], 0)
	for _, path := range []string{channel + "/messages", channel + "/messages/check"} {
		got := call(t, "amira", http.MethodPost, w.api(path), with("On ((day))"))
		require.Equal(t, 422, got.status)
		require.Equal(t, "template_place_unfilled", requireProblem(t, got))
	}
	checked := decoded(call(t, "amira", http.MethodPost, w.api(channel+"/messages/check"), `{"medium": "sms", "body": "Dear {name}"}`), 200)
	var rules []any
	for _, one := range checked["advice"].([]any) {
		rules = append(rules, requireShape(t, "rule text source", one.(object))["rule"])
	}
	require.Contains(t, rules, "place")

	draft := decoded(call(t, "amira", http.MethodPut, w.api("/clients/"+client+"/draft"), with("Hel")), 200)
	require.Equal(t, object{"medium": "email", "subject": "Hello", "body": "Hel", "private": false, "template_id": least["id"]}, withoutKey(t, draft))
	many := decoded(call(t, "amira", http.MethodPost, w.api("/broadcasts"), `{"client_ids": ["`+client+`"], `+with("Hello")[1:]), 202)
	require.Equal(t, "queued", many["state"])
	asks := `{"client_ids": ["` + client + `"], "expects": "reply", "expect_by": "` + time.Now().AddDate(0, 0, 7).Format(time.DateOnly) + `", `
	asked := decoded(call(t, "amira", http.MethodPost, w.api("/broadcasts/preview"), asks+with("Hello")[1:]), 200)
	require.Contains(t, fmt.Sprint(asked["examples"]), "/r/", "an answer is given behind the link")
	got := call(t, "amira", http.MethodPost, w.api("/broadcasts/preview"), asks+`"reply_link": false, `+with("Hello")[1:])
	require.Equal(t, "invalid", requireProblem(t, got))
	got = call(t, "amira", http.MethodPost, w.api("/broadcasts/preview"), `{"client_ids": ["`+client+`"], `+with("On ((day))")[1:])
	require.Equal(t, "template_place_unfilled", requireProblem(t, got))

	require.Equal(t, 204, call(t, "amira", http.MethodDelete, w.api("/templates/"+id), "").status)
	require.Equal(t, 404, call(t, "amira", http.MethodPost, w.api(channel+"/messages"), with("Hello")).status)
	w.staff.Add(adapters.Member{ID: "dev", Name: "Dev Patel", Organisation: north, ManagesTemplates: true})
	require.Equal(t, []any{"manages_templates"}, w.get(t, "dev", "/me")["permissions"])
	shared := decoded(call(t, "dev", http.MethodPost, w.api("/templates"), strings.Replace(whole, "own", "organisation", 1)), 201)
	require.Equal(t, "organisation", shared["scope"])
	require.Equal(t, 403, call(t, "amira", http.MethodDelete, w.api(fmt.Sprint("/templates/", shared["id"])), "").status)
}
