package messenger

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// presenceAsked is for how many inboxes at once Colleagues is asked who may act there.
const presenceAsked = 8

// tellPresence says of each inbox whether its owner is here, away or has left, and who covers.
func (m *Messenger) tellPresence(ctx context.Context, member adapters.Member, shown []InboxOverview) error {
	p, err := m.presence(ctx, member, column(shown, func(i InboxOverview) adapters.StaffID { return i.Staff }))
	if err != nil {
		return err
	}
	bound, cancel := bounded(ctx) // for all inboxes together
	defer cancel()
	able := func(owner adapters.StaffID, some ...adapters.StaffID) *Colleague {
		return m.firstAble(bound, member.Organisation, owner, some)
	}
	tell := func(inbox *InboxOverview) {
		absence, away := p.away[inbox.Staff]
		switch {
		case inbox.Staff != member.ID && p.left(inbox.Staff):
			inbox.State = Left
		case away:
			inbox.State = Away
		}
		if away && p.covers(absence.CoverStaffID) && able(inbox.Staff, absence.CoverStaffID) != nil {
			inbox.Cover = &Colleague{absence.CoverStaffID, p.name(absence)}
		} else if inbox.State == Left && slices.Contains(p.gone, inbox.Staff) {
			inbox.Cover = able(inbox.Staff, p.fallback...)
		}
		inbox.Uncovered = inbox.State == Away && inbox.Cover == nil || inbox.State == Left && !inbox.empty
		if inbox.Name == "" {
			inbox.Name = p.works[inbox.Staff]
		}
	}
	var told sync.WaitGroup // the port answers for one inbox at once
	for some := range presenceAsked {
		told.Go(func() {
			for i := some; i < len(shown); i += presenceAsked {
				tell(&shown[i])
			}
		})
	}
	told.Wait()
	return nil
}

// presence is where some staff members, and those who cover for them, are.
type presence struct {
	away     map[adapters.StaffID]rows.Absence
	gone     []adapters.StaffID          // of whom the host said so
	works    map[adapters.StaffID]string // names; nil without Config.Colleagues: nobody else is known to have left
	fallback []adapters.StaffID          // who is here, where somebody has gone
}

func (p presence) left(staff adapters.StaffID) bool {
	_, works := p.works[staff]
	return slices.Contains(p.gone, staff) || p.works != nil && !works
}

// covers says whether somebody who is to cover is here: who is away, or has left, covers nothing.
func (p presence) covers(staff adapters.StaffID) bool {
	_, away := p.away[staff]
	return !away && !p.left(staff)
}

func (p presence) name(absence rows.Absence) string {
	if name, works := p.works[absence.CoverStaffID]; works {
		return name
	}
	return absence.CoverName
}

func (m *Messenger) presence(
	ctx context.Context, member adapters.Member, staff []adapters.StaffID,
) (p presence, err error) {
	if p.away, err = m.awayNow(ctx, member.Organisation, staff); err != nil {
		return presence{}, err
	}
	var covers []adapters.StaffID
	for _, absence := range p.away {
		covers = append(covers, absence.CoverStaffID)
	}
	coversAway, err := m.awayNow(ctx, member.Organisation, covers)
	if err != nil {
		return presence{}, err
	}
	maps.Copy(p.away, coversAway)
	staff = distinct(append(covers, staff...))
	if p.gone, err = leavers(ctx, m.db(), member.Organisation, staff...); err != nil {
		return presence{}, err
	}
	if len(p.gone) > 0 {
		p.fallback = m.fallbackHere(ctx, member.Organisation)
	}
	if m.config.Colleagues == nil {
		return p, nil
	}
	p.works = map[adapters.StaffID]string{}
	for some := range slices.Chunk(staff, directoryPage) {
		found, err := m.colleagues(ctx, member.Organisation, some...)
		if err != nil {
			return presence{}, err
		}
		for _, one := range found {
			p.works[one.ID] = one.Name
		}
	}
	return p, nil
}

// awayNow are the present absences of some staff members.
func (m *Messenger) awayNow(
	ctx context.Context, organisation adapters.OrganisationID, staff []adapters.StaffID,
) (map[adapters.StaffID]rows.Absence, error) {
	found, err := rows.List[rows.Absence](ctx, m.db(),
		presentAbsences(organisation, m.now(ctx)).Where("a.staff_id = any(?)", rows.V(textsOf(staff))))
	away := map[adapters.StaffID]rows.Absence{}
	for _, absence := range found {
		away[absence.StaffID] = absence
	}
	return away, err
}
