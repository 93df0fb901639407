package messenger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

const lastTry = 24

// arrange is what happens to a message between its acceptance and the first try of a test.
type arrange func(*testing.T, messenger.Sent)

// Every outcome of a Sender, and what the message says of it. A try is one run of the job.
func TestDeliverOutcomes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	die := func(t *testing.T, sent messenger.Sent) { t.Helper(); b.die(t, sent.Message.ID) }
	fails := func(errs ...error) arrange {
		return func(*testing.T, messenger.Sent) { b.email.FailNext(errs...) }
	}
	loses := func(*testing.T, messenger.Sent) { b.email.LoseNext(errLost) }
	directoryDown := func(*testing.T, messenger.Sent) { b.clients.FailNext(errLost) }
	change := func(client adapters.Client) arrange {
		return func(_ *testing.T, sent messenger.Sent) {
			client.ID, client.Name = sent.Channel.Client, "Ada Bello"
			b.clients.Put(north, client)
		}
	}
	gone := func(_ *testing.T, sent messenger.Sent) { b.clients.Remove(north, sent.Channel.Client) }
	for i, c := range []struct {
		name    string
		plain   bool
		resend  bool
		before  []arrange
		tries   []int
		status  messenger.DeliveryStatus
		reason  string
		carried int
	}{
		{name: "taken", tries: []int{1}, status: "sent", carried: 1},
		{name: "wrong contact", before: []arrange{fails(adapters.ErrWrongContact)}, tries: []int{1, 2}, status: "failed", reason: "wrong_contact"},
		{name: "wrong content", before: []arrange{fails(fmt.Errorf("no: %w", adapters.ErrWrongContent))}, tries: []int{1}, status: "failed", reason: "wrong_content"},
		{name: "configuration", before: []arrange{fails(adapters.ErrConfiguration)}, tries: []int{1}, status: "queued"},
		{name: "configuration, at last", before: []arrange{fails(adapters.ErrConfiguration)}, tries: []int{lastTry}, status: "failed", reason: "configuration"},
		{name: "not sent", before: []arrange{fails(adapters.ErrNotSent)}, tries: []int{1}, status: "queued"},
		{name: "not sent, then taken", before: []arrange{fails(adapters.ErrNotSent)}, tries: []int{1, 2}, status: "sent", carried: 1},
		{name: "not sent, at last", before: []arrange{fails(adapters.ErrNotSent)}, tries: []int{lastTry}, status: "failed", reason: "not_sent"},
		{name: "rate limited", before: []arrange{fails(&adapters.RateLimitError{})}, tries: []int{lastTry}, status: "queued"},
		{name: "no answer, found", before: []arrange{loses}, tries: []int{1, 2}, status: "sent", carried: 1},
		{name: "no answer, not there", before: []arrange{fails(errLost)}, tries: []int{1, 2}, status: "sent", carried: 1},
		{name: "no answer, cannot tell", before: []arrange{fails(errLost, errLost)}, tries: []int{1, 2}, status: "sending"},
		{name: "no answer, cannot tell at last", before: []arrange{fails(errLost, errLost)}, tries: []int{1, lastTry}, status: "unknown", reason: "no_answer"},
		{name: "no answer at the last try", before: []arrange{loses}, tries: []int{lastTry}, status: "unknown", reason: "no_answer", carried: 1},
		{name: "a timeout is no refusal", before: []arrange{fails(context.DeadlineExceeded)}, tries: []int{1}, status: "sending"},
		{name: "killed before the call", before: []arrange{die}, tries: []int{2}, status: "sent", carried: 1},
		{
			name: "killed, then not reached until the last try", before: []arrange{die, fails(nil, adapters.ErrNotSent)},
			tries: []int{lastTry}, status: "unknown", reason: "not_sent",
		}, // 'not there' may mean that a repeat is dropped
		{name: "plain, no answer", plain: true, before: []arrange{loses}, tries: []int{1, 2}, status: "unknown", reason: "no_answer", carried: 1},
		{name: "plain, killed", plain: true, before: []arrange{die}, tries: []int{2}, status: "unknown", reason: "no_answer"},
		{name: "plain, not sent", plain: true, before: []arrange{fails(adapters.ErrNotSent)}, tries: []int{1, 2}, status: "sent", carried: 1},
		{name: "plain, sent again by policy", plain: true, resend: true, before: []arrange{loses}, tries: []int{1, 2}, status: "sent", carried: 2},
		{name: "another address", before: []arrange{change(adapters.Client{Email: "new@example.org"})}, tries: []int{1}, status: "failed", reason: "address_changed"},
		{name: "another spelling", before: []arrange{change(adapters.Client{Email: "ADA@example.org"})}, tries: []int{1}, status: "sent", carried: 1},
		{name: "no address", before: []arrange{change(adapters.Client{})}, tries: []int{1}, status: "failed", reason: "no_address"},
		{
			name: "objects", before: []arrange{change(adapters.Client{Email: "ada@example.org", Objects: []adapters.Medium{adapters.Email}})},
			tries: []int{1}, status: "failed", reason: "objected",
		},
		{name: "restricted", before: []arrange{change(adapters.Client{Email: "ada@example.org", Restricted: true})}, tries: []int{1}, status: "failed", reason: "restricted"},
		{name: "deceased", before: []arrange{change(adapters.Client{Email: "ada@example.org", Deceased: true})}, tries: []int{1}, status: "failed", reason: "deceased"},
		{
			name: "killed, then another address", before: []arrange{die, change(adapters.Client{Email: "new@example.org"})},
			tries: []int{2}, status: "unknown", reason: "address_changed",
		},
		{name: "gone", before: []arrange{gone}, tries: []int{1}, status: "failed", reason: "client_not_found"},
		{name: "directory down", before: []arrange{directoryDown}, tries: []int{1}, status: "queued"},
		{name: "directory down at last", before: []arrange{directoryDown}, tries: []int{lastTry}, status: "failed", reason: "directory_unavailable"},
		{
			name: "directory down at last, after a death", before: []arrange{die, directoryDown}, tries: []int{lastTry},
			status: "unknown", reason: "directory_unavailable",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := adapters.ClientID(fmt.Sprintf("c-%d", i))
			b.clients.Put(north, adapters.Client{ID: id, Name: "Ada Bello", Email: "ada@example.org"})
			sent := b.send(t, "amira", email(id, "Hello"))
			host := b.with(t, func(config *messenger.Config) {
				config.ResendUnknown = c.resend
				if c.plain {
					config.Email = b.email.Plain()
				}
			})
			for _, before := range c.before {
				before(t, sent)
			}
			for _, attempt := range c.tries {
				host.deliver(t, sent.Message.ID, attempt)
			}
			exec(t, b, "delete from messenger_pauses")
			message := b.message(t, sent.Channel, sent.Message.ID)
			require.Equal(t, c.status, message.Delivery.Status)
			require.Equal(t, c.reason, message.Delivery.Reason)
			require.Equal(t, c.carried, b.email.Carried(sent.Message.ID.String()))
			require.Equal(t, c.status == "failed" || c.status == "unknown", len(b.row(t, sent.Channel).Attention) == 1)
		})
	}
}

// An email comes after the emails of its channel that went out, and no other: a client's program shows them together.
func TestAnEmailFollowsThoseBeforeIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deliver := func(p messenger.SendParams) (sent messenger.Sent, follows []string) {
		sent = b.send(t, "amira", p)
		b.deliver(t, sent.Message.ID, 1)
		if p.Medium == adapters.SMS {
			return sent, b.sms.Outbox()[0].Follows
		}
		outbox := b.email.Outbox()
		return sent, outbox[len(outbox)-1].Follows
	}
	failed := b.failed(t, email("grace", "It did not go out"))
	first, follows := deliver(email("grace", "One"))
	require.Empty(t, follows, "one that did not go out is not followed")
	_, follows = deliver(sms("grace", "A text"))
	require.Empty(t, follows)
	second, follows := deliver(email("grace", "Two"))
	require.Equal(t, []string{first.Message.ID.String()}, follows)
	_, err := b.Retry(as(t, "amira"), failed.Message.ID)
	require.NoError(t, err)
	b.deliver(t, failed.Message.ID, 1)
	_, follows = deliver(email("grace", "Three"))
	require.Equal(t, []string{failed.Message.ID.String() + "-2", second.Message.ID.String()}, follows)
	_, follows = deliver(email("sian", "Somebody else"))
	require.Empty(t, follows)
}

func TestRateLimitSaysWhenToTryAgain(t *testing.T) {
	t.Parallel()
	clock, stands := withClock()
	b := setup(t, stands)
	sent := b.send(t, "amira", email("grace", "Hello"))
	for until, want := range map[time.Time]time.Duration{
		{}: 10 * time.Second, clock.Now().Add(7 * time.Minute): 7 * time.Minute, clock.Now().Add(-time.Hour): time.Second,
	} {
		exec(t, b, "delete from messenger_pauses")
		host := b.with(t, func(*messenger.Config) {}) // another process, which has heard of no limit
		b.email.FailNext(&adapters.RateLimitError{Until: until})
		require.Equal(t, jobs.After(want), host.Jobs().Deliver(t.Context(), sent.Message.ID, 1))
	}
	exec(t, b, "delete from messenger_pauses")
	host := b.with(t, func(*messenger.Config) {})
	b.email.FailNext(&adapters.RateLimitError{Until: clock.Now().Add(1000 * time.Hour)})
	host.deliver(t, sent.Message.ID, 1)
	pauses, err := host.Pauses(t.Context())
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(24*time.Hour), pauses[0].Until, time.Minute, "a day at most")
	require.Equal(t, messenger.DeliveryQueued, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
}

func TestAScheduledMessageWaits(t *testing.T) {
	t.Parallel()
	clock, stands := withClock()
	b := setup(t, stands)
	p := email("grace", "Hello")
	p.SendAfter = clock.Now().Add(time.Hour)
	sent := b.send(t, "amira", p)
	require.Equal(t, messenger.DeliveryScheduled, sent.Message.Delivery.Status)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from river_job where scheduled_at > now() + interval '59 minutes'"))
	require.Error(t, b.Jobs().Deliver(t.Context(), sent.Message.ID, 1), "to be tried again in an hour")
	require.Empty(t, b.email.Outbox())
	clock.add(time.Hour)
	require.NoError(t, b.Jobs().Deliver(t.Context(), sent.Message.ID, 1))
	require.Len(t, b.email.Outbox(), 1)
}

// What comes between a claim and the provider's answer.
func TestWhileAProviderIsCalled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		meanwhile func(t *testing.T, sent messenger.Sent) error
		receipt   string
		lost      bool
		status    messenger.DeliveryStatus
	}{
		"a cancel comes too late": {status: messenger.DeliverySent, meanwhile: func(t *testing.T, sent messenger.Sent) error {
			_, err := b.Cancel(as(t, "amira"), sent.Message.ID)
			requireCode(t, messenger.CodeAlreadySent, err)
			return nil
		}},
		"another worker keeps away": {status: messenger.DeliverySent, meanwhile: func(t *testing.T, sent messenger.Sent) error {
			require.Error(t, b.Jobs().Deliver(t.Context(), sent.Message.ID, 1), "come back when the lease is over")
			return nil
		}},
		"a callback is quicker than the answer": {receipt: "delivered", status: messenger.DeliveryDelivered},
		"a callback, and the answer is lost":    {receipt: "delivered", lost: true, status: messenger.DeliveryDelivered},
		"a callback says that it failed":        {receipt: "failed", status: messenger.DeliveryFailed},
		"another attempt took it over": {status: messenger.DeliverySent, meanwhile: func(t *testing.T, sent messenger.Sent) error {
			_, err := b.pool.Exec(t.Context(), "update messenger_messages set attempt_id = gen_random_uuid() where id = $1", sent.Message.ID)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			sent := b.send(t, "amira", email("grace", "Hello"))
			if c.lost {
				b.email.LoseNext(errLost)
			}
			release, calls := b.email.Hold(), b.email.Calls()
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = b.Jobs().Deliver(t.Context(), sent.Message.ID, 1)
			}()
			eventually(t, func() bool { return b.email.Calls() > calls }, "the provider is called")
			receipt := jobs.ApplyReceipt{Reference: sent.Message.ID.String(), Status: c.receipt, Reason: messenger.ReasonWrongContact}
			var err, early error
			if c.receipt == "" {
				err = c.meanwhile(t, sent)
			} else {
				early = b.Jobs().ApplyReceipt(t.Context(), receipt, 1)
			}
			release()
			<-done
			require.NoError(t, err)
			if c.receipt != "" {
				require.Error(t, early, "it waits for the answer")
				require.NoError(t, b.Jobs().ApplyReceipt(t.Context(), receipt, 2))
			}
			require.Equal(t, c.status, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
			require.Equal(t, 1, b.email.Carried(sent.Message.ID.String()))
		})
	}
}

func TestAWorkerThatDiesBeforeItsCommitFindsTheMessageAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	exec(t, b, "alter table messenger_messages add constraint no_commit check (delivery_status <> 'sent') not valid")
	require.Error(t, b.Jobs().Deliver(t.Context(), sent.Message.ID, 1), "the provider took it, and the outcome can't be written")
	exec(t, b, "alter table messenger_messages drop constraint no_commit")
	require.Error(t, b.Jobs().Deliver(t.Context(), sent.Message.ID, 2), "the lease still holds")
	exec(t, b, "update messenger_messages set attempt_until = now() where id = $1", sent.Message.ID)
	require.NoError(t, b.Jobs().Deliver(t.Context(), sent.Message.ID, 3))
	require.Equal(t, messenger.DeliverySent, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
	require.Len(t, b.email.Outbox(), 1)
	require.Zero(t, b.email.Repeats(sent.Message.ID.String()))
}

// Each try renders the link that is valid then, and no text that a provider returns is kept with one.
func TestLinkOfEachTry(t *testing.T) {
	t.Parallel()
	changed := &changing{Sender: memory.NewSender("email")}
	b := setup(t, func(c *messenger.Config) { c.Email = changed })
	sent := b.send(t, "amira", email("grace", "Hello {{reply_link}}, see you"))
	first := b.token(t, sent.Channel)
	changed.FailNext(adapters.ErrNotSent)
	b.deliver(t, sent.Message.ID, 1)
	_, err := b.RenewLink(as(t, "amira"), sent.Channel.ID)
	require.NoError(t, err)
	second := b.token(t, sent.Channel)
	require.NotEqual(t, first, second)
	changed.LoseNext(errLost)
	b.deliver(t, sent.Message.ID, 2)
	text := changed.Outbox()[0].Text
	require.Contains(t, text, second)
	require.NotContains(t, text, first)

	_, err = b.SetReplies(as(t, "amira"), sent.Channel.ID, false) // off, and on again it is the same link
	require.NoError(t, err)
	b.deliver(t, sent.Message.ID, 3)
	b.file(t, sent.Message.ID, 1)
	require.Equal(t, messenger.DeliverySent, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
	filing, ok := b.record.Filing(sent.Message.ID)
	require.True(t, ok)
	require.Contains(t, filing.Entry.Text, "NORTH: Hello [reply link] , see you")
	require.NotContains(t, databaseText(t, b), second)

	off := b.send(t, "amira", email("grace", "Without a link"))
	b.deliver(t, off.Message.ID, 1)
	require.Empty(t, changed.Outbox()[1].Link)
	require.NotContains(t, changed.Outbox()[1].Text, "/r/")
}

// changing is a carrier that puts its name before each text, and says so.
type changing struct{ *memory.Sender }

func (c *changing) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	receipt, err := c.Sender.Send(ctx, message)
	receipt.Text = "NORTH: " + message.Text
	return receipt, err
}

func (c *changing) Find(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	receipt, err := c.Sender.Find(ctx, message)
	if carried := c.Outbox(); err == nil {
		receipt.Text = "NORTH: " + carried[len(carried)-1].Text
	}
	return receipt, err
}
