package messenger

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
)

// Present is a staff member who has a channel open, or has no more.
type Present struct {
	Channel uuid.UUID
	Staff   adapters.StaffID
	Name    string
	Writing bool // to the client, or a note
}

// PresentFor is how long a Present holds where it is neither said again nor ended by Gone.
const PresentFor = live.PresentFor

// mostOfAName is how many characters of a name travel with it: what NOTIFY carries is bounded.
const mostOfAName = 200

// Present tells whoever else watches the channel's inbox, and may see its client, that the asker has it open, and
// whether they write in it: see Subscribe. Who was not there before is told who else is. It holds for PresentFor and is
// kept in memory alone, so say it again while it is so. Whoever may look at the channel may say it; a colleague's first
// in an hour is written down as a look. Errors: CodeNotSignedIn, CodeNotFound, CodeUnavailable.
func (m *Messenger) Present(ctx context.Context, channel uuid.UUID, writing bool) error {
	s, err := m.toLookAt(ctx, channel)
	if err != nil {
		return err
	}
	m.tellPresent(s, live.Present{Writing: writing})
	return nil
}

// Gone tells, as Present does, that the asker has the channel open no more. The asker's own streams are told too, so
// that another page of theirs that has it open says so again. A second call tells it again. Where the last of a
// person's streams in a process ends, and none begins within two seconds, it is told of all that they had open. Errors:
// CodeNotSignedIn, CodeNotFound, CodeUnavailable.
func (m *Messenger) Gone(ctx context.Context, channel uuid.UUID) error {
	s, err := m.at(ctx, channel)
	if err != nil {
		return err
	}
	m.tellPresent(s, live.Present{Gone: true})
	return nil
}

func (m *Messenger) tellPresent(s actor, told live.Present) {
	name := []rune(s.member.Name)
	told.Staff, told.Name = s.member.ID, string(name[:min(len(name), mostOfAName)])
	m.hub.Changed(live.Change{
		Organisation: s.channel.OrganisationID, Staff: s.channel.StaffID, Channel: s.channel.ID, Present: &told,
	})
}

// presentEvent tells of somebody who has a channel open, or has no more.
func presentEvent(n live.Numbered, channel *Channel) LiveEvent {
	kind := "present"
	if n.Present.Gone {
		kind = "gone"
	}
	return LiveEvent{
		ID: n.ID(), Kind: kind, staff: channel.Staff, client: channel.Client,
		Present: &Present{channel.ID, n.Present.Staff, n.Present.Name, n.Present.Writing},
	}
}
