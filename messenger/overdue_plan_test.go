package messenger_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Where nothing is due the job reads one row an organisation and stage, however many replies are unread.
func TestNothingOverdueCostsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	exec(t, b, fillChannels)
	exec(t, b, fillMessages) // 5,000 of them unread, since now
	exec(t, b, "update messenger_messages set overdue_told = 2, overdue_at = now() where read_at is null and random() < 0.2")
	exec(t, b, "update messenger_messages set overdue_told = 1, overdue_at = now() where read_at is null and overdue_told = 0 and random() < 0.2")
	exec(t, b, "analyze messenger_messages") //nolint:misspell // SQL has its own spelling
	traced, asked := b.traced(t)
	require.NoError(t, traced.Jobs().TellOverdue(t.Context(), 1))
	list := slices.DeleteFunc(asked.take(), func(q pgx.TraceQueryStartData) bool { return q.SQL == "select clock_timestamp()" })
	require.Len(t, list, 1, "one question, and no more where nothing is due")
	plan, read := b.explain(t, list[0], "actual rows=")
	require.NotEmpty(t, read, plan)
	require.LessOrEqual(t, slices.Max(read), 2, plan)
}

// A process whose own clock is hours ahead tells nobody early, and one whose clock is behind is not late.
func TestAWrongClockTellsNobodyEarly(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{50 * time.Hour, -50 * time.Hour} {
		b := setup(t)
		o := alwaysOpen()
		o.ReadWithin = time.Hour
		b.orgs.Put(o)
		channel := b.send(t, "amira", email("grace", "Hello")).Channel
		b.reply(t, channel, "Thank you")
		worker := b.with(t, func(*messenger.Config) {})
		worker.SetOwnClock(off)
		worker.tellOverdue(t)
		require.Zero(t, b.row(t, channel).OverdueSince)
		exec(t, b, "update messenger_messages set created_at = created_at - interval '61 minutes' where direction = 'inbound'")
		worker.tellOverdue(t)
		require.WithinDuration(t, databaseTime(t, b), b.row(t, channel).OverdueSince, 10*time.Minute, off)
	}
}
