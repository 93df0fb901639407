package messenger

import (
	"cmp"
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
	// Waiting counts what waits as a whole: the organisation's pauses that need a person, as Attention lists them, the
	// broadcasts from these inboxes of which not all messages are made ten minutes after they were accepted, and that
	// no worker is up: by Health's check of the periodic jobs, or since a job that sends, files or tells has been due for
	// ten minutes and nobody has taken it.
	Waiting int
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
	Staff adapters.StaffID
	Name  string
	State Presence
	// Cover is who covers while the owner is away or has left: nil where nobody does, or who should is away or has left.
	Cover        *Colleague
	Unread       int       // channels
	OldestUnread time.Time // UTC, the oldest unread reply; zero without one
	Overdue      int       // channels with a reply that nobody has read in time
	// Attention counts channels: the overdue ones are among them, and those with a message whose time to go out was over
	// ten minutes ago, though nobody has said why it stands. One to many counts as that while it is scheduled only.
	Attention int
	Scheduled int // messages
	Awaiting  int // channels that wait for an answer
	// Uncovered says that replies to it are in front of nobody: the owner is away and nobody covers, or has left and has
	// not been followed by anybody, and somebody is written to from there.
	Uncovered   bool
	mine, empty bool
}

// Colleague is a staff member by id and name.
type Colleague struct {
	Staff adapters.StaffID
	Name  string
}

func (i InboxOverview) safe() bool { return i.Unread == 0 && i.Attention == 0 && !i.Uncovered }

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
	if result.Waiting, err = m.countWaiting(ctx, member, shown); err != nil {
		return Overview{}, err
	}
	result.Safe = result.Unmatched == 0 && result.Waiting == 0 &&
		!slices.ContainsFunc(shown, func(i InboxOverview) bool { return !i.safe() })
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

// countWaiting counts what waits as a whole: see Overview.Waiting.
func (m *Messenger) countWaiting(ctx context.Context, member adapters.Member, shown []InboxOverview) (int, error) {
	pauses, err := m.pausesNeeding(ctx, member.Organisation)
	if err != nil {
		return 0, err
	}
	whose := column(shown, func(i InboxOverview) adapters.StaffID { return i.Staff })
	stuck, err := rows.One[int](ctx, m.db(), rows.Select[rows.Broadcast]().ColumnExpr("count(*)").
		Where("b.organisation_id = ? AND b.staff_id = any(?)", rows.V(member.Organisation), rows.V(textsOf(whose))).
		Where("b.fanned_out < b.total AND b.cancelled_at IS NULL AND b.created_at <= ?",
			rows.V(m.now(ctx).Add(-waitShown))))
	waiting := len(pauses) + stuck
	untaken, untold := m.jobs.Untaken(ctx, m.config.Pool, waitShown)
	if len(untaken) > 0 || !m.checkPeriodic(ctx).OK { // nobody works, so nothing is sent, filed or overdue
		waiting++
	}
	return waiting, cmp.Or(err, untold)
}

func isEmpty(i rows.Inbox) bool { return i.Unread+i.Open+i.Done == 0 }

// tellFigures counts in each inbox, as far as the asker may see its clients.
func (m *Messenger) tellFigures(ctx context.Context, member adapters.Member, shown []InboxOverview) error {
	type figures struct {
		StaffID                               adapters.StaffID
		ClientID                              adapters.ClientID
		Unread, Overdue, Attention, Scheduled int
		Awaiting                              int
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
		inbox.Awaiting += f.Awaiting
		if oldest := value(f.OldestUnread).UTC(); f.OldestUnread != nil &&
			(inbox.OldestUnread.IsZero() || oldest.Before(inbox.OldestUnread)) {
			inbox.OldestUnread = oldest
		}
	}
	return nil
}
