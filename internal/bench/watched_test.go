package bench

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// colleagues works here and may take over an inbox.
type colleagues struct{}

func (colleagues) Members(
	_ context.Context, _ adapters.OrganisationID, ids ...adapters.StaffID,
) (list []adapters.Member, err error) {
	for _, id := range ids {
		list = append(list, adapters.Member{
			ID: id, Name: "Ben Adeyemi", Organisation: organisation, Media: []adapters.Medium{adapters.Email, adapters.SMS},
		})
	}
	return list, nil
}

func (colleagues) WhoMayAct(context.Context, adapters.OrganisationID, adapters.StaffID) ([]adapters.Member, error) {
	return nil, nil
}

func (colleagues) Managers(context.Context, adapters.OrganisationID) ([]adapters.Member, error) {
	return nil, nil
}

// benchOverdue runs the job that tells of overdue replies where nothing is due: of every channel that is unread the
// last reply is, half of them told already, half come just now. The limit is the one statement that it asks.
func (w *world) benchOverdue(b *testing.B) figure {
	b.Helper()
	const replies = `from messenger_channels c where m.channel_id = c.id and m.seq = c.last_reply_seq
		and c.status = 'unread' and c.last_reply_seq > 0`
	w.exec(b, `update messenger_messages m set read_at = null,
		overdue_told = case when c.last_seq % 2 = 0 then 2 else 0 end,
		overdue_at = case when c.last_seq % 2 = 0 then m.created_at end,
		created_at = case when c.last_seq % 2 = 0 then m.created_at else now() end `+replies)
	defer w.exec(b, "vacuum messenger_messages")
	defer w.exec(b, `update messenger_messages m set read_at = m.sent_at, created_at = m.sent_at,
		overdue_told = 0, overdue_at = null `+replies)
	w.exec(b, "vacuum analyze messenger_messages") //nolint:misspell // SQL
	var unread int
	require.NoError(b, w.pool.QueryRow(b.Context(), `select count(*) from messenger_messages
		where direction = 'inbound' and read_at is null`).Scan(&unread))
	require.Positive(b, unread)
	seen := w.watch(b, func(m *messenger.Messenger) { require.NoError(b, m.Jobs().TellOverdue(b.Context(), 1)) })
	f := w.beside(b, "own SQL, pgbench", func() sample {
		return hammer(b, 1, func(int) error { return w.Jobs().TellOverdue(b.Context(), 1) })
	}, func() sample { return w.bare(b, 1, w.script(b, "", seen, nil)) })
	var told int
	require.NoError(b, w.pool.QueryRow(b.Context(), `select count(*) from messenger_history
		where action = 'overdue'`).Scan(&told))
	require.Zero(b, told, "nothing was due")
	f.Note = fmt.Sprintf("%d channels, %d unread replies; aim: under 50 ms", w.data.channels, unread)
	return f
}

// handedOver is how many channels the inbox has that is handed over: 10,000, and no more than all others together, so
// that a small run ends in its time. Each goes over in a transaction of its own, and all do before the end.
func (w *world) handedOver() int { return min(10_000, w.data.channels) }

// fillInbox gives somebody that inbox, with ten messages in each channel.
func (w *world) fillInbox(b *testing.B, owner adapters.StaffID) {
	b.Helper()
	w.exec(b, `insert into messenger_channels (id, organisation_id, staff_id, staff_name, client_id, client_name,
			client_name_folded, status, last_seq, last_at, link_nonce, link_key_id, link_lookup, created_at, updated_at)
		select gen_random_uuid(), 'north', $1, 'Amira Shah', 'c' || $2::int + n, 'Client', 'client', 'open', 10, now(),
			'', 'k1', decode(md5($1 || n), 'hex'), now(), now()
		from generate_series(1, $3::int) n`, owner, 2*w.data.channels, w.handedOver())
	w.exec(b, `insert into messenger_messages (id, organisation_id, staff_id, channel_id, seq, direction, medium, subject,
			body, words, author_kind, author_id, author_name, created_at, reply_link, to_address, delivery_status,
			record_status, sent_at)
		select gen_random_uuid(), 'north', $1, c.id, s, 'outbound', 'email', 'Hello', t.body, t.words, 'staff', $1,
			'Amira Shah', now(), true, c.client_id || '@example.org', 'sent', 'saved', now()
		from (select id, client_id, row_number() over () as n from messenger_channels where staff_id = $1) c
		cross join generate_series(1, 10) s
		join (select body, words, row_number() over () as n from (
			select body, words from messenger_messages limit 1000) few) t on t.n = 1 + (c.n * 7 + s) % 1000`, owner)
	w.exec(b, "vacuum analyze messenger_channels, messenger_messages") //nolint:misspell // SQL
}

// handover is the handing over of an inbox to and fro, in runs of which each is killed.
type handover struct {
	*messenger.Messenger
	channels int
	from, to adapters.StaffID
	id       uuid.UUID
	moved    int // in handovers that are done
	counted  int // in runs
	runs     int
	took     time.Duration
}

// begin has the inbox go to the other one.
func (h *handover) begin(b *testing.B) {
	b.Helper()
	begun, err := h.HandoverInbox(as(b.Context(), h.from), h.from, messenger.HandoverParams{To: h.to})
	require.NoError(b, err)
	require.Equal(b, h.channels, begun.Total)
	h.id = begun.ID
}

// end hands over what is left.
func (h *handover) end(b *testing.B) (left int) {
	b.Helper()
	left = h.channels - h.state(b).Moved
	for h.Jobs().HandOver(b.Context(), h.id, 1) != nil { // an error says that its shift is over
		require.NoError(b, b.Context().Err())
	}
	return left
}

func (h *handover) state(b *testing.B) messenger.InboxHandover {
	b.Helper()
	state, err := h.InboxHandover(as(b.Context(), h.from), h.from)
	require.NoError(b, err)
	return state
}

// run hands over until it is killed, and back again where all was handed over.
func (h *handover) run(b *testing.B) (kill func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan struct{})
	before, began := h.moved+h.state(b).Moved, time.Now()
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			if h.Jobs().HandOver(ctx, h.id, 1) != nil {
				continue
			}
			h.moved += h.channels
			h.from, h.to = h.to, h.from
			begun, err := h.HandoverInbox(as(ctx, h.from), h.from, messenger.HandoverParams{To: h.to})
			if err != nil {
				return
			}
			h.id = begun.ID
		}
	}()
	return func() {
		cancel()
		<-ended
		h.runs++
		h.took += time.Since(began)
		moved := h.moved + h.state(b).Moved - before
		require.Positive(b, moved, "nothing was handed over")
		h.counted += moved
	}
}

// whileHandingOver measures while an inbox is handed over, in runs that are killed, and beside that
// the same without. Afterwards it is handed over to its end, and all of it has gone.
func (w *world) whileHandingOver(b *testing.B, measure func() sample) figure {
	b.Helper()
	leaver := staffID(len(w.data.inboxes) + 1) // who has no other channel, and sends no broadcast
	h := &handover{
		channels: w.handedOver(), from: leaver, to: leaver + "-taker",
		Messenger: w.messengerWith(b, w.connect(b, nil), func(c *messenger.Config) { c.Colleagues = colleagues{} }),
	}
	defer w.forgetInbox(b, h.to)
	defer w.forgetInbox(b, h.from)
	w.fillInbox(b, h.from)
	h.begin(b)
	f := w.beside(b, "no handover", func() sample {
		kill := h.run(b)
		defer kill()
		return measure()
	}, measure)
	began := time.Now()
	left := h.end(b)
	alone := float64(left) / time.Since(began).Seconds()
	state := h.state(b)
	require.True(b, state.Done)
	require.Equal(b, h.channels, state.Moved, "refused: %v", state.Refused)
	var channels, messages int
	require.NoError(b, w.pool.QueryRow(b.Context(), `select count(distinct c.id), count(m.id) from messenger_channels c
		join messenger_messages m on m.channel_id = c.id and m.staff_id = c.staff_id
		where c.staff_id = $1`, h.to).Scan(&channels, &messages))
	require.Equal(b, []int{h.channels, 10 * h.channels}, []int{channels, messages})
	f.Note = fmt.Sprintf("meanwhile %.0f channels a second went over, in %d runs that were killed; the %d left: %.0f",
		float64(h.counted)/h.took.Seconds(), h.runs, left, alone)
	return f
}

// benchSendWhileHandingOver is eight senders.
func (w *world) benchSendWhileHandingOver(b *testing.B) figure {
	b.Helper()
	owners, writers := w.owners(), newWriters(eight)
	return w.whileHandingOver(b, func() sample {
		return hammer(b, eight, func(i int) error {
			_, _, err := w.send(b.Context(), w.Messenger, owners, writers[i])
			return err
		})
	})
}

// benchFanOutWhileHandingOver makes a broadcast's messages.
func (w *world) benchFanOutWhileHandingOver(b *testing.B) figure {
	b.Helper()
	return w.whileHandingOver(b, func() sample { return w.fanOut(b) })
}
