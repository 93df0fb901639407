package messenger_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// hiding is a directory that hides one client from every staff member but some.
type hiding struct {
	mu     sync.Mutex
	client adapters.ClientID
	not    []adapters.StaffID
}

// hiding has a bundle's directory hide Grace once it is set.
func (b *bundle) hiding() *hiding {
	h := &hiding{}
	b.clients.MaySee = func(ctx context.Context, _ adapters.OrganisationID, client adapters.Client) bool {
		member, err := b.staff.Current(ctx)
		h.mu.Lock()
		defer h.mu.Unlock()
		return err != nil || slices.Contains(h.not, member.ID) || client.ID != h.client // without a person the system asks
	}
	return h
}

func (h *hiding) set(butFrom ...adapters.StaffID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.client, h.not = "grace", butFrom
}

// A client whom the directory hides from a colleague is hidden everywhere: in lists, searches, counts, streams and
// broadcasts, and every look at or act in a channel with them answers that it is not there. To its owner it is there,
// whomever the directory hides.
func TestPromise20AHiddenClientIsHiddenEverywhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	directory := b.hiding()
	b.live(t)
	failed := b.failed(t, email("grace", "Your chest scan"))
	b.reply(t, failed.Channel, "My chest hurts")
	b.send(t, "amira", email("sian", "The chest clinic"))
	b.reply(t, b.send(t, "amira", email("objects", "Hello")).Channel, "Thank you")
	p := reminder()
	p.Clients = []adapters.ClientID{"grace", "sian", "dead"}
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	exec(t, b, "update messenger_broadcast_recipients set why = 'no_address' where client_id = 'grace'")

	lists := func(who adapters.StaffID) (names []string, counts messenger.Counts) {
		for _, show := range []messenger.Show{messenger.ShowAll, messenger.ShowOpen, messenger.ShowDone, messenger.ShowAttention} {
			for _, query := range []string{"", "chest", "Grace", "gra"} {
				page, err := b.Inbox(as(t, who), messenger.InboxParams{Staff: "amira", Show: show, Query: query})
				require.NoError(t, err)
				for _, channel := range page.Items {
					names = append(names, channel.ClientName)
				}
				counts = *page.Counts
			}
		}
		return names, counts
	}
	summary := func(who adapters.StaffID) messenger.InboxSummary {
		inboxes, err := b.Inboxes(as(t, who))
		require.NoError(t, err)
		for _, inbox := range inboxes {
			if inbox.Staff == "amira" {
				return inbox
			}
		}
		return messenger.InboxSummary{}
	}
	all, counted := lists("ben")
	require.Contains(t, all, "Grace Okafor")
	require.Equal(t, messenger.Counts{Unread: 2, Open: 1, Attention: 1}, counted)
	require.Equal(t, 2, summary("ben").Unread)

	directory.set() // from amira too
	for _, who := range []adapters.StaffID{"ben", "chloe"} {
		names, counts := lists(who)
		require.NotContains(t, names, "Grace Okafor", who)
		require.Contains(t, names, "Siân ap Rhys", who)
		require.Equal(t, messenger.Counts{Unread: 1, Open: 1}, counts, who)
		inbox := summary(who)
		require.Equal(t, []int{1, 1}, []int{inbox.Unread, inbox.Open}, who)
		told, err := b.Broadcast(as(t, who), broadcast.ID)
		require.NoError(t, err)
		require.NotContains(t, told.Skipped, messenger.Skipped{Client: "grace", Why: messenger.WhyNoAddress})
		require.Len(t, told.Skipped, 1)
		skipped, err := b.BroadcastSkipped(as(t, who), broadcast.ID, messenger.PageParams{})
		require.NoError(t, err)
		require.Equal(t, told.Skipped, skipped.Items)
		list, needed := b.attention(t, who, messenger.AttentionParams{})
		require.Empty(t, list, who)
		require.Empty(t, needed, who)
		overview, err := b.Overview(as(t, who))
		require.NoError(t, err)
		for _, inbox := range overview.Inboxes {
			if inbox.Staff == "amira" {
				require.Equal(t, []int{1, 0}, []int{inbox.Unread, inbox.Attention}, who)
			}
		}
		acted, err := b.Act(as(t, who), messenger.ActParams{
			IDs: []uuid.UUID{failed.Message.ID, failed.Channel.ID}, Do: messenger.ActResolve,
		})
		require.NoError(t, err)
		for _, result := range acted {
			require.Equal(t, messenger.CodeNotFound, result.Code, who)
		}
		for name, call := range b.calls(failed.Channel.ID, failed.Message.ID) {
			requireCode(t, messenger.CodeNotFound, call(as(t, who)))
			require.NotEmpty(t, name)
		}
	}
	names, counts := lists("amira")
	require.Contains(t, names, "Grace Okafor", "the owner's threads are theirs")
	require.Equal(t, messenger.Counts{Unread: 2, Open: 1, Attention: 1}, counts)
	require.Equal(t, 2, summary("amira").Unread)
	opened, err := b.Channel(as(t, "amira"), failed.Channel.ID)
	require.NoError(t, err)
	require.Equal(t, "Grace Okafor", opened.Person.Name)
	require.Len(t, b.thread(t, failed.Channel), 3)

	directory.set("amira")
	colleague, owner := subscribe(t, b, "ben", "amira", ""), subscribe(t, b, "amira", "", "")
	b.reply(t, failed.Channel, "It hurts again")
	var reminded uuid.UUID
	require.NoError(t, b.pool.QueryRow(t.Context(), `select m.id from messenger_messages m
		join messenger_channels c on c.id = m.channel_id where m.broadcast_id = $1 and c.client_id = 'sian'`,
		broadcast.ID).Scan(&reminded))
	b.deliver(t, reminded, 1)
	sian := b.send(t, "amira", email("sian", "The next one"))
	told := func(events <-chan messenger.LiveEvent, until messenger.Sent) (ids []uuid.UUID) {
		for {
			event := next(t, events)
			if event.Broadcast != nil && slices.ContainsFunc(event.Broadcast.Skipped, func(s messenger.Skipped) bool {
				return s.Client == "grace"
			}) {
				ids = append(ids, failed.Channel.ID)
			}
			if event.Broadcast != nil {
				ids = append(ids, event.Broadcast.ID)
			}
			if event.Channel != nil {
				ids = append(ids, event.Channel.ID)
			}
			if event.Message != nil {
				ids = append(ids, event.Message.Channel)
			}
			if event.Message != nil && event.Message.ID == until.Message.ID {
				return ids
			}
		}
	}
	toOwner := told(owner, sian) // what changed at the same time is told in any order: the next change comes after all of it
	last := b.send(t, "amira", email("sian", "The last one"))
	toColleague := told(colleague, last)
	require.NotContains(t, toColleague, failed.Channel.ID)
	require.Contains(t, toColleague, broadcast.ID)
	require.Contains(t, append(toOwner, told(owner, last)...), failed.Channel.ID)
	token := b.token(t, sian.Channel)
	b.clients.FailAll(adapters.ErrNotSent) // nobody can tell whom they may see
	_, _, err = b.Reply(t.Context(), token, messenger.ReplyParams{Text: "Thank you"})
	require.NoError(t, err)
	require.Equal(t, "reset", next(t, colleague).Kind)
	_, err = b.Inbox(as(t, "ben"), messenger.InboxParams{Staff: "amira"})
	requireCode(t, messenger.CodeUnavailable, err)
	_, err = b.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira"})
	require.NoError(t, err)
}

// calls is every look at and act in a channel, or on a message of it.
func (b *bundle) calls(channel, message uuid.UUID) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"channel": func(ctx context.Context) error { _, err := b.Channel(ctx, channel); return err },
		"messages": func(ctx context.Context) error {
			_, err := b.Messages(ctx, channel, messenger.PageParams{})
			return err
		},
		"history": func(ctx context.Context) error { _, err := b.History(ctx, channel, messenger.PageParams{}); return err },
		"read":    func(ctx context.Context) error { return b.Read(ctx, channel, message, false) },
		"status": func(ctx context.Context) error {
			_, err := b.SetStatus(ctx, channel, messenger.Done, message)
			return err
		},
		"replies": func(ctx context.Context) error { _, err := b.SetReplies(ctx, channel, false); return err },
		"renew":   func(ctx context.Context) error { _, err := b.RenewLink(ctx, channel); return err },
		"cancel":  func(ctx context.Context) error { _, err := b.Cancel(ctx, message); return err },
		"retry":   func(ctx context.Context) error { _, err := b.Retry(ctx, message); return err },
		"file":    func(ctx context.Context) error { _, err := b.FileAgain(ctx, message); return err },
		"resolve": func(ctx context.Context) error {
			_, err := b.Resolve(ctx, message, messenger.ResolveParams{Of: "delivery"})
			return err
		},
		"send": func(ctx context.Context) error {
			_, err := b.Send(ctx, messenger.SendParams{Channel: channel, Medium: adapters.Email, Subject: "Hello", Body: "Hello"})
			return err
		},
		"prepare": func(ctx context.Context) error {
			_, err := b.Prepare(ctx, messenger.SendParams{Channel: channel, Medium: adapters.Email, Subject: "Hello", Body: "Hello"})
			return err
		},
		"assign": func(ctx context.Context) error {
			_, err := b.Assign(ctx, uuid.New(), messenger.AssignParams{Channel: channel, Reason: "She rang."})
			return err
		},
		"client": func(ctx context.Context) error { _, err := b.Client(ctx, "grace"); return err },
		"draft": func(ctx context.Context) error {
			_, err := b.SaveDraft(ctx, "grace", messenger.Draft{Medium: adapters.Email})
			return err
		},
		"draft deleted": func(ctx context.Context) error { return b.DeleteDraft(ctx, "grace") },
	}
}

// Whoever the directory hides costs one question to it a page, however long the page and the inbox, and none to the
// owner.
func TestVisibilityIsAskedInBulk(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, client := range b.crowd(120) {
		b.send(t, "amira", email(client, "Hello"))
	}
	for who, want := range map[adapters.StaffID]int{"amira": 0, "chloe": 1} {
		for _, query := range []string{"", "hello", "person"} {
			before := b.clients.Calls()
			page, err := b.Inbox(as(t, who), messenger.InboxParams{Staff: "amira", Query: query})
			require.NoError(t, err)
			require.Len(t, page.Items, 50)
			require.Equal(t, want, b.clients.Calls()-before, "%s, %q", who, query)
		}
	}
	before := b.clients.Calls()
	_, err := b.Inboxes(memory.SignIn(t.Context(), "chloe"))
	require.NoError(t, err)
	require.Equal(t, 1, b.clients.Calls()-before)
}

// A colleague who opens, searches or streams an inbox leaves a line an hour in the inbox's history, and who reads a
// channel, its history or a streamed message, one in the channel's. The owner leaves none.
func TestNobodyLooksUnseen(t *testing.T) {
	t.Parallel()
	at, clock := withClock()
	b := setup(t, clock)
	b.RecheckEvery(time.Hour) // those of its streams that go on look again
	b.live(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	looks := func() (inbox, channel int) {
		page, err := b.InboxHistory(as(t, "amira"), "amira", messenger.PageParams{})
		require.NoError(t, err)
		for _, entry := range page.Items {
			require.Equal(t, messenger.ActionLooked, entry.Action)
			require.Equal(t, "chloe", entry.Actor.ID)
			require.EqualValues(t, "amira", entry.OnBehalfOf)
		}
		for _, action := range b.actions(t, sent.Channel) {
			if action == "chloe:looked" {
				channel++
			}
		}
		return len(page.Items), channel
	}
	ways := map[string]struct {
		look           func(ctx context.Context, owner adapters.StaffID) error
		inbox, channel int
	}{
		"inbox": {func(ctx context.Context, owner adapters.StaffID) error {
			_, err := b.Inbox(ctx, messenger.InboxParams{Staff: owner})
			return err
		}, 1, 0},
		"search": {func(ctx context.Context, owner adapters.StaffID) error {
			_, err := b.Inbox(ctx, messenger.InboxParams{Staff: owner, Query: "nothing of the kind"})
			return err
		}, 1, 0},
		"stream": {func(ctx context.Context, owner adapters.StaffID) error {
			return streaming(ctx, b, owner, func(<-chan messenger.LiveEvent) {})
		}, 1, 0},
		"inbox history": {func(ctx context.Context, owner adapters.StaffID) error {
			_, err := b.InboxHistory(ctx, owner, messenger.PageParams{})
			return err
		}, 1, 0},
		"channel": {func(ctx context.Context, _ adapters.StaffID) error {
			_, err := b.Channel(ctx, sent.Channel.ID)
			return err
		}, 0, 1},
		"messages": {func(ctx context.Context, _ adapters.StaffID) error {
			_, err := b.Messages(ctx, sent.Channel.ID, messenger.PageParams{})
			return err
		}, 0, 1},
		"history": {func(ctx context.Context, _ adapters.StaffID) error {
			_, err := b.History(ctx, sent.Channel.ID, messenger.PageParams{})
			return err
		}, 0, 1},
		"streamed message": {func(ctx context.Context, owner adapters.StaffID) error {
			return streaming(ctx, b, owner, func(events <-chan messenger.LiveEvent) {
				b.reply(t, sent.Channel, "chest pain "+uuid.NewString())
				until(t, events, "message")
			})
		}, 1, 1},
	}
	for name, way := range ways {
		at.add(2 * messenger.LookEvery)
		inbox, channel := looks()
		require.NoError(t, way.look(as(t, "amira"), "amira"), name)
		nobody, nowhere := looks()
		require.Equal(t, []int{inbox, channel}, []int{nobody, nowhere}, "%s by the owner", name)
		for range 2 {
			require.NoError(t, way.look(as(t, "chloe"), "amira"), name)
		}
		after, afterwards := looks()
		require.Equal(t, []int{way.inbox, way.channel}, []int{after - inbox, afterwards - channel}, name)
	}
	_, err := b.InboxHistory(as(t, "dev"), "amira", messenger.PageParams{})
	requireCode(t, messenger.CodeNotFound, err)
	_, err = b.InboxHistory(as(t, "esther"), "amira", messenger.PageParams{})
	requireCode(t, messenger.CodeNotFound, err)
}

// streaming has a stream of an inbox open for as long as use takes. When it returns, the stream tells nothing more:
// each message that it tells is a look.
func streaming(
	ctx context.Context, b *bundle, owner adapters.StaffID, use func(events <-chan messenger.LiveEvent),
) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	events, err := b.Subscribe(ctx, owner, "")
	if err != nil {
		return err
	}
	use(events)
	stop()
	for range events { // until it is closed
	}
	return nil
}

// A stream that stays open for hours looks again each hour.
func TestAStreamThatGoesOnLooksAgain(t *testing.T) {
	t.Parallel()
	at, clock := withClock()
	b := setup(t, clock)
	b.RecheckEvery(1)
	_, err := b.Subscribe(as(t, "chloe"), "amira", "")
	require.NoError(t, err)
	looks := func() int { return count(t, b.pool, "select count(*) from messenger_inbox_history") }
	require.Equal(t, 1, looks())
	at.add(2 * messenger.LookEvery)
	eventually(t, func() bool { return looks() == 2 }, "it looks again")
}
