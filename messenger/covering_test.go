package messenger_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// ownList are a staff member's own list, by client and whose they are, and what it counts as unread.
func (b *bundle) ownList(t *testing.T, who adapters.StaffID, p messenger.InboxParams) (list []string, unread int) {
	t.Helper()
	p.Staff = who
	for {
		page, err := b.Inbox(as(t, who), p)
		require.NoError(t, err)
		for _, c := range page.Items {
			list = append(list, string(c.Client)+" "+string(c.CoveredFor))
		}
		if page.Counts != nil {
			unread = page.Counts.Unread
		}
		if p.Cursor = page.Next; p.Cursor == "" {
			return list, unread
		}
	}
}

// bell is ben's notification centre, likewise.
func (b *bundle) bell(t *testing.T) (list []string, unread int) {
	t.Helper()
	page, err := b.Notifications(as(t, "ben"), messenger.PageParams{})
	require.NoError(t, err)
	for _, n := range page.Items {
		list = append(list, string(n.Client)+" "+string(n.CoveredFor))
	}
	count, err := b.NotificationCount(as(t, "ben"))
	require.NoError(t, err)
	return list, count.Unread
}

// unreadOf is what /me says of a staff member.
func (b *bundle) unreadOf(t *testing.T, who adapters.StaffID) (unread int, covering []messenger.Covering) {
	t.Helper()
	me, err := b.Me(as(t, who))
	require.NoError(t, err)
	return me.UnreadCount, me.Covering
}

// The cover has every unread reply of the covered inbox in front of them, also from before, until it is read; it stays
// the owner's.
func TestACoverHasTheRepliesInFrontOfThem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	before := b.send(t, "amira", email("grace", "Hello")).Channel
	b.send(t, "amira", email("sian", "Hello"))
	receipt := b.reply(t, before, "From before she went")
	b.send(t, "ben", email("objects", "Hello"))

	requireOwn := func(list []string, unread int, wantUnread int, want ...string) {
		t.Helper()
		require.Equal(t, want, list)
		require.Equal(t, wantUnread, unread)
	}
	list, unread := b.ownList(t, "ben", messenger.InboxParams{})
	requireOwn(list, unread, 0, "objects ")

	absence := b.away(t)
	for _, p := range []messenger.InboxParams{
		{},
		{Show: messenger.ShowOpen},
		{Sort: messenger.SortWaiting},
		{PageParams: messenger.PageParams{Limit: 1}},
		{Sort: messenger.SortWaiting, PageParams: messenger.PageParams{Limit: 1}},
	} {
		list, unread = b.ownList(t, "ben", p)
		requireOwn(list, unread, 1, "grace amira", "objects ")
	}
	for _, p := range []messenger.InboxParams{
		{Show: messenger.ShowDone},
		{Show: messenger.ShowAttention},
		{Query: "grace"},
		{Query: "999 000 0018"},
		{Query: "***"},
	} {
		list, unread = b.ownList(t, "ben", p)
		require.Empty(t, list, "%+v", p)
		require.Equal(t, 1, unread, "%+v: the counts are the inbox's, whatever the filter", p)
	}
	list, unread = b.ownList(t, "ben", messenger.InboxParams{Query: "\u200b \u00ad"})
	requireOwn(list, unread, 1, "grace amira", "objects ") // what nobody sees is no filter
	list, unread = b.bell(t)
	requireOwn(list, unread, 1, "grace amira")
	unread, covering := b.unreadOf(t, "ben")
	require.Equal(t, 1, unread)
	require.Equal(t, []messenger.Covering{{Staff: "amira", Name: "Amira Shah", Until: absence.Until}}, covering)
	unread, covering = b.unreadOf(t, "amira")
	require.Equal(t, 1, unread, "it stays the owner's")
	require.Empty(t, covering)
	list, _ = b.ownList(t, "amira", messenger.InboxParams{})
	require.Equal(t, []string{"grace ", "sian "}, list)
	for _, who := range []adapters.StaffID{"amira", "ben", "chloe"} {
		opened, err := b.Channel(as(t, who), before.ID)
		require.NoError(t, err)
		require.Equal(t, &messenger.Cover{Staff: "ben", Name: "Ben Hughes"}, opened.Cover)
		require.Equal(t, "Ben Hughes", opened.ReadByWhen.StaffName)
	}
	page, err := b.ReplyPage(t.Context(), b.token(t, before), "")
	require.NoError(t, err)
	require.Equal(t, "Ben Hughes", page.ReadByWhen.StaffName, "the page says who reads")

	require.NoError(t, b.Read(as(t, "ben"), before.ID, receipt.ID, false))
	list, _ = b.ownList(t, "ben", messenger.InboxParams{})
	require.Equal(t, []string{"grace amira", "objects "}, list, "to look is not to read")
	require.NoError(t, b.Read(as(t, "ben"), before.ID, receipt.ID, true))
	list, unread = b.ownList(t, "ben", messenger.InboxParams{})
	requireOwn(list, unread, 0, "objects ")
	list, unread = b.bell(t)
	require.Empty(t, list)
	require.Zero(t, unread)
	unread, _ = b.unreadOf(t, "amira")
	require.Zero(t, unread, "read on her behalf")

	b.reply(t, before, "And once more")
	require.NoError(t, b.EndAbsence(as(t, "amira"), "amira"))
	list, unread = b.ownList(t, "ben", messenger.InboxParams{})
	requireOwn(list, unread, 0, "objects ")
	unread, covering = b.unreadOf(t, "ben")
	require.Zero(t, unread)
	require.Empty(t, covering)
	opened, err := b.Channel(as(t, "amira"), before.ID)
	require.NoError(t, err)
	require.Nil(t, opened.Cover)
	require.Equal(t, "Amira Shah", opened.ReadByWhen.StaffName)
	require.Equal(t, []string{"away staff amira", "looked staff ben", "back staff amira"}, b.lines(t))
}

// Who covers nothing: whoever is away too, whoever may act there no more, and whoever's time has not come or is over.
func TestWhoCoversNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	channel := b.send(t, "amira", email("grace", "Hello")).Channel
	b.reply(t, channel, "Are you there?")
	now := b.Now(t.Context())
	covers := func(want bool, why string) {
		t.Helper()
		unread, covering := b.unreadOf(t, "ben")
		require.Equal(t, want, len(covering) == 1, why)
		require.Equal(t, want, unread == 1, why)
		list, _ := b.ownList(t, "ben", messenger.InboxParams{})
		require.Equal(t, want, len(list) == 1, why)
		list, _ = b.bell(t)
		require.Equal(t, want, len(list) == 1, why)
	}
	set := func(who adapters.StaffID, from, until time.Duration, cover adapters.StaffID) {
		t.Helper()
		_, err := b.SetAbsence(as(t, who), who, messenger.AbsenceParams{From: now.Add(from), Until: now.Add(until), Cover: cover})
		require.NoError(t, err)
	}
	set("amira", time.Hour, 2*time.Hour, "ben")
	covers(false, "she goes in an hour")
	b.away(t)
	covers(true, "she is away")
	b.staff.Share("amira", adapters.Inbox{Staff: "ben", MayAct: true})
	set("ben", -time.Hour, time.Hour, "amira")
	covers(false, "he is away himself")
	opened, err := b.Channel(as(t, "amira"), channel.ID)
	require.NoError(t, err)
	require.Nil(t, opened.Cover)
	require.Empty(t, opened.ReadByWhen.StaffName, "she is away too")
	page, err := b.ReplyPage(t.Context(), b.token(t, channel), "")
	require.NoError(t, err)
	require.Empty(t, page.ReadByWhen.StaffName)
	require.Equal(t, "Amira Shah", page.StaffName, "she wrote")
	require.NoError(t, b.EndAbsence(as(t, "ben"), "ben"))
	covers(true, "he is back")
	b.staff.Share("ben", adapters.Inbox{Staff: "amira"})
	covers(false, "he may only look")
	b.staff.Share("ben")
	covers(false, "he may not even look")
	b.staff.Share("ben", adapters.Inbox{Staff: "amira", MayAct: true})
	covers(true, "he may again")
}

// askedWho counts how often it is asked who may act in an inbox, and answers while it is up.
type askedWho struct {
	adapters.Colleagues
	down  *atomic.Bool
	times *atomic.Int64
}

func (a askedWho) WhoMayAct(
	ctx context.Context, organisation adapters.OrganisationID, inbox adapters.StaffID,
) ([]adapters.Member, error) {
	a.times.Add(1)
	if a.down.Load() {
		return nil, errors.New("down")
	}
	return a.Colleagues.WhoMayAct(ctx, organisation, inbox)
}

// Neither the client nor who looks at the day's end is told of a cover, or of a fallback, who may act there no more,
// or of whom the host does not say so. While the owner is here nothing is asked.
func TestWhoCoversMayAct(t *testing.T) {
	t.Parallel()
	b := setup(t)
	asked := askedWho{b.staff, &atomic.Bool{}, &atomic.Int64{}}
	b = b.with(t, func(c *messenger.Config) { c.Colleagues = asked })
	b.orgs.Put(adapters.Organisation{
		ID: north, Name: "North", PublicURL: "https://north.example.org/m", Fallback: []adapters.StaffID{"chloe"},
	})
	channel := b.send(t, "amira", email("grace", "Hello")).Channel
	token := b.token(t, channel)
	reads := func(want string, cover adapters.StaffID, why string) {
		t.Helper()
		page, err := b.ReplyPage(t.Context(), token, "")
		require.NoError(t, err)
		require.Equal(t, want, page.ReadByWhen.StaffName, why)
		found, inboxes := overviewOf(as(t, "ben"), t, b)
		var covers adapters.StaffID
		if inboxes["amira"].Cover != nil {
			covers = inboxes["amira"].Cover.Staff
		}
		require.Equal(t, cover, covers, why)
		require.Equal(t, cover != "" && inboxes["amira"].State != messenger.Left || want == "Amira Shah", found.Safe, why)
	}
	reads("Amira Shah", "", "she is here")
	require.Zero(t, asked.times.Load())
	b.away(t)
	reads("Ben Hughes", "ben", "he covers")
	asked.down.Store(true)
	reads("", "", "nobody says so")
	asked.down.Store(false)
	b.staff.Share("ben", adapters.Inbox{Staff: "amira"})
	reads("", "", "he may only look")
	require.NoError(t, b.StaffLeft(t.Context(), north, "amira", ""))
	reads("", "", "so may the fallback")
	covering := func() []messenger.Covering {
		_, covering := b.unreadOf(t, "chloe")
		return covering
	}
	require.Empty(t, covering())
	b.staff.Share("chloe", adapters.Inbox{Staff: "amira", MayAct: true})
	reads("Chloe Martin", "chloe", "who may act now, and the cover may not")
	require.Len(t, covering(), 1)
	b.staff.Share("ben", adapters.Inbox{Staff: "amira", MayAct: true})
	reads("Ben Hughes", "ben", "he was named, and may again")
	require.Empty(t, covering())
}

// A client whom the directory hides from the cover is in nothing that they are shown, and counted nowhere; one of the
// cover's own is, as ever.
func TestACoverSeesNobodyHidden(t *testing.T) {
	t.Parallel()
	b := setup(t)
	hers, his := b.send(t, "amira", email("grace", "Hello")).Channel, b.send(t, "ben", email("grace", "Hello")).Channel
	b.reply(t, hers, "To Amira")
	b.reply(t, his, "To Ben")
	b.away(t)
	b.clients.MaySee = func(ctx context.Context, _ adapters.OrganisationID, client adapters.Client) bool {
		member, err := b.staff.Current(ctx)
		return err != nil || member.ID != "ben" || client.ID != "grace"
	}
	list, unread := b.ownList(t, "ben", messenger.InboxParams{})
	require.Equal(t, []string{"grace "}, list)
	require.Equal(t, 1, unread)
	list, unread = b.bell(t)
	require.Equal(t, []string{"grace "}, list)
	require.Equal(t, 1, unread)
	unread, _ = b.unreadOf(t, "ben")
	require.Equal(t, 1, unread)
}

// Many covered inboxes and pages: each row comes once, in order, whatever the size of a page.
func TestPagesOfACoversList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.staff.Share("ben", adapters.Inbox{Staff: "amira", MayAct: true}, adapters.Inbox{Staff: "dev", MayAct: true})
	var want []string
	for i := range 9 {
		owner := []adapters.StaffID{"amira", "ben", "dev"}[i%3]
		client := adapters.Client{ID: adapters.ClientID(fmt.Sprintf("p-%d", i)), Name: "Pat Jones", Email: fmt.Sprintf("p%d@example.org", i)}
		b.clients.Put(north, client)
		b.reply(t, b.send(t, owner, email(client.ID, "Hello")).Channel, "Thanks")
		row := string(client.ID) + " "
		if owner != "ben" {
			row += string(owner)
		}
		want = append([]string{row}, want...)
	}
	for _, owner := range []adapters.StaffID{"amira", "dev"} {
		_, err := b.SetAbsence(as(t, owner), owner, messenger.AbsenceParams{From: b.Now(t.Context()).Add(-time.Minute), Cover: "ben"})
		require.NoError(t, err)
	}
	for limit := 1; limit <= 10; limit++ {
		p := messenger.PageParams{Limit: limit}
		list, unread := b.ownList(t, "ben", messenger.InboxParams{PageParams: p})
		require.Equal(t, want, list)
		require.Equal(t, 9, unread)
		list, _ = b.ownList(t, "ben", messenger.InboxParams{PageParams: p, Sort: messenger.SortWaiting})
		require.Len(t, list, 9)
		require.Equal(t, want[8], list[0], "who has waited longest comes first")
		seen := map[string]bool{}
		for cursor, first := "", true; first || cursor != ""; first = false {
			page, err := b.Notifications(as(t, "ben"), messenger.PageParams{Limit: limit, Cursor: cursor})
			require.NoError(t, err)
			for _, n := range page.Items {
				require.False(t, seen[n.Channel.String()], "twice")
				seen[n.Channel.String()] = true
			}
			cursor = page.Next
		}
		require.Len(t, seen, 9)
	}
}

// A reply in a covered inbox comes by the cover's own stream, marked. That cover begins or ends, the stream's end tells:
// whoever subscribes again has what they cover by then.
func TestACoversStream(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.live(t)
	channel := b.send(t, "amira", email("grace", "Hello")).Channel

	before := subscribe(t, b, "ben", "", "")
	b.away(t)
	requireEnds(t, before)
	events := subscribe(t, b, "ben", "", "")
	receipt := b.reply(t, channel, "Are you there?")
	row := until(t, events, "channel")
	require.Equal(t, channel.ID, row.Channel.ID)
	require.Equal(t, adapters.StaffID("amira"), row.Channel.CoveredFor)
	require.Equal(t, receipt.ID, until(t, events, "message").Message.ID)
	require.NoError(t, b.EndAbsence(as(t, "amira"), "amira"))
	requireEnds(t, events)
	events = subscribe(t, b, "ben", "", "")
	b.reply(t, channel, "Hello?")
	own := b.send(t, "ben", email("sian", "Hello")).Channel
	require.Equal(t, own.ID, until(t, events, "channel").Channel.ID, "no more of hers")
	require.NotEqual(t, uuid.Nil, own.ID)
}
