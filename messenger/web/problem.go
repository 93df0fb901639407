package web

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/cmsmessenger/cmsmessenger/internal/panics"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// The codes that only HTTP knows, beside those of package messenger.
const (
	codeCrossSite            messenger.Code = "cross_site"
	codeMethodNotAllowed     messenger.Code = "method_not_allowed"
	codeTooLarge             messenger.Code = "too_large"
	codeUnsupportedMediaType messenger.Code = "unsupported_media_type"
)

// codes is the closed list, in the order of their statuses.
func codes() []messenger.Code {
	return []messenger.Code{
		messenger.CodeNotSignedIn,
		messenger.CodeForbidden, codeCrossSite,
		messenger.CodeNotFound,
		codeMethodNotAllowed,
		messenger.CodeNothingToDo, messenger.CodeUnreadReplies, messenger.CodeConfirmationRequired,
		messenger.CodeSafeContact, messenger.CodeOrganisationChanged, messenger.CodeAlreadySent, messenger.CodeNewerMessages,
		codeTooLarge,
		codeUnsupportedMediaType,
		messenger.CodeInvalid, messenger.CodeNoProof, messenger.CodeNoAddress, messenger.CodeObjected,
		messenger.CodeRestricted, messenger.CodeDeceased, messenger.CodeNotConfigured,
		messenger.CodeUnknownPlaceholder, messenger.CodeTooLong, messenger.CodeTemplatePlaceUnfilled,
		messenger.CodeReceiverCannotSend,
		messenger.CodeTimeDoesNotExist, messenger.CodeKeyReused,
		messenger.CodeTooManyRequests,
		messenger.CodeInternal,
		messenger.CodeUnavailable, messenger.CodeOutcomeUnknown,
	}
}

func statusOf(code messenger.Code) int {
	switch code {
	case messenger.CodeNotSignedIn:
		return http.StatusUnauthorized
	case messenger.CodeForbidden, codeCrossSite:
		return http.StatusForbidden
	case messenger.CodeNotFound:
		return http.StatusNotFound
	case codeMethodNotAllowed:
		return http.StatusMethodNotAllowed
	case messenger.CodeNothingToDo, messenger.CodeUnreadReplies, messenger.CodeConfirmationRequired,
		messenger.CodeSafeContact, messenger.CodeOrganisationChanged, messenger.CodeAlreadySent, messenger.CodeNewerMessages:
		return http.StatusConflict
	case codeTooLarge:
		return http.StatusRequestEntityTooLarge
	case codeUnsupportedMediaType:
		return http.StatusUnsupportedMediaType
	case messenger.CodeInvalid, messenger.CodeNoProof, messenger.CodeNoAddress, messenger.CodeObjected,
		messenger.CodeRestricted, messenger.CodeDeceased, messenger.CodeNotConfigured,
		messenger.CodeUnknownPlaceholder, messenger.CodeTooLong, messenger.CodeTemplatePlaceUnfilled,
		messenger.CodeReceiverCannotSend,
		messenger.CodeTimeDoesNotExist, messenger.CodeKeyReused:
		return http.StatusUnprocessableEntity
	case messenger.CodeTooManyRequests:
		return http.StatusTooManyRequests
	case messenger.CodeUnavailable, messenger.CodeOutcomeUnknown:
		return http.StatusServiceUnavailable
	case messenger.CodeInternal:
	}
	return http.StatusInternalServerError
}

// messengerProblem is every answer of 400 or more: a problem document (RFC 9457) with a code. It never holds anything
// that the request brought.
type messengerProblem struct { //nolint:errname // named as the document is, in the host's OpenAPI too
	Title  string                   `json:"title" doc:"The status in words."`
	Status int                      `json:"status" doc:"The HTTP status."`
	Detail string                   `json:"detail" doc:"What is wrong, for people. Act on the code, never on this."`
	Code   messenger.Code           `json:"code" doc:"What is wrong, for programs. Bear values you do not know."`
	Errors []messengerProblemDetail `json:"errors,omitempty" doc:"Where the input is at fault, as far as it can be said."`
	Newer  []string                 `json:"newer,omitempty" doc:"Of newer_messages: their ids, the oldest first."`
	Next   string                   `json:"next,omitempty" doc:"Of time_does_not_exist: the first local minute after."`
}

type messengerProblemDetail struct {
	Location string `json:"location" doc:"A field of the body, or a parameter, by its name: \"subject\", \"limit\"."`
	Message  string `json:"message" doc:"What is wrong with it, for people."`
}

// GetStatus makes it huma.StatusError.
func (p *messengerProblem) GetStatus() int { return p.Status }

// ContentType makes it huma.ContentTypeFilter.
func (p *messengerProblem) ContentType(string) string { return "application/problem+json" }

// GetHeaders makes it huma.HeadersError. A passing failure says when to try again. One whose outcome nobody knows
// does not: a program that obeyed would do it twice.
func (p *messengerProblem) GetHeaders() http.Header {
	header := http.Header{}
	switch p.Code { //nolint:exhaustive // the others don't pass
	case messenger.CodeUnavailable:
		header.Set("Retry-After", "5")
	case messenger.CodeTooManyRequests:
		header.Set("Retry-After", "60")
	}
	return header
}

func (p *messengerProblem) setHeaders(ctx huma.Context) {
	for name, values := range p.GetHeaders() {
		ctx.SetHeader(name, values[0])
	}
}

// Error says the code and no more.
func (p *messengerProblem) Error() string { return "messenger: " + string(p.Code) }

func problem(code messenger.Code, detail string) *messengerProblem {
	status := statusOf(code)
	return &messengerProblem{Title: http.StatusText(status), Status: status, Detail: detail, Code: code}
}

func invalid(location, message string) *messengerProblem {
	p := problem(messenger.CodeInvalid, message)
	if location != "" {
		p.Errors = []messengerProblemDetail{{location, message}}
	}
	return p
}

func notFound() *messengerProblem {
	return problem(messenger.CodeNotFound, "There is nothing here, or it is not yours to see.")
}

// problemOf is err as callers are told it. What is not one of the service's own errors is logged and hidden.
func problemOf(ctx context.Context, m *messenger.Messenger, operation string, err error) *messengerProblem {
	var told *messenger.Error
	switch {
	case errors.As(err, &told):
		p := problem(told.Code, told.Message)
		if told.Field != "" {
			p.Errors = []messengerProblemDetail{{told.Field, told.Message}}
		}
		for _, id := range told.Newer {
			p.Newer = append(p.Newer, id.String())
		}
		p.Next = told.Next
		return p
	case messenger.CodeOf(err) == messenger.CodeUnavailable:
		m.LogOutage(ctx, operation, err)
		return problem(messenger.CodeUnavailable, "The database does not answer at the moment. Try again in a minute.")
	case ctx.Err() == nil:
		m.Logger().ErrorContext(ctx, "messenger: a request failed", "operation", operation, "error", err)
	}
	return problem(
		messenger.CodeInternal,
		"Something went wrong on our side. Look whether it was done before you try again.",
	)
}

// rebuilt makes a problem document of what Huma itself answers: only 422, since the guard has refused all else before
// it. Its own message and values are dropped: they hold the input.
func rebuilt(status int) *messengerProblem {
	if status == http.StatusUnprocessableEntity {
		return invalid("", "The request is not as this operation wants it: see the OpenAPI document.")
	}
	return problem(
		messenger.CodeInternal,
		"Something went wrong on our side. Look whether it was done before you try again.",
	)
}

func tooLarge() *messengerProblem {
	return problem(codeTooLarge, "The request is larger than is taken here.")
}

func notJSON() *messengerProblem {
	return problem(codeUnsupportedMediaType, "The body has to be application/json, in UTF-8.")
}

// details says where the input is at fault, for those of Huma's findings whose place is ours and not the asker's.
func details(api huma.API, op *huma.Operation, found []*huma.ErrorDetail) []messengerProblemDetail {
	var told []messengerProblemDetail
	for _, detail := range found {
		if name := place(api, op, detail.Location); name != "" {
			told = append(told, messengerProblemDetail{name, detail.Message})
		}
	}
	return told
}

// place is the name of a field or parameter that the operation documents, or "" for anything else: the name of an
// unknown property is the asker's own words.
func place(api huma.API, op *huma.Operation, location string) string {
	in, name, _ := strings.Cut(location, ".")
	for _, parameter := range op.Parameters {
		if parameter.In == in && parameter.Name == name {
			return name
		}
	}
	if in != "body" {
		return ""
	}
	schema := bodySchema(op)
	for part := range strings.SplitSeq(name, ".") {
		schema = property(api, schema, part)
	}
	if schema == nil {
		return ""
	}
	return name
}

func bodySchema(op *huma.Operation) *huma.Schema {
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return nil
	}
	return op.RequestBody.Content["application/json"].Schema
}

func property(api huma.API, schema *huma.Schema, name string) *huma.Schema {
	schema = resolved(api, schema)
	if schema == nil {
		return nil
	}
	return resolved(api, schema.Properties[name])
}

func resolved(api huma.API, schema *huma.Schema) *huma.Schema {
	for schema != nil && schema.Ref != "" {
		schema = api.OpenAPI().Components.Schemas.SchemaFromRef(schema.Ref)
	}
	return schema
}

// writeProblem answers outside Huma: what a router refuses.
func writeProblem(w http.ResponseWriter, p *messengerProblem) {
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a reader that has gone is nobody's fault
}

// untold, deferred, logs a panic in a request as far as it may be told, and has the connection broken off as net/http
// does, which would write what a host's code panicked with into its own log.
func untold(ctx huma.Context, m *messenger.Messenger) {
	p := recover()
	if p == nil {
		return
	}
	if err, is := p.(error); !is || !errors.Is(err, http.ErrAbortHandler) {
		m.Logger().ErrorContext(ctx.Context(), "messenger: a request failed", "operation", ctx.Operation().OperationID,
			"error", panics.Told(p))
	}
	panic(http.ErrAbortHandler)
}
