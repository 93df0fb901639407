package messenger

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// InboxHandover is how far the handing over of an inbox has come: Total is Moved and RefusedCount once it is done.
type InboxHandover struct {
	ID                         uuid.UUID
	Done                       bool
	Total, Moved, RefusedCount int
	Refused                    []RefusedChannel // the first 100
}

// RefusedChannel is a channel that was not handed over, and why: CodeUnreadReplies, CodeReceiverCannotSend,
// CodeNotFound (it was handed over, or joined, otherwise meanwhile) or CodeInvalid (the receiver has left).
type RefusedChannel struct {
	Channel uuid.UUID
	Why     Code
}

const (
	// handOverBatch is how many channels are looked up at once. Each is handed over in a transaction of its own, so that
	// nobody waits behind the others.
	handOverBatch = 100
	mostRefused   = 100
)

// HandoverInbox begins to give all channels of an inbox to a colleague, each as Handover does; InboxHandover says how
// far that has come. Those with clients whom the directory hides from the asker stay where they are, and are not
// counted: see Handover. A channel that can't be handed over is refused for itself. While one runs, a second call
// returns that one; with the Key of the first it does so afterwards too. For whom Handover is. Errors: CodeInvalid,
// CodeKeyReused, CodeNotFound (nobody's inbox), CodeForbidden, CodeNotConfigured, CodeUnavailable.
func (m *Messenger) HandoverInbox(
	ctx context.Context, staff adapters.StaffID, p HandoverParams,
) (InboxHandover, error) {
	note, err := m.longNote(ctx, p.Note)
	if err != nil {
		return InboxHandover{}, err
	}
	s, err := m.toHandOverInbox(ctx, staff)
	if err != nil {
		return InboxHandover{}, err
	}
	return unmoved(func() (InboxHandover, error) { return m.handOverInbox(ctx, s, p, note) })
}

func (m *Messenger) handOverInbox(ctx context.Context, s seat, p HandoverParams, note string) (InboxHandover, error) {
	key := p.Key
	p.Key = ""
	under, made, err := m.onceUnder(ctx, s.member, key, []any{"inbox handover", s.owner, p})
	if err != nil {
		return InboxHandover{}, err
	}
	if made != uuid.Nil {
		return m.inboxHandover(ctx, s, made)
	}
	to, err := m.receiver(ctx, s, p.To)
	if err != nil {
		return InboxHandover{}, err
	}
	visible, err := m.seesIn(ctx, s)
	if err != nil {
		return InboxHandover{}, err
	}
	handover := rows.Handover{
		ID: m.newID(), OrganisationID: s.member.Organisation, StaffID: s.owner, ToStaffID: to.ID, OnBehalfOf: s.onBehalfOf(),
		ByKind: "staff", ByID: string(s.member.ID), ByName: s.member.Name, Note: note, TakeUnread: p.TakeUnread,
	}
	total := 0
	err = m.inTx(ctx, func(ctx context.Context, t tx) (err error) {
		*t.proof = rows.Select[rows.Handover]().Column("id").Where("h.id = ?", rows.V(handover.ID))
		if total, err = beginHandover(ctx, t, handover, visible.seen); err != nil {
			return err
		}
		return under.keep(ctx, t, handover.ID)
	})
	if isDuplicate(err, "messenger_handovers_running") {
		return m.inboxHandover(ctx, s, uuid.Nil)
	}
	if err != nil {
		return InboxHandover{}, err
	}
	return InboxHandover{ID: handover.ID, Done: total == 0, Total: total, Refused: []RefusedChannel{}}, nil
}

// beginHandover writes down what is to be handed over, of what whoever begins it may see, and orders it. One at a time:
// another that runs is a duplicate of messenger_handovers_running. It answers how many channels that are.
func beginHandover(ctx context.Context, t tx, h rows.Handover, visible seen) (int, error) {
	h.CreatedAt = t.now
	if _, err := rows.Exec(ctx, t, rows.Insert(&h)); err != nil {
		return 0, err
	}
	total, err := rows.One[int](ctx, t, rows.File("handover_channels", rows.Args{
		"handover": h.ID, "organisation": h.OrganisationID, "staff": h.StaffID,
		"everybody": visible.everybody, "clients": textsOf(slices.Collect(maps.Keys(visible.clients))),
	}))
	if err != nil {
		return 0, err
	}
	if h.Total = total; total == 0 {
		return 0, endHandover(ctx, t, h)
	}
	return total, t.enqueue(ctx, jobs.HandOver{Handover: h.ID})
}

// endHandover says that an inbox is handed over, in the history of both.
func endHandover(ctx context.Context, t tx, h rows.Handover) error {
	n, err := rows.Exec(ctx, t, rows.Update[rows.Handover]().Set("done_at = ?", rows.V(t.now)).
		Where("id = ? AND done_at IS NULL", rows.V(h.ID)))
	if err != nil || n == 0 {
		return err
	}
	return givingOf(h, adapters.Member{ID: h.ToStaffID}).writeInboxHistory(ctx, t)
}

func givingOf(h rows.Handover, to adapters.Member) giving {
	return giving{
		organisation: h.OrganisationID, from: h.StaffID, to: to, takeUnread: h.TakeUnread, onBehalfOf: h.OnBehalfOf,
		by: adapters.Author{Kind: h.ByKind, ID: h.ByID, Name: h.ByName}, note: h.Note,
	}
}

// InboxHandover returns how far the last handing over of an inbox has come; of what was refused it does not name the
// channels with clients whom the asker may not see. For whom Handover is. Errors: CodeNotFound where it was never
// handed over, CodeForbidden, CodeNotConfigured, CodeUnavailable.
func (m *Messenger) InboxHandover(ctx context.Context, staff adapters.StaffID) (InboxHandover, error) {
	s, err := m.toHandOverInbox(ctx, staff)
	if err != nil {
		return InboxHandover{}, err
	}
	return m.inboxHandover(ctx, s, uuid.Nil)
}

// inboxHandover is a handing over of the seat's inbox, the last without an id, as the seat may see it. Its numbers are
// the handover's.
func (m *Messenger) inboxHandover(ctx context.Context, s seat, id uuid.UUID) (InboxHandover, error) {
	query := rows.All[rows.Handover]().
		Where("h.organisation_id = ? AND h.staff_id = ?", rows.V(s.member.Organisation), rows.V(s.owner))
	if id != uuid.Nil {
		query.Where("h.id = ?", rows.V(id))
	}
	found, err := rows.List[rows.Handover](ctx, m.db(), rows.Limit(query.OrderExpr("h.id DESC"), 1))
	if err != nil {
		return InboxHandover{}, err
	}
	if len(found) == 0 {
		return InboxHandover{}, notFound()
	}
	h := found[0]
	type refusedRow struct {
		ChannelID uuid.UUID
		Why       Code
		ClientID  adapters.ClientID
	}
	refused, err := rows.List[refusedRow](ctx, m.db(), rows.Limit(rows.Select[rows.HandoverChannel]().
		Column("channel_id", "why").
		ColumnExpr("(SELECT c.client_id FROM messenger_channels AS c WHERE c.id = hc.channel_id) AS client_id").
		Where("hc.handover_id = ? AND hc.why IS NOT NULL", rows.V(h.ID)).Order("hc.n"), mostRefused))
	if err != nil {
		return InboxHandover{}, err
	}
	visible, err := m.sees(ctx, s, column(refused, func(r refusedRow) adapters.ClientID { return r.ClientID })...)
	refused = slices.DeleteFunc(refused, func(r refusedRow) bool { return !visible.has(r.ClientID) })
	return InboxHandover{
		ID: h.ID, Done: h.DoneAt != nil, Total: h.Total, Moved: h.Moved, RefusedCount: h.Refused,
		Refused: column(refused, func(r refusedRow) RefusedChannel { return RefusedChannel{r.ChannelID, r.Why} }),
	}, err
}

// toHandOverInbox is the asker at an inbox that they may hand over. Somebody's who has left is there as long as it is
// known here.
func (m *Messenger) toHandOverInbox(ctx context.Context, staff adapters.StaffID) (seat, error) {
	member, err := m.current(ctx)
	if err != nil {
		return seat{}, err
	}
	allowed, err := m.access(ctx, member, staff)
	if err != nil {
		return seat{}, err
	}
	s := seat{member, allowed, staff}
	if allowed == noAccess {
		known, err := m.isInbox(ctx, member.Organisation, staff)
		if err != nil {
			return seat{}, err
		}
		if !known {
			return seat{}, notFound()
		}
	}
	return s, m.mayHandOver(s)
}

// isInbox says whether an inbox is one of an organisation's.
func (m *Messenger) isInbox(
	ctx context.Context, organisation adapters.OrganisationID, staff adapters.StaffID,
) (bool, error) {
	if !wellFormed(staff) {
		return false, nil
	}
	found, err := rows.List[string](ctx, m.db(), rows.Select[rows.Inbox]().Column("staff_id").
		Where("i.organisation_id = ? AND i.staff_id = ?", rows.V(organisation), rows.V(staff)))
	if err != nil || len(found) > 0 || m.config.Colleagues == nil {
		return len(found) > 0, err
	}
	_, works, err := m.colleague(ctx, organisation, staff)
	return works, err
}

// HandOver is a job: it hands over an inbox, channel by channel, each in one transaction that also writes how far it
// has come. A run that is killed at any point is gone on with, and two at once hand over nothing twice.
func (m worker) HandOver(ctx context.Context, id uuid.UUID, _ int) error {
	for until := m.now(ctx).Add(jobShift); ; {
		h, err := rows.One[rows.Handover](ctx, m.db(), rows.All[rows.Handover]().Where("h.id = ?", rows.V(id)))
		if errors.Is(err, pgx.ErrNoRows) || err == nil && h.DoneAt != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Moved+h.Refused == h.Total {
			return m.inTx(ctx, func(ctx context.Context, t tx) error { return endHandover(ctx, t, h) })
		}
		to, works, err := m.colleague(ctx, h.OrganisationID, h.ToStaffID)
		if err != nil {
			return err
		}
		err = m.handOverBatch(ctx, h, to, works, until)
		for _, staff := range []adapters.StaffID{h.StaffID, h.ToStaffID} {
			m.changes.refetch(live.Inbox{Organisation: h.OrganisationID, Staff: staff})
		}
		if err != nil && !errors.Is(err, errOvertaken) {
			return err
		}
		if m.now(ctx).After(until) {
			return jobs.After(0)
		}
	}
}

// handOverBatch hands over the next channels of an inbox, until the shift is over.
func (m *Messenger) handOverBatch(
	ctx context.Context, h rows.Handover, to adapters.Member, works bool, until time.Time,
) error {
	next, err := rows.List[rows.HandoverChannel](ctx, m.db(), rows.Limit(rows.All[rows.HandoverChannel]().
		Where("hc.handover_id = ? AND hc.n >= ?", rows.V(h.ID), rows.V(h.Moved+h.Refused)).Order("hc.n"), handOverBatch))
	if err != nil {
		return err
	}
	g := givingOf(h, to)
	for _, channel := range next {
		var why Code
		if !works {
			why = CodeInvalid
		}
		_, err := unmoved(func() (struct{}, error) {
			return struct{}{}, takenSince(m.inTx(ctx, func(ctx context.Context, t tx) error {
				return g.giveNext(ctx, t, channel, why)
			}))
		})
		if err != nil || m.now(ctx).After(until) {
			return err
		}
	}
	return nil
}

// giveNext hands over the next channel of an inbox, or refuses it, and writes how far that has come.
func (g giving) giveNext(ctx context.Context, t tx, channel rows.HandoverChannel, why Code) error {
	n, err := rows.Exec(ctx, t, rows.Update[rows.Handover]().Set("moved = moved + ?", rows.V(1)).
		Where("id = ? AND moved + refused = ? AND done_at IS NULL", rows.V(channel.HandoverID), rows.V(channel.N)))
	if err != nil {
		return err
	}
	if n == 0 {
		return errOvertaken
	}
	if why == "" {
		there, err := g.isThere(ctx, t, channel.ChannelID)
		if err != nil {
			return err
		}
		if !there {
			why = CodeNotFound
		}
	}
	if why == "" {
		_, err := g.give(ctx, t, channel.ChannelID)
		var refused *Error
		if !errors.As(err, &refused) {
			return err
		}
		why = refused.Code
	}
	_, err = rows.Exec(ctx, t, rows.Update[rows.Handover]().
		Set("moved = moved - ?, refused = refused + ?", rows.V(1), rows.V(1)).
		Where("id = ?", rows.V(channel.HandoverID)))
	if err != nil {
		return err
	}
	_, err = rows.Exec(ctx, t, rows.Update[rows.HandoverChannel]().Set("why = ?", rows.V(why)).
		Where("handover_id = ? AND n = ?", rows.V(channel.HandoverID), rows.V(channel.N)))
	return err
}

// isThere says whether a channel is the giver's still.
func (g giving) isThere(ctx context.Context, t tx, channel uuid.UUID) (bool, error) {
	there, err := rows.List[uuid.UUID](ctx, t, rows.Select[rows.Channel]().Column("id").
		Where("c.id = ? AND c.staff_id = ? AND c.moved_to IS NULL", rows.V(channel), rows.V(g.from)))
	return len(there) > 0, err
}
