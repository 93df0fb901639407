package messenger_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// carrierLimit is as GOV.UK Notify's.
func carrierLimit() adapters.Limit {
	return adapters.Limit{Characters: 918, Replace: func(text string) string {
		return strings.NewReplacer("…", "...", "\u200b", "").Replace(text)
	}}
}

func utf16Length(text string) int { return len(utf16.Encode([]rune(text))) }

// What is checked is what the client gets: closing lines, reply link and the carrier's replacements counted, and one more
// character than it takes is refused before anything is kept.
func TestTheRenderedMessageIsChecked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sms.SetLimit(carrierLimit())
	first := b.send(t, "amira", sms("grace", "Hello"))
	b.deliver(t, first.Message.ID, 1)
	fit := func(p messenger.SendParams) int { // how many more letters fit
		checked, err := b.Check(as(t, "amira"), p)
		require.NoError(t, err)
		require.Equal(t, utf16Length(checked.Text), checked.Characters)
		require.Equal(t, 918, checked.Limit)
		return checked.Limit - checked.Characters
	}
	to := map[string]messenger.SendParams{
		"to the client":         sms("grace", "Hello "),
		"in the channel":        {Channel: first.Channel.ID, Medium: adapters.SMS, Body: "Hello "},
		"without a link":        {Client: "grace", Medium: adapters.SMS, Body: "Hello ", NoReplyLink: true},
		"without a channel yet": sms("phone", "Hello "),
		"a link in the middle":  sms("grace", "Go to{{reply_link}}, {{first_name}}: "),
		"an emoji":              sms("grace", "😀"),
		"replaced to more":      sms("grace", "……… "),
		"replaced to nothing":   sms("grace", "\u200b\u200b "),
	}
	for name, p := range to {
		begins := p.Body
		p.Body += "x"
		room := fit(p)
		require.Positive(t, room, name)
		p.Body = begins + strings.Repeat("x", 1+room)
		require.Zero(t, fit(p), name)
		sent := b.send(t, "amira", p)
		b.deliver(t, sent.Message.ID, 1)
		outbox := b.sms.Outbox()
		require.Equal(t, sent.Message.ID, outbox[len(outbox)-1].MessageID, name)
		require.Equal(t, 918, utf16Length(outbox[len(outbox)-1].Text), name)

		before := count(t, b.pool, "select count(*) from messenger_messages")
		p.Body += "x"
		checked, err := b.Check(as(t, "amira"), p)
		require.NoError(t, err, name)
		require.True(t, checked.TooLong, name)
		_, err = b.Send(as(t, "amira"), p)
		require.Equal(t, messenger.CodeTooLong, messenger.CodeOf(err), name)
		require.ErrorContains(t, err, "take out: 1.")
		_, err = b.Prepare(as(t, "amira"), p)
		requireCode(t, messenger.CodeTooLong, err)
		require.Equal(t, before, count(t, b.pool, "select count(*) from messenger_messages"), name)
	}
}

// With replies off no link goes out, and none is counted.
func TestALinkThatIsOffIsNotCounted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sms.SetLimit(carrierLimit())
	channel := b.send(t, "amira", sms("grace", "Hello")).Channel
	on, err := b.Check(as(t, "amira"), sms("grace", "Hello"))
	require.NoError(t, err)
	require.Contains(t, on.Text, b.token(t, channel))
	_, err = b.SetReplies(as(t, "amira"), channel.ID, false)
	require.NoError(t, err)
	for _, p := range []messenger.SendParams{
		sms("grace", strings.Repeat("x", 918)),
		{Channel: channel.ID, Medium: adapters.SMS, Body: strings.Repeat("x", 918)},
	} {
		off, err := b.Check(as(t, "amira"), p)
		require.NoError(t, err)
		require.NotContains(t, off.Text, "/r/")
		closing := off.Characters - 918
		p.Body = p.Body[closing:]
		b.send(t, "amira", p)
	}
	opens, err := b.Check(as(t, "amira"), sms("phone", "Hello"))
	require.NoError(t, err)
	require.Contains(t, opens.Text, "/r/xxxxxxxxxxxxxxxxxxxxxx", "it is not made yet")
	require.Zero(t, count(t, b.pool, "select count(*) from messenger_channels where client_id = 'phone'"))
}

// A check says what is dear, takes an empty body, and keeps nothing; its errors are a send's.
func TestACheckKeepsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	empty, err := b.Check(as(t, "amira"), sms("grace", ""))
	require.NoError(t, err)
	require.False(t, empty.TooLong)
	require.Zero(t, empty.Limit, "this carrier names none")
	dear, err := b.Check(as(t, "amira"), sms("grace", "Sut dŷch chi, {{first_name}}? 😀 ŷ"))
	require.NoError(t, err)
	require.Equal(t, []string{"ŷ", "😀"}, dear.Dear)
	require.Contains(t, dear.Text, "Sut dŷch chi, Grace?")
	require.Equal(t, messenger.CountTexts(dear.Text), dear.Texts)
	b.sms.SetLimit(adapters.Limit{Replace: func(text string) string { return strings.ReplaceAll(text, "ŷ", "y") }})
	dear, err = b.Check(as(t, "amira"), sms("grace", "Sut dŷch chi?"))
	require.NoError(t, err)
	require.Empty(t, dear.Dear, "the carrier sends another character")
	letter, err := b.Check(as(t, "amira"), email("grace", "Sut dŷch chi?"))
	require.NoError(t, err)
	require.Zero(t, letter.Texts)
	require.Empty(t, letter.Dear)
	require.Equal(t, "Hello", letter.Subject)

	for code, p := range map[messenger.Code]messenger.SendParams{
		messenger.CodeInvalid:              sms("grace", strings.Repeat("x", 919)),
		messenger.CodeUnknownPlaceholder:   sms("grace", "Hello {{name}}"),
		messenger.CodeNoAddress:            sms("sian", "Hello"),
		messenger.CodeDeceased:             email("dead", "Hello"),
		messenger.CodeObjected:             sms("objects", "Hello"),
		messenger.CodeNotFound:             email("nobody", "Hello"),
		messenger.CodeConfirmationRequired: email("secret", "Hello"),
	} {
		_, err := b.Check(as(t, "amira"), p)
		require.Equal(t, code, messenger.CodeOf(err))
	}
	_, err = b.Check(as(t, "chloe"), sms("grace", "Hello"))
	requireCode(t, messenger.CodeForbidden, err)
	for _, table := range []string{"messenger_channels", "messenger_messages", "messenger_history", "messenger_drafts", "river_job"} {
		require.Zero(t, count(t, b.pool, "select count(*) from "+table), table)
	}
}

// A broadcast goes by the longest of its messages, whoever's name makes it so, and a fault of nobody who gets nothing.
func TestABroadcastGoesByTheLongest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sms.SetLimit(carrierLimit())
	long := adapters.Client{ID: "long", Name: "Wilhelmina Featherstonehaugh", FirstName: "Wilhelmina", Phone: "07700 900127"}
	b.clients.Put(north, long)
	p := messenger.BroadcastParams{Medium: adapters.SMS, Clients: []adapters.ClientID{"grace", "long", "nobody"}, ReplyLink: true}
	checked, err := b.Check(as(t, "amira"), sms("long", "Dear {{first_name}} "))
	require.NoError(t, err)
	p.Body = "Dear {{first_name}} " + strings.Repeat("x", 918-checked.Characters-1)
	preview, err := b.PreviewBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.Equal(t, 1, preview.SkippedCount)
	_, err = b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)

	p.Body += "xx"
	_, err = b.PreviewBroadcast(as(t, "amira"), p)
	requireCode(t, messenger.CodeTooLong, err)
	before := count(t, b.pool, "select count(*) from messenger_broadcasts")
	_, err = b.SendBroadcast(as(t, "amira"), p)
	requireCode(t, messenger.CodeTooLong, err)
	require.Equal(t, before, count(t, b.pool, "select count(*) from messenger_broadcasts"))
	p.Clients = []adapters.ClientID{"grace", "nobody"}
	_, err = b.PreviewBroadcast(as(t, "amira"), p)
	require.NoError(t, err, "Grace's is short enough")
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	b.clients.Put(north, adapters.Client{ID: "grace", Name: "Wilhelmina", FirstName: "Wilhelmina", Phone: "07700 900123"})
	require.NoError(t, b.fanOut(t, broadcast.ID))
	skipped, err := b.BroadcastSkipped(as(t, "amira"), broadcast.ID, messenger.PageParams{})
	require.NoError(t, err)
	require.Contains(t, skipped.Items, messenger.Skipped{Client: "grace", Why: messenger.WhyInvalid}, "it became too long since")
}
