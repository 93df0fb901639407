package messenger_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// cutter is a carrier, and a record, whose answers come when the database has just gone.
type cutter struct {
	adapters.Sender
	adapters.Record

	wire   *wire
	refuse error
	calls  atomic.Int64
}

func (c *cutter) cut() {
	c.calls.Add(1)
	c.wire.cut.Store(true)
	c.wire.drop()
}

func (c *cutter) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	defer c.cut()
	if c.refuse != nil {
		return adapters.Receipt{}, c.refuse
	}
	return c.Sender.Send(ctx, message)
}

func (c *cutter) Write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	defer c.cut()
	if c.refuse != nil {
		return adapters.Filed{}, c.refuse
	}
	return c.Record.Write(ctx, entry)
}

// back has the database come back after longer than one try to write takes.
func (w *wire) back(t *testing.T) {
	t.Helper()
	timer := time.AfterFunc(7*time.Second, func() { w.cut.Store(false) })
	t.Cleanup(func() { timer.Stop() })
}

// What a provider or the record answered is written once the database is there again: only a worker that dies leaves an unknown.
func TestPromise16NothingUntrueIsSaidOfWhatWasDone(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]error{"taken": nil, "refused": adapters.ErrWrongContact, "not sent": adapters.ErrNotSent} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			far, w := b.wired(t)
			carrier := &cutter{Sender: b.email.Plain(), wire: w, refuse: refuse}
			far = far.with(t, func(c *messenger.Config) { c.Email = carrier })
			sent := b.send(t, "amira", email("grace", "Hello"))
			w.back(t)
			far.deliver(t, sent.Message.ID, 1)
			want := map[string]messenger.DeliveryStatus{
				"taken": messenger.DeliverySent, "refused": messenger.DeliveryFailed, "not sent": messenger.DeliveryQueued,
			}[name]
			require.Equal(t, want, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
			require.EqualValues(t, 1, carrier.calls.Load())
		})
	}
}

func TestARecordsAnswerOutlivesTheDatabase(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]error{"taken": nil, "refused": adapters.ErrWrongContent} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			far, w := b.wired(t)
			record := &cutter{Record: b.record, wire: w, refuse: refuse}
			far = far.with(t, func(c *messenger.Config) { c.Record = record })
			sent := b.send(t, "amira", email("grace", "Hello"))
			b.deliver(t, sent.Message.ID, 1)
			w.back(t)
			far.file(t, sent.Message.ID, 1)
			want := map[string]messenger.RecordStatus{"taken": messenger.RecordSaved, "refused": messenger.RecordFailed}[name]
			require.Equal(t, want, b.message(t, sent.Channel, sent.Message.ID).Record.Status)
			require.EqualValues(t, 1, record.calls.Load())
		})
	}
}

// Where the database was away for longer than the lease, another worker has concluded that nobody knows: the one who does is
// still believed.
func TestWhoKnowsIsBelievedAfterTheLease(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b = b.with(t, b.plain())
	sent := b.send(t, "amira", email("grace", "Hello"))
	release := b.email.Hold()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = b.Jobs().Deliver(context.Background(), sent.Message.ID, 1)
	}()
	eventually(t, func() bool { return b.email.Calls() == 1 }, "it is being sent")
	exec(t, b, "update messenger_messages set attempt_until = now() - interval '1 second' where id = $1", sent.Message.ID)
	b.deliver(t, sent.Message.ID, 2)
	require.Equal(t, messenger.DeliveryUnknown, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
	release()
	<-ended
	known := b.message(t, sent.Channel, sent.Message.ID)
	require.Equal(t, messenger.DeliverySent, known.Delivery.Status)
	require.False(t, known.Delivery.Attention)
	require.Equal(t, messenger.RecordPending, known.Record.Status)
	require.Equal(t, 1, jobsOf(t, b, "messenger_write_record"))
}
