package messenger_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// leavingBundle has fay, who may open and act in everybody's inbox and is north's fallback, and amira with an unread
// reply and a text that is to go out tomorrow. Jobs run.
func leavingBundle(t *testing.T) (*bundle, messenger.Channel, uuid.UUID) {
	t.Helper()
	b := setup(t)
	b.staff.Add(adapters.Member{
		ID: "fay", Name: "Fay Okonkwo", Organisation: north, Manages: true, Media: []adapters.Medium{adapters.Email, adapters.SMS},
	})
	var inboxes []adapters.Inbox
	for _, owner := range []adapters.StaffID{"amira", "ben", "chloe", "dev"} {
		inboxes = append(inboxes, adapters.Inbox{Staff: owner, MayAct: true})
	}
	b.staff.Share("fay", inboxes...)
	b.orgs.Put(adapters.Organisation{
		ID: north, Name: "North Social Prescribing", PublicURL: "https://north.example.org/m", Fallback: []adapters.StaffID{"fay"},
	})
	b.work(t)
	later := sms("grace", "Tomorrow")
	later.SendAfter = b.Now(t.Context()).Add(24 * time.Hour)
	sent := b.send(t, "amira", later)
	b.reply(t, sent.Channel, "Please ring me")
	return b, sent.Channel, sent.Message.ID
}

func (b *bundle) leaves(t *testing.T, staff, to adapters.StaffID) {
	t.Helper()
	require.NoError(t, b.StaffLeft(t.Context(), north, staff, to))
	eventually(t, func() bool {
		return count(t, b.pool, `select count(*) from river_job where kind = 'messenger_staff_left'
			and state not in ('completed', 'discarded', 'cancelled')`) == 0
	}, "what follows from leaving is done")
}

// Nobody takes what is in a leaver's inbox: the fallback has it in front of them, the link stays on, the client is told
// of the fallback, and what was scheduled is cancelled and asks for a person.
func TestTheFallbackCoversWhoLeft(t *testing.T) {
	t.Parallel()
	b, channel, scheduled := leavingBundle(t)
	b.staff.Add(adapters.Member{ID: "gil", Name: "Gil Price", Organisation: north})
	b.orgs.Put(adapters.Organisation{ // the first of them who is here covers
		ID: north, Name: "North Social Prescribing", PublicURL: "https://north.example.org/m",
		Fallback: []adapters.StaffID{"a\x00", "nobody", "gil", "fay"},
	})
	b.leaves(t, "gil", "")
	b.staff.Share("chloe", adapters.Inbox{Staff: "amira", Name: "Amira Shah", MayAct: true})
	fay := as(t, "fay")
	b.leaves(t, "amira", "")
	b.staff.Leave("amira")

	me, err := b.Me(fay)
	require.NoError(t, err)
	require.Equal(t, []messenger.Covering{{Staff: "amira", Name: "Amira Shah"}}, me.Covering)
	require.Equal(t, 1, me.UnreadCount)
	inbox, err := b.Inbox(fay, messenger.InboxParams{Staff: "fay"})
	require.NoError(t, err)
	require.Len(t, inbox.Items, 1)
	require.EqualValues(t, "amira", inbox.Items[0].CoveredFor)
	require.Equal(t, 1, inbox.Counts.Unread)
	bell, err := b.NotificationCount(fay)
	require.NoError(t, err)
	require.Equal(t, 1, bell.Unread)
	others, err := b.Me(as(t, "chloe"))
	require.NoError(t, err)
	require.Empty(t, others.Covering, "who is no fallback covers nothing")

	opened, err := b.Channel(fay, channel.ID)
	require.NoError(t, err)
	require.True(t, opened.RepliesAllowed)
	require.Equal(t, &messenger.Cover{Staff: "fay", Name: "Fay Okonkwo"}, opened.Cover)
	page, err := b.ReplyPage(t.Context(), b.tokenAs(fay, t, channel), "")
	require.NoError(t, err)
	require.Equal(t, "Fay Okonkwo", page.StaffName)
	require.Equal(t, "Fay Okonkwo", page.ReadByWhen.StaffName)

	messages, err := b.Messages(fay, channel.ID, messenger.PageParams{})
	require.NoError(t, err)
	at := messages.Items[len(messages.Items)-1]
	require.Equal(t, scheduled, at.ID)
	require.Equal(t, messenger.DeliveryCancelled, at.Delivery.Status)
	require.Equal(t, messenger.CancelledByLeaving, at.CancelledBecause)
	needed, err := b.Attention(fay, messenger.AttentionParams{Reason: messenger.AttentionOwnerLeft})
	require.NoError(t, err)
	require.Len(t, needed.Items, 1)
	require.Equal(t, []messenger.Act{messenger.ActResolve}, needed.Items[0].Can)
	require.Equal(t, map[messenger.Attention]int{messenger.AttentionOwnerLeft: 1}, needed.Counts)

	eventually(t, func() bool { return b.told(string(messenger.AttentionOwnerLeft), "grace") == 1 }, "the host is told")

	_, inboxes := overviewOf(fay, t, b)
	require.Equal(t, messenger.Left, inboxes["amira"].State)
	require.Equal(t, &messenger.Colleague{Staff: "fay", Name: "Fay Okonkwo"}, inboxes["amira"].Cover)
	read, err := b.Channel(fay, channel.ID)
	require.NoError(t, err)
	require.NoError(t, b.Read(fay, channel.ID, read.LastMessage.ID, true))
	results, err := b.Act(fay, messenger.ActParams{IDs: []uuid.UUID{scheduled}, Do: messenger.ActResolve})
	require.NoError(t, err)
	require.Empty(t, results[0].Code)
	found, _ := overviewOf(fay, t, b)
	require.False(t, found.Safe, "an inbox without an owner is nobody's until somebody takes it")
	_, err = b.HandoverInbox(fay, "amira", messenger.HandoverParams{To: "ben"})
	require.NoError(t, err)
	eventually(t, func() bool {
		found, _ := overviewOf(fay, t, b)
		return found.Safe
	}, "somebody took it")
	me, err = b.Me(fay)
	require.NoError(t, err)
	require.Empty(t, me.Covering)
}

// tokenAs is the reply link's of a channel, as somebody who may act there reads it.
func (b *bundle) tokenAs(ctx context.Context, t *testing.T, channel messenger.Channel) string {
	t.Helper()
	opened, err := b.Channel(ctx, channel.ID)
	require.NoError(t, err)
	return opened.ReplyLink[len("https://north.example.org/m/r/"):]
}

// What a colleague can take is theirs, unread; what they can't stays, and what is scheduled in it is cancelled.
func TestALeaversInboxIsHandedOver(t *testing.T) {
	t.Parallel()
	b, texted, scheduled := leavingBundle(t)
	mailed := b.send(t, "amira", email("sian", "Hello")).Channel
	b.reply(t, mailed, "Hello back")
	b.leaves(t, "amira", "chloe")
	fay := as(t, "fay")
	require.EqualValues(t, "chloe", b.rowAs(fay, t, mailed).Staff)
	require.Equal(t, messenger.Unread, b.rowAs(fay, t, mailed).Status)
	kept, err := b.Channel(fay, texted.ID)
	require.NoError(t, err)
	require.EqualValues(t, "amira", kept.Staff, "chloe may not text")
	require.Equal(t, messenger.CancelledByLeaving, b.messageAs(fay, t, texted, scheduled).CancelledBecause)
	done, err := b.InboxHandover(fay, "amira")
	require.NoError(t, err)
	require.Equal(t, [3]int{2, 1, 1}, [3]int{done.Total, done.Moved, done.RefusedCount})

	b.leaves(t, "amira", "dev")
	taken, err := b.Channel(as(t, "dev"), texted.ID)
	require.NoError(t, err)
	require.Equal(t, messenger.Unread, taken.Status, "a second call hands over what was left")
	require.Equal(t, 1, count(t, b.pool,
		"select count(*) from messenger_inbox_history where staff_id = 'amira' and action = 'away'"), "she left once")
}

// The pages of whom a leaver covered and of the fallback fetch again whom they cover; so they do once they are back.
func TestPagesAreToldWhoLeft(t *testing.T) {
	t.Parallel()
	b, _, _ := leavingBundle(t)
	eventually(t, func() bool { return healthCheck(t, b, "listener").OK }, "it hears")
	fallback, owner := subscribe(t, b, "fay", "", ""), subscribe(t, b, "amira", "", "")
	amira := as(t, "amira")
	_, err := b.SetAbsence(amira, "amira", messenger.AbsenceParams{From: b.Now(amira), Cover: "ben"})
	require.NoError(t, err)
	until(t, owner, "reset")
	b.leaves(t, "ben", "")
	until(t, fallback, "reset")
	until(t, owner, "reset")
	require.NoError(t, b.StaffReturned(t.Context(), north, "ben"))
	until(t, fallback, "reset")
	until(t, owner, "reset")
}

// Somebody named to cover a leaver covers in place of the fallback. Who left another organisation has not left here.
func TestWhoIsNamedCoversALeaver(t *testing.T) {
	t.Parallel()
	b, channel, scheduled := leavingBundle(t)
	fay := as(t, "fay")
	late := jobs.StaffLeft{Organisation: string(north), Staff: "amira", Handover: uuid.New()}
	require.NoError(t, b.Jobs().StaffLeft(t.Context(), late, 1), "of who is back by then")
	require.Equal(t, messenger.DeliveryScheduled, b.messageAs(fay, t, channel, scheduled).Delivery.Status)
	require.NoError(t, b.StaffLeft(t.Context(), south, "amira", ""))
	page, err := b.ReplyPage(t.Context(), b.tokenAs(fay, t, channel), "")
	require.NoError(t, err)
	require.Equal(t, "Amira Shah", page.StaffName)
	b.leaves(t, "amira", "")
	_, err = b.SetAbsence(fay, "amira", messenger.AbsenceParams{From: b.Now(fay), Cover: "ben"})
	require.NoError(t, err)
	me, err := b.Me(fay)
	require.NoError(t, err)
	require.Empty(t, me.Covering)
	me, err = b.Me(as(t, "ben"))
	require.NoError(t, err)
	require.EqualValues(t, "amira", me.Covering[0].Staff)
	b.staff.Share("fay")
	_, err = b.Absence(fay, "amira")
	require.NoError(t, err, "who manages says so too")
}

func (b *bundle) rowAs(ctx context.Context, t *testing.T, channel messenger.Channel) messenger.Channel {
	t.Helper()
	opened, err := b.Channel(ctx, channel.ID)
	require.NoError(t, err)
	return opened.Channel
}

func (b *bundle) messageAs(ctx context.Context, t *testing.T, channel messenger.Channel, id uuid.UUID) messenger.Message {
	t.Helper()
	page, err := b.Messages(ctx, channel.ID, messenger.PageParams{})
	require.NoError(t, err)
	for _, message := range page.Items {
		if message.ID == id {
			return message
		}
	}
	require.Fail(t, "no such message")
	return messenger.Message{}
}

// Whoever takes everything takes what is scheduled too, as it is.
func TestWhatIsScheduledGoesWithTheInbox(t *testing.T) {
	t.Parallel()
	b, channel, scheduled := leavingBundle(t)
	b.leaves(t, "amira", "ben")
	require.Equal(t, messenger.DeliveryScheduled, b.messageAs(as(t, "ben"), t, channel, scheduled).Delivery.Status)
}

// Whoever leaves covers nobody, and a fallback that is away covers no leaver: the client is told of the organisation.
func TestWhoLeftCoversNobody(t *testing.T) {
	t.Parallel()
	b, channel, _ := leavingBundle(t)
	amira := as(t, "amira")
	_, err := b.SetAbsence(amira, "amira", messenger.AbsenceParams{From: b.Now(amira), Cover: "ben"})
	require.NoError(t, err)
	opened, err := b.Channel(amira, channel.ID)
	require.NoError(t, err)
	require.EqualValues(t, "ben", opened.Cover.Staff)
	b.leaves(t, "ben", "")
	opened, err = b.Channel(amira, channel.ID)
	require.NoError(t, err)
	require.Nil(t, opened.Cover)
	require.Empty(t, opened.ReadByWhen.StaffName, "nobody reads there")
	_, inboxes := overviewOf(amira, t, b)
	require.Equal(t, messenger.Away, inboxes["amira"].State)
	require.Nil(t, inboxes["amira"].Cover)

	b.leaves(t, "amira", "")
	b.staff.Share("dev", adapters.Inbox{Staff: "fay", Name: "Fay Okonkwo", MayAct: true})
	_, err = b.SetAbsence(as(t, "fay"), "fay", messenger.AbsenceParams{From: b.Now(amira), Cover: "dev"})
	require.NoError(t, err)
	page, err := b.ReplyPage(t.Context(), b.tokenAs(as(t, "fay"), t, channel), "")
	require.NoError(t, err)
	require.Equal(t, "North Social Prescribing", page.StaffName)
	require.Empty(t, page.ReadByWhen.StaffName)

	require.NoError(t, b.StaffReturned(t.Context(), north, "amira"))
	require.NoError(t, b.StaffReturned(t.Context(), north, "amira"), "a second call changes nothing")
	page, err = b.ReplyPage(t.Context(), b.tokenAs(as(t, "fay"), t, channel), "")
	require.NoError(t, err)
	require.Equal(t, "Amira Shah", page.StaffName)
	lines, err := b.InboxHistory(amira, "amira", messenger.PageParams{})
	require.NoError(t, err)
	var acts []messenger.HistoryAction
	for _, line := range lines.Items {
		if line.Actor.Kind == "system" {
			acts = append(acts, line.Action)
		}
	}
	require.Equal(t, []messenger.HistoryAction{messenger.ActionBack, messenger.ActionAway}, acts)
}

// Who leaves an inbox in which nobody is written to leaves nothing that needs a person; one conversation there does.
func TestALeaversEmptyInbox(t *testing.T) {
	t.Parallel()
	b, _, _ := leavingBundle(t)
	gil := adapters.Member{ID: "gil", Name: "Gil Price", Organisation: north, Media: []adapters.Medium{adapters.Email}}
	b.staff.Add(gil)
	b.staff.Add(adapters.Member{ID: "hal", Name: "Hal Webb", Organisation: north})
	b.staff.Share("hal", adapters.Inbox{Staff: "gil", Name: "Gil Price", MayAct: true})
	hal := as(t, "hal")
	b.leaves(t, "gil", "ben")
	b.leaves(t, "gil", "")
	found, inboxes := overviewOf(hal, t, b)
	require.True(t, found.Safe, "nobody is in it")
	require.Equal(t, messenger.Left, inboxes["gil"].State)
	handed, err := b.InboxHandover(hal, "gil")
	require.NoError(t, err)
	require.True(t, handed.Done)
	require.Zero(t, handed.Total)

	require.NoError(t, b.StaffReturned(t.Context(), north, "gil"))
	p := email("grace", "Hello")
	p.Then = messenger.Done
	b.send(t, "gil", p)
	b.leaves(t, "gil", "")
	require.False(t, inboxes["gil"].Uncovered)
	found, inboxes = overviewOf(hal, t, b)
	require.False(t, found.Safe, "a conversation is there, though it is done")
	require.True(t, inboxes["gil"].Uncovered)
}

// Nothing is changed for a receiver who can't be one.
func TestNobodyLeavesToNobody(t *testing.T) {
	t.Parallel()
	b, _, _ := leavingBundle(t)
	for name, to := range map[string]adapters.StaffID{
		"who leaves": "amira", "unknown": "nobody", "another organisation": "esther", "malformed": "a\x00",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireCode(t, messenger.CodeInvalid, b.StaffLeft(t.Context(), north, "amira", to))
			require.Zero(t, count(t, b.pool, "select count(*) from messenger_leavers"))
		})
	}
	requireCode(t, messenger.CodeNotFound, b.StaffLeft(t.Context(), north, "a\x00", ""))
	alone := b.with(t, func(c *messenger.Config) { c.Colleagues = nil })
	requireCode(t, messenger.CodeNotConfigured, alone.StaffLeft(t.Context(), north, "amira", "ben"))
}

// Whoever is back while their inbox is handed over keeps what has not gone.
func TestWhoReturnsKeepsWhatIsLeft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	channel := b.send(t, "amira", email("grace", "Hello")).Channel
	require.NoError(t, b.StaffLeft(t.Context(), north, "amira", "ben"))
	var handover uuid.UUID
	require.NoError(t, b.pool.QueryRow(t.Context(), "select id from messenger_handovers").Scan(&handover))
	require.NoError(t, b.StaffReturned(t.Context(), north, "amira"))
	require.NoError(t, b.Jobs().HandOver(t.Context(), handover, 1))
	require.EqualValues(t, "amira", b.row(t, channel).Staff)
	done, err := b.InboxHandover(as(t, "amira"), "amira")
	require.NoError(t, err)
	require.True(t, done.Done)
	require.Zero(t, done.Moved)
	_, err = b.HandoverInbox(as(t, "amira"), "amira", messenger.HandoverParams{To: "ben"})
	require.NoError(t, err, "and may hand it over themselves")
}

// Whoever leaves after it was asked whether they work here, and before a channel is theirs, gets it no more: one or an
// inbox.
func TestNothingIsHandedToWhoLeavesMeanwhile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.staff.Add(adapters.Member{ID: "gil", Name: "Gil Price", Organisation: north, Media: []adapters.Medium{adapters.Email}})
	later := email("grace", "Tomorrow")
	later.SendAfter = b.Now(t.Context()).Add(24 * time.Hour)
	sent := b.send(t, "amira", later)
	begun, err := b.HandoverInbox(as(t, "amira"), "amira", messenger.HandoverParams{To: "dev"})
	require.NoError(t, err)
	for to, give := range map[adapters.StaffID]func() error{
		"dev": func() error { return b.Jobs().HandOver(t.Context(), begun.ID, 1) },
		"gil": func() error {
			_, err := b.Handover(as(t, "amira"), sent.Channel.ID, messenger.HandoverParams{To: "gil"})
			return err
		},
	} {
		tx, err := b.pool.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), "select from messenger_channels where id = $1 for update", sent.Channel.ID)
		require.NoError(t, err)
		done := make(chan error, 1)
		go func() { done <- give() }()
		b.blocks(t, tx)
		require.NoError(t, b.StaffLeft(t.Context(), north, to, ""))
		require.NoError(t, tx.Rollback(t.Context()))
		if err := <-done; to == "gil" {
			requireCode(t, messenger.CodeInvalid, err)
		} else {
			require.NoError(t, err)
		}
		opened, err := b.Channel(as(t, "amira"), sent.Channel.ID)
		require.NoError(t, err)
		require.EqualValues(t, "amira", opened.Staff)
	}
	h, err := b.InboxHandover(as(t, "amira"), "amira")
	require.NoError(t, err)
	require.Equal(t, []messenger.RefusedChannel{{Channel: sent.Channel.ID, Why: messenger.CodeInvalid}}, h.Refused)
}
