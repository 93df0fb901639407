package rows

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"
)

// dialect is bun's own for PostgreSQL, with a place ($1, $2, …) wherever that would write a value.
//
// bun writes values into the text of a statement. PostgreSQL logs the text of a statement that fails, and a key that
// is used twice is a normal failure: a client's words would stand in the log. A text that is always the same also
// keeps its plan.
type dialect struct {
	*pgdialect.Dialect
	tables *schema.Tables
	lists  sync.Map // of columns, by columnsKey
}

func newDialect() *dialect {
	d := &dialect{Dialect: pgdialect.New()}
	d.tables = schema.NewTables(d)
	return d
}

func (d *dialect) Tables() *schema.Tables { return d.tables }

func (d *dialect) OnTable(t *schema.Table) {
	d.Dialect.OnTable(t)
	for _, f := range t.FieldMap {
		f.IsPtr = false // a nil pointer is a value as any other: the text does not depend on it
		f.Append = appendField
		if f.UserSQLType == "tsvector" {
			f.Append = appendWords
		}
	}
}

func appendField(gen schema.QueryGen, b []byte, v reflect.Value) []byte {
	return place(gen, b, v.Interface())
}

// appendWords writes a message's words, which come as a list.
func appendWords(gen schema.QueryGen, b []byte, v reflect.Value) []byte {
	return append(place(gen, append(b, "array_to_tsvector("...), v.Interface()), "::text[])"...)
}

type columnsKey struct {
	model         reflect.Type
	alias, prefix string
}

// columns is made once: to write fifty names takes longer than to build the rest of a query.
func (d *dialect) columns(model reflect.Type, alias, prefix string) string {
	key := columnsKey{model, alias, prefix}
	if list, ok := d.lists.Load(key); ok {
		return list.(string)
	}
	var names []string
	for _, f := range d.tables.Get(model).Fields {
		name := alias + "." + f.Name
		if prefix != "" {
			name += " AS " + prefix + f.Name
		}
		names = append(names, name)
	}
	list := strings.Join(names, ", ")
	d.lists.Store(key, list)
	return list
}

// call is the dialect of one statement, with the values that belong into its places.
type call struct {
	*dialect
	args []any
	err  error
}

func (c *call) place(b []byte, v any) []byte {
	c.args = append(c.args, v)
	return strconv.AppendInt(append(b, '$'), int64(len(c.args)), 10)
}

// place keeps v and writes where it belongs. Outside a statement's own rendering it writes a question mark, which
// PostgreSQL refuses.
func place(gen schema.QueryGen, b []byte, v any) []byte {
	if c, ok := gen.Dialect().(*call); ok {
		return c.place(b, v)
	}
	return append(b, '?')
}

// What a query was given without V is no part of the text either.

func (c *call) AppendString(b []byte, s string) []byte   { return c.place(b, s) }
func (c *call) AppendTime(b []byte, at time.Time) []byte { return c.place(b, at) }
func (c *call) AppendBytes(b, raw []byte) []byte         { return c.place(b, slices.Clone(raw)) }
func (c *call) AppendBool(b []byte, v bool) []byte       { return c.place(b, v) }
func (c *call) AppendUint32(b []byte, n uint32) []byte   { return c.place(b, n) }
func (c *call) AppendUint64(b []byte, n uint64) []byte   { return c.place(b, n) }

// AppendJSON is what bun does with lists and structs.
func (c *call) AppendJSON(b, _ []byte) []byte {
	c.err = errBare
	return append(b, '?')
}

func (d *dialect) render(q Query) (string, []any, error) {
	c := &call{dialect: d}
	raw, err := q.AppendQuery(schema.NewQueryGen(c), make([]byte, 0, 512))
	if err = errors.Join(c.err, err); err != nil {
		return "", nil, err
	}
	text := string(raw)
	if strings.Contains(text, "?!(") { // how bun writes that it can't
		return "", nil, errUnwritable
	}
	return text, c.args, nil
}

var (
	errBare       = errors.New("rows: a list or a struct stands in a query without V")
	errUnwritable = errors.New("rows: a query holds what bun can't write")
)

// V is a value in Where, Set and their like: "c.id = ?", rows.V(id).
func V(value any) schema.QueryAppender { return valueOf{value} }

type valueOf struct{ value any }

func (v valueOf) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	return place(gen, b, v.value), nil
}

// db builds queries. Nothing is executed through it: it has no connection.
//
//nolint:gochecknoglobals // it holds what the models look like, which is the same for everybody
var db = bun.NewDB(nil, newDialect())
