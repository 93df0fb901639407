package messenger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A text that waited for whom it is of answers what had gone out when it came, and nothing that was asked since.
func TestATextAnswersWhatWasAskedBefore(t *testing.T) {
	t.Parallel()
	b, text := inbound(t)
	before := b.asked(t, asking("grace", messenger.ExpectsReply, 7))
	text("+447700900123", "I can come")
	after := b.asked(t, asking("grace", messenger.ExpectsReply, 7))
	here := messenger.AssignParams{Channel: before.Channel.ID, Reason: "She said so"}
	_, err := b.Assign(as(t, "amira"), only(t, b, "amira").ID, here)
	require.NoError(t, err)
	require.Equal(t, messenger.AwaitingAnswered, b.awaiting(t, before))
	require.Equal(t, messenger.AwaitingWaiting, b.awaiting(t, after))
}

// What somebody else's text had settled is settled by the client's own reply, or waits again and can be reminded of; of
// who was discharged since nothing is awaited.
func TestWhatATextTakenOutHadSettled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(*testing.T, *bundle, messenger.Channel)
		want      messenger.AwaitingStatus
	}{
		"nothing": {func(*testing.T, *bundle, messenger.Channel) {}, messenger.AwaitingWaiting},
		"a reply": {func(t *testing.T, b *bundle, at messenger.Channel) {
			t.Helper()
			b.reply(t, at, "Yes, I will")
		}, messenger.AwaitingAnswered},
		"discharge": {func(t *testing.T, b *bundle, _ messenger.Channel) {
			t.Helper()
			require.NoError(t, b.ClientDischarged(t.Context(), north, "grace", "amira"))
		}, messenger.AwaitingStopped},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, text := inbound(t)
			sent := b.asked(t, asking("grace", messenger.ExpectsReply, 7))
			_, err := b.Remind(as(t, "amira"), sent.Message.ID)
			require.NoError(t, err)
			text("+447700900123", "It is her sister")
			id := only(t, b, "amira").ID
			_, err = b.Assign(as(t, "amira"), id, messenger.AssignParams{Channel: sent.Channel.ID, Reason: "A guess"})
			require.NoError(t, err)
			require.Equal(t, messenger.AwaitingAnswered, b.awaiting(t, sent))
			c.meanwhile(t, b, sent.Channel)
			_, err = b.Unassign(as(t, "amira"), id, "")
			require.NoError(t, err)
			require.Equal(t, c.want, b.awaiting(t, sent))
			if c.want != messenger.AwaitingWaiting {
				return
			}
			_, err = b.Remind(as(t, "amira"), sent.Message.ID)
			require.NoError(t, err, "the reminder had been cancelled for that text")
			_, err = b.Remind(as(t, "amira"), sent.Message.ID)
			requireCode(t, messenger.CodeNothingToDo, err)
		})
	}
}

// Whoever reminds loses nothing of what they were writing to the client.
func TestAReminderLeavesTheDraft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.asked(t, asking("grace", messenger.ExpectsReply, 7))
	_, err := b.SaveDraft(as(t, "amira"), "grace", messenger.Draft{Medium: adapters.SMS, Body: "Half a tho"})
	require.NoError(t, err)
	_, err = b.Remind(as(t, "amira"), sent.Message.ID)
	require.NoError(t, err)
	opened, err := b.Channel(as(t, "amira"), sent.Channel.ID)
	require.NoError(t, err)
	require.NotNil(t, opened.Draft)
	require.Equal(t, "Half a tho", opened.Draft.Body)
	b.send(t, "amira", email("grace", "A whole thought"))
	opened, err = b.Channel(as(t, "amira"), sent.Channel.ID)
	require.NoError(t, err)
	require.Nil(t, opened.Draft, "a message of theirs is what they were writing")
}

// Nobody is reminded of a message that was taken back.
func TestWhatIsWithdrawnIsNotRemindedOf(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := asking("grace", messenger.ExpectsAcknowledgement, 7)
	p.Private = true
	sent := b.asked(t, p)
	reminder, err := b.Remind(as(t, "amira"), sent.Message.ID)
	require.NoError(t, err)
	_, err = b.Withdraw(as(t, "ben"), sent.Message.ID, messenger.WithdrawParams{Reason: messenger.WithdrawnWrongPerson})
	require.NoError(t, err)
	require.Equal(t, messenger.DeliveryCancelled, b.message(t, sent.Channel, reminder.ID).Delivery.Status)
	require.Equal(t, messenger.AwaitingStopped, b.awaiting(t, sent))
}
