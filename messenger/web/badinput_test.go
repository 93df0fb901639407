package web_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// marker stands in all bad input: an answer or a log line that has it has echoed.
const marker = "zzmarkerzz"

// bad is one request that must be refused.
type bad struct {
	name, path, body string
	headers          []string
	want             []int // one of them
}

func wrong(name, path, body string, want ...int) bad {
	return bad{name: name, path: path, body: body, want: want}
}

// spoilt makes every kind of bad input for an operation out of its valid path and body.
func spoilt(op documented, template, path, body string, properties map[string]any) []bad {
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	list := []bad{
		wrong("invalid UTF-8 in the query", path+join+"x="+marker+"%ff", body, 422),
		wrong("NUL in the query", path+join+marker+"=%00", body, 422),
		wrong("a broken escape in the query", path+join+"x="+marker+"%zz", body, 422),
		{name: "a key with a space", path: path, body: body, headers: []string{"Idempotency-Key", marker + " x"}, want: []int{422}},
		{name: "a key too long", path: path, body: body, headers: []string{"Idempotency-Key", strings.Repeat(marker, 26)}, want: []int{422}},
		{name: "another organisation", path: path, body: body, headers: []string{"Messenger-Organisation", marker}, want: []int{409}},
		wrong("2 MB", path, `{"body": "`+strings.Repeat(marker, 200_000)+`"}`, 413),
		wrong("malformed JSON", path, `{"body": "`+marker+`"`, 422),
		wrong("more after the JSON", path, `{} `+marker, 422),
		wrong("an array", path, `["`+marker+`"]`, 422),
		wrong("a text", path, `"`+marker+`"`, 422),
		wrong("null", path, `null`, 422),
		wrong("an unknown property", path, with(body, marker, "x"), 422),
		wrong("invalid UTF-8", path, `{"body": "`+marker+"\xff"+`"}`, 422),
		wrong("a NUL", path, `{"body": "`+marker+"\x00"+`"}`, 422),
		wrong("an escaped NUL", path, `{"body": "`+marker+`\u0000"}`, 422),
		wrong("half a surrogate pair", path, `{"body": "`+marker+`\ud83d"}`, 422),
		wrong("halves the wrong way round", path, `{"body": "`+marker+`\ude00\ud83d"}`, 422),
		{name: "another content type", path: path, body: `{"x": "` + marker + `"}`, headers: []string{"Content-Type", "text/plain"}, want: []int{415}},
		{name: "another charset", path: path, body: `{"x": "` + marker + `"}`, headers: []string{"Content-Type", "application/json; charset=utf-16"}, want: []int{415}},
	}
	for _, parameter := range op.Parameters {
		switch {
		case parameter.Name == "limit":
			for _, limit := range []string{"0", "101", "-1", marker, "1.5", "99999999999999999999"} {
				list = append(list, wrong("limit="+limit, query(path, "limit", limit), body, 422))
			}
		case parameter.Name == "cursor":
			for _, cursor := range []string{marker, "eyJsIjoieCJ9", strings.Repeat(marker, 500)} {
				list = append(list, wrong("a bad cursor", query(path, "cursor", cursor), body, 422))
			}
		case parameter.Name == "show":
			list = append(list, wrong("an unknown filter", query(path, "show", marker), body, 422))
		case parameter.Name == "q":
			list = append(list, wrong("a search too long", query(path, "q", strings.Repeat(marker, 21)), body, 422))
		case parameter.In == "path" && parameter.Schema["format"] == "uuid":
			for _, id := range []string{
				marker, "0199a1a1-0000-7000-8000-00000000000", "{0199a1a1-0000-7000-8000-000000000000}",
				"00000000-0000-0000-0000-000000000000", "0199a1a1-0000-7000-8000-000000000000", strings.Repeat("9", 4000),
			} {
				list = append(list, wrong("id "+id[:8], replaceID(template, path, id), body, 404))
			}
			list = append(list, wrong("NUL in an id", replaceID(template, path, marker+"%00"), body, 422),
				wrong("invalid UTF-8 in an id", replaceID(template, path, marker+"%ff"), body, 422))
		case parameter.In == "path":
			list = append(list, wrong("an unknown id", replaceID(template, path, marker), body, 404),
				wrong("an id too long", replaceID(template, path, strings.Repeat(marker, 300)), body, 404),
				wrong("NUL in a host's id", replaceID(template, path, marker+"%00"), body, 422))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		for kind, value := range map[string]any{"number": 1e300, "text": marker, "list": []int{1}, "object": map[string]any{marker: 1}} {
			schema, _ := properties[name].(map[string]any)
			if kind != "text" || schema["type"] != "string" || schema["enum"] != nil || schema["format"] != nil {
				list = append(list, wrong(name+" of another type: "+kind, path, with(body, name, value), 422))
			}
		}
		list = append(list, wrong(name+" in another case", path, with(without(body, name), strings.ToUpper(name), "x"), 422))
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		schema, _ := properties[name].(map[string]any)
		if schema["type"] != "string" || schema["enum"] != nil {
			continue
		}
		// bodies that are valid but for one character
		for kind, text := range map[string]string{
			"invalid UTF-8": "\xff", "a surrogate in UTF-8": "\xed\xa0\x80", "a NUL": `\u0000`, "half a pair": `\ud83d`, "the other half": `x\ude00`,
		} {
			whole := strings.ReplaceAll(with(body, name, "@@"), "@@", marker+text)
			list = append(list, wrong(name+" with "+kind, path, whole, 422))
		}
	}
	for _, name := range []string{"up_to"} {
		if properties[name] != nil {
			list = append(list, wrong("a malformed id in the body", path, with(body, name, marker), 404),
				wrong("an unknown id in the body", path, with(body, name, "0199a1a1-0000-7000-8000-000000000000"), 404))
		}
	}
	return list
}

func query(path, name, value string) string {
	path, old, _ := strings.Cut(path, "?")
	parts := []string{name + "=" + value}
	for part := range strings.SplitSeq(old, "&") {
		if part != "" && !strings.HasPrefix(part, name+"=") {
			parts = append(parts, part)
		}
	}
	return path + "?" + strings.Join(parts, "&")
}

// replaceID puts id where template has its only parameter.
func replaceID(template, path, id string) string {
	_, rest, _ := strings.Cut(path, "?")
	start, end := strings.Index(template, "{"), strings.Index(template, "}")
	return template[:start] + id + template[end+1:] + "?" + rest
}

func with(body, name string, value any) string {
	object := map[string]any{}
	_ = json.Unmarshal([]byte(body), &object) // an operation without a body has none to keep
	object[name] = value
	text, _ := json.Marshal(object)
	return string(text)
}

func without(body, name string) string {
	object := map[string]any{}
	_ = json.Unmarshal([]byte(body), &object)
	delete(object, name)
	text, _ := json.Marshal(object)
	return string(text)
}

// Bad input of every kind at every operation of the document: a clear problem, nothing stored, nothing echoed.
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.lists.Put(north, adapters.List{ID: "l-1", Name: "Walking group"}, w.newClient())
	doc, byID := w.document(t)
	rows := operations()
	total := 0
	for template, methods := range doc.Paths {
		for method, op := range methods {
			id := op.OperationID
			require.Contains(t, rows, id)
			path, body := w.ready(t, rows[id])
			stored, logged := w.stored(t), len(w.log.String())
			for _, request := range spoilt(byID[id], template, path, body, w.properties(t, doc, op)) {
				total++
				got := call(t, "amira", strings.ToUpper(method), w.api(request.path), request.body, request.headers...)
				name := id + ", " + request.name
				require.Contains(t, request.want, got.status, "%s: %s", name, got.body)
				requireProblem(t, got)
				requireSilent(t, name, got.body)
			}
			require.Equal(t, stored, w.stored(t), id)
			require.Len(t, w.log.String(), logged, "%s: %s", id, w.log)
		}
	}
	require.Greater(t, total, 500)
}

// requireSilent holds an answer against echoes and against words from inside.
func requireSilent(tb testing.TB, name, text string) {
	tb.Helper()
	for _, inside := range []string{marker, strings.ToUpper(marker), "goroutine", "SQLSTATE", "pgx", "json:", "strconv", "reflect", "uuid:", ".go:"} {
		require.NotContains(tb, text, inside, name)
	}
}

func (w *world) properties(tb testing.TB, doc document, op documented) map[string]any {
	tb.Helper()
	if op.RequestBody == nil {
		return nil
	}
	ref := op.RequestBody.Content["application/json"].Schema.Ref
	var schema struct{ Properties map[string]any }
	require.NoError(tb, json.Unmarshal(doc.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]], &schema))
	require.NotEmpty(tb, schema.Properties)
	return schema.Properties
}

// A problem says which parameter or field is at fault, as far as the name is ours.
func TestWhereTheInputIsWrong(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	send := "/clients/" + string(th.client) + "/messages"
	for _, row := range []struct{ method, path, body, location string }{
		{http.MethodGet, "/notifications?limit=101", "", "limit"},
		{http.MethodGet, "/notifications?cursor=" + marker, "", "cursor"},
		{http.MethodGet, "/inboxes/amira/channels?show=" + marker, "", "show"},
		{http.MethodPost, send, `{"medium": "` + marker + `", "body": "x"}`, "medium"},
		{http.MethodPost, send, `{"medium": "email", "body": "x"}`, "subject"},
		{http.MethodPost, send, `{"body": "x"}`, "medium"},
		{http.MethodPost, send, `{"medium": "sms", "body": "x", "override": {}}`, "override.reason"},
		{http.MethodPost, send, `{"medium": "sms", "body": "x", "override": {"reason": 1}}`, "override.reason"},
		{http.MethodPost, send, `{"medium": "sms", "body": "x", "` + marker + `": 1}`, "body"},
	} {
		t.Run(row.method+" "+row.location, func(t *testing.T) {
			got := call(t, "amira", row.method, w.api(row.path), row.body)
			require.Equal(t, "invalid", requireProblem(t, got), row.path)
			var problem struct {
				Errors []struct{ Location, Message string }
			}
			require.NoError(t, json.Unmarshal([]byte(got.body), &problem))
			require.NotEmpty(t, problem.Errors, got.body)
			require.Equal(t, row.location, problem.Errors[0].Location)
			require.NotEmpty(t, problem.Errors[0].Message)
			requireSilent(t, row.path, got.body)
		})
	}
}

// Whoever leaves out what has to be there reads its name.
func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	doc, _ := w.document(t)
	rows, total := operations(), 0
	leftOut := []string{"messenger-unassign-unmatched", "messenger-find-clients", "messenger-search-inbox"} // nothing is required
	for _, methods := range doc.Paths {
		for method, op := range methods {
			if op.RequestBody == nil {
				continue
			}
			ref := op.RequestBody.Content["application/json"].Schema.Ref
			var schema struct{ Required []string }
			require.NoError(t, json.Unmarshal(doc.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]], &schema))
			path, body := w.ready(t, rows[op.OperationID])
			if slices.Contains(leftOut, op.OperationID) {
				got := call(t, "amira", strings.ToUpper(method), w.api(path), "")
				require.Less(t, got.status, 300, "%s: %s", op.OperationID, got.body)
			}
			for _, name := range schema.Required {
				total++
				got := call(t, "amira", strings.ToUpper(method), w.api(path), without(body, name))
				require.Equal(t, "invalid", requireProblem(t, got), op.OperationID)
				require.Contains(t, got.body, `"location":"`+name+`"`, op.OperationID)
			}
		}
	}
	require.Greater(t, total, 15)
}

// What people write is checked by the service, and not echoed either.
func TestBadText(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	stored := w.stored(t)
	for name, fields := range map[string]map[string]any{
		"a line break in a subject": {"medium": "email", "subject": marker + "\r\nBcc: x", "body": "x"},
		"a subject too long":        {"medium": "email", "subject": strings.Repeat(marker, 21), "body": "x"},
		"no subject":                {"medium": "email", "body": marker},
		"white space":               {"medium": "email", "subject": marker, "body": " \n\t\u00a0\u200b"},
		"an email too long":         {"medium": "email", "subject": "x", "body": strings.Repeat(marker, 5001)},
		"a text with a subject":     {"medium": "sms", "subject": marker, "body": "x"},
		"a text too long":           {"medium": "sms", "body": strings.Repeat("😀", 460) + marker},
		"an unknown medium":         {"medium": marker, "body": "x"},
		"a time that is none":       {"medium": "sms", "body": "x", "send_after": marker},
		"an unknown status":         {"medium": "sms", "body": "x", "then": marker},
		"an override without why":   {"medium": "sms", "body": "x", "override": map[string]any{}},
	} {
		body, err := json.Marshal(fields)
		require.NoError(t, err)
		for _, path := range []string{"/clients/" + string(th.client) + "/messages", "/channels/" + th.channel.ID.String() + "/messages"} {
			got := call(t, "amira", http.MethodPost, w.api(path), string(body))
			require.Equal(t, 422, got.status, name)
			require.Equal(t, "invalid", requireProblem(t, got))
			requireSilent(t, name, got.body)
		}
	}
	got := call(t, "amira", http.MethodPost, w.api("/clients/"+string(th.client)+"/messages"),
		`{"medium": "sms", "body": "{{`+marker+`}}"}`)
	require.Equal(t, "unknown_placeholder", requireProblem(t, got))
	requireSilent(t, "placeholder", got.body)
	require.Equal(t, stored, w.stored(t))
}
