package messenger_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

const lastFiling = 450

// delivered is a message that a provider took, and whose filing is due.
func (b *bundle) delivered(t *testing.T, p messenger.SendParams) messenger.Sent {
	t.Helper()
	sent := b.send(t, "amira", p)
	b.deliver(t, sent.Message.ID, 1)
	return sent
}

// fail is a provider's callback that a message which it had taken did not arrive.
func (b *bundle) fail(t *testing.T, message uuid.UUID) {
	t.Helper()
	receipt := jobs.ApplyReceipt{Reference: message.String(), Status: "failed", Reason: messenger.ReasonWrongContact}
	require.NoError(t, b.Jobs().ApplyReceipt(t.Context(), receipt, 1))
}

// Every outcome of a filing, and what the message says of it.
func TestFilingOutcomes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.delivered(t, email("grace", "Hello"))
	for _, c := range []struct {
		name   string
		errs   []error
		tries  []int
		status messenger.RecordStatus
		reason string
	}{
		{"passing", []error{errLost}, []int{1}, "pending", ""},
		{"passing for a while", []error{errLost, errLost}, []int{2, 3}, "pending", "record_unavailable"},
		{"a timeout is passing", []error{context.DeadlineExceeded}, []int{1}, "pending", ""},
		{"down until the last try", []error{errLost}, []int{lastFiling}, "failed", "record_unavailable"},
		{"refused", []error{adapters.ErrWrongContent}, []int{1, 2}, "failed", "record_refused"},
		{"no such client", []error{adapters.ErrNotFound}, []int{1}, "failed", "record_no_client"},
		{"configuration", []error{adapters.ErrConfiguration}, []int{1}, "pending", ""},
		{"taken", nil, []int{1}, "saved", ""},
		{"taken after a while", []error{errLost}, []int{3, 4}, "saved", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			exec(t, b, `update messenger_messages set record_status = 'pending', record_reason = '', record_attention = null,
				record_saved_at = null`)
			_ = b.LiftPause(t.Context(), north, "record")
			b.record.FailNext(c.errs...)
			for _, attempt := range c.tries {
				b.file(t, sent.Message.ID, attempt)
			}
			record := b.message(t, sent.Channel, sent.Message.ID).Record
			require.Equal(t, c.status, record.Status)
			require.Equal(t, c.reason, record.Reason)
			require.Equal(t, c.status == "failed", len(b.row(t, sent.Channel).Attention) == 1)
		})
	}
	require.Len(t, b.record.Filings(), 1)

	unknown := b.delivered(t, email("sian", "Hello"))
	b.clients.FailNext(errLost)
	b.file(t, unknown.Message.ID, 1)
	require.Equal(t, messenger.RecordPending, b.message(t, unknown.Channel, unknown.Message.ID).Record.Status)
	b.clients.Remove(north, "sian")
	b.file(t, unknown.Message.ID, 1)
	require.Equal(t, messenger.ReasonRecordNoClient, b.message(t, unknown.Channel, unknown.Message.ID).Record.Reason)
}

func TestAmendments(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amend := func(t *testing.T, id uuid.UUID) {
		t.Helper()
		require.NoError(t, b.Jobs().AmendRecord(t.Context(), id, 1))
	}

	t.Run("failed after it was filed, and sent again", func(t *testing.T) {
		sent := b.delivered(t, email("grace", "Hello"))
		b.file(t, sent.Message.ID, 1)
		b.fail(t, sent.Message.ID)
		amend(t, sent.Message.ID)
		filing, _ := b.record.Filing(sent.Message.ID)
		require.Equal(t, adapters.Failed, filing.Entry.Status)
		require.Equal(t, messenger.ReasonWrongContact, filing.Entry.Reason)
		amend(t, sent.Message.ID)
		filing, _ = b.record.Filing(sent.Message.ID)
		require.Equal(t, 2, filing.Version, "a second run changes nothing")

		_, err := b.Retry(as(t, "amira"), sent.Message.ID)
		require.NoError(t, err)
		b.deliver(t, sent.Message.ID, 1)
		require.Equal(t, 1, b.email.Carried(sent.Message.ID.String()+"-2"), "a new decision, with a reference of its own")
		amend(t, sent.Message.ID)
		filing, _ = b.record.Filing(sent.Message.ID)
		require.Equal(t, adapters.Sent, filing.Entry.Status)
		require.Equal(t, messenger.RecordAmended, b.message(t, sent.Channel, sent.Message.ID).Record.Status)
		require.Empty(t, b.row(t, sent.Channel).Attention, "a retry that succeeds ends it")
		b.fail(t, sent.Message.ID) // of the first decision, which a person has replaced
		require.Equal(t, messenger.DeliverySent, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
	})

	t.Run("arrived after it was filed: the record says that it was sent, and no more", func(t *testing.T) {
		sent := b.delivered(t, email("grace", "Hello"))
		b.file(t, sent.Message.ID, 1)
		before := jobsOf(t, b, "messenger_amend_record")
		receipt := jobs.ApplyReceipt{Reference: sent.Message.ID.String(), Status: "delivered", At: time.Now()}
		require.NoError(t, b.Jobs().ApplyReceipt(t.Context(), receipt, 1))
		require.Equal(t, messenger.DeliveryDelivered, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
		require.Equal(t, before, jobsOf(t, b, "messenger_amend_record"))
		filing, _ := b.record.Filing(sent.Message.ID)
		require.Equal(t, adapters.Sent, filing.Entry.Status)
	})

	t.Run("failed while it was being filed", func(t *testing.T) {
		sent := b.delivered(t, email("grace", "Hello"))
		release, calls := b.record.Hold(), b.record.Calls()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = b.Jobs().WriteRecord(context.Background(), sent.Message.ID, 1)
		}()
		eventually(t, func() bool { return b.record.Calls() > calls }, "the record is called")
		b.fail(t, sent.Message.ID)
		before := jobsOf(t, b, "messenger_amend_record")
		release()
		<-done
		require.Equal(t, before+1, jobsOf(t, b, "messenger_amend_record"))
		amend(t, sent.Message.ID)
		filing, _ := b.record.Filing(sent.Message.ID)
		require.Equal(t, adapters.Failed, filing.Entry.Status)
	})

	t.Run("an amendment refused, then without need", func(t *testing.T) {
		sent := b.delivered(t, email("sian", "Hello"))
		b.file(t, sent.Message.ID, 1)
		b.fail(t, sent.Message.ID)
		b.record.FailNext(adapters.ErrWrongContent)
		amend(t, sent.Message.ID)
		require.Equal(t, messenger.RecordFailed, b.message(t, sent.Channel, sent.Message.ID).Record.Status)
		_, err := b.Retry(as(t, "amira"), sent.Message.ID)
		require.NoError(t, err)
		b.deliver(t, sent.Message.ID, 1)
		_, err = b.FileAgain(as(t, "amira"), sent.Message.ID)
		require.NoError(t, err)
		b.file(t, sent.Message.ID, 1)
		require.Equal(t, messenger.RecordSaved, b.message(t, sent.Channel, sent.Message.ID).Record.Status)
		require.Empty(t, b.row(t, sent.Channel).Attention)
	})

	t.Run("a record that can't amend", func(t *testing.T) {
		sent := b.delivered(t, email("grace", "Hello"))
		b.file(t, sent.Message.ID, 1)
		b.fail(t, sent.Message.ID)
		b.record.FailNext(errors.ErrUnsupported)
		amend(t, sent.Message.ID)
		require.Equal(t, messenger.RecordSaved, b.message(t, sent.Channel, sent.Message.ID).Record.Status)
	})
}

// A reply that nobody proved is held until staff say that it is them; what was filed says who said so.
func TestAHeldReply(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orgs.Put(adapters.Organisation{ID: north, PublicURL: "https://north.example.org/m", CheckDateOfBirth: true})
	sent := b.send(t, "amira", email("grace", "Hello"))
	receipt := b.reply(t, sent.Channel, "It is me")
	b.file(t, receipt.ID, 1)
	require.Empty(t, b.record.Filings())
	require.Equal(t, []messenger.Attention{messenger.AttentionRecordHeld}, b.row(t, sent.Channel).Attention)
	_, err := b.Resolve(as(t, "amira"), receipt.ID, messenger.ResolveParams{Of: "record", Note: "Not sure"})
	require.NoError(t, err)
	require.Equal(t, messenger.RecordHeld, b.message(t, sent.Channel, receipt.ID).Record.Status, "the warning goes, what it says stays")
	_, err = b.FileAgain(as(t, "chloe"), receipt.ID)
	requireCode(t, messenger.CodeForbidden, err)
	_, err = b.FileAgain(as(t, "ben"), receipt.ID)
	require.NoError(t, err)
	_, err = b.FileAgain(as(t, "ben"), receipt.ID)
	requireCode(t, messenger.CodeNothingToDo, err)
	b.file(t, receipt.ID, 1)
	filing, _ := b.record.Filing(receipt.ID)
	require.Equal(t, adapters.Author{Kind: "staff", ID: "ben", Name: "Ben Hughes"}, filing.Entry.FiledBy)
	require.Equal(t, adapters.Author{Kind: "client", ID: "grace", Name: "Grace Okafor"}, filing.Entry.Author)
	require.False(t, filing.Entry.OnlineViewing)
}

func TestARecordDownThenUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record.FailAll(errLost)
	var all []messenger.Sent
	for range 5 {
		all = append(all, b.send(t, "amira", email("grace", "Hello")))
	}
	b.work(t)
	eventually(t, func() bool { return b.record.Calls() > 5 }, "each was tried, some again")
	b.record.FailAll(nil)
	for _, sent := range all {
		eventually(t, func() bool { return b.message(t, sent.Channel, sent.Message.ID).Record.Status == messenger.RecordSaved }, "filed")
	}
	require.Len(t, b.record.Filings(), len(all))
}

// What may be seen online: what the organisation says, and nothing of a restricted client unless it says so.
func TestOnlineViewing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		organisation    adapters.Organisation
		restricted      bool
		outbound, reply bool
	}{
		"as it is unless said":           {adapters.Organisation{}, false, true, false},
		"what went out is hidden":        {adapters.Organisation{OutboundHidden: true}, false, false, false},
		"replies are shown":              {adapters.Organisation{RepliesVisible: true}, false, true, true},
		"nothing of a restricted client": {adapters.Organisation{RepliesVisible: true}, true, false, false},
		"but where that is said":         {adapters.Organisation{RepliesVisible: true, RestrictedVisible: true}, true, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(config *messenger.Config) {
				c.organisation.ID, c.organisation.PublicURL = north, "https://north.example.org/m"
				config.Organisations = memory.NewOrganisations(c.organisation)
			})
			sent := b.delivered(t, email("grace", "Hello"))
			receipt := b.reply(t, sent.Channel, "Thank you")
			b.clients.Put(north, adapters.Client{ID: "grace", Name: "Grace Okafor", Email: "grace@example.org", Restricted: c.restricted})
			b.file(t, sent.Message.ID, 1)
			b.file(t, receipt.ID, 1)
			outbound, _ := b.record.Filing(sent.Message.ID)
			reply, _ := b.record.Filing(receipt.ID)
			require.Equal(t, c.outbound, outbound.Entry.OnlineViewing)
			require.Equal(t, c.reply, reply.Entry.OnlineViewing)
			require.Equal(t, c.reply, b.message(t, sent.Channel, receipt.ID).Record.OnlineViewing)
		})
	}
}
