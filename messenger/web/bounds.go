package web

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// rules are keywords of JSON Schema.
type rules = map[string]any

// propertyBounds are the service's limits of what a body may hold, as the document has them. Huma is not to hold
// anybody to them: the service counts what is left of a text once its ends of lines are one character, and says what to
// do.
func propertyBounds() map[string]map[string]rules {
	most := func(n int) rules { return rules{"maxLength": n} }
	subject, body, note, long := most(messenger.MaxSubject), most(messenger.MaxEmail), most(messenger.MaxNote),
		most(messenger.MaxLongNote)
	host := rules{"minLength": 1, "maxLength": messenger.MaxHostID}
	return map[string]map[string]rules{
		"MessengerNewMessage": {"subject": subject, "body": body},
		"MessengerOverride":   {"reason": note},
		"MessengerNewBroadcast": {
			"subject": subject, "body": body,
			"client_ids": {"maxItems": messenger.MaxRecipients}, "list_ids": {"maxItems": messenger.MaxLists},
		},
		"MessengerDraft": {"subject": subject, "body": body},
		"MessengerNewTemplate": {
			"title": {"minLength": 1, "maxLength": messenger.MaxTitle}, "subject": subject, "body": body,
		},
		"MessengerNewNote":    {"text": {"minLength": 1, "maxLength": messenger.MaxLongNote}},
		"MessengerNewAbsence": {"note": long, "cover_staff_id": host},
		"MessengerHandover":   {"note": long, "to": host},
		"MessengerActs":       {"note": note},
		"MessengerResolution": {"note": note},
		"MessengerWithdrawal": {"note": note},
		"MessengerStop":       {"note": note},
		"MessengerUndo":       {"reason": note},
		"MessengerAssignment": {"reason": note, "client_id": host},
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
