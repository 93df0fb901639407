package messenger_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// advised is the rules of what is advised, which has words and a source each.
func advised(t *testing.T, checked messenger.Checked) (rules []string) {
	t.Helper()
	for _, a := range checked.Advice {
		require.NotEmpty(t, a.Text)
		require.NotEmpty(t, a.Source)
		rules = append(rules, a.Rule)
	}
	return rules
}

// A check advises on the text as it goes out, by the time at which it does, and knows the client and the organisation.
func TestAdvice(t *testing.T) {
	t.Parallel()
	now := tuesday()
	b := setup(t, func(c *messenger.Config) { c.Now = func() time.Time { return now } })
	rules := func(p messenger.SendParams) []string {
		checked, err := b.Check(as(t, "amira"), p)
		require.NoError(t, err)
		return advised(t, checked)
	}
	at := func(p messenger.SendParams, sendAfter time.Time) messenger.SendParams {
		p.SendAfter = sendAfter
		return p
	}
	local := func(p messenger.SendParams, at string) messenger.SendParams {
		p.SendLocal = messenger.LocalTime{At: at, Zone: "Asia/Tokyo"}
		return p
	}
	const from = ", {{organisation}}"
	for _, c := range []struct {
		what string
		p    messenger.SendParams
		want []string
	}{
		{"nothing is written", sms("grace", ""), nil},
		{"all is well", sms("grace", "Come on 3 December, {{first_name}}"+from), nil},
		{"nobody says whom it is from", sms("grace", "Come today"), []string{"service_name"}},
		{"an email", email("grace", "Hi {{first_name}}"+from), []string{"greeting"}},
		{"their own date of birth", email("grace", "Dear Grace, you were born on 29.02.1984"+from), []string{"personal_number"}},
		{"their own reply link", sms("grace", "Write to {{reply_link}}"+from), nil},
		{"later on the same day", at(sms("grace", "Come today"+from), now.Add(time.Hour)), nil},
		{"in the past: at once", at(sms("grace", "Come today"+from), now.Add(-24*time.Hour)), nil},
		{"the next day", at(sms("grace", "Come today"+from), now.Add(24*time.Hour)), []string{"today_later"}},
		{"on the clock of another place", local(sms("grace", "Come today"+from), "2026-12-02T00:30"), nil},
		{"at night", at(sms("grace", "Come soon"+from), now.Add(12*time.Hour)), []string{"out_of_hours"}},
		{"on Christmas Day", at(sms("grace", "Come soon"+from), now.AddDate(0, 0, 24)), []string{"out_of_hours"}},
		{"what no text should say", sms("grace", "The biopsy is back"+from), []string{"bad_news"}},
	} {
		require.Equal(t, c.want, rules(c.p), c.what)
	}

	now = now.Add(13*time.Hour + 30*time.Minute) // half past eleven
	p := at(sms("grace", "Come today"+from), now.Add(time.Hour))
	require.Equal(t, []string{"today_later", "out_of_hours"}, rules(p), "it is tomorrow then")
	b.orgs.Put(adapters.Organisation{
		ID: north, Name: "North Social Prescribing", PublicURL: "https://north.example.org/m", TimeZone: "America/New_York",
	})
	require.Equal(t, []string{"out_of_hours"}, rules(p), "still the same day, and evening")
}

// Who has not seen what others wrote since is told, and nothing is sent; their own messages are no news to them.
func TestSendSeen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.send(t, "amira", sms("grace", "Hello"))
	channel := first.Channel
	seen := func(upTo uuid.UUID) messenger.SendParams {
		return messenger.SendParams{Channel: channel.ID, Medium: adapters.SMS, Body: "Are you well?", SeenUpTo: upTo}
	}
	refused := func(staff adapters.StaffID, p messenger.SendParams, newer ...uuid.UUID) {
		t.Helper()
		before := count(t, b.pool, "select count(*) from messenger_messages")
		_, err := b.Send(as(t, staff), p)
		requireCode(t, messenger.CodeNewerMessages, err)
		var e *messenger.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, newer, e.Newer)
		require.Equal(t, before, count(t, b.pool, "select count(*) from messenger_messages"))
	}
	repeated := seen(first.Message.ID)
	repeated.Key = "once"
	own := b.send(t, "amira", repeated)
	require.NotZero(t, own.Message.ID)
	b.send(t, "amira", seen(first.Message.ID)) // with her own one since
	refused("ben", seen(own.Message.ID), b.thread(t, channel)[2].ID)

	colleague := b.send(t, "ben", seen(b.thread(t, channel)[2].ID))
	b.reply(t, channel, "Yes")
	reply := b.thread(t, channel)[4]
	refused("amira", seen(first.Message.ID), colleague.Message.ID, reply.ID)
	refused("ben", seen(colleague.Message.ID), reply.ID)
	toClient := sms("grace", "Are you well?")
	toClient.SeenUpTo = first.Message.ID
	refused("amira", toClient, colleague.Message.ID, reply.ID)
	b.send(t, "amira", seen(reply.ID))
	b.send(t, "amira", seen(uuid.Nil))

	require.Equal(t, own.Message.ID, b.send(t, "amira", repeated).Message.ID, "a repeat is what it was")
	repeated.SeenUpTo = reply.ID
	require.Equal(t, own.Message.ID, b.send(t, "amira", repeated).Message.ID, "and whatever has been seen since")

	elsewhere := b.send(t, "amira", sms("phone", "Hello")).Message.ID
	for _, unknown := range []uuid.UUID{uuid.New(), elsewhere} {
		_, err := b.Send(as(t, "amira"), seen(unknown))
		requireCode(t, messenger.CodeNotFound, err)
	}
	p := email("sian", "Hello") // no channel yet
	p.SeenUpTo = elsewhere
	_, err := b.Send(as(t, "amira"), p)
	requireCode(t, messenger.CodeNotFound, err)
	require.Zero(t, count(t, b.pool, "select count(*) from messenger_channels where client_id = 'sian'"))
}
