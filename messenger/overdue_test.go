package messenger_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/calendar"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// tuesday is a working day, ten in the morning in London.
func tuesday() time.Time { return time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC) }

// overdueBundle is setup with a clock that the test sets, fay to fall back on, who may open everybody's inbox, and a
// channel of amira's.
func overdueBundle(t *testing.T, change ...func(*messenger.Config)) (*bundle, *time.Time, messenger.Channel) {
	t.Helper()
	now := tuesday()
	b := setup(t, append(change, func(c *messenger.Config) { c.Now = func() time.Time { return now } })...)
	b.staff.Add(adapters.Member{ID: "fay", Name: "Fay Morgan", Organisation: north})
	b.staff.Share("fay", adapters.Inbox{Staff: "amira", MayAct: true})
	b.orgs.Put(adapters.Organisation{
		ID: north, Name: "North Social Prescribing", PublicURL: "https://north.example.org/m", Fallback: []adapters.StaffID{"fay"},
	})
	return b, &now, b.send(t, "amira", email("grace", "How are you?")).Channel
}

func (b *bundle) tellOverdue(t *testing.T) {
	t.Helper()
	require.NoError(t, b.Jobs().TellOverdue(t.Context(), 1))
}

// timesTold counts the channel's lines of history and host events that tell of something overdue.
func (b *bundle) timesTold(t *testing.T, channel messenger.Channel) (lines, events int) {
	t.Helper()
	return count(t, b.pool, "select count(*) from messenger_history where channel_id = $1 and action = 'overdue'", channel.ID),
		count(t, b.pool, `select count(*) from river_job where kind = 'messenger_tell_host' and args->>'kind' = 'overdue'
			and args->>'channel_id' = $1`, channel.ID.String())
}

// alwaysOpen is an organisation in which every hour is a working hour.
func alwaysOpen() adapters.Organisation {
	week := map[time.Weekday][]calendar.Interval{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		week[day] = []calendar.Interval{{From: 0, Until: 24 * time.Hour}}
	}
	return adapters.Organisation{
		ID: north, Name: "North Social Prescribing", PublicURL: "https://north.example.org/m",
		Calendar: calendar.Calendar{Week: week, Division: calendar.NoBankHolidays},
	}
}

// A reply is overdue after eight working hours, however long they take; it is told once, and once more after sixteen.
func TestAReplyIsOverdue(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	require.Empty(t, b.row(t, channel).Attention)
	first := b.reply(t, channel, "Please ring me")
	for _, c := range []struct {
		at           time.Time
		stages       int
		name         string
		overdueSince bool
	}{
		{tuesday().Add(7 * time.Hour), 0, "the working day is over", false},
		{tuesday().Add(22 * time.Hour), 0, "at night nobody works", false},
		{tuesday().Add(24*time.Hour - time.Second), 0, "a second before", false},
		{tuesday().Add(24 * time.Hour), 1, "the next day at ten", true},
		{tuesday().Add(25 * time.Hour), 1, "told already", true},
		{tuesday().Add(48*time.Hour - time.Second), 1, "a second before twice as long", true},
		{tuesday().Add(48 * time.Hour), 2, "twice as long", true},
		{tuesday().Add(400 * time.Hour), 2, "and never again", true},
	} {
		*now = c.at
		b.tellOverdue(t)
		b.tellOverdue(t)
		lines, events := b.timesTold(t, channel)
		require.Equal(t, []int{c.stages, c.stages}, []int{lines, events}, c.name)
		row := b.row(t, channel)
		if !c.overdueSince {
			require.Zero(t, row.OverdueSince, c.name)
			continue
		}
		require.Equal(t, tuesday().Add(24*time.Hour), row.OverdueSince.UTC(), c.name)
		require.Equal(t, []messenger.Attention{messenger.AttentionReplyOverdue}, row.Attention)
		for _, show := range []messenger.Show{messenger.ShowOverdue, messenger.ShowAttention} {
			for _, who := range []adapters.StaffID{"amira", "ben"} {
				page, err := b.Inbox(as(t, who), messenger.InboxParams{Staff: "amira", Show: show})
				require.NoError(t, err)
				require.Len(t, page.Items, 1)
				require.Equal(t, messenger.Counts{Unread: 1, Attention: 1, Overdue: 1}, *page.Counts, who)
			}
		}
		me, err := b.Me(as(t, "amira"))
		require.NoError(t, err)
		require.Equal(t, []int{1, 1}, []int{me.OverdueCount, me.AttentionCount})
	}
	require.NoError(t, b.Read(as(t, "ben"), channel.ID, first.ID, true))
	row := b.row(t, channel)
	require.Zero(t, row.OverdueSince, "reading it ends it")
	require.Empty(t, row.Attention)
	page, err := b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Show: messenger.ShowOverdue})
	require.NoError(t, err)
	require.Empty(t, page.Items)
	require.Zero(t, page.Counts.Overdue)
}

// Time runs from the oldest unread reply, and what comes later is not told beside it; once that is read, it begins anew.
func TestOverdueRunsFromTheOldestUnreadReply(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	first := b.reply(t, channel, "First")
	*now = tuesday().Add(5 * time.Hour)
	second := b.reply(t, channel, "Second")
	*now = tuesday().Add(24 * time.Hour)
	b.tellOverdue(t)
	*now = tuesday().Add(29 * time.Hour) // the second is unread for eight hours too
	b.tellOverdue(t)
	lines, events := b.timesTold(t, channel)
	require.Equal(t, []int{1, 1}, []int{lines, events})
	require.NoError(t, b.Read(as(t, "amira"), channel.ID, first.ID, false))
	require.Equal(t, tuesday().Add(29*time.Hour), b.row(t, channel).OverdueSince.UTC(), "the second still is")
	require.NoError(t, b.Read(as(t, "amira"), channel.ID, second.ID, false))
	b.reply(t, channel, "Third")
	b.tellOverdue(t)
	require.Zero(t, b.row(t, channel).OverdueSince)
	*now = tuesday().Add(53 * time.Hour)
	b.tellOverdue(t)
	lines, events = b.timesTold(t, channel)
	require.Equal(t, []int{2, 2}, []int{lines, events}, "a new one is told of anew")
}

// Workers that were away for days tell of all that became due, once a stage, in one run; however many tell at once.
func TestOverdueRepliesAreCaughtUp(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	other := b.send(t, "ben", email("sian", "Hello")).Channel
	b.reply(t, channel, "Please ring me")
	b.reply(t, other, "Me too")
	*now = tuesday().Add(240 * time.Hour)
	together(4, func(int) { _ = b.Jobs().TellOverdue(t.Context(), 1) })
	b.tellOverdue(t)
	for _, c := range []messenger.Channel{channel, other} {
		lines, events := b.timesTold(t, c)
		require.Equal(t, []int{2, 2}, []int{lines, events})
	}
}

// An organisation that can't be asked for holds up no other, and what is due there is told once it can.
func TestAnOrganisationsHoursAreItsOwn(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	south := b.send(t, "esther", email("south-1", "Hello")).Channel
	b.reply(t, channel, "Please ring me")
	b.reply(t, south, "Me too")
	b.orgs.Put(adapters.Organisation{ID: "south", Name: "South", PublicURL: "https://south.example.org/m", ReadWithin: 2 * time.Hour})
	*now = tuesday().Add(3 * time.Hour)
	b.tellOverdue(t)
	require.Zero(t, b.row(t, channel).OverdueSince)
	require.Equal(t, tuesday().Add(2*time.Hour), b.row(t, south).OverdueSince.UTC())
}

// Where nobody is left to be told, an operator is: with ids, and nothing of the client's.
func TestNobodyIsLeftToTell(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	b, now, channel := overdueBundle(t, func(c *messenger.Config) {
		c.Logger, c.Colleagues = slog.New(slog.NewTextHandler(&log, nil)), nil
	})
	b.orgs.Put(adapters.Organisation{ID: north, Name: "North", PublicURL: "https://north.example.org/m"})
	reply := b.reply(t, channel, "Please ring me")
	require.True(t, healthCheck(t, b, "replies").OK)
	*now = tuesday().Add(24 * time.Hour)
	b.tellOverdue(t)
	require.Contains(t, log.String(), "there is nobody to tell")
	require.Contains(t, log.String(), channel.ID.String())
	require.Contains(t, log.String(), reply.ID.String())
	require.NotContains(t, log.String(), "ring me")
	require.NotContains(t, log.String(), "Grace")
	check := healthCheck(t, b, "replies")
	require.False(t, check.OK, check.Detail)
	require.Equal(t, tuesday().Add(24*time.Hour), check.Since.UTC())
	require.NoError(t, b.Read(as(t, "amira"), channel.ID, reply.ID, false))
	require.True(t, healthCheck(t, b, "replies").OK)
}

// Who is told has a row in their notification centre and hears of it live, as far as they may open the inbox and see
// the client: who may act there first, and after twice as long the fallback.
func TestWhoIsToldOfWhatIsOverdue(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	b = b.with(t, func(c *messenger.Config) { c.Colleagues = b.staff })
	reply := b.reply(t, channel, "Please ring me")
	sees := func(who adapters.StaffID) int {
		page, err := b.Notifications(as(t, who), messenger.PageParams{})
		require.NoError(t, err)
		count, err := b.NotificationCount(as(t, who))
		require.NoError(t, err)
		require.Equal(t, len(page.Items), count.Total)
		for _, row := range page.Items {
			if row.Kind == messenger.NotifiedOverdue {
				require.Equal(t, channel.ID, row.Channel)
				require.False(t, row.Read)
				require.Equal(t, 1, count.Unread)
				return 1
			}
		}
		return 0
	}
	*now = tuesday().Add(24 * time.Hour)
	b.tellOverdue(t)
	require.Equal(t, []int{0, 1, 0, 0}, []int{sees("amira"), sees("ben"), sees("chloe"), sees("dev")})
	require.Equal(t, 1, sees("fay"), "she may act there too")
	b.clients.MaySee = func(_ context.Context, _ adapters.OrganisationID, c adapters.Client) bool { return c.ID != "grace" }
	require.Zero(t, sees("ben"), "a client who is hidden from him")
	b.clients.MaySee = nil
	b.staff.Share("ben")
	require.Zero(t, sees("ben"), "an inbox that he may not open any more")
	b.staff.Share("ben", adapters.Inbox{Staff: "amira", MayAct: true})
	require.NoError(t, b.Read(as(t, "amira"), channel.ID, reply.ID, false))
	require.Zero(t, sees("ben"), "reading it ends it")
}

// While somebody covers, they are told and nobody else; where they may act there no more, everybody who may is.
func TestTheCoverIsTold(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	told := func() (to []string) {
		require.NoError(t, b.pool.QueryRow(t.Context(),
			"select overdue_to from messenger_messages where channel_id = $1 and direction = 'inbound' order by seq desc limit 1",
			channel.ID).Scan(&to))
		return to
	}
	b.away(t)
	reply := b.reply(t, channel, "Please ring me")
	*now = tuesday().Add(24 * time.Hour)
	b.tellOverdue(t)
	require.Equal(t, []string{"ben"}, told())
	require.NoError(t, b.Read(as(t, "amira"), channel.ID, reply.ID, false))
	b.reply(t, channel, "Once more")
	b.staff.Share("ben")
	*now = tuesday().Add(48 * time.Hour)
	b.tellOverdue(t)
	require.Equal(t, []string{"fay"}, told())
}

// Where nobody may act in the inbox, the fallback is told, and so is an operator.
func TestTheFallbackIsTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fallback []adapters.StaffID
		manages  bool
		told     []string
		nobody   bool
	}{
		"the fallback":                {[]adapters.StaffID{"fay", "fay"}, true, []string{"fay"}, true},
		"without who has left":        {[]adapters.StaffID{"gone", "fay"}, false, []string{"fay"}, true},
		"who manages where it left":   {[]adapters.StaffID{"gone"}, true, []string{"dev"}, true},
		"who manages where none is":   {nil, true, []string{"dev"}, true},
		"nobody":                      {nil, false, []string{}, true},
		"the owner is told otherwise": {[]adapters.StaffID{"amira"}, true, []string{"dev"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, now, channel := overdueBundle(t)
			b = b.with(t, func(config *messenger.Config) { config.Colleagues = b.staff })
			for _, who := range []adapters.StaffID{"ben", "fay"} {
				b.staff.Share(who)
			}
			b.staff.Add(adapters.Member{ID: "dev", Name: "Dev Patel", Organisation: north, Manages: c.manages})
			b.orgs.Put(adapters.Organisation{ID: north, Name: "North", PublicURL: "https://north.example.org/m", Fallback: c.fallback})
			b.reply(t, channel, "Please ring me")
			*now = tuesday().Add(24 * time.Hour)
			b.tellOverdue(t)
			var told []string
			require.NoError(t, b.pool.QueryRow(t.Context(), "select overdue_to from messenger_messages where overdue_told > 0").Scan(&told))
			require.ElementsMatch(t, c.told, told)
			require.Equal(t, !c.nobody, healthCheck(t, b, "replies").OK)
		})
	}
}

// Who has left is told of nothing overdue, though the host's directory lists them still, does not answer, or is none.
func TestWhoLeftIsToldOfNothingOverdue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		left    []adapters.StaffID
		days    int
		told    []string
		nobody  bool
		unasked bool
		change  func(*bundle, *messenger.Config)
	}{
		"who may act there":          {left: []adapters.StaffID{"ben"}, days: 1, told: []string{"fay"}},
		"the fallback where none is": {left: []adapters.StaffID{"ben", "fay"}, days: 1, told: []string{"dev"}, nobody: true},
		"the fallback at last":       {left: []adapters.StaffID{"fay"}, days: 2, told: []string{"ben", "dev"}, nobody: true},
		"who manages": {
			left: []adapters.StaffID{"ben", "fay", "dev"}, days: 1, told: []string{}, nobody: true,
		},
		"the fallback, unasked": {
			left: []adapters.StaffID{"fay"}, days: 2, told: []string{}, nobody: true, unasked: true,
			change: func(b *bundle, _ *messenger.Config) { b.staff.FailAll(errors.New("down")) },
		},
		"the fallback alone": {
			left: []adapters.StaffID{"fay"}, days: 2, told: []string{}, nobody: true,
			change: func(_ *bundle, config *messenger.Config) { config.Colleagues = nil },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, now, channel := overdueBundle(t)
			b.staff.Add(adapters.Member{ID: "dev", Name: "Dev Patel", Organisation: north, Manages: true})
			b.reply(t, channel, "Please ring me")
			for _, who := range c.left {
				require.NoError(t, b.StaffLeft(t.Context(), north, who, ""))
			}
			*now = tuesday().Add(time.Duration(c.days) * 24 * time.Hour)
			b = b.with(t, func(config *messenger.Config) {
				if c.change != nil {
					c.change(b, config)
				}
			})
			require.Equal(t, c.unasked, b.Jobs().TellOverdue(t.Context(), 1) != nil)
			stage, told, nobody := b.toldOf(t, channel)
			require.Equal(t, !c.unasked, stage == c.days, "it is told of")
			require.Equal(t, c.told, told)
			require.Equal(t, c.nobody, nobody)
		})
	}
}

// A directory of colleagues that does not answer leaves the fallback, at once.
func TestADirectoryOfColleaguesThatIsAway(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	b = b.with(t, func(c *messenger.Config) { c.Colleagues = b.staff })
	b.reply(t, channel, "Please ring me")
	*now = tuesday().Add(24 * time.Hour)
	b.staff.FailAll(errors.New("down"))
	b.tellOverdue(t)
	b.staff.FailAll(nil)
	page, err := b.Notifications(as(t, "fay"), messenger.PageParams{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
}

// Who is told hears of it on their own stream.
func TestOverdueIsToldLive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b = b.with(t, func(c *messenger.Config) { c.Colleagues = b.staff })
	o := alwaysOpen()
	o.ReadWithin, o.Fallback = time.Millisecond, []adapters.StaffID{"dev"}
	b.orgs.Put(o)
	channel := b.send(t, "amira", email("grace", "How are you?")).Channel
	b.work(t)
	eventually(t, func() bool { return healthCheck(t, b, "listener").OK }, "it listens")
	streams := map[adapters.StaffID]<-chan messenger.LiveEvent{}
	for _, who := range []adapters.StaffID{"ben", "dev", "esther"} {
		ctx, cancel := context.WithCancel(as(t, who))
		defer cancel()
		events, err := b.Subscribe(ctx, "", "")
		require.NoError(t, err)
		streams[who] = events
	}
	b.reply(t, channel, "Please ring me")
	eventually(t, func() bool {
		b.tellOverdue(t)
		return b.row(t, channel).OverdueSince != time.Time{}
	}, "it is overdue")
	for event := range streams["ben"] {
		if event.Kind == "channel" && event.Channel.ID == channel.ID && !event.Channel.OverdueSince.IsZero() {
			break
		}
	}
	eventually(t, func() bool {
		b.tellOverdue(t)
		lines, _ := b.timesTold(t, channel)
		return lines == 2
	}, "the fallback is told")
	mark := b.send(t, "dev", email("sian", "Hello")).Channel.ID // comes after whatever the fallback was told
	for event := range streams["dev"] {
		require.NotEqual(t, "reset", event.Kind)
		if event.Channel != nil {
			require.Equal(t, mark, event.Channel.ID, "he may not open the inbox")
			break
		}
	}
	require.Empty(t, streams["esther"])
}

// What is overdue in an inbox that somebody covers counts as their own, as far as they may see the client.
func TestOverdueInACoveredInboxCounts(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	overdue := func(who adapters.StaffID) int {
		me, err := b.Me(as(t, who))
		require.NoError(t, err)
		require.Equal(t, me.OverdueCount, me.AttentionCount, "what is overdue needs attention")
		for _, show := range []messenger.Show{messenger.ShowOverdue, messenger.ShowAttention} {
			page, err := b.Inbox(as(t, who), messenger.InboxParams{Staff: who, Show: show})
			require.NoError(t, err)
			require.Equal(t, []int{me.OverdueCount, me.OverdueCount}, []int{page.Counts.Overdue, page.Counts.Attention})
			require.Len(t, page.Items, me.OverdueCount, "what is counted is listed")
		}
		return me.OverdueCount
	}
	b.reply(t, channel, "Please ring me")
	b.reply(t, b.send(t, "ben", email("sian", "Hello")).Channel, "Me too")
	b.away(t)
	require.Equal(t, []int{0, 0}, []int{overdue("amira"), overdue("ben")})
	*now = tuesday().Add(24 * time.Hour)
	b.reply(t, b.send(t, "amira", email("objects", "Hello")).Channel, "Only now")
	b.tellOverdue(t)
	require.Equal(t, []int{1, 2}, []int{overdue("amira"), overdue("ben")})
	require.NoError(t, b.EndAbsence(as(t, "amira"), "amira"))
	require.Equal(t, []int{1, 1}, []int{overdue("amira"), overdue("ben")})
}

// A channel with overdue replies is one row of attention, of the first, with a cover to be set for it; and a message that
// needs a person for something else too stands there once.
func TestAnOverdueReplyNeedsAPerson(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	first := b.reply(t, channel, "Please ring me")
	*now = tuesday().Add(5 * time.Hour)
	second := b.reply(t, channel, "Are you there?")
	overdue := messenger.AttentionParams{Reason: messenger.AttentionReplyOverdue}
	listed := func(b *bundle) []messenger.Needed {
		list, _ := b.attention(t, "amira", overdue)
		return list
	}
	require.Empty(t, listed(b))
	*now = tuesday().Add(32 * time.Hour)
	b.tellOverdue(t)
	for _, p := range []messenger.AttentionParams{{}, overdue, {Inbox: "amira"}} {
		for who, can := range map[adapters.StaffID][]messenger.Act{
			"amira": {messenger.ActCover}, "ben": {messenger.ActCover}, "chloe": nil,
		} {
			list, counts := b.attention(t, who, p)
			require.Len(t, list, 1)
			require.Equal(t, first.ID, list[0].ID)
			require.Equal(t, messenger.AttentionReplyOverdue, list[0].Reason)
			require.Equal(t, tuesday().Add(24*time.Hour), list[0].Since)
			require.Equal(t, "Please ring me", list[0].Message.Body)
			require.Equal(t, can, list[0].Can)
			require.Equal(t, map[messenger.Attention]int{messenger.AttentionReplyOverdue: 1}, counts)
		}
	}
	alone := b.with(t, func(c *messenger.Config) { c.Colleagues = nil })
	require.Empty(t, listed(alone)[0].Can, "nobody can cover where the host has no Colleagues")
	require.NoError(t, b.Read(as(t, "amira"), channel.ID, first.ID, false))
	require.Equal(t, second.ID, listed(b)[0].ID)
	exec(t, b, "update messenger_messages set record_status = 'held', record_attention = 'record_held' where id = $1", second.ID)
	list, counts := b.attention(t, "amira", messenger.AttentionParams{})
	require.Len(t, list, 1)
	require.Equal(t, messenger.AttentionRecordHeld, list[0].Reason)
	require.Equal(t, map[messenger.Attention]int{messenger.AttentionReplyOverdue: 1, messenger.AttentionRecordHeld: 1}, counts)
	require.Len(t, listed(b), 1)
	require.NoError(t, b.Read(as(t, "amira"), channel.ID, second.ID, false))
	require.Empty(t, listed(b))
}
