package migrations

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// index is one that is to be there, and valid.
type index struct {
	kind       string // "index" or "unique index"
	name       string
	table      string
	definition string // what follows the table's name
}

var indexStatement = regexp.MustCompile(
	`(?is)\bcreate\s+((?:unique\s+)?index)\s+if\s+not\s+exists\s+(\w+)\s+on\s+(\w+)\s*([^;]*)`)

// indexesOf is what a migration's file makes 'if not exists'.
func indexesOf(name string) (list []index, err error) {
	entries, err := FS.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), name+"_") || !strings.HasSuffix(entry.Name(), ".up.sql") {
			continue
		}
		text, err := FS.ReadFile(entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read migrations: %w", err)
		}
		for _, part := range indexStatement.FindAllStringSubmatch(string(text), -1) {
			list = append(list, index{kind: part[1], name: part[2], table: part[3], definition: part[4]})
		}
	}
	return list, nil
}

// indexesFirst makes the indexes that a migration wants of tables that have rows, while everything goes on. Its
// file then finds them there. One of a column that the file itself adds is left to the file.
func indexesFirst(ctx context.Context, own *pgxpool.Pool, migration string) error {
	list, err := indexesOf(migration)
	if err != nil {
		return err
	}
	for _, wanted := range list {
		rows, err := hasRows(ctx, own, wanted.table)
		if err != nil {
			return err
		}
		if !rows {
			continue
		}
		var failure *pgconn.PgError
		err = wanted.ensure(ctx, own)
		if errors.As(err, &failure) && failure.Code == "42703" { // no such column
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func hasRows(ctx context.Context, own *pgxpool.Pool, table string) (rows bool, err error) {
	if err = own.QueryRow(ctx, "select to_regclass($1) is not null", table).Scan(&rows); err != nil || !rows {
		return false, err
	}
	err = own.QueryRow(ctx, "select exists (select from "+pgx.Identifier{table}.Sanitize()+")").Scan(&rows)
	return rows, err
}

// ensure makes the index unless it is there, and returns once it is valid.
func (x index) ensure(ctx context.Context, own *pgxpool.Pool) error {
	err := patiently(ctx, func() error {
		if err := mendIndexes(ctx, own); err != nil { // also of what the last try left half made, which is there by its name
			return err
		}
		return x.create(ctx, own)
	})
	if err != nil {
		return fmt.Errorf("make the index %s: %w", x.name, err)
	}
	return nil
}

func (x index) create(ctx context.Context, own *pgxpool.Pool) error {
	rest := fmt.Sprintf("if not exists %s on %s %s", x.name, x.table, x.definition)
	rows, err := hasRows(ctx, own, x.table)
	if err != nil {
		return err
	}
	if rows {
		return unhurried(ctx, own, "create "+x.kind+" concurrently "+rest)
	}
	_, err = own.Exec(ctx, "create "+x.kind+" "+rest) // at once: to make it concurrently waits for every open transaction
	return err
}

// mendIndexes makes what is half made of Messenger's indexes anew: what a killed build or a host's own one has
// left. What is being made, perhaps by an administrator, is waited for.
func mendIndexes(ctx context.Context, own *pgxpool.Pool) error {
	names, err := invalidIndexes(ctx, own)
	for _, name := range names {
		if err = patiently(ctx, func() error { return mendIndex(ctx, own, name) }); err != nil {
			return fmt.Errorf("mend the index %s: %w", name, err)
		}
	}
	return err
}

func invalidIndexes(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
	names, err := list(ctx, pool, `select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
		where c.relnamespace = current_schema()::regnamespace and c.relname ~ '^messenger_' and not i.indisvalid
		order by c.relname`)
	if err != nil {
		return nil, fmt.Errorf("look at the indexes: %w", err)
	}
	return names, nil
}

func mendIndex(ctx context.Context, own *pgxpool.Pool, name string) error {
	if err := awaitBuilder(ctx, own, name); err != nil {
		return err
	}
	still, err := invalidIndexes(ctx, own)
	if err != nil || !slices.Contains(still, name) {
		return err
	}
	quoted := pgx.Identifier{name}.Sanitize()
	if leftByReindex.MatchString(name) {
		return unhurried(ctx, own, "drop index concurrently if exists "+quoted)
	}
	return unhurried(ctx, own, "reindex index concurrently "+quoted)
}

// leftByReindex is how PostgreSQL names what a killed 'reindex concurrently' leaves beside the index.
var leftByReindex = regexp.MustCompile(`_cc(new|old)\d*$`)

// awaitBuilder waits while somebody makes this index. It holds nothing meanwhile that the build would wait for. Of
// another role's build PostgreSQL may not tell which index it is: any is waited for.
func awaitBuilder(ctx context.Context, own *pgxpool.Pool, name string) error {
	for {
		var building bool
		err := own.QueryRow(ctx, `select exists (select from pg_stat_progress_create_index
			where datname = current_database() and (index_relid is null or index_relid = to_regclass($1)))`,
			name).Scan(&building)
		if err != nil || !building {
			return err
		}
		if err := pause(ctx, time.Second/2); err != nil {
			return err
		}
	}
}

// unhurried runs a statement behind which nobody waits, however long it waits itself.
func unhurried(ctx context.Context, own *pgxpool.Pool, statement string) error {
	if _, err := own.Exec(ctx, "set lock_timeout = 0"); err != nil {
		return err
	}
	if _, err := own.Exec(ctx, statement); err != nil {
		_, again := own.Exec(ctx, "set lock_timeout = '"+lockTimeout+"'")
		return errors.Join(err, again)
	}
	_, err := own.Exec(ctx, "set lock_timeout = '"+lockTimeout+"'")
	return err
}

// searchIndexes makes the indexes of the inbox search when both extensions are there, and removes the one that came
// before.
func searchIndexes(ctx context.Context, own *pgxpool.Pool) error {
	gin, err := ensureExtension(ctx, own, "btree_gin")
	if err != nil {
		return err
	}
	trgm, err := ensureExtension(ctx, own, "pg_trgm")
	if err != nil || gin == "" || trgm == "" {
		return err
	}
	staff := "staff_id " + pgx.Identifier{gin, "text_ops"}.Sanitize()
	name := "client_name_folded " + pgx.Identifier{trgm, "gin_trgm_ops"}.Sanitize()
	words := "messenger_inbox_words(staff_id, words)"
	for _, wanted := range []index{
		{"index", "messenger_messages_inbox_words", "messenger_messages", "using gin (" + staff + ", " + words + ")"},
		{"index", "messenger_channels_name", "messenger_channels", "using gin (" + staff + ", " + name + ")"},
	} {
		if err := wanted.ensure(ctx, own); err != nil {
			return err
		}
	}
	var old bool
	err = own.QueryRow(ctx, "select to_regclass('messenger_messages_words') is not null").Scan(&old)
	if err != nil || !old {
		return err
	}
	if err := unhurried(ctx, own, "drop index concurrently if exists messenger_messages_words"); err != nil {
		return fmt.Errorf("drop the search index that came before: %w", err)
	}
	return nil
}

// ensureExtension returns the schema an extension lives in, or "" where the database refuses it. Without SCHEMA it
// would land in a schema of the search path, and go with it.
func ensureExtension(ctx context.Context, own *pgxpool.Pool, name string) (schema string, err error) {
	conn, err := own.Acquire(ctx)
	if err != nil {
		return "", fmt.Errorf("connect: %w", err)
	}
	defer conn.Release()
	const all = "messenger extensions" // of every schema of the database
	if err := lock(ctx, conn.Conn(), all); err != nil {
		return "", err
	}
	defer func() {
		// a connection that can't say so is lost, and the lock with it
		_, _ = conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", lockKey(all))
	}()
	find := "select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = $1"
	err = conn.QueryRow(ctx, find, name).Scan(&schema)
	if !errors.Is(err, pgx.ErrNoRows) {
		return schema, err
	}
	_, err = conn.Exec(ctx, "create extension if not exists "+pgx.Identifier{name}.Sanitize()+" schema public")
	if isRefused(err) {
		return "", nil // not allowed, or not installed on the server
	}
	if err != nil {
		return "", fmt.Errorf("create extension %s: %w", name, err)
	}
	return "public", nil
}

// isRefused says whether the server would say the same again: it is no fault of the connection, and no trouble that
// passes.
func isRefused(err error) bool {
	var failure *pgconn.PgError
	if !errors.As(err, &failure) || isInUse(err) {
		return false
	}
	switch failure.Code[:2] {
	case "08", "40", "53", "57":
		return false
	}
	return true
}
