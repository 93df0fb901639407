package web

import (
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// rules are keywords of JSON Schema.
type rules = map[string]any

// clock is a time as MessengerLocal has it.
const clock = "2006-01-02T15:04"

// propertyBounds are the service's limits of what a body may hold, as the document has them. Huma is not to hold
// anybody to them: the service counts what is left of a text once its ends of lines are one character, and says what to
// do.
func propertyBounds() map[string]map[string]rules {
	most := func(n int) rules { return rules{"maxLength": n} }
	subject, body, note, long := most(messenger.MaxSubject), most(messenger.MaxEmail), most(messenger.MaxNote),
		most(messenger.MaxLongNote)
	host := rules{"minLength": 1, "maxLength": messenger.MaxHostID}
	id, day := most(len(uuid.Nil.String())), most(len(time.DateOnly))
	return map[string]map[string]rules{
		"MessengerNewMessage": {"subject": subject, "body": body, "template_id": id, "seen_up_to": id, "expect_by": day},
		"MessengerOverride":   {"reason": note},
		"MessengerNewBroadcast": {
			"subject": subject, "body": body, "template_id": id, "expect_by": day,
			"client_ids": {"maxItems": messenger.MaxRecipients}, "list_ids": {"maxItems": messenger.MaxLists},
		},
		"MessengerDraft": {"subject": subject, "body": body, "template_id": id, "expect_by": day},
		"MessengerLocal": {"at": most(len(clock)), "zone": most(64)},
		"MessengerNewTemplate": {
			"title": {"minLength": 1, "maxLength": messenger.MaxTitle}, "subject": subject, "body": body,
			"language": most(messenger.MaxLanguage),
		},
		"MessengerNewNote":      {"text": {"minLength": 1, "maxLength": messenger.MaxLongNote}},
		"MessengerNewAbsence":   {"note": long, "cover_staff_id": host},
		"MessengerHandover":     {"note": long, "to": host},
		"MessengerActs":         {"note": note},
		"MessengerResolution":   {"note": note},
		"MessengerWithdrawal":   {"note": note},
		"MessengerStop":         {"note": note},
		"MessengerUndo":         {"reason": note},
		"MessengerAssignment":   {"reason": note, "client_id": host, "channel_id": id},
		"MessengerRead":         {"up_to": id},
		"MessengerStatusChange": {"up_to": id},
		"MessengerRetry":        {"seen_up_to": id},
	}
}

// sayBounds writes the limits into the document.
func sayBounds(schemas map[string]*huma.Schema) {
	for name, properties := range propertyBounds() {
		for property, bounds := range properties {
			schemas[name].Properties[property].Extensions = bounds
		}
	}
	for _, property := range []string{"client_ids", "list_ids"} {
		schemas["MessengerNewBroadcast"].Properties[property].Items.Extensions = rules{
			"minLength": 1, "maxLength": messenger.MaxHostID,
		}
	}
}
