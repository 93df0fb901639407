package messenger_test

import (
	"context"
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

func to(staff adapters.StaffID) messenger.HandoverParams { return messenger.HandoverParams{To: staff} }

// A channel that is handed over is the receiver's with all that is in it; the link goes on, and the giver's next message
// is in a channel of their own.
func TestHandover(t *testing.T) {
	t.Parallel()
	at, clock := withClock()
	b := setup(t, clock)
	amira, dev := as(t, "amira"), as(t, "dev")
	keyed := email("grace", "Hello")
	keyed.Key = "once"
	sent := b.send(t, "amira", keyed)
	b.deliver(t, sent.Message.ID, 1)
	token := b.token(t, sent.Channel)
	later := email("grace", "Tomorrow")
	later.SendAfter = at.Now().Add(24 * time.Hour)
	scheduled := b.send(t, "amira", later)
	b.reply(t, sent.Channel, "My cough is worse")

	_, err := b.Handover(amira, sent.Channel.ID, to("dev"))
	requireCode(t, messenger.CodeUnreadReplies, err)
	p := messenger.HandoverParams{To: "dev", Note: " She likes to be rung. ", TakeUnread: true, Key: "once"}
	given, err := b.Handover(amira, sent.Channel.ID, p)
	require.NoError(t, err)
	require.Equal(t, sent.Channel.ID, given.ID)
	require.Equal(t, adapters.StaffID("dev"), given.Staff)
	require.Equal(t, messenger.Unread, given.Status)
	require.Equal(t, 1, given.UnreadCount)
	requireJoined(t, b)

	_, err = b.Channel(amira, sent.Channel.ID)
	requireCode(t, messenger.CodeNotFound, err)
	again, err := b.Handover(amira, sent.Channel.ID, p)
	require.NoError(t, err, "a repeated key hands over nothing more")
	require.Equal(t, messenger.Channel{
		ID: given.ID, Organisation: north, Staff: "dev", Status: messenger.Open, RepliesAllowed: true,
	}, again, "and tells her nothing of a channel that she may not open")
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_history where action = 'handed_over'"))
	p.To = "ben"
	_, err = b.Handover(amira, sent.Channel.ID, p)
	requireCode(t, messenger.CodeKeyReused, err)
	p.To, p.Key = "dev", ""
	_, err = b.Handover(amira, sent.Channel.ID, p)
	require.Error(t, err, "without one it is hers no more")
	inbox, err := b.Inbox(dev, messenger.InboxParams{Staff: "dev", Query: "cough"})
	require.NoError(t, err)
	require.Len(t, inbox.Items, 1)
	bell, err := b.NotificationCount(dev)
	require.NoError(t, err)
	require.Equal(t, messenger.NotificationCount{Unread: 1, Total: 1}, bell)
	require.Equal(t, messenger.DeliveryScheduled, b.message(t, given, scheduled.Message.ID).Delivery.Status)
	history, err := b.History(dev, given.ID, messenger.PageParams{})
	require.NoError(t, err)
	require.Equal(t, messenger.ActionHandedOver, history.Items[0].Action)
	require.Equal(t, "She likes to be rung.", history.Items[0].Note)
	for _, who := range []adapters.StaffID{"amira", "dev"} {
		lines, err := b.InboxHistory(as(t, who), who, messenger.PageParams{})
		require.NoError(t, err)
		require.Equal(t, messenger.ActionHandedOver, lines.Items[0].Action)
	}

	_, _, err = b.Reply(t.Context(), token, messenger.ReplyParams{Text: "Are you there?"})
	require.NoError(t, err)
	require.Equal(t, 2, b.row(t, given).UnreadCount)
	resent, err := b.Send(amira, keyed)
	require.NoError(t, err)
	require.Equal(t, sent.Message.ID, resent.Message.ID, "a repeated key sends nothing")
	requireKnownAlone := func(told messenger.Channel, why string) {
		t.Helper()
		require.Equal(t, messenger.Channel{
			ID: given.ID, Organisation: north, Staff: "dev", Client: "grace", Status: messenger.Open, RepliesAllowed: true,
			CreatedAt: told.CreatedAt, UpdatedAt: told.UpdatedAt,
		}, told, why)
	}
	requireKnownAlone(resent.Channel, "and tells her nothing of a channel that she may not open")
	b.staff.Share("amira", adapters.Inbox{Staff: "dev", Name: "Dev Patel"})
	resent, err = b.Send(amira, keyed)
	require.NoError(t, err)
	require.Equal(t, 2, resent.Channel.UnreadCount)
	b.clients.MaySee = func(context.Context, adapters.OrganisationID, adapters.Client) bool { return false }
	resent, err = b.Send(amira, keyed)
	require.NoError(t, err)
	requireKnownAlone(resent.Channel, "nor of one whose client is hidden from her by now")
	b.clients.MaySee = nil
	b.staff.Share("amira")
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_channels"))
	own := b.send(t, "amira", email("grace", "One more thing"))
	require.NotEqual(t, given.ID, own.Channel.ID)
	requireJoined(t, b)
	at.add(25 * time.Hour)
	b.deliver(t, scheduled.Message.ID, 1)
	require.Equal(t, messenger.DeliverySent, b.message(t, given, scheduled.Message.ID).Delivery.Status)
}

// A receiver who has a channel with the client has one with all of it.
func TestHandoverToOneWhoKnowsTheClient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.send(t, "amira", email("grace", "From Amira"))
	own := b.send(t, "ben", email("grace", "From Ben"))
	tokens := []string{b.token(t, first.Channel), b.token(t, own.Channel)}
	b.reply(t, first.Channel, "To Amira")
	given, err := b.Handover(as(t, "ben"), first.Channel.ID, messenger.HandoverParams{To: "ben", TakeUnread: true}) // who may act there
	require.NoError(t, err)
	require.Equal(t, own.Channel.ID, given.ID)
	require.Equal(t, messenger.Unread, given.Status)
	require.Equal(t, []string{"From Amira", "From Ben", "To Amira"}, textsIn(b.thread(t, given)))
	_, err = b.Channel(as(t, "amira"), first.Channel.ID)
	requireCode(t, messenger.CodeNotFound, err)
	old, err := b.Channel(as(t, "ben"), first.Channel.ID)
	require.NoError(t, err)
	require.Equal(t, own.Channel.ID, old.ID)
	for _, token := range tokens {
		_, _, err := b.Reply(t.Context(), token, messenger.ReplyParams{Text: "Hello " + token[:4]})
		require.NoError(t, err)
	}
	require.Equal(t, 3, b.row(t, given).UnreadCount)
	history, err := b.History(as(t, "ben"), given.ID, messenger.PageParams{Limit: 100})
	require.NoError(t, err)
	told := map[messenger.HistoryAction]int{}
	for _, entry := range history.Items {
		told[entry.Action]++
	}
	require.Equal(t, 1, told[messenger.ActionHandedOver])
	require.Equal(t, 1, told[messenger.ActionJoined])
	require.Equal(t, 2, told[messenger.ActionCreated])
	requireJoined(t, b)
}

// Who may hand over, and to whom.
func TestWhoHandsOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.manager(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	texted := b.send(t, "amira", sms("grace", "Hello"))
	require.Equal(t, sent.Channel.ID, texted.Channel.ID)
	for who, want := range map[adapters.StaffID]messenger.Code{
		"chloe": messenger.CodeForbidden, "dev": messenger.CodeForbidden, "esther": messenger.CodeNotFound, "": messenger.CodeNotSignedIn,
	} {
		_, err := b.Handover(as(t, who), sent.Channel.ID, to("ben"))
		requireCode(t, want, err)
		_, err = b.HandoverInbox(as(t, who), "amira", to("ben"))
		requireCode(t, want, err)
		_, err = b.InboxHandover(as(t, who), "amira")
		requireCode(t, want, err)
	}
	for _, receiver := range []adapters.StaffID{"amira", "nobody", "esther", "", "\x00"} {
		_, err := b.Handover(as(t, "amira"), sent.Channel.ID, to(receiver))
		requireCode(t, messenger.CodeInvalid, err)
		_, err = b.HandoverInbox(as(t, "amira"), "amira", to(receiver))
		requireCode(t, messenger.CodeInvalid, err)
	}
	long := to("ben")
	long.Note = strings.Repeat("x", 5001)
	_, err := b.Handover(as(t, "amira"), sent.Channel.ID, long)
	requireCode(t, messenger.CodeInvalid, err)
	_, err = b.Handover(as(t, "amira"), sent.Channel.ID, to("chloe"))
	requireCode(t, messenger.CodeReceiverCannotSend, err)
	other := b.send(t, "amira", sms("phone", "Hello"))
	_, err = b.pool.Exec(t.Context(), "update messenger_messages set unassigned_at = now() where id = $1", other.Message.ID)
	require.NoError(t, err)
	_, err = b.Handover(as(t, "amira"), other.Channel.ID, to("chloe"))
	require.NoError(t, err, "what was taken out was never the client's")
	_, err = b.Handover(as(t, "amira"), uuid.New(), to("ben"))
	requireCode(t, messenger.CodeNotFound, err)
	_, err = b.HandoverInbox(as(t, "fay"), "nobody", to("ben"))
	requireCode(t, messenger.CodeNotFound, err)
	_, err = b.InboxHandover(as(t, "amira"), "amira")
	requireCode(t, messenger.CodeNotFound, err)
	alone := b.with(t, func(c *messenger.Config) { c.Colleagues = nil })
	_, err = alone.Handover(as(t, "amira"), sent.Channel.ID, to("ben"))
	requireCode(t, messenger.CodeNotConfigured, err)
	_, err = alone.HandoverInbox(as(t, "amira"), "amira", to("ben"))
	requireCode(t, messenger.CodeNotConfigured, err)

	given, err := b.Handover(as(t, "fay"), sent.Channel.ID, to("ben"))
	require.NoError(t, err)
	require.Nil(t, given.LastMessage, "who manages has figures, and no words")
	require.Equal(t, adapters.StaffID("ben"), given.Staff)
}

// Live: the giver's page fetches its list again, and the receiver's has the row.
func TestAHandoverIsToldLive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.work(t)
	eventually(t, func() bool { return healthCheck(t, b, "listener").OK }, "it listens")
	sent := b.send(t, "amira", email("grace", "Hello"))
	eventually(t, func() bool {
		return b.message(t, sent.Channel, sent.Message.ID).Record.Status == messenger.RecordSaved
	}, "all is done")
	giver, receiver := subscribe(t, b, "amira", "", ""), subscribe(t, b, "dev", "", "")
	_, err := b.Handover(as(t, "amira"), sent.Channel.ID, to("dev"))
	require.NoError(t, err)
	until(t, giver, "reset")
	require.Equal(t, sent.Channel.ID, until(t, receiver, "channel").Channel.ID)
}

// handOver runs the job of an inbox's handover until it is done.
func (b *bundle) handOver(t *testing.T, id uuid.UUID) {
	t.Helper()
	for {
		err := b.Jobs().HandOver(t.Context(), id, 1)
		if err == nil {
			return
		}
		require.Equal(t, jobs.After(0).Error(), err.Error())
	}
}

// An inbox goes over channel by channel; what can't is refused for itself, with its code, and stays.
func TestInboxHandover(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira := as(t, "amira")
	crowd := b.crowd(20)
	for _, client := range crowd {
		b.send(t, "amira", email(client, "Hello"))
	}
	for _, client := range crowd[:5] { // the receiver knows them
		b.send(t, "chloe", email(client, "Hello"))
	}
	unread := b.send(t, "amira", email("sian", "Hello"))
	b.reply(t, unread.Channel, "Thank you")
	texted := b.send(t, "amira", sms("grace", "Hello"))
	begun, err := b.HandoverInbox(amira, "amira", to("chloe"))
	require.NoError(t, err)
	require.Equal(t, 22, begun.Total)
	require.False(t, begun.Done)
	second, err := b.HandoverInbox(as(t, "ben"), "amira", to("ben"))
	require.NoError(t, err)
	require.Equal(t, begun.ID, second.ID, "the one that runs")
	b.handOver(t, begun.ID)
	b.handOver(t, begun.ID) // changes nothing
	done, err := b.InboxHandover(amira, "amira")
	require.NoError(t, err)
	require.ElementsMatch(t, []messenger.RefusedChannel{
		{Channel: unread.Channel.ID, Why: messenger.CodeUnreadReplies}, {Channel: texted.Channel.ID, Why: messenger.CodeReceiverCannotSend},
	}, done.Refused)
	done.Refused = nil
	require.Equal(t, messenger.InboxHandover{ID: begun.ID, Done: true, Total: 22, Moved: 20, RefusedCount: 2}, done)
	inbox, err := b.Inbox(amira, messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err)
	require.Len(t, inbox.Items, 2)
	inbox, err = b.Inbox(as(t, "chloe"), messenger.InboxParams{Staff: "chloe"})
	require.NoError(t, err)
	require.Len(t, inbox.Items, 20)
	requireJoined(t, b)
	require.Equal(t, 2, count(t, b.pool, "select count(*) from messenger_inbox_history where action = 'handed_over'"))

	none := to("ben")
	none.Key = "once"
	empty, err := b.HandoverInbox(as(t, "dev"), "dev", none)
	require.NoError(t, err)
	require.True(t, empty.Done)
	require.Zero(t, empty.Total)
	kept := b.send(t, "dev", email("sian", "Hello"))
	repeated, err := b.HandoverInbox(as(t, "dev"), "dev", none)
	require.NoError(t, err)
	require.Equal(t, empty, repeated, "a repeated key gives nothing that has come since")
	require.Equal(t, adapters.StaffID("dev"), b.row(t, kept.Channel).Staff)
	p := to("ben")
	p.TakeUnread = true
	begun, err = b.HandoverInbox(amira, "amira", p)
	require.NoError(t, err)
	b.staff.Remove("ben")
	b.handOver(t, begun.ID)
	b.staff.Add(adapters.Member{ID: "ben", Name: "Ben Hughes", Organisation: north})
	done, err = b.InboxHandover(amira, "amira")
	require.NoError(t, err)
	require.Equal(t, messenger.CodeInvalid, done.Refused[0].Why, "the receiver has left")
	require.Equal(t, 2, done.RefusedCount)
}

// Whoever hands an inbox over gives away what they may see of it: with whom the directory hides from them stays where
// it is, and is neither counted nor named to them.
func TestWhoIsHiddenIsNotHandedOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	directory := b.hiding()
	amira, ben, fay := as(t, "amira"), as(t, "ben"), b.manager(t)
	hidden := b.send(t, "amira", email("grace", "Hello")).Channel
	b.reply(t, hidden, "My chest hurts")
	shown := b.send(t, "amira", email("sian", "Hello")).Channel
	begun, err := b.HandoverInbox(amira, "amira", to("dev"))
	require.NoError(t, err)
	b.handOver(t, begun.ID)
	shown, err = b.Handover(as(t, "dev"), shown.ID, to("amira"))
	require.NoError(t, err)
	directory.set()
	told, err := b.InboxHandover(amira, "amira")
	require.NoError(t, err)
	require.Equal(t, []messenger.RefusedChannel{{Channel: hidden.ID, Why: messenger.CodeUnreadReplies}}, told.Refused)
	for _, who := range []context.Context{ben, fay} {
		_, err = b.Handover(who, hidden.ID, messenger.HandoverParams{To: "ben", TakeUnread: true})
		requireCode(t, messenger.CodeNotFound, err)
		told, err = b.InboxHandover(who, "amira")
		require.NoError(t, err)
		require.Empty(t, told.Refused)

		begun, err = b.HandoverInbox(who, "amira", messenger.HandoverParams{To: "ben", TakeUnread: true})
		require.NoError(t, err)
		require.Equal(t, 1, begun.Total)
		b.handOver(t, begun.ID)
		told, err = b.InboxHandover(who, "amira")
		require.NoError(t, err)
		require.Equal(t, messenger.InboxHandover{
			ID: begun.ID, Done: true, Total: 1, Moved: 1, Refused: []messenger.RefusedChannel{},
		}, told)
		require.EqualValues(t, "amira", b.row(t, hidden).Staff)
		_, err = b.Channel(ben, hidden.ID)
		requireCode(t, messenger.CodeNotFound, err)
		_, err = b.Handover(ben, shown.ID, to("amira"))
		require.NoError(t, err)
	}
	b.clients.FailAll(adapters.ErrNotSent) // nobody can tell whom they may see
	_, err = b.HandoverInbox(ben, "amira", to("ben"))
	requireCode(t, messenger.CodeUnavailable, err)
	require.NoError(t, b.StaffLeft(t.Context(), north, "amira", "ben")) // the system's: everything
	require.Equal(t, 2, count(t, b.pool, "select total from messenger_handovers where done_at is null"))
}

// An inbox of many channels: killed half-way it goes on, and a broadcast and sends meanwhile are not held up.
func TestALargeInboxIsHandedOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	crowd := b.crowd(800)
	p := reminder()
	p.Clients = crowd
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	begun, err := b.HandoverInbox(as(t, "amira"), "amira", to("dev"))
	require.NoError(t, err)
	require.Equal(t, 800, begun.Total)

	killed, kill := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		for {
			err := b.Jobs().HandOver(killed, begun.ID, 1)
			if err == nil || killed.Err() != nil { // a shift may be over before
				ended <- err
				return
			}
		}
	}()
	moved := func() int {
		h, err := b.InboxHandover(as(t, "amira"), "amira")
		require.NoError(t, err)
		return h.Moved
	}
	eventually(t, func() bool { return moved() > 100 }, "it is under way")
	kill()
	require.Error(t, <-ended)
	half := moved()
	require.Less(t, half, 800)
	requireJoined(t, b)
	require.Equal(t, half, count(t, b.pool, "select count(*) from messenger_channels where staff_id = 'dev'"))

	rest := make(chan struct{})
	go func() {
		defer close(rest)
		for {
			if err := b.Jobs().HandOver(t.Context(), begun.ID, 1); err == nil || t.Context().Err() != nil {
				return
			}
		}
	}()
	again := reminder()
	again.Clients = crowd[500:]
	meanwhile, err := b.SendBroadcast(as(t, "amira"), again)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, meanwhile.ID))
	for i := range 20 {
		b.send(t, []adapters.StaffID{"amira", "dev"}[i%2], email(crowd[len(crowd)-1-i], fmt.Sprint("Meanwhile ", i)))
	}
	<-rest
	h, err := b.InboxHandover(as(t, "amira"), "amira")
	require.NoError(t, err)
	require.True(t, h.Done)
	require.Equal(t, h.Total, h.Moved+h.RefusedCount)
	require.Zero(t, h.RefusedCount)
	requireJoined(t, b)
	require.Equal(t, 1_120, count(t, b.pool, "select count(*) from messenger_messages"))
}
