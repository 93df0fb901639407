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

// StaffLeft says that a staff member works for an organisation no more. What is in their inbox is handed over to a
// colleague, unread included, as HandoverInbox does. What the colleague can't take, and all of it where to is empty,
// stays: the organisation's Fallback covers it until somebody takes it, the links stay on, and clients are told of the
// fallback or the organisation and never of who left. What was scheduled there is cancelled, with CancelledByLeaving,
// and asks for a person. Whom they covered is uncovered. Their sign-in and their permissions are the host's to end.
//
// It is called once the host's own tables say so, and is done by a job within moments. A second call hands over and
// cancels what is there by then. Errors: CodeInvalid (to is who left, unknown, has left or is of another organisation),
// CodeNotFound (a malformed id), CodeNotConfigured (to, without Config.Colleagues), CodeUnavailable.
func (m *Messenger) StaffLeft(
	ctx context.Context, organisation adapters.OrganisationID, staff, to adapters.StaffID,
) error {
	if !wellFormed(staff) {
		return notFound()
	}
	if to != "" {
		if err := m.ableToTake(ctx, organisation, staff, to); err != nil {
			return err
		}
	}
	var told []adapters.StaffID
	err := m.inTx(ctx, func(ctx context.Context, t tx) error {
		if err := lockKey(ctx, t, leaving(organisation, staff)); err != nil {
			return err
		}
		n, err := rows.Exec(ctx, t, rows.Insert(&rows.Leaver{OrganisationID: organisation, StaffID: staff, LeftAt: t.now}).
			On("CONFLICT DO NOTHING"))
		if err != nil {
			return err
		}
		if n > 0 {
			if err := t.writeInboxHistory(ctx, ofLeaver(organisation, staff, ActionAway)); err != nil {
				return err
			}
			if _, err := rows.Exec(ctx, t, rows.File("tell_anew", rows.Args{
				"organisation": organisation, "staff": []string{string(staff)},
			})); err != nil {
				return err
			}
		}
		if told, err = m.concerned(ctx, t, organisation, staff); err != nil {
			return err
		}
		left := jobs.StaffLeft{
			Organisation: string(organisation), Staff: string(staff), To: string(to), Handover: t.clock.newID(),
		}
		if _, err := giveLeft(ctx, t, left); err != nil {
			return err
		}
		return t.enqueue(ctx, left)
	})
	if isDuplicate(err, "messenger_handovers_running") { // somebody has begun one: it is waited for
		return m.StaffLeft(ctx, organisation, staff, to)
	}
	if err == nil {
		m.tellOfCovers(ctx, organisation, told)
	}
	return err
}

// leaving is the key that who leaves and who gives them something take in turn.
func leaving(organisation adapters.OrganisationID, staff adapters.StaffID) string {
	return "leaving " + string(organisation) + " " + string(staff)
}

// tellOfCovers has the pages of some staff members, and of the fallback, fetch again whom they cover.
func (m *Messenger) tellOfCovers(ctx context.Context, organisation adapters.OrganisationID, staff []adapters.StaffID) {
	m.changes.covers(organisation, append(staff, m.fallback(ctx, organisation)...))
}

// giveLeft begins to hand over a leaver's inbox where somebody is to take it, this was not begun yet and no other
// handover of it runs. It says whether there is one to wait for.
func giveLeft(ctx context.Context, t tx, left jobs.StaffLeft) (waits bool, err error) {
	h := rows.Handover{
		ID: left.Handover, OrganisationID: adapters.OrganisationID(left.Organisation),
		StaffID: adapters.StaffID(left.Staff), ToStaffID: adapters.StaffID(left.To), ByKind: "system", TakeUnread: true,
	}
	begun, err := rows.List[rows.Handover](ctx, t, rows.All[rows.Handover]().
		Where("h.organisation_id = ? AND h.staff_id = ?", rows.V(h.OrganisationID), rows.V(h.StaffID)).
		Where("(h.done_at IS NULL OR h.id = ?)", rows.V(h.ID)))
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(begun, func(b rows.Handover) bool { return b.DoneAt == nil }) {
		return true, nil
	}
	if left.To == "" || len(begun) > 0 {
		return false, nil
	}
	_, err = beginHandover(ctx, t, h, seen{everybody: true})
	return true, err
}

// StaffReturned says that somebody whom StaffLeft was called for works for the organisation again, under the id that
// they had: what is left in their inbox is theirs, and the handing over of it ends where it has come to. A second call
// changes nothing.
func (m *Messenger) StaffReturned(
	ctx context.Context, organisation adapters.OrganisationID, staff adapters.StaffID,
) error {
	var told []adapters.StaffID
	err := m.inTx(ctx, func(ctx context.Context, t tx) error {
		n, err := rows.Exec(ctx, t, rows.Delete[rows.Leaver]().
			Where("l.organisation_id = ? AND l.staff_id = ?", rows.V(organisation), rows.V(staff)))
		if err != nil || n == 0 {
			return err
		}
		begun, err := rows.List[rows.Handover](ctx, t, rows.All[rows.Handover]().
			Where("h.organisation_id = ? AND h.staff_id = ?", rows.V(organisation), rows.V(staff)).
			Where("h.by_kind = 'system' AND h.done_at IS NULL"))
		if err != nil {
			return err
		}
		for _, h := range begun {
			if err := endHandover(ctx, t, h); err != nil {
				return err
			}
		}
		if told, err = m.concerned(ctx, t, organisation, staff); err != nil {
			return err
		}
		return t.writeInboxHistory(ctx, ofLeaver(organisation, staff, ActionBack))
	})
	if err == nil {
		m.tellOfCovers(ctx, organisation, told)
	}
	return err
}

// ableToTake is why a colleague can't be given what is in a leaver's inbox.
func (m *Messenger) ableToTake(
	ctx context.Context, organisation adapters.OrganisationID, staff, to adapters.StaffID,
) error {
	if m.config.Colleagues == nil {
		return fail(CodeNotConfigured, "Who works here is not known to Messenger: nothing can be handed over.")
	}
	works := false
	if to != staff && wellFormed(to) {
		var err error
		if _, works, err = m.colleague(ctx, organisation, to); err != nil {
			return err
		}
	}
	if !works {
		return invalid("to", "Name a colleague who works here and is not the one who leaves.")
	}
	return nil
}

// concerned are a staff member and those whom they cover: what their pages show of covers changes with them.
func (m *Messenger) concerned(
	ctx context.Context, t tx, organisation adapters.OrganisationID, staff adapters.StaffID,
) ([]adapters.StaffID, error) {
	owners, err := rows.List[adapters.StaffID](ctx, t, presentAbsences(organisation, t.now).
		ExcludeColumn("*").Column("staff_id").Where("a.cover_staff_id = ?", rows.V(staff)))
	return append(owners, staff), err
}

func ofLeaver(
	organisation adapters.OrganisationID, staff adapters.StaffID, action HistoryAction,
) rows.InboxHistory {
	return rows.InboxHistory{
		OrganisationID: organisation, StaffID: staff, ActorKind: "system", Action: string(action),
	}
}

// StaffLeft is a job: it hands over what is in a leaver's inbox where there is somebody to take it, and then cancels
// what is still scheduled there.
func (m worker) StaffLeft(ctx context.Context, left jobs.StaffLeft, _ int) error {
	organisation, staff := adapters.OrganisationID(left.Organisation), adapters.StaffID(left.Staff)
	if gone, err := m.hasLeft(ctx, organisation, staff); err != nil || !gone {
		return err // or is back
	}
	var waits bool
	err := m.inTx(ctx, func(ctx context.Context, t tx) (err error) {
		waits, err = giveLeft(ctx, t, left)
		return err
	})
	if waits || isDuplicate(err, "messenger_handovers_running") {
		return jobs.After(time.Second)
	}
	if err != nil {
		return err
	}
	return m.cancelOfLeaver(ctx, organisation, staff)
}

// cancelBatch is how many channels are held at once while what is scheduled in them is cancelled.
const cancelBatch = 50

// cancelOfLeaver cancels what is scheduled in a leaver's inbox, some channels at a time.
func (m *Messenger) cancelOfLeaver(
	ctx context.Context, organisation adapters.OrganisationID, staff adapters.StaffID,
) error {
	for last := uuid.Nil; ; {
		next, err := rows.List[uuid.UUID](ctx, m.db(), rows.Limit(rows.Select[rows.Message]().Distinct().
			Column("channel_id").Where("m.organisation_id = ? AND m.staff_id = ?", rows.V(organisation), rows.V(staff)).
			Where("m.delivery_status = 'scheduled' AND m.channel_id > ?", rows.V(last)).Order("m.channel_id"), cancelBatch))
		if err != nil || len(next) == 0 {
			return err
		}
		last = next[len(next)-1]
		var changed []channelChange
		err = m.inTx(ctx, func(ctx context.Context, t tx) (err error) {
			changed, err = m.cancelIn(ctx, t, staff, next)
			return err
		})
		if err != nil {
			return err
		}
		for _, c := range changed {
			m.changes.add(c.Channel, c.messages...)
		}
	}
}

// cancelIn cancels what is scheduled in some channels of a leaver's, and has each such message ask for a person.
func (m *Messenger) cancelIn(
	ctx context.Context, t tx, staff adapters.StaffID, ids []uuid.UUID,
) (changed []channelChange, err error) {
	channels, err := lockThoseLeft(ctx, t, rows.Select[rows.Channel]().Column("id").
		Where("c.id = any(?::text[]::uuid[]) AND c.staff_id = ?", rows.V(idsOf(ids)), rows.V(staff)))
	if err != nil {
		return nil, err
	}
	channels = slices.DeleteFunc(channels, func(c rows.Channel) bool { return c.StaffID != staff }) // taken meanwhile
	cancelled, err := cancelScheduled(ctx, t, CancelledByLeaving, channels...)
	if err != nil {
		return nil, err
	}
	for _, channel := range channels {
		messages := cancelled[channel.ID]
		if len(messages) == 0 {
			continue
		}
		if err := m.ownerLeft(ctx, t, channel.ID, messages); err != nil {
			return nil, err
		}
		changed = append(changed, channelChange{channel, messages})
	}
	return changed, nil
}

// ownerLeft has messages that were cancelled since their channel's owner left ask for a person.
func (m *Messenger) ownerLeft(ctx context.Context, t tx, channel uuid.UUID, messages []uuid.UUID) error {
	_, err := rows.Exec(ctx, t, rows.Update[rows.Message]().Set("delivery_attention = ?", rows.V(AttentionOwnerLeft)).
		Where("id = any(?::text[]::uuid[])", rows.V(idsOf(messages))))
	for _, message := range messages {
		err = errors.Join(err, m.tell(ctx, t, string(AttentionOwnerLeft), channel, message))
	}
	return err
}

// hasLeft says whether a staff member works for an organisation no more.
func (m *Messenger) hasLeft(
	ctx context.Context, organisation adapters.OrganisationID, staff adapters.StaffID,
) (bool, error) {
	found, err := leavers(ctx, m.db(), organisation, staff)
	return len(found) > 0, err
}

// leavers are those of some staff members who work for an organisation no more.
func leavers(
	ctx context.Context, q rows.Querier, organisation adapters.OrganisationID, staff ...adapters.StaffID,
) ([]adapters.StaffID, error) {
	if len(staff) == 0 {
		return nil, nil
	}
	return rows.List[adapters.StaffID](ctx, q, rows.Select[rows.Leaver]().Column("staff_id").
		Where("l.organisation_id = ? AND l.staff_id = any(?)", rows.V(organisation), rows.V(textsOf(staff))))
}

// here are those of some staff members who are neither away nor gone.
func (m *Messenger) here(
	ctx context.Context, organisation adapters.OrganisationID, some []adapters.StaffID,
) ([]adapters.StaffID, error) {
	if len(some) == 0 {
		return nil, nil
	}
	away, err := m.awayNow(ctx, organisation, some)
	if err != nil {
		return nil, err
	}
	gone, err := leavers(ctx, m.db(), organisation, some...)
	return slices.DeleteFunc(slices.Clone(some), func(staff adapters.StaffID) bool {
		_, isAway := away[staff]
		return isAway || slices.Contains(gone, staff)
	}), err
}

// membersOf are the ids of some staff members.
func membersOf(some []adapters.Member) []adapters.StaffID {
	return column(some, func(one adapters.Member) adapters.StaffID { return one.ID })
}

// fallback is whom an organisation names as its fallback, each once. A host that does not answer names nobody.
func (m *Messenger) fallback(ctx context.Context, id adapters.OrganisationID) []adapters.StaffID {
	organisation, err := m.organisation(ctx, id)
	if err != nil {
		return nil
	}
	named := distinct(organisation.Fallback)
	return slices.DeleteFunc(named, func(staff adapters.StaffID) bool { return !wellFormed(staff) })
}

// fallbackHere is who of an organisation's fallback is here: neither away nor gone.
func (m *Messenger) fallbackHere(ctx context.Context, organisation adapters.OrganisationID) []adapters.StaffID {
	here, err := m.here(ctx, organisation, m.fallback(ctx, organisation))
	if err != nil {
		return nil
	}
	return here
}

// leftTo are the inboxes, with something in them, that a member has in front of them as the organisation's fallback:
// their owners have left, and nobody else was named to cover who can.
func (m *Messenger) leftTo(ctx context.Context, member adapters.Member) ([]adapters.StaffID, error) {
	left, err := rows.List[adapters.StaffID](ctx, m.db(), rows.Select[rows.Leaver]().Column("staff_id").
		Where("l.organisation_id = ? AND l.staff_id <> ?", rows.V(member.Organisation), rows.V(member.ID)).
		Where(`EXISTS (SELECT FROM messenger_inboxes AS i WHERE i.organisation_id = l.organisation_id
			AND i.staff_id = l.staff_id AND i.unread + i.open + i.done > 0)`).Order("l.staff_id"))
	if err != nil || len(left) == 0 || !slices.Contains(m.fallback(ctx, member.Organisation), member.ID) {
		return nil, err
	}
	covered, err := rows.List[rows.Absence](ctx, m.db(), coveredAbsences(member.Organisation, m.now(ctx)).
		Where("a.staff_id = any(?)", rows.V(textsOf(left))))
	return slices.DeleteFunc(left, func(staff adapters.StaffID) bool {
		return slices.ContainsFunc(covered, func(a rows.Absence) bool {
			return a.StaffID == staff &&
				m.firstAble(ctx, member.Organisation, staff, []adapters.StaffID{a.CoverStaffID}) != nil
		})
	}), err
}
