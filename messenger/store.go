package messenger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// joinedWith is what a channel became that was joined with another, for a condition on c.id.
const joinedWith = "(SELECT o.moved_to FROM messenger_channels AS o WHERE o.id = ?)"

// readChannel is pgx.ErrNoRows for another organisation's channel too. One that was joined with another is that.
func readChannel(
	ctx context.Context, q rows.Querier, organisation adapters.OrganisationID, id uuid.UUID,
) (rows.Channel, error) {
	return rows.One[rows.Channel](ctx, q, rows.All[rows.Channel]().
		Where("c.id = coalesce("+joinedWith+", ?) AND c.moved_to IS NULL", rows.V(id), rows.V(id)).
		Where("c.organisation_id = ?", rows.V(organisation)))
}

// lockChannel also holds the channel for the rest of the transaction. Every change of a channel, or of what its
// status says, begins here, so that changes follow one another. Of one that was joined with another it is that, and has
// another id then. Where that happens while it is waited for, the error has inTx begin again: who holds what is no
// channel any more must not wait for another.
func lockChannel(ctx context.Context, t tx, id uuid.UUID) (rows.Channel, error) {
	channel, err := rows.One[rows.Channel](ctx, t, rows.All[rows.Channel]().
		Where("c.id = coalesce("+joinedWith+", ?) AND c.moved_to IS NULL", rows.V(id), rows.V(id)).
		For("NO KEY UPDATE OF c"))
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNotThere
	}
	return channel, err
}

// lockKey has whoever takes the same key wait until the transaction ends.
func lockKey(ctx context.Context, t tx, key string) error {
	_, err := rows.Exec(ctx, t, rows.Raw("select pg_advisory_xact_lock(hashtextextended(?, 0))", rows.V(key)))
	return err
}

// errNotThere says that a channel that was to be locked is not there, or no more.
var errNotThere = fmt.Errorf("lock the channel: %w", pgx.ErrNoRows)

// errMoved says that a channel is somebody else's, or joined with another, since it was asked who may do what in it.
var errMoved = errors.New("the channel has moved")

// lockFor is lockChannel for what somebody does. It is errMoved where the channel is not the one any more of which it
// was asked whether they may.
func lockFor(ctx context.Context, t tx, s actor) (rows.Channel, error) {
	channel, err := lockChannel(ctx, t, s.channel.ID)
	if err == nil && (channel.ID != s.channel.ID || channel.StaffID != s.owner) {
		err = errMoved
	}
	return channel, err
}

// unmoved does what somebody wants, and again from the question whether they may where the channel moves meanwhile.
func unmoved[T any](do func() (T, error)) (result T, err error) {
	for range mostTries {
		if result, err = do(); !errors.Is(err, errMoved) {
			return result, err
		}
	}
	return result, fail(CodeUnavailable, "This is being handed over at the moment. Try again.")
}

// logEntry is a line of history to be written.
type logEntry struct {
	id         uuid.UUID // zero: a new one
	channel    rows.Channel
	actor      adapters.Author
	onBehalfOf adapters.StaffID
	action     HistoryAction
	message    uuid.UUID
	note       string
}

// writeHistory adds a line to the history, which then proves that the transaction was committed.
func (t tx) writeHistory(ctx context.Context, e logEntry) error {
	if e.id == uuid.Nil {
		e.id = t.clock.newID()
	}
	t.provenByHistory(e.id)
	line := rows.History{
		ID: e.id, OrganisationID: e.channel.OrganisationID, ChannelID: e.channel.ID, At: t.now,
		ActorKind: e.actor.Kind, ActorID: e.actor.ID, ActorName: e.actor.Name, OnBehalfOf: e.onBehalfOf,
		Action: string(e.action), MessageID: nullable(e.message), Note: e.note,
	}
	line.Chain, line.KeyID = tagOf(t.seals, line), &t.seals[0].ID
	_, err := rows.Exec(ctx, t, rows.Insert(&line))
	return err
}

// writeHistories adds lines to the histories of several channels, in the order in which all take their ends who take
// more than one: that of the channels' ids.
func (t tx) writeHistories(ctx context.Context, lines []logEntry) error {
	slices.SortStableFunc(lines, func(a, b logEntry) int { return bytes.Compare(a.channel.ID[:], b.channel.ID[:]) })
	for _, line := range lines {
		if err := t.writeHistory(ctx, line); err != nil {
			return err
		}
	}
	return nil
}

// writeInboxHistory adds a line to an inbox's own history, which then proves that the transaction was committed.
func (t tx) writeInboxHistory(ctx context.Context, line rows.InboxHistory) error {
	line.ID, line.At = t.clock.newID(), t.now
	line.Chain, line.KeyID = tagOfInbox(t.seals, line), &t.seals[0].ID
	*t.proof = rows.Select[rows.InboxHistory]().Column("id").Where("h.id = ?", rows.V(line.ID))
	_, err := rows.Exec(ctx, t, rows.Insert(&line))
	return err
}

func nullable(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

// textsOf and idsOf are lists as parameters that every mode of pgx can send, the one for a pooler in transaction mode
// too.
func textsOf[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, text := range list {
		texts[i] = string(text)
	}
	return texts
}

func idsOf(list []uuid.UUID) []string {
	texts := make([]string, len(list))
	for i, id := range list {
		texts[i] = id.String()
	}
	return texts
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func readMessage(ctx context.Context, q rows.Querier, id uuid.UUID) (rows.Message, error) {
	return rows.One[rows.Message](ctx, q, rows.Messages().Where("m.id = ?", rows.V(id)))
}
