package messenger_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// agedBy has a message wait since so long.
func (b *bundle) agedBy(t *testing.T, message uuid.UUID, age string) {
	t.Helper()
	exec(t, b, `update messenger_messages set created_at = created_at - $2::interval, sent_at = sent_at - $2::interval,
		first_tried_at = first_tried_at - $2::interval where id = $1`, message, age)
}

// filingWaits has the record be away for so long that a message that went out says so.
func (b *bundle) filingWaits(t *testing.T, sent messenger.Sent) {
	t.Helper()
	b.agedBy(t, sent.Message.ID, "11 minutes")
	b.record.FailNext(errLost)
	require.Error(t, b.Jobs().WriteRecord(t.Context(), sent.Message.ID, 10))
	require.Equal(t, []messenger.Attention{messenger.AttentionWaiting}, b.row(t, sent.Channel).Attention)
}

// What waits for longer than ten minutes says why and until when, on the message and in its channel, until it is sent.
func TestALongWaitIsSeen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	until := time.Now().Add(8 * time.Hour)
	b.sms.FailNext(&adapters.RateLimitError{Until: until})
	first := b.send(t, "amira", sms("grace", "Hello"))
	b.deliver(t, first.Message.ID, 1)
	urgent := b.send(t, "amira", sms("phone", "The clinic is closed today"))
	err := b.Jobs().Deliver(t.Context(), urgent.Message.ID, 1)
	require.Error(t, err)
	waiting := b.message(t, urgent.Channel, urgent.Message.ID)
	require.Equal(t, messenger.DeliveryQueued, waiting.Delivery.Status)
	require.Nil(t, waiting.Delivery.Waiting, "not yet")
	require.Empty(t, b.row(t, urgent.Channel).Attention)

	b.agedBy(t, urgent.Message.ID, "10 minutes")
	b.deliver(t, urgent.Message.ID, 1)
	waiting = b.message(t, urgent.Channel, urgent.Message.ID)
	require.Equal(t, messenger.DeliveryQueued, waiting.Delivery.Status)
	require.NotNil(t, waiting.Delivery.Waiting)
	require.Equal(t, messenger.WaitingProviderLimit, waiting.Delivery.Waiting.Why)
	require.WithinDuration(t, until, waiting.Delivery.Waiting.Until, time.Minute)
	require.True(t, waiting.Delivery.Attention)
	require.Equal(t, []messenger.Attention{messenger.AttentionWaiting}, b.row(t, urgent.Channel).Attention)
	_, err = b.Resolve(as(t, "amira"), urgent.Message.ID, messenger.ResolveParams{Of: "delivery"})
	requireCode(t, messenger.CodeNothingToDo, err)

	pauses, err := b.Pauses(t.Context())
	require.NoError(t, err)
	require.Len(t, pauses, 1, "one for the account, however many wait")
	require.Equal(t, []any{"sender", adapters.SMS, messenger.WaitingProviderLimit, 1},
		[]any{pauses[0].Of, pauses[0].Medium, pauses[0].Why, pauses[0].Count})
	require.Equal(t, "sms", pauses[0].Via)
	require.Contains(t, healthCheck(t, b, "pauses").Detail, "sms (sms) of north: provider_limit")

	require.NoError(t, b.LiftPause(t.Context(), north, adapters.SMS))
	b.deliver(t, urgent.Message.ID, 1)
	sent := b.message(t, urgent.Channel, urgent.Message.ID)
	require.Equal(t, messenger.DeliverySent, sent.Delivery.Status)
	require.Nil(t, sent.Delivery.Waiting)
	require.Empty(t, b.row(t, urgent.Channel).Attention)
}

// A provider, an account and a directory that are away for long are said likewise, and a cancelled message waits for nothing.
func TestWhatIsAwayForLongIsSeen(t *testing.T) {
	t.Parallel()
	for why, away := range map[messenger.WaitingWhy]func(*bundle){
		messenger.WaitingProviderDown: func(b *bundle) { b.email.FailNext(adapters.ErrNotSent) },
		messenger.WaitingNotSetUp:     func(b *bundle) { b.email.FailNext(adapters.ErrConfiguration) },
		messenger.WaitingDirectory:    func(b *bundle) { b.clients.FailNext(errLost) },
	} {
		t.Run(string(why), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			sent := b.send(t, "amira", email("grace", "Hello"))
			away(b)
			b.deliver(t, sent.Message.ID, 9)
			require.Nil(t, b.message(t, sent.Channel, sent.Message.ID).Delivery.Waiting)
			b.agedBy(t, sent.Message.ID, "11 minutes")
			away(b)
			b.deliver(t, sent.Message.ID, 10)
			waiting := b.message(t, sent.Channel, sent.Message.ID).Delivery
			require.NotNil(t, waiting.Waiting)
			require.Equal(t, why, waiting.Waiting.Why)
			require.Zero(t, waiting.Waiting.Until, "nobody knows")
			_, err := b.Cancel(as(t, "amira"), sent.Message.ID)
			require.NoError(t, err)
			require.Nil(t, b.message(t, sent.Channel, sent.Message.ID).Delivery.Waiting)
			require.Empty(t, b.row(t, sent.Channel).Attention)
		})
	}
}

// A directory that does not answer is seen as one pause, counts what waits for it, holds up nobody whom it answers for,
// and is over once it answers again.
func TestADirectoryThatIsAwayIsSeen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent, other := b.send(t, "amira", email("grace", "Hello")), b.send(t, "amira", email("sian", "Hello"))
	pauses := func() []messenger.Pause {
		list, err := b.Pauses(t.Context())
		require.NoError(t, err)
		return list
	}
	for range 2 {
		b.agedBy(t, sent.Message.ID, "11 minutes")
		b.clients.FailNext(errLost)
		b.deliver(t, sent.Message.ID, 10)
		list := pauses()
		require.Len(t, list, 1)
		require.Equal(t, []any{"directory", adapters.Medium("directory"), messenger.WaitingDirectory, 1, ""},
			[]any{list[0].Of, list[0].Medium, list[0].Why, list[0].Count, list[0].Via})
		require.WithinDuration(t, time.Now(), list[0].Since, time.Minute)
	}
	far := b.with(t, func(*messenger.Config) {}) // another process, which knows it from the database
	far.deliver(t, other.Message.ID, 1)
	require.Equal(t, messenger.DeliverySent, b.message(t, other.Channel, other.Message.ID).Delivery.Status)
	require.Empty(t, pauses(), "it answers again")

	b.clients.FailNext(errLost)
	p := reminder()
	p.Clients = []adapters.ClientID{"grace"}
	_, err := far.PreviewBroadcast(as(t, "amira"), p)
	requireCode(t, messenger.CodeUnavailable, err)
	require.Len(t, pauses(), 1, "also where a broadcast meets it")
	require.NoError(t, b.LiftPause(t.Context(), north, "directory"))
	require.Empty(t, pauses())
}

// The job that sleeps through a long pause comes back after ten minutes to say so, and by then is not late for it.
func TestAJobComesBackToSayThatItWaits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	exec(t, b, `insert into messenger_pauses values ('north', 'email', now() + interval '8 hours')`)
	b.work(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	eventually(t, func() bool {
		return count(t, b.pool, `select count(*) from river_job where kind = 'messenger_deliver' and state = 'scheduled'
			and scheduled_at between now() + interval '9 minutes' and now() + interval '12 minutes'`) == 1
	}, "the job sleeps for ten minutes")
	require.NoError(t, b.LiftPause(t.Context(), north, adapters.Email))
	eventually(t, func() bool {
		return b.message(t, sent.Channel, sent.Message.ID).Delivery.Status == messenger.DeliverySent
	}, "a lifted pause wakes what slept")
}

// troubled is a record whose account or endpoint is at fault while trouble says so.
type troubled struct {
	adapters.Record

	mu      sync.Mutex
	trouble error
	asked   int
}

func (r *troubled) is(trouble error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trouble = trouble
}

func (r *troubled) Write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	r.mu.Lock()
	r.asked++
	trouble := r.trouble
	r.mu.Unlock()
	if trouble != nil {
		return adapters.Filed{}, trouble
	}
	return r.Record.Write(ctx, entry)
}

// A passing fault of the record's account, or of the whole record, holds up filing and needs no person a message: all is
// filed when it is well.
func TestARecordsTroubleHoldsUpFilingAsAWhole(t *testing.T) {
	t.Parallel()
	for why, trouble := range map[messenger.WaitingWhy]error{
		messenger.WaitingNotSetUp: adapters.ErrConfiguration, messenger.WaitingRecordDown: errors.New("connection refused"),
	} {
		t.Run(string(why), func(t *testing.T) {
			t.Parallel()
			record := &troubled{}
			b := setup(t, func(c *messenger.Config) {
				record.Record = c.Record
				c.Record = record
			})
			record.is(trouble)
			b.work(t)
			var sent []messenger.Sent
			for range 20 {
				sent = append(sent, b.send(t, "amira", email("grace", "Hello")))
			}
			eventually(t, func() bool {
				pauses, err := b.Pauses(t.Context())
				return err == nil && len(pauses) == 1 && pauses[0].Of == "record" && pauses[0].Why == why
			}, "filing as a whole waits")
			for _, one := range sent {
				require.False(t, b.message(t, one.Channel, one.Message.ID).Record.Attention)
				require.Equal(t, messenger.RecordPending, b.message(t, one.Channel, one.Message.ID).Record.Status)
			}
			record.is(nil)
			eventually(t, func() bool {
				return count(t, b.pool, "select count(*) from messenger_messages where record_status = 'saved'") == 20
			}, "all is filed when it is well")
			require.Zero(t, count(t, b.pool, "select count(*) from messenger_pauses where until > now()"))
		})
	}
}

// One message that the record can't digest, or does not know the client of, holds up no other.
func TestOneMessagesRefusalHoldsUpNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	poisoned, other := b.send(t, "amira", email("grace", "Hello")), b.send(t, "amira", email("sian", "Hello"))
	for _, one := range []messenger.Sent{poisoned, other} {
		b.deliver(t, one.Message.ID, 1)
	}
	for attempt := range 5 {
		b.record.FailNext(errors.New("status 500"))
		b.file(t, poisoned.Message.ID, attempt+1)
	}
	b.file(t, other.Message.ID, 1)
	require.Equal(t, messenger.RecordSaved, b.message(t, other.Channel, other.Message.ID).Record.Status)
	unknown := b.send(t, "amira", email("grace", "Hello again"))
	b.deliver(t, unknown.Message.ID, 1)
	b.record.FailNext(adapters.ErrNotFound)
	b.file(t, unknown.Message.ID, 1)
	refused := b.message(t, unknown.Channel, unknown.Message.ID).Record
	require.Equal(t, []any{messenger.RecordFailed, messenger.ReasonRecordNoClient}, []any{refused.Status, refused.Reason})
}

// A record that says until when it takes no more is asked again then, and not before; that is no try.
func TestARecordSaysUntilWhenItTakesNoMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	b.deliver(t, sent.Message.ID, 1)
	until := time.Now().Add(2 * time.Hour)
	b.record.FailNext(&adapters.RateLimitError{Until: until})
	const lastTry = 450
	for range 2 {
		require.EqualError(t, b.Jobs().WriteRecord(t.Context(), sent.Message.ID, lastTry), jobs.After(0).Error())
	}
	require.Equal(t, 1, b.record.Attempts(sent.Message.ID))
	require.Equal(t, messenger.RecordPending, b.message(t, sent.Channel, sent.Message.ID).Record.Status)
	pauses, err := b.Pauses(t.Context())
	require.NoError(t, err)
	require.Len(t, pauses, 1)
	require.Equal(t, messenger.WaitingRecordDown, pauses[0].Why)
	require.WithinDuration(t, until, pauses[0].Until, time.Minute)
}

// A message that the account may not file, whatever else it may, does not hold up the others again and again: each that
// is taken ends the pause and wakes what slept, and that one does not sleep but backs off.
func TestAMessageThatLooksLikeTheAccountsFaultBacksOff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	refused, other := b.send(t, "amira", email("grace", "Hello")), b.send(t, "amira", email("sian", "Hello"))
	for _, one := range []messenger.Sent{refused, other} {
		b.deliver(t, one.Message.ID, 1)
	}
	b.record.FailNext(adapters.ErrConfiguration)
	require.EqualError(t, b.Jobs().WriteRecord(t.Context(), refused.Message.ID, 6), "not filed")
	waits := b.Jobs().WriteRecord(t.Context(), other.Message.ID, 1)
	require.EqualError(t, waits, jobs.After(0).Error(), "the others sleep")
	require.Equal(t, 1, b.record.Attempts(refused.Message.ID)+b.record.Attempts(other.Message.ID))
	require.NoError(t, b.LiftPause(t.Context(), north, "record"))
	b.file(t, other.Message.ID, 1)
	require.Equal(t, messenger.RecordSaved, b.message(t, other.Channel, other.Message.ID).Record.Status)
	require.Equal(t, messenger.RecordPending, b.message(t, refused.Channel, refused.Message.ID).Record.Status)
	b.file(t, refused.Message.ID, 7)
	require.Equal(t, messenger.RecordSaved, b.message(t, refused.Channel, refused.Message.ID).Record.Status)
}

// A lifted pause has tried at once what backs off too.
func TestALiftedPauseTriesWhatBacksOff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	b.deliver(t, sent.Message.ID, 1)
	exec(t, b, `update river_job set state = 'retryable', attempt = 6, scheduled_at = now() + interval '1 hour'
		where kind = 'messenger_write_record'`)
	exec(t, b, `insert into messenger_pauses values ('north', 'record', now() + interval '1 hour')`)
	require.NoError(t, b.LiftPause(t.Context(), north, "record"))
	require.Equal(t, 1, count(t, b.pool,
		"select count(*) from river_job where kind = 'messenger_write_record' and scheduled_at <= now()"))
}

// What can't be filed for long says so too.
func TestALongWaitForTheRecordIsSeen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	b.deliver(t, sent.Message.ID, 1)
	b.record.FailNext(adapters.ErrConfiguration)
	b.file(t, sent.Message.ID, 1)
	require.Nil(t, b.message(t, sent.Channel, sent.Message.ID).Record.Waiting)
	b.agedBy(t, sent.Message.ID, "11 minutes")
	b.file(t, sent.Message.ID, 1)
	waiting := b.message(t, sent.Channel, sent.Message.ID).Record
	require.NotNil(t, waiting.Waiting)
	require.Equal(t, messenger.WaitingNotSetUp, waiting.Waiting.Why)
	require.False(t, waiting.Waiting.Until.IsZero())
	require.Equal(t, []messenger.Attention{messenger.AttentionWaiting}, b.row(t, sent.Channel).Attention)
	require.NoError(t, b.LiftPause(t.Context(), north, "record"))
	b.file(t, sent.Message.ID, 1)
	filed := b.message(t, sent.Channel, sent.Message.ID).Record
	require.Equal(t, messenger.RecordSaved, filed.Status)
	require.Nil(t, filed.Waiting)
	require.Empty(t, b.row(t, sent.Channel).Attention)
}
