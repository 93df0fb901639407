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

// MountStaff registers the staff API on api: a group of the host's, whose prefix it takes, behind the host's own sign-in,
// which must put the staff member into the request's context, where Config.Staff finds them. Without one every operation
// answers 401. See StaffFallback for what the host's router answers itself.
//
// It panics when api has an operation whose id begins with "messenger-" already.
func MountStaff(api huma.API, m *messenger.Messenger) {
	a := &staffAPI{Group: huma.NewGroup(api), m: m}
	a.UseMiddleware(a.guard)

	missing := []messenger.Code{messenger.CodeNotFound}
	act := with(missing, messenger.CodeForbidden)
	address := []messenger.Code{
		messenger.CodeNoAddress, messenger.CodeObjected, messenger.CodeRestricted, messenger.CodeDeceased, messenger.CodeNotConfigured,
	}
	again := with(address, messenger.CodeNothingToDo)
	send := with(address, messenger.CodeConfirmationRequired, messenger.CodeUnknownPlaceholder, messenger.CodeKeyReused,
		messenger.CodeUnreadReplies)

	on(a, "GET /me", "me", a.me)
	on(a, "GET /inboxes", "list-inboxes", a.inboxes)
	on(a, "GET /inboxes/{staff_id}/channels", "list-channels", a.inbox, missing...)
	on(a, "POST /inboxes/{staff_id}/channels/search", "search-inbox", a.searchInbox, missing...)
	on(a, "GET /channels/{id}", "get-channel", a.channel, missing...)
	on(a, "GET /channels/{id}/messages", "list-messages", a.messages, missing...)
	on(a, "POST /channels/{id}/read 204", "read-channel", a.readUpTo, act...)
	on(a, "PUT /channels/{id}/status", "set-channel-status", a.setStatus, with(act, messenger.CodeUnreadReplies)...)
	on(a, "PUT /channels/{id}/replies", "set-replies", a.setReplies, act...)
	on(a, "POST /channels/{id}/reply-link", "renew-reply-link", a.renewLink, act...)
	on(a, "POST /channels/{id}/messages 202", "send-message", a.send, with(act, send...)...)
	on(a, "POST /clients/{client_id}/messages 202", "send-message-to-client", a.sendToClient, with(act, send...)...)
	on(a, "POST /messages/{id}/cancel", "cancel-message", a.cancel, with(act, messenger.CodeAlreadySent)...)
	on(a, "POST /messages/{id}/retry", "retry-message", a.retry, with(act, again...)...)
	on(a, "POST /messages/{id}/record", "record-message", a.fileAgain, with(act, messenger.CodeNothingToDo)...)
	on(a, "POST /messages/{id}/resolve", "resolve-message", a.resolve, with(act, messenger.CodeNothingToDo)...)
	on(a, "GET /clients/{client_id}", "get-client", a.client, missing...)
	on(a, "PUT /clients/{client_id}/draft", "save-draft", a.saveDraft, missing...)
	on(a, "DELETE /clients/{client_id}/draft 204", "delete-draft", a.deleteDraft, missing...)
	on(a, "GET /clients", "search-clients", a.searchClients)
	on(a, "POST /clients/search", "find-clients", a.findClients)
	on(a, "GET /lists", "list-lists", a.lists)
	on(a, "GET /lists/{id}/clients", "list-list-clients", a.listMembers, missing...)
	broadcast := []messenger.Code{
		messenger.CodeNotFound, messenger.CodeForbidden, messenger.CodeNotConfigured, messenger.CodeUnknownPlaceholder,
	}
	on(a, "POST /broadcasts 202", "send-broadcast", a.broadcast, with(broadcast, messenger.CodeKeyReused)...)
	on(a, "POST /broadcasts/preview", "preview-broadcast", a.previewBroadcast, broadcast...)
	on(a, "GET /broadcasts/{id}", "get-broadcast", a.getBroadcast, missing...)
	on(a, "GET /broadcasts/{id}/skipped", "list-broadcast-skipped", a.skipped, missing...)
	on(a, "POST /broadcasts/{id}/cancel", "cancel-broadcast", a.cancelBroadcast, with(act, messenger.CodeAlreadySent)...)
	on(a, "GET /unmatched", "list-unmatched", a.unmatched)
	on(a, "POST /unmatched/{id}/assign", "assign-unmatched", a.assign, with(act, messenger.CodeNothingToDo)...)
	on(a, "GET /notifications", "list-notifications", a.notifications)
	on(a, "GET /notifications/count", "count-notifications", a.notificationCount)
	on(a, "GET /channels/{id}/history", "list-history", a.history, missing...)
	on(a, "GET /events", streamID, a.events, missing...)
}

func with(codes []messenger.Code, more ...messenger.Code) []messenger.Code {
	return slices.Concat(codes, more)
}

// staffAPI is a group whose answers are the contract's whatever the host chose for its own: JSON, and problem documents.
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

// on registers one operation. Route is "METHOD /path" and the status of success where it is not 200; failures are the codes it
// can answer beside those that all can.
func on[I, O any](a *staffAPI, route, id string, handler func(context.Context, *I) (*O, error), failures ...messenger.Code) {
	parts := append(strings.Fields(route), "200")
	method, path := parts[0], parts[1]
	status, _ := strconv.Atoi(parts[2])
	text := texts()[id]
	op := huma.Operation{
		OperationID: "messenger-" + id, Method: method, Path: path, Summary: text.summary, Description: text.description,
		Tags: []string{"Messenger"}, DefaultStatus: status, MaxBodyBytes: -1, Parameters: parametersOf(path),
		Responses: a.failures(method, failures),
	}
	if id == streamID {
		op.Responses["200"] = streamed(a)
	}
	huma.Register(a, op, func(ctx context.Context, input *I) (*O, error) {
		output, err := handler(ctx, input)
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

// failures documents every error that an operation can give, by status.
func (a *staffAPI) failures(method string, more []messenger.Code) map[string]*huma.Response {
	all := slices.Concat(more, []messenger.Code{
		messenger.CodeNotSignedIn, messenger.CodeOrganisationChanged, messenger.CodeInvalid, codeTooLarge,
		codeUnsupportedMediaType, messenger.CodeInternal, messenger.CodeUnavailable,
	})
	if method != http.MethodGet {
		all = append(all, codeCrossSite)
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
