package messenger_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/devpg"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// errLost is an answer that never came: for a Sender an unknown outcome.
var errLost = errors.New("connection reset")

func sms(client adapters.ClientID, body string) messenger.SendParams {
	return messenger.SendParams{Client: client, Medium: adapters.SMS, Body: body}
}

// deliver runs a message's job once, as its attempt-th try; the error only orders another try.
func (b *bundle) deliver(t *testing.T, message uuid.UUID, attempt int) {
	t.Helper()
	_ = b.Jobs().Deliver(t.Context(), message, attempt)
}

// file runs the job that files a message once.
func (b *bundle) file(t *testing.T, message uuid.UUID, attempt int) {
	t.Helper()
	_ = b.Jobs().WriteRecord(t.Context(), message, attempt)
}

// message is one message as its channel's owner sees it.
func (b *bundle) message(t *testing.T, channel messenger.Channel, id uuid.UUID) messenger.Message {
	t.Helper()
	for _, message := range b.thread(t, channel) {
		if message.ID == id {
			return message
		}
	}
	require.Fail(t, "the message is gone")
	return messenger.Message{}
}

// row is a channel as its owner's inbox shows it.
func (b *bundle) row(t *testing.T, channel messenger.Channel) messenger.Channel {
	t.Helper()
	opened, err := b.Channel(as(t, channel.Staff), channel.ID)
	require.NoError(t, err)
	return opened.Channel
}

// actions is a channel's history, oldest first, as "amira:sent".
func (b *bundle) actions(t *testing.T, channel messenger.Channel) (list []string) {
	t.Helper()
	page, err := b.History(as(t, channel.Staff), channel.ID, messenger.PageParams{Limit: 100})
	require.NoError(t, err)
	for _, entry := range page.Items {
		list = append([]string{entry.Actor.ID + ":" + string(entry.Action)}, list...)
	}
	return list
}

// die leaves a message as a worker leaves it that was killed between its claim and the provider's answer, a lease ago.
func (b *bundle) die(t *testing.T, message uuid.UUID) {
	t.Helper()
	tag, err := b.pool.Exec(t.Context(), `update messenger_messages set delivery_status = 'sending', attempts = attempts + 1,
		attempt_id = gen_random_uuid(), attempt_at = now() - interval '1 minute', attempt_until = now() - interval '30 seconds',
		first_tried_at = coalesce(first_tried_at, now() - interval '1 minute') where id = $1`, message)
	require.NoError(t, err)
	require.EqualValues(t, 1, tag.RowsAffected())
}

// unknown sends a message whose provider's answer never comes, and which can't be asked for.
func (b *bundle) unknown(t *testing.T, p messenger.SendParams) messenger.Sent {
	t.Helper()
	sent := b.send(t, "amira", p)
	b.die(t, sent.Message.ID)
	b.deliver(t, sent.Message.ID, 1)
	return sent
}

// failed sends a message that the provider refuses.
func (b *bundle) failed(t *testing.T, p messenger.SendParams) messenger.Sent {
	t.Helper()
	sent := b.send(t, "amira", p)
	b.email.FailNext(adapters.ErrWrongContact)
	b.deliver(t, sent.Message.ID, 1)
	require.Equal(t, messenger.DeliveryFailed, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
	return sent
}

// plain is a carrier that neither drops repeats nor can be asked.
func (b *bundle) plain() func(*messenger.Config) {
	return func(c *messenger.Config) { c.Email = b.email.Plain() }
}

// with is the same host with another configuration, over the same database.
func (b *bundle) with(t *testing.T, change func(*messenger.Config)) *bundle {
	t.Helper()
	other := *b
	change(&other.config)
	var err error
	other.Messenger, err = messenger.New(other.config)
	require.NoError(t, err)
	return &other
}

// ownServer starts a PostgreSQL for this test alone: its folder, which has the server's log, and how to reach it.
func ownServer(t *testing.T, settings ...string) (dir string, config *pgxpool.Config) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "pg")
	require.NoError(t, os.Chmod(filepath.Dir(filepath.Dir(dir)), 0o755))
	server, err := devpg.Start(t.Context(), devpg.Config{Dir: dir, Disposable: true, Settings: settings})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	config, err = pgxpool.ParseConfig(server.URL())
	require.NoError(t, err)
	return dir, config
}

// together runs n calls at once and waits for them.
func together(n int, call func(i int)) {
	var calls sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		calls.Go(func() {
			<-start
			call(i)
		})
	}
	close(start)
	calls.Wait()
}

func jobsOf(t *testing.T, b *bundle, kind string) int {
	t.Helper()
	return count(t, b.pool, "select count(*) from river_job where kind = $1", kind)
}

// clock is a host's clock that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// withClock is a configuration that goes by a clock that stands at the present.
func withClock() (*clock, func(*messenger.Config)) {
	c := &clock{now: time.Now().Truncate(time.Microsecond)}
	return c, func(config *messenger.Config) { config.Now = c.Now }
}

func exec(t *testing.T, b *bundle, query string, args ...any) {
	t.Helper()
	_, err := b.pool.Exec(context.Background(), query, args...)
	require.NoError(t, err)
}
