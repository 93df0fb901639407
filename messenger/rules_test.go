package messenger_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// The table 'Rules of a channel' of the design, row by row.
func TestRulesOfAChannel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const (
		open   = messenger.Open
		done   = messenger.Done
		unread = messenger.Unread
	)
	type state struct {
		channel messenger.Channel
		sent    uuid.UUID
		reply   uuid.UUID // the last one
	}
	reply := func(t *testing.T, s *state) {
		t.Helper()
		receipt, _, err := b.Reply(t.Context(), b.token(t, s.channel), messenger.ReplyParams{Text: "Hello", FormKey: uuid.NewString()})
		require.NoError(t, err)
		s.reply = receipt.ID
	}
	set := func(status messenger.Status, upTo func(s *state) uuid.UUID) func(*state, adapters.StaffID) error {
		return func(s *state, who adapters.StaffID) error {
			_, err := b.SetStatus(as(t, who), s.channel.ID, status, upTo(s))
			return err
		}
	}
	nothing := func(*state) uuid.UUID { return uuid.Nil }
	first := func(s *state) uuid.UUID { return s.sent }
	last := func(s *state) uuid.UUID { return s.reply }
	read := func(upTo func(*state) uuid.UUID, onBehalf bool) func(*state, adapters.StaffID) error {
		return func(s *state, who adapters.StaffID) error { return b.Read(as(t, who), s.channel.ID, upTo(s), onBehalf) }
	}
	opens := func(s *state, who adapters.StaffID) error {
		_, err := b.Channel(as(t, who), s.channel.ID)
		return err
	}
	replies := func(s *state, _ adapters.StaffID) error { reply(t, s); return nil }
	fails := func(s *state, _ adapters.StaffID) error { b.fail(t, s.sent); return nil }
	send := func(then messenger.Status) func(*state, adapters.StaffID) error {
		return func(s *state, who adapters.StaffID) error {
			_, err := b.Send(as(t, who), messenger.SendParams{Channel: s.channel.ID, Medium: adapters.Email, Subject: "Hello", Body: "Hello", Then: then})
			return err
		}
	}
	for i, c := range []struct {
		name  string
		from  messenger.Status
		event func(*state, adapters.StaffID) error
		who   adapters.StaffID
		to    messenger.Status
		code  messenger.Code
	}{
		{"the client replies", open, replies, "", unread, ""},
		{"the client replies", done, replies, "", unread, ""},
		{"the client replies again", unread, replies, "", unread, ""},
		{"its owner has had the latest reply on screen", unread, read(last, false), "amira", open, ""},
		{"its owner has had an earlier message on screen", unread, read(first, false), "amira", unread, ""},
		{"its owner says on whose behalf, needlessly", unread, read(last, true), "amira", open, ""},
		{"its owner opens it", unread, opens, "amira", unread, ""},
		{"a colleague opens it", unread, opens, "ben", unread, ""},
		{"a colleague opens it, who may only look", unread, opens, "chloe", unread, ""},
		{"a colleague has it on screen", unread, read(last, false), "ben", unread, ""},
		{"a colleague reads it on the owner's behalf", unread, read(last, true), "ben", open, ""},
		{"one who may only look tries to", unread, read(last, true), "chloe", unread, messenger.CodeForbidden},
		{"one who may do neither", unread, read(last, true), "dev", unread, messenger.CodeNotFound},
		{"mark as done", open, set(done, nothing), "amira", done, ""},
		{"mark as done, with its last message", open, set(done, first), "amira", done, ""},
		{"mark as done, by a colleague", open, set(done, nothing), "ben", done, ""},
		{"by one who may only look", open, set(done, nothing), "chloe", open, messenger.CodeForbidden},
		{"by one who may do neither", open, set(done, nothing), "dev", open, messenger.CodeNotFound},
		{"mark as done, with its last reply named", unread, set(done, last), "amira", done, ""},
		{"the same by a colleague", unread, set(done, last), "ben", done, ""},
		{"a reply has come that the presser has not seen", unread, set(done, first), "amira", unread, messenger.CodeUnreadReplies},
		{"no reply named", unread, set(done, nothing), "amira", unread, messenger.CodeUnreadReplies},
		{"open what is unread, unseen", unread, set(open, first), "amira", unread, messenger.CodeUnreadReplies},
		{"open what is unread, seen", unread, set(open, last), "amira", open, ""},
		{"mark as open", done, set(open, nothing), "amira", open, ""},
		{"mark as done again", done, set(done, nothing), "amira", done, ""},
		{"mark as unread", open, set(unread, nothing), "amira", open, messenger.CodeInvalid},
		{"another channel's message named", open, set(done, func(*state) uuid.UUID { return uuid.New() }), "amira", open, messenger.CodeNotFound},
		{"a delivery fails for good", done, fails, "", open, ""},
		{"a delivery fails for good", unread, fails, "", unread, ""},
		{"staff send a message", open, send(""), "amira", open, ""},
		{"staff send a message", done, send(""), "amira", done, ""},
		{"staff send a message", unread, send(""), "amira", unread, ""},
		{"and say then done", open, send(done), "amira", done, ""},
		{"and say then open", done, send(open), "amira", open, ""},
		{"and say then done", unread, send(done), "amira", unread, messenger.CodeUnreadReplies},
		{"a colleague sends", done, send(open), "ben", open, ""},
		{"one who may only look sends", done, send(open), "chloe", done, messenger.CodeForbidden},
	} {
		client := adapters.ClientID("rule-" + uuid.NewString())
		b.clients.Put(north, adapters.Client{ID: client, Name: "Ada Bello", Email: "ada@example.org"})
		sent := b.delivered(t, email(client, "Hello"))
		require.Equal(t, open, sent.Channel.Status, "first message: open")
		s := &state{channel: sent.Channel, sent: sent.Message.ID}
		switch c.from {
		case unread:
			reply(t, s)
		case done:
			require.NoError(t, set(done, nothing)(s, "amira"))
		case open:
		}
		err := c.event(s, c.who)
		require.Equal(t, c.code, messenger.CodeOf(err), "%d %s", i, c.name)
		require.Equal(t, c.to, b.row(t, s.channel).Status, "%d %s", i, c.name)
	}
	requireCounters(t, b)
}

// requireCounters compares the stored counters of every inbox with a recount.
func requireCounters(t *testing.T, b *bundle) {
	t.Helper()
	require.Zero(t, count(t, b.pool, `select count(*) from (select organisation_id, staff_id, count(*) filter (where status = 'unread') unread,
			count(*) filter (where status = 'open') open, count(*) filter (where status = 'done') done
		from messenger_channels where moved_to is null group by 1, 2) c full join messenger_inboxes i using (organisation_id, staff_id)
		where (coalesce(c.unread, 0), coalesce(c.open, 0), coalesce(c.done, 0)) is distinct from (i.unread, i.open, i.done)`), "the counters are a recount's")
}

func TestNotificationCentre(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira := as(t, "amira")
	sent := b.send(t, "amira", email("grace", "Hello"))
	bell := func() (list []messenger.Notification, n messenger.NotificationCount) {
		page, err := b.Notifications(amira, messenger.PageParams{})
		require.NoError(t, err)
		n, err = b.NotificationCount(amira)
		require.NoError(t, err)
		require.Len(t, page.Items, n.Total)
		return page.Items, n
	}
	list, _ := bell()
	require.Empty(t, list, "no reply, no notification")
	receipt := b.reply(t, sent.Channel, "Thank you")
	list, n := bell()
	require.Equal(t, messenger.NotificationCount{Unread: 1, Total: 1}, n)
	require.Equal(t, "/messages?channel="+sent.Channel.ID.String(), list[0].URL)
	require.Equal(t, receipt.ID, list[0].LastMessage.ID)
	require.NoError(t, b.Read(amira, sent.Channel.ID, receipt.ID, false))
	list, n = bell()
	require.Equal(t, messenger.NotificationCount{Unread: 0, Total: 1}, n)
	require.True(t, list[0].Read)
	_, err := b.SetStatus(amira, sent.Channel.ID, messenger.Done, list[0].LastMessage.ID)
	require.NoError(t, err)
	_, err = b.SetStatus(amira, sent.Channel.ID, messenger.Open, uuid.Nil)
	require.NoError(t, err)
	_, n = bell()
	require.Zero(t, n.Total, "marking it open again does not bring it back")
	b.reply(t, sent.Channel, "One more thing")
	_, n = bell()
	require.Equal(t, messenger.NotificationCount{Unread: 1, Total: 1}, n)
	page, err := b.Notifications(as(t, "ben"), messenger.PageParams{})
	require.NoError(t, err)
	require.Empty(t, page.Items, "a colleague's are theirs")
}

// What was not delivered stands there beside what was answered, a channel once for each, until it is dealt with.
func TestNotificationCentreHasFailures(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira := as(t, "amira")
	answered := b.send(t, "amira", email("grace", "Hello")).Channel
	b.reply(t, answered, "Thank you")
	var failed []uuid.UUID
	fate := map[adapters.ClientID][]messenger.Attention{
		"grace": {messenger.AttentionDeliveryFailed}, "sian": {messenger.AttentionDeliveryUnknown},
	}
	for _, client := range []adapters.ClientID{"grace", "sian"} {
		for range 2 {
			sent := b.send(t, "amira", email(client, "Not delivered"))
			exec(t, b, "update messenger_messages set delivery_status = 'failed', delivery_attention = $1 where id = $2",
				fate[client][0], sent.Message.ID)
			failed = append(failed, sent.Message.ID)
		}
	}
	seen := func() (list []string) {
		p := messenger.PageParams{Limit: 1}
		for {
			page, err := b.Notifications(amira, p)
			require.NoError(t, err)
			for _, n := range page.Items {
				require.Equal(t, n.Kind == messenger.NotifiedReply && n.UnreadCount == 0, n.Read)
				if n.Kind == messenger.NotifiedFailure {
					require.Equal(t, fate[n.Client], n.Attention, "not delivered, or nobody knows")
				}
				list = append(list, string(n.Kind)+" "+string(n.Client))
			}
			if p.Cursor = page.Next; p.Cursor == "" {
				break
			}
		}
		n, err := b.NotificationCount(amira)
		require.NoError(t, err)
		require.Len(t, list, n.Total)
		require.Equal(t, 1, n.Unread)
		return list
	}
	require.Equal(t, []string{"failure sian", "failure grace", "reply grace"}, seen())
	for _, id := range failed[2:] {
		_, err := b.Resolve(amira, id, messenger.ResolveParams{Of: "delivery", Note: "Rang her"})
		require.NoError(t, err)
	}
	require.Equal(t, []string{"failure grace", "reply grace"}, seen())
}

func TestCountersAfterAStorm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	clients := []adapters.ClientID{"grace", "sian", "objects"}
	channels := make([]messenger.Channel, len(clients))
	tokens := make([]string, len(clients))
	for i, client := range clients {
		channels[i] = b.send(t, "amira", email(client, "Hello")).Channel
		tokens[i] = b.token(t, channels[i])
	}
	together(8, func(worker int) {
		for i := range 12 {
			at := (worker + i) % len(clients)
			switch (worker*7 + i) % 5 {
			case 0:
				_, _, _ = b.Reply(t.Context(), tokens[at], messenger.ReplyParams{Text: "Hello", FormKey: uuid.NewString()})
			case 1:
				_, _ = b.SetStatus(as(t, "amira"), channels[at].ID, messenger.Done, uuid.Nil)
			case 2:
				_, _ = b.SetStatus(as(t, "ben"), channels[at].ID, messenger.Open, uuid.Nil)
			case 3:
				p := email(clients[at], "Again")
				p.Then = messenger.Done
				_, _ = b.Send(as(t, "ben"), p)
			case 4:
				page, _ := b.Messages(as(t, "amira"), channels[at].ID, messenger.PageParams{Limit: 1})
				_ = b.Read(as(t, "amira"), channels[at].ID, page.Items[0].ID, false)
			}
		}
	})
	requireCounters(t, b)
	page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err)
	var counts messenger.Counts
	for _, row := range page.Items {
		switch row.Status {
		case messenger.Unread:
			counts.Unread++
			require.Positive(t, row.UnreadCount)
		case messenger.Open:
			counts.Open++
		case messenger.Done:
			counts.Done++
		}
	}
	require.Equal(t, counts, *page.Counts)
	require.Zero(t, count(t, b.pool, `select count(*) from (select channel_id, max(seq) - count(*) gap from messenger_messages group by 1) s
		where gap <> 0`), "no place is taken twice or left out")
}
