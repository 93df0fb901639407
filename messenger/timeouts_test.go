package messenger_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A port that hangs keeps nobody for longer than five seconds, whichever it is, and the caller hears that it did not
// answer.
func TestAPortThatHangsKeepsNobody(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/nowhere") // none of this comes to the database
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	type ports struct {
		staff   *memory.Staff
		clients *memory.Clients
		lists   *memory.Lists
		orgs    *memory.Organisations
	}
	for name, c := range map[string]struct {
		hold func(ports) func()
		call func(context.Context, *messenger.Messenger) error
	}{
		"who is asking": {
			func(p ports) func() { return p.staff.Hold() },
			func(ctx context.Context, m *messenger.Messenger) error { _, err := m.Me(ctx); return err },
		},
		"the directory": {
			func(p ports) func() { return p.clients.Hold() },
			func(ctx context.Context, m *messenger.Messenger) error {
				_, err := m.SearchClients(ctx, "grace", 10)
				return err
			},
		},
		"a person of the directory": {
			func(p ports) func() { return p.clients.Hold() },
			func(ctx context.Context, m *messenger.Messenger) error { _, err := m.Client(ctx, "grace"); return err },
		},
		"the lists": {
			func(p ports) func() { return p.lists.Hold() },
			func(ctx context.Context, m *messenger.Messenger) error { _, err := m.ClientLists(ctx); return err },
		},
		"who is on a list": {
			func(p ports) func() { return p.lists.Hold() },
			func(ctx context.Context, m *messenger.Messenger) error {
				_, err := m.PreviewBroadcast(ctx, messenger.BroadcastParams{
					Medium: adapters.Email, Subject: "Hello", Body: "Hello", Lists: []adapters.ListID{"walkers"},
				})
				return err
			},
		},
		"the organisation": {
			func(p ports) func() { return p.orgs.Hold() },
			func(ctx context.Context, m *messenger.Messenger) error {
				_, err := m.Organisation(ctx, north)
				return err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := ports{
					memory.NewStaff(), memory.NewClients(), memory.NewLists(),
					memory.NewOrganisations(adapters.Organisation{ID: north, PublicURL: "https://north.example.org/m"}),
				}
				media := []adapters.Medium{adapters.Email}
				p.staff.Add(adapters.Member{ID: "amira", Name: "Amira Shah", Organisation: north, Media: media})
				m, err := messenger.New(messenger.Config{
					Pool: pool, Staff: p.staff, Clients: p.clients, Lists: p.lists, Organisations: p.orgs,
					Email:    memory.NewSender("email"),
					LinkKeys: []messenger.LinkKey{{ID: "k1", Key: []byte("0123456789abcdef0123456789abcdef")}},
					Logger:   slog.New(slog.DiscardHandler), Now: time.Now,
				})
				require.NoError(t, err)
				defer c.hold(p)()
				began := time.Now()
				err = c.call(memory.SignIn(t.Context(), "amira"), m)
				requireCode(t, messenger.CodeUnavailable, err)
				require.Equal(t, 5*time.Second, time.Since(began))
			})
		})
	}
}

// Who would get a broadcast is looked for no longer than half a minute, however many lists and pages there are to ask
// for: each of them alone is in time.
func TestABroadcastIsPreviewedInTime(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/nowhere") // none of this comes to the database
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	many := messenger.BroadcastParams{Medium: adapters.Email, Subject: "Hello", Body: "Hello"}
	for i := range 100_000 {
		many.Clients = append(many.Clients, adapters.ClientID(fmt.Sprint(i)))
	}
	lists := messenger.BroadcastParams{Medium: adapters.Email, Subject: "Hello", Body: "Hello"}
	for i := range messenger.MaxLists {
		lists.Lists = append(lists.Lists, adapters.ListID(fmt.Sprint(i)))
	}
	for name, p := range map[string]messenger.BroadcastParams{"pages of the directory": many, "lists": lists} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				staff := memory.NewStaff()
				staff.Add(adapters.Member{
					ID: "amira", Name: "Amira Shah", Organisation: north, Media: []adapters.Medium{adapters.Email},
				})
				m, err := messenger.New(messenger.Config{
					Pool: pool, Staff: staff, Clients: slowClients{memory.NewClients()}, Lists: slowLists{memory.NewLists()},
					Organisations: memory.NewOrganisations(adapters.Organisation{ID: north, PublicURL: "https://north.example.org/m"}),
					Email:         memory.NewSender("email"),
					LinkKeys:      []messenger.LinkKey{{ID: "k1", Key: []byte("0123456789abcdef0123456789abcdef")}},
					Logger:        slog.New(slog.DiscardHandler), Now: time.Now,
				})
				require.NoError(t, err)
				began := time.Now()
				_, err = m.PreviewBroadcast(memory.SignIn(t.Context(), "amira"), p)
				requireCode(t, messenger.CodeUnavailable, err)
				require.ErrorContains(t, err, "nothing was sent")
				require.InDelta(t, 30, time.Since(began).Seconds(), 4)
			})
		})
	}
}

// slowClients and slowLists answer in four seconds, whatever the caller's deadline.
type slowClients struct{ *memory.Clients }

func (c slowClients) Get(
	_ context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
) (map[adapters.ClientID]adapters.Client, error) {
	<-time.After(4 * time.Second)
	return c.Clients.Get(context.Background(), organisation, ids)
}

type slowLists struct{ *memory.Lists }

func (l slowLists) Members(
	ctx context.Context, _ adapters.OrganisationID, list adapters.ListID,
) ([]adapters.ClientID, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(4 * time.Second):
		return []adapters.ClientID{adapters.ClientID("on-" + list)}, nil
	}
}

// A transaction that can't go on ends by itself, though nobody waits for it any more, and leaves nothing behind.
func TestATransactionThatCannotGoOnEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	held, err := b.pool.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = held.Rollback(context.Background()) })
	_, err = held.Exec(t.Context(), "select from messenger_channels where id = $1 for update", sent.Channel.ID)
	require.NoError(t, err)

	p := email("grace", "Hello again")
	p.Key = "the-key"
	ended := make(chan error, 1)
	go func() { _, err := b.Send(memory.SignIn(context.Background(), "amira"), p); ended <- err }()
	select {
	case err := <-ended:
		require.Error(t, err)
	case <-time.After(time.Minute):
		require.Fail(t, "it waits for ever")
	}
	eventually(t, func() bool { return b.pool.Stat().AcquiredConns() == 1 }, "only the one that holds the lock is left")
	require.NoError(t, held.Rollback(t.Context()))
	require.Len(t, b.thread(t, sent.Channel), 1)
	require.Equal(t, 1, jobsOf(t, b, "messenger_deliver"))
	b.send(t, "amira", p)
	require.Len(t, b.thread(t, sent.Channel), 2, "tried again it goes out")
}
