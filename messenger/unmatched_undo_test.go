package messenger_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A text that was put into the wrong channel is taken out again: of the thread, the search, the counts and the record.
func TestATextIsTakenOutAgain(t *testing.T) {
	t.Parallel()
	b, text := inbound(t)
	b.work(t)
	grace := b.send(t, "amira", sms("grace", "Hello Grace"))
	wrong := b.send(t, "amira", email("sian", "Hello Siân"))
	text("+447700900123", "The tablets frighten me")
	id := only(t, b, "amira").ID
	message, err := b.Assign(as(t, "ben"), id, messenger.AssignParams{Channel: wrong.Channel.ID, Reason: "A guess"})
	require.NoError(t, err)
	require.Equal(t, messenger.Unread, b.row(t, wrong.Channel).Status)
	eventually(t, func() bool {
		return b.message(t, wrong.Channel, message.ID).Record.Status == messenger.RecordSaved
	}, "filed")

	for _, who := range []adapters.StaffID{"dev", "esther"} {
		_, err = b.Unassign(as(t, who), id, "")
		requireCode(t, messenger.CodeNotFound, err)
	}
	_, err = b.Unassign(as(t, "chloe"), id, "")
	requireCode(t, messenger.CodeForbidden, err)
	again, err := b.Unassign(as(t, "amira"), id, "Not Siân’s")
	require.NoError(t, err)
	require.Equal(t, "The tablets frighten me", again.Body)
	_, err = b.Unassign(as(t, "amira"), id, "")
	requireCode(t, messenger.CodeNothingToDo, err)

	row := b.row(t, wrong.Channel)
	require.Equal(t, messenger.Open, row.Status)
	require.Zero(t, row.UnreadCount)
	require.Equal(t, wrong.Message.ID, row.LastMessage.ID)
	require.Len(t, b.thread(t, wrong.Channel), 1)
	_, err = b.MessagesAround(as(t, "amira"), wrong.Channel.ID, message.ID, 10)
	requireCode(t, messenger.CodeNotFound, err)
	require.NoError(t, b.Read(as(t, "amira"), wrong.Channel.ID, message.ID, false), "an open page may still name it")
	found, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Query: "tablets"})
	require.NoError(t, err)
	require.Empty(t, found.Items)
	notified, err := b.NotificationCount(as(t, "amira"))
	require.NoError(t, err)
	require.Zero(t, notified.Total)
	require.Equal(t, []string{"amira:created", "amira:sent", "ben:assigned", "amira:unassigned"}, b.actions(t, wrong.Channel))
	eventually(t, func() bool {
		filing, _ := b.record.Filing(message.ID)
		return filing.Entry.Status == adapters.Withdrawn
	}, "amended")
	filing, _ := b.record.Filing(message.ID)
	require.NotContains(t, filing.Entry.Text, "tablets")
	requireCounters(t, b)

	right, err := b.Assign(as(t, "ben"), id, messenger.AssignParams{Channel: grace.Channel.ID})
	require.NoError(t, err)
	require.Equal(t, "The tablets frighten me", right.Body)
	eventually(t, func() bool { return b.message(t, grace.Channel, right.ID).Record.Status == messenger.RecordSaved }, "filed")
	for range 2 { // out of and into the same channel, again and again
		_, err = b.Unassign(as(t, "ben"), id, "")
		require.NoError(t, err)
		_, err = b.Assign(as(t, "ben"), id, messenger.AssignParams{Channel: grace.Channel.ID})
		require.NoError(t, err)
	}
	require.Len(t, b.thread(t, grace.Channel), 2)
	require.Equal(t, 1, b.row(t, grace.Channel).UnreadCount)
	requireCounters(t, b)
}

// What is taken out before it was filed is never filed; what is being filed meanwhile is amended.
func TestATextIsTakenOutBeforeItIsFiled(t *testing.T) {
	t.Parallel()
	b, text := inbound(t)
	grace := b.send(t, "amira", sms("grace", "Hello"))
	text("+447700900123", "It is me")
	id := only(t, b, "amira").ID
	here := messenger.AssignParams{Channel: grace.Channel.ID}
	first, err := b.Assign(as(t, "amira"), id, here)
	require.NoError(t, err)
	_, err = b.Unassign(as(t, "amira"), id, "")
	require.NoError(t, err)
	b.file(t, first.ID, 1)
	_, filed := b.record.Filing(first.ID)
	require.False(t, filed)

	second, err := b.Assign(as(t, "amira"), id, here)
	require.NoError(t, err)
	meanwhile := b.with(t, func(c *messenger.Config) {
		c.Record = recordMeanwhile{b.record, func() {
			_, err := b.Unassign(as(t, "amira"), id, "")
			require.NoError(t, err)
		}}
	})
	meanwhile.file(t, second.ID, 1)
	filing, filed := b.record.Filing(second.ID)
	require.True(t, filed)
	require.Equal(t, adapters.Delivered, filing.Entry.Status)
	require.NoError(t, b.Jobs().AmendRecord(t.Context(), second.ID, 1))
	filing, _ = b.record.Filing(second.ID)
	require.Equal(t, adapters.Withdrawn, filing.Entry.Status)
	require.Equal(t, 1, jobsOf(t, b, "messenger_amend_record"))
}

// Where the record can take nothing out, somebody has to: the warning stands in the thread, without the words.
func TestARecordThatTakesNothingOut(t *testing.T) {
	t.Parallel()
	b, text := inbound(t)
	b = b.with(t, func(c *messenger.Config) { c.Record = recordForGood{b.record} })
	grace := b.send(t, "amira", sms("grace", "Hello"))
	text("+447700900123", "It is me")
	id := only(t, b, "amira").ID
	message, err := b.Assign(as(t, "amira"), id, messenger.AssignParams{Channel: grace.Channel.ID})
	require.NoError(t, err)
	b.file(t, message.ID, 1)
	_, err = b.Unassign(as(t, "amira"), id, "")
	require.NoError(t, err)
	require.Len(t, b.thread(t, grace.Channel), 1)
	require.NoError(t, b.Jobs().AmendRecord(t.Context(), message.ID, 1))
	warned := b.message(t, grace.Channel, message.ID)
	require.Equal(t, messenger.RecordFailed, warned.Record.Status)
	require.Equal(t, messenger.ReasonNotAmended, warned.Record.Reason)
	require.Empty(t, warned.Body)
	require.Equal(t, []messenger.Attention{messenger.AttentionRecordFailed}, b.row(t, grace.Channel).Attention)
	_, err = b.Resolve(as(t, "amira"), message.ID, messenger.ResolveParams{Of: "record", Note: "Rang the surgery."})
	require.NoError(t, err)
	require.Len(t, b.thread(t, grace.Channel), 1)
}

// recordMeanwhile is a record that takes so long that something happens meanwhile.
type recordMeanwhile struct {
	*memory.Record
	during func()
}

func (r recordMeanwhile) Write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	r.during()
	return r.Record.Write(ctx, entry)
}

// recordForGood is a record that amends nothing.
type recordForGood struct{ *memory.Record }

func (recordForGood) Amend(context.Context, adapters.Filed, adapters.Entry) (adapters.Filed, error) {
	return adapters.Filed{}, errors.ErrUnsupported
}

// A text that was somebody else's keeps nothing from going out once it is taken out again, but for what another reply
// keeps back, what was to go out meanwhile, and what nobody is to send any more.
func TestWhatATextCancelledGoesOutAfterAll(t *testing.T) {
	t.Parallel()
	clock, stands := withClock()
	for name, c := range map[string]struct {
		meanwhile func(t *testing.T, b *bundle, sent messenger.Sent)
		status    messenger.DeliveryStatus
	}{
		"nothing else": {status: messenger.DeliveryScheduled},
		"the client replied too": {
			status:    messenger.DeliveryCancelled,
			meanwhile: func(t *testing.T, b *bundle, sent messenger.Sent) { t.Helper(); b.reply(t, sent.Channel, "Yes") },
		},
		"its time is over": {
			status:    messenger.DeliveryCancelled,
			meanwhile: func(*testing.T, *bundle, messenger.Sent) { clock.add(2 * time.Hour) },
		},
		"the client was discharged": {
			status: messenger.DeliveryCancelled,
			meanwhile: func(t *testing.T, b *bundle, _ messenger.Sent) {
				t.Helper()
				require.NoError(t, b.ClientDischarged(t.Context(), north, "sian"))
			},
		},
		"its owner has left": {
			status: messenger.DeliveryCancelled,
			meanwhile: func(t *testing.T, b *bundle, _ messenger.Sent) {
				t.Helper()
				require.NoError(t, b.StaffLeft(t.Context(), north, "amira", ""))
			},
		},
	} {
		b, text := inbound(t, stands)
		p := email("sian", "Are you coming?")
		p.SendAfter, p.Unless = clock.Now().Add(time.Hour), messenger.UnlessReplied
		sent := b.send(t, "amira", p)
		p.Unless = ""
		stays := b.send(t, "amira", p)
		_, err := b.Cancel(as(t, "amira"), stays.Message.ID)
		require.NoError(t, err)
		text("+447700900123", "The tablets frighten me")
		id := only(t, b, "amira").ID
		_, err = b.Assign(as(t, "ben"), id, messenger.AssignParams{Channel: sent.Channel.ID, Reason: "A guess"})
		require.NoError(t, err)
		require.Equal(t, messenger.CancelledByReply, b.message(t, sent.Channel, sent.Message.ID).CancelledBecause, name)
		if c.meanwhile != nil {
			c.meanwhile(t, b, sent)
		}
		_, err = b.Unassign(as(t, "ben"), id, "")
		require.NoError(t, err, name)
		again := b.message(t, sent.Channel, sent.Message.ID)
		require.Equal(t, c.status, again.Delivery.Status, name)
		require.Equal(t, messenger.DeliveryCancelled, b.message(t, sent.Channel, stays.Message.ID).Delivery.Status, name)
		if c.status == messenger.DeliveryCancelled {
			continue
		}
		require.Empty(t, again.CancelledBecause)
		require.Equal(t, messenger.RecordPending, again.Record.Status)
		require.Contains(t, b.actions(t, sent.Channel), "ben:retried")
		clock.add(time.Hour)
		b.deliver(t, sent.Message.ID, 1)
		require.Equal(t, 1, b.email.Carried(sent.Message.ID.String()))
		requireCounters(t, b)
	}
}
