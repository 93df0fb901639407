package messenger_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/chain"
)

// verified is what VerifyHistory says; every line is to be sealed, whenever it was written.
func (b *bundle) verified(t *testing.T) messenger.HistoryVerified {
	t.Helper()
	found, err := b.VerifyHistory(t.Context(), messenger.VerifyParams{SealedSince: time.Unix(0, 0)})
	require.NoError(t, err)
	return found
}

// lived has written a line by each statement that writes any, and answers a channel whose history has some.
func lived(t *testing.T, b *bundle) messenger.Channel {
	t.Helper()
	amira := as(t, "amira")
	template, err := b.CreateTemplate(amira, messenger.TemplateParams{
		Scope: "own", Medium: adapters.Email, Title: "Hello", Subject: "Hello", Body: "How are you?",
	})
	require.NoError(t, err)
	sent := b.send(t, "amira", email("grace", "Hello")) // of staff, with a channel that is new
	_, err = b.Inbox(as(t, "chloe"), messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err) // a look at an inbox
	_, err = b.Channel(as(t, "chloe"), sent.Channel.ID)
	require.NoError(t, err) // and at a channel, which holds nothing
	receipt := b.reply(t, sent.Channel, "Thank you")
	require.NoError(t, b.Read(amira, sent.Channel.ID, receipt.ID, true))
	broadcast, err := b.SendBroadcast(amira, messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "To all", Body: "Hello", SendAfter: time.Now().Add(time.Hour),
		Clients: []adapters.ClientID{"grace", "sian"}, Template: template.ID, // some have a channel, some do not
	})
	require.NoError(t, err)
	b.work(t)
	eventually(t, func() bool {
		return count(t, b.pool, "select count(*) from messenger_history where action = 'template_used'") == 2
	}, "the broadcast is made")
	_, err = b.CancelBroadcast(amira, broadcast.ID)
	require.NoError(t, err)
	eventually(t, func() bool {
		return count(t, b.pool, "select count(*) from messenger_history where action = 'cancelled'") == 2
	}, "and cancelled")
	return sent.Channel
}

// A history is as it was written, or it shows: an edit, a deletion, another order, a line put in, one cut off.
func TestHistoryShowsTampering(t *testing.T) {
	t.Parallel()
	b := setup(t)
	channel := lived(t, b)
	whole := b.verified(t)
	require.True(t, whole.OK(), "%+v", whole.Breaks)
	require.Zero(t, whole.Unsealed)
	require.Equal(t, 2, whole.Channels)
	require.Equal(t, 1, whole.Inboxes)
	require.Equal(t, count(t, b.pool, `select (select count(*) from messenger_history)
		+ (select count(*) from messenger_inbox_history)`), whole.Lines)
	require.Zero(t, count(t, b.pool, `select count(*) from messenger_history h
		where h::text like '%Grace%' or h::text like '%Okafor%' or h::text like '%Siân%'`),
		"a client's name stands in no line")

	exec(t, b, "create table kept as table messenger_history")
	exec(t, b, "create table kept_heads as table messenger_history_heads")
	exec(t, b, "create table kept_inboxes as table messenger_inbox_history")
	exec(t, b, "alter table messenger_history disable trigger user")
	exec(t, b, "alter table messenger_inbox_history disable trigger user")
	const third = " where channel_id = $1 and seq = 3"
	for name, one := range map[string]struct {
		why    messenger.BreakWhy
		number int64
		do     string
	}{
		"a note": {messenger.BreakChanged, 3, "update messenger_history set note = 'as if'" + third},
		"who":    {messenger.BreakChanged, 3, "update messenger_history set actor_id = 'ben'" + third},
		"a name": {messenger.BreakChanged, 3, "update messenger_history set actor_name = 'Ben Hughes'" + third},
		"when":   {messenger.BreakChanged, 3, "update messenger_history set at = at + interval '1 microsecond'" + third},
		"what":   {messenger.BreakChanged, 3, "update messenger_history set action = 'read'" + third},
		"for whom": {
			messenger.BreakChanged, 3, "update messenger_history set on_behalf_of = 'dev'" + third,
		},
		"of which message": {
			messenger.BreakChanged, 3, "update messenger_history set message_id = gen_random_uuid()" + third,
		},
		"whose": {messenger.BreakChanged, 3, "update messenger_history set organisation_id = 'south'" + third},
		"its id": {
			messenger.BreakChanged, 3, "update messenger_history set id = gen_random_uuid()" + third,
		},
		"a deletion": {messenger.BreakMissing, 3, "delete from messenger_history" + third},
		"a deletion hidden by new numbers": {messenger.BreakChanged, 3, `with gone as (
			delete from messenger_history where channel_id = $1 and seq = 3)
			update messenger_history set seq = seq - 1 where channel_id = $1 and seq > 3`},
		"another order": {
			messenger.BreakChanged, 3, "update messenger_history set seq = 7 - seq where channel_id = $1 and seq in (3, 4)",
		},
		"cut off":  {messenger.BreakCutOff, 3, "delete from messenger_history where channel_id = $1 and seq >= 3"},
		"all gone": {messenger.BreakCutOff, 1, "delete from messenger_history where channel_id = $1"},
		"a line twice": {messenger.BreakMissing, 4, `insert into messenger_history
			select gen_random_uuid(), organisation_id, channel_id, at, actor_kind, actor_id, actor_name, on_behalf_of, action,
				message_id, note, seq, chain, key_id from messenger_history` + third},
		"a line put in": {messenger.BreakUnsealed, 0, `insert into messenger_history
			select gen_random_uuid(), organisation_id, channel_id, at, actor_kind, actor_id, actor_name, on_behalf_of, action,
				message_id, note from messenger_history` + third},
		"a seal taken off": {messenger.BreakUnsealed, 0, "update messenger_history set seq = null, chain = null" + third},
		"of another channel": {messenger.BreakMissing, 3, `update messenger_history set
			channel_id = (select id from messenger_channels where id <> $1), seq = 100` + third},
		"with a key that is not known": {messenger.BreakKey, 3, "update messenger_history set key_id = 'k0'" + third},
		"a head that is gone": {
			messenger.BreakCutOff,
			count64(t, b, "select seq + 1 from messenger_history_heads where channel_id = $1", channel.ID),
			"delete from messenger_history_heads where channel_id = $1",
		},
	} {
		exec(t, b, one.do, channel.ID)
		found := b.verified(t)
		var first *messenger.HistoryBreak
		for _, at := range found.Breaks {
			if at.Channel == channel.ID {
				first = &at
			}
		}
		require.NotNil(t, first, "%s: %+v", name, found)
		require.Equal(t, one.why, first.Why, name)
		require.Equal(t, one.number, first.Number, name)
		exec(t, b, "delete from messenger_history")
		exec(t, b, "delete from messenger_history_heads")
		exec(t, b, "insert into messenger_history select * from kept")
		exec(t, b, "insert into messenger_history_heads select * from kept_heads")
		require.True(t, b.verified(t).OK(), name)
	}
	for _, do := range []string{
		"update messenger_inbox_history set actor_id = 'ben'", "delete from messenger_inbox_history",
		"update messenger_inbox_history set staff_id = 'ben'", "update messenger_inbox_history set action = 'away'",
	} {
		exec(t, b, do)
		found := b.verified(t)
		require.NotEmpty(t, found.Breaks, do)
		require.Equal(t, uuid.Nil, found.Breaks[0].Channel)
		exec(t, b, "delete from messenger_inbox_history")
		exec(t, b, "insert into messenger_inbox_history select * from kept_inboxes")
		require.True(t, b.verified(t).OK(), do)
	}
	exec(t, b, "delete from messenger_history")
	exec(t, b, "delete from messenger_messages")
	exec(t, b, "delete from messenger_channels where id = $1", channel.ID)
	found := b.verified(t)
	require.Contains(t, found.Breaks, messenger.HistoryBreak{Channel: channel.ID, Number: 1, Why: messenger.BreakCutOff},
		"what is left of a channel that is gone")
}

// However long a history is, a thousand of its lines are read at once, and nothing that is wrong is missed at a page's
// end.
func TestALongHistoryIsVerifiedByPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.send(t, "amira", email("sian", "Hello"))
	channel := b.send(t, "amira", email("grace", "Hello")).Channel.ID
	key := chain.NewKey([]byte("0123456789abcdef0123456789abcdef"), string(north))
	at := time.Now().UTC().Truncate(time.Microsecond)
	lines := make([]uuid.UUID, 2500)
	tags := make([][]byte, len(lines))
	for i := range lines {
		lines[i] = uuid.Must(uuid.NewV7())
		tags[i] = key.Tag(chain.Line{
			ID: lines[i], Organisation: string(north), At: at, ActorKind: "staff", ActorID: "ben", Action: "looked",
		})
	}
	exec(t, b, `insert into messenger_history
			(id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name, action, chain, key_id)
		select id, 'north', $1, $2, 'staff', 'ben', '', 'looked', tag, 'k1'
		from unnest($3::uuid[], $4::bytea[]) with ordinality l(id, tag, n) order by n`, channel, at, lines, tags)
	exec(t, b, "analyze messenger_history") //nolint:misspell // SQL has its own spelling
	traced, asked := b.traced(t)
	found := traced.verified(t)
	require.True(t, found.OK(), "%+v", found.Breaks)
	require.Equal(t, len(lines)+4, found.Lines)
	require.Equal(t, 2, found.Channels)
	pages := 0
	for _, query := range asked.take() {
		if !strings.Contains(query.SQL, "messenger_history h") || strings.Contains(query.SQL, "as gone") {
			continue
		}
		pages++
		plan, read := b.explain(t, query, "actual rows=")
		require.LessOrEqual(t, slices.Max(read), 1000, plan)
	}
	require.Equal(t, 4, pages)
	exec(t, b, "alter table messenger_history disable trigger user")
	for n, why := range map[int64]messenger.BreakWhy{
		1000: messenger.BreakMissing, 1001: messenger.BreakMissing, 2000: messenger.BreakMissing, 2502: messenger.BreakCutOff,
	} {
		exec(t, b, "create table kept as select * from messenger_history where channel_id = $1 and seq = $2", channel, n)
		exec(t, b, "delete from messenger_history where channel_id = $1 and seq = $2", channel, n)
		require.Equal(t, []messenger.HistoryBreak{{Organisation: north, Channel: channel, Number: n, Why: why}},
			b.verified(t).Breaks)
		exec(t, b, "insert into messenger_history select * from kept")
		exec(t, b, "drop table kept")
		require.True(t, b.verified(t).OK())
	}
}

func count64(t *testing.T, b *bundle, query string, args ...any) int64 {
	t.Helper()
	var n int64
	require.NoError(t, b.pool.QueryRow(t.Context(), query, args...).Scan(&n))
	return n
}

// Another key seals what is written from then on; what the one before sealed is right while that is given too.
func TestHistoryGoesOnWithANewKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.send(t, "amira", email("grace", "Hello"))
	rotated := b.with(t, func(c *messenger.Config) {
		c.LinkKeys = append([]messenger.LinkKey{{ID: "k2", Key: []byte("fedcba9876543210fedcba9876543210")}}, c.LinkKeys...)
	})
	rotated.send(t, "amira", email("grace", "Hello again"))
	found := rotated.verified(t)
	require.True(t, found.OK(), "%+v", found.Breaks)
	require.Equal(t, 3, found.Lines)
	require.Equal(t, []messenger.HistoryBreak{
		{
			Organisation: north, Channel: first.Channel.ID, Line: b.verified(t).Breaks[0].Line, Number: 3,
			Why: messenger.BreakKey,
		},
	}, b.verified(t).Breaks, "whoever does not have the new key says so")
	newest := b.with(t, func(c *messenger.Config) {
		c.LinkKeys = []messenger.LinkKey{{ID: "k2", Key: []byte("fedcba9876543210fedcba9876543210")}}
	})
	require.Equal(t, messenger.BreakKey, newest.verified(t).Breaks[0].Why, "whoever does not have the old one, too")
	with, err := newest.VerifyHistory(t.Context(), messenger.VerifyParams{
		SealedSince: time.Unix(0, 0), Keys: []messenger.LinkKey{{ID: "k1", Key: []byte("0123456789abcdef0123456789abcdef")}},
	})
	require.NoError(t, err)
	require.True(t, with.OK(), "%+v", with.Breaks)
	exec(t, b, "alter table messenger_history disable trigger user")
	exec(t, b, "update messenger_history set note = 'as if' where key_id = 'k2'")
	edited := newest.verified(t).Breaks
	require.Len(t, edited, 1)
	require.Equal(t, messenger.BreakChanged, edited[0].Why, "behind lines that nobody has the key of")
	require.Equal(t, int64(3), edited[0].Number)
	exec(t, b, "update messenger_history set note = '' where key_id = 'k2'")
	forged := b.with(t, func(c *messenger.Config) {
		c.LinkKeys = []messenger.LinkKey{{ID: "k1", Key: []byte("another key that has the same id.")}}
	})
	require.Equal(t, messenger.BreakChanged, forged.verified(t).Breaks[0].Why)
}

// Lines from before lines were sealed are no break, whether the version before wrote them before or beside this one. A
// line without a seal is one where there was no version before, or in a channel that is younger than seals.
func TestLinesFromBeforeAreCounted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	exec(t, b, `insert into messenger_history
			(id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name, action)
		values (gen_random_uuid(), 'north', $1, now() - interval '1 year', 'client', 'grace', 'Grace Okafor', 'replied')`,
		sent.Channel.ID)
	verified := func() messenger.HistoryVerified {
		found, err := b.VerifyHistory(t.Context(), messenger.VerifyParams{})
		require.NoError(t, err)
		return found
	}
	require.Equal(t, messenger.BreakUnsealed, verified().Breaks[0].Why, "all tables were made with seals")
	exec(t, b, `update messenger_migrations set migrated_at = migrated_at - interval '1 day'
		where name = '20261101000003'`)
	found := verified()
	require.True(t, found.OK())
	require.Equal(t, 1, found.Unsealed)
	exec(t, b, `update messenger_migrations set migrated_at = now() - interval '2 hours' where name = '20261101000051'`)
	require.Equal(t, messenger.BreakUnsealed, verified().Breaks[0].Why, "the channel is younger than seals")
	require.Equal(t, messenger.BreakUnsealed, b.verified(t).Breaks[0].Why)
	history, err := b.History(as(t, "amira"), sent.Channel.ID, messenger.PageParams{})
	require.NoError(t, err)
	for _, entry := range history.Items {
		require.NotContains(t, entry.Actor.Name, "Grace", "a name of a client from before is no answer")
	}
}

// Who says that it was the client who wrote a held reply has a word of their own in the history.
func TestWhoVouchedIsItsOwnWord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orgs.Put(adapters.Organisation{ID: north, PublicURL: "https://north.example.org/m", CheckDateOfBirth: true})
	sent := b.failed(t, email("grace", "Hello"))
	receipt := b.reply(t, sent.Channel, "It is me")
	_, err := b.FileAgain(as(t, "ben"), receipt.ID)
	require.NoError(t, err)
	_, err = b.Retry(as(t, "ben"), sent.Message.ID)
	require.NoError(t, err)
	exec(t, b, "update messenger_messages set record_status = 'failed' where id = $1", receipt.ID)
	_, err = b.FileAgain(as(t, "ben"), receipt.ID)
	require.NoError(t, err)
	require.Equal(t, []string{"amira:created", "amira:sent", "grace:replied", "ben:vouched", "ben:retried", "ben:retried"},
		b.actions(t, sent.Channel), "whose filing failed was vouched for before")
}
