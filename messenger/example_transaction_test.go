package messenger_test

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Booking an appointment and confirming it are one commit. Prepare asks the directory first, while no transaction is
// open.
func ExamplePrepared_SendTx() {
	host := newExampleHost()
	defer host.stop()
	pool, m := host.Pool, must(messenger.New(host.Config))
	ctx := memory.SignIn(context.Background(), "amira")
	if _, err := pool.Exec(ctx, "create table appointments (client_id text, at text)"); err != nil {
		fmt.Println(err)
		return
	}

	book := func(at string, confirm bool) error {
		confirmation, err := m.Prepare(ctx, messenger.SendParams{
			Client: "c-1", Medium: adapters.Email, Subject: "Your appointment",
			Body: "Dear {{first_name}}, we meet on " + at + ".",
		})
		if err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "insert into appointments values ('c-1', $1)", at); err != nil {
				return err
			}
			if _, err := confirmation.SendTx(ctx, tx); err != nil {
				return err
			}
			if !confirm {
				return fmt.Errorf("%s is taken", at) // rolls back: no appointment, and no message
			}
			return nil
		})
	}
	fmt.Println(book("Monday", false))
	fmt.Println(book("Tuesday", true))

	page, err := m.Inbox(ctx, messenger.InboxParams{Staff: "amira"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, channel := range page.Items {
		fmt.Println(channel.ClientName+":", channel.LastMessage.Text)
	}
	// Output:
	// Monday is taken
	// <nil>
	// Grace Okafor: Dear Grace, we meet on Tuesday.
}

// A host on database/sql or bun has one pool for both: bun.NewDB takes what OpenDBFromPool returns, and a bun.Tx holds
// the *sql.Tx. examples/bunhost is such a host.
func ExamplePrepared_SendSQL() {
	host := newExampleHost()
	defer host.stop()
	db, m := stdlib.OpenDBFromPool(host.Pool), must(messenger.New(host.Config))
	defer func() { _ = db.Close() }()
	ctx := memory.SignIn(context.Background(), "amira")

	confirmation := must(m.Prepare(ctx, messenger.SendParams{
		Client: "c-1", Medium: adapters.Email, Subject: "Your appointment", Body: "Dear {{first_name}}, we meet on Tuesday.",
	}))
	book := func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "create table appointments (client_id text)"); err != nil {
			return err
		}
		_, err := confirmation.SendSQL(ctx, tx)
		return err
	}
	tx := must(db.BeginTx(ctx, nil))
	if err := book(tx); err != nil {
		fmt.Println(err, tx.Rollback())
		return
	}
	check(tx.Commit())

	page := must(m.Inbox(ctx, messenger.InboxParams{Staff: "amira"}))
	fmt.Println(page.Items[0].LastMessage.Text)
	// Output: Dear Grace, we meet on Tuesday.
}
