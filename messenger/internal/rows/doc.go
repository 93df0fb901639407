// Package rows is Messenger's tables in Go: the one description of each, and how a query is made and carried out.
//
// bun builds a query, and pgx carries it out, on the pool or in a transaction. No value stands in the text of a
// statement: each has its place ($1, $2, …) and travels beside it. So PostgreSQL's log never has a client's words,
// when a statement fails, and each text keeps its plan. The package knows no rule, no port and no clock.
//
// # A model
//
// A model is a table: [Draft], [WholeChannel], [WholeMessage]. [Channel] and [Message] are those of their columns
// that rules need. A column stands once, in its model; a test holds the models against the migrated tables.
//
// # Three ways to make a query
//
// A builder, for most. Each value stands in [V]:
//
//	draft, err := rows.One[rows.Draft](ctx, pool, rows.All[rows.Draft]().
//		Where("d.staff_id = ? AND d.client_id = ?", rows.V(staff), rows.V(client)))
//
//	n, err := rows.Exec(ctx, tx, rows.Update[rows.Channel]().
//		Set("status = ?", rows.V(status)).Where("id = ?", rows.V(id)))
//
//	_, err = rows.Exec(ctx, tx, rows.Insert(&rows.History{ID: id, Action: "looked"}))
//
// A file, for a statement that is read as a whole or that speed hangs on: sql/claim.sql, in which a value stands as
// @its_name.
//
//	rows.File("claim", rows.Args{"id": id, "attempt": attempt})
//
// [Raw], for what is no table's:
//
//	rows.Raw("select pg_advisory_xact_lock(hashtextextended(?, 0))", rows.V(key))
//
// # What comes back
//
// [List], [One] and [Queue] read rows into a struct by the names of its columns: a model, or a struct of the caller's
// for some columns.
//
//	type own struct {
//		ClientID adapters.ClientID // client_id
//		ID       uuid.UUID
//	}
//	list, err := rows.List[own](ctx, pool, rows.Select[rows.Channel]().Column("client_id", "id").Where(…))
//
// One column needs no struct: rows.One[int]. Queries that travel in one round trip are a [Batch].
//
// # Rules
//
// The text of a builder's Where, Set and the like is a constant, and whatever varies stands in V: a test reads the
// service's source for it. How many rows a query returns at most is said with [Limit], not with bun's own, which
// writes the number into the text. A list is a value as any other: "c.id = any(?::text[]::uuid[])" takes a []string,
// which each of pgx's modes can send. Nothing is executed through bun: a builder's own Exec and Scan have no
// connection.
package rows
