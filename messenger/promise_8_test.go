package messenger_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Nothing happens unseen: whoever acts or looks leaves a line, and no line changes or goes.
func TestPromise8NothingHappensUnseen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amira, ben := as(t, "amira"), as(t, "ben")
	sent := b.failed(t, email("grace", "Hello"))
	id := sent.Channel.ID
	ok := func(_ any, err error) {
		t.Helper()
		require.NoError(t, err)
	}
	ok(b.Messages(as(t, "chloe"), id, messenger.PageParams{}))
	ok(b.Channel(as(t, "chloe"), id))
	ok(b.Messages(as(t, "chloe"), id, messenger.PageParams{}))
	receipt := b.reply(t, sent.Channel, "Thank you")
	ok(nil, b.Read(ben, id, receipt.ID, true))
	ok(b.SetStatus(ben, id, messenger.Done, receipt.ID))
	ok(b.SetStatus(amira, id, messenger.Open, receipt.ID))
	ok(b.SetReplies(amira, id, false))
	ok(b.SetReplies(amira, id, true))
	ok(b.RenewLink(amira, id))
	ok(b.Retry(ben, sent.Message.ID))
	ok(b.Cancel(amira, sent.Message.ID))
	lost := b.failed(t, email("grace", "Again"))
	ok(b.Resolve(amira, lost.Message.ID, messenger.ResolveParams{Of: "delivery", Note: "Told her by phone"}))
	ok(b.SetStatus(amira, id, messenger.Done, receipt.ID))
	b.failed(t, email("grace", "And again"))
	require.Equal(t, []string{
		"amira:created", "amira:sent", "chloe:looked", "grace:replied", "ben:read", "ben:done", "amira:opened", "amira:replies_off",
		"amira:replies_on", "amira:link_renewed", "ben:retried", "amira:cancelled", "amira:sent", "amira:resolved", "amira:done",
		"amira:sent", ":opened",
	}, b.actions(t, sent.Channel))
	history, err := b.History(amira, id, messenger.PageParams{})
	require.NoError(t, err)
	require.Equal(t, "Told her by phone", history.Items[3].Note)
	for _, entry := range history.Items {
		behalf := adapters.StaffID("")
		if entry.Actor.ID == "ben" || entry.Actor.ID == "chloe" {
			behalf = "amira"
		}
		require.Equal(t, behalf, entry.OnBehalfOf, entry.Action)
	}

	before := count(t, b.pool, "select count(*) from messenger_history")
	for _, role := range []string{"origin", "replica"} {
		for _, statement := range []string{
			"update messenger_history set note = 'nothing'", "delete from messenger_history", "truncate messenger_history",
			"truncate messenger_channels cascade",
		} {
			err := pgx.BeginFunc(t.Context(), b.pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(t.Context(), "set local session_replication_role = "+role); err != nil {
					return err
				}
				_, err := tx.Exec(t.Context(), statement)
				return err
			})
			require.ErrorContains(t, err, "append-only", "%s as %s", statement, role)
		}
	}
	require.Equal(t, before, count(t, b.pool, "select count(*) from messenger_history"))
}
