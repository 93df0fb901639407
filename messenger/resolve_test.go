package messenger_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func TestCancelRetryResolve(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira := as(t, "amira")
	attention := func(sent messenger.Sent) []messenger.Attention { return b.row(t, sent.Channel).Attention }

	queued := b.send(t, "amira", email("grace", "Hello"))
	_, err := b.Retry(amira, queued.Message.ID)
	requireCode(t, messenger.CodeNothingToDo, err)
	_, err = b.Resolve(amira, queued.Message.ID, messenger.ResolveParams{Of: "delivery"})
	requireCode(t, messenger.CodeNothingToDo, err)
	_, err = b.Cancel(as(t, "chloe"), queued.Message.ID)
	requireCode(t, messenger.CodeForbidden, err)
	message, err := b.Cancel(amira, queued.Message.ID)
	require.NoError(t, err)
	require.Equal(t, messenger.DeliveryCancelled, message.Delivery.Status)
	require.Equal(t, messenger.RecordNotRequired, message.Record.Status)
	_, err = b.Cancel(amira, queued.Message.ID)
	requireCode(t, messenger.CodeAlreadySent, err)
	b.deliver(t, queued.Message.ID, 1)
	require.Empty(t, b.email.Outbox())

	failed := b.failed(t, email("grace", "Hello"))
	require.Equal(t, []messenger.Attention{messenger.AttentionDeliveryFailed}, attention(failed))
	b.clients.Put(north, adapters.Client{ID: "grace", Name: "Grace Okafor", Email: "new@example.org"})
	results := make([]error, 4)
	together(len(results), func(i int) { _, results[i] = b.Retry(amira, failed.Message.ID) })
	retried := 0
	for _, err := range results {
		if err == nil {
			retried++
		} else {
			requireCode(t, messenger.CodeNothingToDo, err)
		}
	}
	require.Equal(t, 1, retried)
	require.Equal(t, []messenger.Attention{messenger.AttentionDeliveryFailed}, attention(failed), "it ends when the retry succeeds")
	b.deliver(t, failed.Message.ID, 1)
	require.Equal(t, "new@example.org", b.email.Outbox()[0].To, "to the address as it is now")
	require.Equal(t, failed.Message.ID.String()+"-2", b.email.Outbox()[0].Reference)
	require.Empty(t, attention(failed))
	_, err = b.Cancel(amira, failed.Message.ID)
	requireCode(t, messenger.CodeAlreadySent, err)

	resolved := b.failed(t, email("sian", "Hello"))
	for _, p := range []messenger.ResolveParams{{Of: "everything"}, {Of: "delivery", Note: "a\x00b"}} {
		_, err = b.Resolve(amira, resolved.Message.ID, p)
		requireCode(t, messenger.CodeInvalid, err)
	}
	message, err = b.Resolve(amira, resolved.Message.ID, messenger.ResolveParams{Of: "delivery", Note: "Told her by phone"})
	require.NoError(t, err)
	require.Equal(t, messenger.DeliveryFailed, message.Delivery.Status, "the failure stays")
	require.Equal(t, messenger.ReasonWrongContact, message.Delivery.Reason)
	require.Empty(t, attention(resolved))
	_, err = b.Resolve(amira, resolved.Message.ID, messenger.ResolveParams{Of: "delivery"})
	requireCode(t, messenger.CodeNothingToDo, err)

	stopped := b.send(t, "amira", sms("phone", "Hello"))
	b.sms.FailNext(adapters.ErrWrongContact)
	b.deliver(t, stopped.Message.ID, 1)
	b.clients.Put(north, adapters.Client{ID: "phone", Name: "Piotr Nowak", Phone: "07700 900124", Objects: []adapters.Medium{adapters.SMS}})
	_, err = b.Retry(amira, stopped.Message.ID)
	requireCode(t, messenger.CodeObjected, err)
}

// What nobody knows is asked for first when it is sent again, and goes out under the same reference.
func TestRetryOfAnUnknownMessage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.email.LoseNext(errLost)
	taken := b.send(t, "amira", email("grace", "Hello"))
	b.deliver(t, taken.Message.ID, lastTry)
	require.Equal(t, []messenger.Attention{messenger.AttentionDeliveryUnknown}, b.row(t, taken.Channel).Attention)
	_, err := b.Retry(as(t, "amira"), taken.Message.ID)
	require.NoError(t, err)
	b.deliver(t, taken.Message.ID, 1)
	require.Equal(t, messenger.DeliverySent, b.message(t, taken.Channel, taken.Message.ID).Delivery.Status)
	require.Equal(t, 1, b.email.Carried(taken.Message.ID.String()), "found, and not sent again")
	require.Empty(t, b.row(t, taken.Channel).Attention)

	plain := b.with(t, b.plain())
	lost := plain.unknown(t, email("sian", "Hello"))
	_, err = plain.Retry(as(t, "amira"), lost.Message.ID)
	require.NoError(t, err)
	_, err = plain.Cancel(as(t, "amira"), lost.Message.ID)
	requireCode(t, messenger.CodeAlreadySent, err)
	plain.deliver(t, lost.Message.ID, 1)
	require.Equal(t, 1, b.email.Carried(lost.Message.ID.String()), "a person has decided")

	// Behind an order everybody can be asked, though nobody knows. What is not known yet is asked again first.
	asked := &unsure{Sender: b.email.Plain(), say: errors.ErrUnsupported}
	order := b.with(t, func(c *messenger.Config) { c.Email = asked })
	lost = order.unknown(t, email("grace", "Hello again"))
	require.Equal(t, messenger.DeliveryUnknown, b.message(t, lost.Channel, lost.Message.ID).Delivery.Status)
	asked.say = errLost
	_, err = order.Retry(as(t, "amira"), lost.Message.ID)
	require.NoError(t, err)
	require.Error(t, order.Jobs().Deliver(t.Context(), lost.Message.ID, 1))
	require.Zero(t, b.email.Carried(lost.Message.ID.String()))
	asked.say = errors.ErrUnsupported
	order.deliver(t, lost.Message.ID, 2)
	require.Equal(t, 1, b.email.Carried(lost.Message.ID.String()), "a person has decided, and nobody can tell")
	require.Equal(t, messenger.DeliverySent, b.message(t, lost.Channel, lost.Message.ID).Delivery.Status)
}

// unsure is a carrier that can be asked what became of a message, and doesn't know.
type unsure struct {
	adapters.Sender
	say error
}

func (s *unsure) Find(context.Context, adapters.Outgoing) (adapters.Receipt, error) {
	return adapters.Receipt{}, s.say
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := email("grace", "Hello\r\nGrace")
	p.Key = "k-1"
	sent := b.send(t, "amira", p)
	b.deliver(t, sent.Message.ID, 1)
	again := b.send(t, "amira", p)
	require.Equal(t, sent.Message.ID, again.Message.ID)
	require.Equal(t, messenger.DeliverySent, again.Message.Delivery.Status, "as it now stands")
	lf := p
	lf.Body = "Hello\nGrace"
	require.Equal(t, sent.Message.ID, b.send(t, "amira", lf).Message.ID, "the body as it is kept")
	b.clients.Put(north, adapters.Client{ID: "grace", Name: "Grace Okafor", Deceased: true})
	require.Equal(t, sent.Message.ID, b.send(t, "amira", p).Message.ID)
	for name, change := range map[string]func(*messenger.SendParams){
		"body": func(p *messenger.SendParams) { p.Body = "Hello" }, "subject": func(p *messenger.SendParams) { p.Subject = "Again" },
		"client": func(p *messenger.SendParams) { p.Client = "sian" }, "link": func(p *messenger.SendParams) { p.NoReplyLink = true },
		"time": func(p *messenger.SendParams) { p.SendAfter = time.Now() }, "then": func(p *messenger.SendParams) { p.Then = messenger.Done },
	} {
		other := p
		change(&other)
		_, err := b.Send(as(t, "amira"), other)
		require.Equal(t, messenger.CodeKeyReused, messenger.CodeOf(err), name)
	}
	q := email("sian", "Hello")
	q.Key = p.Key
	require.NotEqual(t, sent.Message.ID, b.send(t, "ben", q).Message.ID, "a key belongs to a staff member")
	for _, key := range []string{"a b", "é", string(make([]byte, 256))} {
		q.Key = key
		_, err := b.Send(as(t, "ben"), q)
		requireCode(t, messenger.CodeInvalid, err)
	}
	q.Key, q.SendAfter = "", time.Date(0, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))
	_, err := b.Send(as(t, "ben"), q)
	requireCode(t, messenger.CodeInvalid, err)
}

func TestDrafts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	draft := func(staff adapters.StaffID) *messenger.Draft {
		page, err := b.Client(as(t, staff), "grace")
		require.NoError(t, err)
		return page.Draft
	}
	want := messenger.Draft{Medium: adapters.SMS, Body: "Dear {{first_name"}
	_, err := b.SaveDraft(as(t, "amira"), "grace", messenger.Draft{Medium: adapters.Email, Subject: "Hello"})
	require.NoError(t, err)
	saved, err := b.SaveDraft(as(t, "amira"), "grace", want)
	require.NoError(t, err)
	require.NotEmpty(t, saved.Key)
	want.Key = saved.Key
	require.Equal(t, &want, draft("amira"), "the same key for whoever shows it")
	again, err := b.SaveDraft(as(t, "amira"), "grace", want)
	require.NoError(t, err)
	require.NotEqual(t, want.Key, again.Key, "another one each time that it is kept")
	require.Nil(t, draft("ben"), "one's own")
	b.send(t, "ben", email("grace", "Hello"))
	require.NotNil(t, draft("amira"))
	b.send(t, "amira", email("grace", "Hello"))
	require.Nil(t, draft("amira"), "sent is no draft any more")
	sent := b.send(t, "amira", email("grace", "Hello again"))
	saved, err = b.SaveDraft(as(t, "amira"), "grace", want)
	require.NoError(t, err)
	want.Key = saved.Key
	opened, err := b.Channel(as(t, "amira"), sent.Channel.ID)
	require.NoError(t, err)
	require.Equal(t, &want, opened.Draft, "an opened channel has it too")
	opened, err = b.Channel(as(t, "ben"), sent.Channel.ID)
	require.NoError(t, err)
	require.Nil(t, opened.Draft, "one's own there too")
	for range 2 {
		require.NoError(t, b.DeleteDraft(as(t, "amira"), "grace"))
	}
	require.Nil(t, draft("amira"))
	_, err = b.SaveDraft(as(t, "amira"), "nobody", want)
	requireCode(t, messenger.CodeNotFound, err)
	_, err = b.SaveDraft(as(t, "amira"), "a\x00b", want)
	requireCode(t, messenger.CodeNotFound, err)
}

func TestARestrictedClient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.clients.Put(north, adapters.Client{
		ID: "secret", Name: "Rosa Lind", Email: "rosa@example.org", Phone: "07700 900127", DateOfBirth: "1975-07-05", Restricted: true,
		GP: adapters.GP{Name: "Riverside Surgery", ODSCode: "A12345"},
	})
	page, err := b.Client(as(t, "amira"), "secret")
	require.NoError(t, err)
	require.Empty(t, page.Person.Email+page.Person.Phone+page.Person.GP.Name+page.Person.GP.ODSCode)
	require.Equal(t, messenger.Action{Why: "restricted"}, page.Actions.SendEmail)
	_, err = b.Send(as(t, "amira"), email("secret", "Hello"))
	requireCode(t, messenger.CodeConfirmationRequired, err)
	p := email("secret", "Hello")
	p.Override = "  "
	_, err = b.Send(as(t, "amira"), p)
	requireCode(t, messenger.CodeConfirmationRequired, err)
	p.Override = "She asked for it today"
	sent := b.send(t, "amira", p)
	b.deliver(t, sent.Message.ID, 1)
	require.Equal(t, "North Social Prescribing", b.email.Outbox()[0].SenderName, "a neutral sender name")
	require.Empty(t, b.message(t, sent.Channel, sent.Message.ID).Delivery.To)
	history, err := b.History(as(t, "amira"), sent.Channel.ID, messenger.PageParams{})
	require.NoError(t, err)
	require.Equal(t, "She asked for it today", history.Items[0].Note)
	usual := b.send(t, "amira", email("grace", "Hello"))
	b.deliver(t, usual.Message.ID, 1)
	require.Equal(t, "Amira Shah", b.email.Outbox()[1].SenderName)
}

// What was written to somebody who is restricted now, without a reason, goes out no more, and nobody is asked for one:
// it is written anew.
func TestAMessageFromBeforeAClientWasRestricted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	failed := b.failed(t, email("grace", "It did not go out"))
	grace := adapters.Client{
		ID: "grace", Name: "Grace Bello", Email: "grace@example.org", DateOfBirth: "1971-05-06", Restricted: true,
	}
	b.clients.Put(north, grace)
	_, err := b.Retry(as(t, "amira"), failed.Message.ID)
	requireCode(t, messenger.CodeRestricted, err)
	grace.Deceased = true
	b.clients.Put(north, grace)
	_, err = b.Retry(as(t, "amira"), failed.Message.ID)
	requireCode(t, messenger.CodeDeceased, err)
}

func TestTheHostSaysWhatChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	other := b.send(t, "ben", email("grace", "Hello"))
	b.clients.Put(north, adapters.Client{ID: "grace", Name: "Grâce Bello", Email: "grace@example.org"})
	ids := make([]adapters.ClientID, 1500)
	for i := range ids {
		ids[i] = adapters.ClientID(uuid.NewString())
	}
	ids[1400] = "grace"
	for range 2 {
		require.NoError(t, b.ClientsChanged(t.Context(), north, ids...))
	}
	require.Equal(t, "Grâce Bello", b.row(t, sent.Channel).ClientName)
	page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Query: "grace bello"})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)

	token, kept := b.token(t, sent.Channel), b.token(t, other.Channel)
	for range 2 {
		require.NoError(t, b.ClientDischarged(t.Context(), north, "grace", "amira"))
	}
	require.NoError(t, b.ClientDischarged(t.Context(), south, "grace"))
	_, err = b.ReplyPage(t.Context(), token, "")
	requireCode(t, messenger.CodeNotFound, err)
	_, err = b.ReplyPage(t.Context(), kept, "")
	require.NoError(t, err)
	opened, err := b.Channel(as(t, "amira"), sent.Channel.ID)
	require.NoError(t, err)
	require.Equal(t, messenger.OffByDischarge, opened.RepliesOff.Why)
	require.Equal(t, opened.RepliesOff.At.UTC(), opened.Discharged)
	for range 2 { // somebody switches the link on all the same, and off again: they are discharged as before
		on, err := b.SetReplies(as(t, "amira"), sent.Channel.ID, opened.RepliesOff != nil)
		require.NoError(t, err)
		require.Equal(t, opened.Discharged, on.Discharged)
		opened = on
	}
	opened, err = b.Channel(as(t, "ben"), other.Channel.ID)
	require.NoError(t, err)
	require.Zero(t, opened.Discharged)
	require.Equal(t, []string{
		"amira:created", "amira:sent", ":replies_off", "amira:replies_on", "amira:replies_off",
	}, b.actions(t, sent.Channel))
	require.NoError(t, b.ClientDischarged(t.Context(), north, "grace"))
	_, err = b.ReplyPage(t.Context(), kept, "")
	requireCode(t, messenger.CodeNotFound, err)
}

// A discharge stands in the history whatever the replies were before: whoever switches them on again sees since when
// the client is discharged, also in a channel that was joined with theirs since.
func TestADischargeIsKnownWhateverWasSwitchedOff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira := as(t, "amira")
	b.send(t, "amira", email("grace", "Hello"))
	sent := b.send(t, "amira", email("sian", "Hello"))
	_, err := b.SetReplies(amira, sent.Channel.ID, false)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, b.ClientDischarged(t.Context(), north, "sian"))
	}
	opened, err := b.Channel(amira, sent.Channel.ID)
	require.NoError(t, err)
	require.Equal(t, messenger.OffByDischarge, opened.RepliesOff.Why)
	require.Equal(t, opened.RepliesOff.At.UTC(), opened.Discharged)
	require.Equal(t, []string{"amira:created", "amira:sent", "amira:replies_off", ":replies_off"},
		b.actions(t, sent.Channel))
	on, err := b.SetReplies(amira, sent.Channel.ID, true)
	require.NoError(t, err)
	require.Equal(t, opened.Discharged, on.Discharged)

	b.merge(t)
	joined, err := b.Channel(amira, sent.Channel.ID)
	require.NoError(t, err)
	require.NotEqual(t, sent.Channel.ID, joined.ID)
	require.NotEmpty(t, joined.ReplyLink)
	require.Equal(t, opened.Discharged, joined.Discharged)
}

// A message that nobody knows to have gone out, and that a person dealt with, waits for no record that is away either;
// it can be filed.
func TestWhatWasDealtWithWaitsForNoRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	b.deliver(t, sent.Message.ID, 1)
	b.filingWaits(t, sent)
	exec(t, b, `update messenger_messages set delivery_status = 'unknown', delivery_reason = 'forgotten',
		delivery_attention = 'delivery_unknown' where id = $1`, sent.Message.ID)
	resolved, err := b.Resolve(as(t, "amira"), sent.Message.ID, messenger.ResolveParams{Of: "delivery", Note: "She rang"})
	require.NoError(t, err)
	require.Equal(t, messenger.RecordNotRequired, resolved.Record.Status)
	require.Empty(t, b.row(t, sent.Channel).Attention)
	_, err = b.FileAgain(as(t, "amira"), sent.Message.ID)
	require.NoError(t, err)
	b.fileNow(t, sent.Message.ID)
	require.Equal(t, messenger.RecordSaved, b.message(t, sent.Channel, sent.Message.ID).Record.Status)
}
