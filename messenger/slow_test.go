package messenger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
	"github.com/cmsmessenger/cmsmessenger/internal/slowtest"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// How near the rates come to what the other side's pace allows is asserted in internal/permits, in made-up time, and
// measured by make bench. These trials say what becomes of each message.

// workers starts River alone and returns what stops it as a host does, waiting for what is under way.
func (b *bundle) workers(t *testing.T) (stop func()) {
	t.Helper()
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, b.Jobs())
	client, err := river.NewClient(riverpgxv5.New(b.pool), jobs.Configure(&river.Config{Workers: workers, Logger: b.config.Logger}, b.Jobs()))
	require.NoError(t, err)
	require.NoError(t, client.Start(context.WithoutCancel(t.Context())))
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		require.NoError(t, client.Stop(ctx))
	}
}

func (b *bundle) sentBy(t *testing.T, medium adapters.Medium) int {
	t.Helper()
	return count(t, b.pool, "select count(*) from messenger_messages where medium = $1 and delivery_status = 'sent'", medium)
}

// A mail server that takes one second, or four, over each message, beside texts, a broadcast and a stop.
func TestASlowMailServer(t *testing.T) {
	t.Parallel()
	for takes, emails := range map[time.Duration]int{time.Second: 40, 4 * time.Second: 28} {
		t.Run(takes.String(), func(t *testing.T) {
			t.Parallel()
			aSlowMailServer(t, takes, emails)
		})
	}
}

func aSlowMailServer(t *testing.T, takes time.Duration, emails int) {
	t.Helper()
	server := slowtest.Mail(t, takes)
	mail, err := smtp.New(smtp.Config{
		Host: "127.0.0.1", Port: server.Port, TLS: smtp.NoTLS, Domain: "north.example.org",
		From: smtp.Everyone(smtp.From{Address: "link-workers@north.example.org"}),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, mail.Close()) })
	b := setup(t, func(c *messenger.Config) { c.Email = mail })
	stop := b.workers(t)
	for i := range emails {
		b.send(t, "amira", email("grace", fmt.Sprint("Hello ", i)))
	}
	_, err = b.SendBroadcast(as(t, "amira"), messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "Walk", Body: "On Monday", Clients: []adapters.ClientID{"grace", "sian"},
	})
	require.NoError(t, err)
	text := b.send(t, "amira", sms("grace", "Hello"))
	eventually(t, func() bool { return b.sms.Carried(text.Message.ID.String()) == 1 }, "a text goes out beside them")
	require.Less(t, b.sentBy(t, adapters.Email), emails, "and waits for none")
	stop() // in the middle of it, and on
	require.Zero(t, count(t, b.pool, "select count(*) from messenger_messages where delivery_status not in ('queued', 'sent')"))
	require.Equal(t, count(t, b.pool, "select count(*) from messenger_messages where medium = 'email' and delivery_status = 'sent'"),
		first(server.Taken()))
	defer b.workers(t)()
	eventually(t, func() bool { return b.sentBy(t, adapters.Email) == emails+2 }, "all go out")
	all, twice := server.Taken()
	require.Equal(t, []int{emails + 2, 0}, []int{all, twice})
	require.Zero(t, count(t, b.pool, "select count(*) from messenger_messages where delivery_attention is not null"))
}

func first(n, _ int) int { return n }

// slowly is a plain carrier behind a slow side.
type slowly struct {
	adapters.Sender
	side *slowtest.Side
}

func (s slowly) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	if err := s.side.Call(ctx); err != nil {
		return adapters.Receipt{}, err
	}
	return s.Sender.Send(ctx, message)
}

type slowRecord struct {
	adapters.Record
	side *slowtest.Side
}

func (r slowRecord) Write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	if err := r.side.Call(ctx); err != nil {
		return adapters.Filed{}, err
	}
	return r.Record.Write(ctx, entry)
}

// A provider of texts and a record that answer few at once, with more asked than they answer in any time given: no
// answer is given up, and nothing fails.
func TestASlowProviderAndRecord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		takes         time.Duration
		atOnce, texts int
	}{{time.Second, 2, 30}, {9 * time.Second, 8, 16}} {
		t.Run(fmt.Sprint(c.takes), func(t *testing.T) {
			t.Parallel()
			provider, record := slowtest.New(c.atOnce, c.takes), slowtest.New(c.atOnce, c.takes)
			b := setup(t)
			b = b.with(t, func(config *messenger.Config) {
				config.SMS, config.Record = slowly{b.sms.Plain(), provider}, slowRecord{b.record, record}
			})
			for i := range c.texts {
				b.send(t, "amira", sms("grace", fmt.Sprint("Hello ", i)))
			}
			defer b.workers(t)()
			eventually(t, func() bool { return first(provider.Calls()) > 0 }, "the provider is called")
			mail := b.send(t, "amira", email("grace", "Hello"))
			eventually(t, func() bool { return b.email.Carried(mail.Message.ID.String()) == 1 }, "an email goes out beside them")
			require.Less(t, b.sentBy(t, adapters.SMS), c.texts)
			eventually(t, func() bool {
				return count(t, b.pool, "select count(*) from messenger_messages where record_status = 'saved'") == c.texts+1
			}, "all are sent and filed")
			calls, givenUp := provider.Calls()
			require.Equal(t, []int{c.texts, 0}, []int{calls, givenUp})
			calls, givenUp = record.Calls()
			require.Equal(t, []int{c.texts + 1, 0}, []int{calls, givenUp})
			require.Equal(t, c.texts+1, count(t, b.pool, "select count(*) from messenger_messages where record_reason = '' and attempts = 1"))
		})
	}
}

// A mail server that hangs has its share of the places, and texts go out beside it.
func TestAMailServerThatHangs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	release := b.email.Hold()
	for range 60 {
		b.send(t, "amira", email("grace", "Hello"))
	}
	stop := b.workers(t)
	defer func() { release(); stop() }()
	eventually(t, func() bool {
		return count(t, b.pool, `select count(*) from river_job
			where queue = 'messenger_deliver' and attempted_at is not null`) >= 50
	}, "they have taken the places that they get")
	text := b.send(t, "amira", sms("grace", "Hello"))
	eventually(t, func() bool { return b.sms.Carried(text.Message.ID.String()) == 1 }, "a text goes out")
}

// Two organisations' records: one that hangs has its share, and the other's entries are filed.
func TestARecordThatHangs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	hangs := make(chan struct{})
	b = b.with(t, func(config *messenger.Config) {
		config.Record = recordFor{b.record, func(ctx context.Context, entry adapters.Entry) {
			if entry.Organisation == north {
				<-hangs
			}
		}}
	})
	for range 60 {
		b.send(t, "amira", sms("grace", "Hello"))
	}
	stop := b.workers(t)
	defer func() { close(hangs); stop() }()
	eventually(t, func() bool {
		return count(t, b.pool, "select count(*) from river_job where queue = 'messenger_record' and attempted_at is not null") == 60
	}, "each waits in the record, or without a worker")
	other := b.send(t, "esther", sms("south-1", "Hello"))
	eventually(t, func() bool {
		return b.message(t, other.Channel, other.Message.ID).Record.Status == messenger.RecordSaved
	}, "the other organisation's is filed")
	exec(t, b, "update messenger_messages set sent_at = sent_at - interval '11 minutes' where organisation_id = 'north'")
	eventually(t, func() bool {
		return count(t, b.pool, "select count(*) from messenger_messages where record_waiting = 'record_down'") > 0
	}, "what waits for its turn says so after ten minutes")
	require.Zero(t, count(t, b.pool, "select count(*) from messenger_messages where record_waiting_until is not null"))
}

type recordFor struct {
	adapters.Record
	before func(context.Context, adapters.Entry)
}

func (r recordFor) Write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	r.before(ctx, entry)
	return r.Record.Write(ctx, entry)
}

// A record may take a minute, longer than a job's time; meanwhile nobody else files the message.
func TestASlowRecordHasItsTimeUnderARenewedLease(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", sms("grace", "Hello"))
	b.deliver(t, sent.Message.ID, 1)
	release, called := make(chan struct{}), make(chan time.Duration, 9)
	b = b.with(t, func(config *messenger.Config) {
		config.Record = recordFor{b.record, func(ctx context.Context, _ adapters.Entry) {
			until, _ := ctx.Deadline()
			called <- time.Until(until)
			<-release
		}}
	})
	job, over := context.WithTimeout(t.Context(), time.Second)
	defer over()
	done := make(chan error, 1)
	go func() { done <- b.Jobs().WriteRecord(job, sent.Message.ID, 1) }()
	require.Greater(t, <-called, 30*time.Second)
	<-job.Done()
	eventually(t, func() bool {
		return count(t, b.pool, "select count(*) from messenger_messages where filing_until > now() + interval '10 seconds'") == 1
	}, "it is held while the record takes its time")
	require.Error(t, b.Jobs().WriteRecord(t.Context(), sent.Message.ID, 2), "another worker comes back later")
	require.Nil(t, b.message(t, sent.Channel, sent.Message.ID).Record.Waiting, "a minute is none")
	b.agedBy(t, sent.Message.ID, "10 minutes")
	require.Error(t, b.Jobs().WriteRecord(t.Context(), sent.Message.ID, 3))
	waits := b.message(t, sent.Channel, sent.Message.ID).Record.Waiting
	require.NotNil(t, waits)
	require.Equal(t, messenger.Waiting{Why: messenger.WaitingRecordDown}, *waits)
	require.Equal(t, []messenger.Attention{messenger.AttentionWaiting}, b.row(t, sent.Channel).Attention)
	require.Empty(t, called)
	close(release)
	require.NoError(t, <-done)
	require.Equal(t, messenger.RecordSaved, b.message(t, sent.Channel, sent.Message.ID).Record.Status)
	require.Empty(t, b.row(t, sent.Channel).Attention)
	require.Zero(t, count(t, b.pool, "select count(*) from messenger_messages where filing_until > now()"))
}
