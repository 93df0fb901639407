package messenger_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// checking is an organisation that asks for the date of birth.
func checking(b *bundle) {
	b.orgs.Put(adapters.Organisation{ID: north, Name: "North", PublicURL: "https://north.example.org/m", CheckDateOfBirth: true})
}

func TestDateOfBirthCheck(t *testing.T) {
	t.Parallel()
	clock, stands := withClock()
	b := setup(t, stands)
	checking(b)
	sent := b.send(t, "amira", email("grace", "Hello"))
	b.deliver(t, sent.Message.ID, 1)
	token := b.token(t, sent.Channel)
	right := messenger.DateOfBirth{Day: " 29", Month: "02", Year: "1984 "}
	wrong := messenger.DateOfBirth{Day: "28", Month: "2", Year: "1984"}
	prove := func(date messenger.DateOfBirth) (string, error) { return b.ProveDateOfBirth(t.Context(), token, date) }
	page := func(proof string) messenger.ReplyPage {
		page, err := b.ReplyPage(t.Context(), token, proof)
		require.NoError(t, err)
		return page
	}

	for range 7 { // no guesses: nothing that could be a date
		for _, date := range []messenger.DateOfBirth{{}, {Day: "31", Month: "2", Year: "1984"}, {Day: "29", Month: "2", Year: "84"}, {Day: "x", Month: "2", Year: "1984"}} {
			_, err := prove(date)
			requireCode(t, messenger.CodeInvalid, err)
		}
	}
	for range 4 {
		_, err := prove(wrong)
		requireCode(t, messenger.CodeInvalid, err)
	}
	proof, err := prove(right)
	require.NoError(t, err, "the fifth is right, and begins the count again")
	require.True(t, page(proof).Proved)
	require.Equal(t, sent.Message.ID, page(proof).Answering.ID)
	for _, forged := range []string{"", "9999999999." + proof[11:], proof + "A", "x." + proof[11:], "." + proof} {
		require.False(t, page(forged).Proved)
	}
	other := b.send(t, "amira", email("sian", "Hello"))
	elsewhere, err := b.ReplyPage(t.Context(), b.token(t, other.Channel), proof)
	require.NoError(t, err)
	require.False(t, elsewhere.Proved, "a proof is of one link")
	clock.add(30 * time.Minute)
	require.False(t, page(proof).Proved, "and ends")

	proof, err = prove(right)
	require.NoError(t, err)
	for range 5 {
		_, err := prove(wrong)
		requireCode(t, messenger.CodeInvalid, err)
	}
	require.True(t, page("").ReadingLocked)
	require.Equal(t, []messenger.Attention{messenger.AttentionLinkLocked}, b.row(t, sent.Channel).Attention)
	require.True(t, page(proof).Proved, "who had proved it goes on reading")
	_, err = prove(right)
	requireCode(t, messenger.CodeInvalid, err)
	_, _, err = b.Reply(t.Context(), token, messenger.ReplyParams{Text: "Hello", DateOfBirth: right})
	require.NoError(t, err, "writing is never locked")
	thread := b.thread(t, sent.Channel)
	require.Equal(t, "none", thread[1].Verified)
	require.NoError(t, b.Read(as(t, "amira"), sent.Channel.ID, thread[1].ID, false))
	require.Contains(t, b.row(t, sent.Channel).Attention, messenger.AttentionLinkLocked, "reading says nothing of the lock")
	clock.add(time.Hour)
	_, err = prove(right)
	require.NoError(t, err)
	receipt, proof, err := b.Reply(t.Context(), token, messenger.ReplyParams{Text: "Hello again", DateOfBirth: right})
	require.NoError(t, err)
	require.NotEmpty(t, proof)
	require.Equal(t, "date_of_birth", b.message(t, sent.Channel, receipt.ID).Verified)
	_, err = b.RenewLink(as(t, "amira"), sent.Channel.ID)
	require.NoError(t, err)
	require.NotContains(t, b.row(t, sent.Channel).Attention, messenger.AttentionLinkLocked)
	token = b.token(t, sent.Channel)
	require.False(t, page(proof).Proved, "a new link asks again")
}

func TestGuessesAtTheSameMoment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	checking(b)
	sent := b.send(t, "amira", email("grace", "Hello"))
	token := b.token(t, sent.Channel)
	for range 4 {
		_, err := b.ProveDateOfBirth(t.Context(), token, messenger.DateOfBirth{Day: "1", Month: "1", Year: "1990"})
		requireCode(t, messenger.CodeInvalid, err)
	}
	var opened atomic.Int32
	guessed := make(chan struct{})
	ctx := context.WithoutCancel(t.Context())
	tx, err := b.pool.Begin(ctx)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(ctx) }()
	_, err = tx.Exec(ctx, "select from messenger_channels for update")
	require.NoError(t, err)
	go func() {
		defer close(guessed)
		together(12, func(i int) {
			date := messenger.DateOfBirth{Day: "1", Month: "1", Year: "1990"}
			if i == 0 {
				date.Year = "1991"
			}
			if _, err := b.ProveDateOfBirth(t.Context(), token, date); err == nil {
				opened.Add(1)
			}
		})
	}()
	eventually(t, func() bool { return lockWaiters(t, b.pool) >= 2 },
		"two of them have seen the link open, one more than may")
	require.NoError(t, tx.Rollback(ctx))
	<-guessed
	require.Zero(t, opened.Load())
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_channels where link_locked and locked_until > now() and wrong_dates = 0"))
	require.Equal(t, 1, count(t, b.pool, "select count(*) from river_job where args->>'kind' = 'link_locked'"), "told once")
}

func TestLinksOffReplacedAndRotated(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	first := b.token(t, sent.Channel)
	open := func(b *bundle, token string) bool {
		_, err := b.ReplyPage(t.Context(), token, "")
		return err == nil
	}
	toggle := func(on bool) messenger.OpenedChannel {
		opened, err := b.SetReplies(as(t, "ben"), sent.Channel.ID, on)
		require.NoError(t, err)
		return opened
	}
	off := toggle(false)
	require.Empty(t, off.ReplyLink)
	require.Equal(t, "Ben Hughes", off.RepliesOff.By)
	require.False(t, open(b, first))
	toggle(true)
	require.Equal(t, first, b.token(t, sent.Channel), "off, then on: the same link")
	require.True(t, open(b, first))
	toggle(false)
	renewed, err := b.RenewLink(as(t, "amira"), sent.Channel.ID)
	require.NoError(t, err)
	require.Empty(t, renewed.ReplyLink, "made, and off")
	toggle(true)
	second := b.token(t, sent.Channel)
	require.False(t, open(b, first))
	require.True(t, open(b, second))
	looking, err := b.Channel(as(t, "chloe"), sent.Channel.ID)
	require.NoError(t, err)
	require.Empty(t, looking.ReplyLink, "not for those who may look but not act")

	old := b.config.LinkKeys[0]
	rotated := b.with(t, func(c *messenger.Config) {
		c.LinkKeys = []messenger.LinkKey{{ID: "k2", Key: []byte("a second key of thirty-two bytes")}, old}
	})
	require.True(t, open(rotated, second), "links already sent still open")
	require.Equal(t, second, rotated.token(t, sent.Channel))
	_, err = rotated.RenewLink(as(t, "amira"), sent.Channel.ID)
	require.NoError(t, err)
	third := rotated.token(t, sent.Channel)
	require.True(t, open(rotated, third))
	require.False(t, open(rotated, second))
	require.False(t, open(b, third), "made with the new key")
	for _, token := range []string{"", "a", second + "A", second[:21], "%00", "'; drop table x;--", second[:21] + "é"} {
		require.False(t, open(b, token))
	}
}

// Pressing Send twice stores one reply; another text is another reply, whatever the form says.
func TestRepeatedForms(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	token := b.token(t, sent.Channel)
	try := func(text, key string) (uuid.UUID, error) {
		receipt, _, err := b.Reply(t.Context(), token, messenger.ReplyParams{Text: text, FormKey: key})
		return receipt.ID, err
	}
	reply := func(text, key string) uuid.UUID {
		id, err := try(text, key)
		require.NoError(t, err)
		return id
	}
	page, err := b.ReplyPage(t.Context(), token, "")
	require.NoError(t, err)
	ids, errs := make([]uuid.UUID, 8), make([]error, 8)
	together(len(ids), func(i int) { ids[i], errs[i] = try("Yes", page.FormKey) })
	require.NoError(t, errors.Join(errs...))
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
	require.NotEqual(t, ids[0], reply("No, I meant no", page.FormKey))
	require.NotEqual(t, ids[0], reply("Yes", uuid.NewString()))
	without := reply("Perhaps", "")
	require.Equal(t, without, reply("Perhaps", ""))
	require.Equal(t, without, reply("Perhaps", "not a key!"))
	require.Equal(t, 4, count(t, b.pool, "select count(*) from messenger_messages where direction = 'inbound'"))
	receipt, err := b.ReplyReceipt(t.Context(), token, without)
	require.NoError(t, err)
	require.Equal(t, without, receipt.ID)
	_, err = b.ReplyReceipt(t.Context(), token, sent.Message.ID)
	requireCode(t, messenger.CodeNotFound, err)
}
