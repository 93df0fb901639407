package messenger

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
)

// Present is a staff member who has a channel open.
type Present struct {
	Channel uuid.UUID
	Staff   adapters.StaffID
	Name    string
	Writing bool // to the client, or a note
}

// PresentFor is how long a Present holds where it is not said again.
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
	name := []rune(s.member.Name)
	m.hub.Changed(live.Change{
		Organisation: s.channel.OrganisationID, Staff: s.channel.StaffID, Channel: s.channel.ID,
		Present: &live.Present{
			Staff: s.member.ID, Name: string(name[:min(len(name), mostOfAName)]), Writing: writing,
		},
	})
	return nil
}

// presentEvent tells of somebody who has a channel open.
func presentEvent(n live.Numbered, channel *Channel) LiveEvent {
	return LiveEvent{
		ID: n.ID(), Kind: "present", staff: channel.Staff, client: channel.Client,
		Present: &Present{channel.ID, n.Present.Staff, n.Present.Name, n.Present.Writing},
	}
}
