package messenger_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func overviewOf(ctx context.Context, t *testing.T, b *bundle) (messenger.Overview, map[adapters.StaffID]messenger.InboxOverview) {
	t.Helper()
	found, err := b.Overview(ctx)
	require.NoError(t, err)
	inboxes := map[adapters.StaffID]messenger.InboxOverview{}
	for _, inbox := range found.Inboxes {
		inboxes[inbox.Staff] = inbox
	}
	return found, inboxes
}

// It is red for each thing that somebody ought to see, and green once that is dealt with; what is scheduled is not red.
func TestOverviewIsGreenOnlyWhenItIsTrue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := as(t, "amira")
	green := func(want bool, why string) map[adapters.StaffID]messenger.InboxOverview {
		found, inboxes := overviewOf(ctx, t, b)
		require.Equal(t, want, found.Safe, why)
		require.EqualValues(t, "amira", found.Inboxes[0].Staff)
		list, counts := b.attention(t, "amira", messenger.AttentionParams{})
		require.Len(t, list, inboxes["amira"].Attention+counts[messenger.AttentionUnmatched], "what counts is listed: %s", why)
		require.Equal(t, len(list) == 0, len(counts) == 0, "and counted by reason: %s", why)
		return inboxes
	}
	green(true, "nothing is there")
	later := email("grace", "Tomorrow")
	later.SendAfter = b.Now(ctx).Add(24 * time.Hour)
	sent := b.send(t, "amira", later)
	require.Equal(t, 1, green(true, "scheduled")["amira"].Scheduled)

	exec(t, b, "update messenger_messages set created_at = now() - interval '1 hour', send_after = now() - interval '9 minutes' where id = $1", sent.Message.ID)
	green(true, "it may be on its way")
	exec(t, b, "update messenger_messages set send_after = now() - interval '11 minutes' where id = $1", sent.Message.ID)
	require.Equal(t, 1, green(false, "it is long due, and no worker sends it")["amira"].Attention)
	exec(t, b, "update messenger_messages set delivery_waiting = 'safe_hours' where id = $1", sent.Message.ID)
	green(true, "it waits for safe hours")
	exec(t, b, "update messenger_messages set delivery_waiting_until = now() - interval '11 minutes' where id = $1", sent.Message.ID)
	require.Equal(t, 1, green(false, "they have come, and no worker sends it")["amira"].Attention)
	for _, status := range []messenger.DeliveryStatus{messenger.DeliveryQueued, messenger.DeliverySending} {
		stands := "update messenger_messages set delivery_status = $2, delivery_waiting = '', send_after = null, created_at = now() - $3::interval where id = $1"
		exec(t, b, stands, sent.Message.ID, status, "9 minutes")
		green(true, "it may be on its way")
		exec(t, b, stands, sent.Message.ID, status, "11 minutes")
		require.Equal(t, 1, green(false, "no worker sends it")["amira"].Attention, status)
	}
	exec(t, b, "update messenger_messages set send_after = now() - interval '1 minute' where id = $1", sent.Message.ID)
	green(true, "it was written long ago, and for now")
	exec(t, b, "update messenger_messages set delivery_status = 'sent' where id = $1", sent.Message.ID)
	first := b.reply(t, sent.Channel, "Hello?")
	second := b.reply(t, sent.Channel, "Are you there?")
	own := green(false, "unread")["amira"]
	require.Equal(t, 1, own.Unread)
	require.WithinDuration(t, first.At, own.OldestUnread, time.Millisecond)
	require.NoError(t, b.Read(ctx, sent.Channel.ID, second.ID, false))
	green(true, "read")

	failed := b.failed(t, email("sian", "Hello"))
	exec(t, b, "update messenger_messages set record_attention = 'record_failed' where id = $1", failed.Message.ID)
	require.Equal(t, 1, green(false, "failed")["amira"].Attention, "a channel, whatever it needs")
	results, err := b.Act(ctx, messenger.ActParams{IDs: []uuid.UUID{failed.Message.ID}, Do: messenger.ActResolve})
	require.NoError(t, err)
	require.Empty(t, results[0].Code)
	green(true, "resolved from there")

	exec(t, b, `insert into messenger_unmatched (id, organisation_id, hook, provider_id, from_number, to_number, body, at, received_at)
		values (gen_random_uuid(), 'north', 'texts', 'x', '+447700900123', '+447700900999', 'It is me', now(), now())`)
	found, _ := overviewOf(ctx, t, b)
	require.Equal(t, found.Unmatched == 0, found.Safe)
	require.Equal(t, 1, found.Unmatched, "amira sorts texts")
}

// A reply that nobody read in time counts as overdue, and its channel as one that needs a person, until it is read.
func TestOverviewCountsWhatIsOverdue(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	reply := b.reply(t, channel, "Please ring me")
	figures := func() [3]int {
		_, inboxes := overviewOf(as(t, "amira"), t, b)
		return [3]int{inboxes["amira"].Unread, inboxes["amira"].Overdue, inboxes["amira"].Attention}
	}
	require.Equal(t, [3]int{1, 0, 0}, figures())
	*now = tuesday().Add(24 * time.Hour)
	b.tellOverdue(t)
	require.Equal(t, [3]int{1, 1, 1}, figures())
	require.NoError(t, b.Read(as(t, "amira"), channel.ID, reply.ID, false))
	require.Equal(t, [3]int{0, 0, 0}, figures())
}

// Somebody away is red until somebody covers who is here; who covers finds that inbox after their own.
func TestOverviewOfWhoIsAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.send(t, "amira", email("grace", "Hello"))
	b.away(t)
	found, inboxes := overviewOf(as(t, "ben"), t, b)
	require.True(t, found.Safe, "covered")
	require.Equal(t, messenger.Away, inboxes["amira"].State)
	require.Equal(t, &messenger.Colleague{Staff: "ben", Name: "Ben Hughes"}, inboxes["amira"].Cover)
	require.EqualValues(t, "amira", found.Inboxes[1].Staff)

	exec(t, b, `insert into messenger_absences (id, organisation_id, staff_id, starts_at, cover_staff_id, cover_name, note)
		values (gen_random_uuid(), 'north', 'ben', now() - interval '1 minute', 'chloe', 'Chloe', '')`)
	found, inboxes = overviewOf(as(t, "ben"), t, b)
	require.False(t, found.Safe, "who covers is away")
	require.Nil(t, inboxes["amira"].Cover)
}

// slowToSay says who may act nowhere before nobody waits for it any more.
type slowToSay struct {
	adapters.Colleagues
	times *atomic.Int64
}

func (s slowToSay) WhoMayAct(
	ctx context.Context, _ adapters.OrganisationID, _ adapters.StaffID,
) ([]adapters.Member, error) {
	s.times.Add(1)
	<-ctx.Done()
	return nil, ctx.Err()
}

// Of many absent inboxes a slow host is asked for as long as somebody waits, whatever it does then. What it has not
// said is red.
func TestOverviewOfASlowHost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	slow := slowToSay{b.staff, &atomic.Int64{}}
	b = b.with(t, func(c *messenger.Config) { c.Colleagues = slow })
	exec(t, b, `insert into messenger_inboxes (organisation_id, staff_id, open) select 'north', 's' || n, 1 from generate_series(1, 300) n`)
	exec(t, b, `insert into messenger_absences (id, organisation_id, staff_id, starts_at, cover_staff_id, cover_name, note)
		select gen_random_uuid(), 'north', 's' || n, now() - interval '1 minute', 'ben', 'Ben Hughes', '' from generate_series(1, 300) n`)
	found, _ := overviewOf(b.manager(t), t, b)
	require.EqualValues(t, 8, slow.times.Load(), "no more once the time was over")
	require.False(t, found.Safe)
	require.Len(t, found.Inboxes, 301)
}

// Who manages has figures of the inboxes that they may not open; others have not.
func TestOverviewOfWhoManages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	b.reply(t, sent.Channel, "Thank you")
	found, inboxes := overviewOf(b.manager(t), t, b)
	require.False(t, found.Safe)
	require.Equal(t, 1, inboxes["amira"].Unread)
	require.Equal(t, "Amira Shah", inboxes["amira"].Name)
	found, inboxes = overviewOf(as(t, "dev"), t, b)
	require.True(t, found.Safe)
	require.NotContains(t, inboxes, adapters.StaffID("amira"))
	require.NotContains(t, func() map[adapters.StaffID]messenger.InboxOverview {
		_, south := overviewOf(as(t, "esther"), t, b)
		return south
	}(), adapters.StaffID("amira"))
}

// What waits as a whole is in no channel, and red: a pause that needs a person, and a broadcast that is not made.
func TestOverviewSaysWhatWaitsAsAWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	waits := func(who adapters.StaffID, want int, why string) {
		t.Helper()
		found, _ := overviewOf(as(t, who), t, b)
		require.Equal(t, want, found.Waiting, why)
		require.Equal(t, want == 0, found.Safe, why)
	}
	exec(t, b, `insert into messenger_pauses (organisation_id, medium, why, since, until)
		values ('north', 'sms', 'not_set_up', now(), now() + interval '1 minute')`)
	waits("amira", 1, "texts can't be sent")
	waits("esther", 0, "another organisation's")
	exec(t, b, "update messenger_pauses set why = 'provider_limit'")
	waits("amira", 0, "for a moment")
	p := reminder()
	p.Clients = []adapters.ClientID{"grace"}
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	waits("amira", 0, "it has just been sent")
	exec(t, b, "update messenger_broadcasts set created_at = now() - interval '11 minutes'")
	waits("amira", 1, "nothing of it is made")
	waits("ben", 1, "he may open her inbox")
	waits("dev", 0, "he may not")
	require.NoError(t, b.fanOut(t, broadcast.ID))
	waits("amira", 0, "it is made")

	exec(t, b, "update river_job set scheduled_at = now() - interval '11 minutes' where kind = 'messenger_deliver'")
	waits("amira", 1, "no worker takes what is to go out to many")
	//nolint:misspell // River's column
	exec(t, b, `insert into river_job (kind, state, args, max_attempts, priority, queue, finalized_at)
		values ('messenger_deliver', 'completed', '{}', 25, 4, 'messenger_bulk', now() - interval '5 minutes')`)
	waits("amira", 0, "one does: many take their time")
	exec(t, b, `insert into river_job (kind, state, args, max_attempts, priority, queue, scheduled_at)
		values ('messenger_write_record', 'available', '{}', 25, 1, 'messenger_record', now() - interval '9 minutes')`)
	waits("amira", 0, "it may be filed yet")
	exec(t, b, "update river_job set scheduled_at = now() - interval '11 minutes' where queue = 'messenger_record'")
	waits("amira", 1, "no worker takes what is to be filed")
	exec(t, b, "update river_job set state = 'retryable' where queue = 'messenger_record'")
	waits("amira", 1, "nor has it come again")
}
