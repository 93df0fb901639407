package messenger

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

const (
	fanOutBatch = 1000
	// fanOutText is how many bytes of text a batch carries, names aside, unless that were fewer recipients than fanOutLeast. Measured with
	// 50,000 characters of distinct words: 40 recipients took 0.7 s, and 1,000 took 12 s, longer than a transaction may.
	fanOutText  = 2_000_000
	fanOutLeast = 10
	// fanOutShift is how long one run of the job goes on: the rest is another run's, so that no job's time runs out.
	fanOutShift = 10 * time.Second
	// ownShard counts what no message says. The fan-out comes to it holding the inbox's counters, and a failed delivery comes to
	// those holding the shard of its message, one of the first sixteen: on one row the two would wait for one another.
	ownShard = 16
)

// broadcastRow is a broadcast as its fan-out needs it.
type broadcastRow struct {
	ID           uuid.UUID
	Organisation adapters.OrganisationID
	Staff        adapters.StaffID
	StaffName    string
	BroadcastParams
	Total, FannedOut int
	Cancelled        bool
	CancelledBy      adapters.Author
}

func readBroadcastRow(ctx context.Context, q querier, id uuid.UUID, lock string) (broadcastRow, error) {
	b := broadcastRow{ID: id}
	var after *time.Time
	err := q.QueryRow(ctx, `select organisation_id, staff_id, staff_name, medium, subject, body, reply_link, then_status, send_after, total,
			fanned_out, cancelled_at is not null, cancelled_by_id, cancelled_by_name from messenger_broadcasts where id = $1`+lock, id).
		Scan(&b.Organisation, &b.Staff, &b.StaffName, &b.Medium, &b.Subject, &b.Body, &b.ReplyLink, &b.Then, &after, &b.Total, &b.FannedOut, &b.Cancelled,
			&b.CancelledBy.ID, &b.CancelledBy.Name)
	b.CancelledBy.Kind = "staff"
	b.SendAfter = value(after).UTC()
	return b, err
}

// errOvertaken says that another run made a batch first, or that nobody wants it any more.
var errOvertaken = errors.New("the broadcast has changed")

// FanOut is a job: it makes a broadcast's messages, batch by batch. Each batch is one transaction that also writes how far it
// came, so that a run killed at any point is gone on with, and two runs at once make nothing twice. Of a cancelled broadcast it
// cancels what has not gone out.
func (m worker) FanOut(ctx context.Context, id uuid.UUID, _ int) error {
	var cancelled uuid.UUID // up to this one
	for until := m.now().Add(fanOutShift); ; {
		b, err := readBroadcastRow(ctx, m.config.Pool, id, "")
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		more := b.FannedOut < b.Total
		if b.Cancelled {
			cancelled, err = m.cancelBatch(ctx, b, cancelled)
			more = cancelled != uuid.Nil
		} else if more {
			err = m.makeMessages(ctx, b, until)
		}
		if err != nil && !errors.Is(err, errOvertaken) {
			return err
		}
		owner := rows.Channel{OrganisationID: b.Organisation, StaffID: b.Staff}
		if !more {
			m.changes.fannedOut(owner, id)
			return nil
		}
		m.changes.progress(owner, id)
		if m.now().After(until) {
			return jobs.After(0)
		}
	}
}

// recipientBatch is the next of a broadcast's recipients and what they get.
type recipientBatch struct {
	from, size   int
	organisation adapters.Organisation
	made         []made
	columns      columns
	why          map[int32]Why // of those who get nothing
}

// batchSize is how many recipients a batch takes: few of a long text, so that its transaction stays short.
func (b broadcastRow) batchSize() int {
	return min(max(fanOutText/(len(b.Subject)+len(b.Body)), fanOutLeast), fanOutBatch)
}

// made is one message of a batch.
type made struct {
	client        adapters.Client
	subject, body string
}

// makeMessages makes batches until all are made or the shift is over. One is prepared while the one before is written. While single
// messages are about it rests in between.
func (m *Messenger) makeMessages(ctx context.Context, b broadcastRow, until time.Time) error {
	written := make(chan error, 1)
	written <- nil
	began := m.now()
	for from := b.FannedOut; from < b.Total; from += b.batchSize() {
		next, err := m.prepareBatch(ctx, b, from)
		if err := errors.Join(<-written, err); err != nil {
			return err
		}
		if !pause(ctx, m.pace.rest(m.now(), m.now().Sub(began))) {
			return ctx.Err()
		}
		began = m.now()
		go func() { written <- m.writeBatch(ctx, b, next) }()
		if m.now().After(until) {
			break
		}
	}
	return <-written
}

func (m *Messenger) prepareBatch(ctx context.Context, b broadcastRow, from int) (recipientBatch, error) {
	next := recipientBatch{from: from, why: map[int32]Why{}}
	var err error
	if next.organisation, err = m.organisation(ctx, b.Organisation); err != nil {
		return next, err
	}
	rows, err := m.config.Pool.Query(ctx, `select n, client_id, coalesce(why, '') from messenger_broadcast_recipients
		where broadcast_id = $1 and n >= $2 and n < $3 order by n`, b.ID, from, from+b.batchSize())
	if err != nil {
		return next, err
	}
	var numbers []int32
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r recipient, err error) {
		var n int32
		err = row.Scan(&n, &r.id, &r.why)
		numbers = append(numbers, n)
		return r, err
	})
	if err != nil {
		return next, err
	}
	next.size = len(list)
	hidden := map[adapters.ClientID]bool{}
	for _, r := range list {
		hidden[r.id] = r.why != ""
	}
	if err := m.lookUpRecipients(ctx, b.Organisation, b.Medium, list); err != nil {
		return next, err
	}
	for i, r := range list {
		if hidden[r.id] {
			r.why = WhyNotFound
		}
		subject, body, err := b.fill(r.client, b.StaffName, next.organisation)
		if r.why == "" && (err != nil || !sendable(b.Medium, subject, body)) {
			r.why = WhyInvalid
		}
		if r.why != "" {
			next.why[numbers[i]] = r.why
			continue
		}
		next.made = append(next.made, made{r.client, subject, body})
	}
	// always in the same order, so that two broadcasts to the same clients wait for one another and never for ever
	slices.SortFunc(next.made, func(a, b made) int { return strings.Compare(string(a.client.ID), string(b.client.ID)) })
	next.columns = m.columns(b.Medium, next.made)
	return next, nil
}

// columns are a batch's messages as unnest takes them: ids are texts, which every mode of pgx can send.
type columns struct {
	clients, names, folded, keys, subjects, bodies, words, addresses []string
	channels, created, messages, sent                                []string // ids, of the channel should it be new and of the history's two lines
	nonces, lookups                                                  [][]byte
}

func (m *Messenger) columns(medium adapters.Medium, list []made) (c columns) {
	for _, one := range list {
		l := m.links.New()
		c.clients, c.names, c.folded = append(c.clients, string(one.client.ID)), append(c.names, one.client.Name), append(c.folded, search.Fold(one.client.Name))
		c.keys, c.nonces, c.lookups = append(c.keys, l.KeyID), append(c.nonces, l.Nonce), append(c.lookups, l.Lookup)
		c.channels, c.messages = append(c.channels, newID().String()), append(c.messages, newID().String())
		c.created, c.sent = append(c.created, newID().String()), append(c.sent, newID().String())
		c.subjects, c.bodies = append(c.subjects, one.subject), append(c.bodies, one.body)
		c.words = append(c.words, strings.Join(search.Words(one.subject+"\n"+one.body), " "))
		c.addresses = append(c.addresses, address(one.client, medium))
	}
	return c
}

func (m *Messenger) writeBatch(ctx context.Context, b broadcastRow, next recipientBatch) error {
	err := m.inTx(ctx, func(ctx context.Context, t tx) error {
		now, err := readBroadcastRow(ctx, t, b.ID, " for no key update")
		if err != nil {
			return err
		}
		if now.Cancelled || now.FannedOut != next.from {
			return errOvertaken
		}
		return m.insertBatch(ctx, t, b, next)
	})
	if err == nil {
		m.changes.progress(rows.Channel{OrganisationID: b.Organisation, StaffID: b.Staff}, b.ID)
	}
	return err
}

func (m *Messenger) insertBatch(ctx context.Context, t tx, b broadcastRow, next recipientBatch) error {
	if len(next.made) > 0 {
		if err := m.insertMessages(ctx, t, b, next); err != nil {
			return err
		}
	}
	if len(next.why) > 0 {
		numbers, reasons := []int32{}, []string{}
		for n, reason := range next.why {
			numbers, reasons = append(numbers, n), append(reasons, string(reason))
		}
		_, err := t.Exec(ctx, `update messenger_broadcast_recipients r set why = w.why from unnest($2::int[], $3::text[]) w (n, why)
			where r.broadcast_id = $1 and r.n = w.n and r.n >= $4 and r.n < $5`, b.ID, numbers, reasons, next.from, next.from+next.size)
		if err != nil {
			return err
		}
	}
	_, err := t.Exec(ctx, `with further as (update messenger_broadcasts set fanned_out = fanned_out + $2 where id = $1)
		insert into messenger_broadcast_counts as c (broadcast_id, shard, skipped) values ($1, $4, $3)
		on conflict (broadcast_id, shard) do update set skipped = c.skipped + excluded.skipped`, b.ID, next.size, len(next.why), ownShard)
	if err != nil {
		return err
	}
	list := make([]jobs.Args, len(next.columns.messages))
	for i, id := range next.columns.messages {
		list[i] = jobs.Deliver{Message: uuid.MustParse(id)}
	}
	// Not in the order of the rows: those of one page change one after the other then and not together, so that what one leaves behind
	// is room for the next, and the indexes stay as they are (PostgreSQL's heap-only tuples).
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] }) //nolint:gosec // spreads load, guards nothing
	return t.jobs.InsertBulk(ctx, t.Tx, b.SendAfter, list...)
}

// insertMessages makes the messages of a batch in one statement, each with its place in a channel, that is made when it is missing, and the
// history of both.
func (m *Messenger) insertMessages(ctx context.Context, t tx, b broadcastRow, next recipientBatch) error {
	c, n := next.columns, m.newChannel(t.now, next.organisation.RepliesOff)
	status, record := DeliveryQueued, RecordNotRequired
	var after *time.Time
	if b.SendAfter.After(t.now) {
		status, after = DeliveryScheduled, &b.SendAfter
	}
	if m.config.Record != nil && !next.organisation.OutboundNotFiled {
		record = RecordPending
	}
	_, err := t.Exec(ctx, `with w as (
			select * from unnest($8::text[], $9::text[], $10::text[], $11::text[]::uuid[], $12::bytea[], $13::text[], $14::bytea[], $15::text[]::uuid[], $16::text[]::uuid[],
				$17::text[]::uuid[], $18::text[], $19::text[], $20::text[], $21::text[])
				w (client, name, folded, channel, nonce, key, lookup, created, message, sent, subject, body, words, address)
		), channels as (
			insert into messenger_channels as c (id, organisation_id, staff_id, staff_name, client_id, client_name, client_name_folded, status,
				last_seq, last_at, done_seq, replies_off_why, replies_off_at, link_nonce, link_key_id, link_lookup, created_at, updated_at,
				last_message_id, last_direction, last_medium, last_preview, last_created_at)
			select channel, $1, $2, $3, client, name, folded, $4, 1, $5, ($4 = 'done')::int, $6, $7, nonce, key, lookup, $5, $5,
				message, 'outbound', $22, left(body, 140), $5 from w
			on conflict (organisation_id, staff_id, client_id) where moved_to is null do update
				set last_seq = c.last_seq + 1, last_at = greatest(c.last_at, $5), updated_at = $5, `+newLast+`
			returning c.id, c.client_id, c.last_seq
		), placed as (
			select w.*, c.id, c.last_seq from w join channels c on c.client_id = w.client
		), messages as (
			insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, subject, body, words,
				author_kind, author_id, author_name, created_at, send_after, reply_link, to_address, delivery_status, record_status,
				online_viewing, broadcast_id)
			select message, $1, $2, id, last_seq, 'outbound', $22, subject, body, array_to_tsvector(string_to_array(words, ' ')), 'staff', $2, $3, $5, $23, $24, address, $25, $26, $27, $28
			from placed
		)
		insert into messenger_history (id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name, action, message_id)
		select created, $1, id, $5, 'staff', $2, $3, 'created', null from placed where id = channel -- the new ones alone have their proposed id
		union all select sent, $1, id, $5, 'staff', $2, $3, 'sent', message from placed`,
		b.Organisation, b.Staff, b.StaffName, b.Then, t.now, n.off, n.offAt, c.clients, c.names, c.folded, c.channels, c.nonces, c.keys, c.lookups, c.created, c.messages, c.sent,
		c.subjects, c.bodies, c.words, c.addresses, b.Medium, after, b.ReplyLink, status, record, record == RecordPending && !next.organisation.OutboundHidden, b.ID)
	return err
}
