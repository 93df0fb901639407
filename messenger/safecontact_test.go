package messenger_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// joanna is safe to write to by text alone, on Tuesdays from 10 to 12, without words and names.
func joanna() adapters.Client {
	return adapters.Client{
		ID: "joanna", Name: "Joanna Marsh", FirstName: "Joanna", DateOfBirth: "1988-03-04",
		Email: "joanna@example.org", Phone: "07700 900403", SafeContact: &adapters.SafeContact{
			Media: []adapters.Medium{adapters.SMS}, NeutralSender: true, NoWords: true, SharedPhone: true,
			Hours: []adapters.SafeHours{{Days: []time.Weekday{time.Tuesday}, From: 10 * time.Hour, Until: 12 * time.Hour}},
		},
	}
}

// safely has Joanna in the directory and a clock that can be set. 1 December 2026 is a Tuesday.
func safely(t *testing.T, at string) (b *bundle, set func(at string)) {
	t.Helper()
	var now atomic.Int64
	set = func(at string) {
		moment, err := time.Parse(time.RFC3339, "2026-"+at+":00Z")
		require.NoError(t, err)
		now.Store(moment.Unix())
	}
	set(at)
	b = setup(t, func(c *messenger.Config) { c.Now = func() time.Time { return time.Unix(now.Load(), 0) } })
	b.clients.Put(north, joanna())
	return b, set
}

func untilTuesday() *messenger.Waiting {
	return &messenger.Waiting{Why: messenger.WaitingSafeHours, Until: safeTuesday()}
}

func safeTuesday() time.Time { return time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC) }

// Outside its hours a message waits, seen at once and with its end, asks for nobody, and goes out within them; it can
// be cancelled. Within them it goes out at once, and what was to go out later waits longer.
func TestAMessageWaitsForSafeHours(t *testing.T) {
	t.Parallel()
	b, set := safely(t, "11-30T09:00")
	waits, cancelled := b.send(t, "amira", sms("joanna", "Hello")), b.send(t, "amira", sms("joanna", "Never mind"))
	for _, sent := range []messenger.Sent{waits, cancelled} {
		require.Equal(t, messenger.DeliveryScheduled, sent.Message.Delivery.Status)
		require.Equal(t, untilTuesday(), sent.Message.Delivery.Waiting)
		require.True(t, sent.Message.SendAfter.Equal(safeTuesday()))
		require.False(t, sent.Message.Delivery.Attention)
	}
	require.Error(t, b.Jobs().Deliver(t.Context(), waits.Message.ID, 1))
	require.Empty(t, b.sms.Outbox())
	require.Empty(t, b.row(t, waits.Channel).Attention)
	stopped, err := b.Cancel(as(t, "amira"), cancelled.Message.ID)
	require.NoError(t, err)
	require.Nil(t, stopped.Delivery.Waiting)

	set("12-01T10:00")
	b.deliver(t, waits.Message.ID, 1)
	require.Len(t, b.sms.Outbox(), 1)
	require.Nil(t, b.message(t, waits.Channel, waits.Message.ID).Delivery.Waiting)
	b.deliver(t, b.send(t, "amira", sms("joanna", "At once")).Message.ID, 1)
	require.Len(t, b.sms.Outbox(), 2)
	later := sms("joanna", "Later")
	later.SendLocal = messenger.LocalTime{At: "2026-12-01T14:00", Zone: "Europe/London"}
	require.True(t, b.send(t, "amira", later).Message.SendAfter.Equal(safeTuesday().AddDate(0, 0, 7)))

	twice := joanna() // the earlier of a day's hours, in whatever order they stand
	twice.SafeContact.Hours = append([]adapters.SafeHours{
		{Days: []time.Weekday{time.Tuesday}, From: 14 * time.Hour, Until: 24 * time.Hour},
	}, twice.SafeContact.Hours...)
	b.clients.Put(north, twice)
	set("11-30T09:00")
	require.Equal(t, untilTuesday(), b.send(t, "amira", sms("joanna", "Hello")).Message.Delivery.Waiting)
}

// A card that came after the message holds when it goes out: its hours, its media and that words stay behind the link.
func TestTheCardHoldsWhenAMessageGoesOut(t *testing.T) {
	t.Parallel()
	b, set := safely(t, "11-30T09:00")
	open := joanna()
	open.SafeContact = nil
	b.clients.Put(north, open)
	words, private := b.send(t, "amira", sms("joanna", "Hello")), sms("joanna", "Hello")
	private.Private = true
	hidden := b.send(t, "amira", private)
	mail := b.send(t, "amira", email("joanna", "Hello"))
	b.clients.Put(north, joanna())
	for _, sent := range []messenger.Sent{words, mail} {
		b.deliver(t, sent.Message.ID, 1)
		failed := b.message(t, sent.Channel, sent.Message.ID).Delivery
		require.Equal(t, messenger.DeliveryFailed, failed.Status)
		require.Equal(t, messenger.ReasonSafeContact, failed.Reason)
	}
	_, err := b.Retry(as(t, "amira"), mail.Message.ID)
	requireCode(t, messenger.CodeSafeContact, err)

	_, err = b.pool.Exec(t.Context(), `update messenger_messages set delivery_attention = 'waiting' where id = $1`,
		hidden.Message.ID) // for its provider, until now
	require.NoError(t, err)
	require.Error(t, b.Jobs().Deliver(t.Context(), hidden.Message.ID, 1))
	waiting := b.message(t, hidden.Channel, hidden.Message.ID).Delivery
	require.Equal(t, messenger.DeliveryScheduled, waiting.Status)
	require.Equal(t, untilTuesday(), waiting.Waiting)
	require.False(t, waiting.Attention, "it is no fault")
	set("12-01T11:59")
	b.deliver(t, hidden.Message.ID, 1)
	require.Len(t, b.sms.Outbox(), 1)
	out := b.sms.Outbox()[0]
	require.Equal(t, "Messages", out.SenderName)
	require.NotContains(t, out.Text, "North")
	require.Contains(t, out.Text, "You have a private message. Read it here: ")

	media := joanna()
	media.SafeContact.NoWords, media.SafeContact.Hours = false, nil
	b.clients.Put(north, open)
	mail = b.send(t, "amira", email("joanna", "Hello"))
	b.clients.Put(north, media)
	b.deliver(t, mail.Message.ID, 1)
	require.Equal(t, messenger.ReasonSafeContact, b.message(t, mail.Channel, mail.Message.ID).Delivery.Reason)

	neutral := joanna()
	neutral.SafeContact = &adapters.SafeContact{NeutralSender: true}
	b.clients.Put(north, open)
	named := email("joanna", "This is {{staff_name}} from {{organisation}}")
	mail = b.send(t, "amira", named)
	b.clients.Put(north, neutral)
	b.deliver(t, mail.Message.ID, 1)
	require.Equal(t, messenger.ReasonSafeContact, b.message(t, mail.Channel, mail.Message.ID).Delivery.Reason,
		"it names who may not be named")
	mail = b.send(t, "amira", named)
	b.deliver(t, mail.Message.ID, 1)
	require.Equal(t, messenger.DeliverySent, b.message(t, mail.Channel, mail.Message.ID).Delivery.Status)
}

// A message whose try nobody knows the end of is asked about outside safe hours too; what did not go out then waits for
// them, and can't be cancelled, as it may have gone out after all.
func TestATryOfUnknownEndWaitsForSafeHours(t *testing.T) {
	t.Parallel()
	b, set := safely(t, "12-01T11:00")
	sent := b.send(t, "amira", sms("joanna", "Hello"))
	b.die(t, sent.Message.ID)
	set("12-01T13:00")
	require.EqualError(t, b.Jobs().Deliver(t.Context(), sent.Message.ID, 2), jobs.After(0).Error())
	require.Equal(t, messenger.DeliveryQueued, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
	require.Error(t, b.Jobs().Deliver(t.Context(), sent.Message.ID, 3))
	waits := b.message(t, sent.Channel, sent.Message.ID).Delivery
	require.Equal(t, messenger.DeliveryQueued, waits.Status)
	require.Equal(t, messenger.WaitingSafeHours, waits.Waiting.Why)
	require.True(t, b.row(t, sent.Channel).LastMessage.SendAfter.Equal(safeTuesday().AddDate(0, 0, 7)))
	_, err := b.Cancel(as(t, "amira"), sent.Message.ID)
	requireCode(t, messenger.CodeAlreadySent, err)
	require.Empty(t, b.sms.Outbox())
	set("12-08T10:00")
	b.deliver(t, sent.Message.ID, 4)
	require.Len(t, b.sms.Outbox(), 1)
}

// What the card leaves out wants a reason, which the history has; words stay behind the link all the same, and nobody
// is named.
func TestGoingBeyondTheCardWantsAReason(t *testing.T) {
	t.Parallel()
	b, _ := safely(t, "11-30T09:00")
	page, err := b.Client(as(t, "amira"), "joanna")
	require.NoError(t, err)
	require.Equal(t, messenger.Action{Why: messenger.WhySafeContact}, page.Actions.SendEmail)
	require.Equal(t, messenger.Action{Allowed: true}, page.Actions.SendSMS)
	p := email("joanna", "Hello from {{staff_name}} of {{organisation}}")
	p.Subject = "The refuge"
	for _, reason := range []string{"", " \n"} {
		p.Override = reason
		_, err = b.Send(as(t, "amira"), p)
		requireCode(t, messenger.CodeSafeContact, err)
		_, err = b.Check(as(t, "amira"), p)
		requireCode(t, messenger.CodeSafeContact, err)
	}
	p.Override = "She asked for it on the telephone"
	sent := b.send(t, "amira", p)
	require.True(t, sent.Message.Private)
	require.Equal(t, "Hello from this service of this service", sent.Message.Body)
	b.deliver(t, sent.Message.ID, 1) // at once
	out := b.email.Outbox()[0]
	require.Equal(t, []string{"You have a private message", "Messages"}, []string{out.Subject, out.SenderName})
	require.NotContains(t, out.Text, "North")
	require.Equal(t, 1, count(t, b.pool, `select count(*) from messenger_history where action = 'sent' and message_id = $1
		and note = 'She asked for it on the telephone'`, sent.Message.ID))
	require.NotEmpty(t, b.message(t, sent.Channel, sent.Message.ID).Delivery.To, "not a restricted client")

	failed := b.send(t, "amira", p)
	b.email.FailNext(adapters.ErrWrongContact)
	b.deliver(t, failed.Message.ID, 1)
	_, err = b.Retry(as(t, "amira"), failed.Message.ID)
	require.NoError(t, err, "the reason holds for another try")
	reviewed := joanna()
	reviewed.SafeContact.ReviewedAt = failed.Message.CreatedAt.Add(time.Second)
	b.clients.Put(north, reviewed)
	b.deliver(t, failed.Message.ID, 2)
	require.Equal(t, messenger.ReasonSafeContact, b.message(t, failed.Channel, failed.Message.ID).Delivery.Reason,
		"it was for the card of then")
	_, err = b.Retry(as(t, "amira"), failed.Message.ID)
	requireCode(t, messenger.CodeSafeContact, err)

	none := joanna()
	none.DateOfBirth = ""
	b.clients.Put(north, none)
	_, err = b.Send(as(t, "amira"), sms("joanna", "Hello"))
	requireCode(t, messenger.CodeNoProof, err)
	page, err = b.Client(as(t, "amira"), "joanna")
	require.NoError(t, err)
	require.Equal(t, messenger.WhyNoProof, page.Actions.SendSMS.Why)
}

// The reason for which a restricted client is written to at all lifts no hours; hours that can't be are none.
func TestHoursOfARestrictedClientAndHoursThatCannotBe(t *testing.T) {
	t.Parallel()
	b, _ := safely(t, "11-30T09:00")
	secret := joanna()
	secret.Restricted = true
	b.clients.Put(north, secret)
	p := sms("joanna", "Hello")
	p.Override = "A referral that can't wait"
	require.NotNil(t, b.send(t, "amira", p).Message.Delivery.Waiting)
	for _, hours := range [][2]time.Duration{{10, 9}, {10, 10}, {-1, 12}, {10, 25}} {
		odd := joanna()
		odd.SafeContact.Hours[0].From, odd.SafeContact.Hours[0].Until = hours[0]*time.Hour, hours[1]*time.Hour
		b.clients.Put(north, odd)
		_, err := b.Send(as(t, "amira"), sms("joanna", "Hello"))
		requireCode(t, messenger.CodeSafeContact, err)
		_, err = b.Check(as(t, "amira"), sms("joanna", "Hello"))
		requireCode(t, messenger.CodeSafeContact, err)
	}
}

// askingJoanna is a text that expects an answer.
func askingJoanna() messenger.SendParams {
	asks := asking("joanna", messenger.ExpectsReply, 60)
	asks.Medium, asks.Subject, asks.ExpectBy = adapters.SMS, "", "2026-12-20"
	return asks
}

// A card whose hours are never open is held to wherever something would go out: it is no card without hours.
func TestACardThatIsNeverOpen(t *testing.T) {
	t.Parallel()
	b, set := safely(t, "12-01T10:00")
	awaited := b.asked(t, askingJoanna())
	waits := sms("joanna", "Hello")
	waits.SendAfter = safeTuesday().Add(time.Hour)
	scheduled := b.send(t, "amira", waits)
	never := joanna()
	never.SafeContact.Hours[0].Until = never.SafeContact.Hours[0].From
	b.clients.Put(north, never)
	page, err := b.Client(as(t, "amira"), "joanna")
	require.NoError(t, err)
	require.Equal(t, messenger.WhySafeContact, page.Actions.SendSMS.Why)
	preview, err := b.PreviewBroadcast(as(t, "amira"), messenger.BroadcastParams{
		Medium: adapters.SMS, Body: "Hello", ReplyLink: true, Private: true, Clients: []adapters.ClientID{"joanna"},
	})
	require.NoError(t, err)
	require.Equal(t, []messenger.Skipped{{Client: "joanna", Why: messenger.WhySafeContact}}, preview.Skipped)
	_, err = b.Remind(as(t, "amira"), awaited.Message.ID)
	requireCode(t, messenger.CodeSafeContact, err)
	set("12-01T11:30")
	before := len(b.sms.Outbox())
	b.deliver(t, scheduled.Message.ID, 1)
	require.Len(t, b.sms.Outbox(), before)
	require.Equal(t, messenger.ReasonSafeContact, b.message(t, scheduled.Channel, scheduled.Message.ID).Delivery.Reason)
	reasoned := sms("joanna", "Hello")
	reasoned.Override = "She rang and asked for it"
	b.deliver(t, b.send(t, "amira", reasoned).Message.ID, 1)
	require.Len(t, b.sms.Outbox(), before+1)
}

// A reminder waits for hours that are sociable and safe. A broadcast leaves out whom the card leaves out, and hides
// names from who must not have them.
func TestRemindersAndBroadcastsHoldToTheCard(t *testing.T) {
	t.Parallel()
	b, set := safely(t, "12-01T10:00")
	sent := b.asked(t, askingJoanna())
	set("12-01T12:00")
	reminder, err := b.Remind(as(t, "amira"), sent.Message.ID)
	require.NoError(t, err)
	require.True(t, reminder.SendAfter.Equal(safeTuesday().AddDate(0, 0, 7)), reminder.SendAfter)
	require.Contains(t, reminder.Body, "A reminder: we are waiting")
	early := joanna() // safe before it is sociable
	early.SafeContact.Hours[0].From, early.SafeContact.Hours[0].Until = 6*time.Hour, 9*time.Hour
	b.clients.Put(north, early)
	set("12-01T07:00")
	again := b.asked(t, askingJoanna())
	set("12-01T09:30")
	reminder, err = b.Remind(as(t, "amira"), again.Message.ID)
	require.NoError(t, err)
	require.True(t, reminder.SendAfter.Equal(time.Date(2026, 12, 8, 8, 0, 0, 0, time.UTC)), reminder.SendAfter)
	b.clients.Put(north, joanna())
	set("12-01T12:00")
	beyond := asking("joanna", messenger.ExpectsReply, 60)
	beyond.ExpectBy, beyond.Override = "2026-12-20", "She asked for an email"
	_, err = b.Remind(as(t, "amira"), b.asked(t, beyond).Message.ID)
	requireCode(t, messenger.CodeSafeContact, err)

	to := messenger.BroadcastParams{
		Medium: adapters.SMS, Body: "Hello", ReplyLink: true, Clients: []adapters.ClientID{"joanna", "grace"},
	}
	preview, err := b.PreviewBroadcast(as(t, "amira"), to)
	require.NoError(t, err)
	require.Equal(t, []messenger.Skipped{{Client: "joanna", Why: messenger.WhySafeContact}}, preview.Skipped, "words")
	to.Private = true
	broadcast, err := b.SendBroadcast(as(t, "amira"), to)
	require.NoError(t, err)
	require.Zero(t, broadcast.SkippedCount)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	id := uuid.MustParse(text(t, b, `select m.id::text from messenger_messages m
		join messenger_channels c on c.id = channel_id where broadcast_id = $1 and client_id = 'joanna'`, broadcast.ID))
	require.Error(t, b.Jobs().Deliver(t.Context(), id, 1))
	require.Equal(t, "safe_hours", text(t, b, `select delivery_waiting from messenger_messages where id = $1`, id))
	require.Equal(t, "You have a private message. Read it here: {{reply_link}}",
		text(t, b, `select body from messenger_messages where id = $1`, id))
	inTime := to
	inTime.Expects, inTime.ExpectBy = messenger.ExpectsReply, "2026-12-08"
	preview, err = b.PreviewBroadcast(as(t, "amira"), inTime)
	require.NoError(t, err)
	require.Empty(t, preview.Skipped)
	inTime.ExpectBy = "2026-12-07"
	preview, err = b.PreviewBroadcast(as(t, "amira"), inTime)
	require.NoError(t, err)
	require.Equal(t, []messenger.Skipped{{Client: "joanna", Why: messenger.WhySafeContact}}, preview.Skipped, "overdue as it goes out")
	to.Medium, to.Subject = adapters.Email, "Hello"
	preview, err = b.PreviewBroadcast(as(t, "amira"), to)
	require.NoError(t, err)
	require.Equal(t, []messenger.Skipped{{Client: "joanna", Why: messenger.WhySafeContact}}, preview.Skipped, "an email")

	josie := joanna()
	josie.ID = "josie"
	b.clients.Put(north, josie)
	to.Medium, to.Subject, to.Clients = adapters.SMS, "", []adapters.ClientID{"josie"}
	broadcast, err = b.SendBroadcast(as(t, "amira"), to)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	page, err := b.Client(as(t, "amira"), "josie")
	require.NoError(t, err)
	opened, err := b.Channel(as(t, "amira"), page.Channel)
	require.NoError(t, err)
	set("12-08T10:30")
	b.deliver(t, opened.LastMessage.ID, 1)
	for _, channel := range []messenger.Channel{sent.Channel, opened.Channel} {
		b.clients.Remove(north, channel.Client)
		reply, err := b.ReplyPage(t.Context(), b.token(t, channel), "")
		require.NoError(t, err)
		require.Equal(t, []string{"", ""}, []string{reply.StaffName, reply.Organisation.Name}, "whom nobody knows any more")
	}
}

// What staff are shown before they send names nobody to whom nobody may be named, alone and among several.
func TestAPreviewNamesNobodyWhoMayNotBeNamed(t *testing.T) {
	t.Parallel()
	b, _ := safely(t, "12-01T10:00")
	plain := joanna()
	plain.SafeContact = &adapters.SafeContact{NeutralSender: true}
	b.clients.Put(north, plain)
	const subject, words = "From {{organisation}}", "I am {{staff_name}} of {{organisation}}, {{first_name}}"
	for _, medium := range []adapters.Medium{adapters.Email, adapters.SMS} {
		p := messenger.SendParams{Client: "joanna", Medium: medium, Body: words}
		to := messenger.BroadcastParams{Medium: medium, Body: words, Clients: []adapters.ClientID{"joanna"}}
		if medium == adapters.Email {
			p.Subject, to.Subject = subject, subject
		}
		checked, err := b.Check(as(t, "amira"), p)
		require.NoError(t, err)
		preview, err := b.PreviewBroadcast(as(t, "amira"), to)
		require.NoError(t, err)
		require.Len(t, preview.Examples, 1)
		example := preview.Examples[0]
		for _, shown := range []string{checked.Subject + checked.Text, example.Subject + example.Text} {
			require.Contains(t, shown, "I am this service of this service, Joanna")
			require.NotContains(t, shown, "Amira")
			require.NotContains(t, shown, "North")
		}
		p.Private, to.Private, to.ReplyLink = true, true, true
		checked, err = b.Check(as(t, "amira"), p)
		require.NoError(t, err)
		preview, err = b.PreviewBroadcast(as(t, "amira"), to)
		require.NoError(t, err)
		for _, shown := range []string{checked.Text, preview.Examples[0].Text} {
			require.Contains(t, shown, "You have a private message.")
			require.NotContains(t, shown, "North")
		}
	}
}

func text(t *testing.T, b *bundle, query string, args ...any) (value string) {
	t.Helper()
	require.NoError(t, b.pool.QueryRow(t.Context(), query, args...).Scan(&value))
	return value
}

// What reaches a client who has a card, or is restricted, must be sent to the address that was checked: the carrier is
// told, and one that can't keep to it ends the message with a reason; in doubt where an earlier attempt may be there.
func TestACarrierIsToldOfAGuardedClient(t *testing.T) {
	t.Parallel()
	b, _ := safely(t, "12-01T10:00")
	b.clients.Put(north, adapters.Client{ID: "grace", Name: "Grace Okafor", Phone: "07700 900123"})
	b.deliver(t, b.send(t, "amira", sms("grace", "Hello")).Message.ID, 1)
	require.False(t, b.sms.Outbox()[0].Guarded)
	b.deliver(t, b.send(t, "amira", sms("joanna", "Hello")).Message.ID, 1)
	require.True(t, b.sms.Outbox()[1].Guarded)
	b.clients.Put(north, adapters.Client{
		ID: "grace", Name: "Grace Okafor", Phone: "07700 900123", DateOfBirth: "1960-01-02", Restricted: true,
	})
	restricted := sms("grace", "Hello")
	restricted.Override = "She asked for it"
	b.deliver(t, b.send(t, "amira", restricted).Message.ID, 1)
	require.True(t, b.sms.Outbox()[2].Guarded)

	b.sms.FailNext(adapters.ErrGuarded)
	refused := b.send(t, "amira", sms("joanna", "Hello"))
	b.deliver(t, refused.Message.ID, 1)
	delivery := b.message(t, refused.Channel, refused.Message.ID).Delivery
	require.Equal(t, messenger.DeliveryFailed, delivery.Status)
	require.Equal(t, messenger.ReasonSafeContact, delivery.Reason)
	b.sms.FailNext(errLost, adapters.ErrNotSent, adapters.ErrGuarded)
	doubted := b.send(t, "amira", sms("joanna", "Hello"))
	require.Error(t, b.Jobs().Deliver(t.Context(), doubted.Message.ID, 1))
	b.deliver(t, doubted.Message.ID, 2)
	delivery = b.message(t, doubted.Channel, doubted.Message.ID).Delivery
	require.Equal(t, messenger.DeliveryUnknown, delivery.Status)
	require.Equal(t, messenger.ReasonSafeContact, delivery.Reason)
}

// Where all that carries a medium sends to other contact details than the record's, a guarded client is not written to by
// it, and whoever writes is told before they send.
func TestAGuardedClientIsNotWrittenToElsewhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	carded := adapters.Client{
		ID: "carded", Name: "Carla Diaz", Email: "carla@example.org", DateOfBirth: "1990-01-02",
		SafeContact: &adapters.SafeContact{},
	}
	b.clients.Put(north, carded)
	amira := as(t, "amira")
	restricted := email("secret", "Hello")
	restricted.Override = "She asked for it"
	p := messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "Hello", Body: "Hello", Clients: []adapters.ClientID{"grace", "carded"},
	}
	late, err := b.SendBroadcast(amira, p)
	require.NoError(t, err)
	skipped := func() []messenger.Skipped {
		preview, err := b.PreviewBroadcast(amira, p)
		require.NoError(t, err)
		return preview.Skipped
	}
	for _, one := range []messenger.SendParams{restricted, email("carded", "Hello")} {
		_, err := b.Check(amira, one)
		require.NoError(t, err)
	}
	require.Empty(t, skipped())
	failed := b.failed(t, email("carded", "Hello"))
	opened := failed.Channel
	whys := func() (whys []messenger.Why) {
		for _, id := range []adapters.ClientID{"secret", "carded", "grace", "dead", "phone"} {
			page, err := b.Client(amira, id)
			require.NoError(t, err)
			whys = append(whys, page.Actions.SendEmail.Why)
		}
		channel, err := b.Channel(as(t, "ben"), opened.ID)
		require.NoError(t, err)
		return append(whys, channel.Actions.SendEmail.Why)
	}
	require.Equal(t, []messenger.Why{"restricted", "", "", "deceased", "no_address", ""}, whys())
	b.email.SetLimit(adapters.Limit{Elsewhere: true})
	require.Equal(t, []messenger.Why{"not_configured", "not_configured", "", "deceased", "no_address", "not_configured"},
		whys())
	for _, one := range []messenger.SendParams{restricted, email("carded", "Hello")} {
		_, err := b.Check(amira, one)
		requireCode(t, messenger.CodeNotConfigured, err)
		_, err = b.Send(amira, one)
		requireCode(t, messenger.CodeNotConfigured, err)
	}
	_, err = b.Retry(amira, failed.Message.ID)
	requireCode(t, messenger.CodeNotConfigured, err)
	_, err = b.Send(amira, email("grace", "Hello"))
	require.NoError(t, err)
	only := []messenger.Skipped{{Client: "carded", Why: messenger.WhySafeContact}}
	require.Equal(t, only, skipped())
	require.NoError(t, b.fanOut(t, late.ID))
	made, err := b.Broadcast(amira, late.ID)
	require.NoError(t, err)
	require.Equal(t, only, made.Skipped)
}
