package messenger

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// History returns a page of what happened in a channel, newest first, and in those that it was joined with. A
// colleague's look leaves one line an hour in it, as Channel's does. Errors: CodeNotFound, CodeInvalid.
func (m *Messenger) History(ctx context.Context, channel uuid.UUID, p PageParams) (Page[HistoryEntry], error) {
	s, err := m.toLookAt(ctx, channel)
	if err != nil {
		return Page[HistoryEntry]{}, err
	}
	from, limit, err := p.fromNewest("history")
	if err != nil {
		return Page[HistoryEntry]{}, err
	}
	ids, err := joinedIDs(ctx, m.db(), s.channel.ID)
	if err != nil {
		return Page[HistoryEntry]{}, err
	}
	lines := rows.All[rows.History]().Where("h.id < ?", rows.V(from.ID)).OrderExpr("h.id DESC")
	if len(ids) == 1 {
		lines.Where("h.channel_id = ?", rows.V(s.channel.ID))
	} else {
		lines.Where("h.channel_id = any(?::text[]::uuid[])", rows.V(idsOf(ids)))
	}
	found, err := rows.List[rows.History](ctx, m.db(), rows.Limit(lines, limit+1))
	entries := column(found, func(h rows.History) HistoryEntry {
		return HistoryEntry{
			ID: h.ID, At: h.At, Actor: actorOf(h), OnBehalfOf: h.OnBehalfOf, Action: HistoryAction(h.Action),
			Message: value(h.MessageID), Note: h.Note,
		}
	})
	return page(entries, limit, func(e HistoryEntry) cursor { return cursor{List: "history", ID: e.ID} }), err
}

// actorOf is who did what a line tells of. Lines from before say a client's name, which nobody can take out of them.
func actorOf(h rows.History) adapters.Author {
	if h.ActorKind == "client" {
		h.ActorName = ""
	}
	return adapters.Author{Kind: h.ActorKind, ID: h.ActorID, Name: h.ActorName}
}

// InboxHistory returns a page of what happened to an inbox as a whole, newest first: who looked into it, once an hour
// each, and when its owner was away. The asker's own, or a colleague's that they may open, which leaves a line too.
// What happened in its channels is told by History. Errors: CodeNotFound, CodeInvalid.
func (m *Messenger) InboxHistory(
	ctx context.Context, staff adapters.StaffID, p PageParams,
) (Page[HistoryEntry], error) {
	member, err := m.current(ctx)
	if err != nil {
		return Page[HistoryEntry]{}, err
	}
	if _, err := m.toLookIn(ctx, member, staff); err != nil {
		return Page[HistoryEntry]{}, err
	}
	from, limit, err := p.fromNewest("inbox history")
	if err != nil {
		return Page[HistoryEntry]{}, err
	}
	found, err := rows.List[rows.InboxHistory](ctx, m.db(), rows.Limit(rows.All[rows.InboxHistory]().
		Where("h.organisation_id = ? AND h.staff_id = ?", rows.V(member.Organisation), rows.V(staff)).
		Where("h.id < ?", rows.V(from.ID)).OrderExpr("h.id DESC"), limit+1))
	entries := column(found, func(h rows.InboxHistory) HistoryEntry {
		return HistoryEntry{
			ID: h.ID, At: h.At, Actor: adapters.Author{Kind: h.ActorKind, ID: h.ActorID, Name: h.ActorName},
			OnBehalfOf: h.OnBehalfOf, Action: HistoryAction(h.Action), Note: h.Note, Client: h.ClientID,
		}
	})
	if err != nil {
		return Page[HistoryEntry]{}, err
	}
	back, err := m.cameBack(ctx, member.Organisation, staff, from.ID)
	entries = append(entries, back...)
	slices.SortFunc(entries, func(a, b HistoryEntry) int { return bytes.Compare(b.ID[:], a.ID[:]) })
	return page(entries, limit, func(e HistoryEntry) cursor { return cursor{List: "inbox history", ID: e.ID} }), err
}

// HistoryAction is what somebody did in a channel. Callers must bear values that they do not know.
type HistoryAction string

// The actions.
const (
	ActionCreated     HistoryAction = "created" // the channel
	ActionSent        HistoryAction = "sent"
	ActionCancelled   HistoryAction = "cancelled"
	ActionEdited      HistoryAction = "edited" // cancelled, and its text is the draft of who did it
	ActionReplied     HistoryAction = "replied"
	ActionLooked      HistoryAction = "looked" // a colleague, once an hour; at a channel, or an inbox
	ActionRead        HistoryAction = "read"
	ActionDone        HistoryAction = "done"
	ActionOpened      HistoryAction = "opened"
	ActionRepliesOn   HistoryAction = "replies_on"
	ActionRepliesOff  HistoryAction = "replies_off"
	ActionLinkRenewed HistoryAction = "link_renewed"
	ActionRetried     HistoryAction = "retried" // a delivery or a filing
	ActionVouched     HistoryAction = "vouched" // for a held reply: that the client wrote it, so that it is filed
	ActionResolved    HistoryAction = "resolved"
	ActionAssigned    HistoryAction = "assigned"    // a text that no channel claimed
	ActionUnassigned  HistoryAction = "unassigned"  // and out of it again
	ActionJoined      HistoryAction = "joined"      // with another channel, which it answers for from now on
	ActionNote        HistoryAction = "note"        // staff wrote one for staff: its words stand in Notes alone
	ActionCall        HistoryAction = "call"        // likewise of a telephone call
	ActionAway        HistoryAction = "away"        // an inbox's: when its owner is away, and who covers, was said
	ActionBack        HistoryAction = "back"        // an inbox's: said by a person, or its owner's time away is over
	ActionHandedOver  HistoryAction = "handed_over" // to a colleague; of a channel, or of an inbox
	// the client's number wants no more texts (STOP), or a carrier says so; and it wants them again (START)
	ActionObjected        HistoryAction = "objected"
	ActionObjectionLifted HistoryAction = "objection_lifted"
	// nobody read a reply in time: once when it was overdue, and once after twice as long
	ActionOverdue HistoryAction = "overdue"
	// a private message: why it was taken back stands in the note
	ActionWithdrawn HistoryAction = "withdrawn"
	// a message was written with a template, which it names
	ActionTemplateUsed HistoryAction = "template_used"
	// what was waited for: the client says that they have read it; staff reminded them, or wait no more
	ActionAcknowledged   HistoryAction = "acknowledged"
	ActionReminded       HistoryAction = "reminded"
	ActionWaitingStopped HistoryAction = "waiting_stopped"
	// a carrier that reaches clients by contact details of its own says in the note which one it took
	ActionContactUsed HistoryAction = "contact_used"
	// all that is kept of the client was read out, for whom the note says; in an inbox's where they have no channel
	ActionExported HistoryAction = "exported"
)

// HistoryEntry is one line of a channel's append-only history.
type HistoryEntry struct {
	ID         uuid.UUID
	At         time.Time
	Actor      adapters.Author
	OnBehalfOf adapters.StaffID // empty: the actor's own channel
	Action     HistoryAction
	Message    uuid.UUID // zero without
	// Note is the reason of an override or an assignment, the note of a resolve, which contact a carrier took, or whom an
	// export was for.
	Note   string
	Client adapters.ClientID // of an inbox's: who was exported, and had no channel
}
