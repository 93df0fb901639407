package messenger_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func TestCallback(t *testing.T) {
	t.Parallel()
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	b := setup(t, func(c *messenger.Config) {
		c.Hooks = map[string]messenger.Hook{"texts": {Callbacks: hook, Organisation: messenger.AllTextsFor(north)}}
	})
	b.work(t)
	sent := b.send(t, "amira", messenger.SendParams{Client: "grace", Medium: adapters.SMS, Body: "Hello"})
	status := func() messenger.Delivery { return b.thread(t, sent.Channel)[0].Delivery }
	eventually(t, func() bool { return status().Status == messenger.DeliverySent }, "sent")

	_, err := b.Callback(t.Context(), "nobody", hook.Request(nil))
	requireCode(t, messenger.CodeNotFound, err)
	forged := memory.NewCallbacks("sms", "another key").Request([]adapters.Receipt{{Reference: sent.Message.ID.String(), Status: adapters.Failed}})
	_, err = b.Callback(t.Context(), "texts", forged)
	requireCode(t, messenger.CodeForbidden, err)

	unknown := uuid.Must(uuid.NewV7()).String()
	delivered := adapters.Receipt{
		Reference: sent.Message.ID.String(), ProviderID: "sms-" + sent.Message.ID.String(), Status: adapters.Delivered,
		Contact: "sms, pds contact a1",
	}
	for range 2 {
		_, err = b.Callback(t.Context(), "texts", hook.Request([]adapters.Receipt{{Reference: unknown, Status: adapters.Delivered}, delivered}))
		require.NoError(t, err)
	}
	eventually(t, func() bool { return status().Status == messenger.DeliveryDelivered }, "delivered")
	late := jobs.ApplyReceipt{Reference: sent.Message.ID.String(), Status: "sent"}
	require.NoError(t, b.Jobs().ApplyReceipt(t.Context(), late, 1))
	late.Status, late.Reason = "failed", messenger.ReasonWrongContact
	require.NoError(t, b.Jobs().ApplyReceipt(t.Context(), late, 1))
	require.Equal(t, messenger.DeliveryDelivered, status().Status, "only forwards")
	late.Status, late.Reason, late.Contact = "delivered", "", "pds version 23"
	require.NoError(t, b.Jobs().ApplyReceipt(t.Context(), late, 1))
	history, err := b.History(as(t, "amira"), sent.Channel.ID, messenger.PageParams{})
	require.NoError(t, err)
	var contacts []string
	for _, line := range history.Items {
		if line.Action == messenger.ActionContactUsed && line.Message == sent.Message.ID {
			contacts = append(contacts, line.Note)
		}
	}
	require.Equal(t, []string{"pds version 23", "sms, pds contact a1"}, contacts, "each once, also of what is final")
}

func TestUnmatchedTextsWaitForAPerson(t *testing.T) {
	t.Parallel()
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	b := setup(t, func(c *messenger.Config) {
		c.Hooks = map[string]messenger.Hook{"texts": {Callbacks: hook, Organisation: messenger.AllTextsFor(north)}}
	})
	sent := b.send(t, "amira", messenger.SendParams{Client: "grace", Medium: adapters.SMS, Body: "Hello"})
	text := adapters.InboundText{ProviderID: "p-1", From: "447700900123", To: "07700 900999", Text: "It is me"}
	for range 2 {
		_, err := b.Callback(t.Context(), "texts", hook.Request(nil, text))
		require.NoError(t, err)
	}
	page, err := b.Unmatched(as(t, "ben"), messenger.PageParams{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Len(t, page.Items[0].Candidates, 1)
	require.Equal(t, sent.Channel.ID, page.Items[0].Candidates[0].Channel)
	elsewhere, err := b.Unmatched(as(t, "esther"), messenger.PageParams{})
	require.NoError(t, err)
	require.Empty(t, elsewhere.Items)
	require.Len(t, b.thread(t, sent.Channel), 1, "nothing is assigned by number")

	here := messenger.AssignParams{Channel: sent.Channel.ID}
	_, err = b.Assign(as(t, "esther"), page.Items[0].ID, messenger.AssignParams{Client: "south-1"})
	requireCode(t, messenger.CodeNotFound, err)
	_, err = b.Assign(as(t, "chloe"), page.Items[0].ID, here)
	requireCode(t, messenger.CodeNotFound, err)
	message, err := b.Assign(as(t, "ben"), page.Items[0].ID, here)
	require.NoError(t, err)
	require.Equal(t, "It is me", message.Body)
	_, err = b.Assign(as(t, "ben"), page.Items[0].ID, here)
	requireCode(t, messenger.CodeNothingToDo, err)
	opened, err := b.Channel(as(t, "amira"), sent.Channel.ID)
	require.NoError(t, err)
	require.Equal(t, messenger.Unread, opened.Status)
	b.work(t)
	eventually(t, func() bool { return b.thread(t, sent.Channel)[1].Record.Status == messenger.RecordSaved }, "filed")
	filing, ok := b.record.Filing(message.ID)
	require.True(t, ok)
	require.Equal(t, "ben", filing.Entry.FiledBy.ID)

	text.ProviderID, text.From, text.Text = "p-2", "+447700900124", "It is\x00 me\r\nagain"
	_, err = b.Callback(t.Context(), "texts", hook.Request(nil, text))
	require.NoError(t, err)
	page, err = b.Unmatched(as(t, "dev"), messenger.PageParams{})
	require.NoError(t, err)
	message, err = b.Assign(as(t, "dev"), page.Items[0].ID, messenger.AssignParams{Client: "phone", Reason: "He rang."})
	require.NoError(t, err)
	require.EqualValues(t, 1, message.Seq)
	require.Equal(t, "It is me\nagain", message.Body, "an odd character loses no text")
}

// A job is kept, shown and logged: what a caller writes as a reference, and is none of ours, gets into none.
func TestAStrangeReferenceIsInNoJob(t *testing.T) {
	t.Parallel()
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	b := setup(t, func(c *messenger.Config) {
		c.Hooks = map[string]messenger.Hook{"texts": {Callbacks: hook, Organisation: messenger.AllTextsFor(north)}}
	})
	id := uuid.Must(uuid.NewV7()).String()
	var receipts []adapters.Receipt
	for _, reference := range []string{"Grace", "", id + "-Grace", id + "Grace", id + "-0", id[:35], "{" + id[1:], id + " "} {
		receipts = append(receipts, adapters.Receipt{Reference: reference, Status: adapters.Delivered})
	}
	_, err := b.Callback(t.Context(), "texts", hook.Request(receipts))
	require.NoError(t, err)
	require.Zero(t, count(t, b.pool, "select count(*) from river_job"))
	_, err = b.Callback(t.Context(), "texts", hook.Request([]adapters.Receipt{{Reference: id + "-2", Status: adapters.Delivered}}))
	require.NoError(t, err)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from river_job"))
}
