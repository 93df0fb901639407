package messenger_test

import (
	"context"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/internal/devpg/devpgtest"
	"github.com/cmsmessenger/cmsmessenger/internal/proxytest"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// before calls do once, before a statement with at in it is sent, alone or in a batch.
type before struct {
	at   string
	do   func()
	done atomic.Bool
}

func (b *before) see(sql string) {
	if strings.Contains(sql, b.at) && b.done.CompareAndSwap(false, true) {
		b.do()
	}
}

func (b *before) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	b.see(data.SQL)
	return ctx
}

func (*before) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (b *before) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	for _, query := range data.Batch.QueuedQueries {
		b.see(query.SQL)
	}
	return ctx
}

func (*before) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (*before) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// A database that falls silent at any statement keeps nobody waiting: a question has five seconds, and what is only
// read is asked twice; a transaction has ten, of which its begin and its commit have five each, and what became of a
// commit is asked for eight.
func TestEachQuestionHasItsTime(t *testing.T) {
	t.Parallel()
	me := func(ctx context.Context, b *bundle) error { _, err := b.Me(ctx); return err }
	inbox := func(ctx context.Context, b *bundle) error {
		_, err := b.Inbox(ctx, messenger.InboxParams{Staff: "amira"})
		return err
	}
	draft := func(ctx context.Context, b *bundle) error {
		_, err := b.SaveDraft(ctx, "grace", messenger.Draft{Medium: adapters.Email, Body: "Hello"})
		return err
	}
	send := func(ctx context.Context, b *bundle) error { _, err := b.Send(ctx, email("grace", "Hello")); return err }
	for name, c := range map[string]struct {
		at     string
		do     func(ctx context.Context, b *bundle) error
		within time.Duration
		code   messenger.Code
	}{
		"a read":           {"FROM", me, 14 * time.Second, messenger.CodeUnavailable},
		"a batch of reads": {"messenger_inboxes", inbox, 14 * time.Second, messenger.CodeUnavailable},
		"a write alone":    {`INSERT INTO "messenger_drafts"`, draft, 9 * time.Second, messenger.CodeUnavailable},
		"a begin":          {"begin", send, 9 * time.Second, messenger.CodeUnavailable},
		"a statement":      {`INSERT INTO "messenger_history"`, send, 14 * time.Second, messenger.CodeUnavailable},
		"a commit":         {"commit", send, 17 * time.Second, messenger.CodeOutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			config := b.pool.Config()
			fault := &before{at: c.at}
			config.ConnConfig.Tracer = fault
			traced, err := pgxpool.NewWithConfig(t.Context(), config)
			require.NoError(t, err)
			t.Cleanup(traced.Close)
			proxy, pool := through(t, traced)
			fault.do = proxy.Silence
			far := b.with(t, func(c *messenger.Config) { c.Pool = pool })
			ctx, cancel := context.WithTimeout(as(t, "amira"), 40*time.Second)
			defer cancel()
			began := time.Now()
			err = c.do(ctx, far)
			took := time.Since(began)
			require.True(t, fault.done.Load(), "the statement was met")
			requireCode(t, c.code, err)
			require.Less(t, took, c.within)
		})
	}
}

// onceCommitted calls do once a commit's answer has come.
type onceCommitted struct{ before }

func (o *onceCommitted) TraceQueryEnd(_ context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	if data.CommandTag.String() == "COMMIT" {
		o.do()
	}
}

// gone is a bundle whose database is gone once a commit's answer has come.
func (b *bundle) gone(t *testing.T) *bundle {
	t.Helper()
	config := b.pool.Config()
	fault := &onceCommitted{before{at: "nothing"}}
	config.ConnConfig.Tracer = fault
	traced, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(traced.Close)
	near := *b
	near.pool = traced
	far, w := near.wired(t)
	fault.do = func() {
		w.cut.Store(true)
		w.drop()
	}
	return far
}

// What is accepted is told as accepted, though the database goes as soon as it said so.
func TestWhatIsAcceptedIsToldAsAccepted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent, err := b.gone(t).Send(as(t, "amira"), email("grace", "Hello"))
	require.NoError(t, err)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_messages where id = $1 and channel_id = $2",
		sent.Message.ID, sent.Channel.ID))
	p := reminder()
	p.Clients = b.crowd(3)
	p.Private, p.ReplyLink, p.SendAfter = true, true, b.Now(t.Context()).Add(24*time.Hour).UTC()
	told, err := b.gone(t).SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	stands, err := b.Broadcast(as(t, "amira"), told.ID)
	require.NoError(t, err)
	require.Equal(t, 3, stands.Queued)
	require.WithinDuration(t, stands.CreatedAt, told.CreatedAt, time.Microsecond)
	told.CreatedAt = stands.CreatedAt
	require.Equal(t, stands, told)
}

// So is what was done to a message, and a text that was put where it belongs.
func TestWhatIsDoneIsToldAsDone(t *testing.T) {
	t.Parallel()
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	b := setup(t, withHook(hook))
	later := email("grace", "Tomorrow")
	later.SendAfter = b.Now(t.Context()).Add(24 * time.Hour)
	sent := b.send(t, "amira", later)
	cancelled, err := b.gone(t).Cancel(as(t, "amira"), sent.Message.ID)
	require.NoError(t, err)
	require.Equal(t, messenger.DeliveryCancelled, cancelled.Delivery.Status)

	b.send(t, "amira", sms("grace", "Hello"))
	_, err = b.Callback(t.Context(), "texts", hook.Request(nil, adapters.InboundText{
		ProviderID: "p-1", From: "447700900123", To: "07700 900999", Text: "It is me",
	}))
	require.NoError(t, err)
	page, err := b.Unmatched(as(t, "amira"), messenger.PageParams{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	put, err := b.gone(t).Assign(as(t, "amira"), page.Items[0].ID, messenger.AssignParams{Channel: sent.Channel.ID})
	require.NoError(t, err)
	require.Equal(t, "It is me", put.Body)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_unmatched where message_id = $1", put.ID))

	out, err := b.gone(t).Unassign(as(t, "amira"), page.Items[0].ID, "A mistake")
	require.NoError(t, err)
	require.Equal(t, page.Items[0].ID, out.ID)
	require.Empty(t, out.From, "nobody can tell what may be shown")
	require.Empty(t, out.Body)

	_, err = b.gone(t).SetStatus(as(t, "amira"), sent.Channel.ID, messenger.Done, put.ID)
	require.NoError(t, err)
	for _, on := range []bool{false, true} {
		opened, err := b.gone(t).SetReplies(as(t, "amira"), sent.Channel.ID, on)
		require.NoError(t, err)
		require.Equal(t, []any{sent.Channel.ID, on}, []any{opened.ID, opened.RepliesAllowed})
	}
	renewed, err := b.gone(t).RenewLink(as(t, "amira"), sent.Channel.ID)
	require.NoError(t, err)
	require.Equal(t, sent.Channel.ID, renewed.ID)
	require.Equal(t, adapters.ClientID("grace"), renewed.Person.ID)
	template, err := b.gone(t).CreateTemplate(as(t, "amira"), messenger.TemplateParams{
		Scope: messenger.TemplateOwn, Medium: adapters.Email, Title: "A visit", Subject: "A visit", Body: "Hello",
	})
	require.NoError(t, err)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_templates where id = $1", template.ID))
	p := reminder()
	p.Clients, p.SendAfter = b.crowd(3), b.Now(t.Context()).Add(24*time.Hour)
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	broadcast, err = b.gone(t).CancelBroadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	require.Equal(t, messenger.BroadcastCancelled, broadcast.State)

	both := []adapters.Medium{adapters.Email, adapters.SMS}
	b.staff.Add(adapters.Member{ID: "ivy", Name: "Ivy Cole", Organisation: north, Media: both})
	other := b.send(t, "amira", email("sian", "Hello"))
	given, err := b.gone(t).Handover(as(t, "amira"), other.Channel.ID, messenger.HandoverParams{To: "ivy"})
	require.NoError(t, err)
	require.Equal(t, adapters.StaffID("ivy"), given.Staff)
	begun, err := b.gone(t).HandoverInbox(as(t, "amira"), "amira", messenger.HandoverParams{To: "ivy"})
	require.NoError(t, err)
	require.Equal(t, 1, begun.Total)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_handovers where id = $1", begun.ID))
}

// Who waits for a connection waits for a question's time: a read is asked for twice.
func TestNobodyWaitsForAConnection(t *testing.T) {
	t.Parallel()
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	b := setup(t, withHook(hook))
	config := b.pool.Config()
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	far := b.with(t, func(c *messenger.Config) { c.Pool = pool })
	taken, err := pool.Acquire(t.Context())
	require.NoError(t, err)
	t.Cleanup(taken.Release)
	for name, do := range map[string]func(ctx context.Context) error{
		"a read": func(ctx context.Context) error { _, err := far.Me(ctx); return err },
		"a transaction": func(ctx context.Context) error {
			_, err := far.Callback(ctx, "texts", hook.Request([]adapters.Receipt{{Status: adapters.Delivered}}))
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(as(t, "amira"), 40*time.Second)
		began := time.Now()
		err := do(ctx)
		cancel()
		requireCode(t, messenger.CodeUnavailable, err)
		require.Less(t, time.Since(began), 14*time.Second, name)
	}
}

// pointed is a configured pool to the addresses of one database, in their order.
func pointed(t *testing.T, config *pgxpool.Config, ports ...uint16) *pgxpool.Pool {
	t.Helper()
	connect := config.ConnConfig
	connect.Host, connect.Port, connect.Fallbacks = "127.0.0.1", ports[0], nil
	for _, port := range ports[1:] {
		connect.Fallbacks = append(connect.Fallbacks, &pgconn.FallbackConfig{Host: "127.0.0.1", Port: port})
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), messenger.ConfigurePool(config))
	require.NoError(t, err)
	return pool
}

// Of connections that a firewall forgot some are found dead within a question's time, and a read is answered.
func TestConnectionsThatRestedProveThatTheyLive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	config := b.pool.Config()
	proxy := proxytest.Start(t, net.JoinHostPort(config.ConnConfig.Host, strconv.Itoa(int(config.ConnConfig.Port))))
	config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return true } // all have rested
	pool := pointed(t, config, proxy.Port())
	t.Cleanup(func() {
		proxy.Cut()
		pool.Close()
	})
	far := b.with(t, func(c *messenger.Config) { c.Pool = pool })
	var held []*pgxpool.Conn
	for range 3 {
		conn, err := pool.Acquire(t.Context())
		require.NoError(t, err)
		held = append(held, conn)
	}
	for _, conn := range held {
		conn.Release()
	}
	require.Equal(t, 3, proxy.Stall())
	ctx, cancel := context.WithTimeout(as(t, "amira"), 40*time.Second)
	defer cancel()
	_, err := far.Me(ctx)
	require.NoError(t, err)
}

// Of two addresses the second is reached within a question's time while the first says nothing.
func TestASilentAddressIsPassedBy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	config := b.pool.Config()
	own := config.ConnConfig.Port
	silent := proxytest.Start(t, net.JoinHostPort(config.ConnConfig.Host, strconv.Itoa(int(own))))
	silent.Silence()
	pool := pointed(t, config, silent.Port(), own)
	t.Cleanup(func() {
		silent.Cut()
		pool.Close()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	require.NoError(t, pool.Ping(ctx))
}

// Of two addresses that answer the one is taken that can be written to, whichever is named first.
func TestTheAddressIsTakenThatCanBeWrittenTo(t *testing.T) {
	t.Parallel()
	c := devpgtest.StartPair(t)
	standby, err := pgxpool.ParseConfig(c.StandbyURL())
	require.NoError(t, err)
	primary, err := pgxpool.ParseConfig(c.Primary.URL())
	require.NoError(t, err)
	pool := pointed(t, standby, standby.ConnConfig.Port, primary.ConnConfig.Port)
	t.Cleanup(pool.Close)
	require.Zero(t, count(t, pool, "select pg_is_in_recovery()::int"))
}
