package messenger_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/adapters/routing"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// listing is a sender whose provider can be asked for a list.
type listing struct {
	adapters.Sender
	list  []adapters.Receipt
	since time.Time // it was asked for last
	err   error     // it answers
}

func (l *listing) List(
	_ context.Context, _ adapters.OrganisationID, _ adapters.Medium, since time.Time,
) (list []adapters.Receipt, asked []string, err error) {
	l.since = since
	return l.list, []string{"email", "by its own names"}, l.err
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
	failed := message("grace", "sent", adapters.Failed, true)
	arrived := message("grace", "unknown", adapters.Delivered, true)
	byName := message("grace", "sent", adapters.Failed, true)
	exec(t, b, "update messenger_messages set provider_id = 'SM1' where id = $1", byName)
	named := &provider.list[len(provider.list)-1]
	named.Reference, named.ProviderID = "", "SM1"
	wrongly := message("grace", "delivered", adapters.Failed, true)
	nobodyKnew := message("grace", "unknown", adapters.Failed, true)
	cancelled := message("grace", "cancelled", adapters.Delivered, true)
	arrivedOnce := message("grace", "delivered", "", false)
	refused := b.failed(t, email("grace", "Hello")).Message.ID
	gaveUp := b.failed(t, email("grace", "Hello")).Message.ID
	provider.list = append(provider.list,
		adapters.Receipt{Reference: refused.String(), Via: "email", Status: adapters.Delivered, At: old},
		adapters.Receipt{Reference: gaveUp.String(), Via: "email", Status: adapters.Sent, At: old})
	again := b.failed(t, email("grace", "Hello")).Message.ID
	_, err := b.Retry(as(t, "amira"), again)
	require.NoError(t, err)
	exec(t, b, "update messenger_messages set delivery_status = 'failed' where id = $1", again)
	provider.list = append(provider.list,
		adapters.Receipt{Reference: again.String(), Via: "email", Status: adapters.Delivered, At: old})
	exec(t, b, "update messenger_messages set created_at = $2 where id = any($1)", []uuid.UUID{refused, gaveUp, again}, old)
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
		unknown: messenger.DiffersUnknown, byName: messenger.DiffersFailed, wrongly: messenger.DiffersFailed,
		nobodyKnew: messenger.DiffersFailed, refused: messenger.DiffersArrived, gaveUp: messenger.DiffersArrived,
		again: messenger.DiffersArrived, cancelled: messenger.DiffersArrived, arrivedOnce: messenger.DiffersForgotten,
	}, why)
	require.Equal(t, []adapters.Medium{adapters.Email}, made.Asked)
	require.Equal(t, []adapters.Medium{adapters.SMS}, made.NotAsked)

	stands := func(id uuid.UUID) (state string) {
		require.NoError(t, b.pool.QueryRow(t.Context(), `select concat_ws(' ', delivery_status, delivery_reason,
			delivery_attention) from messenger_messages where id = $1`, id).Scan(&state))
		return state
	}
	require.Equal(t, "unknown forgotten delivery_unknown", stands(forgotten), "a person decides")
	require.Equal(t, 9, count(t, b.pool, "select count(*) from river_job where kind = 'messenger_apply_receipt'"))
	require.Equal(t, "2 differences are in no channel: see Reconciliations.",
		healthCheck(t, b, "reconciled").Detail, "what nobody knows, and what had arrived")
	stats, err := b.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, stats.Differences)
	b.work(t)
	eventually(t, func() bool {
		return stands(failed) == "failed not_delivered delivery_failed" && stands(byName) == stands(failed) &&
			stands(nobodyKnew) == stands(failed) && stands(arrived) == "delivered "
	}, "what a provider says is believed as if it had called back")
	eventually(t, func() bool {
		return stands(wrongly) == stands(failed) && stands(refused) == "delivered " && stands(gaveUp) == "sent "
	}, "and of what was final here, since it was asked how that stands now")
	require.Contains(t, stands(again), "failed ", "it is said of a send that was followed by another")
	needed, err := b.Attention(as(t, "amira"), messenger.AttentionParams{})
	require.NoError(t, err)
	var people []uuid.UUID
	for _, one := range needed.Items {
		people = append(people, one.ID)
	}
	require.Equal(t, "cancelled  delivery_unknown", stands(cancelled), "it went out all the same")
	for _, one := range []uuid.UUID{forgotten, failed, byName, wrongly, nobodyKnew, again, cancelled} {
		require.Contains(t, people, one, "in front of somebody: %s", stands(one))
	}
	for _, one := range []uuid.UUID{arrived, refused, gaveUp} {
		require.NotContains(t, people, one)
	}
	eventually(t, func() bool {
		return count(t, b.pool, "select count(*) from messenger_messages where id = any($1) and record_status = 'saved'",
			[]uuid.UUID{refused, gaveUp}) == 2
	}, "what went out after all is filed")

	kept, err := b.Reconciliations(t.Context(), north, since)
	require.NoError(t, err)
	require.Equal(t, []messenger.Reconciled{made}, kept)
	require.True(t, b.ReconciledIsOurs(kept[0]))
	others := b.with(t, func(c *messenger.Config) {
		c.LinkKeys = []messenger.LinkKey{{ID: "k1", Key: []byte(strings.Repeat("another ", 4))}}
	})
	require.False(t, others.ReconciledIsOurs(kept[0]), "a key of somebody else's by the same name")
	unsigned := kept[0]
	unsigned.KeyID, unsigned.Signature = "nobody's", ""
	require.False(t, b.ReconciledIsOurs(unsigned))
	kept[0].Differences = kept[0].Differences[1:]
	require.False(t, b.ReconciledIsOurs(kept[0]))
	exec(t, b, "update messenger_reconciliations set result = replace(result, '\"agree\":3', '\"agree\":4')")
	kept, err = b.Reconciliations(t.Context(), north, since)
	require.NoError(t, err)
	require.Equal(t, 4, kept[0].Agree)
	require.False(t, b.ReconciledIsOurs(kept[0]), "what somebody has changed in the table shows")
	_, err = b.Reconcile(t.Context(), north, time.Now().Add(-100*time.Hour))
	requireCode(t, messenger.CodeInvalid, err)

	theirs, err := b.Reconcile(t.Context(), south, since)
	require.NoError(t, err)
	require.Zero(t, theirs.Agree)
	require.Len(t, theirs.Differences, 1, "of another organisation with the same account nothing but what nobody knows")

	_, err = b.Resolve(as(t, "amira"), cancelled, messenger.ResolveParams{Of: "delivery", Note: "She knows"})
	require.NoError(t, err)
	_, err = b.Reconcile(t.Context(), north, since)
	require.NoError(t, err)
	require.Equal(t, "cancelled ", stands(cancelled), "the next night asks for nobody again")
}

// What a provider has it has not forgotten, however late it came to an end there and however its clock runs; and what
// may still wait there, where a provider can't say so, is not called forgotten before it would have given it up.
func TestWhatAProviderHasIsNotForgotten(t *testing.T) {
	t.Parallel()
	provider := &listing{}
	b := setup(t, func(c *messenger.Config) { provider.Sender, c.Email = c.Email, provider })
	since := time.Now().Add(-24 * time.Hour)
	message := func(via string, ago time.Duration) uuid.UUID {
		sent := b.send(t, "amira", email("grace", "Hello"))
		b.deliver(t, sent.Message.ID, 1)
		exec(t, b, "update messenger_messages set sent_at = $2, via = $3 where id = $1",
			sent.Message.ID, time.Now().Add(-ago), via)
		return sent.Message.ID
	}
	has := func(id uuid.UUID, status adapters.Status, ago time.Duration) {
		provider.list = append(provider.list, adapters.Receipt{
			Reference: id.String(), Via: "email", Status: status, At: time.Now().Add(-ago),
		})
	}
	has(message("email", 15*time.Minute), adapters.Delivered, time.Minute)
	has(message("email", 15*time.Minute), adapters.Failed, time.Minute)
	has(message("email", 24*time.Hour-time.Minute), adapters.Sent, 24*time.Hour+time.Minute)
	has(message("email", time.Minute), adapters.Sent, time.Minute) // passed by
	has(uuid.Must(uuid.NewV7()), adapters.Sent, time.Minute)
	has(uuid.Must(uuid.NewV7()), adapters.Sent, 24*time.Hour+time.Minute)
	message("by its own names", 9*time.Hour)
	lost, gone := message("by its own names", 11*time.Hour), message("email", 15*time.Minute)

	made, err := b.Reconcile(t.Context(), north, since)
	require.NoError(t, err)
	require.WithinDuration(t, since.Add(-time.Hour), provider.since, time.Second)
	why := map[uuid.UUID]messenger.DifferenceWhy{}
	for _, one := range made.Differences {
		why[one.Message] = one.Why
	}
	require.Equal(t, map[uuid.UUID]messenger.DifferenceWhy{
		lost: messenger.DiffersForgotten, gone: messenger.DiffersForgotten,
	}, why)
	require.Equal(t, 2, made.Agree, "not the one whose failure is on its way here, and not the one that may wait there")
	require.Equal(t, 2, count(t, b.pool, "select count(*) from messenger_messages where delivery_status = 'unknown'"))
}

// Behind an order of several carriers those that can be asked are, and what another carried is not called forgotten.
func TestReconcileAsksBehindAnOrder(t *testing.T) {
	t.Parallel()
	provider := &listing{}
	b := setup(t, func(c *messenger.Config) {
		provider.Sender = c.Email
		steps := []routing.Step{{Name: "listing", Sender: provider}, {Name: "smtp", Sender: memory.NewSender("smtp").Plain()}}
		c.Email = routing.New(func(context.Context, adapters.OrganisationID, adapters.Medium) ([]routing.Step, error) {
			return steps, nil
		}, nil)
	})
	message := func(via string) uuid.UUID {
		sent := b.send(t, "amira", email("grace", "Hello"))
		b.deliver(t, sent.Message.ID, 1)
		exec(t, b, "update messenger_messages set sent_at = $2, via = $3 where id = $1",
			sent.Message.ID, time.Now().Add(-time.Hour), via)
		return sent.Message.ID
	}
	has, _ := message("email"), message("smtp")
	provider.list = []adapters.Receipt{{Reference: has.String(), Via: "email", At: time.Now().Add(-time.Hour)}}
	forgotten := message("email")
	require.NoError(t, b.Jobs().Reconcile(t.Context(), string(north), 1))
	kept, err := b.Reconciliations(t.Context(), north, time.Time{})
	require.NoError(t, err)
	require.Len(t, kept, 1)
	require.Equal(t, []adapters.Medium{adapters.Email}, kept[0].Asked)
	require.Equal(t, 1, kept[0].Agree)
	require.Equal(t, 1, kept[0].Unasked)
	require.Equal(t, []messenger.Difference{{forgotten, adapters.Email, "email", messenger.DiffersForgotten, false}},
		kept[0].Differences)
}

// Every night each organisation is looked at once, whenever workers run and however often they are started.
func TestReconcileEveryNight(t *testing.T) {
	t.Parallel()
	night := time.Date(2026, 12, 1, 1, 59, 0, 0, time.UTC)
	now := &clock{now: night}
	provider := &listing{}
	b := setup(t, func(c *messenger.Config) {
		provider.Sender, c.Email, c.Now = c.Email, provider, now.Now
	})
	b.send(t, "amira", email("grace", "Hello"))
	b.send(t, "esther", email("south-1", "Hello"))
	nightly := func() (results int) {
		t.Helper()
		exec(t, b, "delete from river_job")
		require.NoError(t, b.Jobs().Reconcile(t.Context(), "", 1))
		for _, organisation := range namesOf(t, b,
			"select args->>'organisation_id' from river_job where kind = 'messenger_reconcile'") {
			require.NoError(t, b.Jobs().Reconcile(t.Context(), organisation, 1))
		}
		return count(t, b.pool, "select count(*) from messenger_reconciliations")
	}
	require.Equal(t, 2, nightly(), "none was ever done")
	require.Equal(t, 2, nightly(), "once a night")
	now.add(2 * time.Minute)
	require.Equal(t, 4, nightly(), "the next night has begun")
	now.add(23 * time.Hour)
	require.Equal(t, 4, nightly(), "and its day is the same night's")
	plain := b.with(t, b.plain())
	now.add(27 * time.Hour)
	require.NoError(t, plain.Jobs().Reconcile(t.Context(), string(north), 1))
	kept, err := b.Reconciliations(t.Context(), north, now.Now())
	require.NoError(t, err)
	require.Equal(t, []adapters.Medium{adapters.Email, adapters.SMS}, kept[0].NotAsked, "there is nobody to be asked")
	require.Equal(t, 6, nightly(), "and it is done all the same")
	require.True(t, healthCheck(t, b, "reconciled").OK)

	now.add(24 * time.Hour)
	provider.err = errors.New("401")
	require.Equal(t, 8, nightly(), "what can be compared is, and the result says what could not")
	kept, err = b.Reconciliations(t.Context(), north, now.Now())
	require.NoError(t, err)
	require.Equal(t, []adapters.Medium{adapters.Email}, kept[0].Failed)
	require.Equal(t, []adapters.Medium{adapters.SMS}, kept[0].NotAsked)
	require.Contains(t, healthCheck(t, b, "reconciled").Detail, "did not answer for [north south]")
	now.add(time.Hour)
	require.Equal(t, 10, nightly(), "it is asked again within the night")
	provider.err = nil
	now.add(time.Hour)
	require.Equal(t, 12, nightly())
	require.Equal(t, 12, nightly())
	require.True(t, healthCheck(t, b, "reconciled").OK)
	now.add(29 * time.Hour)
	require.Contains(t, healthCheck(t, b, "reconciled").Detail, "no result of the last night for [north south]")
}
