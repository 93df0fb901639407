package messenger_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// wherePrivateWordsMayBe is every column that may hold them: the thread, a broadcast's and a draft's words, and what the search
// finds by.
func wherePrivateWordsMayBe() []string {
	return []string{
		"messenger_messages.private_subject", "messenger_messages.private_body", "messenger_messages.words",
		"messenger_broadcasts.private_subject", "messenger_broadcasts.private_body",
		"messenger_drafts.subject", "messenger_drafts.body",
	}
}

// keptIn is which columns of the schema hold a word.
func keptIn(t *testing.T, b *bundle, word string) (where []string) {
	t.Helper()
	found, err := b.pool.Query(t.Context(), `select table_name, column_name from information_schema.columns
		where table_schema = current_schema() order by table_name, ordinal_position`)
	require.NoError(t, err)
	type column struct{ Table, Name string }
	columns, err := pgx.CollectRows(found, pgx.RowToStructByPos[column])
	require.NoError(t, err)
	require.Greater(t, len(columns), 100)
	for _, c := range columns {
		query := "select count(*) from " + pgx.Identifier{c.Table}.Sanitize() + " where " + pgx.Identifier{c.Name}.Sanitize() +
			"::text ilike $1"
		if count(t, b.pool, query, "%"+word+"%") > 0 {
			where = append(where, c.Table+"."+c.Name)
		}
	}
	return where
}

// Whatever way a private message takes out, its words take none: they are on the page of who proved to be the client,
// until they are taken back, and for staff in the thread.
func TestPromise13APrivateWordIsReadByWhoProvedThemselvesOrByNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.live(t)
	events := subscribe(t, b, "amira", "", "")
	untold := func(where string, said any) {
		t.Helper()
		text := fmt.Sprintf("%+v", said)
		require.NotContains(t, strings.ToLower(text), "melanoma", where)
		require.NotContains(t, strings.ToLower(text), "biopsy", where)
	}
	mail := b.send(t, "amira", private("grace", adapters.Email))
	channel := mail.Channel
	untold("an event", *until(t, events, "channel").Channel.LastMessage)
	event := until(t, events, "message").Message
	require.True(t, event.Private)
	untold("an event", *event)
	text := b.send(t, "amira", private("grace", adapters.SMS))
	b.deliver(t, mail.Message.ID, 1)
	b.deliver(t, text.Message.ID, 1)
	b.clients.Put(north, adapters.Client{ID: "unproved", Name: "Nobody Known", Email: "nobody@example.org"})
	many, err := b.SendBroadcast(as(t, "amira"), messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "Your biopsy", Body: secretWords, ReplyLink: true, Private: true,
		Clients: []adapters.ClientID{"sian", "phone", "secret", "unproved"},
	})
	require.NoError(t, err)
	untold("a broadcast", many)
	require.NoError(t, b.fanOut(t, many.ID))
	many, err = b.Broadcast(as(t, "amira"), many.ID)
	require.NoError(t, err)
	untold("a broadcast", many)
	require.ElementsMatch(t, []messenger.Skipped{
		{"phone", messenger.WhyNoAddress}, {"secret", messenger.WhyRestricted}, {"unproved", messenger.WhyNoProof},
	}, many.Skipped)
	for _, id := range messagesOf(t, b, many.ID) {
		b.deliver(t, id, 1)
	}
	require.Len(t, b.email.Outbox(), 2)
	untold("what carriers were handed", append(b.email.Outbox(), b.sms.Outbox()...))

	_, err = b.SaveDraft(as(t, "amira"), "grace", messenger.Draft{Medium: adapters.SMS, Body: secretWords, Private: true})
	require.NoError(t, err)
	reply := b.reply(t, channel, "Thank you")
	last := private("grace", adapters.SMS)
	last.SendAfter = time.Now().Add(time.Hour)
	b.send(t, "amira", last)
	withdrawn := b.send(t, "amira", last).Message.ID
	require.NoError(t, b.Read(as(t, "amira"), channel.ID, reply.ID, false))
	for _, q := range []string{"", "melanoma", "okafor", "melanoma"} {
		if q == "okafor" { // the one before it is shown again
			_, err := b.Withdraw(as(t, "amira"), withdrawn, messenger.WithdrawParams{Reason: messenger.WithdrawnOther})
			require.NoError(t, err)
		}
		page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Query: q})
		require.NoError(t, err)
		require.NotEmpty(t, page.Items, q)
		for _, row := range page.Items {
			untold("a list", *row.LastMessage)
			if row.Match != nil {
				untold("a search", *row.Match)
			}
		}
	}
	notifications, err := b.Notifications(as(t, "amira"), messenger.PageParams{})
	require.NoError(t, err)
	untold("the notification centre", notifications)
	untold("the host's events", b.events.Heard())
	require.Subset(t, wherePrivateWordsMayBe(), keptIn(t, b, "melanoma"))

	token := b.token(t, channel)
	siansProof := b.prove(t, b.ownChannel(t, "sian"), "2", "1", "1990")
	for _, proof := range []string{"", "x", siansProof} {
		page, err := b.ReplyPage(t.Context(), token, proof)
		require.NoError(t, err)
		require.True(t, page.AskDateOfBirth, "whatever the organisation asks otherwise")
		untold("the page of who proved nothing", page)
	}
	_, err = b.ProveDateOfBirth(t.Context(), token, messenger.DateOfBirth{Day: "1", Month: "2", Year: "1984"})
	requireCode(t, messenger.CodeInvalid, err)
	require.Zero(t, b.message(t, channel, mail.Message.ID).OpenedAt)

	proof := b.prove(t, channel, "29", "2", "1984")
	page, err := b.ReplyPage(t.Context(), token, proof)
	require.NoError(t, err)
	require.Len(t, page.Private, 2)
	require.Equal(t, text.Message.ID, page.Private[0].ID, "the newest first")
	require.Equal(t, secretWords, page.Private[1].Body)
	opened := b.message(t, channel, mail.Message.ID).OpenedAt
	require.NotZero(t, opened)
	_, err = b.ReplyPage(t.Context(), token, proof)
	require.NoError(t, err)
	require.Equal(t, opened, b.message(t, channel, mail.Message.ID).OpenedAt, "once")

	for _, id := range []messenger.Message{mail.Message, text.Message} {
		_, err = b.Withdraw(as(t, "amira"), id.ID, messenger.WithdrawParams{Reason: messenger.WithdrawnWrongPerson})
		require.NoError(t, err)
	}
	page, err = b.ReplyPage(t.Context(), token, proof)
	require.NoError(t, err)
	untold("the page once they are taken back", page)
}

// ownChannel is amira's channel with a client.
func (b *bundle) ownChannel(t *testing.T, client adapters.ClientID) messenger.Channel {
	t.Helper()
	page, err := b.Client(as(t, "amira"), client)
	require.NoError(t, err)
	opened, err := b.Channel(as(t, "amira"), page.Channel)
	require.NoError(t, err)
	return opened.Channel
}

// To whom no words may be sent none are, whoever writes them and however: what was written openly is private, what was
// written before the card came stays, and a broadcast leaves them out. Nor is anybody named.
func TestPromise13AWordToWhomNoneMayBeSentIsPrivate(t *testing.T) {
	t.Parallel()
	b, _ := safely(t, "12-01T10:00")
	open := joanna()
	open.SafeContact = nil
	b.clients.Put(north, open)
	before := sms("joanna", secretWords)
	written := b.send(t, "amira", before)
	b.clients.Put(north, joanna())
	b.deliver(t, written.Message.ID, 1)
	require.Equal(t, messenger.ReasonSafeContact, b.message(t, written.Channel, written.Message.ID).Delivery.Reason)

	mail := email("joanna", secretWords)
	mail.Subject, mail.Override = "Your biopsy", "She asked for an email"
	asks := sms("joanna", secretWords)
	asks.Expects, asks.ExpectBy = messenger.ExpectsReply, "2026-12-20"
	checked, err := b.Check(as(t, "amira"), asks)
	require.NoError(t, err)
	sent := []messenger.Sent{b.send(t, "amira", mail), b.send(t, "amira", asks)}
	for _, one := range sent {
		require.True(t, one.Message.Private)
		b.deliver(t, one.Message.ID, 1)
	}
	reminder, err := b.Remind(as(t, "amira"), sent[1].Message.ID)
	require.NoError(t, err)
	b.deliver(t, reminder.ID, 1)
	broadcast, err := b.SendBroadcast(as(t, "amira"), messenger.BroadcastParams{
		Medium: adapters.SMS, Body: secretWords, ReplyLink: true, Clients: []adapters.ClientID{"joanna"},
	})
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	broadcast, err = b.Broadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	require.Equal(t, []messenger.Skipped{{Client: "joanna", Why: messenger.WhySafeContact}}, broadcast.Skipped)

	out := append(b.email.Outbox(), b.sms.Outbox()...)
	require.Len(t, out, 3)
	page, err := b.ReplyPage(t.Context(), b.token(t, sent[0].Channel), "")
	require.NoError(t, err)
	require.True(t, page.AskDateOfBirth)
	for _, text := range []string{fmt.Sprintf("%+v", out), checked.Text, fmt.Sprintf("%+v", page)} {
		for _, word := range []string{"melanoma", "biopsy", "Amira", "Shah", "North Social", "Joanna"} {
			require.NotContains(t, text, word)
		}
	}
	page, err = b.ReplyPage(t.Context(), b.token(t, sent[0].Channel), b.prove(t, sent[0].Channel, "4", "3", "1988"))
	require.NoError(t, err)
	require.Len(t, page.Private, 3, "the reminder too")
	require.Equal(t, secretWords, page.Private[1].Body)
}
