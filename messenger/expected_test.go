package messenger_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// asking is a message that asks for something by a day, so many days from now.
func asking(client adapters.ClientID, what messenger.Expectation, days int) messenger.SendParams {
	p := email(client, "Can you come on Tuesday?")
	p.Expects, p.ExpectBy = what, time.Now().AddDate(0, 0, days).Format(time.DateOnly)
	return p
}

// asked is such a message that went out.
func (b *bundle) asked(t *testing.T, p messenger.SendParams) messenger.Sent {
	t.Helper()
	sent := b.send(t, "amira", p)
	b.deliver(t, sent.Message.ID, 1)
	return sent
}

func (b *bundle) awaiting(t *testing.T, sent messenger.Sent) messenger.AwaitingStatus {
	t.Helper()
	message := b.message(t, sent.Channel, sent.Message.ID)
	require.NotNil(t, message.Awaiting)
	return message.Awaiting.Status
}

// late has the day be over by which an answer was expected.
func (b *bundle) late(t *testing.T, message uuid.UUID) {
	t.Helper()
	_, err := b.pool.Exec(t.Context(), "update messenger_messages set awaiting_due = now() - interval '1 hour' where id = $1", message)
	require.NoError(t, err)
}

func TestWhatIsExpectedIsCheckedWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	london, err := time.LoadLocation("Europe/London") // the organisation's days
	require.NoError(t, err)
	year := time.Now().In(london).AddDate(1, 0, 0)
	p := asking("grace", messenger.ExpectsReply, 7)
	p.ExpectBy = year.Format(time.DateOnly)
	_, err = b.Check(as(t, "amira"), p)
	require.NoError(t, err, "a year at most")
	for _, change := range map[string]func(*messenger.SendParams){
		"no day":             func(p *messenger.SendParams) { p.ExpectBy = "" },
		"nothing":            func(p *messenger.SendParams) { p.Expects = "" },
		"something else":     func(p *messenger.SendParams) { p.Expects = "money" },
		"no such day":        func(p *messenger.SendParams) { p.ExpectBy = "2026-02-30" },
		"a day that is over": func(p *messenger.SendParams) { p.ExpectBy = time.Now().AddDate(0, 0, -2).Format(time.DateOnly) },
		"a year and a day":   func(p *messenger.SendParams) { p.ExpectBy = year.AddDate(0, 0, 1).Format(time.DateOnly) },
		"without a link":     func(p *messenger.SendParams) { p.NoReplyLink = true },
		"before it goes out": func(p *messenger.SendParams) { p.SendAfter = time.Now().AddDate(0, 0, 30) },
	} {
		p := asking("grace", messenger.ExpectsReply, 7)
		change(&p)
		_, err := b.Send(as(t, "amira"), p)
		requireCode(t, messenger.CodeInvalid, err)
		_, err = b.Check(as(t, "amira"), p)
		requireCode(t, messenger.CodeInvalid, err)
	}
	p = asking("grace", messenger.ExpectsReply, 7)
	p.NoReplyLink, p.Body = true, "Answer here: {{ reply_link }}"
	channel := b.send(t, "amira", p).Channel.ID
	_, err = b.SetReplies(as(t, "amira"), channel, false)
	require.NoError(t, err)
	_, err = b.Send(as(t, "amira"), asking("grace", messenger.ExpectsReply, 7))
	requireCode(t, messenger.CodeInvalid, err)
	_, err = b.Check(as(t, "amira"), asking("grace", messenger.ExpectsReply, 7))
	requireCode(t, messenger.CodeInvalid, err)
	many := messenger.BroadcastParams{
		Medium: adapters.SMS, Body: "Can you come?", Clients: []adapters.ClientID{"grace"},
		Expects: messenger.ExpectsReply, ExpectBy: p.ExpectBy,
	}
	_, err = b.PreviewBroadcast(as(t, "amira"), many)
	requireCode(t, messenger.CodeInvalid, err)
	many.ReplyLink = true
	_, err = b.PreviewBroadcast(as(t, "amira"), many)
	require.NoError(t, err)
	draft := messenger.Draft{Medium: adapters.SMS, Body: "x", Expects: messenger.ExpectsReply, ExpectBy: "2020-01-01", Private: true}
	saved, err := b.SaveDraft(as(t, "amira"), "grace", draft)
	require.NoError(t, err)
	draft.Key = saved.Key
	page, err := b.Client(as(t, "amira"), "grace")
	require.NoError(t, err)
	require.Equal(t, &draft, page.Draft)
	for _, odd := range []messenger.Draft{{Expects: "money", ExpectBy: "2027-01-01"}, {ExpectBy: "2027-02-30"}} {
		odd.Medium = adapters.SMS
		_, err = b.SaveDraft(as(t, "amira"), "grace", odd)
		requireCode(t, messenger.CodeInvalid, err)
	}
}

// A day lasts until it is over where the organisation is, in summer too: the day on which it goes out is one.
func TestTheDayLastsUntilItIsOver(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 6, 1, 21, 0, 0, 0, time.UTC)
	b := setup(t, func(c *messenger.Config) { c.Now = func() time.Time { return now } })
	p := email("grace", "Are you safe tonight?")
	p.Expects, p.ExpectBy = messenger.ExpectsReply, "2027-06-01"
	sent := b.send(t, "amira", p)
	var due time.Time
	require.NoError(t, b.pool.QueryRow(t.Context(), "select awaiting_due from messenger_messages where id = $1",
		sent.Message.ID).Scan(&due))
	require.True(t, due.Equal(time.Date(2027, 6, 1, 23, 0, 0, 0, time.UTC)), due)
	p.SendAfter = due // its midnight
	_, err := b.Send(as(t, "amira"), p)
	requireCode(t, messenger.CodeInvalid, err)
}

// What is waited for is settled by a reply that came after it went out, in this channel, and by nothing else.
func TestAReplySettlesWhatIsAwaited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.asked(t, asking("grace", messenger.ExpectsAcknowledgement, 7))
	second := b.send(t, "amira", asking("grace", messenger.ExpectsReply, 3))
	require.Equal(t, messenger.AwaitingWaiting, b.awaiting(t, first))
	require.Equal(t, second.Message.Awaiting.By, b.row(t, first.Channel).Awaiting.By, "the first day of both")
	b.reply(t, b.send(t, "dev", email("grace", "Hello")).Channel, "To somebody else")
	require.Equal(t, messenger.AwaitingWaiting, b.awaiting(t, first))
	b.reply(t, first.Channel, "Yes")
	require.Equal(t, messenger.AwaitingAnswered, b.awaiting(t, first), "a reply says that it was read too")
	require.Equal(t, messenger.AwaitingWaiting, b.awaiting(t, second), "it had not gone out")
	b.deliver(t, second.Message.ID, 1)
	later := asking("grace", messenger.ExpectsReply, 9)
	later.SendAfter = time.Now().Add(time.Hour)
	cancelled := b.send(t, "amira", later)
	_, err := b.Cancel(as(t, "amira"), cancelled.Message.ID)
	require.NoError(t, err)
	require.Nil(t, b.message(t, first.Channel, cancelled.Message.ID).Awaiting, "a cancelled message waits for nothing")
	b.reply(t, first.Channel, "On Tuesday")
	require.Equal(t, messenger.AwaitingAnswered, b.awaiting(t, second))
	require.Nil(t, b.row(t, first.Channel).Awaiting)

	doubtful := b.send(t, "amira", asking("grace", messenger.ExpectsReply, 3))
	b.email.LoseNext(errors.New("the answer was lost"))
	require.Error(t, b.Jobs().Deliver(t.Context(), doubtful.Message.ID, 1))
	plain := b.with(t, b.plain())
	unknown := b.send(t, "amira", asking("grace", messenger.ExpectsReply, 3))
	b.die(t, unknown.Message.ID)
	b.reply(t, first.Channel, "Yes, I can")
	require.Equal(t, messenger.AwaitingWaiting, b.awaiting(t, doubtful))
	b.deliver(t, doubtful.Message.ID, 2)
	require.Equal(t, messenger.AwaitingAnswered, b.awaiting(t, doubtful), "it had gone out when the reply came")
	plain.deliver(t, unknown.Message.ID, 2)
	require.Equal(t, messenger.DeliveryUnknown, b.message(t, first.Channel, unknown.Message.ID).Delivery.Status)
	require.Equal(t, messenger.AwaitingAnswered, b.awaiting(t, unknown))
}

// 'I have read this' is no reply: nothing is unread by it, and it settles what asks for it alone.
func TestAcknowledging(t *testing.T) {
	t.Parallel()
	b := setup(t)
	read := b.asked(t, asking("grace", messenger.ExpectsAcknowledgement, 7))
	answer := b.asked(t, asking("grace", messenger.ExpectsReply, 7))
	hidden := asking("grace", messenger.ExpectsAcknowledgement, 7)
	hidden.Private = true
	secret := b.asked(t, hidden)
	token := b.token(t, read.Channel)
	page, err := b.ReplyPage(t.Context(), token, "")
	require.NoError(t, err)
	require.True(t, page.Acknowledge)
	require.NoError(t, b.Acknowledge(t.Context(), token, ""))
	require.Equal(t, messenger.AwaitingAcknowledged, b.awaiting(t, read))
	require.Equal(t, messenger.AwaitingWaiting, b.awaiting(t, answer))
	require.Equal(t, messenger.AwaitingWaiting, b.awaiting(t, secret), "a private one after proof alone")
	require.Equal(t, messenger.Open, b.row(t, read.Channel).Status)
	page, err = b.ReplyPage(t.Context(), token, "")
	require.NoError(t, err)
	require.False(t, page.Acknowledge)
	require.NotZero(t, page.Acknowledged)
	proof := b.prove(t, read.Channel, "29", "2", "1984")
	require.NoError(t, b.Acknowledge(t.Context(), token, proof))
	require.Equal(t, messenger.AwaitingAcknowledged, b.awaiting(t, secret))
	require.NoError(t, b.Acknowledge(t.Context(), token, proof))
	require.Equal(t, 2, count(t, b.pool, "select count(*) from messenger_history where action = 'acknowledged' and actor_kind = 'client'"))
	requireCode(t, messenger.CodeNotFound, b.Acknowledge(t.Context(), "nothing", proof))
	b.send(t, "amira", asking("grace", messenger.ExpectsAcknowledgement, 7))
	page, err = b.ReplyPage(t.Context(), token, "")
	require.NoError(t, err)
	require.False(t, page.Acknowledge, "nobody can have read what has not gone out")
}

func TestWhatIsAwaitedIsListedAndCounted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	waits := b.asked(t, asking("grace", messenger.ExpectsReply, 7))
	inTime := b.asked(t, asking("sian", messenger.ExpectsReply, 7))
	b.send(t, "amira", email("objects", "Hello"))
	inbox := func(show messenger.Show) messenger.InboxPage {
		page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Show: show})
		require.NoError(t, err)
		return page
	}
	page := inbox(messenger.ShowAwaiting)
	require.Len(t, page.Items, 2)
	require.Equal(t, 2, page.Counts.Awaiting)
	require.Zero(t, page.Counts.Attention)
	me, err := b.Me(as(t, "amira"))
	require.NoError(t, err)
	require.Equal(t, 2, me.AwaitingCount)
	b.late(t, waits.Message.ID)
	require.Equal(t, messenger.AwaitingOverdue, b.awaiting(t, waits))
	row := b.row(t, waits.Channel)
	require.Equal(t, messenger.AwaitingOverdue, row.Awaiting.Status)
	require.Equal(t, []messenger.Attention{messenger.AttentionAnswerOverdue}, row.Attention)
	page = inbox(messenger.ShowAttention)
	require.Len(t, page.Items, 1)
	require.Equal(t, 1, page.Counts.Attention)
	colleagues, err := b.Inbox(as(t, "ben"), messenger.InboxParams{Staff: "amira", Show: messenger.ShowAttention})
	require.NoError(t, err)
	require.Equal(t, *page.Counts, *colleagues.Counts, "a colleague counts as the owner does")
	needed, err := b.Attention(as(t, "ben"), messenger.AttentionParams{Reason: messenger.AttentionAnswerOverdue})
	require.NoError(t, err)
	require.Len(t, needed.Items, 1)
	require.Equal(t, waits.Message.ID, needed.Items[0].Message.ID)
	require.Equal(t, []messenger.Act{messenger.ActResolve}, needed.Items[0].Can)
	require.Equal(t, 1, needed.Counts[messenger.AttentionAnswerOverdue])
	overview, err := b.Overview(as(t, "amira"))
	require.NoError(t, err)
	require.Equal(t, []int{2, 1}, []int{overview.Inboxes[0].Awaiting, overview.Inboxes[0].Attention})
	results, err := b.Act(as(t, "ben"), messenger.ActParams{
		IDs: []uuid.UUID{waits.Message.ID, inTime.Message.ID}, Do: messenger.ActResolve, Note: "She rang",
	})
	require.NoError(t, err)
	require.Empty(t, results[0].Code)
	require.Equal(t, messenger.CodeNothingToDo, results[1].Code, "it needs nobody")
	require.Equal(t, messenger.AwaitingWaiting, b.awaiting(t, inTime))
	require.Equal(t, messenger.AwaitingStopped, b.awaiting(t, waits))
	require.Empty(t, b.row(t, waits.Channel).Attention)
}

// A reminder goes out once, in the hours in which nobody minds, and not to who has answered by then.
func TestReminding(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	b := setup(t, func(c *messenger.Config) { c.Now = func() time.Time { return now } })
	sent := b.asked(t, asking("grace", messenger.ExpectsReply, 60))
	unsent := b.send(t, "amira", asking("sian", messenger.ExpectsReply, 60))
	plain := b.asked(t, email("grace", "Hello"))
	for _, id := range []uuid.UUID{unsent.Message.ID, plain.Message.ID} {
		_, err := b.Remind(as(t, "amira"), id)
		requireCode(t, messenger.CodeNothingToDo, err)
	}
	_, err := b.Remind(as(t, "chloe"), sent.Message.ID)
	requireCode(t, messenger.CodeForbidden, err)
	reminder, err := b.Remind(as(t, "ben"), sent.Message.ID)
	require.NoError(t, err)
	require.Equal(t, sent.Message.ID, reminder.Reminds)
	require.Equal(t, messenger.DeliveryQueued, reminder.Delivery.Status)
	require.NotContains(t, reminder.Body, "Tuesday")
	require.Equal(t, "A reminder", reminder.Subject)
	require.Contains(t, reminder.Body, "we are waiting for your reply")
	require.Contains(t, b.actions(t, sent.Channel), "ben:reminded")
	require.Nil(t, reminder.Awaiting)
	_, err = b.Remind(as(t, "amira"), sent.Message.ID)
	requireCode(t, messenger.CodeNothingToDo, err)

	now = time.Date(2026, 12, 1, 20, 0, 0, 0, time.UTC)
	late := b.asked(t, asking("objects", messenger.ExpectsAcknowledgement, 60))
	reminder, err = b.Remind(as(t, "amira"), late.Message.ID)
	require.NoError(t, err)
	require.Equal(t, messenger.DeliveryScheduled, reminder.Delivery.Status)
	require.Equal(t, time.Date(2026, 12, 2, 8, 0, 0, 0, time.UTC), reminder.SendAfter.UTC())
	require.Contains(t, reminder.Body, "please tell us that you have read our message")
	require.NoError(t, b.Acknowledge(t.Context(), b.token(t, late.Channel), ""))
	cancelled := b.message(t, late.Channel, reminder.ID)
	require.Equal(t, messenger.CancelledByReply, cancelled.CancelledBecause)
	require.Contains(t, b.actions(t, late.Channel), ":cancelled", "by nobody")
	require.Equal(t, late.Message.ID, b.row(t, late.Channel).LastMessage.ID)

	for at, goesOut := range map[time.Time]time.Time{ // by the clocks of London in summer
		time.Date(2027, 6, 1, 6, 59, 0, 0, time.UTC): time.Date(2027, 6, 1, 7, 0, 0, 0, time.UTC),
		time.Date(2027, 6, 1, 19, 0, 0, 0, time.UTC): time.Date(2027, 6, 2, 7, 0, 0, 0, time.UTC),
	} {
		now = at
		p := email("grace", "Hello")
		p.Expects, p.ExpectBy = messenger.ExpectsReply, "2027-08-01"
		waits := b.asked(t, p)
		reminder, err = b.Remind(as(t, "amira"), waits.Message.ID)
		require.NoError(t, err)
		require.True(t, reminder.SendAfter.Equal(goesOut), reminder.SendAfter)
		_, err = b.StopWaiting(as(t, "amira"), waits.Message.ID, "")
		require.NoError(t, err)
		require.Equal(t, messenger.CancelledByPerson, b.message(t, waits.Channel, reminder.ID).CancelledBecause)
	}
}

// A reminder is held to its rules as it goes out too: in the hours of the day, of what still waits, and never to
// somebody who was discharged.
func TestAReminderGoesOutByItsRules(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 19, 50, 0, 0, time.UTC)
	b := setup(t, func(c *messenger.Config) { c.Now = func() time.Time { return now } })
	sent := b.asked(t, asking("grace", messenger.ExpectsReply, 60))
	reminder, err := b.Remind(as(t, "amira"), sent.Message.ID)
	require.NoError(t, err)
	now = time.Date(2026, 12, 1, 23, 0, 0, 0, time.UTC)
	require.Error(t, b.Jobs().Deliver(t.Context(), reminder.ID, 4))
	waits := b.message(t, sent.Channel, reminder.ID)
	require.Equal(t, messenger.DeliveryScheduled, waits.Delivery.Status)
	require.Nil(t, waits.Delivery.Waiting, "for no safe hours")
	require.Equal(t, time.Date(2026, 12, 2, 8, 0, 0, 0, time.UTC), waits.SendAfter.UTC())
	now = time.Date(2026, 12, 2, 8, 0, 0, 0, time.UTC)
	b.deliver(t, reminder.ID, 5)
	require.Equal(t, messenger.DeliverySent, b.message(t, sent.Channel, reminder.ID).Delivery.Status)
	checking(b)
	page, err := b.ReplyPage(t.Context(), b.token(t, sent.Channel), b.prove(t, sent.Channel, "29", "2", "1984"))
	require.NoError(t, err)
	require.Equal(t, sent.Message.ID, page.Answering.ID, "the question, not what reminded of it")

	stopped := b.asked(t, asking("sian", messenger.ExpectsReply, 60))
	failed, err := b.Remind(as(t, "amira"), stopped.Message.ID)
	require.NoError(t, err)
	b.email.FailNext(adapters.ErrWrongContact)
	b.deliver(t, failed.ID, 1)
	_, err = b.StopWaiting(as(t, "amira"), stopped.Message.ID, "She rang")
	require.NoError(t, err)
	_, err = b.Retry(as(t, "amira"), failed.ID)
	requireCode(t, messenger.CodeNothingToDo, err)

	off := b.asked(t, asking("sian", messenger.ExpectsReply, 60))
	unsent, err := b.Remind(as(t, "amira"), off.Message.ID)
	require.NoError(t, err)
	_, err = b.SetReplies(as(t, "amira"), off.Channel.ID, false)
	require.NoError(t, err)
	b.deliver(t, unsent.ID, 1)
	require.Equal(t, messenger.CancelledByPerson, b.message(t, off.Channel, unsent.ID).CancelledBecause, "it would have no link")
	_, err = b.Remind(as(t, "amira"), off.Message.ID)
	requireCode(t, messenger.CodeInvalid, err)
	_, err = b.SetReplies(as(t, "amira"), off.Channel.ID, true)
	require.NoError(t, err)
	again, err := b.Remind(as(t, "amira"), off.Message.ID)
	require.NoError(t, err, "what was cancelled reminded nobody")
	b.deliver(t, again.ID, 1)
	_, err = b.Remind(as(t, "amira"), off.Message.ID)
	requireCode(t, messenger.CodeNothingToDo, err)

	leaving := b.asked(t, asking("grace", messenger.ExpectsReply, 60))
	queued, err := b.Remind(as(t, "amira"), leaving.Message.ID)
	require.NoError(t, err)
	require.NoError(t, b.ClientDischarged(t.Context(), north, "grace"))
	b.deliver(t, queued.ID, 1)
	require.Equal(t, messenger.CancelledByDischarge, b.message(t, leaving.Channel, queued.ID).CancelledBecause)
	_, err = b.Send(as(t, "amira"), asking("grace", messenger.ExpectsReply, 60))
	requireCode(t, messenger.CodeInvalid, err)
}

// What never went out is no answer that is late: it waits, or has failed, and says so itself.
func TestNoAnswerIsLateToWhatDidNotGoOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	scheduled := asking("grace", messenger.ExpectsReply, 7)
	scheduled.SendAfter = time.Now().Add(time.Hour)
	sent := b.send(t, "amira", scheduled)
	b.late(t, sent.Message.ID)
	require.Equal(t, messenger.AwaitingWaiting, b.awaiting(t, sent))
	require.Empty(t, b.row(t, sent.Channel).Attention)
	page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Show: messenger.ShowAttention})
	require.NoError(t, err)
	require.Empty(t, page.Items)
	require.Zero(t, page.Counts.Attention)
	list, err := b.Attention(as(t, "amira"), messenger.AttentionParams{})
	require.NoError(t, err)
	require.Empty(t, list.Items)
	_, err = b.pool.Exec(t.Context(), "update messenger_messages set delivery_status = 'sent', send_after = null where id = $1", sent.Message.ID)
	require.NoError(t, err)
	require.Equal(t, messenger.AwaitingOverdue, b.awaiting(t, sent))
	require.Equal(t, []messenger.Attention{messenger.AttentionAnswerOverdue}, b.row(t, sent.Channel).Attention)
}

func TestWaitingIsStopped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.asked(t, asking("grace", messenger.ExpectsReply, 7))
	_, err := b.StopWaiting(as(t, "chloe"), sent.Message.ID, "")
	requireCode(t, messenger.CodeForbidden, err)
	stopped, err := b.StopWaiting(as(t, "ben"), sent.Message.ID, "She rang")
	require.NoError(t, err)
	require.Equal(t, messenger.AwaitingStopped, stopped.Awaiting.Status)
	_, err = b.StopWaiting(as(t, "amira"), sent.Message.ID, "")
	requireCode(t, messenger.CodeNothingToDo, err)
	_, err = b.Remind(as(t, "amira"), sent.Message.ID)
	requireCode(t, messenger.CodeNothingToDo, err)
	history, err := b.History(as(t, "amira"), sent.Channel.ID, messenger.PageParams{})
	require.NoError(t, err)
	require.Equal(t, messenger.ActionWaitingStopped, history.Items[0].Action)
	require.Equal(t, "She rang", history.Items[0].Note)

	answered := b.asked(t, asking("sian", messenger.ExpectsReply, 7))
	b.reply(t, answered.Channel, "Yes")
	discharged := b.asked(t, asking("sian", messenger.ExpectsReply, 7))
	scheduled := asking("sian", messenger.ExpectsReply, 7)
	scheduled.SendAfter = time.Now().Add(time.Hour)
	b.send(t, "amira", scheduled)
	for range 2 {
		require.NoError(t, b.ClientDischarged(t.Context(), north, "sian"))
	}
	require.Equal(t, []string{discharged.Message.ID.String()}, namesOf(t, b, `select message_id::text
		from messenger_history where action = 'waiting_stopped' and note = 'discharged' and actor_kind = 'system'`),
		"what was cancelled waited for nothing")
	require.Equal(t, messenger.AwaitingStopped, b.awaiting(t, discharged))
	require.Equal(t, messenger.AwaitingAnswered, b.awaiting(t, answered), "what is settled stays so")
	_, err = b.Remind(as(t, "amira"), discharged.Message.ID)
	requireCode(t, messenger.CodeNothingToDo, err)
}

// A restricted client is reminded for the reason for which they were written to, privately as all that they get.
func TestARestrictedClientIsReminded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := asking("secret", messenger.ExpectsReply, 60)
	p.Override = "Safeguarding review"
	sent := b.asked(t, p)
	reminder, err := b.Remind(as(t, "amira"), sent.Message.ID)
	require.NoError(t, err)
	require.True(t, reminder.Private)
	require.Equal(t, "Safeguarding review",
		text(t, b, "select override_reason from messenger_messages where id = $1", reminder.ID))

	late := b.asked(t, asking("grace", messenger.ExpectsReply, 60))
	b.clients.Put(north, adapters.Client{
		ID: "grace", Name: "Grace Bello", Email: "grace@example.org", DateOfBirth: "1971-05-06", Restricted: true,
	})
	_, err = b.Remind(as(t, "amira"), late.Message.ID)
	requireCode(t, messenger.CodeRestricted, err)
}

// A text that settled what was awaited settles nothing once it is taken out again: it waits to be sorted, the answer is
// awaited as before, and is overdue where the day is over. Put in again, it answers again.
func TestWhatATextSettledWaitsAgain(t *testing.T) {
	t.Parallel()
	b, text := inbound(t)
	sent := b.asked(t, asking("grace", messenger.ExpectsReply, 7))
	acknowledged := b.asked(t, asking("grace", messenger.ExpectsAcknowledgement, 7))
	stopped := b.asked(t, asking("grace", messenger.ExpectsReply, 7))
	_, err := b.StopWaiting(as(t, "amira"), stopped.Message.ID, "")
	require.NoError(t, err)
	text("+447700900123", "I will come")
	waiting := only(t, b, "amira")
	here := messenger.AssignParams{Channel: sent.Channel.ID, Reason: "She said so"}
	statuses := func(want ...messenger.AwaitingStatus) {
		t.Helper()
		require.Equal(t, want, []messenger.AwaitingStatus{
			b.awaiting(t, sent), b.awaiting(t, acknowledged), b.awaiting(t, stopped),
		})
	}
	counted := func(want int) {
		t.Helper()
		me, err := b.Me(as(t, "amira"))
		require.NoError(t, err)
		require.Equal(t, want, me.AwaitingCount)
		inbox, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Show: messenger.ShowAwaiting})
		require.NoError(t, err)
		require.Len(t, inbox.Items, want)
	}
	for range 2 {
		_, err = b.Assign(as(t, "amira"), waiting.ID, here)
		require.NoError(t, err)
		statuses(messenger.AwaitingAnswered, messenger.AwaitingAnswered, messenger.AwaitingStopped)
		counted(0)
		page, err := b.Unmatched(as(t, "amira"), messenger.PageParams{})
		require.NoError(t, err)
		require.Empty(t, page.Items)
		_, err = b.Unassign(as(t, "amira"), waiting.ID, "")
		require.NoError(t, err)
		statuses(messenger.AwaitingWaiting, messenger.AwaitingWaiting, messenger.AwaitingStopped)
		counted(1)
		require.Equal(t, waiting, only(t, b, "amira"), "it waits to be sorted as before")
	}
	_, err = b.Assign(as(t, "amira"), waiting.ID, here)
	require.NoError(t, err)
	b.late(t, sent.Message.ID)
	b.tellOverdue(t)
	require.Empty(t, b.row(t, sent.Channel).Attention, "an answer is there")
	_, err = b.Unassign(as(t, "amira"), waiting.ID, "")
	require.NoError(t, err)
	b.tellOverdue(t)
	require.Equal(t, messenger.AwaitingOverdue, b.awaiting(t, sent))
	require.Equal(t, []messenger.Attention{messenger.AttentionAnswerOverdue}, b.row(t, sent.Channel).Attention)
}
