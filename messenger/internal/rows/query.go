package rows

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// Query is what List, One, Exec and Queue take: a bun builder, Raw or File.
type Query = schema.QueryAppender

// SelectQuery is a builder, for a helper that goes on with one.
type SelectQuery = bun.SelectQuery

// UpdateQuery is a builder, for a helper that goes on with one.
type UpdateQuery = bun.UpdateQuery

// Querier is the pool or a transaction.
type Querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// All begins a select of all columns of the model T.
func All[T any]() *SelectQuery {
	return Select[T]().ColumnExpr(Columns[T](db.Table(reflect.TypeFor[T]()).Alias, ""))
}

// Select begins a select of the model T. Its columns are named with Column or ColumnExpr.
func Select[T any]() *SelectQuery { return db.NewSelect().Model((*T)(nil)) }

// From begins a select from what is no model: a query as a table, "(?) AS c".
func From(table string, values ...any) *SelectQuery {
	return db.NewSelect().TableExpr(table, values...)
}

// Columns is all columns of the model T in a table under this alias, for ColumnExpr. Their names begin with prefix:
// "c.id AS c_id, …".
func Columns[T any](alias, prefix string) string {
	return db.Dialect().(*dialect).columns(reflect.TypeFor[T](), alias, prefix)
}

// Insert begins an insert of a model, or of a list of one: a pointer to it. It writes every column of the model, a
// nil pointer as null.
func Insert(model any) *bun.InsertQuery { return db.NewInsert().Model(model) }

// Update begins an update of the model T. It needs a Where.
func Update[T any]() *UpdateQuery { return db.NewUpdate().Model((*T)(nil)) }

// Delete begins a delete of the model T. It needs a Where.
func Delete[T any]() *bun.DeleteQuery { return db.NewDelete().Model((*T)(nil)) }

// Raw is a statement as it is written, with a ? for each value.
func Raw(sql string, values ...any) Query { return db.NewRaw(sql, values...) }

// Limit is a query that returns n rows at most, whatever the number. bun's own writes it into the text.
func Limit(query Query, n int) Query { return limited{query, V(n)} }

// Page is Limit for the size of a page, of which there are a hundred. The number stands in the text, so that the
// planner knows how few rows are wanted also in a plan that is kept.
func Page(query Query, n int) Query { return limited{query, bun.Safe(strconv.Itoa(n))} }

type limited struct {
	query Query
	n     schema.QueryAppender
}

func (l limited) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	b, err := l.query.AppendQuery(gen, b)
	if err != nil {
		return b, err
	}
	return l.n.AppendQuery(gen, append(b, " LIMIT "...))
}

// Render is a query as PostgreSQL gets it: the text, and the values of its places.
func Render(query Query) (string, []any, error) {
	if file, ok := query.(file); ok {
		return file.render()
	}
	return db.Dialect().(*dialect).render(query)
}

// List returns the rows of a query. T is a struct whose fields have the names of the columns, all of them and no
// other; or what one column holds, when there is one.
func List[T any](ctx context.Context, q Querier, query Query) ([]T, error) {
	sql, args, err := Render(query)
	if err != nil {
		return nil, err
	}
	reads, bounded := q.(Reads)
	if !bounded {
		return ask[T](ctx, q, sql, args)
	}
	list, err := askBounded[T](ctx, reads, sql, args)
	if reads.again(ctx, err) {
		return askBounded[T](ctx, reads, sql, args)
	}
	return list, err
}

func ask[T any](ctx context.Context, q Querier, sql string, args []any) ([]T, error) {
	found, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return collect[T](found)
}

func askBounded[T any](ctx context.Context, reads Reads, sql string, args []any) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, reads.Timeout)
	defer cancel()
	return ask[T](ctx, reads.Pool, sql, args)
}

// Reads is the pool for what somebody waits for: each question has its time, waiting for a connection included. pgx
// closes the connection of one that passes it. What got no answer of PostgreSQL's is asked once more, on another
// connection: it changes nothing.
type Reads struct {
	*pgxpool.Pool
	Timeout time.Duration
}

func (r Reads) again(ctx context.Context, err error) bool {
	var said *pgconn.PgError
	stopped := errors.As(err, &said) && strings.HasPrefix(said.Code, "57P")
	return err != nil && ctx.Err() == nil && (said == nil || stopped)
}

// One returns the row of a query. Errors: pgx.ErrNoRows, pgx.ErrTooManyRows.
func One[T any](ctx context.Context, q Querier, query Query) (one T, err error) {
	list, err := List[T](ctx, q, query)
	switch {
	case err != nil:
		return one, err
	case len(list) == 0:
		return one, pgx.ErrNoRows
	case len(list) > 1:
		return one, pgx.ErrTooManyRows
	}
	return list[0], nil
}

// Exec runs a query and returns how many rows it changed. Over Reads it has the time of a question, and is asked once:
// what got no answer may have been done.
func Exec(ctx context.Context, q Querier, query Query) (int64, error) {
	sql, args, err := Render(query)
	if err != nil {
		return 0, err
	}
	if reads, bounded := q.(Reads); bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, reads.Timeout)
		defer cancel()
	}
	tag, err := q.Exec(ctx, sql, args...)
	return tag.RowsAffected(), err
}

// Batch is some queries that travel together, in one round trip. It is sent once.
type Batch struct {
	batch pgx.Batch
	err   error // the first query that could not be rendered
	begun Begun
}

// Begun is a transaction as pg_stat_activity has it for as long as it is not over.
type Begun struct {
	PID int32
	At  time.Time
}

// Queue adds a query whose rows go to read. An error of read is the error of the batch, and what follows is not read.
func Queue[T any](b *Batch, query Query, read func([]T) error) {
	b.queue(query).Query(func(found pgx.Rows) error {
		list, err := collect[T](found)
		if err != nil {
			return err
		}
		return read(list)
	})
}

// Exec adds a query whose result nobody asks for.
func (b *Batch) Exec(query Query) { b.queue(query) }

func (b *Batch) queue(query Query) *pgx.QueuedQuery {
	sql, args, err := Render(query)
	if err != nil && b.err == nil {
		b.err = err
	}
	return b.batch.Queue(sql, args...)
}

// Begin is a batch that begins a transaction, for SendBegun. PostgreSQL ends it once nothing has come for it in ten
// seconds: what a firewall has forgotten, or a machine that is gone, would keep its locks for hours.
func Begin() *Batch {
	b := &Batch{}
	b.batch.BeginTx(pgx.TxOptions{})
	begun := Raw(`select pg_backend_pid() as pid, now() as at
		from set_config('idle_in_transaction_session_timeout', '10s', true)`)
	Queue(b, begun, func(one []Begun) error { b.begun = one[0]; return nil })
	return b
}

// Begun is the transaction that the batch has begun, once SendBegun has returned it without an error.
func (b *Batch) Begun() Begun { return b.begun }

// Sender is the pool, a connection or a transaction.
type Sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// Send sends the queries and reads what they return. The error is the first query's that failed.
func (b *Batch) Send(ctx context.Context, to Sender) error {
	if b.err != nil {
		return b.err
	}
	reads, bounded := to.(Reads)
	if !bounded {
		return to.SendBatch(ctx, &b.batch).Close()
	}
	err := b.sendBounded(ctx, reads)
	if reads.again(ctx, err) {
		return b.sendBounded(ctx, reads)
	}
	return err
}

func (b *Batch) sendBounded(ctx context.Context, reads Reads) error {
	ctx, cancel := context.WithTimeout(ctx, reads.Timeout)
	defer cancel()
	again := pgx.Batch{QueuedQueries: b.batch.QueuedQueries} // one that was sent can't be sent again
	return reads.SendBatch(ctx, &again).Close()
}

// SendBegun is Send for a batch that begins a transaction. The transaction is nil when nothing was sent; else it is
// the caller's to end, after an error too.
func (b *Batch) SendBegun(ctx context.Context, to Sender) (pgx.Tx, error) {
	if b.err != nil {
		return nil, b.err
	}
	results := to.SendBatch(ctx, &b.batch)
	return results.Tx(), results.Close()
}
