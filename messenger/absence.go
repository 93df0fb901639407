package messenger

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Absence is when a staff member is away, and who covers: has their unread replies in front of them meanwhile, and
// reads and answers for them.
type Absence struct {
	Staff       adapters.StaffID // who is away
	From, Until time.Time        // Until is zero where nobody knows: until somebody says that they are back
	Cover       adapters.StaffID
	CoverName   string
	Note        string
}

// AbsenceParams says when somebody is away, and who covers.
type AbsenceParams struct {
	From, Until time.Time        // Until zero: until EndAbsence
	Cover       adapters.StaffID // one who may act in the inbox, not its owner
	Note        string           // for colleagues: up to 5,000 characters
}

// Absence returns when an inbox's owner is away now or, when they are here, will be next. For the owner, who may act in
// the inbox, and who manages. Errors: CodeNotFound where no absence stands, CodeForbidden, CodeNotConfigured without
// Config.Colleagues.
func (m *Messenger) Absence(ctx context.Context, staff adapters.StaffID) (Absence, error) {
	s, err := m.toSayAway(ctx, staff)
	if err != nil {
		return Absence{}, err
	}
	found, err := rows.List[rows.Absence](ctx, m.db(), absencesOf(s, m.now(ctx)))
	if err != nil {
		return Absence{}, err
	}
	if len(found) == 0 {
		return Absence{}, notFound()
	}
	return absenceOf(found[0]), nil
}

// SetAbsence says when an inbox's owner is away and who covers, in place of every absence that it overlaps. From may be
// past. Times are kept to the microsecond, and hold by the database's clock: the absence ends by itself. A second call
// leaves one absence and another line in the inbox's history. For whom Absence is. Errors: CodeInvalid where From is
// zero, Until is over or not after From, the note is too long, or Cover may not act in the inbox, has left or is its
// owner; CodeNotFound, CodeForbidden, CodeNotConfigured without Config.Colleagues.
func (m *Messenger) SetAbsence(ctx context.Context, staff adapters.StaffID, p AbsenceParams) (Absence, error) {
	note, err := m.longNote(ctx, p.Note)
	if err != nil {
		return Absence{}, err
	}
	s, err := m.toSayAway(ctx, staff)
	if err != nil {
		return Absence{}, err
	}
	if p.From.IsZero() {
		return Absence{}, invalid("from", "Say since when, or from when on.")
	}
	if outOfRange(p.From) || outOfRange(p.Until) {
		return Absence{}, invalid("from", "The time is too far away.")
	}
	row := rows.Absence{
		OrganisationID: s.member.Organisation, StaffID: staff, StartsAt: p.From.UTC().Truncate(time.Microsecond), Note: note,
	}
	if !p.Until.IsZero() {
		ends := p.Until.UTC().Truncate(time.Microsecond)
		if !ends.After(row.StartsAt) {
			return Absence{}, invalid("until", "The end must be after the beginning.")
		}
		if !ends.After(m.now(ctx)) {
			return Absence{}, invalid("until", "The end is over already.")
		}
		row.EndsAt, row.BackID = &ends, new(idAt(ends))
	}
	if row.CoverStaffID, row.CoverName, err = m.ableToCover(ctx, s, p.Cover); err != nil {
		return Absence{}, err
	}
	told := []adapters.StaffID{staff, p.Cover}
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		if err := lockAbsences(ctx, t, s); err != nil {
			return err
		}
		overlapped := rows.Update[rows.Absence]().Set("ended_at = ?", rows.V(t.now)).
			Where("organisation_id = ? AND staff_id = ?", rows.V(s.member.Organisation), rows.V(staff)).
			Where("ended_at IS NULL AND (ends_at IS NULL OR ends_at > ?)", rows.V(t.now)).
			Where("tstzrange(starts_at, ends_at) && tstzrange(?::timestamptz, ?::timestamptz)",
				rows.V(row.StartsAt), rows.V(row.EndsAt)).
			Returning("cover_staff_id")
		former, err := rows.List[adapters.StaffID](ctx, t, overlapped)
		if err != nil {
			return err
		}
		told = append(told, former...)
		row.ID = t.clock.newID()
		if _, err := rows.Exec(ctx, t, rows.Insert(&row)); err != nil {
			return err
		}
		return t.writeInboxHistory(ctx, s.inboxLine(ActionAway))
	})
	if err != nil {
		return Absence{}, err
	}
	m.changes.covers(s.member.Organisation, told)
	return absenceOf(row), nil
}

// EndAbsence says that an inbox's owner is back, or will not be away after all: it ends the absence that Absence
// returns. For whom Absence is. Errors: CodeNotFound where none stands, so a second call too; CodeForbidden,
// CodeNotConfigured without Config.Colleagues.
func (m *Messenger) EndAbsence(ctx context.Context, staff adapters.StaffID) error {
	s, err := m.toSayAway(ctx, staff)
	if err != nil {
		return err
	}
	told := []adapters.StaffID{staff}
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		if err := lockAbsences(ctx, t, s); err != nil {
			return err
		}
		found, err := rows.List[rows.Absence](ctx, t, absencesOf(s, t.now))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return notFound()
		}
		told = append(told, found[0].CoverStaffID)
		_, err = rows.Exec(ctx, t, rows.Update[rows.Absence]().Set("ended_at = ?", rows.V(t.now)).
			Where("id = ?", rows.V(found[0].ID)))
		if err != nil {
			return err
		}
		return t.writeInboxHistory(ctx, s.inboxLine(ActionBack))
	})
	if err == nil {
		m.changes.covers(s.member.Organisation, told)
	}
	return err
}

// outOfRange says that a time can't be told in RFC 3339, which has years of four digits.
func outOfRange(at time.Time) bool { return at.UTC().Year() < 1 || at.UTC().Year() > 9999 }

// toSayAway is the seat of who says when an inbox's owner is away: the owner, who may act there, or who manages.
func (m *Messenger) toSayAway(ctx context.Context, staff adapters.StaffID) (seat, error) {
	member, err := m.current(ctx)
	if err != nil {
		return seat{}, err
	}
	allowed, err := m.access(ctx, member, staff)
	if err != nil {
		return seat{}, err
	}
	if m.config.Colleagues == nil {
		return seat{}, fail(CodeNotConfigured, "Who works here is not known to Messenger: nobody can cover for a colleague.")
	}
	if allowed < mayAct && member.Manages {
		known, err := m.isInbox(ctx, member.Organisation, staff)
		if err != nil {
			return seat{}, err
		}
		if known {
			allowed = mayAct
		}
	}
	switch allowed {
	case noAccess:
		return seat{}, notFound()
	case mayLook:
		return seat{}, forbidden()
	case mayAct, isOwner:
	}
	return seat{member, allowed, staff}, nil
}

// colleagues asks the host for staff members by their ids.
func (m *Messenger) colleagues(
	ctx context.Context, organisation adapters.OrganisationID, ids ...adapters.StaffID,
) ([]adapters.Member, error) {
	return m.askColleagues(ctx, organisation, func(ctx context.Context) ([]adapters.Member, error) {
		return m.config.Colleagues.Members(ctx, organisation, ids...)
	})
}

// askColleagues asks the host's port a question, for no longer than somebody waits: not at all once nobody does, as of
// the last of many inboxes. Who has left, by StaffLeft, is not in the answer, whatever the host's directory says yet.
// Error: CodeUnavailable.
func (m *Messenger) askColleagues(
	ctx context.Context, organisation adapters.OrganisationID, ask func(context.Context) ([]adapters.Member, error),
) ([]adapters.Member, error) {
	if ctx.Err() != nil {
		return nil, unanswered()
	}
	bound, cancel := bounded(ctx)
	defer cancel()
	found, err := ask(bound)
	if err != nil {
		return nil, m.unavailable(ctx, "colleagues", err)
	}
	ids := column(found, func(one adapters.Member) adapters.StaffID { return one.ID })
	gone, err := leavers(ctx, m.db(), organisation, ids...)
	if err != nil {
		return nil, err
	}
	found = slices.Clone(found) // the host's
	return slices.DeleteFunc(found, func(one adapters.Member) bool { return slices.Contains(gone, one.ID) }), nil
}

// Covers returns who may cover an inbox: those who may act in it, its owner aside, as the host has them now. For whom
// Absence is. Errors: CodeNotFound, CodeForbidden, CodeNotConfigured without Config.Colleagues, CodeUnavailable.
func (m *Messenger) Covers(ctx context.Context, staff adapters.StaffID) ([]Colleague, error) {
	s, err := m.toSayAway(ctx, staff)
	if err != nil {
		return nil, err
	}
	able, err := m.whoMayAct(ctx, s.member.Organisation, s.owner)
	var covers []Colleague
	for _, one := range able {
		if one.ID != s.owner {
			covers = append(covers, Colleague{one.ID, one.Name})
		}
	}
	return covers, err
}

func (m *Messenger) whoMayAct(
	ctx context.Context, organisation adapters.OrganisationID, owner adapters.StaffID,
) ([]adapters.Member, error) {
	return m.askColleagues(ctx, organisation, func(ctx context.Context) ([]adapters.Member, error) {
		return m.config.Colleagues.WhoMayAct(ctx, organisation, owner)
	})
}

// ableToCover is who is to cover an inbox, with their name, if they may act there.
func (m *Messenger) ableToCover(
	ctx context.Context, s seat, cover adapters.StaffID,
) (id adapters.StaffID, name string, err error) {
	able, err := m.whoMayAct(ctx, s.member.Organisation, s.owner)
	if err != nil {
		return "", "", err
	}
	for _, one := range able {
		if one.ID == cover && cover != s.owner {
			name, err = m.kept(ctx, m.db(), keepable(one.Name), shownLink)
			return cover, name, err
		}
	}
	return "", "", invalid("cover_staff_id", "Name a colleague who may act in this inbox.")
}

// lockAbsences has who says when an inbox's owner is away wait for who says so at the same time.
func lockAbsences(ctx context.Context, t tx, s seat) error {
	return lockKey(ctx, t, "absence "+string(s.member.Organisation)+" "+string(s.owner))
}

// absencesOf are the absences of a seat's inbox that are not over, the present or the nearest first.
func absencesOf(s seat, now time.Time) rows.Query {
	return rows.All[rows.Absence]().
		Where("a.organisation_id = ? AND a.staff_id = ?", rows.V(s.member.Organisation), rows.V(s.owner)).
		Where("a.ended_at IS NULL AND (a.ends_at IS NULL OR a.ends_at > ?)", rows.V(now)).OrderExpr("a.starts_at, a.id")
}

func absenceOf(row rows.Absence) Absence {
	return Absence{
		Staff: row.StaffID, From: row.StartsAt.UTC(), Until: value(row.EndsAt).UTC(), Cover: row.CoverStaffID,
		CoverName: row.CoverName, Note: row.Note,
	}
}

// cameBack are the lines of an inbox's history, before an id, that its owner's absences have ended by themselves.
func (m *Messenger) cameBack(
	ctx context.Context, organisation adapters.OrganisationID, staff adapters.StaffID, before uuid.UUID,
) ([]HistoryEntry, error) {
	over, err := rows.List[rows.Absence](ctx, m.db(), rows.All[rows.Absence]().
		Where("a.organisation_id = ? AND a.staff_id = ?", rows.V(organisation), rows.V(staff)).
		Where("a.ended_at IS NULL AND a.ends_at <= ? AND a.back_id < ?", rows.V(m.now(ctx)), rows.V(before)))
	return column(over, func(row rows.Absence) HistoryEntry {
		return HistoryEntry{
			ID: value(row.BackID), At: value(row.EndsAt).UTC(), Actor: adapters.Author{Kind: "system"}, Action: ActionBack,
		}
	}), err
}
