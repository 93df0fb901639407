package migrations

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// weakTriggers are those of the histories' triggers that a session in replica role passes by. A restore of data
// alone with triggers disabled leaves them so: it enables them again, and not 'always'.
func weakTriggers(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
	names, err := list(ctx, pool, `select tgname from pg_trigger
		where tgrelid in (to_regclass('messenger_history'), to_regclass('messenger_inbox_history'))
		and not tgisinternal and tgname ~ '^messenger_(inbox_)?history_no_' and tgenabled <> 'A' order by tgname`)
	if err != nil {
		return nil, fmt.Errorf("look at the history's triggers: %w", err)
	}
	return names, nil
}

// guardHistory enables the histories' triggers always. A trigger's name begins with its table's.
func guardHistory(ctx context.Context, own *pgxpool.Pool) error {
	return patiently(ctx, func() error {
		names, err := weakTriggers(ctx, own)
		if err != nil {
			return err
		}
		for _, name := range names {
			table, _, _ := strings.Cut(name, "_no_")
			always := "alter table " + pgx.Identifier{table}.Sanitize() + " enable always trigger " +
				pgx.Identifier{name}.Sanitize()
			_, err := own.Exec(ctx, always)
			if err != nil {
				return fmt.Errorf("enable a trigger of the history: %w", err)
			}
		}
		return nil
	})
}
