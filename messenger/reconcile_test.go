package messenger_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// listing is a sender whose provider can be asked for a list.
type listing struct {
	adapters.Sender
	list []adapters.Receipt
}

func (l *listing) List(context.Context, adapters.OrganisationID, time.Time) ([]adapters.Receipt, error) {
	return l.list, nil
}

// Each message that went out is where the provider has it too, or the difference is named; the result is signed.
func TestReconcile(t *testing.T) {
	t.Parallel()
	provider := &listing{}
	b := setup(t, func(c *messenger.Config) { provider.Sender, c.Email = c.Email, provider })
	since := time.Now().Add(-24 * time.Hour)
	old := time.Now().Add(-time.Hour)
	message := func(client adapters.ClientID, status string, theirs adapters.Status, there bool) uuid.UUID {
		sent := b.send(t, "amira", email(client, "Hello"))
		b.deliver(t, sent.Message.ID, 1)
		exec(t, b, "update messenger_messages set sent_at = $2, delivery_status = $3 where id = $1",
			sent.Message.ID, old, status)
		if there {
			provider.list = append(provider.list, adapters.Receipt{
				Reference: sent.Message.ID.String(), Via: "email", Status: theirs, At: old,
			})
		}
		return sent.Message.ID
	}
	message("grace", "sent", adapters.Sent, true)
	message("grace", "delivered", adapters.Delivered, true)
	message("grace", "failed", adapters.Failed, true)
	forgotten := message("grace", "sent", "", false)
	failed := message("grace", "delivered", adapters.Failed, true)
	arrived := message("grace", "failed", adapters.Delivered, true)
	unknown := uuid.Must(uuid.NewV7())
	provider.list = append(provider.list,
		adapters.Receipt{Reference: unknown.String(), Via: "email", At: old},
		adapters.Receipt{Reference: "of another program", Via: "email", At: old})
	b.deliver(t, b.send(t, "amira", email("grace", "Just now")).Message.ID, 1)

	made, err := b.Reconcile(t.Context(), north, since)
	require.NoError(t, err)
	require.Equal(t, 3, made.Agree, "%+v", made)
	why := map[uuid.UUID]messenger.DifferenceWhy{}
	for _, one := range made.Differences {
		why[one.Message] = one.Why
	}
	require.Equal(t, map[uuid.UUID]messenger.DifferenceWhy{
		forgotten: messenger.DiffersForgotten, failed: messenger.DiffersFailed, arrived: messenger.DiffersArrived,
		unknown: messenger.DiffersUnknown,
	}, why)
	require.Equal(t, []adapters.Medium{adapters.Email}, made.Asked)
	require.Equal(t, []adapters.Medium{adapters.SMS}, made.NotAsked)

	kept, err := json.Marshal(made)
	require.NoError(t, err)
	var read messenger.Reconciled
	require.NoError(t, json.Unmarshal(kept, &read))
	require.True(t, b.ReconciledIsOurs(read))
	read.Differences = read.Differences[1:]
	require.False(t, b.ReconciledIsOurs(read))

	theirs, err := b.Reconcile(t.Context(), south, since)
	require.NoError(t, err)
	require.Zero(t, theirs.Agree)
	require.Len(t, theirs.Differences, 1, "of another organisation with the same account nothing but what nobody knows")
}
