package web

import (
	"context"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerAbsence is when an inbox's owner is away, and who covers.
type messengerAbsence struct {
	Staff     string     `json:"staff_id" doc:"Who is away."`
	From      time.Time  `json:"from"`
	Until     *time.Time `json:"until,omitempty" doc:"Absent: until somebody says that they are back."`
	Cover     string     `json:"cover_staff_id"`
	CoverName string     `json:"cover_name"`
	Note      string     `json:"note"`
}

// messengerNewAbsence says when an inbox's owner is away, and who covers.
type messengerNewAbsence struct {
	From  time.Time  `json:"from" doc:"May be past."`
	Until *time.Time `json:"until,omitempty" doc:"Absent: until somebody says that they are back."`
	Cover string     `json:"cover_staff_id" doc:"One who may act in the inbox, not its owner."`
	Note  string     `json:"note,omitempty" doc:"For colleagues: 5,000 characters at most."`
}

func wireAbsence(a messenger.Absence) messengerAbsence {
	return messengerAbsence{
		string(a.Staff), a.From.UTC(), optionalTime(a.Until), string(a.Cover), a.CoverName, a.Note,
	}
}

// messengerCover is who covers an inbox or, of what the asker covers, its owner.
type messengerCover struct {
	Staff string     `json:"staff_id"`
	Name  string     `json:"name"`
	Until *time.Time `json:"until,omitempty" doc:"Absent: until somebody says that the owner is back."`
}

type byStaff struct {
	Staff string `path:"staff_id"`
}

// messengerColleague is a staff member by id and name.
type messengerColleague struct {
	Staff string `json:"staff_id"`
	Name  string `json:"name"`
}

// GET /inboxes/{staff_id}/covers
func (a *staffAPI) covers(ctx context.Context, in *byStaff) (*body[messengerPage[messengerColleague]], error) {
	able, err := a.m.Covers(ctx, adapters.StaffID(in.Staff))
	if err != nil {
		return nil, err
	}
	return answer(messengerPage[messengerColleague]{
		Items: each(able, func(c messenger.Colleague) messengerColleague {
			return messengerColleague{string(c.Staff), c.Name}
		}),
	}), nil
}

// GET /inboxes/{staff_id}/absence
func (a *staffAPI) absence(ctx context.Context, in *byStaff) (*body[messengerAbsence], error) {
	return absent(a.m.Absence(ctx, adapters.StaffID(in.Staff)))
}

type absenceInput struct {
	Staff string `path:"staff_id"`
	Body  messengerNewAbsence
}

// PUT /inboxes/{staff_id}/absence
func (a *staffAPI) setAbsence(ctx context.Context, in *absenceInput) (*body[messengerAbsence], error) {
	p := messenger.AbsenceParams{From: in.Body.From, Cover: adapters.StaffID(in.Body.Cover), Note: in.Body.Note}
	if in.Body.Until != nil {
		if p.Until = *in.Body.Until; p.Until.IsZero() { // which the service reads as none
			return nil, invalid("until", "The end must be after the beginning.")
		}
	}
	return absent(a.m.SetAbsence(ctx, adapters.StaffID(in.Staff), p))
}

// DELETE /inboxes/{staff_id}/absence
func (a *staffAPI) endAbsence(ctx context.Context, in *byStaff) (*none, error) {
	return nil, a.m.EndAbsence(ctx, adapters.StaffID(in.Staff))
}

func absent(absence messenger.Absence, err error) (*body[messengerAbsence], error) {
	if err != nil {
		return nil, err
	}
	return answer(wireAbsence(absence)), nil
}
