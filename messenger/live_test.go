package messenger_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// live runs a Messenger's live updates until the test ends, and returns once it hears its own.
func (b *bundle) live(t *testing.T) {
	t.Helper()
	events, err := b.Subscribe(as(t, "amira"), "", "") // before it listens: who comes later gets no reset
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = b.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	require.Equal(t, "reset", next(t, events).Kind, "it begins to listen")
}

func next(t *testing.T, events <-chan messenger.LiveEvent) messenger.LiveEvent {
	t.Helper()
	select {
	case event, ok := <-events:
		require.True(t, ok, "the stream is closed")
		return event
	case <-time.After(time.Minute):
		require.Fail(t, "no event")
		return messenger.LiveEvent{}
	}
}

// until reads a stream up to an event of this kind.
func until(t *testing.T, events <-chan messenger.LiveEvent, kind string) messenger.LiveEvent {
	t.Helper()
	for {
		if event := next(t, events); event.Kind == kind {
			return event
		}
	}
}

func subscribe(t *testing.T, b *bundle, who, inbox adapters.StaffID, last string) <-chan messenger.LiveEvent {
	t.Helper()
	events, err := b.Subscribe(as(t, who), inbox, last)
	require.NoError(t, err)
	return events
}

func TestLiveUpdates(t *testing.T) {
	t.Parallel()
	b := setup(t)
	far := b.with(t, func(*messenger.Config) {}) // another process over the same database
	b.live(t)
	ended, end := context.WithCancel(t.Context())
	end()
	require.ErrorContains(t, b.Run(ended), "runs already", "a second would tell everything twice")
	far.live(t)
	here, there := subscribe(t, b, "amira", "", ""), subscribe(t, far, "ben", "amira", "")

	sent := b.send(t, "amira", email("grace", "Hello"))
	row := until(t, here, "channel")
	require.Equal(t, sent.Channel.ID, row.Channel.ID)
	message := until(t, here, "message")
	require.Equal(t, sent.Message.ID, message.Message.ID)
	require.Equal(t, sent.Message.ID, until(t, there, "message").Message.ID, "in every process, for who may look")

	receipt := b.reply(t, sent.Channel, "Thank you")
	second := until(t, here, "message")
	require.Equal(t, receipt.ID, second.Message.ID)
	for _, last := range []string{row.ID, message.ID} { // within a change, and behind it
		again := subscribe(t, b, "amira", "", last)
		seen := map[string]bool{}
		for !seen[receipt.ID.String()] {
			if event := next(t, again); event.Message != nil {
				seen[event.Message.ID.String()] = true
			} else {
				require.Equal(t, "channel", event.Kind, "what changed since, no reset")
			}
		}
		require.Equal(t, last == row.ID, seen[sent.Message.ID.String()])
	}
	for _, last := range []string{"x", "0-0", "0123456789abcdef-1", second.ID + "9", "-", "9999"} {
		require.Equal(t, "reset", next(t, subscribe(t, b, "amira", "", last)).Kind, last)
	}

	for range 60 { // more than a stream holds, to a reader that reads nothing
		_, err := b.SetReplies(as(t, "amira"), sent.Channel.ID, false)
		require.NoError(t, err)
		until(t, here, "channel")
		_, err = b.SetReplies(as(t, "amira"), sent.Channel.ID, true)
		require.NoError(t, err)
		until(t, here, "channel")
	}
	until(t, there, "reset")
	_, err := b.SetReplies(as(t, "amira"), sent.Channel.ID, false)
	require.NoError(t, err)
	for until(t, there, "channel").Channel.RepliesAllowed {
		continue // it goes on with what there is now
	}
	_, err = b.Subscribe(as(t, "dev"), "amira", "")
	requireCode(t, messenger.CodeNotFound, err)
}

// What a channel has had since is told once, not once for each of its changes.
func TestResumedBehindManyChangesOfOneChannel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.live(t)
	events := subscribe(t, b, "amira", "", "")
	sent := b.send(t, "amira", email("grace", "Hello"))
	last := until(t, events, "message").ID
	var want, got []uuid.UUID
	for i := range 10 {
		want = append(want, b.reply(t, sent.Channel, strconv.Itoa(i)).ID)
		for until(t, events, "message").Message.ID != want[i] {
			continue
		}
	}
	again := subscribe(t, b, "amira", "", last)
	for len(got) == 0 || got[len(got)-1] != want[9] {
		got = append(got, until(t, again, "message").Message.ID)
	}
	require.Equal(t, want, got)
}

func TestAStreamEndsWithItsPermission(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.RecheckEvery(10 * time.Millisecond)
	b.live(t)
	colleague, own := subscribe(t, b, "ben", "amira", ""), subscribe(t, b, "ben", "", "")
	b.staff.Share("ben")
	requireEnds(t, colleague)
	b.staff.Remove("ben")
	requireEnds(t, own)
}

// requireEnds reads a stream to its end.
func requireEnds(t *testing.T, events <-chan messenger.LiveEvent) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case _, open := <-events:
			if !open {
				return
			}
		case <-limit:
			require.Fail(t, "the stream does not end")
		}
	}
}

func TestTheListenersConnectionIsKilled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.live(t)
	events := subscribe(t, b, "amira", "", "")
	b.send(t, "amira", email("grace", "Hello"))
	before := until(t, events, "message").ID
	require.Equal(t, 1, count(t, b.pool, `select count(pg_terminate_backend(pid)) from pg_stat_activity
		where datname = current_database() and query = 'listen "' ||
		(select 'messenger_' || left(encode(sha256(current_schema()::text::bytea), 'hex'), 16)) || '"'`))
	until(t, events, "reset")
	sent := b.send(t, "amira", email("sian", "Hello"))
	require.Equal(t, sent.Message.ID, until(t, events, "message").Message.ID)
	require.Equal(t, "reset", next(t, subscribe(t, b, "amira", "", before)).Kind, "nobody knows what was missed")
}

// A page that is open when a broadcast is made for later fetches its rows once they are all there, in every process.
func TestABroadcastsRowsReachOpenPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	far := b.with(t, func(*messenger.Config) {})
	b.live(t)
	far.live(t)
	here, there := subscribe(t, b, "amira", "", ""), subscribe(t, far, "ben", "amira", "")
	p := reminder()
	p.Clients, p.SendAfter = b.crowd(1100), time.Now().Add(time.Hour)
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	for _, events := range []<-chan messenger.LiveEvent{here, there} {
		until(t, events, "reset")
		require.Equal(t, 1100, count(t, b.pool, "select count(*) from messenger_channels"))
	}
}

// Any role of a shared database may NOTIFY: an inbox is told of its own channels and broadcasts alone.
func TestANoticeOfAnothersChannelTellsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.live(t)
	theirs := b.send(t, "amira", email("grace", "Hello"))
	events := subscribe(t, b, "esther", "", "")
	colleague := subscribe(t, b, "dev", "", "")
	p := reminder()
	p.Clients = b.crowd(3)
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	forge := func(inbox adapters.StaffID, organisation adapters.OrganisationID, what string) {
		_, err := b.pool.Exec(t.Context(), `select pg_notify('messenger_' || left(encode(sha256(current_schema()::text::bytea), 'hex'), 16),
			jsonb_build_array(jsonb_build_object('o', $1::text, 's', $2::text) || $3::jsonb)::text)`, organisation, inbox, what)
		require.NoError(t, err)
	}
	for _, what := range []string{
		fmt.Sprintf(`{"c": "%s", "m": ["%s"]}`, theirs.Channel.ID, theirs.Message.ID),
		fmt.Sprintf(`{"m": ["%s"]}`, theirs.Message.ID),
		fmt.Sprintf(`{"b": "%s"}`, broadcast.ID),
		fmt.Sprintf(`{"c": "%s", "m": ["%s"], "b": "%s"}`, uuid.New(), theirs.Message.ID, uuid.New()), // not there
	} {
		forge("esther", south, what)
		forge("esther", north, what)
		forge("dev", north, what)
	}
	for who, events := range map[adapters.StaffID]<-chan messenger.LiveEvent{"esther": events, "dev": colleague} {
		client := adapters.ClientID("sian")
		if who == "esther" {
			client = "south-1"
		}
		own := b.send(t, who, email(client, "Hello"))
		require.Equal(t, own.Channel.ID, eventChannel(next(t, events)), "the first that is told")
		require.Equal(t, own.Message.ID, next(t, events).Message.ID)
	}
}
