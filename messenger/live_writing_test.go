package messenger_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// heard is a colleague's stream of amira's inbox, behind all that has happened so far: what it tells next of a channel
// is new. Two changes of another channel end what is told together with the first.
func heard(t *testing.T, b *bundle) <-chan messenger.LiveEvent {
	t.Helper()
	events := subscribe(t, b, "ben", "amira", "")
	for range 2 {
		last := b.send(t, "amira", email("dee", "Hello"))
		for until(t, events, "message").Message.ID != last.Message.ID {
			continue
		}
	}
	return events
}

// What one person does of a note, an expectation, a private message or a text is on a colleague's page without a
// reload.
func TestWhatIsWrittenIsHeardByColleagues(t *testing.T) {
	t.Parallel()
	b, text := inbound(t)
	b.clients.Put(north, adapters.Client{ID: "dee", Name: "Dee Vance", Email: "dee@example.org"})
	b.live(t)
	asked := b.asked(t, asking("grace", messenger.ExpectsReply, 7))
	secret := b.send(t, "amira", private("sian", adapters.Email))
	b.deliver(t, secret.Message.ID, 1)
	text("+447700900123", "I will come")

	row := func(t *testing.T, events <-chan messenger.LiveEvent, of messenger.Channel) {
		t.Helper()
		for until(t, events, "channel").Channel.ID != of.ID {
			continue
		}
	}
	message := func(t *testing.T, events <-chan messenger.LiveEvent, id uuid.UUID) messenger.Message {
		t.Helper()
		for {
			if event := until(t, events, "message"); event.Message.ID == id {
				return *event.Message
			}
		}
	}
	file := note("She rang")
	file.File = true
	events := heard(t, b)
	added := b.add(t, "amira", asked.Channel, file)
	row(t, events, asked.Channel)
	events = heard(t, b)
	require.NoError(t, b.Jobs().FileNote(t.Context(), added.ID, 1))
	row(t, events, asked.Channel)
	added = b.add(t, "amira", asked.Channel, file)
	b.record.FailNext(adapters.ErrWrongContent)
	events = heard(t, b)
	require.NoError(t, b.Jobs().FileNote(t.Context(), added.ID, 1))
	row(t, events, asked.Channel)

	id := only(t, b, "amira").ID
	events = heard(t, b)
	put, err := b.Assign(as(t, "amira"), id, messenger.AssignParams{Channel: asked.Channel.ID, Reason: "She said so"})
	require.NoError(t, err)
	answered := map[uuid.UUID]bool{}
	for len(answered) < 2 { // the text, and what it settles
		event := until(t, events, "message").Message
		require.Contains(t, []uuid.UUID{asked.Message.ID, put.ID}, event.ID)
		answered[event.ID] = true
	}
	events = heard(t, b)
	_, err = b.Unassign(as(t, "amira"), id, "")
	require.NoError(t, err)
	until(t, events, "reset") // a thread that has one message less is fetched again

	events = heard(t, b)
	_, err = b.StopWaiting(as(t, "amira"), asked.Message.ID, "")
	require.NoError(t, err)
	require.Equal(t, messenger.AwaitingStopped, message(t, events, asked.Message.ID).Awaiting.Status)
	events = heard(t, b)
	_, err = b.Withdraw(as(t, "amira"), secret.Message.ID, messenger.WithdrawParams{Reason: messenger.WithdrawnWrongWords})
	require.NoError(t, err)
	require.NotNil(t, message(t, events, secret.Message.ID).Withdrawn)
}
