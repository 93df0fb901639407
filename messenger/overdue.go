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
	var failed error
	for id, first := range waiting {
		due := overdueOf{Messenger: m.Messenger, now: now, over: func() bool { return m.ownNow().Sub(begun) > jobShift }}
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
			if err := due.tell(ctx, stage); err != nil {
				return err
			}
		}
	}
	return failed
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

// tell tells of all replies of which a stage is due, oldest first.
func (o overdueOf) tell(ctx context.Context, stage int) error {
	type reply struct {
		ChannelID uuid.UUID
		StaffID   adapters.StaffID
		CreatedAt time.Time
	}
	for {
		found, err := rows.List[reply](ctx, o.db(), rows.Limit(rows.From("messenger_messages AS d").
			ColumnExpr("d.channel_id, d.staff_id, d.created_at").
			Where("d.organisation_id = ? AND d.overdue_told = ?", rows.V(o.organisation.ID), rows.V(stage-1)).
			Where("d.direction = 'inbound' AND d.read_at IS NULL AND d.overdue_told < 2").
			OrderExpr("d.created_at"), overdueBatch))
		if err != nil {
			return err
		}
		seen, told := map[uuid.UUID]bool{}, 0
		for _, r := range found {
			if !o.isDue(r.CreatedAt, stage) {
				return nil // nor is what came later
			}
			if seen[r.ChannelID] {
				continue
			}
			seen[r.ChannelID] = true
			n, err := o.tellOf(ctx, r.ChannelID, r.StaffID, stage)
			if err != nil {
				return err
			}
			told += n
			if o.over() {
				return jobs.After(0)
			}
		}
		if len(found) < overdueBatch || told == 0 { // what changed meanwhile is the next run's
			return nil
		}
	}
}

// tellOf tells of a channel's replies of which a stage is due, once for all of them, and says how many they are. Those
// that become due while an earlier one still stands as told say nothing more.
func (o overdueOf) tellOf(ctx context.Context, id uuid.UUID, owner adapters.StaffID, stage int) (n int, err error) {
	to, nobody, err := o.toTell(ctx, owner, stage)
	if err != nil {
		return 0, err
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
		for _, r := range due {
			_, err := rows.Exec(ctx, t, rows.Update[rows.WholeMessage]().Set("overdue_told = ?", rows.V(stage)).
				Set("overdue_at = coalesce(overdue_at, ?)", rows.V(o.overdueAt(r.CreatedAt, toldWhoMayAct).UTC())).
				Set("overdue_to = ?, overdue_nobody = ?", rows.V(textsOf(told)), rows.V(nobody)).Where("id = ?", rows.V(r.ID)))
			if err != nil {
				return err
			}
		}
		if before {
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
		return len(due), err
	}
	o.changes.add(channel)
	for _, staff := range told {
		o.changes.told(channel, staff)
	}
	if nobody {
		o.config.Logger.ErrorContext(ctx, "messenger: a reply is overdue and there is nobody to tell",
			"organisation_id", string(o.organisation.ID), "channel_id", id, "message_id", due[0].ID)
	}
	return len(due), nil
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
// fallback; after twice as long the fallback. Where nobody is left it is who manages, and an operator hears of it. A
// host that does not answer, or does not say who works there, leaves the fallback. Who has left is never told.
func (o overdueOf) toTell(
	ctx context.Context, owner adapters.StaffID, stage int,
) (to []adapters.StaffID, nobody bool, err error) {
	colleagues := o.config.Colleagues
	if colleagues != nil && stage == toldWhoMayAct {
		to, _ = o.asked(ctx, func(ctx context.Context) ([]adapters.Member, error) {
			return colleagues.WhoMayAct(ctx, o.organisation.ID, owner)
		})
		to = o.coverAmong(ctx, owner, to)
	}
	if len(to) == 0 {
		to = distinct(o.organisation.Fallback)
		to = slices.DeleteFunc(to, func(id adapters.StaffID) bool { return id == owner || !wellFormed(id) })
		gone, err := o.leavers(ctx, o.organisation.ID, to...)
		if err != nil {
			return nil, false, err
		}
		to = slices.DeleteFunc(to, func(id adapters.StaffID) bool { return slices.Contains(gone, id) })
		if colleagues != nil && len(to) > 0 {
			here, err := o.asked(ctx, func(ctx context.Context) ([]adapters.Member, error) {
				return colleagues.Members(ctx, o.organisation.ID, to...)
			})
			if err == nil {
				to = here
			}
		}
	}
	if len(to) > 0 || colleagues == nil {
		return to, len(to) == 0, nil
	}
	to, _ = o.asked(ctx, func(ctx context.Context) ([]adapters.Member, error) {
		return colleagues.Managers(ctx, o.organisation.ID)
	})
	return to, true, nil
}

// coverAmong is the cover alone where one of who may act in an owner's inbox is its cover now, else all of them.
func (o overdueOf) coverAmong(ctx context.Context, owner adapters.StaffID, able []adapters.StaffID) []adapters.StaffID {
	cover, _, err := o.coverOf(ctx, o.organisation.ID, owner)
	if err != nil || cover == nil || !slices.Contains(able, cover.Staff) {
		return able
	}
	return []adapters.StaffID{cover.Staff}
}

// asked is whom the host names. Where it does not answer, that is logged, and nobody is waited for.
func (o overdueOf) asked(
	ctx context.Context, ask func(context.Context) ([]adapters.Member, error),
) ([]adapters.StaffID, error) {
	members, err := o.askColleagues(ctx, o.organisation.ID, ask)
	return column(members, func(member adapters.Member) adapters.StaffID { return member.ID }), err
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
