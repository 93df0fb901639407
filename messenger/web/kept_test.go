package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// linkForms are ways to write a live link where somebody else may find it.
func linkForms(token string) map[string]string {
	perCent := ""
	for _, sign := range []byte(token) {
		perCent += fmt.Sprintf("%%%02X", sign)
	}
	return map[string]string{
		"plain":             "https://reply.example.org/m/r/" + token,
		"per cent":          "https%3A%2F%2Freply.example.org%2Fm%2Fr%2F" + perCent,
		"a soft hyphen":     "https://reply.example.org/m/r/" + token[:11] + "\u00ad" + token[11:],
		"a line break":      "> https://reply.example.org/m/r/" + token[:11] + "\n> " + token[11:],
		"in capitals":       "HTTPS://REPLY.EXAMPLE.ORG/M/R/" + token,
		"an HTML attribute": `<a href="https:&#x2f;&#x2f;reply.example.org/m/r/` + token + `">Reply</a>`,
		"the token alone":   token,
		"glued":             "Token:" + token + "thanks",
	}
}

// requireNoLink looks for a token through every column of every table, and through the log.
func (w *world) requireNoLink(tb testing.TB, token, name string) {
	tb.Helper()
	found, err := w.pool.Query(context.Background(), `select table_name, column_name from information_schema.columns
		where table_schema = current_schema() order by table_name, ordinal_position`)
	require.NoError(tb, err)
	type column struct{ Table, Name string }
	columns, err := pgx.CollectRows(found, pgx.RowToStructByPos[column])
	require.NoError(tb, err)
	require.Greater(tb, len(columns), 100)
	looked := map[string]string{"log": w.log.String()}
	for _, c := range columns {
		var text string
		err := w.pool.QueryRow(context.Background(), "select coalesce(string_agg(convert_from(x, 'UTF8'), E'\\n'), '') from (select convert_to("+
			pgx.Identifier{c.Name}.Sanitize()+"::text, 'UTF8') x from "+pgx.Identifier{c.Table}.Sanitize()+") t").Scan(&text)
		require.NoError(tb, err)
		looked[c.Table+"."+c.Name] = text
	}
	for where, text := range looked {
		for _, part := range []string{token[:10], token[12:], fmt.Sprintf("%%%02X%%%02X%%%02X", token[19], token[20], token[21])} {
			if strings.Contains(strings.ToLower(text), strings.ToLower(part)) {
				require.Fail(tb, "a link is kept", "%s: in %s", name, where)
			}
		}
	}
}

// place is where a text stands in a body: names of properties, and 0 for the first of a list.
type place []any

// textPlaces are all texts of a schema of the document.
func textPlaces(tb testing.TB, doc document, schema map[string]any) (list []place) {
	tb.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		require.NoError(tb, json.Unmarshal(doc.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]], &schema))
	}
	if items, ok := schema["items"].(map[string]any); ok {
		for _, at := range textPlaces(tb, doc, items) {
			list = append(list, append(place{0}, at...))
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, property := range properties {
		for _, at := range textPlaces(tb, doc, property.(map[string]any)) {
			list = append(list, append(place{name}, at...))
		}
	}
	kind := fmt.Sprint(schema["type"])
	if len(list) == 0 && strings.Contains(kind, "string") && schema["enum"] == nil {
		list = append(list, place{})
	}
	return list
}

// put is a JSON value with a text at a place.
func put(value any, at place, text string) any {
	if len(at) == 0 {
		return text
	}
	if name, ok := at[0].(string); ok {
		object, _ := value.(map[string]any)
		if object == nil {
			object = map[string]any{}
		}
		object[name] = put(object[name], at[1:], text)
		return object
	}
	list, _ := value.([]any)
	if len(list) == 0 {
		list = []any{nil}
	}
	list[0] = put(list[0], at[1:], text)
	return list
}

// A live link in any text of any operation of the document, in its query, in a host's id or in a header, is kept nowhere.
func TestNoOperationKeepsALink(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.lists.Put(north, adapters.List{ID: "l-1", Name: "Walking group"}, w.newClient())
	token := w.newThread(t).token
	doc, _ := w.document(t)
	operations := operations()
	taken := map[string]bool{}
	for template, methods := range doc.Paths {
		for method, documented := range methods {
			op := operations[documented.OperationID]
			try := func(where string, change func(path, body, text string) (string, string, []string)) {
				forms := linkForms(token)
				// Some places are short, so that all forms in one are not enough.
				for form, text := range map[string]string{
					"plain": forms["plain"], "the token alone": token, "all": strings.Join(slices.Collect(maps.Values(forms)), "\n\n"),
				} {
					path, body := w.ready(t, op)
					path, body, headers := change(path, body, text)
					got := call(t, "amira", strings.ToUpper(method), w.api(path), body, headers...)
					require.Less(t, got.status, 500, "%s, %s, %s: %s", documented.OperationID, where, form, got.body)
					if got.status < 300 {
						taken[documented.OperationID+" "+where] = true
					}
				}
			}
			if documented.RequestBody != nil {
				ref := map[string]any{"$ref": documented.RequestBody.Content["application/json"].Schema.Ref}
				for _, at := range textPlaces(t, doc, ref) {
					try(fmt.Sprint(at), func(path, body, text string) (string, string, []string) {
						var value any
						require.NoError(t, json.Unmarshal([]byte(body), &value))
						changed, err := json.Marshal(put(value, at, text))
						require.NoError(t, err)
						return path, string(changed), nil
					})
				}
			}
			for _, parameter := range documented.Parameters {
				try(parameter.In+" "+parameter.Name, func(path, body, text string) (string, string, []string) {
					switch {
					case parameter.In == "query":
						return query(path, parameter.Name, url.QueryEscape(text)), body, nil
					case parameter.In == "path" && strings.Count(template, "{") == 1:
						return replaceID(template, path, url.PathEscape(text)), body, nil
					default:
						return path, body, []string{parameter.Name, strings.Map(visible, text)}
					}
				})
			}
			try("header Idempotency-Key", func(path, body, text string) (string, string, []string) {
				return path, body, []string{"Idempotency-Key", documented.OperationID + strings.Map(visible, text)}
			})
			w.requireNoLink(t, token, documented.OperationID)
		}
	}
	for _, where := range []string{
		"messenger-send-message [body]", "messenger-send-message [override reason]", "messenger-send-message header Idempotency-Key",
		"messenger-send-message-to-client [body]", "messenger-save-draft [body]", "messenger-send-broadcast [body]",
		"messenger-resolve-message [note]", "messenger-withdraw-message [note]", "messenger-stop-waiting [note]", "messenger-assign-unmatched [reason]", "messenger-unassign-unmatched [reason]",
		"messenger-send-broadcast header Idempotency-Key",
	} {
		require.True(t, taken[where], "%s: no form was taken, so that nothing is shown of it: %v", where, taken)
	}
}

// visible leaves of a text what a header may have.
func visible(r rune) rune {
	if r <= ' ' || r > '~' {
		return -1
	}
	return r
}

// talkative answers as a provider or a record that quotes a link in all that it says.
type talkative struct {
	mu   sync.Mutex
	says string
}

func (s *talkative) say(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.says = what
}

func (s *talkative) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.says
}

func (s *talkative) Send(context.Context, adapters.Outgoing) (adapters.Receipt, error) {
	return adapters.Receipt{Status: adapters.Sent, Via: "texts", ProviderID: s.said(), Text: "Hello " + s.said()}, nil
}

func (s *talkative) Write(context.Context, adapters.Entry) (adapters.Filed, error) {
	return adapters.Filed{Reference: s.said(), Version: s.said()}, nil
}

func (s *talkative) Amend(context.Context, adapters.Filed, adapters.Entry) (adapters.Filed, error) {
	return adapters.Filed{Reference: s.said(), Version: s.said()}, nil
}

// A live link in anything that a client, a provider, the record or the directory says is kept nowhere.
func TestNobodyElsesWordsKeepALink(t *testing.T) {
	t.Parallel()
	said, hook := &talkative{}, memory.NewCallbacks("texts", "a key of the provider's")
	w := setup(t, func(c *messenger.Config) {
		c.Email, c.SMS, c.Record = said, said, said
		c.Hooks = map[string]messenger.Hook{"texts": {Callbacks: hook, Organisation: messenger.AllTextsFor(north)}}
	})
	quoted := w.newThread(t)
	amira := memory.SignIn(context.Background(), "amira")
	for form, text := range linkForms(quoted.token) {
		said.say(text)
		client := w.newClient()
		w.clients.Put(north, adapters.Client{ID: client, Name: "Grace " + text, FirstName: text, Email: "grace@example.org"})
		w.staff.Add(adapters.Member{ID: "quoting", Name: text, Organisation: north, Media: []adapters.Medium{adapters.Email}})
		sent, err := w.Send(memory.SignIn(context.Background(), "quoting"), messenger.SendParams{
			Client: client, Medium: adapters.Email, Subject: "Hello", Body: "Dear {{first_name}}, from {{staff_name}}",
		})
		require.NoError(t, err)
		_ = w.Jobs().Deliver(t.Context(), sent.Message.ID, 1)
		_ = w.Jobs().WriteRecord(t.Context(), sent.Message.ID, 1)
		require.NoError(t, w.ClientsChanged(t.Context(), north, client, quoted.client))
		_, err = w.SendBroadcast(amira, messenger.BroadcastParams{
			Medium: adapters.Email, Subject: "Hello", Body: "Dear {{first_name}}", Clients: []adapters.ClientID{client},
		})
		require.NoError(t, err)

		th := w.newThread(t)
		answer := call(t, "", http.MethodPost, w.url+"/m/r/"+th.token, url.Values{
			"reply": {text}, "key": {text}, "day": {text}, "month": {text}, "year": {text},
		}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		require.Less(t, answer.status, 500, form)
		receipt := adapters.Receipt{Reference: th.sent.ID.String(), Status: adapters.Delivered, ProviderID: "p-1"}
		inbound := adapters.InboundText{ProviderID: "i-" + form, From: "+447700900123", To: "+447700900999", Text: "Hello"}
		callBack := func(r adapters.Receipt, i adapters.InboundText) {
			request := hook.Request([]adapters.Receipt{r}, i)
			if _, err := w.Callback(t.Context(), "texts", request); err != nil {
				require.Contains(t, []messenger.Code{messenger.CodeInvalid, messenger.CodeForbidden}, messenger.CodeOf(err), form)
			}
		}
		for _, field := range textFields(&receipt) {
			was := field.String()
			field.SetString(text)
			callBack(receipt, inbound)
			field.SetString(was)
		}
		for _, field := range textFields(&inbound) {
			was := field.String()
			field.SetString(text)
			callBack(receipt, inbound)
			field.SetString(was)
		}
		w.requireNoLink(t, quoted.token, form)
	}
}

// textFields are the fields of a struct that are texts.
func textFields(of any) (list []reflect.Value) {
	value := reflect.ValueOf(of).Elem()
	for i := range value.NumField() {
		if value.Field(i).Kind() == reflect.String {
			list = append(list, value.Field(i))
		}
	}
	return list
}
