package messenger

import (
	"context"
	"slices"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// bounds are the times with none left open. A time that RFC 3339 can't tell is CodeInvalid.
func (p NotesParams) bounds() (since, until time.Time, err error) {
	since, until = p.Since, p.Until
	if until.IsZero() {
		until = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)
	}
	if outOfRange(since) {
		err = invalid("since", "The time is too far away.")
	} else if outOfRange(until) {
		err = invalid("until", "The time is too far away.")
	}
	return since.UTC(), until.UTC(), err
}

// marks are the marks of a channel, newest first: what its history says of it as a whole, and its owner's absences.
func (m *Messenger) marks(ctx context.Context, channel rows.Channel, since, until time.Time) ([]Mark, error) {
	ids, err := joinedIDs(ctx, m.db(), channel.ID)
	if err != nil {
		return nil, err
	}
	moved, err := rows.List[rows.History](ctx, m.db(), rows.Limit(rows.All[rows.History]().
		Where("h.channel_id = any(?::text[]::uuid[]) AND h.action IN (?, ?)",
			rows.V(idsOf(ids)), rows.V(ActionHandedOver), rows.V(ActionJoined)).
		Where("h.at >= ? AND h.at < ?", rows.V(since), rows.V(until)).OrderExpr("h.at DESC, h.id DESC"), mostNotes))
	if err != nil {
		return nil, err
	}
	away, err := rows.List[rows.Absence](ctx, m.db(), rows.Limit(rows.All[rows.Absence]().
		Where("a.organisation_id = ? AND a.staff_id = ?", rows.V(channel.OrganisationID), rows.V(channel.StaffID)).
		Where("a.starts_at >= ? AND a.starts_at < ? AND a.starts_at <= ?", rows.V(since), rows.V(until), rows.V(m.now(ctx))).
		Where("(a.ended_at IS NULL OR a.ended_at > a.starts_at)").OrderExpr("a.starts_at DESC, a.id DESC"), mostNotes))
	if err != nil {
		return nil, err
	}
	marks := append(column(moved, markOfHistory), column(away, func(row rows.Absence) Mark {
		return markOfAbsence(channel, row)
	})...)
	slices.SortStableFunc(marks, func(a, b Mark) int { return b.At.Compare(a.At) })
	return marks[:min(len(marks), mostNotes)], nil
}

func markOfHistory(h rows.History) Mark {
	mark := Mark{
		ID: h.ID, Kind: MarkHandover, At: h.At.UTC(), Text: h.Note,
		By: adapters.Author{Kind: h.ActorKind, ID: h.ActorID, Name: h.ActorName},
	}
	if HistoryAction(h.Action) == ActionJoined {
		mark.Kind = MarkJoined
	}
	return mark
}

func markOfAbsence(channel rows.Channel, row rows.Absence) Mark {
	ends := value(row.EndsAt)
	if row.EndedAt != nil {
		ends = *row.EndedAt
	}
	return Mark{
		ID: row.ID, Kind: MarkAway, At: row.StartsAt.UTC(), Until: ends.UTC(), Cover: row.CoverName,
		By: adapters.Author{Kind: "staff", ID: string(row.StaffID), Name: channel.StaffName},
	}
}
