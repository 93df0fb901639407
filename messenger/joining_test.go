package messenger_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// merge has sian turn out to be grace.
func (b *bundle) merge(t *testing.T) {
	t.Helper()
	require.NoError(t, b.ClientMerged(t.Context(), north, "sian", "grace"))
}

func textsIn(list []messenger.Message) (texts []string) {
	for _, message := range list {
		texts = append(texts, message.Body)
	}
	return texts
}

// requireJoined says that every message is in one channel that there is, under its owner, and that what is kept of
// channels and inboxes is a recount's.
func requireJoined(t *testing.T, b *bundle) {
	t.Helper()
	requireCounters(t, b)
	require.Zero(t, count(t, b.pool, `select count(*) from messenger_messages m join messenger_channels c on c.id = m.channel_id
		where c.moved_to is not null or c.staff_id <> m.staff_id or m.seq > c.last_seq`), "messages that stand elsewhere")
	require.Zero(t, count(t, b.pool, `select count(*) from messenger_channels c join messenger_channels o on o.id = c.moved_to
		where o.moved_to is not null`), "channels that became one that is no more")
	require.Zero(t, count(t, b.pool, `select count(*) from messenger_channels c where c.moved_to is null and (
		c.unread_count <> (select count(*) from messenger_messages m where m.channel_id = c.id and m.direction = 'inbound' and m.read_at is null)
		or c.unread_count > 0 and c.status <> 'unread' or c.unread_count = 0 and c.status = 'unread'
		or c.last_reply_seq <> (select coalesce(max(seq), 0) from messenger_messages m where m.channel_id = c.id and m.direction = 'inbound'))`),
		"channels whose replies are counted wrong")
}

// Two channels become one thread in order of time; the former's id, its links, its history and the cursors into it go on.
func TestTwoChannelsBecomeOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira := as(t, "amira")
	var grace, sian messenger.Sent
	var sent []messenger.Sent
	for i, body := range []string{"g1", "s1", "g2", "s2", "s3", "g3"} {
		sent = append(sent, b.send(t, "amira", email(map[byte]adapters.ClientID{'g': "grace", 's': "sian"}[body[0]], body)))
		b.deliver(t, sent[i].Message.ID, 1)
	}
	grace, sian = sent[0], sent[1]
	first, err := b.Messages(amira, sian.Channel.ID, messenger.PageParams{Limit: 1})
	require.NoError(t, err)
	require.Equal(t, []string{"s3"}, textsIn(first.Items))
	around, err := b.MessagesAround(amira, sian.Channel.ID, sian.Message.ID, 1)
	require.NoError(t, err)
	tokens := []string{b.token(t, grace.Channel), b.token(t, sian.Channel)}
	b.reply(t, sian.Channel, "unread")
	require.NoError(t, b.ClientsChanged(t.Context(), north, "sian"))

	b.merge(t)
	b.merge(t) // changes nothing
	requireJoined(t, b)
	for _, id := range []uuid.UUID{grace.Channel.ID, sian.Channel.ID} {
		opened, err := b.Channel(amira, id)
		require.NoError(t, err)
		require.Equal(t, grace.Channel.ID, opened.ID)
		require.Equal(t, adapters.ClientID("grace"), opened.Client)
		require.Equal(t, messenger.Unread, opened.Status)
		require.Equal(t, 1, opened.UnreadCount)
		require.Equal(t, "unread", opened.LastMessage.Text)
		page, err := b.Messages(amira, id, messenger.PageParams{})
		require.NoError(t, err)
		require.Equal(t, []string{"unread", "g3", "s3", "s2", "g2", "s1", "g1"}, textsIn(page.Items))
		require.True(t, slices.IsSortedFunc(page.Items, func(a, b messenger.Message) int { return int(b.Seq - a.Seq) }))
	}
	older, err := b.Messages(amira, sian.Channel.ID, messenger.PageParams{Cursor: first.Next})
	require.NoError(t, err)
	require.Equal(t, []string{"s2", "g2", "s1", "g1"}, textsIn(older.Items), "what is before s3 now")
	newer, err := b.Messages(amira, grace.Channel.ID, messenger.PageParams{Cursor: around.Previous, Limit: 2})
	require.NoError(t, err)
	require.Equal(t, []string{"s2", "g2"}, textsIn(newer.Items), "what follows s1 now")
	require.Equal(t, 2, newer.Before, "g1 and s1")
	require.Contains(t, b.actions(t, sian.Channel), ":joined")
	require.Equal(t, 2, count(t, b.pool, "select count(*) from messenger_history where action = 'created'"))
	created := 0
	for _, action := range b.actions(t, grace.Channel) {
		if action == "amira:created" {
			created++
		}
	}
	require.Equal(t, 2, created, "the history of both")

	inbox, err := b.Inbox(amira, messenger.InboxParams{Staff: "amira", Query: "s2"})
	require.NoError(t, err)
	require.Len(t, inbox.Items, 1)
	require.Equal(t, grace.Channel.ID, inbox.Items[0].ID)
	inbox, err = b.Inbox(amira, messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err)
	require.Len(t, inbox.Items, 1)
	require.Equal(t, messenger.Counts{Unread: 1}, *inbox.Counts)

	require.NoError(t, b.Read(amira, sian.Channel.ID, sent[5].Message.ID, false))
	require.Equal(t, messenger.Unread, b.row(t, grace.Channel).Status, "the reply is later")
	for i, token := range tokens {
		_, err := b.ReplyPage(t.Context(), token, "")
		require.NoError(t, err)
		_, _, err = b.Reply(t.Context(), token, messenger.ReplyParams{Text: []string{"by hers", "by the other"}[i]})
		require.NoError(t, err)
	}
	require.Equal(t, []string{"unread", "by hers", "by the other"}, textsIn(b.thread(t, sian.Channel))[6:])
	last := b.thread(t, grace.Channel)[8]
	_, err = b.SetStatus(amira, sian.Channel.ID, messenger.Done, last.ID)
	require.NoError(t, err)
	requireJoined(t, b)

	_, err = b.SetReplies(amira, sian.Channel.ID, false)
	require.NoError(t, err)
	for _, token := range tokens {
		_, err := b.ReplyPage(t.Context(), token, "")
		requireCode(t, messenger.CodeNotFound, err)
	}
	_, err = b.SetReplies(amira, grace.Channel.ID, true)
	require.NoError(t, err)
	for _, token := range tokens {
		_, err := b.ReplyPage(t.Context(), token, "")
		require.NoError(t, err, "the same links after off and on")
	}
	_, err = b.RenewLink(amira, grace.Channel.ID)
	require.NoError(t, err)
	for _, token := range tokens {
		_, err := b.ReplyPage(t.Context(), token, "")
		requireCode(t, messenger.CodeNotFound, err)
	}
}

// A link that was off or replaced stays dead, the other lives, whichever channel stays; also of three.
func TestLinksOfJoinedChannels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		off         []adapters.ClientID
		renewed     adapters.ClientID
		grace, sian bool // which of the links that were sent live
		allowed     bool
	}{
		{"both on", nil, "", true, true, true},
		{"the one that stays is off", []adapters.ClientID{"grace"}, "", false, true, true},
		{"the one that goes is off", []adapters.ClientID{"sian"}, "", true, false, true},
		{"both off", []adapters.ClientID{"grace", "sian"}, "", false, false, false},
		{"the one that goes was replaced", nil, "sian", true, false, true},
		{"the one that stays was replaced", nil, "grace", false, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			amira := as(t, "amira")
			b.clients.Put(north, adapters.Client{ID: "third", Name: "Third", Email: "third@example.org"})
			tokens, channels := map[adapters.ClientID]string{}, map[adapters.ClientID]messenger.Channel{}
			for _, client := range []adapters.ClientID{"grace", "sian", "third"} {
				sent := b.send(t, "amira", email(client, "Hello"))
				b.deliver(t, sent.Message.ID, 1)
				tokens[client], channels[client] = b.token(t, sent.Channel), sent.Channel
			}
			require.NoError(t, b.ClientMerged(t.Context(), north, "third", "sian"))
			for _, client := range c.off {
				_, err := b.SetReplies(amira, channels[client].ID, false)
				require.NoError(t, err)
			}
			if c.renewed != "" {
				_, err := b.RenewLink(amira, channels[c.renewed].ID)
				require.NoError(t, err)
			}
			b.merge(t)
			requireJoined(t, b)
			require.Equal(t, c.allowed, b.row(t, channels["grace"]).RepliesAllowed)
			for client, lives := range map[adapters.ClientID]bool{"grace": c.grace, "sian": c.sian, "third": c.sian} {
				_, _, err := b.Reply(t.Context(), tokens[client], messenger.ReplyParams{Text: "It is me"})
				if lives {
					require.NoError(t, err, client)
				} else {
					requireCode(t, messenger.CodeNotFound, err)
				}
			}
			requireJoined(t, b)
			if c.allowed {
				return
			}
			_, err := b.SetReplies(amira, channels["sian"].ID, true)
			require.NoError(t, err)
			_, err = b.ReplyPage(t.Context(), tokens["grace"], "")
			require.NoError(t, err, "her own, switched on again")
			_, err = b.ReplyPage(t.Context(), tokens["sian"], "")
			requireCode(t, messenger.CodeNotFound, err)
		})
	}
}

// Unread if either was, else open if either was; in the notification centre if either was.
func TestStatusOfJoinedChannels(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]messenger.Status{
		{messenger.Done, messenger.Done, messenger.Done},
		{messenger.Done, messenger.Open, messenger.Open},
		{messenger.Open, messenger.Done, messenger.Open},
		{messenger.Unread, messenger.Done, messenger.Unread},
		{messenger.Done, messenger.Unread, messenger.Unread},
		{messenger.Unread, messenger.Unread, messenger.Unread},
	} {
		t.Run(string(c[0]+" and "+c[1]), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			amira := as(t, "amira")
			unread, notified := 0, 0
			for i, client := range []adapters.ClientID{"grace", "sian"} {
				sent := b.send(t, "amira", email(client, "Hello"))
				receipt := b.reply(t, sent.Channel, "Thank you")
				if c[i] == messenger.Unread {
					unread++
				} else {
					_, err := b.SetStatus(amira, sent.Channel.ID, c[i], receipt.ID)
					require.NoError(t, err)
				}
				if c[i] != messenger.Done {
					notified = 1
				}
			}
			b.merge(t)
			requireJoined(t, b)
			inbox, err := b.Inbox(amira, messenger.InboxParams{Staff: "amira"})
			require.NoError(t, err)
			require.Len(t, inbox.Items, 1)
			require.Equal(t, c[2], inbox.Items[0].Status)
			require.Equal(t, unread, inbox.Items[0].UnreadCount)
			bell, err := b.NotificationCount(amira)
			require.NoError(t, err)
			require.Equal(t, messenger.NotificationCount{Unread: min(unread, 1), Total: notified}, bell)
		})
	}
}

// A channel whose client has another id is theirs at once: no other channel has to be there.
func TestMergeIntoSomebodyNobodyWroteTo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("sian", "Hello"))
	b.reply(t, sent.Channel, "Thank you")
	b.merge(t)
	requireJoined(t, b)
	row := b.row(t, sent.Channel)
	require.Equal(t, adapters.ClientID("grace"), row.Client)
	require.Equal(t, "Grace Okafor", row.ClientName)
	require.Equal(t, messenger.Unread, row.Status)
	require.Equal(t, sent.Channel.ID, b.send(t, "amira", email("grace", "Again")).Channel.ID)

	requireCode(t, messenger.CodeInvalid, b.ClientMerged(t.Context(), north, "grace", "grace"))
	for _, into := range []adapters.ClientID{"nobody", "south-1", "", "\x00"} {
		requireCode(t, messenger.CodeNotFound, b.ClientMerged(t.Context(), north, "grace", into))
	}
	require.NoError(t, b.ClientMerged(t.Context(), south, "grace", "south-1"))
	require.Equal(t, adapters.ClientID("grace"), b.row(t, sent.Channel).Client, "another organisation's")
}

// Scheduled messages stay scheduled and go to who the client is now; what can't be sent to them asks for a person.
func TestScheduledMessagesOfAMergedClient(t *testing.T) {
	t.Parallel()
	at, clock := withClock()
	b := setup(t, clock)
	amira := as(t, "amira")
	b.clients.Put(north, adapters.Client{ID: "double", Name: "Grace Okafor", Email: "old@example.org", Phone: "07700 900999"},
		adapters.Client{ID: "mail", Name: "Grace Okafor", Email: "new@example.org"})
	for _, client := range []adapters.ClientID{"double", "mail"} {
		b.send(t, "amira", email(client, "Hello"))
	}
	later := email("double", "Tomorrow")
	later.SendAfter = at.Now().Add(24 * time.Hour)
	goes := b.send(t, "amira", later)
	text := sms("double", "Tomorrow, by text")
	text.SendAfter = later.SendAfter
	stays := b.send(t, "amira", text)
	require.NoError(t, b.ClientMerged(t.Context(), north, "double", "mail"))
	requireJoined(t, b)
	cancelled := b.message(t, goes.Channel, stays.Message.ID)
	require.Equal(t, messenger.DeliveryCancelled, cancelled.Delivery.Status)
	require.Equal(t, messenger.CancelledByMerge, cancelled.CancelledBecause)
	require.True(t, cancelled.Delivery.Attention)
	require.Equal(t, []messenger.Attention{messenger.AttentionDeliveryFailed}, b.row(t, goes.Channel).Attention)
	_, err := b.Resolve(amira, stays.Message.ID, messenger.ResolveParams{Of: "delivery"})
	require.NoError(t, err)
	require.Equal(t, messenger.DeliveryScheduled, b.message(t, goes.Channel, goes.Message.ID).Delivery.Status)
	at.add(25 * time.Hour)
	b.deliver(t, goes.Message.ID, 1)
	b.deliver(t, stays.Message.ID, 1)
	require.Equal(t, messenger.DeliverySent, b.message(t, goes.Channel, goes.Message.ID).Delivery.Status)
	require.Len(t, b.email.Outbox(), 1)
	require.Equal(t, "new@example.org", b.email.Outbox()[0].To)
	require.Empty(t, b.sms.Outbox())
}

// A reason to go beyond a card was given for that card: what the other client's has no place for is cancelled, and asks
// for a person, and what it has a place for waits for its hours.
func TestAMergeGoesBeyondNoOtherCard(t *testing.T) {
	t.Parallel()
	b, set := safely(t, "12-01T11:00")
	double := joanna()
	double.ID, double.SafeContact = "double", &adapters.SafeContact{Media: []adapters.Medium{adapters.SMS}}
	b.clients.Put(north, double)
	send := func(p messenger.SendParams) messenger.Sent {
		p.Override, p.SendAfter = "She asked for it today", time.Date(2026, 12, 2, 16, 0, 0, 0, time.UTC)
		return b.send(t, "amira", p)
	}
	byEmail, words, byText := send(private("double", adapters.Email)), send(sms("double", "Hello")), send(private("double", adapters.SMS))
	require.NoError(t, b.ClientMerged(t.Context(), north, "double", "joanna"))
	for _, sent := range []messenger.Sent{byEmail, words} {
		message := b.message(t, byEmail.Channel, sent.Message.ID)
		require.Equal(t, messenger.CancelledByMerge, message.CancelledBecause)
		require.True(t, message.Delivery.Attention)
	}
	set("12-02T16:00")
	b.deliver(t, byText.Message.ID, 1)
	waits := b.message(t, byEmail.Channel, byText.Message.ID)
	require.Equal(t, messenger.DeliveryScheduled, waits.Delivery.Status, "for a Tuesday")
	require.Empty(t, b.sms.Outbox())
}

// Drafts follow their author; of two the later stands and the words of the other are not lost.
func TestDraftsOfAMergedClient(t *testing.T) {
	t.Parallel()
	at, clock := withClock()
	b := setup(t, clock)
	amira, ben, dev := as(t, "amira"), as(t, "ben"), as(t, "dev")
	b.send(t, "amira", email("grace", "Hello"))
	save := func(ctx context.Context, client adapters.ClientID, text string) {
		at.add(time.Second)
		_, err := b.SaveDraft(ctx, client, messenger.Draft{Medium: adapters.Email, Subject: "Draft", Body: text})
		require.NoError(t, err)
	}
	save(amira, "grace", "the earlier")
	save(amira, "sian", "the later")
	save(ben, "sian", "only one")
	_, err := b.SaveDraft(dev, "grace", messenger.Draft{Medium: adapters.Email, Body: "behind the link", Private: true})
	require.NoError(t, err)
	save(dev, "sian", "the later")
	b.merge(t)
	page, err := b.Client(dev, "grace")
	require.NoError(t, err)
	require.Equal(t, "the later\n\nbehind the link", page.Draft.Body)
	require.True(t, page.Draft.Private, "what was to be private goes out in no open message")
	for ctx, want := range map[context.Context]string{amira: "the later", ben: "only one"} {
		page, err := b.Client(ctx, "grace")
		require.NoError(t, err)
		require.Equal(t, want, page.Draft.Body)
		page, err = b.Client(ctx, "sian")
		require.NoError(t, err)
		require.Nil(t, page.Draft)
	}
	found, err := b.Notes(amira, b.send(t, "amira", email("grace", "Hello")).Channel.ID, messenger.NotesParams{})
	require.NoError(t, err)
	require.Len(t, found.Items, 1)
	require.Equal(t, "Draft\n\nthe earlier", found.Items[0].Text)
	require.Equal(t, "Amira Shah", found.Items[0].Author.Name)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_history where action = 'note' and note = ''"))
}

// during calls do while a message is at the carrier.
type during struct {
	adapters.Sender
	do func()
}

func (s during) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	s.do()
	if message.Subject == "Refused" {
		return adapters.Receipt{}, adapters.ErrWrongContact
	}
	return s.Sender.Send(ctx, message)
}

// What is under way while channels are joined ends where the message is now.
func TestJobsInFlightOfJoinedChannels(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]messenger.DeliveryStatus{
		"Hello": messenger.DeliverySent, "Refused": messenger.DeliveryFailed,
	} {
		t.Run(subject, func(t *testing.T) {
			t.Parallel()
			var b *bundle
			merged := false
			b = setup(t, func(c *messenger.Config) {
				c.Email = during{c.Email, func() {
					if merged {
						require.NoError(t, b.ClientMerged(context.Background(), north, "sian", "grace"))
					}
				}}
			})
			kept := b.send(t, "amira", email("grace", "Hello"))
			p := email("sian", "On its way")
			p.Subject, p.Then = subject, messenger.Done
			sent := b.send(t, "amira", p)
			merged = true
			b.deliver(t, sent.Message.ID, 1)
			require.Equal(t, want, b.message(t, kept.Channel, sent.Message.ID).Delivery.Status)
			require.Equal(t, messenger.Open, b.row(t, kept.Channel).Status)
			requireJoined(t, b)
			b.file(t, sent.Message.ID, 1)
			if want == messenger.DeliverySent {
				require.Equal(t, messenger.RecordSaved, b.message(t, kept.Channel, sent.Message.ID).Record.Status)
			}
		})
	}
}

// A message to the former client that was being accepted while they were merged has a channel of its own: a second call
// joins that too.
func TestASecondMergeTakesWhatCameBetween(t *testing.T) {
	t.Parallel()
	b := setup(t)
	kept := b.send(t, "amira", email("grace", "Hello"))
	b.send(t, "amira", email("sian", "Hello"))
	b.merge(t)
	late := b.send(t, "amira", email("sian", "Accepted too late"))
	require.NotEqual(t, kept.Channel.ID, late.Channel.ID)
	b.merge(t)
	requireJoined(t, b)
	require.Equal(t, "Accepted too late", b.message(t, kept.Channel, late.Message.ID).Body)
}

// A proof of either date of birth holds only where the directory has one person.
func TestProofsOfAMergedClient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	checking(b)
	b.send(t, "amira", email("grace", "Hello"))
	sent := b.send(t, "amira", email("sian", "Hello"))
	b.deliver(t, sent.Message.ID, 1)
	token := b.token(t, sent.Channel)
	proof, err := b.ProveDateOfBirth(t.Context(), token, messenger.DateOfBirth{Day: "2", Month: "1", Year: "1990"})
	require.NoError(t, err)
	b.merge(t)
	proved := func() bool {
		page, err := b.ReplyPage(t.Context(), token, proof)
		require.NoError(t, err)
		return page.Proved
	}
	require.False(t, proved(), "the directory has two people")
	reply, _, err := b.Reply(t.Context(), token, messenger.ReplyParams{
		Text: "It is me", DateOfBirth: messenger.DateOfBirth{Day: "29", Month: "2", Year: "1984"},
	})
	require.NoError(t, err)
	held := b.message(t, sent.Channel, reply.ID)
	require.Equal(t, "none", held.Verified, "a date that is typed proves no more")
	require.Equal(t, messenger.RecordHeld, held.Record.Status)
	b.clients.Remove(north, "sian")
	require.True(t, proved())
	reply, _, err = b.Reply(t.Context(), token, messenger.ReplyParams{
		Text: "It is still me", DateOfBirth: messenger.DateOfBirth{Day: "29", Month: "2", Year: "1984"},
	})
	require.NoError(t, err)
	require.Equal(t, "date_of_birth", b.message(t, sent.Channel, reply.ID).Verified)
}

// A discharge cancels what is scheduled, and says why; replies that wait stay unread.
func TestADischargeCancelsWhatIsScheduled(t *testing.T) {
	t.Parallel()
	at, clock := withClock()
	b := setup(t, clock)
	later := email("grace", "Tomorrow")
	later.SendAfter = at.Now().Add(24 * time.Hour)
	now := b.send(t, "amira", email("grace", "Today"))
	scheduled := b.send(t, "amira", later)
	b.reply(t, now.Channel, "Thank you")
	_, err := b.SetReplies(as(t, "amira"), now.Channel.ID, false)
	require.NoError(t, err)
	require.NoError(t, b.ClientDischarged(t.Context(), north, "grace"))
	message := b.message(t, now.Channel, scheduled.Message.ID)
	require.Equal(t, messenger.DeliveryCancelled, message.Delivery.Status)
	require.Equal(t, messenger.CancelledByDischarge, message.CancelledBecause)
	require.Equal(t, messenger.DeliveryQueued, b.message(t, now.Channel, now.Message.ID).Delivery.Status)
	require.Equal(t, messenger.Unread, b.row(t, now.Channel).Status)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_history where action = 'cancelled'"))
	require.NoError(t, b.ClientDischarged(t.Context(), north, "grace"))
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_history where action = 'cancelled'"))
	cancelled, err := b.Cancel(as(t, "amira"), b.send(t, "amira", email("grace", "Afterwards")).Message.ID)
	require.NoError(t, err)
	require.Equal(t, messenger.CancelledByPerson, cancelled.CancelledBecause)
}
