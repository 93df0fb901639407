package migrations

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrOwner is that a role owns Messenger's tables or the schema that they are in, or may do what their owner may: a
// right given to it changes nothing. The schema "public" is the database's owner's.
var ErrOwner = errors.New(
	"the role owns Messenger's tables or their schema, or is a member of who does, or a superuser",
)

// Grant gives a role what the service needs of Messenger's tables, and of River's where they are in the same schema,
// and takes away what more it had of the former: of a history it reads lines and adds them, and can't change, remove or
// empty them, nor take away the triggers that guard them, which the owner of a table can, nor drop them, which the
// owner of the schema can too. What it has by PUBLIC or by a role that it is in it keeps. Call it as the owner, each
// time after Up: new tables are the owner's alone. A second call changes nothing. The role is there already, and may
// connect. Where River has a schema of its own, give it select, insert, update and delete on River's tables there, and
// usage on its sequences.
//
// Errors: ErrOwner; that of a role that is not there; and where migrations have not run, that Up comes first.
func Grant(ctx context.Context, pool *pgxpool.Pool, role string) error {
	pending, err := Pending(ctx, pool)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return fmt.Errorf("%d migrations have not run, so that nothing of their tables can be given: run them first (Up, or "+
			"'messenger migrate up')", len(pending))
	}
	var owner bool
	err = pool.QueryRow(ctx, `select r.rolsuper or coalesce((select bool_or(pg_has_role(r.oid, t.relowner, 'member'))
			from pg_class t where t.relnamespace = current_schema()::regnamespace and t.relname ~ '^messenger_'), false)
			or exists (select from pg_namespace n where n.oid = current_schema()::regnamespace
				and pg_has_role(r.oid, n.nspowner, 'member'))
		from pg_roles r where r.rolname = $1`, role).Scan(&owner)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("grant: there is no role %q", role)
	case err != nil:
		return fmt.Errorf("look at the role: %w", err)
	case owner:
		return ErrOwner
	}
	return inSession(ctx, pool, func(own *pgxpool.Pool) error {
		statements, err := list(ctx, own, `
			select format('grant usage on schema %I to %I', current_schema(), $1::text)
			union all
			select format('revoke all on %I from %I', t.relname, $1::text) from pg_class t
			where t.relnamespace = current_schema()::regnamespace and t.relkind = 'r' and t.relname ~ '^messenger_'
			union all
			select format('grant %s on %I to %I', rights, t.relname, $1::text) from pg_class t,
				lateral (`+rightsOfTables+`) r (rights)
			where t.relnamespace = current_schema()::regnamespace and t.relkind = 'r' and rights <> ''
			union all
			select format('grant usage on sequence %I to %I', t.relname, $1::text) from pg_class t
			where t.relnamespace = current_schema()::regnamespace and t.relkind = 'S' and t.relname ~ '^river_'`, role)
		if err != nil {
			return fmt.Errorf("say what to grant: %w", err)
		}
		return patiently(ctx, func() error {
			return pgx.BeginFunc(ctx, own, func(tx pgx.Tx) error {
				for _, statement := range statements {
					if _, err := tx.Exec(ctx, statement); err != nil {
						return fmt.Errorf("%s: %w", statement, err)
					}
				}
				return nil
			})
		})
	})
}

// MissingRights says what the role that the pool connects as lacks of what Grant gives it on Messenger's tables: the
// statements that give it, in order of tables, none where all is there. Anybody may call it; it changes nothing.
func MissingRights(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
	asked, err := pool.Query(ctx, `
		select format('grant %s on %I to %I;', wanted, t.relname, current_user)
		from pg_class t, lateral (`+rightsOfTables+`) r (rights), unnest(string_to_array(nullif(rights, ''), ', ')) wanted
		where t.relnamespace = current_schema()::regnamespace and t.relkind = 'r' and t.relname ~ '^messenger_'
			and not has_table_privilege(t.oid, wanted)
		order by t.relname, wanted`, pgx.QueryExecModeExec)
	if err != nil {
		return nil, fmt.Errorf("look at the rights: %w", err)
	}
	missing, err := pgx.CollectRows(asked, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look at the rights: %w", err)
	}
	return missing, nil
}

// rightsOfTables is what the service needs of a table t: nothing of others' tables, and of its own only to add to a
// history, and to what was reconciled.
const rightsOfTables = `select case
	when t.relname in ('messenger_history', 'messenger_inbox_history', 'messenger_reconciliations') then 'select, insert'
	when t.relname ~ '^messenger_(inbox_)?history_heads$' then 'select, insert, update'
	when t.relname = 'messenger_migrations' then 'select'
	when t.relname = 'messenger_migration_locks' then ''
	when t.relname ~ '^(messenger|river)_' then 'select, insert, update, delete'
	else '' end`
