package web

import (
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Wire types have names of their own in a host's OpenAPI document, hence the prefix; a host may well have a Message.
// They don't embed one another: Huma's schema links lose the fields of an embedded type.

type body[T any] struct{ Body T }

func answer[T any](value T) *body[T] { return &body[T]{value} }

type none struct{}

// messengerPage is a page of anything.
type messengerPage[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"The cursor of the next page; absent on the last."`
}

func page[From, To any](from messenger.Page[From], wire func(From) To) *body[messengerPage[To]] {
	return answer(messengerPage[To]{each(from.Items, wire), from.Next})
}

// each never gives nil: JSON would call it null.
func each[From, To any](from []From, wire func(From) To) []To {
	to := make([]To, len(from))
	for i := range from {
		to[i] = wire(from[i])
	}
	return to
}

func paging(cursor string, limit int) messenger.PageParams {
	return messenger.PageParams{Cursor: cursor, Limit: limit}
}

// Inputs don't embed one another either: Huma passes over an embedded type that is not exported.

type byID struct {
	ID string `path:"id"`
}

type byClient struct {
	ClientID string `path:"client_id"`
}

type pageInput struct {
	Cursor string `query:"cursor" maxLength:"2000" doc:"What a former page gave as next; the first page without."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many to answer at most."`
}

type pageByID struct {
	ID     string `path:"id"`
	Cursor string `query:"cursor" maxLength:"2000" doc:"What a former page gave as next; the first page without."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many to answer at most."`
}

// parametersOf documents what every operation takes, and the ids in its path. Huma must not check their form itself:
// a malformed id is a 404, as any other that is not there.
func parametersOf(path string) []*huma.Param {
	parameters := []*huma.Param{{
		Name: "Messenger-Organisation", In: "header",
		Schema: &huma.Schema{Type: huma.TypeString, Extensions: rules{"maxLength": messenger.MaxHostID}},
		Description: "The organisation that the page was opened in. " +
			"When it is not the session's any more: organisation_changed. Absent: no check.",
	}}
	for part := range strings.SplitSeq(path, "/") {
		name := strings.Trim(part, "{}")
		if name == part {
			continue
		}
		parameter := &huma.Param{Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}
		if name == "id" && !strings.HasPrefix(path, "/lists/") {
			parameter.Schema.Format = "uuid"
			parameter.Description = "The id. One that is malformed, unknown or not for the asker: 404."
		} else {
			parameter.Schema.Extensions = rules{"maxLength": messenger.MaxHostID} // a longer one is unknown, as any other
			parameter.Description = "The host's own id, up to 200 characters. One that is unknown or not for the asker: 404."
		}
		parameters = append(parameters, parameter)
	}
	return parameters
}

// parseID reads an id as the module writes it: no braces, no URN.
func parseID(text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 || id == uuid.Nil {
		return uuid.Nil, notFound()
	}
	return id, nil
}

// parseOptionalID takes an absent id as none.
func parseOptionalID(text *string) (uuid.UUID, error) {
	if text == nil {
		return uuid.Nil, nil
	}
	return parseID(*text)
}

func optionalID(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// stamp is a time as encoding/json writes it.
func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

func optionalTime(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	utc := at.UTC()
	return &utc
}

// optional is nil for a zero value, so that its JSON is left out.
func optional[T any](value T) *T {
	if reflect.ValueOf(value).IsZero() {
		return nil
	}
	return &value
}

// messengerAuthor is who wrote or acted.
type messengerAuthor struct {
	Kind string `json:"kind" doc:"staff, client or system."`
	ID   string `json:"id" doc:"The host's id of the staff member or client; empty for the system."`
	Name string `json:"name" doc:"As it was at the time; empty for the system."`
}

func wireAuthor(a adapters.Author) messengerAuthor { return messengerAuthor{a.Kind, a.ID, a.Name} }
