package messenger

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// How far it was told that a reply is overdue. Each comes after as many times Organisation.ReadWithin.
const (
	toldWhoMayAct = 1
	toldFallback  = 2
)

// overdueBatch is how many replies are looked at at once.
const overdueBatch = 200

// dueReplies is the oldest unread reply of which an organisation has still to be told.
type dueReplies struct {
	OrganisationID adapters.OrganisationID
	OverdueTold    int
	CreatedAt      time.Time
}

// TellOverdue is a job: it tells of each reply that nobody has read in time, and again after twice as long, by the
// database's clock and each organisation's working hours. What became due while no worker ran is told when one does.
func (m worker) TellOverdue(ctx context.Context, _ int) error {
	now, known := m.clock.nowOfDatabase(ctx)
	if !known {
		return errors.New("the database's clock is not known: nobody is told early")
	}
	oldest, err := rows.List[dueReplies](ctx, m.db(), rows.File("due_replies", nil))
	if err != nil {
		return err
	}
	waiting := map[adapters.OrganisationID][]dueReplies{}
	for _, first := range oldest {
		waiting[first.OrganisationID] = append(waiting[first.OrganisationID], first)
	}
	begun := m.ownNow()
	over := func() bool { return m.ownNow().Sub(begun) > jobShift }
	var failed error
	for id, first := range waiting {
		if over() {
			break
		}
		due := overdueOf{Messenger: m.Messenger, now: now, over: over}
		if due.organisation, err = m.organisation(ctx, id); err != nil {
			failed = errors.Join(failed, err) // the others are told all the same
			continue
		}
		due.organisation.ID = id
		due.hours = m.hoursOf(due.organisation)
		if !slices.ContainsFunc(first, func(d dueReplies) bool { return due.isDue(d.CreatedAt, d.OverdueTold+1) }) {
			continue
		}
		for stage := toldWhoMayAct; stage <= toldFallback; stage++ {
			failed = errors.Join(failed, due.tell(ctx, stage))
		}
	}
	switch {
	case failed != nil: // no longer than from run to run: others' replies become due meanwhile
		return errors.Join(failed, jobs.After(time.Minute))
	case over():
		return jobs.After(0)
	}
	return nil
}

// overdueOf tells of an organisation's overdue replies.
type overdueOf struct {
	*Messenger
	organisation adapters.Organisation
	hours        hours
	now          time.Time
	over         func() bool // the run has gone on for as long as it may
}

// overdueAt is when a reply becomes overdue to a degree.
func (o overdueOf) overdueAt(came time.Time, stage int) time.Time {
	return o.hours.After(came, time.Duration(stage)*o.hours.readWithin)
}

func (o overdueOf) isDue(came time.Time, stage int) bool {
	return !o.overdueAt(came, stage).After(o.now)
}

// tell tells of all replies of which a stage is due, oldest first. One of which nobody can be told yet holds up no
// other, and is the next run's.
func (o overdueOf) tell(ctx context.Context, stage int) error {
	type reply struct {
		ID        uuid.UUID
		ChannelID uuid.UUID
		StaffID   adapters.StaffID
		CreatedAt time.Time
	}
	var failed error
	seen, after := map[uuid.UUID]bool{}, reply{}
	for {
		found, err := rows.List[reply](ctx, o.db(), rows.Limit(rows.From("messenger_messages AS d").
			ColumnExpr("d.id, d.channel_id, d.staff_id, d.created_at").
			Where("d.organisation_id = ? AND d.overdue_told = ?", rows.V(o.organisation.ID), rows.V(stage-1)).
			Where("d.direction = 'inbound' AND d.read_at IS NULL AND d.overdue_told < 2").
			Where("(d.created_at, d.id) > (?, ?)", rows.V(after.CreatedAt), rows.V(after.ID)).
			OrderExpr("d.created_at, d.id"), overdueBatch))
		if err != nil {
			return err
		}
		for _, r := range found {
			if !o.isDue(r.CreatedAt, stage) {
				return failed // nor is what came later
			}
			if seen[r.ChannelID] {
				continue
			}
			seen[r.ChannelID] = true
			if err := o.tellOf(ctx, r.ChannelID, r.StaffID, stage); err != nil {
				failed = err
			}
			if o.over() {
				return failed
			}
		}
		if len(found) < overdueBatch { // what changed meanwhile is the next run's
			return failed
		}
		after = found[len(found)-1]
	}
}

// tellOf tells of a channel's replies of which a stage is due, once for all of them. Those that become due while an
// earlier one still stands as told say nothing more. Where nobody is left to tell, as far as
// could be asked, an operator hears of it, and the next run asks again.
func (o overdueOf) tellOf(ctx context.Context, id uuid.UUID, owner adapters.StaffID, stage int) (err error) {
	to, nobody, unasked := o.toTell(ctx, owner, stage)
	if unasked != nil && !nobody {
		return unasked
	}
	var channel rows.Channel
	var due []unreadReply
	var told []adapters.StaffID
	var before bool // it was told already
	err = o.inTx(ctx, func(ctx context.Context, t tx) error {
		if channel, err = lockChannel(ctx, t, id); err != nil || channel.StaffID != owner {
			return err // handed over meanwhile: the next run finds it
		}
		replies, err := rows.List[unreadReply](ctx, t, rows.Select[rows.WholeMessage]().
			Column("id", "created_at", "overdue_told", "overdue_to").
			Where("m.channel_id = ? AND m.direction = 'inbound' AND m.read_at IS NULL", rows.V(id)).OrderExpr("m.seq"))
		if err != nil {
			return err
		}
		due, told, before = nil, nil, false
		for _, r := range replies {
			told = append(told, r.told()...)
			before = before || r.OverdueTold >= stage
			if r.OverdueTold < stage && o.isDue(r.CreatedAt, stage) {
				due = append(due, r)
			}
		}
		if len(due) == 0 {
			return nil
		}
		if !before {
			told = append(told, to...)
		}
		told = distinct(told)
		toldNow := stage
		if unasked != nil && !before {
			toldNow = stage - 1 // to be told yet
		}
		for _, r := range due {
			_, err := rows.Exec(ctx, t, rows.Update[rows.WholeMessage]().Set("overdue_told = ?", rows.V(toldNow)).
				Set("overdue_at = coalesce(overdue_at, ?)", rows.V(o.overdueAt(r.CreatedAt, toldWhoMayAct).UTC())).
				Set("overdue_to = ?, overdue_nobody = ?", rows.V(textsOf(told)), rows.V(nobody)).Where("id = ?", rows.V(r.ID)))
			if err != nil {
				return err
			}
		}
		if before || toldNow != stage {
			return nil
		}
		system := adapters.Author{Kind: "system"}
		entry := logEntry{channel: channel, actor: system, action: ActionOverdue, message: due[0].ID}
		if err := t.writeHistory(ctx, entry); err != nil {
			return err
		}
		return o.Messenger.tell(ctx, t, string(ActionOverdue), id, due[0].ID)
	})
	if err != nil || len(due) == 0 || before {
		return err
	}
	o.changes.add(channel)
	if unasked != nil {
		return unasked
	}
	for _, staff := range told {
		o.changes.told(channel, staff)
	}
	if nobody {
		o.config.Logger.ErrorContext(ctx, "messenger: a reply is overdue and there is nobody to tell",
			"organisation_id", string(o.organisation.ID), "channel_id", id, "message_id", due[0].ID)
	}
	return nil
}

// unreadReply is a reply with what was told of it.
type unreadReply struct {
	ID          uuid.UUID
	CreatedAt   time.Time
	OverdueTold int
	OverdueTo   []string
}

func (r unreadReply) told() []adapters.StaffID {
	return column(r.OverdueTo, func(id string) adapters.StaffID { return adapters.StaffID(id) })
}

// toTell is who is told that a reply in an owner's inbox is overdue: the cover, else who may act there, else the
// fallback; after twice as long the fallback. Where nobody is left it is who manages, and an operator hears of it, as
// of a fallback of whom nobody may act there. A host that does not answer, or does not say who works there, leaves
// the fallback. Who has left is never told, and who is away only where they manage and nobody else is left. The error
// says that nobody is left, but that not everybody could be asked about.
func (o overdueOf) toTell(
	ctx context.Context, owner adapters.StaffID, stage int,
) (to []adapters.StaffID, nobody bool, err error) {
	asks := o.config.Colleagues != nil
	var able []adapters.Member
	var unasked error
	if asks {
		able, unasked = o.whoMayAct(ctx, o.organisation.ID, owner)
	}
	if stage == toldWhoMayAct {
		if to, err = o.coverAmong(ctx, owner, able); err != nil || len(to) > 0 {
			return to, false, err
		}
	}
	fallback := slices.DeleteFunc(distinct(o.organisation.Fallback), func(id adapters.StaffID) bool {
		return id == owner || !wellFormed(id)
	})
	if to, err = o.here(ctx, o.organisation.ID, fallback); err != nil || !asks {
		return to, len(to) == 0, err
	}
	if len(to) > 0 {
		works, err := o.colleagues(ctx, o.organisation.ID, to...)
		if err != nil {
			return to, false, nil
		}
		if len(works) > 0 {
			to = membersOf(works)
			acts := slices.ContainsFunc(able, func(one adapters.Member) bool { return slices.Contains(to, one.ID) })
			return to, unasked == nil && !acts, nil
		}
	}
	managers, err := o.askColleagues(ctx, o.organisation.ID, func(ctx context.Context) ([]adapters.Member, error) {
		return o.config.Colleagues.Managers(ctx, o.organisation.ID)
	})
	if len(managers) == 0 {
		return nil, true, errors.Join(unasked, err)
	}
	return membersOf(managers), true, nil
}

// coverAmong is the cover alone where one of who may act in an owner's inbox is its cover now, else all of them who are
// here.
func (o overdueOf) coverAmong(
	ctx context.Context, owner adapters.StaffID, able []adapters.Member,
) ([]adapters.StaffID, error) {
	here, err := o.here(ctx, o.organisation.ID, membersOf(able))
	if err != nil {
		return nil, err
	}
	away, err := o.awayNow(ctx, o.organisation.ID, []adapters.StaffID{owner})
	if cover := away[owner].CoverStaffID; slices.Contains(here, cover) {
		return []adapters.StaffID{cover}, err
	}
	return here, err
}

// toldOverdue is a colleague's channel with a reply that somebody was told is overdue.
type toldOverdue struct {
	ID, ChannelID uuid.UUID
	StaffID       adapters.StaffID
	ClientID      adapters.ClientID
}

// mostOverdue is how many overdue channels somebody is shown or told the number of; counts.sql says the same.
const mostOverdue = 1000

// overdueFor is what the member was told is overdue in colleagues' inboxes, as far as they may see it: one reply of
// each channel, the first that became so.
func (m *Messenger) overdueFor(ctx context.Context, member adapters.Member) ([]toldOverdue, error) {
	found, err := rows.List[toldOverdue](ctx, m.db(), rows.Limit(rows.Overdue().
		DistinctOn("o.channel_id").ColumnExpr("o.id, o.channel_id, c.staff_id, c.client_id").
		Join("JOIN messenger_channels AS c ON c.id = o.channel_id AND c.moved_to IS NULL").
		Where("o.overdue_to @> ?::text[]", rows.V([]string{string(member.ID)})).
		Where("o.organisation_id = ? AND c.staff_id <> ?", rows.V(member.Organisation), rows.V(member.ID)).
		OrderExpr("o.channel_id, o.overdue_at, o.seq"), mostOverdue))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	bound, cancel := bounded(ctx)
	defer cancel()
	owners := distinct(column(found, func(o toldOverdue) adapters.StaffID { return o.StaffID }))
	inboxes, err := m.config.Staff.Inboxes(bound, member, owners...)
	if err != nil {
		return nil, m.unavailable(ctx, "staff", err)
	}
	clients := column(found, func(o toldOverdue) adapters.ClientID { return o.ClientID })
	visible, err := m.sees(ctx, seat{member: member, access: mayLook}, clients...)
	return slices.DeleteFunc(found, func(o toldOverdue) bool {
		return !visible.has(o.ClientID) ||
			!slices.ContainsFunc(inboxes, func(i adapters.Inbox) bool { return i.Staff == o.StaffID })
	}), err
}
