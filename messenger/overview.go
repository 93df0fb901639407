package messenger

import (
	"context"
	"slices"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Overview is the day's end: whether anything is left that somebody ought to see before they go home.
type Overview struct {
	// Safe speaks of what is shown: nothing of it is unread or overdue, needs a person, or is without one.
	Safe    bool
	Inboxes []InboxOverview
	// Unmatched counts the texts that no channel claims, up to 1,000: to who sorts texts all of the organisation's, to
	// others those that an inbox which they may open claims.
	Unmatched int
}

// Presence is whether an inbox has its owner.
type Presence string

// The three: an owner who left is one whom the host's Colleagues does not have any more.
const (
	Here Presence = "here"
	Away Presence = "away"
	Left Presence = "left"
)

// InboxOverview is one inbox in figures, which leave out the clients whom the asker may not see.
type InboxOverview struct {
	Staff        adapters.StaffID
	Name         string
	State        Presence
	Cover        *Colleague // while the owner is away: nil where nobody covers, or who should is away or has left
	Unread       int        // channels
	OldestUnread time.Time  // UTC, the oldest unread reply; zero without one
	Overdue      int        // channels with a reply that nobody has read in time
	Attention    int        // channels, the overdue ones among them
	Scheduled    int        // messages
	mine, empty  bool
}

// Colleague is a staff member by id and name.
type Colleague struct {
	Staff adapters.StaffID
	Name  string
}

// uncovered says whether replies to this inbox are in front of nobody.
func (i InboxOverview) uncovered() bool {
	return i.State == Away && i.Cover == nil || i.State == Left && !i.empty
}

func (i InboxOverview) safe() bool { return i.Unread == 0 && i.Attention == 0 && !i.uncovered() }

// Overview returns the inboxes that the asker may open, their own first, then those that they cover: who manages also
// has the others of the organisation. It has figures and names of staff, and nobody's words. What is scheduled, and an
// absence that is covered, are nothing to stay for. Error: CodeUnavailable.
func (m *Messenger) Overview(ctx context.Context) (Overview, error) {
	member, err := m.current(ctx)
	if err != nil {
		return Overview{}, err
	}
	open, err := m.openInboxes(ctx, member)
	if err != nil {
		return Overview{}, err
	}
	all, err := rows.List[rows.Inbox](ctx, m.db(), rows.All[rows.Inbox]().
		Where("i.organisation_id = ?", rows.V(member.Organisation)).Order("i.staff_id"))
	if err != nil {
		return Overview{}, err
	}
	shown := inboxesShown(member, open, all)
	if err := m.tellPresence(ctx, member, shown); err != nil {
		return Overview{}, err
	}
	if err := m.tellFigures(ctx, member, shown); err != nil {
		return Overview{}, err
	}
	q := needing{member: member, allowed: map[adapters.StaffID]access{}}
	for _, inbox := range open {
		q.allowed[inbox.Staff] = mayLook
	}
	if q.sorts, err = m.sortsTexts(ctx, member); err != nil {
		return Overview{}, err
	}
	result := Overview{Inboxes: shown}
	if result.Unmatched, err = m.countTexts(ctx, q); err != nil {
		return Overview{}, err
	}
	result.Safe = result.Unmatched == 0 && !slices.ContainsFunc(shown, func(i InboxOverview) bool { return !i.safe() })
	slices.SortStableFunc(shown, func(a, b InboxOverview) int { return a.place(member) - b.place(member) })
	return result, nil
}

// place has the asker's own inbox stand first, then those that they cover.
func (i InboxOverview) place(member adapters.Member) int {
	switch {
	case i.Staff == member.ID:
		return 0
	case i.Cover != nil && i.Cover.Staff == member.ID:
		return 1
	case i.mine:
		return 2
	default:
		return 3
	}
}

// inboxesShown are the inboxes of an overview: those that a member may open and, for who manages, the others.
func inboxesShown(member adapters.Member, open []InboxSummary, all []rows.Inbox) []InboxOverview {
	var shown []InboxOverview
	for _, inbox := range open {
		at := slices.IndexFunc(all, func(i rows.Inbox) bool { return i.StaffID == inbox.Staff })
		shown = append(shown, InboxOverview{
			Staff: inbox.Staff, Name: inbox.Name, State: Here, mine: true, empty: at < 0 || isEmpty(all[at]),
		})
	}
	for _, inbox := range all {
		known := slices.ContainsFunc(open, func(i InboxSummary) bool { return i.Staff == inbox.StaffID })
		if member.Manages && !known && !isEmpty(inbox) {
			shown = append(shown, InboxOverview{Staff: inbox.StaffID, State: Here})
		}
	}
	return shown
}

func isEmpty(i rows.Inbox) bool { return i.Unread+i.Open+i.Done == 0 }

// tellPresence says of each inbox whether its owner is here, away or has left, and who covers. Without
// Config.Colleagues nobody is known to be away or to have left.
func (m *Messenger) tellPresence(ctx context.Context, member adapters.Member, shown []InboxOverview) error {
	if m.config.Colleagues == nil {
		return nil
	}
	asked := column(shown, func(i InboxOverview) adapters.StaffID { return i.Staff })
	away, err := m.awayNow(ctx, member.Organisation, asked)
	if err != nil {
		return err
	}
	var covers []adapters.StaffID
	for _, absence := range away {
		covers = append(covers, absence.CoverStaffID)
	}
	coversAway, err := m.awayNow(ctx, member.Organisation, covers)
	if err != nil {
		return err
	}
	asked = append(asked, covers...)
	works := map[adapters.StaffID]string{}
	for some := range slices.Chunk(distinct(asked), directoryPage) {
		found, err := m.colleagues(ctx, member.Organisation, some...)
		if err != nil {
			return err
		}
		for _, one := range found {
			works[one.ID] = one.Name
		}
	}
	for i := range shown {
		inbox := &shown[i]
		name, here := works[inbox.Staff]
		absence, isAway := away[inbox.Staff]
		switch {
		case !here && inbox.Staff != member.ID:
			inbox.State = Left
		case isAway:
			inbox.State = Away
			_, coverWorks := works[absence.CoverStaffID]
			if _, coverAway := coversAway[absence.CoverStaffID]; coverWorks && !coverAway {
				inbox.Cover = &Colleague{absence.CoverStaffID, works[absence.CoverStaffID]}
			}
		}
		if inbox.Name == "" {
			inbox.Name = name
		}
	}
	return nil
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

// tellFigures counts in each inbox, as far as the asker may see its clients.
func (m *Messenger) tellFigures(ctx context.Context, member adapters.Member, shown []InboxOverview) error {
	type figures struct {
		StaffID                               adapters.StaffID
		ClientID                              adapters.ClientID
		Unread, Overdue, Attention, Scheduled int
		OldestUnread                          *time.Time
	}
	found, err := rows.List[figures](ctx, m.db(), rows.File("overview", rows.Args{
		"organisation": member.Organisation,
		"inboxes":      textsOf(column(shown, func(i InboxOverview) adapters.StaffID { return i.Staff })),
	}))
	if err != nil {
		return err
	}
	var clients []adapters.ClientID
	for _, f := range found {
		if f.StaffID != member.ID {
			clients = append(clients, f.ClientID)
		}
	}
	visible, err := m.sees(ctx, seat{member: member, access: mayLook}, clients...)
	if err != nil {
		return err
	}
	for _, f := range found {
		at := slices.IndexFunc(shown, func(i InboxOverview) bool { return i.Staff == f.StaffID })
		if at < 0 || f.StaffID != member.ID && !visible.has(f.ClientID) {
			continue
		}
		inbox := &shown[at]
		inbox.Unread += f.Unread
		inbox.Overdue += f.Overdue
		inbox.Attention += f.Attention
		inbox.Scheduled += f.Scheduled
		if oldest := value(f.OldestUnread).UTC(); f.OldestUnread != nil &&
			(inbox.OldestUnread.IsZero() || oldest.Before(inbox.OldestUnread)) {
			inbox.OldestUnread = oldest
		}
	}
	return nil
}
