package messenger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// marked are the words of notes that must be found nowhere.
const marked = "Xylophonequartz"

// toldAs is anything as text, with what its pointers point to.
func toldAs(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// A note never leaves: whatever is sent, filed, shown to the client, found, told or logged while notes stand in a thread,
// none of their words are in it. They stand in one table, and Notes alone tells them, to whoever may open the thread.
func TestPromise14ANoteNeverLeaves(t *testing.T) {
	t.Parallel()
	var log lockedLog
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	b := setup(t, withHook(hook), func(c *messenger.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	amira := as(t, "amira")
	b.live(t)
	events := subscribe(t, b, "amira", "", "")
	sent := b.send(t, "amira", email("grace", "Hello"))
	other := b.send(t, "amira", email("sian", "Hello"))
	notes := []messenger.Note{
		b.add(t, "amira", sent.Channel, note(marked+" of amira")),
		b.add(t, "ben", sent.Channel, messenger.NoteParams{Kind: messenger.KindCall, Text: marked + " of ben"}),
		b.add(t, "amira", other.Channel, note(marked+" of sian")),
	}
	for _, client := range []adapters.ClientID{"grace", "sian"} { // two drafts of one author become a draft and a note
		_, err := b.SaveDraft(amira, client, messenger.Draft{Medium: adapters.SMS, Body: "Unsent to " + string(client)})
		require.NoError(t, err)
	}
	b.merge(t)
	_, err := b.SaveDraft(amira, "grace", messenger.Draft{Medium: adapters.SMS, Body: "Unsent"})
	require.NoError(t, err)

	out := map[string]string{}
	b.leaveEveryWay(t, sent, hook, notes)
	for name, read := range b.everyAnswer(sent.Channel.ID, b.token(t, sent.Channel)) {
		for _, who := range []adapters.StaffID{"amira", "ben", "chloe", "dev"} {
			answer, err := read(as(t, who))
			if err != nil {
				require.Contains(t, []messenger.Code{messenger.CodeNotFound, messenger.CodeForbidden}, messenger.CodeOf(err), name)
				continue
			}
			out[name+" for "+string(who)] = toldAs(t, answer)
		}
	}
	last := b.send(t, "amira", email("grace", "The last"))
	var stream strings.Builder
	for {
		event := next(t, events)
		stream.WriteString(toldAs(t, event))
		if event.Message != nil && event.Message.ID == last.Message.ID {
			break
		}
	}
	out["live events"], out["host events"], out["log"] = stream.String(), toldAs(t, b.events.Heard()), log.String()
	out["emails"], out["texts"] = fmt.Sprintf("%+v", b.email.Outbox()), fmt.Sprintf("%+v", b.sms.Outbox())
	require.NotEmpty(t, b.sms.Outbox())
	out["record"] = toldAs(t, b.record.Filings())
	require.NotEmpty(t, b.record.Filings())
	require.Equal(t, 4, count(t, b.pool, "select count(*) from messenger_notes"))
	for where, text := range out {
		require.NotContains(t, text, marked, where)
	}
	exec(t, b, "update messenger_notes set text = 'gone'")
	require.NotContains(t, databaseText(t, b), marked, "they stand in one table, and in no job")
}

// leaveEveryWay sends, files and calls back what there is, and treats notes as messages wherever an id is taken for one.
func (b *bundle) leaveEveryWay(t *testing.T, sent messenger.Sent, hook *memory.Callbacks, notes []messenger.Note) {
	t.Helper()
	amira := as(t, "amira")
	_, _, err := b.Reply(t.Context(), b.token(t, sent.Channel), messenger.ReplyParams{Text: "Thank you"})
	require.NoError(t, err)
	text := b.send(t, "amira", sms("grace", "By text"))
	p := reminder()
	p.Clients = []adapters.ClientID{"grace", "phone"}
	broadcast, err := b.SendBroadcast(amira, p)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	ids := []uuid.UUID{sent.Message.ID, text.Message.ID}
	for _, message := range b.thread(t, b.row(t, sent.Channel)) {
		ids = append(ids, message.ID)
	}
	for _, one := range notes {
		ids = append(ids, one.ID)
		receipt := adapters.Receipt{Reference: one.ID.String(), ProviderID: "p-" + one.ID.String(), Status: adapters.Failed}
		_, err := b.Callback(t.Context(), "texts", hook.Request([]adapters.Receipt{receipt}))
		require.NoError(t, err)
		for name, act := range map[string]func(id uuid.UUID) error{
			"cancel":  func(id uuid.UUID) error { _, err := b.Cancel(amira, id); return err },
			"retry":   func(id uuid.UUID) error { _, err := b.Retry(amira, id); return err },
			"file":    func(id uuid.UUID) error { _, err := b.FileAgain(amira, id); return err },
			"read":    func(id uuid.UUID) error { return b.Read(amira, sent.Channel.ID, id, false) },
			"around":  func(id uuid.UUID) error { _, err := b.MessagesAround(amira, sent.Channel.ID, id, 10); return err },
			"channel": func(id uuid.UUID) error { _, err := b.Channel(amira, id); return err },
			"resolve": func(id uuid.UUID) error {
				_, err := b.Resolve(amira, id, messenger.ResolveParams{Of: "delivery"})
				return err
			},
		} {
			require.Equal(t, messenger.CodeNotFound, messenger.CodeOf(act(one.ID)), "%s: a note's id is no message's", name)
		}
	}
	for _, id := range ids {
		b.deliver(t, id, 1)
		b.file(t, id, 1)
		require.NoError(t, b.Jobs().AmendRecord(t.Context(), id, 1))
		require.NoError(t, b.Jobs().FileNote(t.Context(), id, 1))
	}
	for _, event := range b.ordered(t) {
		require.NoError(t, b.Jobs().TellHost(t.Context(), event, 1))
	}
}

// ordered are the events that the host is to be told of.
func (b *bundle) ordered(t *testing.T) (list []jobs.TellHost) {
	t.Helper()
	found, err := b.pool.Query(t.Context(), "select args from river_job where kind = 'messenger_tell_host'")
	require.NoError(t, err)
	list, err = pgx.CollectRows(found, pgx.RowTo[jobs.TellHost])
	require.NoError(t, err)
	require.NotEmpty(t, list)
	return list
}

// everyAnswer is all that staff and clients can ask for, but for Notes.
func (b *bundle) everyAnswer(channel uuid.UUID, token string) map[string]func(context.Context) (any, error) {
	answers := map[string]func(context.Context) (any, error){
		"channel": func(ctx context.Context) (any, error) { return b.Channel(ctx, channel) },
		"messages": func(ctx context.Context) (any, error) {
			return b.Messages(ctx, channel, messenger.PageParams{Limit: 100})
		},
		"history": func(ctx context.Context) (any, error) {
			return b.History(ctx, channel, messenger.PageParams{Limit: 100})
		},
		"inbox history": func(ctx context.Context) (any, error) { return b.InboxHistory(ctx, "amira", messenger.PageParams{}) },
		"client":        func(ctx context.Context) (any, error) { return b.Client(ctx, "grace") },
		"clients":       func(ctx context.Context) (any, error) { return b.SearchClients(ctx, marked, 10) },
		"attention":     func(ctx context.Context) (any, error) { return b.Attention(ctx, messenger.AttentionParams{}) },
		"overview":      func(ctx context.Context) (any, error) { return b.Overview(ctx) },
		"notifications": func(ctx context.Context) (any, error) { return b.Notifications(ctx, messenger.PageParams{}) },
		"broadcasts":    func(ctx context.Context) (any, error) { return b.Broadcasts(ctx, messenger.PageParams{}) },
		"unmatched":     func(ctx context.Context) (any, error) { return b.Unmatched(ctx, messenger.PageParams{}) },
		"reply page":    func(ctx context.Context) (any, error) { return b.ReplyPage(ctx, token, "") },
	}
	for _, show := range []messenger.Show{messenger.ShowAll, messenger.ShowOpen, messenger.ShowDone, messenger.ShowAttention} {
		for _, query := range []string{"", marked[:8]} {
			answers["inbox "+string(show)+" "+query] = func(ctx context.Context) (any, error) {
				page, err := b.Inbox(ctx, messenger.InboxParams{Staff: "amira", Show: show, Query: query})
				if err == nil && query != "" && len(page.Items) > 0 {
					return marked, nil // found by a note's words
				}
				return page, err
			}
		}
	}
	return answers
}
