package messenger

import (
	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// changes tells the hub what a transaction has changed. It is called after a commit, never inside a transaction, and
// does not wait until Run has ended.
type changes struct{ hub *live.Hub[LiveEvent] }

func (c changes) add(channel rows.Channel, messages ...uuid.UUID) {
	c.hub.Changed(live.Change{
		Organisation: channel.OrganisationID, Staff: channel.StaffID, Channel: channel.ID, Messages: messages,
	})
}

// told says that somebody was told of a channel in a colleague's inbox.
func (c changes) told(channel rows.Channel, staff adapters.StaffID) {
	c.hub.Changed(live.Change{
		Organisation: channel.OrganisationID, Staff: staff, Of: channel.StaffID, Channel: channel.ID,
	})
}

func (c changes) addAll(channels []rows.Channel) {
	for _, channel := range channels {
		c.add(channel)
	}
}

// shrunk says that a message is no longer in a channel: who shows the thread fetches it again.
func (c changes) shrunk(channel rows.Channel) {
	c.hub.Changed(live.Change{
		Organisation: channel.OrganisationID, Staff: channel.StaffID, Channel: channel.ID, Reset: true,
	})
}

// refetch has whoever shows an inbox fetch it again: it has lost what nobody can name to them.
func (c changes) refetch(inbox live.Inbox) {
	c.hub.Changed(live.Change{Organisation: inbox.Organisation, Staff: inbox.Staff, Reset: true})
}

// texts says that other texts wait for a person of an organisation than before, which channels of these owners claim.
func (c changes) texts(organisation adapters.OrganisationID, owners ...adapters.StaffID) {
	c.hub.Changed(live.Change{Organisation: organisation, Texts: true})
	for _, staff := range distinct(owners) {
		c.hub.Changed(live.Change{Organisation: organisation, Staff: staff, Texts: true})
	}
}

// covers says that something is different of who covers whom among some staff members: their pages fetch again what
// they show.
func (c changes) covers(organisation adapters.OrganisationID, staff []adapters.StaffID) {
	for _, one := range distinct(staff) {
		c.hub.Changed(live.Change{Organisation: organisation, Staff: one, Cover: true, Reset: true})
	}
}

// progress says that a broadcast of this inbox's owner has come further.
func (c changes) progress(of rows.Channel, broadcast uuid.UUID) {
	c.hub.Changed(live.Change{Organisation: of.OrganisationID, Staff: of.StaffID, Broadcast: broadcast})
}

// fannedOut says that all messages of a broadcast are made: its owner's inbox has rows that nobody was told of.
func (c changes) fannedOut(of rows.Channel, broadcast uuid.UUID) {
	c.hub.Changed(live.Change{Organisation: of.OrganisationID, Staff: of.StaffID, Broadcast: broadcast, Reset: true})
}
