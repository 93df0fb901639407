// Package bunhost shows a host whose own data live in bun. One pool serves bun, Messenger and River, and an appointment
// and its confirmation are one commit.
//
// bun works over pgx's database/sql driver here. Over bun's own pgdriver a host keeps its data as before, but SendSQL
// refuses such a transaction: that driver writes values into the text of a statement, where PostgreSQL's log would have
// a client's words, and it has no pgx connection to lend. Such a host gives Messenger a pgx pool of its own beside, and
// sends with Send.
package bunhost

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Appointment is a table of the host's own.
type Appointment struct {
	bun.BaseModel `bun:"table:appointments"`
	ID            int64             `bun:"id,pk,autoincrement"`
	ClientID      adapters.ClientID `bun:"client_id,notnull"`
	At            string            `bun:"at,notnull,unique"`
}

// OpenBun is bun over the pool that Messenger and River have. The pool stays open when it is closed.
func OpenBun(pool *pgxpool.Pool) *bun.DB {
	return bun.NewDB(stdlib.OpenDBFromPool(pool), pgdialect.New())
}

// Book books an appointment and confirms it by email, both or neither. ctx is of a signed-in staff member.
func Book(ctx context.Context, db *bun.DB, m *messenger.Messenger, a Appointment) error {
	confirmation, err := m.Prepare(ctx, messenger.SendParams{
		Client: a.ClientID, Medium: adapters.Email, Subject: "Your appointment",
		Body: "Dear {{first_name}}, we meet on " + a.At + ".",
	})
	if err != nil {
		return err
	}
	return db.RunInTx(ctx, &sql.TxOptions{}, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&a).Exec(ctx); err != nil {
			return err
		}
		_, err := confirmation.SendSQL(ctx, tx.Tx)
		return err
	})
}
