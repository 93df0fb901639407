package migrations

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing/fstest" // its map alone: nothing of package testing

	"github.com/jackc/pgx/v5/pgxpool"
)

// Goose returns the migrations as pressly/goose reads them: NUMBER_messenger_name.sql, up and down. Write them into a
// folder, or give them to goose.NewProvider. Give goose a table of its own for them (goose.WithTableName, -table): your
// own migrations have other numbers.
//
// The files do what Up does, and mark it for Pending and Health. Up may be called after them: it goes on where they
// stopped and mends what is half made. Goose does not know what Up made: a host stays with the one or the other. The
// files do not try again by themselves: a step that can't have a table within a second fails, and so does an index that
// somebody's time-out ends. Run goose again then, and look at Faults for an index that is half made. Files of a
// released migration never change.
func Goose() (fs.FS, error) {
	list, err := steps()
	if err != nil {
		return nil, err
	}
	files := fstest.MapFS{}
	for _, s := range list {
		text := fmt.Sprintf("-- +goose Up\n%s\n-- +goose Down\n%s", gooseBlock(s.up), gooseBlock(s.down))
		if s.alone {
			text = "-- +goose NO TRANSACTION\n" + text
		}
		files[fmt.Sprintf("%d_messenger_%s.sql", s.number, s.name)] = &fstest.MapFile{Data: []byte(text), Mode: 0o444}
	}
	return files, nil
}

func gooseBlock(text string) string {
	return "-- +goose StatementBegin\n" + text + "\n-- +goose StatementEnd\n"
}

// GolangMigrate returns the migrations as golang-migrate/migrate reads them: NUMBER_messenger_name.up.sql and
// .down.sql. Write them into a folder, or give them to its source iofs. What Goose says holds for these too; the table
// of their own is x-migrations-table. Leave x-multi-statement off. A file that failed leaves the version dirty:
// force the one before, then run it again. Only one process may run them at a time: others that wait for
// golang-migrate's lock would have an index that is made concurrently wait for them.
func GolangMigrate() (fs.FS, error) {
	list, err := steps()
	if err != nil {
		return nil, err
	}
	files := fstest.MapFS{}
	for _, s := range list {
		for direction, text := range map[string]string{"up": s.up, "down": s.down} {
			name := fmt.Sprintf("%d_messenger_%s.%s.sql", s.number, s.name, direction)
			files[name] = &fstest.MapFile{Data: []byte(text + "\n"), Mode: 0o444}
		}
	}
	return files, nil
}

// Script returns what Up would run now as one text for psql, and "" when that is nothing. With a nil pool it is
// for a database without Messenger. Run it by 'psql -v ON_ERROR_STOP=1 -f FILE', in no transaction
// of yours and by one person at a time. Where it stops, make it again: what has run is left out. What Goose
// says of time-outs and half-made indexes holds for it too. It changes nothing itself and waits for nobody.
func Script(ctx context.Context, pool *pgxpool.Pool) (string, error) {
	list, err := steps()
	if err != nil {
		return "", err
	}
	if pool != nil {
		if list, err = lacking(ctx, pool, list); err != nil {
			return "", err
		}
	}
	if len(list) == 0 {
		return "", nil
	}
	var text strings.Builder
	text.WriteString("-- Messenger's migrations, for psql -v ON_ERROR_STOP=1. What is in no transaction here is to be " +
		"in none.\nset statement_timeout = 0;\n")
	for _, s := range list {
		fmt.Fprintf(&text, "\n-- %d %s\n", s.number, s.name)
		if s.alone {
			text.WriteString(s.up + "\n")
		} else {
			text.WriteString("begin;\n" + s.up + "\ncommit;\n")
		}
	}
	return text.String(), nil
}

// lacking is which of the steps a database lacks.
func lacking(ctx context.Context, pool *pgxpool.Pool, list []step) ([]step, error) {
	pending, err := Pending(ctx, pool)
	if err != nil {
		return nil, err
	}
	var begun, searched bool
	err = pool.QueryRow(ctx, `select to_regclass('messenger_migrations') is not null,
		to_regclass('messenger_messages_inbox_words') is not null and to_regclass('messenger_channels_name') is not null
		or to_regclass('messenger_inboxes') is not null
			and (select count(*) from pg_extension where extname in ('btree_gin', 'pg_trgm')) < 2`,
	).Scan(&begun, &searched)
	if err != nil {
		return nil, fmt.Errorf("look for the indexes of the search: %w", err)
	}
	return slices.DeleteFunc(list, func(s step) bool {
		switch s.number {
		case marksStep:
			return begun
		case searchStep:
			return searched
		}
		return !slices.ContainsFunc(pending, func(name string) bool { return strings.HasPrefix(name, s.migration+"_") })
	}), nil
}
