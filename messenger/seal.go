package messenger

import (
	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/chain"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/replylink"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// tagOf is what seals a line of a channel's history that is about to be written, under the first of the keys.
func tagOf(keys replylink.Keys, h rows.History) []byte {
	return keyOf(keys[0], h.OrganisationID).Tag(chain.Line{
		ID: h.ID, Organisation: string(h.OrganisationID), At: h.At, ActorKind: h.ActorKind, ActorID: h.ActorID,
		ActorName: h.ActorName, OnBehalfOf: string(h.OnBehalfOf), Action: h.Action, Message: value(h.MessageID), Note: h.Note,
	})
}

// tagOfInbox is tagOf for a line of an inbox's own history.
func tagOfInbox(keys replylink.Keys, h rows.InboxHistory) []byte {
	return keyOf(keys[0], h.OrganisationID).Tag(chain.Line{
		ID: h.ID, Organisation: string(h.OrganisationID), Inbox: string(h.StaffID), At: h.At, ActorKind: h.ActorKind,
		ActorID: h.ActorID, ActorName: h.ActorName, OnBehalfOf: string(h.OnBehalfOf), Action: h.Action,
		Note: h.Note, Client: string(h.ClientID),
	})
}

// keyOf is what an organisation's histories are sealed with.
func keyOf(key replylink.Key, organisation adapters.OrganisationID) chain.Key {
	return chain.NewKey(key.Secret, string(organisation))
}
