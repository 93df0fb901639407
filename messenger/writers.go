package messenger

import (
	"bytes"
	"cmp"
	"context"
	"errors"
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
	channel            rows.Channel
	BroadcastCancelled bool
}

// reading is a message that a job is to work on; nil: there is none, or its channel is not there.
type reading struct {
	id   uuid.UUID
	read *stored
}

// read reads a message for a job of its own. Error: pgx.ErrNoRows.
func (m *Messenger) read(ctx context.Context, id uuid.UUID) (stored, error) {
	r := &reading{id: id}
	if err := m.reads.Call(ctx, r); err != nil {
		return stored{}, err
	}
	if r.read == nil {
		return stored{}, pgx.ErrNoRows
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
	read, err := m.config.Pool.Query(ctx, "select "+messageColumns+", "+channelColumns+`, b.cancelled_at is not null
		from messenger_messages m
		join messenger_channels c on c.id = m.channel_id and c.organisation_id = m.organisation_id and c.moved_to is null
		left join messenger_broadcasts b on b.id = m.broadcast_id
		where m.id = any($1::text[]::uuid[])`, idsOf(ids))
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(read, pgx.RowToStructByPos[struct {
		rows.Message
		rows.Channel
		Cancelled bool
	}])
	if err != nil {
		return err
	}
	byID := make(map[uuid.UUID]*stored, len(found))
	for i := range found {
		byID[found[i].Message.ID] = &stored{found[i].Message, found[i].Channel, found[i].Cancelled}
	}
	for _, r := range list {
		r.read = byID[r.id]
	}
	return nil
}

// shortWait bounds each wait of a transaction for a lock: what many wait for together. The rest of a job has time within the lease to
// wait for its own message.
const shortWait = "select set_config('lock_timeout', '1s', true)"

// lane is where workers' claims and outcomes are written together. Broadcasts have one of their own: what a person sends to one client
// waits for no batch of theirs.
type lane struct {
	claims   *batch.Batches[*claiming]
	outcomes *batch.Batches[*outcome]
}

func (m *Messenger) newLane() *lane {
	return &lane{claims: &batch.Batches[*claiming]{Do: m.claimAll}, outcomes: &batch.Batches[*outcome]{Do: m.writeAll}}
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
	taken   bool
	first   time.Time
	unclear *time.Time
}

// claimAll gives messages to attempts. The lease goes by the database's clock: workers' may differ. Taken to be looked up, it is not an
// attempt yet: unclear_at stays the time of the one that is asked about. Statements of one batch without BEGIN are one transaction.
func (m *Messenger) claimAll(ctx context.Context, list []*claiming, alone bool) error {
	ctx, cancel := context.WithTimeout(ctx, txTimeout)
	defer cancel()
	batch := &pgx.Batch{}
	if !alone {
		batch.Queue(shortWait)
	}
	for _, c := range inLockOrder(list, func(c *claiming) rows.Message { return c.message }) {
		batch.Queue(`update messenger_messages set delivery_status = 'sending', attempt_id = $2,
				attempts = attempts + (delivery_status <> 'sending')::int,
				unclear_at = case when delivery_status = 'sending' then attempt_at else unclear_at end,
				attempt_at = case when delivery_status = 'sending' then attempt_at else now() end, attempt_until = now() + make_interval(secs => $3), first_tried_at = coalesce(first_tried_at, now())
			where id = $1 and delivery_status = $4 and attempt_id is not distinct from $5 and coalesce(attempt_until <= now(), true)
			returning first_tried_at, unclear_at`, c.message.ID, c.attempt, lease.Seconds(), c.message.DeliveryStatus, c.message.AttemptID).
			QueryRow(func(row pgx.Row) error {
				err := row.Scan(&c.first, &c.unclear)
				c.taken = err == nil
				if errors.Is(err, pgx.ErrNoRows) {
					return nil
				}
				return err
			})
	}
	return m.onConn(ctx, func(ctx context.Context, conn *pgxpool.Conn) error { return conn.SendBatch(ctx, batch).Close() })
}

// outcome is what came of one message's job: a statement that writes it, and the jobs that follow from what it returned. A statement that
// returns nothing found the message not to be the job's any more: whoever took over, or a callback, wrote the truth.
type outcome struct {
	message rows.Message
	counted bool // it may change the counter that the broadcast's progress is read from
	sql     string
	args    []any
	then    func(row pgx.Row) ([]jobs.Order, error)
}

// write writes an outcome, though the job's own time may be over.
func (m *Messenger) write(ctx context.Context, o outcome) error {
	return m.lane(o.message).outcomes.Call(ctx, &o)
}

func (m *Messenger) writeAll(ctx context.Context, list []*outcome, alone bool) error {
	var orders []jobs.Order
	openings := make([]opening, 0, len(list)+1)
	if !alone {
		openings = append(openings, opening{sql: shortWait, read: func(pgx.Rows) error { return nil }})
	}
	list = inLockOrder(list, func(o *outcome) rows.Message { return o.message })
	slices.SortStableFunc(list, countedLast)
	for _, o := range list {
		openings = append(openings, opening{o.sql, o.args, func(rows pgx.Rows) error {
			_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
				due, err := o.then(row)
				orders = append(orders, due...)
				return struct{}{}, err
			})
			return err
		}})
	}
	return m.inTxAfter(ctx, openings, func(ctx context.Context, t tx) error { return t.jobs.InsertAll(ctx, t.Tx, orders...) })
}

// countedLast has what changes no counter wait for its message before a counter is held: who writes that a delivery failed after all holds
// the message, which may be being filed, and wants the counter. One that is being sent is, within its lease, held by nobody who wants one.
func countedLast(a, b *outcome) int {
	switch {
	case a.counted == b.counted:
		return 0
	case b.counted:
		return -1
	default:
		return 1
	}
}

// inLockOrder sorts by broadcast, by the counter that progress is read from, and by message: all that a change of a message locks.
// Two batches of two processes wait for one another, and never for ever.
func inLockOrder[T any](list []T, message func(T) rows.Message) []T {
	list = slices.Clone(list)
	slices.SortFunc(list, func(x, y T) int {
		a, b := message(x), message(y)
		broadcastA, broadcastB := value(a.BroadcastID), value(b.BroadcastID)
		return cmp.Or(bytes.Compare(broadcastA[:], broadcastB[:]), cmp.Compare(a.ID[15]&15, b.ID[15]&15), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return list
}
