package messenger_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

const secretWords = "Your biopsy shows a melanoma"

func private(client adapters.ClientID, medium adapters.Medium) messenger.SendParams {
	p := messenger.SendParams{Client: client, Medium: medium, Body: secretWords, Private: true}
	if medium == adapters.Email {
		p.Subject = "Your biopsy"
	}
	return p
}

func (b *bundle) prove(t *testing.T, channel messenger.Channel, day, month, year string) string {
	t.Helper()
	proof, err := b.ProveDateOfBirth(t.Context(), b.token(t, channel), messenger.DateOfBirth{Day: day, Month: month, Year: year})
	require.NoError(t, err)
	return proof
}

// What goes out of a private message is a notice: as a text it is one, in GSM-7, for a long name and however much is
// written in whatever script.
func TestANoticeIsOneTextAndSaysNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	name := strings.Repeat("Ñ", 40)
	b.orgs.Put(adapters.Organisation{ID: north, Name: name, PublicURL: "https://messages.northgate-prescribing.example.org/m"})
	p := private("grace", adapters.SMS)
	p.Body = strings.Repeat("你好 ", 10_000) + secretWords
	checked, err := b.Check(as(t, "amira"), p)
	require.NoError(t, err)
	require.Equal(t, 1, checked.Texts)
	require.Empty(t, checked.Dear)
	require.False(t, checked.TooLong)
	sent := b.send(t, "amira", p)
	require.True(t, sent.Message.Private)
	require.Equal(t, p.Body, sent.Message.Body)
	b.deliver(t, sent.Message.ID, 1)
	text := b.sms.Outbox()[0].Text
	require.Equal(t, 1, messenger.CountTexts(text), text)
	require.Contains(t, text, name)
	require.Contains(t, text, "/r/"+b.token(t, sent.Channel))
	require.NotContains(t, text, "Grace")

	mail := b.send(t, "amira", private("grace", adapters.Email))
	b.deliver(t, mail.Message.ID, 1)
	out := b.email.Outbox()[0]
	require.Equal(t, "You have a private message", out.Subject)
	for _, part := range []string{out.Subject, out.Text} {
		require.NotContains(t, part, "biopsy")
		require.NotContains(t, part, "Grace")
	}
	b.fileNow(t, mail.Message.ID)
	entry := b.entry(t, mail.Message.ID)
	require.Equal(t, "Your biopsy", entry.Subject)
	require.Equal(t, secretWords, entry.Text)
}

// However long it is and in whichever language it is read, a private message costs one text; its page and the record
// have all of it.
func TestANoticeInWelshIsOneTextToo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	name := "€ " + strings.Repeat("n", 38)
	b.orgs.Put(adapters.Organisation{ID: north, Name: name, PublicURL: "https://messages.north-practice.example.org/m"})
	words := strings.TrimSpace(strings.Repeat("Mae’r tŷ ", 1_111) + "yn barod")
	grace := b.clientOf(t, "grace")
	for _, language := range []string{"", "cy"} {
		grace.Language = language
		b.clients.Put(north, grace)
		p := private("grace", adapters.SMS)
		p.Body = words
		checked, err := b.Check(as(t, "amira"), p)
		require.NoError(t, err)
		require.Equal(t, []any{1, false}, []any{checked.Texts, checked.TooLong}, checked.Text)
		require.Contains(t, checked.Text, name)
		sent := b.send(t, "amira", p)
		b.deliver(t, sent.Message.ID, 1)
		outbox := b.sms.Outbox()
		require.Equal(t, 1, messenger.CountTexts(outbox[len(outbox)-1].Text), outbox[len(outbox)-1].Text)
		b.fileNow(t, sent.Message.ID)
		require.Equal(t, words, b.entry(t, sent.Message.ID).Text)
		page, err := b.ReplyPage(t.Context(), b.token(t, sent.Channel), b.prove(t, sent.Channel, "29", "2", "1984"))
		require.NoError(t, err)
		require.Equal(t, words, page.Private[0].Body)
	}
}

func (b *bundle) entry(t *testing.T, message uuid.UUID) adapters.Entry {
	t.Helper()
	filing, filed := b.record.Filing(message)
	require.True(t, filed)
	return filing.Entry
}

func (b *bundle) fileNow(t *testing.T, message uuid.UUID) {
	t.Helper()
	require.NoError(t, b.Jobs().WriteRecord(t.Context(), message, 1))
}

func TestAPrivateMessageWantsProofAndALink(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.Send(as(t, "amira"), private("phone", adapters.SMS))
	requireCode(t, messenger.CodeNoProof, err)
	p := private("grace", adapters.SMS)
	p.NoReplyLink = true
	_, err = b.Send(as(t, "amira"), p)
	requireCode(t, messenger.CodeInvalid, err)
	channel := b.send(t, "amira", email("grace", "Hello")).Channel
	_, err = b.SetReplies(as(t, "amira"), channel.ID, false)
	require.NoError(t, err)
	for _, p := range []messenger.SendParams{private("grace", adapters.SMS), private("grace", adapters.Email)} {
		_, err = b.Send(as(t, "amira"), p)
		requireCode(t, messenger.CodeInvalid, err)
		_, err = b.Check(as(t, "amira"), p)
		requireCode(t, messenger.CodeInvalid, err)
	}
	sian := b.send(t, "amira", email("sian", "Hello")).Channel
	many := messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "Your biopsy", Body: secretWords, ReplyLink: true, Private: true,
		Clients: []adapters.ClientID{"grace", "sian"},
	}
	preview, err := b.PreviewBroadcast(as(t, "amira"), many)
	require.NoError(t, err)
	require.Equal(t, []messenger.Skipped{{Client: "grace", Why: messenger.WhyRepliesOff}}, preview.Skipped)
	broadcast, err := b.SendBroadcast(as(t, "amira"), many)
	require.NoError(t, err)
	_, err = b.SetReplies(as(t, "amira"), sian.ID, false)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	skipped, err := b.BroadcastSkipped(as(t, "amira"), broadcast.ID, messenger.PageParams{})
	require.NoError(t, err)
	require.Contains(t, skipped.Items, messenger.Skipped{Client: "sian", Why: messenger.WhyRepliesOff}, "switched off since")
	require.Len(t, skipped.Items, 2)
	long := private("sian", adapters.Email)
	long.Body = strings.Repeat("x", messenger.MaxEmail+1)
	_, err = b.Send(as(t, "amira"), long)
	requireCode(t, messenger.CodeInvalid, err)
	long.Medium, long.Subject, long.Private, long.Body, long.Client = adapters.SMS, "", false, strings.Repeat("x", messenger.MaxSMS+1), "grace"
	_, err = b.Send(as(t, "amira"), long)
	requireCode(t, messenger.CodeInvalid, err)
}

// A restricted client is only ever written to privately, and not at all where nobody could prove to be them.
func TestARestrictedClientIsWrittenToPrivately(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.clients.Put(north, adapters.Client{ID: "unproved", Name: "Nobody Known", Email: "nobody@example.org", Restricted: true})
	p := email("unproved", secretWords)
	_, err := b.Send(as(t, "amira"), p)
	requireCode(t, messenger.CodeNoProof, err)
	page, err := b.Client(as(t, "amira"), "unproved")
	require.NoError(t, err)
	require.Equal(t, messenger.WhyNoProof, page.Actions.SendEmail.Why)
	p = email("secret", secretWords)
	_, err = b.Send(as(t, "amira"), p)
	requireCode(t, messenger.CodeConfirmationRequired, err)
	p.Override = "She asked"
	sent := b.send(t, "amira", p)
	require.True(t, sent.Message.Private)
	b.deliver(t, sent.Message.ID, 1)
	require.NotContains(t, b.email.Outbox()[0].Text, "biopsy")
}

// Taken back, it is gone for the client at once; what has not gone out is cancelled, what is filed is amended.
func TestAPrivateMessageIsTakenBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", private("grace", adapters.Email))
	channel := sent.Channel
	b.deliver(t, sent.Message.ID, 1)
	b.fileNow(t, sent.Message.ID)
	proof := b.prove(t, channel, "29", "2", "1984")
	page, err := b.ReplyPage(t.Context(), b.token(t, channel), proof)
	require.NoError(t, err)
	require.Equal(t, secretWords, page.Private[0].Body)
	_, err = b.Withdraw(as(t, "chloe"), sent.Message.ID, messenger.WithdrawParams{Reason: "other"})
	requireCode(t, messenger.CodeForbidden, err)
	_, err = b.Withdraw(as(t, "amira"), sent.Message.ID, messenger.WithdrawParams{Reason: "whim"})
	requireCode(t, messenger.CodeInvalid, err)
	back, err := b.Withdraw(as(t, "ben"), sent.Message.ID, messenger.WithdrawParams{Reason: messenger.WithdrawnWrongWords, Note: "Not hers"})
	require.NoError(t, err)
	require.Equal(t, adapters.StaffID("ben"), back.Withdrawn.By)
	page, err = b.ReplyPage(t.Context(), b.token(t, channel), proof)
	require.NoError(t, err)
	require.Empty(t, page.Private)
	require.False(t, page.AsksForPrivate)
	require.NoError(t, b.Jobs().AmendRecord(t.Context(), sent.Message.ID, 1))
	entry := b.entry(t, sent.Message.ID)
	require.Equal(t, adapters.Withdrawn, entry.Status)
	require.NotContains(t, entry.Subject+entry.Text, "biopsy")
	history, err := b.History(as(t, "amira"), channel.ID, messenger.PageParams{})
	require.NoError(t, err)
	require.Equal(t, messenger.ActionWithdrawn, history.Items[0].Action)
	require.Equal(t, "wrong_words: Not hers", history.Items[0].Note)
	for _, id := range []uuid.UUID{sent.Message.ID, b.send(t, "amira", email("grace", "Plain")).Message.ID} {
		_, err = b.Withdraw(as(t, "amira"), id, messenger.WithdrawParams{Reason: "other"})
		requireCode(t, messenger.CodeNothingToDo, err)
	}

	later := private("grace", adapters.SMS)
	later.SendAfter = time.Now().Add(time.Hour)
	waits := b.send(t, "amira", later)
	back, err = b.Withdraw(as(t, "amira"), waits.Message.ID, messenger.WithdrawParams{Reason: "other"})
	require.NoError(t, err)
	require.Equal(t, messenger.DeliveryCancelled, back.Delivery.Status)
	b.deliver(t, waits.Message.ID, 1)
	require.Empty(t, b.sms.Outbox())
}

// What was taken back is nowhere given out: staff's own export has the words, one for the client has them no more.
func TestATakenBackMessageIsInNoExportForTheClient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mayExport(t, b)
	sent := b.send(t, "amira", private("grace", adapters.Email))
	b.deliver(t, sent.Message.ID, 1)
	exported := func(to messenger.ExportFor) string {
		made, err := b.ExportClient(as(t, "fay"), "grace", to)
		require.NoError(t, err)
		text, err := made.JSON()
		require.NoError(t, err)
		return string(text)
	}
	require.Contains(t, exported(messenger.ExportForClient), "biopsy", "not yet")
	_, err := b.Withdraw(as(t, "amira"), sent.Message.ID, messenger.WithdrawParams{Reason: messenger.WithdrawnWrongPerson})
	require.NoError(t, err)
	require.Contains(t, exported(messenger.ExportForStaff), "biopsy")
	require.NotContains(t, exported(messenger.ExportForClient), "biopsy")
	require.Contains(t, exported(messenger.ExportForClient), "wrong_person")
}

// What is taken back while it waits for a record that is away needs nobody any more.
func TestATakenBackMessageWaitsForNoRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", private("grace", adapters.Email))
	b.deliver(t, sent.Message.ID, 1)
	b.filingWaits(t, sent)
	_, err := b.Withdraw(as(t, "amira"), sent.Message.ID, messenger.WithdrawParams{Reason: "other"})
	require.NoError(t, err)
	b.fileNow(t, sent.Message.ID)
	require.Equal(t, messenger.RecordNotRequired, b.message(t, sent.Channel, sent.Message.ID).Record.Status)
	require.Empty(t, b.row(t, sent.Channel).Attention)
}

// What is taken back while nobody knows whether it went out is not sent: neither its words nor the notice of it.
func TestATakenBackMessageIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	host := b.with(t, func(config *messenger.Config) { config.Email = b.email.Plain() })
	for name, way := range map[string]*bundle{"looked up": b, "not to be looked up": host} {
		sent := b.send(t, "amira", private("grace", adapters.Email))
		b.email.FailNext(errLost)
		if way == b { // it is asked what became of it
			b.email.FailNext(errLost)
		}
		way.deliver(t, sent.Message.ID, 1)
		way.deliver(t, sent.Message.ID, lastTry)
		require.Equal(t, messenger.DeliveryUnknown, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status, name)
		_, err := way.Retry(as(t, "amira"), sent.Message.ID)
		require.NoError(t, err, name)
		_, err = way.Withdraw(as(t, "amira"), sent.Message.ID, messenger.WithdrawParams{Reason: "wrong_person"})
		require.NoError(t, err, name)
		way.deliver(t, sent.Message.ID, 1)
		require.Zero(t, b.email.Carried(sent.Message.ID.String()), name)
		delivery := b.message(t, sent.Channel, sent.Message.ID).Delivery
		require.Equal(t, messenger.DeliveryUnknown, delivery.Status, name)
		require.Equal(t, messenger.ReasonWithdrawn, delivery.Reason, name)
	}
}
