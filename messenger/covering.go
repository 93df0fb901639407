package messenger

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Cover is who covers an inbox while its owner is away.
type Cover struct {
	Staff adapters.StaffID
	Name  string
	Until time.Time // zero: until somebody says that the owner is back
}

// Covering is an inbox that the asker covers while its owner is away.
type Covering struct {
	Staff adapters.StaffID // the owner
	Name  string
	Until time.Time // zero: until somebody says that the owner is back
}

// coverOf is who covers an inbox now, and whether its owner is away or has left: nil while they are here, and where
// nobody can. Of who has left, the first of the organisation's fallback covers who can.
func (m *Messenger) coverOf(
	ctx context.Context, organisation adapters.OrganisationID, staff adapters.StaffID,
) (cover *Cover, absent bool, err error) {
	away, err := m.awayNow(ctx, organisation, []adapters.StaffID{staff})
	if err != nil {
		return nil, false, err
	}
	absence, isAway := away[staff]
	if isAway {
		here, err := m.here(ctx, organisation, []adapters.StaffID{absence.CoverStaffID})
		if err != nil {
			return nil, false, err
		}
		if m.firstAble(ctx, organisation, staff, here) != nil {
			return &Cover{absence.CoverStaffID, absence.CoverName, value(absence.EndsAt).UTC()}, true, nil
		}
	}
	left, err := m.hasLeft(ctx, organisation, staff)
	if err != nil || !left {
		return nil, isAway, err
	}
	if able := m.firstAble(ctx, organisation, staff, m.fallbackHere(ctx, organisation)); able != nil {
		return &Cover{Staff: able.Staff, Name: able.Name}, true, nil
	}
	return nil, true, nil
}

// firstAble is the first of some colleagues who may act in an owner's inbox now, as the host has them: nil where none
// may. It is asked for a client's page too, so that of a host that does not answer it is nobody. Without
// Config.Colleagues it is the first, without a name.
func (m *Messenger) firstAble(
	ctx context.Context, organisation adapters.OrganisationID, owner adapters.StaffID, some []adapters.StaffID,
) *Colleague {
	if len(some) == 0 {
		return nil
	}
	if m.config.Colleagues == nil {
		return &Colleague{Staff: some[0]}
	}
	able, err := m.whoMayAct(ctx, organisation, owner)
	if err != nil {
		return nil
	}
	for _, staff := range some {
		for _, one := range able {
			if one.ID != staff {
				continue
			}
			name, err := m.kept(ctx, m.db(), keepable(one.Name), shownLink)
			if err != nil {
				return nil
			}
			return &Colleague{staff, name}
		}
	}
	return nil
}

// coveredAbsences begins a select of the absences at a time whose cover is here: who is away, or has left, covers
// nothing.
func coveredAbsences(organisation adapters.OrganisationID, now time.Time) *rows.SelectQuery {
	return presentAbsences(organisation, now).Where(`NOT EXISTS (SELECT FROM messenger_absences AS w
		WHERE w.organisation_id = a.organisation_id AND w.staff_id = a.cover_staff_id AND w.ended_at IS NULL
			AND w.starts_at <= ? AND (w.ends_at IS NULL OR w.ends_at > ?))`, rows.V(now), rows.V(now)).
		Where(`NOT EXISTS (SELECT FROM messenger_leavers AS g
		WHERE g.organisation_id = a.organisation_id AND g.staff_id = a.cover_staff_id)`)
}

// presentAbsences begins a select of the absences at a time.
func presentAbsences(organisation adapters.OrganisationID, now time.Time) *rows.SelectQuery {
	return rows.All[rows.Absence]().Where("a.organisation_id = ? AND a.ended_at IS NULL", rows.V(organisation)).
		Where("a.starts_at <= ? AND (a.ends_at IS NULL OR a.ends_at > ?)", rows.V(now), rows.V(now))
}

// covering are the inboxes that a member covers now: of who is away and named them, and of who has left where they are
// the fallback. Where they may act no more, they cover nothing.
func (m *Messenger) covering(ctx context.Context, member adapters.Member) ([]Covering, error) {
	found, err := rows.List[rows.Absence](ctx, m.db(), coveredAbsences(member.Organisation, m.now(ctx)).
		Where("a.cover_staff_id = ?", rows.V(member.ID)).OrderExpr("a.staff_id"))
	if err != nil {
		return nil, err
	}
	left, err := m.leftTo(ctx, member)
	if err != nil {
		return nil, err
	}
	for _, owner := range left {
		found = append(found, rows.Absence{StaffID: owner})
	}
	if len(found) == 0 {
		return nil, nil
	}
	bound, cancel := bounded(ctx)
	defer cancel()
	owners := column(found, func(a rows.Absence) adapters.StaffID { return a.StaffID })
	inboxes, err := m.config.Staff.Inboxes(bound, member, owners...)
	if err != nil {
		return nil, m.unavailable(ctx, "staff", err)
	}
	var list []Covering
	for _, r := range found {
		i := slices.IndexFunc(inboxes, func(i adapters.Inbox) bool { return i.Staff == r.StaffID && i.MayAct })
		if i < 0 {
			continue
		}
		list = append(list, Covering{r.StaffID, inboxes[i].Name, value(r.EndsAt).UTC()})
	}
	return list, nil
}

func ownersOf(list []Covering) []adapters.StaffID {
	return column(list, func(c Covering) adapters.StaffID { return c.Staff })
}

// covered is what a member has in front of them of the inboxes that they cover: their unread channels.
type covered struct {
	inboxes []Covering
	unread  int                 // channels
	overdue int                 // channels of those
	seen    seen                // of their clients
	hidden  []adapters.ClientID // whom the member may not see
}

// coveredBy is what a member covers now.
func (m *Messenger) coveredBy(ctx context.Context, member adapters.Member) (covered, error) {
	inboxes, err := m.covering(ctx, member)
	if err != nil || len(inboxes) == 0 {
		return covered{}, err
	}
	type unreadChannel struct {
		ClientID adapters.ClientID
		Overdue  bool
	}
	channels, err := rows.List[unreadChannel](ctx, m.db(), rows.Select[rows.Channel]().Column("client_id").
		ColumnExpr("c.id IN (?) AS overdue", overdueIn(member.Organisation, ownersOf(inboxes)...)).
		Where("c.organisation_id = ? AND c.staff_id = any(?)",
			rows.V(member.Organisation), rows.V(textsOf(ownersOf(inboxes)))).
		Where("c.status = 'unread' AND c.moved_to IS NULL"))
	if err != nil {
		return covered{}, err
	}
	c := covered{inboxes: inboxes}
	clients := column(channels, func(u unreadChannel) adapters.ClientID { return u.ClientID })
	if c.seen, err = m.sees(ctx, seat{member: member, access: mayAct}, clients...); err != nil {
		return covered{}, err
	}
	for _, channel := range channels {
		if !c.seen.has(channel.ClientID) {
			c.hidden = append(c.hidden, channel.ClientID)
			continue
		}
		c.unread++
		if channel.Overdue {
			c.overdue++
		}
	}
	return c, nil
}

// addTo counts what is covered among what is the member's own. Of the former what is overdue needs attention: the rest
// is the owner's to see to.
func (c covered) addTo(counts *Counts) {
	counts.Unread += c.unread
	counts.Overdue += c.overdue
	counts.Attention += c.overdue
}

// lookedAt writes that a member was shown what stands in the inboxes that they cover.
func (m *Messenger) lookedAt(ctx context.Context, member adapters.Member, inboxes []Covering) error {
	for _, inbox := range inboxes {
		if err := m.looked(ctx, seat{member, mayAct, inbox.Staff}, uuid.Nil); err != nil {
			return err
		}
	}
	return nil
}

// withCovered reads a page of a member's own inbox anew, with what is unread in the inboxes that they cover, and counts
// it among what is unread, overdue and needs attention. Without any the page is as it was, and so is what a search
// found.
func (m *Messenger) withCovered(
	ctx context.Context, member adapters.Member, q *inboxQuery, found []rows.Listed, counts *Counts,
) ([]rows.Listed, error) {
	c, err := m.coveredBy(ctx, member)
	if err != nil || len(c.inboxes) == 0 {
		return found, err
	}
	c.addTo(counts)
	if q.searches {
		return found, nil
	}
	switch q.show {
	case "", ShowAll, ShowOpen, ShowOverdue, ShowAttention:
	case ShowDone, ShowAwaiting, ShowScheduled: // what is covered is unread replies
		return found, nil
	}
	if err := m.lookedAt(ctx, member, c.inboxes); err != nil {
		return nil, err
	}
	q.covered = c
	return rows.List[rows.Listed](ctx, m.db(), rows.Page(q.ordered(q.where(rows.ListedChannels())), q.limit))
}

// shows says whether a row may be shown: one that came to a covered inbox since has not been asked about.
func (c covered) shows(row rows.Listed, own adapters.StaffID) bool {
	return row.StaffID == own || c.seen.has(row.ClientID)
}

// coveredReplies are the unread channels of covered inboxes, as the notification centre lists them.
func coveredReplies(member adapters.Member, c covered, from cursor, limit int) rows.Query {
	return rows.Limit(replies(from).
		Where("c.organisation_id = ? AND c.staff_id = any(?)",
			rows.V(member.Organisation), rows.V(textsOf(ownersOf(c.inboxes)))).
		Where("c.status = 'unread'").
		Where("c.client_id NOT IN (SELECT unnest(?::text[]))", rows.V(textsOf(c.hidden))), limit)
}
