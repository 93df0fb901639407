package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// MountStaff registers the staff API on api: a group of the host's, whose prefix it takes, behind the host's own
// sign-in, which must put the staff member into the request's context, where Config.Staff finds them. Without one
// every operation answers 401. See StaffFallback for what the host's router answers itself.
//
// It panics when api has an operation whose id begins with "messenger-" already.
func MountStaff(api huma.API, m *messenger.Messenger) {
	a := &staffAPI{Group: huma.NewGroup(api), m: m}
	a.UseMiddleware(a.guard)

	for _, r := range routes() {
		text := descriptions()[r.id]
		op := huma.Operation{
			OperationID: idPrefix + r.id, Method: r.method, Path: r.path,
			Summary: text.summary, Description: text.description,
			Tags: []string{"Messenger"}, DefaultStatus: r.status, MaxBodyBytes: -1, Parameters: parametersOf(r.path),
			Responses: a.failures(r),
		}
		switch r.id {
		case streamID:
			op.Responses["200"] = streamed(a)
		case exportID:
			op.Responses["200"] = exported()
		}
		r.register(a, op)
	}
	schemas := a.OpenAPI().Components.Schemas.Map()
	for name, properties := range propertyDescriptions() {
		for property, text := range properties {
			schemas[name].Properties[property].Description = text
		}
	}
	sayBounds(schemas)
	for name, schema := range schemas {
		if strings.HasPrefix(name, "Messenger") {
			sayDefaults(schema)
		}
	}
}

// sayDefaults has a body's defaults said in words: generators take a property with a default for one that is always
// there, so that a caller of theirs would have to give it. Huma fills them in from the fields' tags.
func sayDefaults(schema *huma.Schema) {
	for _, property := range schema.Properties {
		if property.Default == nil {
			continue
		}
		value, _ := json.Marshal(property.Default) // a text, number or truth
		said := fmt.Sprintf("%s Absent: %s.", property.Description, strings.Trim(string(value), `"`))
		property.Description, property.Default = strings.TrimSpace(said), nil
	}
}

// idPrefix is what the id of every operation begins with.
const idPrefix = "messenger-"

// route is one operation of the staff API. Its description stands in descriptions.go, by its id.
type route struct {
	method, path string
	status       int // of success
	id           string
	failures     []messenger.Code // that it can answer beside those that all can
	register     func(*staffAPI, huma.Operation)
}

// routes are all operations of the staff API.
func routes() []route {
	missing := []messenger.Code{messenger.CodeNotFound}
	act := with(missing, messenger.CodeForbidden)
	address := []messenger.Code{
		messenger.CodeNoProof, messenger.CodeNoAddress, messenger.CodeObjected, messenger.CodeRestricted,
		messenger.CodeDeceased, messenger.CodeNotConfigured,
	}
	again := with(
		with(act, address...), messenger.CodeNothingToDo, messenger.CodeNewerMessages, messenger.CodeSafeContact,
	)
	check := with(
		with(act, address...),
		messenger.CodeConfirmationRequired,
		messenger.CodeSafeContact,
		messenger.CodeUnknownPlaceholder,
		messenger.CodeTimeDoesNotExist,
		messenger.CodeTemplatePlaceUnfilled,
	)
	send := with(
		check, messenger.CodeTooLong, messenger.CodeKeyReused, messenger.CodeUnreadReplies, messenger.CodeNewerMessages,
	)
	broadcast := []messenger.Code{
		messenger.CodeNotFound, messenger.CodeForbidden, messenger.CodeNotConfigured, messenger.CodeUnknownPlaceholder,
		messenger.CodeTooLong, messenger.CodeTemplatePlaceUnfilled, messenger.CodeTimeDoesNotExist,
	}
	streams := with(missing, messenger.CodeTooManyRequests)
	mend := with(act, messenger.CodeNothingToDo)
	assign := with(mend, messenger.CodeConfirmationRequired)
	absence := with(act, messenger.CodeNotConfigured)
	give := with(act, messenger.CodeNotConfigured)
	late := with(act, messenger.CodeAlreadySent)
	return []route{
		{"GET", "/me", 200, "me", nil, handled((*staffAPI).me)},
		{"GET", "/inboxes", 200, "list-inboxes", nil, handled((*staffAPI).inboxes)},
		{"GET", "/inboxes/{staff_id}/channels", 200, "list-channels", missing, handled((*staffAPI).inbox)},
		{"POST", "/inboxes/{staff_id}/channels/search", 200, "search-inbox", missing, handled((*staffAPI).searchInbox)},
		{"GET", "/inboxes/{staff_id}/history", 200, "list-inbox-history", missing, handled((*staffAPI).inboxHistory)},
		{"GET", "/inboxes/{staff_id}/covers", 200, "list-covers", absence, handled((*staffAPI).covers)},
		{"GET", "/inboxes/{staff_id}/absence", 200, "get-absence", absence, handled((*staffAPI).absence)},
		{"PUT", "/inboxes/{staff_id}/absence", 200, "set-absence", absence, handled((*staffAPI).setAbsence)},
		{"DELETE", "/inboxes/{staff_id}/absence", 204, "end-absence", absence, handled((*staffAPI).endAbsence)},
		{"GET", "/inboxes/{staff_id}/handover", 200, "get-inbox-handover", give, handled((*staffAPI).inboxHandover)},
		{
			"POST",
			"/inboxes/{staff_id}/handover",
			202,
			"hand-over-inbox",
			with(give, messenger.CodeKeyReused),
			handled((*staffAPI).handoverInbox),
		},
		{
			"POST",
			"/channels/{id}/handover",
			200,
			"hand-over-channel",
			with(give, messenger.CodeUnreadReplies, messenger.CodeReceiverCannotSend, messenger.CodeKeyReused),
			handled((*staffAPI).handover),
		},
		{"GET", "/channels/{id}/notes", 200, "list-notes", missing, handled((*staffAPI).notes)},
		{
			"POST",
			"/channels/{id}/notes",
			201,
			"add-note",
			with(act, messenger.CodeNotConfigured, messenger.CodeKeyReused),
			handled((*staffAPI).addNote),
		},
		{"GET", "/channels/{id}", 200, "get-channel", missing, handled((*staffAPI).channel)},
		{"GET", "/channels/{id}/messages", 200, "list-messages", missing, handled((*staffAPI).messages)},
		{"POST", "/channels/{id}/presence", 204, "say-present", missing, handled((*staffAPI).present)},
		{"DELETE", "/channels/{id}/presence", 204, "say-gone", missing, handled((*staffAPI).gone)},
		{"POST", "/channels/{id}/read", 204, "read-channel", act, handled((*staffAPI).readUpTo)},
		{
			"PUT",
			"/channels/{id}/status",
			200,
			"set-channel-status",
			with(act, messenger.CodeUnreadReplies),
			handled((*staffAPI).setStatus),
		},
		{"PUT", "/channels/{id}/replies", 200, "set-replies", act, handled((*staffAPI).setReplies)},
		{"POST", "/channels/{id}/reply-link", 200, "renew-reply-link", act, handled((*staffAPI).renewLink)},
		{"POST", "/channels/{id}/messages", 202, "send-message", send, handled((*staffAPI).send)},
		{"POST", "/clients/{client_id}/messages", 202, "send-message-to-client", send, handled((*staffAPI).sendToClient)},
		{"POST", "/channels/{id}/messages/check", 200, "check-message", check, handled((*staffAPI).check)},
		{
			"POST",
			"/clients/{client_id}/messages/check",
			200,
			"check-message-to-client",
			check,
			handled((*staffAPI).checkForClient),
		},
		{"POST", "/messages/{id}/cancel", 200, "cancel-message", late, handled((*staffAPI).cancel)},
		{"POST", "/messages/{id}/edit", 200, "edit-message", late, handled((*staffAPI).edit)},
		{"POST", "/messages/{id}/retry", 200, "retry-message", again, handled((*staffAPI).retry)},
		{"POST", "/messages/{id}/record", 200, "record-message", mend, handled((*staffAPI).fileAgain)},
		{
			"POST",
			"/messages/{id}/remind",
			202,
			"remind-message",
			with(with(mend, address...), messenger.CodeTooLong, messenger.CodeSafeContact),
			handled((*staffAPI).remind),
		},
		{"POST", "/messages/{id}/stop-waiting", 200, "stop-waiting", mend, handled((*staffAPI).stopWaiting)},
		{"POST", "/messages/{id}/withdraw", 200, "withdraw-message", mend, handled((*staffAPI).withdraw)},
		{"POST", "/messages/{id}/resolve", 200, "resolve-message", mend, handled((*staffAPI).resolve)},
		{"GET", "/clients/{client_id}", 200, "get-client", missing, handled((*staffAPI).client)},
		{"GET", "/clients/{client_id}/export", 200, exportID, act, handled((*staffAPI).exportClient)},
		{"PUT", "/clients/{client_id}/draft", 200, "save-draft", missing, handled((*staffAPI).saveDraft)},
		{"DELETE", "/clients/{client_id}/draft", 204, "delete-draft", missing, handled((*staffAPI).deleteDraft)},
		{"GET", "/clients", 200, "search-clients", nil, handled((*staffAPI).searchClients)},
		{"POST", "/clients/search", 200, "find-clients", nil, handled((*staffAPI).findClients)},
		{"GET", "/templates", 200, "list-templates", nil, handled((*staffAPI).templates)},
		{
			"POST",
			"/templates",
			201,
			"create-template",
			[]messenger.Code{messenger.CodeForbidden, messenger.CodeKeyReused},
			handled((*staffAPI).createTemplate),
		},
		{
			"PUT",
			"/templates/{id}",
			200,
			"update-template",
			with(act, messenger.CodeKeyReused),
			handled((*staffAPI).updateTemplate),
		},
		{"DELETE", "/templates/{id}", 204, "archive-template", act, handled((*staffAPI).archiveTemplate)},
		{"GET", "/lists", 200, "list-lists", nil, handled((*staffAPI).lists)},
		{"GET", "/lists/{id}/clients", 200, "list-list-clients", missing, handled((*staffAPI).listMembers)},
		{
			"POST",
			"/broadcasts",
			202,
			"send-broadcast",
			with(broadcast, messenger.CodeKeyReused),
			handled((*staffAPI).broadcast),
		},
		{"POST", "/broadcasts/preview", 200, "preview-broadcast", broadcast, handled((*staffAPI).previewBroadcast)},
		{"GET", "/broadcasts", 200, "list-broadcasts", nil, handled((*staffAPI).broadcasts)},
		{"GET", "/broadcasts/{id}", 200, "get-broadcast", missing, handled((*staffAPI).getBroadcast)},
		{"GET", "/broadcasts/{id}/skipped", 200, "list-broadcast-skipped", missing, handled((*staffAPI).skipped)},
		{"GET", "/broadcasts/{id}/failed", 200, "list-broadcast-failed", missing, handled((*staffAPI).failedBroadcast)},
		{"POST", "/broadcasts/{id}/retry", 200, "retry-broadcast", missing, handled((*staffAPI).retryBroadcast)},
		{"POST", "/broadcasts/{id}/cancel", 200, "cancel-broadcast", late, handled((*staffAPI).cancelBroadcast)},
		{"GET", "/attention", 200, "list-attention", missing, handled((*staffAPI).attention)},
		{"POST", "/attention/act", 200, "act-on-attention", nil, handled((*staffAPI).act)},
		{"GET", "/overview", 200, "get-overview", nil, handled((*staffAPI).overview)},
		{"GET", "/unmatched", 200, "list-unmatched", nil, handled((*staffAPI).unmatched)},
		{"POST", "/unmatched/{id}/assign", 200, "assign-unmatched", assign, handled((*staffAPI).assign)},
		{"POST", "/unmatched/{id}/unassign", 200, "unassign-unmatched", mend, handled((*staffAPI).unassign)},
		{"GET", "/notifications", 200, "list-notifications", nil, handled((*staffAPI).notifications)},
		{"GET", "/notifications/count", 200, "count-notifications", nil, handled((*staffAPI).notificationCount)},
		{"GET", "/channels/{id}/history", 200, "list-history", missing, handled((*staffAPI).history)},
		{"GET", "/events", 200, streamID, streams, handled((*staffAPI).events)},
	}
}

// leavesALine says whether an operation that only reads may leave a line in a history: that its asker looked, or
// exported.
func leavesALine(id string) bool {
	return slices.Contains([]string{
		"list-channels", "list-inbox-history", "get-channel", "list-messages", "list-history", "list-notes",
		"list-attention", "list-broadcast-failed", "list-notifications", exportID, streamID,
	}, id)
}

func with(codes []messenger.Code, more ...messenger.Code) []messenger.Code {
	return slices.Concat(codes, more)
}

// staffAPI is a group whose answers are the contract's whatever the host chose for its own: JSON, and problem
// documents.
type staffAPI struct {
	*huma.Group
	m       *messenger.Messenger
	encoded encoded
}

// Negotiate always answers JSON.
func (a *staffAPI) Negotiate(string) (string, error) { return "application/json", nil }

// Marshal writes JSON.
func (a *staffAPI) Marshal(w io.Writer, _ string, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("write an answer: %w", err)
	}
	return nil
}

// Unmarshal reads JSON: the guard has looked at the content type.
func (a *staffAPI) Unmarshal(_ string, data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("read a body: %w", err)
	}
	return nil
}

// Transform lets the host's transformers work on answers below 400. Those above are ours alone.
func (a *staffAPI) Transform(ctx huma.Context, status string, v any) (any, error) {
	if status < "400" {
		v, err := a.Group.Transform(ctx, status, v)
		if err != nil {
			return nil, fmt.Errorf("transform an answer: %w", err)
		}
		return v, nil
	}
	p, ours := v.(*messengerProblem)
	if !ours {
		number, _ := strconv.Atoi(status) // Huma's own numbers
		p = rebuilt(number)
		if model, ok := v.(*huma.ErrorModel); ok {
			p.Errors = details(a, ctx.Operation(), model.Errors)
		}
	}
	ctx.SetHeader("Content-Type", p.ContentType(""))
	return p, nil
}

// handled registers an operation with its handler, whose errors become problem documents.
func handled[I, O any](handler func(*staffAPI, context.Context, *I) (*O, error)) func(*staffAPI, huma.Operation) {
	return func(a *staffAPI, op huma.Operation) {
		huma.Register(a, op, func(ctx context.Context, input *I) (*O, error) {
			output, err := handler(a, ctx, input)
			var p *messengerProblem
			switch {
			case err == nil:
				return output, nil
			case errors.As(err, &p):
				return nil, p
			default:
				return nil, problemOf(ctx, a.m, op.OperationID, err)
			}
		})
	}
}

// failures documents every error that an operation can give, by status.
func (a *staffAPI) failures(r route) map[string]*huma.Response {
	all := slices.Concat(r.failures, []messenger.Code{
		messenger.CodeNotSignedIn, messenger.CodeOrganisationChanged, messenger.CodeInvalid, codeTooLarge,
		codeUnsupportedMediaType, messenger.CodeInternal, messenger.CodeUnavailable,
	})
	if r.method != http.MethodGet || leavesALine(r.id) {
		all = append(all, codeCrossSite)
	}
	if r.method != http.MethodGet {
		all = append(all, messenger.CodeOutcomeUnknown)
	}
	schema := a.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[messengerProblem](), true, "")
	list := property(a, schema, "code")
	list.Enum = nil
	for _, code := range codes() {
		list.Enum = append(list.Enum, string(code))
	}
	byStatus := map[string][]string{}
	for _, code := range codes() {
		if slices.Contains(all, code) {
			status := strconv.Itoa(statusOf(code))
			byStatus[status] = append(byStatus[status], string(code))
		}
	}
	responses := map[string]*huma.Response{}
	for _, status := range slices.Sorted(maps.Keys(byStatus)) {
		responses[status] = &huma.Response{
			Description: strings.Join(byStatus[status], ", "),
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
		}
	}
	return responses
}
