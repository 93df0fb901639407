package messenger_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// A change that was made is answered as made, though the directory does not answer: said again, it would make another link.
func TestAChangeIsAnsweredWithoutTheDirectory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	b.clients.FailAll(errors.New("down"))
	opened, err := b.RenewLink(as(t, "amira"), sent.Channel.ID)
	require.NoError(t, err)
	require.NotEmpty(t, opened.ReplyLink)
	require.Equal(t, "Grace Okafor", opened.Person.Name)
	opened, err = b.SetReplies(as(t, "amira"), sent.Channel.ID, false)
	require.NoError(t, err)
	require.Equal(t, messenger.OffByStaff, opened.RepliesOff.Why)
	_, err = b.Channel(as(t, "amira"), sent.Channel.ID)
	requireCode(t, messenger.CodeUnavailable, err)
}

// What nobody knows to have been sent is not left waiting for the record once a person dealt with it, and can be filed by hand.
func TestAnUnknownMessageThatWasDealtWithCanBeFiled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b = b.with(t, b.plain())
	sent := b.unknown(t, email("grace", "Hello"))
	require.Equal(t, messenger.RecordPending, b.message(t, sent.Channel, sent.Message.ID).Record.Status)
	message, err := b.Resolve(as(t, "amira"), sent.Message.ID, messenger.ResolveParams{Of: "delivery", Note: "She rang: it arrived."})
	require.NoError(t, err)
	require.Equal(t, messenger.RecordNotRequired, message.Record.Status)
	require.Equal(t, messenger.ReasonDeliveryUnknown, message.Record.Reason)
	_, err = b.FileAgain(as(t, "amira"), sent.Message.ID)
	require.NoError(t, err)
	b.file(t, sent.Message.ID, 1)
	require.Equal(t, messenger.RecordSaved, b.message(t, sent.Channel, sent.Message.ID).Record.Status)
}

// A provider's own words can't keep the outcome from being written, and what it really sent is shown.
func TestAProvidersOddText(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *messenger.Config) {
		c.Email = answering{adapters.Receipt{ProviderID: "id\x00\xff", Text: "Hel\x00lo", Via: "odd"}}
	})
	sent := b.send(t, "amira", email("grace", "Hello there"))
	b.deliver(t, sent.Message.ID, 1)
	message := b.message(t, sent.Channel, sent.Message.ID)
	require.Equal(t, messenger.DeliverySent, message.Delivery.Status)
	require.Equal(t, "Hello", message.SentText)
}

// The page of a restricted client names nobody: they were written to under a neutral name.
func TestTheReplyPageOfARestrictedClientNamesNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := email("secret", "Hello")
	p.Override = "A safeguarding visit"
	sent := b.send(t, "amira", p)
	b.deliver(t, sent.Message.ID, 1)
	page, err := b.ReplyPage(t.Context(), b.token(t, sent.Channel), "")
	require.NoError(t, err)
	require.Equal(t, "North Social Prescribing", page.StaffName)
}

// Many who migrate at once through one small pool wait for one another, and not for ever.
func TestManyMigrateThroughOneSmallPool(t *testing.T) {
	t.Parallel()
	config := migrationtest.Schema(t).Config()
	config.MaxConns = 4
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer pool.Close()
	errs := make([]error, 8)
	together(len(errs), func(i int) { errs[i] = migrations.Up(t.Context(), pool) })
	require.NoError(t, errors.Join(errs...))
}

// answering is a sender that takes everything and always says the same.
type answering struct{ receipt adapters.Receipt }

func (a answering) Send(context.Context, adapters.Outgoing) (adapters.Receipt, error) {
	return a.receipt, nil
}
