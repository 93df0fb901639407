package migrations

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// step is what another tool runs at a time: some statements in one transaction, or a single one in none.
type step struct {
	number    int64  // its migration's, and two digits more
	migration string // the name that messenger_migrations has it by
	name      string
	alone     bool // in no transaction
	up, down  string
}

const (
	perMigration = 100 // steps at the most
	marksStep    = 2026110100000000
	searchStep   = 2026110100001390 // after the functions that its index is made of
	nothing      = "select 1;"
	// patientStep bounds how long others stand behind a step that waits for a table: see Up.
	patientStep = "set local lock_timeout = '1s';\n"
)

// steps is all that Up does of a database without Messenger, and its way back, oldest first. Numbers and texts of a
// released migration never change.
func steps() ([]step, error) {
	all, err := found()
	if err != nil {
		return nil, err
	}
	list := []step{{number: marksStep, name: "migrations", up: marksUp, down: marksDown}}
	for _, migration := range all {
		of, err := stepsOf(migration.Name, migration.Comment)
		if err != nil {
			return nil, err
		}
		list = append(list, of...)
	}
	list = append(list, step{number: searchStep, name: "search_indexes", up: searchUp, down: searchDown})
	slices.SortFunc(list, func(a, b step) int { return int(a.number - b.number) })
	return list, nil
}

// stepsOf takes a migration apart. One in no transaction is a step for each of its statements, and one that marks it.
func stepsOf(migration, comment string) ([]step, error) {
	number, err := strconv.ParseInt(migration, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("read the number of a migration: %w", err)
	}
	number *= perMigration
	up, inOne, err := file(migration + "_" + comment + "%s.up.sql")
	if err != nil {
		return nil, err
	}
	down, _, err := file(migration + "_" + comment + "%s.down.sql")
	if err != nil {
		return nil, err
	}
	if inOne {
		return []step{{
			number: number, migration: migration, name: comment,
			up: patientStep + up + "\n" + markUp(migration), down: markDown(migration) + "\n" + down,
		}}, nil
	}
	ups, downs := statements(up), statements(down)
	var list []step
	for i := range max(len(ups), len(downs)) {
		one := step{
			number: number + int64(i), migration: migration, name: fmt.Sprintf("%s_%d", comment, i+1), alone: true,
			up: nothing, down: nothing,
		}
		if i < len(ups) {
			one.up = ups[i]
		}
		list = append(list, one)
	}
	for i, text := range downs { // the last step is undone first
		list[len(list)-1-i].down = text
	}
	return append(list, step{
		number: number + int64(len(list)), migration: migration, name: comment + "_done",
		up: markUp(migration), down: markDown(migration),
	}), nil
}

// file reads one of a migration's two, whichever of its two names it has.
func file(pattern string) (text string, inOne bool, err error) {
	read, err := fs.ReadFile(FS, fmt.Sprintf(pattern, ".tx"))
	if inOne = err == nil; !inOne {
		read, err = fs.ReadFile(FS, fmt.Sprintf(pattern, ""))
	}
	if err != nil {
		return "", false, fmt.Errorf("read migrations: %w", err)
	}
	return strings.TrimSpace(string(read)), inOne, nil
}

var (
	statementEnd = regexp.MustCompile(`;[ \t]*(?:--[^\n]*)?(?:\n|$)`)
	indexOrder   = regexp.MustCompile(`(?im)^(create(?:\s+unique)?\s+index|drop\s+index)\b`)
)

// statements takes a text apart that is run in no transaction: indexes, which are made and dropped while everything
// goes on, or one block that commits within itself.
func statements(text string) (list []string) {
	if strings.Contains(text, "$$") {
		return []string{text}
	}
	for _, one := range statementEnd.Split(text, -1) {
		one = strings.TrimSpace(strings.ReplaceAll(one, "--bun:split\n", ""))
		if one != "" {
			list = append(list, indexOrder.ReplaceAllString(one, "$1 concurrently")+";")
		}
	}
	return list
}

// markUp has Up, Pending and Health know that a migration was made by another tool.
func markUp(migration string) string {
	return "insert into messenger_migrations (name, group_id)\nselect '" + migration +
		"', coalesce(max(group_id), 0) + 1 from messenger_migrations on conflict (name) do nothing;"
}

func markDown(migration string) string {
	return "delete from messenger_migrations where name = '" + migration + "';"
}

// What bun's migrator makes for itself.
const (
	marksUp = `create table if not exists messenger_migrations (
	id bigserial not null primary key,
	name varchar,
	group_id bigint,
	migrated_at timestamptz not null default current_timestamp
);
create unique index if not exists messenger_migrations_name_unique on messenger_migrations (name);
create table if not exists messenger_migration_locks (id bigserial not null primary key, table_name varchar unique);`
	marksDown = `drop table messenger_migrations, messenger_migration_locks;`
)

// What searchIndexes does, of tables that are empty: made in here an index keeps writers out for as long as it takes,
// of a million messages minutes.
const (
	searchUp = patientStep + `do $$
declare
	gin text;
	trgm text;
begin
	begin
		create extension if not exists btree_gin schema public;
		create extension if not exists pg_trgm schema public;
	exception when insufficient_privilege or feature_not_supported or undefined_file then
		raise notice 'without the extensions btree_gin and pg_trgm the inbox search is slower';
	end;
	select n.nspname into gin from pg_extension e join pg_namespace n on n.oid = e.extnamespace
	where e.extname = 'btree_gin';
	select n.nspname into trgm from pg_extension e join pg_namespace n on n.oid = e.extnamespace
	where e.extname = 'pg_trgm';
	if gin is null or trgm is null then
		return;
	end if;
	if exists (select from messenger_channels) then
		raise notice 'the indexes of the inbox search are made by messenger migrate up, which keeps no writer out';
		return;
	end if;
	execute format('create index if not exists messenger_messages_inbox_words on messenger_messages
		using gin (staff_id %I.text_ops, messenger_inbox_words(staff_id, words))', gin);
	execute format('create index if not exists messenger_channels_name on messenger_channels
		using gin (staff_id %I.text_ops, client_name_folded %I.gin_trgm_ops)', gin, trgm);
end
$$;`
	searchDown = `drop index if exists messenger_channels_name;
drop index if exists messenger_messages_inbox_words;`
)
