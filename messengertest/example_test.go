package messengertest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messengertest"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// outbox is a carrier that is a table of the host's own, from which another program takes the emails.
type outbox struct{ db database }

// database is what an outbox wants of *pgxpool.Pool.
type database interface {
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
	QueryRow(ctx context.Context, sql string, arguments ...any) pgx.Row
}

const outboxTable = `create table outbox (reference text primary key,
	recipient text not null constraint takes_mail check (recipient not like '%.invalid'),
	subject text not null, body text not null)`

func (o outbox) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	_, err := o.db.Exec(ctx, "insert into outbox values ($1, $2, $3, $4) on conflict do nothing",
		message.Reference, message.To, message.Subject, message.Text)
	if fault := (*pgconn.PgError)(nil); errors.As(err, &fault) {
		switch {
		case fault.ConstraintName == "takes_mail":
			return adapters.Receipt{}, adapters.ErrWrongContact
		case fault.Code == "42501": // no right to the table
			return adapters.Receipt{}, adapters.ErrConfiguration
		}
	}
	if err != nil {
		return adapters.Receipt{}, errors.New("outbox: nobody knows whether the row is there")
	}
	return adapters.Receipt{Reference: message.Reference, Via: "outbox"}, nil
}

// Find makes the outbox one that can be asked, so that no message stays unknown.
func (o outbox) Find(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	var there bool
	err := o.db.QueryRow(ctx, "select exists (select from outbox where reference = $1)", message.Reference).Scan(&there)
	switch {
	case err != nil:
		return adapters.Receipt{}, errors.New("outbox: it can't be asked")
	case !there:
		return adapters.Receipt{}, adapters.ErrNotSent
	}
	return adapters.Receipt{Reference: message.Reference, Via: "outbox"}, nil
}

// faulty is a database that has the troubles that a table alone does not: the harness invents them.
type faulty struct {
	*pgxpool.Pool
	fault adaptertest.Outcome
}

func (f *faulty) Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error) {
	switch f.fault { //nolint:exhaustive // the others are the table's own
	case adaptertest.Misconfigured:
		return pgconn.CommandTag{}, &pgconn.PgError{Code: "42501"}
	case adaptertest.Down:
		return pgconn.CommandTag{}, errors.New("connection refused")
	}
	tag, err := f.Pool.Exec(ctx, sql, arguments...)
	if f.fault == adaptertest.DroppedAfter {
		err = errors.New("connection reset")
	}
	return tag, err
}

func (f *faulty) QueryRow(ctx context.Context, sql string, arguments ...any) pgx.Row {
	if f.fault == adaptertest.Down {
		sql = "select from nowhere where $1 = ''"
	}
	return f.Pool.QueryRow(ctx, sql, arguments...)
}

// silence has the table take nothing until the test ends.
func (f *faulty) silence(t *testing.T) {
	t.Helper()
	tx, err := f.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	_, err = tx.Exec(t.Context(), "lock table outbox in share mode")
	require.NoError(t, err)
}

// The suite holds the table against the port. Each harness function returns at once.
func TestOutboxIsASender(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Schema(t)
	_, err := pool.Exec(t.Context(), outboxTable)
	require.NoError(t, err)
	adaptertest.Sender(t, func(t *testing.T) adaptertest.SenderHarness {
		t.Helper()
		db := &faulty{Pool: pool}
		return adaptertest.SenderHarness{
			Sender: outbox{db}, Medium: adapters.Email, DropsRepeats: true,
			Arrange: func(t *testing.T, message *adapters.Outgoing, outcome adaptertest.Outcome) bool {
				t.Helper()
				db.fault = outcome
				switch outcome { //nolint:exhaustive // the others it does not have
				case adaptertest.Accepted, adaptertest.Misconfigured, adaptertest.Down, adaptertest.DroppedAfter:
				case adaptertest.WrongContact:
					message.To = "grace@example.invalid"
				case adaptertest.TimeoutBefore:
					db.silence(t)
				default:
					return false
				}
				return true
			},
			Carried: func(t *testing.T, reference string) (carried int) { // also asked while it is silent
				t.Helper()
				require.NoError(t, pool.QueryRow(t.Context(), "select count(*) from outbox where reference = $1", reference).
					Scan(&carried))
				return carried
			},
			Text: func(t *testing.T, reference string) (text string) {
				t.Helper()
				require.NoError(t, pool.QueryRow(t.Context(), "select body from outbox where reference = $1", reference).
					Scan(&text))
				return text
			},
		}
	})
}

// The whole of Messenger sends by it.
func TestOutboxCarriesTheHostsMessages(t *testing.T) {
	t.Parallel()
	host := messengertest.New(t, func(c *messenger.Config) {
		_, err := c.Pool.Exec(t.Context(), outboxTable)
		require.NoError(t, err)
		c.Email = outbox{c.Pool}
	})
	sent := host.Send(messengertest.Email("Dear {{first_name}}, how are you?"))
	host.Settle()

	var to, body string
	require.NoError(t, host.Config.Pool.QueryRow(t.Context(), "select recipient, body from outbox").Scan(&to, &body))
	require.Equal(t, "grace@example.org", to)
	require.Contains(t, body, "Dear Grace, how are you?")

	host.Reply(sent.Channel, "Better, thank you.")
	host.Settle()
	thread := host.Thread(sent.Channel)
	require.Equal(t, messenger.DeliverySent, thread[0].Delivery.Status)
	require.Equal(t, "Better, thank you.", thread[1].Body)
	require.Equal(t, messenger.RecordSaved, thread[1].Record.Status)
}

// A conversation, all over memory.
func TestAConversation(t *testing.T) {
	t.Parallel()
	host := messengertest.New(t)
	sent := host.Send(messengertest.Email("How are you?"))
	host.Settle() // the jobs run: it has been delivered and filed
	host.Reply(sent.Channel, "Better, thank you.")

	me, err := host.Me(host.As(messengertest.Amira))
	require.NoError(t, err)
	require.Equal(t, 1, me.UnreadCount)
	require.Contains(t, host.Email.Outbox()[0].Text, "How are you?")
}
