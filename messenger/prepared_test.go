package messenger_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// hostTx is a transaction of a host's own: how it sends in it, runs a statement of its own, and ends it.
type hostTx struct {
	send       func(*messenger.Prepared) (messenger.Message, error)
	discharged func(*bundle, adapters.ClientID) error
	changed    func(*bundle, adapters.ClientID) error
	exec       func(query string) error
	commit     func() error
	rollback   func() error
}

// hosts begin a transaction by pgx and by database/sql over one pool.
func hosts(t *testing.T, pool *pgxpool.Pool) map[string]func() hostTx {
	t.Helper()
	db := stdlib.OpenDBFromPool(pool)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return map[string]func() hostTx{
		"pgx": func() hostTx {
			tx, err := pool.Begin(t.Context())
			require.NoError(t, err)
			return hostTx{
				send:       func(p *messenger.Prepared) (messenger.Message, error) { return p.SendTx(t.Context(), tx) },
				discharged: func(b *bundle, id adapters.ClientID) error { return b.ClientDischargedTx(t.Context(), tx, north, id) },
				changed:    func(b *bundle, id adapters.ClientID) error { return b.ClientsChangedTx(t.Context(), tx, north, id) },
				exec:       func(query string) error { _, err := tx.Exec(t.Context(), query); return err },
				commit:     func() error { return tx.Commit(t.Context()) },
				rollback:   func() error { return tx.Rollback(t.Context()) },
			}
		},
		"database/sql": func() hostTx {
			tx, err := db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			return hostTx{
				send:       func(p *messenger.Prepared) (messenger.Message, error) { return p.SendSQL(t.Context(), tx) },
				discharged: func(b *bundle, id adapters.ClientID) error { return b.ClientDischargedSQL(t.Context(), tx, north, id) },
				changed:    func(b *bundle, id adapters.ClientID) error { return b.ClientsChangedSQL(t.Context(), tx, north, id) },
				exec:       func(query string) error { _, err := tx.ExecContext(t.Context(), query); return err },
				commit:     tx.Commit,
				rollback:   tx.Rollback,
			}
		},
	}
}

func TestASendInAHostsTransaction(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pgx", "database/sql"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			exec(t, b, "create table appointments (client text primary key)")
			b.live(t)
			events := subscribe(t, b, "amira", "", "")
			begin := hosts(t, b.pool)[name]
			left := func() []int {
				return []int{
					count(t, b.pool, "select count(*) from appointments"), count(t, b.pool, "select count(*) from messenger_messages"),
					count(t, b.pool, "select count(*) from messenger_channels"), count(t, b.pool, "select count(*) from messenger_history"),
					count(t, b.pool, "select count(*) from river_job"),
				}
			}
			prepared, err := b.Prepare(as(t, "amira"), email("grace", "Your appointment is booked"))
			require.NoError(t, err)
			require.Equal(t, []int{0, 0, 0, 0, 0}, left(), "nothing is kept before there is a transaction")

			tx := begin()
			require.NoError(t, tx.exec("insert into appointments values ('grace')"))
			_, err = tx.send(prepared)
			require.NoError(t, err)
			require.NoError(t, tx.rollback())
			require.Equal(t, []int{0, 0, 0, 0, 0}, left(), "rolled back leaves nothing")

			tx = begin()
			require.NoError(t, tx.exec("insert into appointments values ('grace')"))
			message, err := tx.send(prepared)
			require.NoError(t, err)
			require.Equal(t, messenger.DeliveryQueued, message.Delivery.Status)
			require.Equal(t, []int{0, 0, 0, 0, 0}, left(), "nobody sees it before the commit")
			require.NoError(t, tx.commit())
			require.Equal(t, []int{1, 1, 1, 2, 1}, left(), "the channel's and the message's line of history")
			require.Equal(t, message.ID, until(t, events, "message").Message.ID, "open pages are told")
			b.deliver(t, message.ID, 1)
			require.Contains(t, b.email.Outbox()[0].Text, "Your appointment is booked")

			tx = begin()
			again, err := tx.send(prepared)
			require.NoError(t, err)
			require.Equal(t, message.ID, again.ID, "it stands already")
			require.Equal(t, messenger.DeliverySent, again.Delivery.Status)
			require.NoError(t, tx.commit())
			require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_messages"))
		})
	}
}

// What can't be sent leaves the host's transaction as it was: the host may go on and commit.
func TestAHostsTransactionOutlivesARefusal(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pgx", "database/sql"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			exec(t, b, "create table appointments (client text primary key)")
			sent := b.send(t, "amira", email("grace", "Hello"))
			b.reply(t, sent.Channel, "Not well")
			done := email("grace", "Bye")
			done.Then = messenger.Done
			prepared, err := b.Prepare(as(t, "amira"), done)
			require.NoError(t, err)
			tx := hosts(t, b.pool)[name]()
			require.NoError(t, tx.exec("insert into appointments values ('grace')"))
			_, err = tx.send(prepared)
			requireCode(t, messenger.CodeUnreadReplies, err)
			require.NoError(t, tx.exec("insert into appointments values ('sian')"))
			require.NoError(t, tx.commit())
			require.Equal(t, 2, count(t, b.pool, "select count(*) from appointments"))
			require.Equal(t, 2, count(t, b.pool, "select count(*) from messenger_messages"))
		})
	}
}

func TestAKeyIsOneMessageInAHostsTransactionToo(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pgx", "database/sql"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			p := email("grace", "Hello")
			p.Key = "appointment-7"
			first := b.send(t, "amira", p)
			begin := hosts(t, b.pool)[name]
			for _, body := range []string{"Hello", "Another"} {
				p.Body = body
				prepared, err := b.Prepare(as(t, "amira"), p)
				require.NoError(t, err)
				tx := begin()
				message, err := tx.send(prepared)
				if body == "Hello" {
					require.NoError(t, err)
					require.Equal(t, first.Message.ID, message.ID)
				} else {
					requireCode(t, messenger.CodeKeyReused, err)
				}
				require.NoError(t, tx.commit())
			}
			require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_messages"))
		})
	}
}

// The directory refuses before there is a transaction, and a transaction that is over or has failed is told so.
func TestWhatAHostsTransactionRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.Prepare(as(t, "amira"), email("dead", "Hello"))
	requireCode(t, messenger.CodeDeceased, err)
	prepared, err := b.Prepare(as(t, "amira"), email("grace", "Hello"))
	require.NoError(t, err)
	for name, begin := range hosts(t, b.pool) {
		over, failed := begin(), begin()
		require.NoError(t, over.commit())
		_, err = over.send(prepared)
		require.Error(t, err, name)
		require.Error(t, failed.exec("select 1/0"))
		_, err = failed.send(prepared)
		require.Error(t, err, name)
		require.NoError(t, failed.rollback())
	}
	db := sql.OpenDB(other{})
	defer func() { require.NoError(t, db.Close()) }()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = prepared.SendSQL(t.Context(), tx)
	require.ErrorContains(t, err, "not pgx's")
	require.NoError(t, tx.Rollback())
	require.Zero(t, count(t, b.pool, "select count(*) from messenger_messages"))
}

// A closed browser tab rolls a database/sql transaction back from another goroutine: never beneath a send.
func TestACancelledHostsTransaction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	db := stdlib.OpenDBFromPool(b.pool)
	defer func() { require.NoError(t, db.Close()) }()
	prepared, err := b.Prepare(as(t, "amira"), email("grace", "Hello"))
	require.NoError(t, err)
	committed := 0
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		go cancel()
		if _, err = prepared.SendSQL(ctx, tx); err == nil {
			err = tx.Commit()
		}
		if err == nil {
			committed++
		}
		cancel()
		_ = tx.Rollback()
	}
	require.Equal(t, min(committed, 1), count(t, b.pool, "select count(*) from messenger_messages"))
	require.Equal(t, min(committed, 1), count(t, b.pool, "select count(*) from river_job"))
	require.NoError(t, pgx.BeginFunc(t.Context(), b.pool, func(pgx.Tx) error { return nil }), "the pool's connections are well")
}

// What a host says of its clients goes with its own change of them: with the commit, or not at all.
func TestHostCallsInAHostsTransaction(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pgx", "database/sql"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.work(t)
			sent := b.send(t, "amira", email("grace", "Hello"))
			token := b.token(t, sent.Channel)
			b.clients.Put(north, adapters.Client{ID: "grace", Name: "Grace Bello", Email: "grace@example.org"})
			begin := hosts(t, b.pool)[name]
			for _, end := range []string{"rollback", "commit"} {
				tx := begin()
				require.NoError(t, tx.discharged(b, "grace"))
				require.NoError(t, tx.changed(b, "grace"))
				_, err := b.ReplyPage(t.Context(), token, "")
				require.NoError(t, err, "nobody sees it before the commit")
				if end == "rollback" {
					require.NoError(t, tx.rollback())
					require.Zero(t, count(t, b.pool, "select count(*) from river_job where kind = 'messenger_rename_clients'"))
					continue
				}
				require.NoError(t, tx.commit())
				_, err = b.ReplyPage(t.Context(), token, "")
				requireCode(t, messenger.CodeNotFound, err)
			}
			eventually(t, func() bool { return b.row(t, sent.Channel).ClientName == "Grace Bello" }, "the name follows the directory")
		})
	}
}

// other is a database whose driver is not pgx's.
type other struct{}

func (o other) Connect(context.Context) (driver.Conn, error) { return o, nil }
func (o other) Driver() driver.Driver                        { return nil }
func (o other) Prepare(string) (driver.Stmt, error)          { return nil, errors.New("not here") }
func (other) Close() error                                   { return nil }
func (o other) Begin() (driver.Tx, error)                    { return o, nil }
func (other) Commit() error                                  { return nil }
func (other) Rollback() error                                { return nil }
