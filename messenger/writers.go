package messenger

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/batch"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// stored is a message with what else its jobs need.
type stored struct {
	rows.Message
	Channel            rows.Channel `bun:"embed:c_"`
	BroadcastCancelled bool
	ObjectedAt         *time.Time // when the number of a text asked for no more; nil: it does not object
}

// jobMessage is a message as a job of its own reads it.
type jobMessage struct {
	stored
	FirstEmail string // of an email: the Reference of the channel's first that went out, empty for none
	LastEmail  string // and of the last
	Reminded   string // of a reminder: what its message waits for now, as its column awaiting has it
}

// emailGone is the Reference, as reference makes it, of an email of the same channel that went out. It is looked for
// where a message is still to go out, and not for the record.
const emailGone = `coalesce((
		SELECT e.id::text || CASE WHEN e.sends > 1 THEN '-' || e.sends ELSE '' END
		FROM messenger_messages e
		WHERE m.medium = 'email' AND m.delivery_status IN ('scheduled', 'queued', 'sending')
			AND e.channel_id = m.channel_id AND e.id <> m.id
			AND e.medium = 'email' AND e.delivery_status IN ('sent', 'delivered')
		ORDER BY e.seq `

// reading is a message that a job is to work on; nil: there is none, or its channel is not there.
type reading struct {
	id   uuid.UUID
	read *jobMessage
}

// read reads a message for a job of its own. Error: pgx.ErrNoRows.
func (m *Messenger) read(ctx context.Context, id uuid.UUID) (jobMessage, error) {
	r := &reading{id: id}
	if err := m.reads.Call(ctx, r); err != nil {
		return jobMessage{}, err
	}
	if r.read == nil {
		return jobMessage{}, pgx.ErrNoRows
	}
	return *r.read, nil
}

func (m *Messenger) readAll(ctx context.Context, list []*reading, _ bool) error {
	ctx, cancel := context.WithTimeout(ctx, txTimeout)
	defer cancel()
	ids := make([]uuid.UUID, len(list))
	for i, r := range list {
		ids[i] = r.id
	}
	query := rows.Messages().
		ColumnExpr(rows.Columns[rows.Channel]("c", "c_")).
		ColumnExpr("b.cancelled_at IS NOT NULL AS broadcast_cancelled").
		Join("JOIN messenger_channels c").
		JoinOn("c.id = m.channel_id AND c.organisation_id = m.organisation_id AND c.moved_to IS NULL").
		ColumnExpr("o.at AS objected_at").
		ColumnExpr("coalesce((SELECT w.awaiting FROM messenger_messages w WHERE w.id = m.reminds), '') AS reminded").
		ColumnExpr(emailGone + "LIMIT 1), '') AS first_email").
		ColumnExpr(emailGone + "DESC LIMIT 1), '') AS last_email").
		Join("LEFT JOIN messenger_broadcasts b ON b.id = m.broadcast_id").
		Join("LEFT JOIN messenger_objections o").
		JoinOn("o.organisation_id = m.organisation_id AND o.number = m.to_address AND o.objects AND m.medium = 'sms'")
	if len(ids) == 1 { // PostgreSQL plans this once, and a list each time anew: that took longer than the reading
		query.Where("m.id = ?", rows.V(ids[0]))
	} else {
		query.Where("m.id = any(?::text[]::uuid[])", rows.V(idsOf(ids)))
	}
	found, err := rows.List[jobMessage](ctx, m.db(), query)
	if err != nil {
		return err
	}
	byID := make(map[uuid.UUID]*jobMessage, len(found))
	for i := range found {
		byID[found[i].ID] = &found[i]
	}
	for _, r := range list {
		r.read = byID[r.id]
	}
	return nil
}

// shortWait bounds each wait of a transaction for a lock: what many wait for together. The rest of a job has time
// within the lease to wait for its own message.
func shortWait() rows.Query { return rows.Raw("select set_config('lock_timeout', '1s', true)") }

// lane is where workers' claims and outcomes are written together. Broadcasts have one of their own: what a person
// sends to one client waits for no batch of theirs.
type lane struct {
	claims   *batch.Batches[*claiming]
	outcomes *batch.Batches[outcome]
}

func (m *Messenger) newLane() *lane {
	return &lane{
		claims:   &batch.Batches[*claiming]{Do: m.claimAll},
		outcomes: &batch.Batches[outcome]{Do: m.writeAll},
	}
}

func (m *Messenger) lane(message rows.Message) *lane {
	if message.BroadcastID != nil {
		return m.bulk
	}
	return m.singles
}

// claiming is one attempt that is to have its message.
type claiming struct {
	message rows.Message
	attempt uuid.UUID
	claimed *claimed // nil: another has it
}

// claimed is what the database says of an attempt that has its message.
type claimed struct {
	FirstTriedAt time.Time
	UnclearAt    *time.Time
}

// claimAll gives messages to attempts. Statements of one batch without BEGIN are one transaction.
func (m *Messenger) claimAll(ctx context.Context, list []*claiming, alone bool) error {
	ctx, cancel := context.WithTimeout(ctx, txTimeout)
	defer cancel()
	batch := &rows.Batch{}
	if !alone {
		batch.Exec(shortWait())
	}
	for _, c := range inLockOrder(list, func(c *claiming) rows.Message { return c.message }) {
		claim := rows.File("claim", rows.Args{
			"id": c.message.ID, "status": c.message.DeliveryStatus, "held_by": c.message.AttemptID,
			"attempt": c.attempt, "lease": lease.Seconds(),
		})
		rows.Queue(batch, claim, func(list []claimed) error {
			c.claimed = nil
			if len(list) > 0 {
				c.claimed = &list[0]
			}
			return nil
		})
	}
	return m.onConn(ctx, func(ctx context.Context, conn *pgxpool.Conn) error { return batch.Send(ctx, conn) })
}

// outcome is what came of one message's job. Outcomes are written together.
type outcome interface {
	of() rows.Message
	// counted says whether it may change the counter that the broadcast's progress is read from.
	counted() bool
	// queue adds the statement that writes the outcome, and has follow order the jobs that it entails. A statement
	// that returns nothing found that the message is not the job's any more: whoever took over, or a callback, wrote
	// the truth.
	queue(b *rows.Batch, follow func(...jobs.Order))
}

// write writes an outcome, though the job's own time may be over.
func (m *Messenger) write(ctx context.Context, o outcome) error {
	return m.lane(o.of()).outcomes.Call(jobs.Untraced(ctx), traced{o, jobs.TraceOf(ctx)})
}

// traced is an outcome whose jobs belong to its own trace, though it is written together with others'.
type traced struct {
	outcome
	trace jobs.Trace
}

func (o traced) queue(b *rows.Batch, follow func(...jobs.Order)) {
	o.outcome.queue(b, func(due ...jobs.Order) {
		for i := range due {
			due[i].Trace = o.trace
		}
		follow(due...)
	})
}

func (m *Messenger) writeAll(ctx context.Context, list []outcome, alone bool) error {
	var orders []jobs.Order
	follow := func(due ...jobs.Order) { orders = append(orders, due...) }
	first := rows.Begin()
	if !alone {
		first.Exec(shortWait())
	}
	list = inLockOrder(list, outcome.of)
	slices.SortStableFunc(list, countedLast)
	for _, o := range list {
		o.queue(first, follow)
	}
	return m.inTxWith(ctx, first, func(ctx context.Context, t tx) error { return t.jobs.InsertAll(ctx, t.Tx, orders...) })
}

// countedLast has what changes no counter wait for its message before a counter is held. Whoever writes that a
// delivery failed after all holds the message and wants the counter, and that message may be being filed. While a
// message is being sent, nobody who wants a counter holds its row.
func countedLast(a, b outcome) int {
	switch {
	case a.counted() == b.counted():
		return 0
	case b.counted():
		return -1
	default:
		return 1
	}
}

// shards is how many rows a broadcast's messages are counted in. The trigger messenger_broadcast_count says the same.
const shards = 16

// shard is which of them a message is counted in.
func shard(message uuid.UUID) int { return int(message[len(message)-1]) % shards }

// inLockOrder sorts by broadcast, by the counter that progress is read from, and by message: all that a change of a
// message locks. Two batches of two processes wait for one another, and never for ever.
func inLockOrder[T any](list []T, message func(T) rows.Message) []T {
	list = slices.Clone(list)
	slices.SortFunc(list, func(x, y T) int {
		a, b := message(x), message(y)
		broadcastA, broadcastB := value(a.BroadcastID), value(b.BroadcastID)
		return cmp.Or(
			bytes.Compare(broadcastA[:], broadcastB[:]),
			cmp.Compare(shard(a.ID), shard(b.ID)),
			bytes.Compare(a.ID[:], b.ID[:]),
		)
	})
	return list
}
