package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cmsmessenger/cmsmessenger/migrations"
)

const oldest = 140000 // PostgreSQL 14

// unprepared works through every pooler, so that one can be found.
const unprepared = pgx.QueryExecModeExec

func (c Command) database(ctx context.Context) (Finding, error) {
	found := Finding{Name: "database", State: OK, Do: "See whether it runs, and its address and password."}
	var version string
	var number int
	err := c.Pool.QueryRow(ctx, "select current_setting('server_version'), current_setting('server_version_num')::int",
		unprepared).Scan(&version, &number)
	if err != nil {
		return found, err
	}
	found.Detail, found.Do = "PostgreSQL "+version+" answers.", ""
	if number < oldest {
		found.State, found.Do = Fault, "Messenger needs PostgreSQL 14 or newer."
	}
	return found, nil
}

// pooler looks whether something stands between, and whether it gives each transaction another connection.
func (c Command) pooler(ctx context.Context) (Finding, error) {
	found := Finding{Name: "pooler", State: OK, Detail: "The pools reach PostgreSQL itself."}
	mode := c.Pool.Config().ConnConfig.DefaultQueryExecMode
	if mode == pgx.QueryExecModeSimpleProtocol {
		found.State, found.Detail = Fault, "The pool writes values into the text of statements, which PostgreSQL may log."
		found.Do = "Take out pgx.QueryExecModeSimpleProtocol; behind a pooler it is pgx.QueryExecModeExec."
		return found, nil
	}
	through, shared, err := pooled(ctx, c.Pool)
	if err != nil {
		return found, err
	}
	throughDirect, sharedDirect, err := pooled(ctx, c.Direct)
	if err != nil {
		return found, err
	}
	switch {
	case sharedDirect:
		found.State = Fault
		found.Detail = "Where Messenger listens and migrates there is a pooler in transaction mode, which can do neither."
		found.Do = "Give Config.Direct, migrations.Up and this command (-direct) an address that leads to PostgreSQL itself."
	case shared && (mode == pgx.QueryExecModeCacheStatement || mode == pgx.QueryExecModeCacheDescribe):
		found.State = Note
		found.Detail = "There is a pooler in transaction mode, and the pool has statements prepared."
		found.Do = "Set DefaultQueryExecMode to pgx.QueryExecModeExec, unless the pooler keeps prepared statements\n" +
			"(PgBouncer from 1.21 on with max_prepared_statements)."
	case through || throughDirect:
		found.Detail = "There is a pooler, and it does what Messenger needs of it."
	}
	return found, nil
}

// pooled says whether a pooler stands between, and whether it works by the transaction. One answers with a process id
// of its own when it is connected to; and what another's transaction holds it does not give back to the first.
func pooled(ctx context.Context, pool *pgxpool.Pool) (through, shared bool, err error) {
	first, err := pool.Acquire(ctx)
	if err != nil {
		return false, false, err
	}
	defer first.Release()
	var before, held, after uint32
	const process = "select pg_backend_pid()"
	if err := first.QueryRow(ctx, process, unprepared).Scan(&before); err != nil {
		return false, false, err
	}
	if before == first.Conn().PgConn().PID() {
		return false, false, nil
	}
	other, err := pool.Acquire(ctx)
	if err != nil {
		return true, false, err
	}
	defer other.Release()
	transaction, err := other.Begin(ctx)
	if err != nil {
		return true, false, err
	}
	defer func() { _ = transaction.Rollback(context.WithoutCancel(ctx)) }()
	if err := transaction.QueryRow(ctx, process, unprepared).Scan(&held); err != nil {
		return true, false, err
	}
	if held == before {
		return true, true, nil
	}
	err = first.QueryRow(ctx, process, unprepared).Scan(&after)
	return true, after != before, err
}

func (c Command) roles(ctx context.Context) (Finding, error) {
	found := Finding{Name: "roles", State: OK}
	var role, schema, owners string
	var super, owns, drops bool
	err := c.Pool.QueryRow(ctx, `select current_user, coalesce(current_schema(), ''), r.rolsuper,
		coalesce((select string_agg(distinct t.relowner::regrole::text, ', ') from pg_class t
			where t.relnamespace = current_schema()::regnamespace and t.relkind = 'r' and t.relname ~ '^messenger_'), ''),
		coalesce((select bool_and(pg_has_role(t.relowner, 'usage')) from pg_class t
			where t.relnamespace = current_schema()::regnamespace and t.relkind = 'r' and t.relname ~ '^messenger_'), true),
		coalesce((select pg_has_role(n.nspowner, 'member') from pg_namespace n
			where n.oid = current_schema()::regnamespace), false)
		from pg_roles r where r.rolname = current_user`, unprepared).Scan(&role, &schema, &super, &owners, &owns, &drops)
	found.Detail = fmt.Sprintf("%s, in schema %s.", role, schema)
	switch {
	case err != nil:
		return found, err
	case schema == "":
		found.State, found.Detail = Fault, "No schema of the role's search path is there."
		found.Do = "Create it, and set it: alter role … set search_path = …"
	case strings.Contains(owners, ", "):
		found.State, found.Detail = Fault, "The tables belong to several roles: "+owners+"."
		found.Do = "alter table … owner to …, so that one role can migrate them all."
	case super:
		found.State, found.Detail = Note, role+" is a superuser."
		found.Do = "Give Messenger a role of its own."
	case !owns && drops:
		found.State = Note
		found.Detail = role + " owns the schema of the tables: whoever works as it can drop the history."
		found.Do = "alter schema " + schema + " owner to " + owners + ";"
	case !owns:
		found.Detail += " The tables belong to " + owners + ": it is the one to migrate them."
	case owners != "":
		found.State = Note
		found.Detail = role + " owns the tables: whoever works as it can take away what guards the history."
		found.Do = "Run the service as another role: messenger grant -role NAME, as " + role + "."
	}
	return found, nil
}

// rights are what the service needs of Messenger's tables, of those that are there.
func (c Command) rights(ctx context.Context) (Finding, error) {
	found := Finding{Name: "rights", State: OK, Detail: "The role has all that it needs of Messenger's tables."}
	missing, err := migrations.MissingRights(ctx, c.Pool)
	if len(missing) > 0 {
		found.State, found.Detail = Fault, fmt.Sprintf("%d rights are missing.", len(missing))
		found.Do = "As the owner of the tables: messenger grant -role NAME. That is:\n" + strings.Join(missing, "\n")
	}
	return found, err
}

// river looks whether River's tables are there, and may be used.
func (c Command) river(ctx context.Context) (Finding, error) {
	found := Finding{Name: "river", State: OK, Detail: "River's tables are there."}
	var there, may bool
	err := c.Pool.QueryRow(ctx, `select to_regclass(name) is not null, coalesce(
		has_table_privilege(to_regclass(name), 'select') and has_table_privilege(to_regclass(name), 'insert')
		and has_table_privilege(to_regclass(name), 'update') and has_table_privilege(to_regclass(name), 'delete')
		and case when to_regclass(name) is not null then
			has_sequence_privilege(pg_get_serial_sequence(name, 'id'), 'usage') end, true)
		from (values ($1::text)) as t (name)`, unprepared, c.riverTable("river_job")).Scan(&there, &may)
	switch {
	case err != nil:
		return found, err
	case !there:
		found.State, found.Detail = Fault, "River's tables are not there: no message would go out."
		found.Do = "Run River's own migrations: rivermigrate, or its command 'river migrate-up'.\n" +
			"In a schema of their own: say so (messenger.Config.RiverSchema; -river-schema without a host's Messenger)."
	case !may:
		found.State, found.Detail = Fault, "The role may not use River's tables."
		found.Do = "grant select, insert, update, delete on all tables in schema … to …; and usage on its sequences."
	}
	return found, nil
}

func (c Command) riverTable(name string) string {
	if c.RiverSchema == "" {
		return name
	}
	return pgx.Identifier{c.RiverSchema, name}.Sanitize()
}

func (c Command) extensions(ctx context.Context) (Finding, error) {
	found := Finding{Name: "extensions", State: OK, Detail: "btree_gin and pg_trgm are there, and the search's indexes."}
	var installed int
	var indexed bool
	err := c.Pool.QueryRow(ctx, `select (select count(*)::int from pg_extension where extname in ('btree_gin', 'pg_trgm')),
		to_regclass('messenger_messages_inbox_words') is not null and to_regclass('messenger_channels_name') is not null`,
		unprepared).Scan(&installed, &indexed)
	switch {
	case err != nil:
		return found, err
	case installed < 2:
		found.State, found.Detail = Note, "Without btree_gin and pg_trgm the search of an inbox is slower."
		found.Do = "Have them installed (create extension btree_gin; create extension pg_trgm), then messenger migrate up."
	case !indexed:
		found.State, found.Detail = Note, "The extensions are there, the indexes of the search are not: it is slower."
		found.Do = "messenger migrate up makes them while everything goes on."
	}
	return found, nil
}

// listener has a notification sent by the pool, and hears it where Messenger listens.
func (c Command) listener(ctx context.Context) (Finding, error) {
	found := Finding{Name: "listener", State: OK, Detail: "What one process notifies another hears."}
	acquired, err := c.Direct.Acquire(ctx)
	if err != nil {
		return found, err
	}
	conn := acquired.Hijack() // nobody else is to have one that listens
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var topic string
	err = conn.QueryRow(ctx, "select 'messenger_doctor_' || gen_random_uuid()", unprepared).Scan(&topic)
	if err != nil {
		return found, err
	}
	if _, err := conn.Exec(ctx, "listen "+pgx.Identifier{topic}.Sanitize()); err != nil {
		return found, err
	}
	if _, err := c.Pool.Exec(ctx, "select pg_notify($1, '')", unprepared, topic); err != nil {
		return found, err
	}
	soon, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err = conn.WaitForNotification(soon)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		found.State, found.Detail = Fault, "No notification arrives: pages are told of changes by a poll every ten seconds."
		found.Do = "Give Config.Direct a pool that reaches the same PostgreSQL itself, without a pooler in transaction mode."
		return found, nil
	}
	return found, err
}

// workers looks whether somebody works River's jobs: one of them leads the others.
func (c Command) workers(ctx context.Context) (Finding, error) {
	found := Finding{Name: "workers", State: OK, Detail: "A worker process leads the others."}
	var led bool
	err := c.Pool.QueryRow(ctx, "select exists (select from "+c.riverTable("river_leader")+" where expires_at > now())",
		unprepared).Scan(&led)
	if err == nil && !led {
		found.State, found.Detail = Note, "No process works jobs: nothing goes out and nothing is filed."
		found.Do = "Start a worker process: step 9 of the README."
	}
	return found, err
}

func (c Command) logs(ctx context.Context) (Finding, error) {
	found := Finding{Name: "logs", State: OK, Detail: "PostgreSQL writes no client's values into its log."}
	var wanted []string
	for setting, silent := range map[string]string{ // as they are where no value comes into the log
		"log_error_verbosity": "terse", "log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0",
		"auto_explain.log_parameter_max_length": "0", // not there where it is not loaded
	} {
		var is *string
		err := c.Pool.QueryRow(ctx, "select current_setting($1, true)", unprepared, setting).Scan(&is)
		if err != nil {
			return found, err
		}
		if is != nil && *is != silent {
			wanted = append(wanted, setting+" = "+silent)
		}
	}
	slices.Sort(wanted)
	if len(wanted) > 0 {
		found.State, found.Detail = Note, "PostgreSQL may write values into its log."
		found.Do = "Set on the server: " + strings.Join(wanted, ", ") + " (docs/access-logs.md)."
	}
	return found, nil
}
