package messenger_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// wire is a way to the database that can lose the answer to a commit, and that can be cut.
type wire struct {
	listener net.Listener
	to       string
	lose     atomic.Int64 // the answers of this many commits are lost, and their connections with them
	before   atomic.Bool  // lose the commit itself, not its answer
	late     atomic.Int64 // by how many nanoseconds the commit comes later than it was sent
	cut      atomic.Bool
	mu       sync.Mutex
	open     []net.Conn
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{listener: listener, to: to}
	t.Cleanup(func() {
		_ = listener.Close()
		w.drop()
	})
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			if w.cut.Load() {
				_ = client.Close()
				continue
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				_ = client.Close()
				continue
			}
			w.mu.Lock()
			w.open = append(w.open, client, server)
			w.mu.Unlock()
			go w.ask(client, server)
			go func() {
				_, _ = io.Copy(client, server)
				_ = client.Close()
			}()
		}
	}()
	return w
}

// ask carries what the client says. A commit is the simple query "commit": pgx sends it alone.
func (w *wire) ask(client, server net.Conn) {
	defer func() { _ = server.Close() }()
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		said := buffer[:n]
		if n > 0 && said[0] == 'Q' && string(said[5:n-1]) == "commit" && w.lose.Add(-1) >= 0 {
			_ = client.Close() // before the answer can come
			if !w.before.Load() {
				<-time.After(time.Duration(w.late.Load()))
				_, _ = server.Write(said)
				_, _ = io.ReadAtLeast(server, buffer, 1) // the commit is done
			}
			return
		}
		if _, err := server.Write(said); err != nil {
			return
		}
	}
}

func (w *wire) drop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, conn := range w.open {
		_ = conn.Close()
	}
	w.open = nil
}

// wired is the bundle's Messenger over a wire.
func (b *bundle) wired(t *testing.T) (*bundle, *wire) {
	t.Helper()
	config := b.pool.Config()
	w := newWire(t, net.JoinHostPort(config.ConnConfig.Host, strconv.Itoa(int(config.ConnConfig.Port))))
	host, port, err := net.SplitHostPort(w.listener.Addr().String())
	require.NoError(t, err)
	config.ConnConfig.Host, config.ConnConfig.Port = host, portOf(t, port)
	config.ConnConfig.Fallbacks = nil
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return b.with(t, func(c *messenger.Config) { c.Pool, c.Direct = pool, pool }), w
}

// What became of a commit whose answer was lost is asked: done is told as done, and what was not done as trouble that passes. Nothing
// is done twice by who then does as told.
func TestALostCommitIsFoundOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	far, w := b.wired(t)
	ctx := as(t, "amira")
	sent := b.send(t, "amira", email("grace", "Hello"))
	id := sent.Channel.ID
	later := email("sian", "Hello")
	later.SendAfter = time.Now().Add(time.Hour)
	scheduled := b.send(t, "amira", later)
	token := b.token(t, sent.Channel)
	crowd := reminder()
	crowd.Clients = b.crowd(3)
	operations := map[string]func() error{
		"send":        func() error { _, err := far.Send(ctx, email("grace", "Again")); return err },
		"send by key": func() error { p := email("grace", "Key"); p.Key = "k"; _, err := far.Send(ctx, p); return err },
		"broadcast":   func() error { _, err := far.SendBroadcast(ctx, crowd); return err },
		"cancel":      func() error { _, err := far.Cancel(ctx, scheduled.Message.ID); return err },
		"replies off": func() error { _, err := far.SetReplies(ctx, id, false); return err },
		"replies on":  func() error { _, err := far.SetReplies(ctx, id, true); return err },
		"done":        func() error { _, err := far.SetStatus(ctx, id, messenger.Done, sent.Message.ID); return err },
		"a new link":  func() error { _, err := far.RenewLink(ctx, id); return err },
	}
	names := []string{"send", "send by key", "broadcast", "cancel", "replies off", "replies on", "done", "a new link"}
	before := count(t, b.pool, "select count(*) from messenger_messages")
	for _, name := range names {
		w.before.Store(true)
		w.lose.Store(1)
		err := operations[name]()
		require.Equal(t, messenger.CodeUnavailable, messenger.CodeOf(err), "%s: the commit never came: %v", name, err)
		w.before.Store(false)
		w.lose.Store(1)
		require.NoError(t, operations[name](), "%s: the commit was done, its answer lost", name)
	}
	require.Equal(t, before+2, count(t, b.pool, "select count(*) from messenger_messages"), "each send once")
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_broadcasts"))

	opened, err := b.Channel(ctx, id)
	require.NoError(t, err)
	require.NotContains(t, opened.ReplyLink, token)
	token = b.token(t, opened.Channel)
	w.lose.Store(1)
	receipt, _, err := far.Reply(t.Context(), token, messenger.ReplyParams{Text: "Not well", FormKey: "a-form-of-mine"})
	require.NoError(t, err)
	again, _, err := far.Reply(t.Context(), token, messenger.ReplyParams{Text: "Not well", FormKey: "a-form-of-mine"})
	require.NoError(t, err)
	require.Equal(t, receipt.ID, again.ID)
}

// While PostgreSQL has not ended the transaction nobody is told that nothing was done: the commit may still come.
func TestALostCommitMayStillComeToPass(t *testing.T) {
	t.Parallel()
	b := setup(t)
	far, w := b.wired(t)
	_, err := far.Me(as(t, "amira")) // it has a connection
	require.NoError(t, err)
	w.late.Store(int64(3 * time.Second))
	w.lose.Store(1)
	_, err = far.Send(as(t, "amira"), email("grace", "Hello"))
	require.NoError(t, err)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_messages"))
}

// Where it can't be asked either, nobody is told that nothing was done.
func TestALostCommitThatCannotBeFoundOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	far, w := b.wired(t)
	_, err := far.Me(as(t, "amira")) // it has a connection
	require.NoError(t, err)
	w.lose.Store(1)
	w.cut.Store(true)
	_, err = far.Send(as(t, "amira"), email("grace", "Hello"))
	requireCode(t, messenger.CodeOutcomeUnknown, err)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_messages"))
}

// The database's trouble is told as such, soon, and ends by itself.
func TestAnOutageIsToldAsOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	far, w := b.wired(t)
	_, err := far.Me(as(t, "amira"))
	require.NoError(t, err)
	w.drop() // each connection once: what is read is read on a new one
	_, err = far.Me(as(t, "amira"))
	require.NoError(t, err)
	w.cut.Store(true)
	w.drop()
	_, err = far.Inbox(as(t, "amira"), messenger.InboxParams{Staff: "amira"})
	requireCode(t, messenger.CodeUnavailable, err)
	_, err = far.Send(as(t, "amira"), email("grace", "Hello"))
	requireCode(t, messenger.CodeUnavailable, err)
	w.cut.Store(false)
	_, err = far.Send(as(t, "amira"), email("grace", "Hello"))
	require.NoError(t, err)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_messages"))
}

func TestWhatIsAnOutage(t *testing.T) {
	t.Parallel()
	outages := []error{
		context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, &net.OpError{Op: "read", Err: syscall.ECONNRESET},
		&pgconn.ConnectError{},
	}
	// A standby (25006), transactions in one another's way (40), what is full (53), a lock (55P03), and a server that starts,
	// stops or gives up a statement (57): https://www.postgresql.org/docs/current/errcodes-appendix.html.
	for _, code := range []string{
		"08006", "25006", "40001", "40P01", "53100", "53200", "53300", "55P03", "57014", "57P01", "57P02", "57P03",
		"08P01", "25P03", "25P04", "40003", "53400", "57P04", "57P05", "58030", // time-outs of its own, and a disk that fails
	} {
		outages = append(outages, &pgconn.PgError{Code: code})
	}
	for _, err := range outages {
		require.Equal(t, messenger.CodeUnavailable, messenger.CodeOf(fmt.Errorf("ask: %w", err)), "%#v", err)
	}
	config, err := pgconn.ParseConfig(setup(t).pool.Config().ConnString())
	require.NoError(t, err)
	config.Database = "there is none"
	_, err = pgconn.ConnectConfig(t.Context(), config)
	var said *pgconn.PgError
	require.ErrorAs(t, err, &said, "it says why it lets nobody in")
	require.Equal(t, messenger.CodeUnavailable, messenger.CodeOf(err))
	for _, code := range []string{"22P02", "23505", "25P02", "42501", "42601", "42P01", "55000", "58P01", "XX000"} {
		require.Equal(t, messenger.CodeInternal, messenger.CodeOf(&pgconn.PgError{Code: code}), code)
	}
	require.Equal(t, messenger.CodeInternal, messenger.CodeOf(errors.New("a bug")))
}

func portOf(t *testing.T, text string) uint16 {
	t.Helper()
	port, err := strconv.ParseUint(text, 10, 16)
	require.NoError(t, err)
	return uint16(port)
}

// A database of which nothing comes any more, as of a machine that lost its power, keeps nobody waiting: what a person
// does ends by itself, without the settings of a host's pool.
func TestNobodyWaitsForASilentDatabase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	proxy, pool := through(t, b.pool)
	far := b.with(t, func(c *messenger.Config) { c.Pool = pool })
	sent := far.send(t, "amira", email("grace", "Hello"))
	token := b.token(t, sent.Channel)
	proxy.Silence()
	for name, call := range map[string]func(ctx context.Context) error{
		"me": func(ctx context.Context) error { _, err := far.Me(ctx); return err },
		"an inbox": func(ctx context.Context) error {
			_, err := far.Inbox(ctx, messenger.InboxParams{Staff: "amira", Query: "Grace"})
			return err
		},
		"a thread": func(ctx context.Context) error {
			_, err := far.Messages(ctx, sent.Channel.ID, messenger.PageParams{})
			return err
		},
		"a send":     func(ctx context.Context) error { _, err := far.Send(ctx, email("grace", "Again")); return err },
		"a new link": func(ctx context.Context) error { _, err := far.RenewLink(ctx, sent.Channel.ID); return err },
		"a page":     func(ctx context.Context) error { _, err := far.ReplyPage(ctx, token, ""); return err },
		"a reply": func(ctx context.Context) error {
			_, _, err := far.Reply(ctx, token, messenger.ReplyParams{Text: "Thank you"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(as(t, "amira"), time.Minute)
			defer cancel()
			began := time.Now()
			requireCode(t, messenger.CodeUnavailable, call(ctx))
			require.Less(t, time.Since(began), 20*time.Second)
		})
	}
}
