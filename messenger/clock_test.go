package messenger_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A process whose clock is an hour off does what one does whose clock is right.
func TestAWrongClockDoesNoHarm(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]struct{ web, worker time.Duration }{
		"web ahead":             {web: time.Hour},
		"web behind":            {web: -time.Hour},
		"worker ahead":          {worker: time.Hour},
		"worker behind":         {worker: -time.Hour},
		"ahead and behind":      {web: time.Hour, worker: -time.Hour},
		"five seconds ahead":    {web: 5 * time.Second, worker: -5 * time.Second},
		"days behind and ahead": {web: -50 * time.Hour, worker: 50 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			web := setup(t)
			worker := web.with(t, func(*messenger.Config) {})
			web.SetOwnClock(off.web)
			worker.SetOwnClock(off.worker)
			worker.work(t)
			began := databaseTime(t, web)

			atOnce := web.send(t, "amira", email("grace", "Hello"))
			undone := email("grace", "A slip of the hand")
			undone.SendAfter = web.Now(t.Context()).Add(30 * time.Second)
			slip := web.send(t, "amira", undone)
			require.Equal(t, messenger.DeliveryScheduled, slip.Message.Delivery.Status)
			_, err := web.Cancel(as(t, "amira"), slip.Message.ID)
			require.NoError(t, err, "it waits for its time")
			soon := email("grace", "In seven seconds")
			soon.SendAfter = web.Now(t.Context()).Add(7 * time.Second)
			later := web.send(t, "amira", soon)
			p := reminder()
			p.Clients, p.SendAfter = []adapters.ClientID{"sian"}, soon.SendAfter
			p.Medium, p.Subject = adapters.Email, "Reminder"
			broadcast, err := web.SendBroadcast(as(t, "amira"), p)
			require.NoError(t, err)
			web.sms.FailNext(adapters.ErrNotSent)
			web.sms.FailNext(&adapters.RateLimitError{})
			again := web.send(t, "amira", sms("phone", "Twice refused"))
			web.reply(t, atOnce.Channel, "Thank you")

			eventually(t, func() bool {
				now, err := web.Broadcast(as(t, "amira"), broadcast.ID)
				require.NoError(t, err)
				return sentIn(t, web, atOnce) && sentIn(t, web, later) && sentIn(t, web, again) && now.Sent == 1
			}, "all has gone out")
			require.Equal(t, messenger.DeliveryCancelled, web.message(t, slip.Channel, slip.Message.ID).Delivery.Status)
			for _, id := range []string{later.Message.ID.String(), ""} {
				require.Zero(t, count(t, web.pool, `select count(*) from messenger_messages
					where (id::text = $1 or broadcast_id is not null) and sent_at < send_after - interval '2 seconds'`, id), "nothing goes out early")
			}
			for _, column := range []string{"created_at", "sent_at", "read_at", "first_tried_at", "attempt_at"} {
				require.Zero(t, count(t, web.pool, "select count(*) from messenger_messages where "+column+" < $1 or "+
					column+" > clock_timestamp() + interval '2 seconds'", began.Add(-2*time.Second)), column)
			}
			require.Zero(t, count(t, web.pool, `select count(*) from messenger_history h
				join messenger_history later on later.channel_id = h.channel_id and later.id > h.id and later.at < h.at - interval '2 seconds'`))
			requireIDsInTime(t, web, began)
			for _, one := range []struct {
				*bundle
				off time.Duration
			}{{web, off.web}, {worker, off.worker}} {
				check := healthCheck(t, one.bundle, "clock")
				require.Equal(t, one.off.Abs() < time.Minute, check.OK, check.Detail)
			}
		})
	}
}

// The log says once that a clock is wrong, and once that it is right again; health says it as long as it is.
func TestAWrongClockIsSaid(t *testing.T) {
	t.Parallel()
	var log lockedLog
	b := setup(t, func(c *messenger.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	require.True(t, healthCheck(t, b, "clock").OK)
	b.SetOwnClock(-2 * time.Hour)
	for range 3 {
		check := healthCheck(t, b, "clock")
		require.False(t, check.OK)
		require.Contains(t, check.Detail, "2h0m0s behind the database's")
		require.WithinDuration(t, time.Now(), check.Since, time.Minute)
		b.SetOwnClock(-2 * time.Hour)
	}
	require.False(t, b.Health(t.Context()).OK)
	require.Equal(t, 1, strings.Count(log.String(), "clock is wrong"), log.String())
	b.SetOwnClock(30 * time.Second)
	require.True(t, healthCheck(t, b, "clock").OK)
	b.SetOwnClock(0)
	require.True(t, healthCheck(t, b, "clock").OK)
	require.Equal(t, 1, strings.Count(log.String(), "right again"))
}

func sentIn(t *testing.T, b *bundle, s messenger.Sent) bool {
	t.Helper()
	return b.message(t, s.Channel, s.Message.ID).Delivery.Status == messenger.DeliverySent
}

func databaseTime(t *testing.T, b *bundle) (now time.Time) {
	t.Helper()
	require.NoError(t, b.pool.QueryRow(t.Context(), "select clock_timestamp()").Scan(&now))
	return now
}

// requireIDsInTime wants the ids, by which pages are in order, to be of the database's time.
func requireIDsInTime(t *testing.T, b *bundle, began time.Time) {
	t.Helper()
	for _, table := range []string{"messenger_messages", "messenger_history", "messenger_channels", "messenger_broadcasts"} {
		require.Zero(t, count(t, b.pool, "select count(*) from "+table+` where not (('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint
			between $1 and extract(epoch from clock_timestamp()) * 1000 + 2000)`, began.UnixMilli()-2000), table)
	}
}

// lockedLog is a log that several write to.
type lockedLog struct {
	mu  sync.Mutex
	log bytes.Buffer
}

func (l *lockedLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.Write(line)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.String()
}
