package messenger_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Dear searches are cut off, by the database itself, and nobody who does not search waits for them meanwhile.
func TestDearSearchesHoldUpNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.send(t, "amira", email("grace", "See you at the leisure centre"))
	found := func(ctx context.Context, words string) error {
		page, err := b.Inbox(ctx, messenger.InboxParams{Staff: "amira", Query: words})
		if err == nil && len(page.Items) == 0 {
			return errors.New("not found")
		}
		return err
	}
	amira := as(t, "amira")
	require.NoError(t, found(amira, "leisure"))
	exec(t, b, `create or replace function messenger_inbox_query(staff_id text, query text) returns tsquery language sql as
		$$ select pg_sleep(60); select replace(query, '/', messenger_inbox_bucket(staff_id))::tsquery $$`)

	var ended atomic.Int32
	var searches sync.WaitGroup
	errs := make([]error, 3*b.pool.Config().MaxConns)
	for i := range errs {
		searches.Go(func() {
			errs[i] = found(amira, "leisure")
			ended.Add(1)
		})
	}
	eventually(t, func() bool {
		return count(t, b.pool, `select count(*) from pg_stat_activity
			where datname = current_database() and wait_event = 'PgSleep'`) > 0
	}, "they search")
	_, err := b.Me(amira)
	require.NoError(t, err)
	require.Zero(t, ended.Load(), "who does not search is answered before any of them")
	searches.Wait()
	for _, err := range errs {
		requireCode(t, messenger.CodeUnavailable, err)
	}
	require.Zero(t, count(t, b.pool, `select count(*) from pg_locks l join pg_stat_activity a using (pid)
		where a.datname = current_database() and l.relation = 'messenger_channels'::regclass and a.pid <> pg_backend_pid()`),
		"the database has ended them too")
	exec(t, b, `create or replace function messenger_inbox_query(staff_id text, query text) returns tsquery language sql as
		$$ select replace(query, '/', messenger_inbox_bucket(staff_id))::tsquery $$`)
	require.NoError(t, found(amira, "leisure"), "and the places are free again")
}
