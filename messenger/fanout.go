package messenger

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
)

const (
	fanOutBatch = 500
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

// FanOut is a job: it makes a broadcast's messages, batch by batch. Each batch is one transaction that also writes how far it
// came, so that a run killed at any point is gone on with, and two runs at once make nothing twice. Of a cancelled broadcast it
// cancels what has not gone out.
func (m *Messenger) FanOut(ctx context.Context, id uuid.UUID, _ int) error {
	for until := m.now().Add(fanOutShift); ; {
		b, err := readBroadcastRow(ctx, m.Pool, id, "")
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		more := b.FannedOut < b.Total
		if b.Cancelled {
			more, err = m.cancelBatch(ctx, b)
		} else if more {
			err = m.fanOutOne(ctx, b)
		}
		if err != nil {
			return err
		}
		m.changes.progress(channelRow{OrganisationID: b.Organisation, StaffID: b.Staff}, id)
		if !more {
			return nil
		}
		if m.now().After(until) {
			return jobs.After(0)
		}
	}
}

// made is one message of a batch.
type made struct {
	n             int32
	client        adapters.Client
	subject, body string
	message       uuid.UUID
	channel       uuid.UUID
}

func (m *Messenger) fanOutOne(ctx context.Context, b broadcastRow) error {
	organisation, err := m.organisation(ctx, b.Organisation)
	if err != nil {
		return err
	}
	rows, err := m.Pool.Query(ctx, `select n, client_id, coalesce(why, '') from messenger_broadcast_recipients
		where broadcast_id = $1 and n >= $2 order by n limit $3`, b.ID, b.FannedOut, fanOutBatch)
	if err != nil {
		return err
	}
	var numbers []int32
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r recipient, err error) {
		var n int32
		err = row.Scan(&n, &r.id, &r.why)
		numbers = append(numbers, n)
		return r, err
	})
	if err != nil {
		return err
	}
	hidden := map[adapters.ClientID]bool{}
	for _, r := range list {
		hidden[r.id] = r.why != ""
	}
	if err := m.lookUpRecipients(ctx, b.Organisation, b.Medium, list); err != nil {
		return err
	}
	var messages []made
	why := map[int32]string{}
	for i, r := range list {
		if hidden[r.id] {
			r.why = "not_found"
		}
		subject, body, err := b.fill(r.client, b.StaffName, organisation)
		if r.why == "" && (err != nil || checkText(b.Medium, subject, body) != nil) {
			r.why = string(CodeInvalid) // too long once the name was filled in
		}
		if r.why != "" {
			why[numbers[i]] = r.why
			continue
		}
		messages = append(messages, made{n: numbers[i], client: r.client, subject: subject, body: body, message: newID()})
	}
	return m.inTx(ctx, func(ctx context.Context, t tx) error {
		now, err := readBroadcastRow(ctx, t, b.ID, " for no key update")
		if err != nil || now.Cancelled || now.FannedOut != b.FannedOut {
			return err // another run made this batch, or nobody wants it any more
		}
		return m.insertBatch(ctx, t, b, organisation, messages, why, len(list))
	})
}

func (m *Messenger) insertBatch(ctx context.Context, t tx, b broadcastRow, organisation adapters.Organisation, messages []made, why map[int32]string, size int) error {
	// always in the same order, so that two broadcasts to the same clients wait for one another and never for ever
	slices.SortFunc(messages, func(a, b made) int { return strings.Compare(string(a.client.ID), string(b.client.ID)) })
	if len(messages) > 0 {
		if err := m.insertBatchChannels(ctx, t, b, organisation, messages); err != nil {
			return err
		}
		if err := m.insertBatchMessages(ctx, t, b, organisation, messages); err != nil {
			return err
		}
	}
	numbers, reasons := []int32{}, []string{}
	for n, reason := range why {
		numbers, reasons = append(numbers, n), append(reasons, reason)
	}
	_, err := t.Exec(ctx, `update messenger_broadcast_recipients r set why = w.why from unnest($2::int[], $3::text[]) w (n, why)
		where r.broadcast_id = $1 and r.n = w.n`, b.ID, numbers, reasons)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, `with further as (update messenger_broadcasts set fanned_out = fanned_out + $2 where id = $1)
		insert into messenger_broadcast_counts as c (broadcast_id, shard, skipped) values ($1, $4, $3)
		on conflict (broadcast_id, shard) do update set skipped = c.skipped + excluded.skipped`, b.ID, size, len(why), ownShard)
	if err != nil {
		return err
	}
	list := make([]jobs.Args, len(messages))
	for i, message := range messages {
		list[i] = jobs.Deliver{Message: message.message}
	}
	return t.jobs.InsertBulk(ctx, t.Tx, b.SendAfter, list...)
}

// insertBatchChannels gives every message a channel and a place in it, and logs those it made.
func (m *Messenger) insertBatchChannels(ctx context.Context, t tx, b broadcastRow, organisation adapters.Organisation, messages []made) error {
	var ids, created, clients, names, folded, keys []string
	var nonces, lookups [][]byte
	n := m.newChannel(t.now, organisation.RepliesOff)
	for range messages {
		created = append(created, newID().String())
	}
	for _, message := range messages {
		l := newLink(m.LinkKeys)
		ids, clients, names = append(ids, newID().String()), append(clients, string(message.client.ID)), append(names, message.client.Name)
		folded, keys = append(folded, fold(message.client.Name)), append(keys, l.keyID)
		nonces, lookups = append(nonces, l.nonce), append(lookups, l.lookup)
	}
	rows, err := t.Query(ctx, `with made as (
			insert into messenger_channels as c (id, organisation_id, staff_id, staff_name, client_id, client_name, client_name_folded, status,
				last_seq, last_at, done_seq, replies_off_why, replies_off_at, link_nonce, link_key_id, link_lookup, created_at, updated_at)
			select w.id, $1, $2, $3, w.client, w.name, w.folded, $4, 1, $5, ($4 = 'done')::int, $6, $7, w.nonce, w.key, w.lookup, $5, $5
			from unnest($8::text[]::uuid[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::text[], $14::bytea[])
				w (id, client, name, folded, nonce, key, lookup)
			on conflict (organisation_id, staff_id, client_id) where moved_to is null do update
				set last_seq = c.last_seq + 1, last_at = greatest(c.last_at, $5), updated_at = $5
			returning c.id, c.client_id
		), history as (
			insert into messenger_history (id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name, action)
			select h.id, $1, made.id, $5, 'staff', $2, $3, 'created' from made
			join unnest($15::text[]::uuid[], $8::text[]::uuid[]) h (id, channel) on h.channel = made.id -- the new ones alone have their proposed id
		)
		select id, client_id from made`,
		b.Organisation, b.Staff, b.StaffName, b.Then, t.now, n.off, n.offAt, ids, clients, names, folded, nonces, keys, lookups, created)
	if err != nil {
		return err
	}
	channels := map[adapters.ClientID]uuid.UUID{}
	var channel uuid.UUID
	var client adapters.ClientID
	_, err = pgx.ForEachRow(rows, []any{&channel, &client}, func() error {
		channels[client] = channel
		return nil
	})
	for i := range messages {
		messages[i].channel = channels[messages[i].client.ID]
	}
	return err
}

func (m *Messenger) insertBatchMessages(ctx context.Context, t tx, b broadcastRow, organisation adapters.Organisation, messages []made) error {
	var ids, channels, history, subjects, bodies, vectors, addresses []string
	for _, message := range messages {
		ids, channels = append(ids, message.message.String()), append(channels, message.channel.String())
		history = append(history, newID().String())
		subjects, bodies = append(subjects, message.subject), append(bodies, message.body)
		vectors = append(vectors, vector(message.subject+"\n"+message.body))
		addresses = append(addresses, address(message.client, b.Medium))
	}
	status, record := DeliveryQueued, RecordNotRequired
	var after *time.Time
	if b.SendAfter.After(t.now) {
		status, after = DeliveryScheduled, &b.SendAfter
	}
	if m.Record != nil && !organisation.OutboundNotFiled {
		record = RecordPending
	}
	_, err := t.Exec(ctx, `with made as (
			insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, subject, body, words,
				author_kind, author_id, author_name, created_at, send_after, reply_link, to_address, delivery_status, record_status,
				online_viewing, broadcast_id)
			select w.id, $1, $2, c.id, c.last_seq, 'outbound', $3, w.subject, w.body, w.words::tsvector, 'staff', $2, $4, $5, $6, $7,
				w.address, $8, $9, $10, $11
			from unnest($12::text[]::uuid[], $13::text[]::uuid[], $14::text[], $15::text[], $16::text[], $17::text[]) w (id, channel, subject, body, words, address)
			join messenger_channels c on c.id = w.channel
		), history as (
			insert into messenger_history (id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name, action, message_id)
			select w.id, $1, w.channel, $5, 'staff', $2, $4, 'sent', w.message
			from unnest($18::text[]::uuid[], $13::text[]::uuid[], $12::text[]::uuid[]) w (id, channel, message)
		)
		update messenger_broadcast_recipients r set message_id = w.message from unnest($19::int[], $12::text[]::uuid[]) w (n, message)
		where r.broadcast_id = $11 and r.n = w.n`,
		b.Organisation, b.Staff, b.Medium, b.StaffName, t.now, after, b.ReplyLink, status, record,
		record == RecordPending && !organisation.OutboundHidden, b.ID, ids, channels, subjects, bodies, vectors, addresses, history, places(messages))
	return err
}

func places(messages []made) []int32 {
	list := make([]int32, len(messages))
	for i, message := range messages {
		list[i] = message.n
	}
	return list
}

// vector is the words of a text as a tsvector's own text. They are letters and digits: nothing in them needs escaping.
func vector(text string) string {
	var b strings.Builder
	for _, word := range words(text) {
		b.WriteString("'" + word + "' ")
	}
	return b.String()
}

// cancelledFor is the owner where a colleague cancelled.
func (b broadcastRow) cancelledFor() adapters.StaffID {
	if b.CancelledBy.ID == string(b.Staff) {
		return ""
	}
	return b.Staff
}

// cancelBatch cancels some of a cancelled broadcast's messages, and says whether there may be more. One that a worker holds is passed over:
// the worker sees to it. What a person has tried again since is theirs to cancel. Batches follow one another: each takes many of the
// counters that progress is read from, in no order.
func (m *Messenger) cancelBatch(ctx context.Context, b broadcastRow) (more bool, err error) {
	changed := map[uuid.UUID][]uuid.UUID{}
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		if _, err := readBroadcastRow(ctx, t, b.ID, " for no key update"); err != nil {
			return err
		}
		rows, err := t.Query(ctx, cancelMessages+` and id in (select id from messenger_messages where broadcast_id = $1 and sends = 1
			and delivery_status in ('scheduled', 'queued') and unclear_at is null and sent_at is null limit $2 for update skip locked)
			returning channel_id, id`, b.ID, fanOutBatch)
		if err != nil {
			return err
		}
		var channel, message uuid.UUID
		var channels, messages, entries []uuid.UUID
		_, err = pgx.ForEachRow(rows, []any{&channel, &message}, func() error {
			changed[channel] = append(changed[channel], message)
			channels, messages, entries = append(channels, channel), append(messages, message), append(entries, newID())
			return nil
		})
		if err != nil {
			return err
		}
		more = len(messages) == fanOutBatch
		_, err = t.Exec(ctx, `insert into messenger_history (id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name,
				on_behalf_of, action, message_id)
			select w.id, $1, w.channel, $2, $3, $4, $5, $6, 'cancelled', w.message
			from unnest($7::text[]::uuid[], $8::text[]::uuid[], $9::text[]::uuid[]) w (id, channel, message)`, b.Organisation, t.now,
			b.CancelledBy.Kind, b.CancelledBy.ID, b.CancelledBy.Name, b.cancelledFor(), idsOf(entries), idsOf(channels), idsOf(messages))
		return err
	})
	if err != nil {
		return false, err
	}
	for channel, messages := range changed {
		m.changes.add(channelRow{ID: channel, OrganisationID: b.Organisation, StaffID: b.Staff}, messages...)
	}
	return more, nil
}

// cancelledWithBroadcast cancels a message whose broadcast was cancelled before a worker came to it; not one that a person has
// tried again.
func (m *Messenger) cancelledWithBroadcast(ctx context.Context, d dispatch) (bool, error) {
	if d.Sends > 1 {
		return false, nil
	}
	b, err := readBroadcastRow(ctx, m.Pool, *d.BroadcastID, "")
	if err != nil || !b.Cancelled {
		return false, err
	}
	cancelled := false
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		tag, err := t.Exec(ctx, cancelMessages+" and id = $1", d.ID)
		if err != nil || tag.RowsAffected() == 0 {
			return err // it is being looked up: that goes on
		}
		cancelled = true
		return writeHistory(ctx, t, t.now, logEntry{
			channel: d.channel, actor: b.CancelledBy, onBehalfOf: b.cancelledFor(), action: "cancelled", message: d.ID,
		})
	})
	if err != nil || !cancelled {
		return false, err
	}
	m.changes.add(d.channel, d.ID)
	m.changes.progress(d.channel, *d.BroadcastID)
	return true, nil
}
