package messenger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// crowd puts n clients with an email into north and on a list.
func (b *bundle) crowd(n int) []adapters.ClientID {
	ids := make([]adapters.ClientID, n)
	for i := range ids {
		ids[i] = adapters.ClientID(fmt.Sprintf("crowd-%05d", i))
		b.clients.Put(north, adapters.Client{ID: ids[i], Name: fmt.Sprintf("Person %d", i), Email: fmt.Sprintf("p%d@example.org", i)})
	}
	b.lists.Put(north, adapters.List{ID: "crowd", Name: "Everybody", Size: n}, ids...)
	return ids
}

func reminder() messenger.BroadcastParams {
	return messenger.BroadcastParams{Medium: adapters.Email, Subject: "Reminder", Body: "Dear {{first_name}}, we meet on Tuesday."}
}

// fannedOut is a broadcast of Amira's whose messages have been made.
func (b *bundle) fannedOut(t *testing.T, clients ...adapters.ClientID) messenger.Broadcast {
	t.Helper()
	p := reminder()
	p.Clients = clients
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	return broadcast
}

func sumOf(b messenger.Broadcast) int {
	return b.SkippedCount + b.Queued + b.Sent + b.Failed + b.Cancelled
}

func TestBroadcast(t *testing.T) {
	t.Parallel()
	b := setup(t, withoutPreparing(t))
	crowd := b.crowd(1200)
	before := b.send(t, "amira", email(crowd[0], "An earlier message"))
	p := reminder()
	p.Lists = []adapters.ListID{"crowd"}
	p.Clients = []adapters.ClientID{crowd[3], "grace", "grace", "dead", "secret", "phone", "south-1", "nobody"}
	p.Key = "reminder-1"

	preview, err := b.PreviewBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.Equal(t, 1206, preview.Total)
	require.Equal(t, 5, preview.SkippedCount)
	require.Len(t, preview.Examples, 3)
	require.Contains(t, preview.Examples[1].Text, "Dear Grace,")
	require.NotContains(t, preview.Examples[0].Text, "/r/", "a broadcast leaves the link out")

	b.work(t)
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	again, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.Equal(t, broadcast.ID, again.ID)
	other := p
	other.Body = "Another"
	_, err = b.SendBroadcast(as(t, "amira"), other)
	requireCode(t, messenger.CodeKeyReused, err)

	past := 0
	eventually(t, func() bool {
		now, err := b.Broadcast(as(t, "ben"), broadcast.ID)
		require.NoError(t, err)
		require.Equal(t, 1206, sumOf(now))
		settled := now.Total - now.Queued
		require.GreaterOrEqual(t, settled, past, "progress never goes backwards")
		past = settled
		return now.State == "sent"
	}, "everything has gone out")
	now, err := b.Broadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	require.Equal(t, 1201, now.Sent)
	require.Equal(t, map[adapters.ClientID]string{
		"dead": "deceased", "secret": "restricted", "phone": "no_address",
		"south-1": "not_found", "nobody": "not_found",
	}, whys(now.Skipped))
	require.Len(t, b.email.Outbox(), 1202)
	counts, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err)
	require.Equal(t, messenger.Counts{Open: 1, Done: 1200}, *counts.Counts, "500 reminders are not 500 tasks")
	require.Len(t, b.thread(t, before.Channel), 2, "in the channel there is")
	require.Equal(t, 1201, count(t, b.pool, "select count(distinct channel_id) from messenger_history where action = 'created'"))
	require.Equal(t, 1201, count(t, b.pool, "select count(*) from messenger_history where action = 'created'"), "the new ones alone")

	page, err := b.BroadcastSkipped(as(t, "amira"), broadcast.ID, messenger.PageParams{Limit: 3})
	require.NoError(t, err)
	rest, err := b.BroadcastSkipped(as(t, "amira"), broadcast.ID, messenger.PageParams{Limit: 3, Cursor: page.Next})
	require.NoError(t, err)
	require.Len(t, whys(append(page.Items, rest.Items...)), 5)
	require.Empty(t, rest.Next)
	for _, staff := range []adapters.StaffID{"dev", "esther"} {
		_, err = b.Broadcast(as(t, staff), broadcast.ID)
		requireCode(t, messenger.CodeNotFound, err)
	}
	_, err = b.CancelBroadcast(as(t, "chloe"), broadcast.ID)
	requireCode(t, messenger.CodeForbidden, err)
	_, err = b.CancelBroadcast(as(t, "amira"), broadcast.ID)
	requireCode(t, messenger.CodeAlreadySent, err)
}

func whys(list []messenger.Skipped) map[adapters.ClientID]string {
	found := map[adapters.ClientID]string{}
	for _, s := range list {
		found[s.Client] = string(s.Why)
	}
	return found
}

// Two runs of the fan-out at the same moment, as after a worker's death, make each message once.
func TestBroadcastFanOutTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := reminder()
	p.Clients = b.crowd(2100)
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	errs := make([]error, 3)
	together(len(errs), func(i int) { errs[i] = b.fanOut(t, broadcast.ID) })
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, 2100, count(t, b.pool, "select count(*) from messenger_messages where broadcast_id = $1", broadcast.ID))
	require.Equal(t, 2100, count(t, b.pool, "select count(distinct channel_id) from messenger_messages"))
	require.Equal(t, 2100, count(t, b.pool, "select count(*) from river_job where kind = 'messenger_deliver' and queue = 'messenger_bulk'"))
}

func TestBroadcastCancelStopsWhatHasNotGoneOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	crowd := b.crowd(1300)
	p := reminder()
	p.Clients = crowd
	p.SendAfter = time.Now().Add(time.Hour)
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	var one uuid.UUID
	require.NoError(t, b.pool.QueryRow(t.Context(), "select id from messenger_messages limit 1").Scan(&one))
	cancelled, err := b.CancelBroadcast(as(t, "ben"), broadcast.ID)
	require.NoError(t, err)
	require.Equal(t, messenger.BroadcastCancelled, cancelled.State)
	require.NoError(t, b.Jobs().Deliver(t.Context(), one, 1), "a worker that comes first sends nothing either")
	require.NoError(t, b.fanOut(t, broadcast.ID))
	cancelled, err = b.Broadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	require.Equal(t, 1300, cancelled.Cancelled)
	require.Empty(t, b.email.Outbox())
	require.Equal(t, 1300, count(t, b.pool, `select count(*) from messenger_history
		where action = 'cancelled' and actor_id = 'ben' and actor_name = 'Ben Hughes' and on_behalf_of = 'amira'`), "the history says who")
}

// A limit that one process meets holds for another.
func TestRateLimitHoldsForEveryProcess(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other, err := messenger.New(b.config)
	require.NoError(t, err)
	first, second := b.send(t, "amira", email("grace", "One")), b.send(t, "amira", email("sian", "Two"))
	before := b.send(t, "amira", email("grace", "Before"))
	require.NoError(t, other.Jobs().Deliver(t.Context(), before.Message.ID, 1)) // it has read that there is no pause
	b.email.FailNext(&adapters.RateLimitError{Until: time.Now().Add(time.Hour)})
	require.Error(t, b.Jobs().Deliver(t.Context(), first.Message.ID, 1))
	eventually(t, func() bool { // within the second in which it goes by what it has read, others may go out
		one, calls := b.send(t, "amira", email("grace", "Another")), b.email.Calls()
		return other.Jobs().Deliver(t.Context(), one.Message.ID, 1) != nil && b.email.Calls() == calls
	}, "the other process does not ask the provider")
	calls, sent := b.email.Calls(), len(b.email.Outbox())
	require.Error(t, other.Jobs().Deliver(t.Context(), second.Message.ID, 1))
	require.Equal(t, calls, b.email.Calls())
	require.Equal(t, messenger.DeliveryQueued, b.message(t, first.Channel, first.Message.ID).Delivery.Status)
	_, err = b.pool.Exec(t.Context(), "delete from messenger_pauses")
	require.NoError(t, err)
	eventually(t, func() bool { return other.Jobs().Deliver(t.Context(), second.Message.ID, 1) == nil }, "the limit is over")
	require.Len(t, b.email.Outbox(), sent+1)
}

// Two runs that cancel at the same moment wait for one another, and never for ever.
func TestBroadcastCancelTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := reminder()
	p.Clients, p.SendAfter = b.crowd(3000), time.Now().Add(time.Hour)
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	_, err = b.CancelBroadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	errs := make([]error, 4)
	together(len(errs), func(i int) { errs[i] = b.fanOut(t, broadcast.ID) })
	require.NoError(t, errors.Join(errs...))
	now, err := b.Broadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	require.Equal(t, []int{3000, 0}, []int{now.Cancelled, now.Queued})
}

// A message that failed before its broadcast was cancelled, and that a person tries again afterwards, goes out.
func TestBroadcastRetryAfterCancel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := reminder()
	p.Clients = []adapters.ClientID{"grace", "sian"}
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	message := func(client string) (id uuid.UUID) {
		require.NoError(t, b.pool.QueryRow(t.Context(), `select m.id from messenger_messages m join messenger_channels c on c.id = m.channel_id
			where c.client_id = $1`, client).Scan(&id))
		return id
	}
	b.email.FailNext(adapters.ErrWrongContact)
	require.NoError(t, b.Jobs().Deliver(t.Context(), message("grace"), 1))
	_, err = b.CancelBroadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	_, err = b.Retry(as(t, "amira"), message("grace"))
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	require.NoError(t, b.Jobs().Deliver(t.Context(), message("grace"), 1))
	require.NoError(t, b.Jobs().Deliver(t.Context(), message("sian"), 1))
	require.Len(t, b.email.Outbox(), 1)
	require.Equal(t, "grace@example.org", b.email.Outbox()[0].To)
	now, err := b.Broadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	require.Equal(t, []int{1, 0, 1, 0}, []int{now.Sent, now.Failed, now.Cancelled, now.Queued})
}

// The preview skips whom the fan-out will skip, and the list of the skipped holds as many as are counted, at every moment.
func TestBroadcastSkipsTextsThatNamesMakeTooLong(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.clients.Put(north, adapters.Client{ID: "long", Name: strings.Repeat("Wolfeschlegel", 20), Phone: "07700 900127"})
	p := messenger.BroadcastParams{
		Medium: adapters.SMS, Body: "{{first_name}}" + strings.Repeat("x", 900),
		Clients: []adapters.ClientID{"long", "phone", "nobody"},
	}
	preview, err := b.PreviewBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	want := map[adapters.ClientID]string{"long": "invalid", "nobody": "not_found"}
	require.Equal(t, want, whys(preview.Skipped))
	require.Len(t, preview.Examples, 1)
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.Empty(t, broadcast.Skipped, "none is counted yet")
	require.NoError(t, b.fanOut(t, broadcast.ID))
	broadcast, err = b.Broadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	require.Equal(t, want, whys(broadcast.Skipped))
	require.Equal(t, []int{3, 2, 1}, []int{broadcast.Total, broadcast.SkippedCount, broadcast.Queued})
}

// The preview counts each client's own text, with their name in it.
func TestABroadcastsPreviewCountsEachText(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.clients.Put(north, adapters.Client{ID: "short", Name: "Jo Ash", Phone: "07700 900127"})
	b.clients.Put(north, adapters.Client{ID: "long", Name: strings.Repeat("Bartholomew", 4), Phone: "07700 900128"})
	p := messenger.BroadcastParams{
		Medium: adapters.SMS, Body: "{{first_name}} " + strings.Repeat("x", 110),
		Clients: []adapters.ClientID{"short", "long"},
	}
	preview, err := b.PreviewBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.Equal(t, []int{3, 1, 2}, []int{preview.Texts, preview.FewestTexts, preview.MostTexts})
	p.Medium, p.Subject = adapters.Email, "Hello"
	p.Clients = []adapters.ClientID{"grace"}
	preview, err = b.PreviewBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.Equal(t, []int{0, 0, 0}, []int{preview.Texts, preview.FewestTexts, preview.MostTexts})
}

// A provider's long pause keeps a broadcast's workers for a moment only: the next organisation's broadcast waits behind it.
func TestLongPauseGivesWay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := reminder()
	p.Clients = []adapters.ClientID{"grace", "sian"}
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	_, err = b.pool.Exec(t.Context(), "insert into messenger_pauses values ('north', 'email', now() + interval '1 hour')")
	require.NoError(t, err)
	var id uuid.UUID
	require.NoError(t, b.pool.QueryRow(t.Context(), "select id from messenger_messages limit 1").Scan(&id))
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second) // less than a short pause keeps them
	defer cancel()
	err = b.Jobs().Deliver(ctx, id, 1)
	require.Error(t, err)
	require.NoError(t, ctx.Err())
	require.Zero(t, b.email.Calls())
}

// That a broadcast's message came back is filed behind what people send one by one, as its filing was.
func TestBroadcastAmendmentsWaitBehindOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fannedOut(t, "grace")
	var id uuid.UUID
	require.NoError(t, b.pool.QueryRow(t.Context(), "select id from messenger_messages").Scan(&id))
	b.deliver(t, id, 1)
	b.file(t, id, 1)
	bounced := jobs.ApplyReceipt{Reference: id.String(), Status: "failed", Reason: messenger.ReasonWrongContact}
	require.NoError(t, b.Jobs().ApplyReceipt(t.Context(), bounced, 1))
	require.Equal(t, 1, jobsOf(t, b, "messenger_amend_record"))
	require.Equal(t, 1, count(t, b.pool, "select count(*) from river_job where kind = 'messenger_amend_record' and queue = 'messenger_bulk_record'"))
}

// A fan-out gives way to single messages, those that are sent in its process and those first tried to be delivered, and to no others.
func TestFanOutGivesWayToSingleMessages(t *testing.T) {
	t.Parallel()
	now, with := withClock()
	b := setup(t, with)
	const took, rest = 100 * time.Millisecond, 400 * time.Millisecond
	require.Zero(t, b.Rest(took))
	sent, another := b.send(t, "amira", email("grace", "Hello")), b.send(t, "amira", email("grace", "Hello again"))
	require.Equal(t, rest, b.Rest(took))
	require.Equal(t, 5*time.Second, b.Rest(time.Minute), "not for long")
	now.add(2 * time.Second)
	require.Zero(t, b.Rest(took))
	b.deliver(t, sent.Message.ID, 2)
	require.Zero(t, b.Rest(took), "a later try is no reason: a dead provider's go on for hours")
	b.deliver(t, another.Message.ID, 1)
	require.Equal(t, rest, b.Rest(took))
	now.add(2 * time.Second)

	p := reminder()
	p.Clients = []adapters.ClientID{"sian"}
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	var id uuid.UUID
	require.NoError(t, b.pool.QueryRow(t.Context(), "select id from messenger_messages where broadcast_id = $1", broadcast.ID).Scan(&id))
	b.deliver(t, id, 1)
	require.Zero(t, b.Rest(took), "a broadcast's own are no reason")
}
