package messenger_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// One organisation never sees another, in a list, a count, a preview, a search, an event or an error: to esther of the
// south, what is the north's answers as what never was.
func TestPromise6OneOrganisationNeverSeesAnother(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// the same ids on both sides: a host may number each organisation's people from one
	b.clients.Put(south, adapters.Client{ID: "grace", Name: "Gwen Price", Email: "gwen@example.org"})
	p := email("grace", "The walking group meets on Tuesday")
	p.Key = "the-same-key"
	sent := b.send(t, "amira", p)
	b.reply(t, sent.Channel, "Thank you")
	failed := b.failed(t, email("sian", "Hello"))
	_, err := b.SaveDraft(as(t, "amira"), "phone", messenger.Draft{Medium: adapters.SMS, Body: "not yet"})
	require.NoError(t, err)
	b.lists.Put(north, adapters.List{ID: "list", Name: "Walking group"}, "grace")

	esther := as(t, "esther")
	twins := memory.NewStaff() // a staff member of the south with the id that amira has in the north
	twins.Add(adapters.Member{ID: "amira", Name: "Aled Morgan", Organisation: south, Media: []adapters.Medium{adapters.Email}})
	twin := b.with(t, func(c *messenger.Config) { c.Staff = twins })
	calls := func(b *bundle) map[string]func(ctx context.Context, channel, message uuid.UUID) (any, error) {
		return map[string]func(ctx context.Context, channel, message uuid.UUID) (any, error){
			"channel": func(ctx context.Context, c, _ uuid.UUID) (any, error) { return b.Channel(ctx, c) },
			"messages": func(ctx context.Context, c, _ uuid.UUID) (any, error) {
				return b.Messages(ctx, c, messenger.PageParams{})
			},
			"history": func(ctx context.Context, c, _ uuid.UUID) (any, error) {
				return b.History(ctx, c, messenger.PageParams{})
			},
			"read":    func(ctx context.Context, c, m uuid.UUID) (any, error) { return nil, b.Read(ctx, c, m, true) },
			"status":  func(ctx context.Context, c, m uuid.UUID) (any, error) { return b.SetStatus(ctx, c, messenger.Done, m) },
			"replies": func(ctx context.Context, c, _ uuid.UUID) (any, error) { return b.SetReplies(ctx, c, false) },
			"renew":   func(ctx context.Context, c, _ uuid.UUID) (any, error) { return b.RenewLink(ctx, c) },
			"cancel":  func(ctx context.Context, _, m uuid.UUID) (any, error) { return b.Cancel(ctx, m) },
			"retry":   func(ctx context.Context, _, m uuid.UUID) (any, error) { return b.Retry(ctx, m) },
			"file":    func(ctx context.Context, _, m uuid.UUID) (any, error) { return b.FileAgain(ctx, m) },
			"resolve": func(ctx context.Context, _, m uuid.UUID) (any, error) {
				return b.Resolve(ctx, m, messenger.ResolveParams{Of: "delivery"})
			},
			"send": func(ctx context.Context, c, _ uuid.UUID) (any, error) {
				return b.Send(ctx, messenger.SendParams{Channel: c, Medium: adapters.Email, Subject: "Hello", Body: "Hello"})
			},
			"send as": func(ctx context.Context, c, _ uuid.UUID) (any, error) { // the same staff id, in the other organisation
				return b.Send(ctx, messenger.SendParams{
					Channel: c, Medium: adapters.Email, Subject: "Hello", Body: "Hello",
					Actor: &adapters.Member{ID: "amira", Organisation: south, Media: []adapters.Medium{adapters.Email}},
				})
			},
			"inbox": func(ctx context.Context, _, _ uuid.UUID) (any, error) {
				return b.Inbox(ctx, messenger.InboxParams{Staff: "amira"})
			},
			"events": func(ctx context.Context, _, _ uuid.UUID) (any, error) { return b.Subscribe(ctx, "amira", "") },
			"list": func(ctx context.Context, _, _ uuid.UUID) (any, error) {
				return b.ListMembers(ctx, "list", messenger.PageParams{})
			},
			"client": func(ctx context.Context, _, _ uuid.UUID) (any, error) { return b.Client(ctx, "sian") },
			"draft": func(ctx context.Context, _, _ uuid.UUID) (any, error) {
				return b.SaveDraft(ctx, "phone", messenger.Draft{Medium: adapters.Email})
			},
		}
	}
	for name, call := range calls(b) {
		_, err := call(esther, sent.Channel.ID, sent.Message.ID)
		requireCode(t, messenger.CodeNotFound, err)
		_, never := call(esther, uuid.New(), uuid.New())
		require.Equal(t, never, err, "%s: not yours and not there are the same", name)
	}
	for name, call := range calls(twin) {
		if name != "inbox" && name != "events" {
			_, err := call(as(t, "amira"), sent.Channel.ID, sent.Message.ID)
			requireCode(t, messenger.CodeNotFound, err)
		}
	}
	own, err := twin.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira", Query: "okafor"})
	require.NoError(t, err)
	require.Empty(t, own.Items)
	require.Equal(t, messenger.Counts{}, *own.Counts)
	empty, err := twin.Notifications(as(t, "amira"), messenger.PageParams{})
	require.NoError(t, err)
	require.Empty(t, empty.Items)

	theirs, err := b.Send(esther, p)
	require.NoError(t, err, "a key belongs to an organisation and a staff member")
	require.NotEqual(t, sent.Channel.ID, theirs.Channel.ID)
	require.Equal(t, "Gwen Price", theirs.Channel.ClientName)
	require.EqualValues(t, 1, theirs.Message.Seq)
	for _, query := range []string{"", "okafor", "thank", "hello"} {
		page, err := b.Inbox(esther, messenger.InboxParams{Staff: "esther", Query: query})
		require.NoError(t, err)
		for _, row := range page.Items {
			require.Equal(t, theirs.Channel.ID, row.ID)
		}
		require.Equal(t, messenger.Counts{Open: 1}, *page.Counts)
	}
	seen := []any{}
	see := func(v any, err error) {
		require.NoError(t, err)
		seen = append(seen, v)
	}
	me, err := b.Me(esther)
	see(me, err)
	inboxes, err := b.Inboxes(esther)
	see(inboxes, err)
	bell, err := b.Notifications(esther, messenger.PageParams{})
	see(bell, err)
	number, err := b.NotificationCount(esther)
	see(number, err)
	require.Equal(t, messenger.NotificationCount{}, number)
	found, err := b.SearchClients(esther, "gr", 50)
	see(found, err)
	lists, err := b.ClientLists(esther)
	see(lists, err)
	texts, err := json.Marshal(seen)
	require.NoError(t, err)
	for _, word := range []string{"amira", "Okafor", "Thank", "Siân", "Walking", "North"} {
		require.NotContains(t, string(texts), word)
	}

	b.work(t)
	events, err := b.Subscribe(esther, "esther", "")
	require.NoError(t, err)
	eventually(t, func() bool {
		return b.message(t, sent.Channel, sent.Message.ID).Delivery.Status == messenger.DeliverySent
	}, "sent")
	deadline, again := time.After(time.Minute), time.Tick(time.Second)
	for own := false; !own; {
		select {
		case event := <-events:
			require.NotEqual(t, sent.Channel.ID, eventChannel(event))
			require.NotEqual(t, failed.Channel.ID, eventChannel(event))
			own = event.Channel != nil && event.Channel.ID == theirs.Channel.ID
		case <-again: // what is changed before the listener is connected is a reset and no event
			_, err = b.RenewLink(esther, theirs.Channel.ID)
			require.NoError(t, err)
		case <-deadline:
			require.Fail(t, "no event of their own")
		}
	}
}

func eventChannel(event messenger.LiveEvent) uuid.UUID {
	switch {
	case event.Channel != nil:
		return event.Channel.ID
	case event.Message != nil:
		return event.Message.Channel
	default:
		return uuid.Nil
	}
}
