package messenger_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func london(at string) messenger.LocalTime {
	return messenger.LocalTime{At: at, Zone: "Europe/London"}
}

// laterBundle is setup with a clock that the test sets.
func laterBundle(t *testing.T, now time.Time) (*bundle, *time.Time) {
	t.Helper()
	b := setup(t, func(c *messenger.Config) { c.Now = func() time.Time { return now } })
	return b, &now
}

// draftOf is somebody's own unsent text for grace; empty without one.
func (b *bundle) draftOf(ctx context.Context, t *testing.T) (draft messenger.Draft) {
	t.Helper()
	page, err := b.Client(ctx, "grace")
	require.NoError(t, err)
	if page.Draft != nil {
		draft = *page.Draft
	}
	return draft
}

// beforeTheClocksChange is the day before the clocks go forward in London.
func beforeTheClocksChange() time.Time { return time.Date(2027, 3, 27, 15, 0, 0, 0, time.UTC) }

// The story over the change of 28 March 2027: what is meant for five past eight goes out at five past eight, an hour
// earlier by UTC than the day before; half past one does not exist, and the next time that does is offered.
func TestSendLocalOverTheClockChange(t *testing.T) {
	t.Parallel()
	b, now := laterBundle(t, beforeTheClocksChange())
	amira := as(t, "amira")
	p := email("grace", "Good morning")
	p.SendLocal = london("2027-03-28T01:30")
	_, err := b.Send(amira, p)
	requireCode(t, messenger.CodeTimeDoesNotExist, err)
	var told *messenger.Error
	require.ErrorAs(t, err, &told)
	require.Equal(t, "2027-03-28T02:00", told.Next)
	_, err = b.Check(amira, p)
	requireCode(t, messenger.CodeTimeDoesNotExist, err)
	p.SendLocal = london(told.Next)
	night := b.send(t, "amira", p)
	require.Equal(t, time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC), night.Message.SendAfter)

	p.SendLocal = london("2027-03-28T08:05")
	sent := b.send(t, "amira", p)
	require.Equal(t, messenger.DeliveryScheduled, sent.Message.Delivery.Status)
	require.Equal(t, london("2027-03-28T08:05"), sent.Message.SendLocal)
	require.Equal(t, time.Date(2027, 3, 28, 7, 5, 0, 0, time.UTC), sent.Message.SendAfter)
	*now = time.Date(2027, 3, 28, 7, 4, 59, 0, time.UTC)
	require.Error(t, b.Jobs().Deliver(t.Context(), sent.Message.ID, 1), "it waits")
	require.Equal(t, messenger.DeliveryScheduled, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
	*now = time.Date(2027, 3, 28, 7, 5, 0, 0, time.UTC)
	b.deliver(t, sent.Message.ID, 1)
	require.Equal(t, messenger.DeliverySent, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)

	p.SendLocal = london("2027-10-31T01:30")
	checked, err := b.Check(amira, p)
	require.NoError(t, err)
	require.Contains(t, advised(t, checked), "clock_doubled")
	sent = b.send(t, "amira", p)
	require.Equal(t, time.Date(2027, 10, 31, 0, 30, 0, 0, time.UTC), sent.Message.SendAfter, "the first")
	p.SendLocal = london("2027-10-31T08:05")
	checked, err = b.Check(amira, p)
	require.NoError(t, err)
	require.NotContains(t, advised(t, checked), "clock_doubled")
}

// When zones' rules change after a message was written, the time on the clock holds.
func TestSendLocalHoldsWhenAZoneChanges(t *testing.T) {
	t.Parallel()
	b, now := laterBundle(t, beforeTheClocksChange())
	p := email("grace", "Good morning")
	p.SendLocal = london("2027-03-28T08:05")
	sent := b.send(t, "amira", p)
	exec(t, b, "update messenger_messages set send_after = send_after - interval '1 hour'")
	*now = time.Date(2027, 3, 28, 6, 30, 0, 0, time.UTC)
	require.Error(t, b.Jobs().Deliver(t.Context(), sent.Message.ID, 1))
	*now = time.Date(2027, 3, 28, 7, 5, 0, 0, time.UTC)
	b.deliver(t, sent.Message.ID, 1)
	require.Equal(t, 1, b.email.Carried(sent.Message.ID.String()))
}

// A broadcast goes out by a clock as a message does, and its messages say so.
func TestABroadcastGoesByAClock(t *testing.T) {
	t.Parallel()
	b, now := laterBundle(t, beforeTheClocksChange())
	amira := as(t, "amira")
	p := messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "Bus", Body: "It goes at nine.", Clients: []adapters.ClientID{"grace"},
		SendLocal: london("2027-03-28T01:30"), Key: "by-the-clock",
	}
	refused := func(code messenger.Code, field string) {
		t.Helper()
		_, err := b.SendBroadcast(amira, p)
		requireCode(t, code, err)
		_, err = b.PreviewBroadcast(amira, p)
		requireCode(t, code, err)
		var told *messenger.Error
		require.ErrorAs(t, err, &told)
		require.Equal(t, field, told.Field)
	}
	refused(messenger.CodeTimeDoesNotExist, "send_local.at")
	p.SendLocal = london("2027-03-27T14:59")
	refused(messenger.CodeInvalid, "send_local")
	p.SendLocal = london("2028-03-28T08:05")
	refused(messenger.CodeInvalid, "send_local")
	p.SendLocal, p.SendAfter = london("2027-03-28T08:05"), now.Add(time.Hour)
	refused(messenger.CodeInvalid, "send_local")
	p.SendAfter = time.Time{}

	sent, err := b.SendBroadcast(amira, p)
	require.NoError(t, err)
	require.Equal(t, time.Date(2027, 3, 28, 7, 5, 0, 0, time.UTC), sent.SendAfter)
	require.NoError(t, b.Jobs().FanOut(t.Context(), sent.ID, 1))
	page, err := b.Inbox(amira, messenger.InboxParams{Staff: "amira", Show: messenger.ShowScheduled})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	message := b.thread(t, page.Items[0])[0]
	require.Equal(t, p.SendLocal, message.SendLocal)
	require.Equal(t, sent.SendAfter, message.SendAfter.UTC())
	*now = sent.SendAfter.Add(time.Hour)
	again, err := b.SendBroadcast(amira, p)
	require.NoError(t, err, "what was asked for in time is not refused later")
	require.Equal(t, sent.ID, again.ID)
}

// When a message goes out has to be something that can be, and a repeat under the same key is answered though its time
// is over.
func TestSendLaterIsRefused(t *testing.T) {
	t.Parallel()
	b, now := laterBundle(t, beforeTheClocksChange())
	amira := as(t, "amira")
	soon := beforeTheClocksChange().Add(time.Hour)
	for name, p := range map[string]messenger.SendParams{
		"over":                  {SendLocal: london("2027-03-27T14:59")},
		"now":                   {SendLocal: london("2027-03-27T15:00")},
		"over a year ahead":     {SendLocal: london("2028-03-27T16:01")},
		"two times":             {SendLocal: london("2027-03-28T08:05"), SendAfter: soon},
		"over a year, UTC":      {SendAfter: beforeTheClocksChange().AddDate(1, 0, 0).Add(time.Minute)},
		"no zone":               {SendLocal: messenger.LocalTime{At: "2027-03-28T08:05"}},
		"a zone and no time":    {SendLocal: messenger.LocalTime{Zone: "Europe/London"}},
		"unless, at once":       {Unless: messenger.UnlessReplied},
		"unless, over":          {Unless: messenger.UnlessReplied, SendAfter: beforeTheClocksChange().Add(-time.Hour)},
		"unless something else": {Unless: "read", SendAfter: soon},
	} {
		full := email("grace", "Hello")
		full.SendLocal, full.SendAfter, full.Unless = p.SendLocal, p.SendAfter, p.Unless
		_, err := b.Send(amira, full)
		require.Equal(t, messenger.CodeInvalid, messenger.CodeOf(err), name)
		_, err = b.Check(amira, full)
		require.Equal(t, messenger.CodeInvalid, messenger.CodeOf(err), name)
	}
	p := email("grace", "Hello")
	p.SendLocal, p.Key = london("2027-03-27T16:00"), "k-1"
	sent := b.send(t, "amira", p)
	*now = soon.Add(time.Hour)
	require.Equal(t, sent.Message.ID, b.send(t, "amira", p).Message.ID, "the same key")
	p.Unless = messenger.UnlessReplied
	_, err := b.Send(amira, p)
	requireCode(t, messenger.CodeKeyReused, err)
}

// A reply that comes first cancels what was to go out unless one came, and says so; nothing else of the channel, and
// nothing of other channels.
func TestUnlessReplied(t *testing.T) {
	t.Parallel()
	b, _ := laterBundle(t, beforeTheClocksChange())
	p := email("grace", "Are you coming?")
	p.SendLocal, p.Unless = london("2027-03-30T08:05"), messenger.UnlessReplied
	first := b.send(t, "amira", p)
	require.Equal(t, messenger.UnlessReplied, first.Message.Unless)
	p.Unless = ""
	always := b.send(t, "amira", p)
	p.Client, p.Unless = "sian", messenger.UnlessReplied
	other := b.send(t, "amira", p)

	b.reply(t, first.Channel, "Yes")
	got := b.message(t, first.Channel, first.Message.ID)
	require.Equal(t, messenger.DeliveryCancelled, got.Delivery.Status)
	require.Equal(t, messenger.CancelledByReply, got.CancelledBecause)
	require.False(t, got.Delivery.Attention)
	require.Equal(t, messenger.DeliveryScheduled, b.message(t, first.Channel, always.Message.ID).Delivery.Status)
	require.Equal(t, messenger.DeliveryScheduled, b.message(t, other.Channel, other.Message.ID).Delivery.Status)
	require.Equal(t, 1, count(t, b.pool, `select count(*) from messenger_history where message_id = $1 and action = 'cancelled'
		and actor_kind = 'system' and note = 'replied'`, first.Message.ID))
	b.deliver(t, first.Message.ID, 1)
	require.Zero(t, b.email.Carried(first.Message.ID.String()))
}

// A reply that a former version of the program took, which knew nothing of it, counts when the message is to go out;
// one that a person sends again goes out.
func TestUnlessRepliedAtDispatch(t *testing.T) {
	t.Parallel()
	b, now := laterBundle(t, beforeTheClocksChange())
	p := email("grace", "Are you coming?")
	p.SendLocal, p.Unless = london("2027-03-30T08:05"), messenger.UnlessReplied
	sent := b.send(t, "amira", p)
	exec(t, b, "update messenger_messages set unless = ''")
	b.reply(t, sent.Channel, "Yes")
	exec(t, b, "update messenger_messages set unless = 'replied' where id = $1", sent.Message.ID)
	*now = beforeTheClocksChange().AddDate(0, 0, 4)
	b.deliver(t, sent.Message.ID, 1)
	require.Equal(t, messenger.CancelledByReply, b.message(t, sent.Channel, sent.Message.ID).CancelledBecause)
	require.Zero(t, b.email.Carried(sent.Message.ID.String()))

	exec(t, b, "update messenger_messages set delivery_status = 'queued', sends = 2 where id = $1", sent.Message.ID)
	b.deliver(t, sent.Message.ID, 1)
	require.Equal(t, 1, b.email.Carried(sent.Message.ID.String()+"-2"), "tried again")
}

// Whatever the order, a message goes out or is cancelled by the reply, and never both.
func TestUnlessRepliedWhileItGoesOut(t *testing.T) {
	t.Parallel()
	b, now := laterBundle(t, beforeTheClocksChange())
	for range 10 {
		p := email("grace", "Are you coming?")
		p.SendAfter, p.Unless = now.Add(time.Minute), messenger.UnlessReplied
		sent := b.send(t, "amira", p)
		token := b.token(t, sent.Channel)
		exec(t, b, "update messenger_messages set send_after = $2 where id = $1", sent.Message.ID, now.Add(-time.Minute))
		together(2, func(n int) {
			if n == 0 {
				_ = b.Jobs().Deliver(t.Context(), sent.Message.ID, 1)
				return
			}
			_, _, _ = b.Reply(t.Context(), token, messenger.ReplyParams{Text: uuid.NewString()})
		})
		got := b.message(t, sent.Channel, sent.Message.ID)
		carried := b.email.Carried(sent.Message.ID.String())
		require.Equal(t, got.Delivery.Status != messenger.DeliveryCancelled, carried == 1, "%s %d", got.Delivery.Status, carried)
		exec(t, b, "update messenger_channels set link_seq = last_seq")
	}
}

// Who dies before a message goes out is not written to: it is cancelled, and says why.
func TestScheduledAndThenDeceased(t *testing.T) {
	t.Parallel()
	b, now := laterBundle(t, beforeTheClocksChange())
	p := email("grace", "Hello")
	p.SendLocal = london("2027-03-30T08:05")
	sent := b.send(t, "amira", p)
	b.clients.Put(north, adapters.Client{ID: "grace", Name: "Grace Okafor", Email: "grace@example.org", Deceased: true})
	*now = beforeTheClocksChange().AddDate(0, 0, 4)
	b.deliver(t, sent.Message.ID, 1)
	got := b.message(t, sent.Channel, sent.Message.ID)
	require.Equal(t, messenger.DeliveryCancelled, got.Delivery.Status)
	require.Equal(t, messenger.CancelledByDeath, got.CancelledBecause)
	require.Zero(t, b.email.Carried(sent.Message.ID.String()))
}

// Edit stops a scheduled message and gives its text back as the asker's draft with its time, in one act; what goes out
// or was cancelled can't be edited, and nothing is done then.
func TestEdit(t *testing.T) {
	t.Parallel()
	b, now := laterBundle(t, beforeTheClocksChange())
	amira, ben := as(t, "amira"), as(t, "ben")
	p := email("grace", "Are you coming?")
	p.SendLocal, p.Unless = london("2027-03-30T08:05"), messenger.UnlessReplied
	p.Expects, p.ExpectBy = messenger.ExpectsReply, "2027-04-02"
	sent := b.send(t, "amira", p)
	_, err := b.SaveDraft(amira, "grace", messenger.Draft{Medium: adapters.SMS, Body: "Something else"})
	require.NoError(t, err)

	_, err = b.Edit(as(t, "chloe"), sent.Message.ID)
	requireCode(t, messenger.CodeForbidden, err)
	_, err = b.Edit(as(t, "dev"), sent.Message.ID)
	requireCode(t, messenger.CodeNotFound, err)

	want := messenger.Draft{
		Medium: adapters.Email, Subject: "Hello", Body: "Are you coming?", SendLocal: london("2027-03-30T08:05"), Unless: messenger.UnlessReplied,
		Expects: messenger.ExpectsReply, ExpectBy: "2027-04-02",
	}
	draft, err := b.Edit(amira, sent.Message.ID)
	require.NoError(t, err)
	require.NotEmpty(t, draft.Key)
	want.Key = draft.Key
	require.Equal(t, want, draft)
	opened, err := b.Channel(amira, sent.Channel.ID)
	require.NoError(t, err)
	require.Equal(t, &want, opened.Draft, "in place of the former one")
	require.Nil(t, opened.LastMessage, "nothing else was said")
	got := b.message(t, sent.Channel, sent.Message.ID)
	require.Equal(t, messenger.DeliveryCancelled, got.Delivery.Status)
	require.Equal(t, messenger.CancelledByPerson, got.CancelledBecause)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_history where message_id = $1 and action = 'edited' and actor_id = 'amira'", sent.Message.ID))
	_, err = b.Edit(amira, sent.Message.ID)
	requireCode(t, messenger.CodeAlreadySent, err)

	p = email("grace", "By UTC")
	p.SendAfter = time.Date(2027, 3, 29, 9, 0, 0, 0, time.UTC)
	sent = b.send(t, "amira", p)
	require.Empty(t, b.draftOf(amira, t), "a send forgets it")
	draft, err = b.Edit(ben, sent.Message.ID)
	require.NoError(t, err)
	require.Equal(t, london("2027-03-29T10:00"), draft.SendLocal, "as the organisation's clocks show it")
	require.Empty(t, b.draftOf(amira, t), "it is the asker's")

	p = email("grace", "At once")
	p.SendAfter = now.Add(10 * time.Second)
	sent = b.send(t, "amira", p)
	draft, err = b.Edit(amira, sent.Message.ID)
	require.NoError(t, err)
	require.Zero(t, draft.SendLocal, "that it can be undone is no time of its own")
	for _, at := range []time.Time{{}, now.Add(10 * time.Second)} {
		p.SendAfter = at
		sent = b.send(t, "amira", p)
		exec(t, b, "update messenger_messages set send_after = null, delivery_status = 'queued' where id = $1", sent.Message.ID)
		_, err = b.SaveDraft(amira, "grace", messenger.Draft{Medium: adapters.SMS, Body: "Mine"})
		require.NoError(t, err)
		_, err = b.Edit(amira, sent.Message.ID)
		requireCode(t, messenger.CodeAlreadySent, err)
		b.deliver(t, sent.Message.ID, 1)
		_, err = b.Edit(amira, sent.Message.ID)
		requireCode(t, messenger.CodeAlreadySent, err)
		require.Equal(t, "Mine", b.draftOf(amira, t).Body, "nothing was done")
	}
}

// A private message comes back with its words, private, and by the clock that it was given by.
func TestEditAPrivateMessage(t *testing.T) {
	t.Parallel()
	b, _ := laterBundle(t, beforeTheClocksChange())
	p := email("grace", secretWords)
	paris := messenger.LocalTime{At: "2027-03-30T08:05", Zone: "Europe/Paris"}
	p.Private, p.SendLocal = true, paris
	sent := b.send(t, "amira", p)
	draft, err := b.Edit(as(t, "amira"), sent.Message.ID)
	require.NoError(t, err)
	require.Equal(t, messenger.Draft{
		Medium: adapters.Email, Subject: "Hello", Body: secretWords, Private: true, SendLocal: paris, Key: draft.Key,
	}, draft)
	require.Equal(t, draft, b.draftOf(as(t, "amira"), t))
}

// Of an edit and the message's going out at the same moment, one wins, and the other finds it done.
func TestEditWhileItGoesOut(t *testing.T) {
	t.Parallel()
	b, now := laterBundle(t, beforeTheClocksChange())
	for range 10 {
		p := email("grace", "Hello")
		p.SendAfter = now.Add(time.Minute)
		sent := b.send(t, "amira", p)
		exec(t, b, "update messenger_messages set send_after = $2 where id = $1", sent.Message.ID, now.Add(-time.Minute))
		var edited error
		together(2, func(n int) {
			if n == 0 {
				_ = b.Jobs().Deliver(t.Context(), sent.Message.ID, 1)
				return
			}
			_, edited = b.Edit(as(t, "amira"), sent.Message.ID)
		})
		require.Equal(t, edited != nil, b.email.Carried(sent.Message.ID.String()) == 1)
		if edited != nil {
			requireCode(t, messenger.CodeAlreadySent, edited)
		}
	}
}

// A draft keeps when it is to go out, though that may be over or not exist any more, but not what is no time at all.
func TestDraftKeepsItsTime(t *testing.T) {
	t.Parallel()
	b, _ := laterBundle(t, beforeTheClocksChange())
	amira := as(t, "amira")
	for _, at := range []string{"2027-03-30T08:05", "2027-03-28T01:30", "2020-01-01T08:05"} {
		want := messenger.Draft{Medium: adapters.SMS, Body: "Hello", SendLocal: london(at), Unless: messenger.UnlessReplied}
		got, err := b.SaveDraft(amira, "grace", want)
		require.NoError(t, err)
		want.Key = got.Key
		require.Equal(t, want, got)
		require.Equal(t, want, b.draftOf(amira, t))
	}
	for _, draft := range []messenger.Draft{
		{Medium: adapters.SMS, SendLocal: london("tomorrow")},
		{Medium: adapters.SMS, SendLocal: messenger.LocalTime{At: "2027-03-30T08:05"}},
		{Medium: adapters.SMS, Unless: "read"},
	} {
		_, err := b.SaveDraft(amira, "grace", draft)
		requireCode(t, messenger.CodeInvalid, err)
	}
}
